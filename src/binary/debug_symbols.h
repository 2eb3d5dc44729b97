/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Symbols of a stripped file that are kept elsewhere: in its section .gnu_debugdata, an ELF file
 * packed with xz (as Fedora and its kin do), and in the separate debug file (as in Debian's -dbgsym
 * packages) of the same build-id, or with the checksum in .gnu_debuglink. Both have the addresses
 * of the file itself. Private to src/binary.
 */
#ifndef BINARY_DEBUG_SYMBOLS_H
#define BINARY_DEBUG_SYMBOLS_H

#include "binary/elf_input.h"

struct debug_symbols_file {
	struct elf_input in;
	struct facts_builder builder; /* its sections; never part of a record */
	uint8_t *bytes;		      /* unpacked; NULL where they are mapped */
	uint16_t source;	      /* enum facts_function_source */
};

struct debug_symbols {
	struct debug_symbols_file files[2];
	size_t count;
};

/*
 * Opens what there is and belongs to the file; what is wrong with it is a diagnostic in builder.
 * Needs the collectors of sections and of notes.
 */
void debug_symbols_open(struct elf_input *in, struct facts_builder *builder,
			struct debug_symbols *ret);
void debug_symbols_close(struct debug_symbols *debug);

/*
 * The separate debug file alone; false: there is none, or it does not belong to the file. Needs the
 * same collectors.
 */
bool debug_symbols_open_file(const struct elf_input *in, struct facts_builder *builder,
			     struct debug_symbols_file *ret);
void debug_symbols_close_file(struct debug_symbols_file *file);

#endif
