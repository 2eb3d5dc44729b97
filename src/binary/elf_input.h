/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One mapped ELF file inside a worker, opened with libelf. Only src/binary includes this; nothing
 * of libelf leaves the folder. All lookups work without a section table.
 */
#ifndef BINARY_ELF_INPUT_H
#define BINARY_ELF_INPUT_H

#include <gelf.h>
#include <stdbool.h>

#include "binary/elf_pieces.h"
#include "binary/facts_builder.h"
#include "util/slice.h"

/*
 * A file that is being read: mapped, or, where few places of it are wanted, piece by piece. In a
 * file that is read by pieces bytes.ptr is NULL, and so it is in every slice made from it: only
 * elf_input_bytes(), elf_input_text() and elf_input_data() lead to contents, in both cases.
 */
struct elf_input {
	struct slice bytes;	   /* the whole file; ptr is NULL where it is read by pieces */
	Elf *elf;		   /* NULL where it is read by pieces */
	struct elf_pieces *pieces; /* NULL where it is mapped */
	GElf_Ehdr header;
	bool is_64, big_endian;
	GElf_Phdr *segments; /* file ranges may still leave the file */
	size_t segment_count;
	bool sections_usable; /* the section table lies inside the file */
	bool mapped;	      /* the bytes are pages of the file, and of nothing else */
	uint32_t groups;      /* what was asked for (enum facts_group) */
	/* For FACTS_SELECTED; the caller made it, so only its sizes are checked. */
	const struct facts_range *selected;
	size_t selected_count;
	struct slice debug;   /* its separate debug file as it is, mapped; len 0: there is none */
	uint16_t part, parts; /* as in facts_request */
	/* Filled by the dynamic collector, used by those after it; 0 when the tag is absent. */
	struct slice dynamic_strings;
	uint64_t dynamic_strings_offset; /* in the file */
};

/*
 * Turns the bytes of a file into a facts record. Never fails for what is in the file: a file that
 * is no ELF at all gives a record with an identity of zeros and a diagnostic. STATUS_LIMIT when the
 * record would be too large.
 */
enum status facts_collect(struct slice bytes, uint32_t groups, uint8_t **ret_record,
			  size_t *ret_size) must_check;

/* What a worker is asked for, with all that it was given to read. */
struct facts_request {
	struct slice bytes;
	struct slice debug; /* separate debug information, not yet known to belong to bytes */
	uint32_t groups;
	/* Of the functions, the share part of parts alone, see facts_parts.h; 0 parts: all. */
	uint16_t part, parts;
	/* bytes are mapped, for reading and privately: pages that were read through are given
	 * back. */
	bool mapped;
	/* For FACTS_SELECTED: of these functions, which the record holds in the same order. */
	const struct facts_range *selected;
	size_t selected_count;
};

/* The same with more to read. */
enum status facts_collect_request(const struct facts_request *request, uint8_t **ret_record,
				  size_t *ret_size) must_check;

/*
 * The same, reading only what is wanted of an open file; groups may hold FACTS_LOADER alone, since
 * other readers go all over a file. STATUS_IO with *ret_offset when the file ends before size.
 */
enum status facts_collect_pieces(int fd, uint64_t size, uint32_t groups, uint8_t **ret_record,
				 size_t *ret_size, uint64_t *ret_offset) must_check;

/* Loads the libraries that readers of these groups need: before a sandbox is entered. */
void facts_prepare(uint32_t groups);

/*
 * Opens the bytes with libelf and reads the headers. false when that is no ELF file at all or one
 * cut off in its header; the reason is in the builder then. pieces: NULL for a mapped file.
 */
bool elf_input_open(struct slice bytes, struct elf_pieces *pieces, uint32_t groups,
		    struct facts_builder *builder, struct elf_input *ret);
void elf_input_close(struct elf_input *in);

/*
 * A reader of large parts says what it is through with, so that a file need not be in memory at
 * once; it may be read again. Worth a call for every ELF_INPUT_STEP bytes.
 */
#define ELF_INPUT_STEP (UINT64_C(32) << 20)
void elf_input_passed(const struct elf_input *in, struct slice part);
/* The same for a reader that goes on from *passed to an offset of the file, now and then. */
void elf_input_went_to(const struct elf_input *in, uint64_t offset, uint64_t *passed);

/* Part of the file as it is; false when it is not inside. Valid until the input is closed. */
bool elf_input_bytes(const struct elf_input *in, uint64_t offset, uint64_t size,
		     struct slice *ret_bytes);

/*
 * The string at an offset of a table of strings, which lies at table_offset of the file; as
 * slice_cstr().
 */
bool elf_input_text(const struct elf_input *in, struct slice table, uint64_t table_offset,
		    uint64_t offset, const char **ret, size_t *ret_length);

/*
 * Part of the file as an array that libelf has put into this machine's byte order; NULL when it is
 * not inside the file. Freed with the input.
 */
Elf_Data *elf_input_data(const struct elf_input *in, uint64_t offset, uint64_t size, Elf_Type type);

/* The value of the last dynamic entry with this tag (the loader keeps the last), or false. */
bool elf_input_dynamic(const struct facts_builder *builder, int64_t tag, uint64_t *ret_value);

/*
 * The file bytes behind a virtual address: from address to the end of the file-backed part of its
 * PT_LOAD segment, as ld.so would see them mapped. false when no segment holds it.
 */
bool elf_input_at_address(const struct elf_input *in, uint64_t address, struct slice *ret_bytes,
			  uint64_t *ret_offset);

#endif
