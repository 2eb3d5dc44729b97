/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading an open file by pieces. What a loader wants of a library are three or four places; to map
 * the file, fault their pages in with their neighbours and forget them costs several times as much
 * as to read them. Private to src/binary.
 */
#ifndef BINARY_ELF_PIECES_H
#define BINARY_ELF_PIECES_H

#include <gelf.h>
#include <stdbool.h>

#include "util/arena.h"
#include "util/slice.h"

#define ELF_PIECE 4096 /* bytes read at least */

struct elf_pieces {
	int fd;
	uint64_t size; /* of the file */
	struct arena arena;
	struct slice head; /* the first bytes of the file */
	struct slice last; /* of the last read for a text */
	uint64_t last_offset;
	bool changed; /* the file ended before size */
	uint64_t changed_offset;
};

/* fd is borrowed. */
void elf_pieces_open(struct elf_pieces *pieces, int fd, uint64_t size);
void elf_pieces_close(struct elf_pieces *pieces);

/* Part of the file; false when it is not inside. Valid until the pieces are closed. */
bool elf_pieces_bytes(struct elf_pieces *pieces, uint64_t offset, uint64_t size,
		      struct slice *ret_bytes);
/* The string at offset, whose NUL must come before limit; both in the file. */
bool elf_pieces_text(struct elf_pieces *pieces, uint64_t offset, uint64_t limit, const char **ret,
		     size_t *ret_length);
/* Bytes in this machine's order as libelf converts them; NULL when it refuses. */
Elf_Data *elf_pieces_data(struct elf_pieces *pieces, struct slice bytes, Elf_Type type, bool is_64,
			  bool big_endian);

#endif
