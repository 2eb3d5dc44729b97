/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants that compilers of all kinds leave alone: long texts, and the beginnings of tables. Part
 * of the facts record, included by facts.h.
 *
 * Both are found by one rule in object files and in what is linked of them, so that equal ones have
 * equal keys. Texts are runs of printable ASCII, tabs and line ends before a NUL, in memory that is
 * only read. A table is told by its first bytes: in an object file where a symbol of an object
 * stands, in a linked file wherever one may begin. Keys ascend, each is there once.
 */
#ifndef BINARY_LITERAL_FACTS_H
#define BINARY_LITERAL_FACTS_H

#include <stdint.h>

/* Raise it when the same bytes get another key. */
#define FACTS_LITERAL_RULES 1

enum facts_literal_kind { FACTS_LITERAL_TEXT, FACTS_LITERAL_TABLE, FACTS_LITERAL_KIND_COUNT };

struct facts_literal {
	uint64_t key;
	uint64_t offset; /* in the file, of the first place */
	uint32_t length; /* bytes that the key is of */
	uint32_t kind;	 /* enum facts_literal_kind */
};

#endif
