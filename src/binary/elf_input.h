/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One mapped ELF file inside a worker, opened with libelf. Only src/binary includes this; nothing
 * of libelf leaves the folder. All lookups work without a section table.
 */
#ifndef BINARY_ELF_INPUT_H
#define BINARY_ELF_INPUT_H

#include <gelf.h>
#include <stdbool.h>

#include "binary/facts_builder.h"
#include "util/slice.h"

struct elf_input {
	struct slice bytes; /* the whole file */
	Elf *elf;
	GElf_Ehdr header;
	bool is_64, big_endian;
	const GElf_Phdr *segments; /* checked: file ranges may still leave the file */
	size_t segment_count;
	uint32_t groups; /* what was asked for (enum facts_group) */
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

/*
 * The file bytes behind a virtual address: from address to the end of the file-backed part of its
 * PT_LOAD segment, as ld.so would see them mapped. false when no segment holds it.
 */
bool elf_input_at_address(const struct elf_input *in, uint64_t address, struct slice *ret_bytes,
			  uint64_t *ret_offset);

#endif
