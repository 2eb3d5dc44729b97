/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of one ELF file hold, as digests: the content tier of the facts record, by which
 * two builds are compared. Included by facts.h.
 *
 * Loaded parts are read through the program headers, at the address a section claims, as a loader
 * would: a section table that shows other bytes than those that run changes nothing here.
 */
#ifndef BINARY_CONTENT_FACTS_H
#define BINARY_CONTENT_FACTS_H

#include <stdint.h>

#include "binary/facts_text.h"

#define FACTS_CONTENT_DIGEST 32 /* bytes: SHA-256 */
#define FACTS_CONTENT_PAGE 4096 /* bytes that one number of pages stands for */

#define FACTS_CONTENT_ROLES(X)                                                                     \
	X(CODE, "code")		       /* executable */                                            \
	X(READ_ONLY, "read-only data") /* never writable */                                        \
	X(DATA, "data")		       /* writable, or so until relocations are done */            \
	X(ZERO, "zeroed data")	       /* no bytes in the file */                                  \
	X(LINKING, "linking")	    /* symbol, hash, version, relocation and string tables, notes, \
				       the dynamic section: tools rewrite and move them */         \
	X(NOT_LOADED, "not loaded") /* symbols, debug info, comments */                            \
	X(SEGMENT, "segment")	    /* a whole PT_LOAD; no digest, but pages */                    \
	X(GAP,                                                                                     \
	  "outside of sections") /* bytes of a segment that no section holds, fillers left out */  \
	X(SYMBOLS, "dynamic symbols") /* what they say, wherever their table lies */               \
	X(RELOCATIONS, "dynamic relocations")

enum facts_content_role {
#define FACTS_CONTENT_ROLE(id, text) FACTS_CONTENT_##id,
	FACTS_CONTENT_ROLES(FACTS_CONTENT_ROLE)
#undef FACTS_CONTENT_ROLE
	    FACTS_CONTENT_ROLE_COUNT
};

enum facts_content_flag {
	FACTS_CONTENT_EXECUTABLE = 1u << 0, /* the segment that holds it is executable */
	FACTS_CONTENT_WRITABLE = 1u << 1,
	FACTS_CONTENT_UNREADABLE = 1u << 2, /* it is not in the file: the digest is of nothing */
	FACTS_CONTENT_COMPRESSED = 1u << 3, /* SHF_COMPRESSED or .zdebug */
	FACTS_CONTENT_OVERLAPS = 1u << 4,   /* a SEGMENT that shares pages with the one before */
};

struct facts_content {
	struct facts_text name;		 /* of the section; length 0 where there is none */
	uint32_t role;			 /* enum facts_content_role */
	uint32_t flags;			 /* enum facts_content_flag */
	uint32_t section;		 /* index in the section table; 0: it is no section */
	uint32_t page_first, page_count; /* of a SEGMENT: into pages */
	uint32_t reserved;
	uint64_t offset;	/* of a SEGMENT, in the file */
	uint64_t address, size; /* of SYMBOLS and RELOCATIONS: how many, as size */
	uint8_t digest[FACTS_CONTENT_DIGEST];
};

#endif
