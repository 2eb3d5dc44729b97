/* SPDX-License-Identifier: BSD-2-Clause */
/* How a record is laid out in bytes: shared by the builder and the checker, nobody else. */
#ifndef BINARY_FACTS_LAYOUT_H
#define BINARY_FACTS_LAYOUT_H

#include "binary/facts.h"

enum facts_section_index {
#define FACTS_INDEX(tag, field, type) FACTS_INDEX_##tag,
	FACTS_SECTIONS_TABLE(FACTS_INDEX)
#undef FACTS_INDEX
	    FACTS_INDEX_STRINGS,
	FACTS_INDEX_COUNT
};

struct facts_header {
	uint64_t magic;
	uint32_t version, section_count;
	uint64_t size; /* bytes of the whole record */
};

struct facts_directory {
	uint64_t offset, count; /* in bytes from the record's start; entries */
	uint32_t entry_size, reserved;
};

#define FACTS_ALIGN 8u

/* Parts of facts_open(). A text lies in the STRINGS section, with its NUL. */
bool facts_check_text(const struct facts *facts, struct facts_text text);
bool facts_check_device(const struct facts *facts);

#endif
