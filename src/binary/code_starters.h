/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of programs that go through memory on their way to a call that starts them: which functions
 * lead to such a call, and which functions keep what they are given. Private to src/binary.
 */
#ifndef BINARY_CODE_STARTERS_H
#define BINARY_CODE_STARTERS_H

#include "binary/code_calls.h"

/* A function from which a call that starts a program can be reached by direct calls. */
struct code_starter {
	uint64_t function;
	size_t first, count; /* of sites: where it calls on */
};

/* How many levels above the call itself a function is one that starts what it is given. */
#define CODE_STARTERS_NEAR 1
#define CODE_STARTERS_TABLE 2 /* the same for one that a table holds beside a name */
#define CODE_STARTERS_FAR 3   /* farther up, names are of anything */

struct code_starters {
	VEC(struct code_starter) list; /* by function */
	VEC(uint64_t) sites;
	VEC(uint64_t) words; /* of data, with the address of a starter that is not far */
	struct code_targets functions, near, far; /* near: at most CODE_STARTERS_NEAR levels up */
};

/* Whether the program a call starts may be another one than those that are known. */
bool code_site_is_open(const struct code_site *site);
/* Whether any is, in a file that is not too large to look for names in. */
bool code_calls_want_names(struct code_calls *calls);
/* Functions above calls whose program is not known; none when all are known. */
void code_starters_find(struct code_calls *calls, struct code_starters *ret);
void code_starters_release(struct code_starters *starters);

/*
 * Which parameters a function stores or copies where they outlive it, hands to a near starter, or
 * to a function that does; a bit for each. Of a function with any number of arguments that keeps
 * something, those behind the named ones. By what it does on any path; a function that is too
 * large keeps nothing.
 */
struct code_keeper {
	uint64_t function;
	uint32_t mask, variadic; /* variadic: the arguments behind the named ones */
	bool writes;
};

struct code_keeper_way {
	uint64_t callee;
	uint32_t keeper;
	uint8_t parameter, argument;
};

struct code_keepers {
	struct code_calls *calls;
	const struct code_starters *starters;
	VEC(struct code_keeper) list;
	VEC(struct code_keeper_way) ways;
	struct map map; /* function -> index */
};

/* Wants to know it of a function; returns its index. */
uint32_t code_keepers_ask(struct code_keepers *keepers, uint64_t function);
/* Looks at all that were asked for, and at what they call. */
void code_keepers_answer(struct code_keepers *keepers);
void code_keepers_release(struct code_keepers *keepers);

/* Whether a text can be the name of a program (code_names.c). */
bool code_is_program_name(struct slice text);

struct code_row_name {
	uint64_t word; /* of the row */
	uint32_t text;
};

struct code_row_names {
	struct code_row_name *ptr;
	size_t len, cap;
};

/* Names in the rows of tables that hold a starter (code_rows.c). */
void code_rows_find(struct code_calls *calls, const struct code_starters *starters,
		    struct code_row_names *ret);

#endif
