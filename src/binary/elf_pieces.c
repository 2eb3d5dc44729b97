/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/elf_pieces.h"

#include "util/transfer.h"

static bool read_at(struct elf_pieces *pieces, uint64_t offset, uint64_t size,
		    struct slice *ret_bytes)
{
	uint8_t *to = arena_alloc(&pieces->arena, (size_t)size);
	size_t used = transfer_read_at(pieces->fd, offset, to, (size_t)size);

	if (used < size) {
		if (!pieces->changed)
			pieces->changed_offset = offset + used;
		pieces->changed = true;
		return false;
	}
	*ret_bytes = slice_of(to, used);
	return true;
}

void elf_pieces_open(struct elf_pieces *pieces, int fd, uint64_t size)
{
	*pieces = (struct elf_pieces){.fd = fd, .size = size};
	arena_init(&pieces->arena);
	(void)read_at(pieces, 0, size < ELF_PIECE ? size : ELF_PIECE, &pieces->head);
}

void elf_pieces_close(struct elf_pieces *pieces)
{
	arena_release(&pieces->arena);
}

bool elf_pieces_bytes(struct elf_pieces *pieces, uint64_t offset, uint64_t size,
		      struct slice *ret_bytes)
{
	if (offset > pieces->size || size > pieces->size - offset)
		return false;
	return slice_sub(pieces->head, offset, size, ret_bytes) ||
	       read_at(pieces, offset, size, ret_bytes);
}

bool elf_pieces_text(struct elf_pieces *pieces, uint64_t offset, uint64_t limit, const char **ret,
		     size_t *ret_length)
{
	uint64_t size = ELF_PIECE;
	struct slice table;

	if (limit > pieces->size)
		limit = pieces->size;
	if (offset >= limit)
		return false;
	/* Names of one file mostly stand close together. */
	if (offset >= pieces->last_offset && pieces->last_offset < limit) {
		table = pieces->last;
		if (table.len > limit - pieces->last_offset)
			table.len = (size_t)(limit - pieces->last_offset);
		if (slice_cstr(table, offset - pieces->last_offset, ret, ret_length))
			return true;
	}
	for (;; size *= 8) {
		if (size > limit - offset)
			size = limit - offset;
		if (!read_at(pieces, offset, size, &table))
			return false;
		pieces->last = table;
		pieces->last_offset = offset;
		if (slice_cstr(table, 0, ret, ret_length))
			return true;
		if (size == limit - offset)
			return false;
	}
}

Elf_Data *elf_pieces_data(struct elf_pieces *pieces, struct slice bytes, Elf_Type type, bool is_64,
			  bool big_endian)
{
	Elf_Data source = {.d_buf = (void *)(uintptr_t)bytes.ptr,
			   .d_type = type,
			   .d_version = EV_CURRENT,
			   .d_size = bytes.len};
	Elf_Data *data = arena_alloc(&pieces->arena, sizeof(*data));
	unsigned encoding = big_endian ? ELFDATA2MSB : ELFDATA2LSB;

	*data = source;
	data->d_buf = arena_alloc(&pieces->arena, bytes.len);
	return (is_64 ? elf64_xlatetom : elf32_xlatetom)(data, &source, encoding);
}
