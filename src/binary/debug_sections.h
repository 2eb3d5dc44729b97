/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of a mapped file as libdwarf asks for them. Private to src/binary. */
#ifndef BINARY_DEBUG_SECTIONS_H
#define BINARY_DEBUG_SECTIONS_H

#include <libdwarf/libdwarf.h>

#include "binary/elf_input.h"

struct debug_sections {
	struct elf_input *in;
	const struct facts_builder *builder;
	struct arena *arena;	/* for names and for what is decompressed */
	struct slice *contents; /* by section, decompressed; empty: none that can be read */
	/* Of sections with contents. libdwarf keeps them, while the strings of the builder move. */
	const char **names;
	Dwarf_Obj_Access_Interface interface;
};

/* All borrowed; they must outlive the result. */
void debug_sections_open(struct elf_input *in, const struct facts_builder *builder,
			 struct arena *arena, struct debug_sections *ret);
/* The first section of that name; empty when there is none. */
struct slice debug_sections_find(const struct debug_sections *sections, const char *name);

#endif
