/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of one ELF file and their fingerprints: the code tier of the facts record. Included
 * by facts.h; the rules of the hashes are those of research/provenance.md B2 to B4.
 */
#ifndef BINARY_FUNCTION_FACTS_H
#define BINARY_FUNCTION_FACTS_H

#include "binary/facts_text.h"

/*
 * Fingerprints can be compared when both were made by the same rules: to be counted up with every
 * change that alters a fingerprint or where functions begin and end. An index of others is
 * refused; then make index, and data/index/core.elfidx anew.
 */
#define FACTS_FINGERPRINT_RULES 4

#define FACTS_NO_FUNCTION UINT32_MAX

/* Where the start of a function is known from; bits, since several sources may agree. */
enum facts_function_source {
	FACTS_FUNCTION_SYMTAB = 1u << 0,
	FACTS_FUNCTION_DYNSYM = 1u << 1,
	FACTS_FUNCTION_FRAME = 1u << 2,	     /* an FDE of .eh_frame */
	FACTS_FUNCTION_GAP = 1u << 3,	     /* found between known functions: the weakest */
	FACTS_FUNCTION_MINIDEBUG = 1u << 4,  /* the symbol table inside .gnu_debugdata */
	FACTS_FUNCTION_DEBUG_FILE = 1u << 5, /* that of its separate debug file */
};

enum facts_function_flag {
	FACTS_FUNCTION_FRAGMENT = 1u << 0,  /* a .cold or .part piece; see parent */
	FACTS_FUNCTION_UNDECODED = 1u << 1, /* some byte is no known instruction: only raw holds */
	FACTS_FUNCTION_WEAK = 1u << 2,	    /* STB_WEAK or STB_GNU_UNIQUE, or in a COMDAT group */
	FACTS_FUNCTION_LOCAL = 1u << 3,	    /* STB_LOCAL */
	FACTS_FUNCTION_MASKED_BYTES = 1u << 4, /* machine without a decoder: strict and loose are
						  of relocation-masked bytes, which is weaker */
};

/* XXH3-128, low half first. All zero: there is none. */
struct facts_fingerprint {
	uint64_t low, high;
};

/* One function as an outline has it: a request for FACTS_SELECTED is made of these. */
struct facts_range {
	uint64_t address, size;
	uint32_t section, reserved;
};

/* Sorted by (section, address); pieces of one function have entries of their own. */
struct facts_function {
	uint64_t address;	/* virtual; in ET_REL the offset inside its section */
	uint64_t offset;	/* of its first byte in the file */
	uint64_t size;		/* bytes, padding behind it not counted */
	struct facts_text name; /* linkage name; length 0: none is known */
	uint32_t section;	/* index in the section table; 0: there is no table */
	uint32_t parent;	/* of a fragment: its function, or FACTS_NO_FUNCTION */
	uint32_t instructions;	/* 0 when undecoded */
	uint32_t masked;	/* places that the strict hash leaves out, since linkers set them */
	uint16_t sources;	/* enum facts_function_source */
	uint16_t flags;		/* enum facts_function_flag */
	uint32_t reserved;
	struct facts_fingerprint raw;	 /* of its bytes as they are */
	struct facts_fingerprint strict; /* canonical: what linkers set is masked */
	struct facts_fingerprint loose;	 /* strict, and blind to alignment padding and CET marks */
};

/*
 * A record that holds some functions of a file only, since workers share the others; it has one of
 * these, and the parents in it are indexes in the list of all. facts_parts.h joins such records;
 * nobody else sees them.
 */
struct facts_function_part {
	uint32_t part, parts;
	uint32_t first,
	    total; /* the index of its first function in the list of all, and their number */
};

/* In a record of that kind: a function of it jumps into that fragment, wherever this is. */
struct facts_adoption {
	uint32_t fragment, function; /* indexes in the list of all */
};

#endif
