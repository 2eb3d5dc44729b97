/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Licences as the rules need them: each distinct statement read once into branches (the ways to
 * satisfy its ORs) of terms with what exceptions leave of them. Rules compare numbers, not text.
 *
 * What a linked work can be distributed as is one of a few targets. A branch fits a target when all
 * its terms do; a work stands together when one target fits every member.
 */
#ifndef REACH_TERMS_H
#define REACH_TERMS_H

#include "reach/pairs.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/vec.h"

enum target { TARGET_GPL2, TARGET_GPL3, TARGET_AGPL3, TARGET_COUNT };
enum fit { FIT_NO, FIT_UNSURE, FIT_YES };

enum exception_effect {
	EXCEPTION_NONE,	  /* says nothing about linking */
	EXCEPTION_FREES,  /* linking does not extend the licence; shipping duties stay */
	EXCEPTION_OUTPUT, /* frees what was generated from the file: no duty as part of a binary */
	EXCEPTION_COMPATIBLE, /* waives a conflict with the GPLs */
	EXCEPTION_NAMED,      /* lets the holder of the exception link what it names */
	EXCEPTION_PARTIAL,    /* may free, under conditions nobody checked here */
};

struct term {
	const char *text; /* SPDX: id, or id WITH exception */
	const char *id;
	const struct licence_row *licence;	   /* NULL: not in the tables */
	const struct exception_row *exception_row; /* NULL: none, or not in the tables */
	enum exception_effect effect;
	enum licence_class class;
	struct pair_row pairs;
	unsigned columns; /* as a consumer, set of 1u << enum pair_column */
	uint8_t fits[TARGET_COUNT];
	bool strong;	   /* of the GPL family, and an exception does not end its reach */
	bool other_strong; /* other copyleft that may extend over links */
	bool closed, unknown;
};

/* Terms put together in one text, "A AND B"; of very many the first ones. Zeroed: empty. */
struct term_list {
	const char *texts[BUDGET_LICENCE_TERMS];
	size_t count; /* all that were added */
};

void term_list_add(struct term_list *list, const char *text);
const char *term_list_text(const struct term_list *list, const char *separator,
			   struct arena *arena);

/* What shipping asks for, lighter first. */
enum duty {
	DUTY_NONE,
	DUTY_NOTICE,
	DUTY_FILE,
	DUTY_LIBRARY,
	DUTY_STRONG,
	DUTY_CONDITIONS,
	DUTY_REVIEW,
};

struct branch {
	const uint32_t *terms; /* of struct terms */
	size_t count;
	const char *text;
	uint8_t fits[TARGET_COUNT];
	uint8_t duty; /* enum duty: the heaviest of its terms */
	bool strong, other_strong, closed, unknown, library, gnu, partial, contradictory;
};

/* One distinct licence statement. Indexes are of branches; TERMS_NONE: there is none. */
#define TERMS_NONE UINT32_MAX

struct entry {
	const struct file_licence *from;
	const struct branch *branches;
	size_t count;	   /* 0: nothing is known */
	bool low;	   /* known with low confidence only */
	bool strong;	   /* every branch that can be relied on is strong */
	bool partial;	   /* a strong branch has an exception that may free it */
	bool library;	   /* some branch has library copyleft */
	bool other_strong; /* no branch is free, and not every one is strong */
	uint32_t lightest; /* lightest branch at all, for a file that is in no copyleft work */
	uint8_t fits[TARGET_COUNT]; /* of the branch that fits best */
	uint32_t label;		    /* entry of the label that disagrees with it; TERMS_NONE */
};

/* Where a file stands in a work, as far as a choice of licences depends on it. */
struct stance {
	bool program; /* the program itself: under the GPL it has less to answer for */
	bool inside;  /* its code is in another file, for which the LGPL asks more than the GPL */
	bool holds;   /* code under the LGPL is in it */
};

struct terms {
	struct arena *arena;
	VEC(struct term) list;
	VEC(struct entry) entries;
	struct map term_by_text, entry_by_text;
};

void terms_init(struct terms *terms, struct arena *arena);
void terms_release(struct terms *terms);
/* The entry of a statement. Equal statements have one entry. */
uint32_t terms_entry(struct terms *terms, const struct file_licence *licence);

/*
 * The branch to take in a work distributed as a target; TARGET_COUNT: no copyleft asks for one.
 * NULL when nothing is known.
 */
const struct branch *entry_choose(const struct entry *entry, unsigned target, struct stance stance);

/* How well an entry fits a target with its best branch. */
static inline enum fit entry_fit(const struct entry *entry, unsigned target)
{
	return entry->count ? (enum fit)entry->fits[target] : FIT_UNSURE;
}

/* How well two entries stand in one work. */
static inline enum fit entries_fit(const struct entry *left, const struct entry *right)
{
	enum fit best = left->partial || right->partial ? FIT_UNSURE : FIT_NO;

	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		enum fit a = entry_fit(left, i), b = entry_fit(right, i), both = a < b ? a : b;

		if (both > best)
			best = both;
	}
	return best;
}

/* Whether a term's exception names a provider under some licence; FIT_NO when it has none. */
enum fit terms_exempts(const struct terms *terms, const struct term *term,
		       const struct reach_node *provider, const struct entry *licence);
/* Whether the entry's exceptions let it link the named provider: FIT_NO when they do not speak. */
enum fit terms_named_exception(const struct terms *terms, const struct entry *holder,
			       const struct reach_node *provider, const struct entry *licence);
/* The strong terms of a branch, joined: what reaches a work. */
const char *terms_strong_text(const struct terms *terms, const struct branch *branch,
			      struct arena *arena);
const char *target_text(enum target target);

#endif
