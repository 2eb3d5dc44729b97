/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What names and debug information tell of the sources of one ELF file. Included by facts.h.
 */
#ifndef BINARY_DEBUG_FACTS_H
#define BINARY_DEBUG_FACTS_H

#include "binary/facts_text.h"

/*
 * Functions whose C++ names begin in one namespace: code of that name, not code that only takes a
 * type of it. Counted once per address and name, over .dynsym and .symtab.
 */
struct facts_namespace {
	/* "Eigen"; with the second part where that is a version: "fmt::v9". */
	struct facts_text name;
	struct facts_text example; /* linkage name of the largest weak function, else of any */
	uint64_t weak_bytes;	   /* sizes of the weak ones */
	uint32_t weak;		   /* STB_WEAK or STB_GNU_UNIQUE: inline functions and templates */
	uint32_t local;		   /* hidden before they were linked: may be either */
	uint32_t global;	   /* compiled once, in a source file */
	uint32_t reserved;
};

struct facts_debug_unit { /* one DWARF compilation unit */
	struct facts_text name, producer, directory;
	uint32_t language; /* DW_LANG_ */
	uint16_t version;  /* of DWARF */
	uint16_t reserved;
};

/* A source file of the line tables, once for the whole ELF file. */
struct facts_debug_file {
	struct facts_text path; /* directories joined; "." and ".." as the compiler wrote them */
	uint32_t lines;		/* rows that code was made for; 0: only declarations are used */
	uint32_t units;		/* compilation units that name it */
};

#endif
