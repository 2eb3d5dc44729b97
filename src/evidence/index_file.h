/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment as a file, for who has put its sections in order. Private to the index_*.c files. */
#ifndef EVIDENCE_INDEX_FILE_H
#define EVIDENCE_INDEX_FILE_H

#include "evidence/index_format.h"
#include "util/status.h"
#include "util/vec.h"

struct index_file_section {
	VEC(uint8_t) bytes;
};

struct index_file {
	uint32_t name_count;
	unsigned bucket_bits, literal_bits;
	struct index_file_section sections[INDEX_SECTION_COUNT];
};

/* Writes path anew: as index_builder_write(). */
enum status index_file_write(const struct index_file *file, const char *path) must_check;

#endif
