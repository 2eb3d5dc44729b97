/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Licence expressions: SPDX 2.x/3.0 grammar (WITH over AND over OR, "+", LicenseRef-), and the
 * names other worlds use (DEP-5 short names with its comma rule), normalised to SPDX.
 *
 * An expression is a flat postfix program; nothing here recurses on input. The text it was read
 * from is always kept beside it by whoever holds it.
 */
#ifndef LICENCE_EXPRESSION_H
#define LICENCE_EXPRESSION_H

#include <stdbool.h>

#include "licence/knowledge.h"
#include "util/arena.h"
#include "util/status.h"

/* One licence, perhaps with an exception. */
struct licence_term {
	const char *id;	       /* SPDX id as normalised ("GPL-2.0-or-later"), or "LicenseRef-..." */
	const char *exception; /* SPDX exception id, "AdditionRef-...", or NULL */
	const struct licence_row *licence;	   /* NULL: not in the tables */
	const struct exception_row *exception_row; /* NULL: none, or not in the tables */
};

enum expression_op { EXPRESSION_TERM, EXPRESSION_AND, EXPRESSION_OR };

struct expression_step {
	enum expression_op op; /* AND, OR: join the two results before */
	struct licence_term term;
};

struct expression {
	const struct expression_step *steps; /* postfix */
	size_t count;
};

/* How names are read. */
enum expression_dialect {
	EXPRESSION_SPDX,
	EXPRESSION_DEP5, /* "GPL-2+ and Expat, or Zlib"; local names become LicenseRef-SCOPE-NAME */
	EXPRESSION_RPM,	 /* "GPLv2+ and (MIT or ASL 2.0)": Fedora's short names before SPDX */
	EXPRESSION_PYTHON, /* METADATA's "License": "Apache 2.0", "BSD 3-Clause" */
	EXPRESSION_CONDA,  /* "GPL (>= 2)" */
	EXPRESSION_CONDA_FAMILY,
};

/*
 * Parses and normalises. scope names the file's package for LicenseRefs of local names (may be
 * ""). STATUS_FORMAT for text that is no expression. In all dialects but SPDX every text gives
 * an expression. *ret_lossy (may be NULL) is set when some name was mapped with less than high
 * confidence or not at all; in RPM, PYTHON and CONDA with low confidence or not at all.
 */
enum status expression_parse(const struct knowledge *knowledge, enum expression_dialect dialect,
			     const char *text, const char *scope, struct arena *arena,
			     const struct expression **ret, bool *ret_lossy) must_check;
/* Canonical SPDX text: parse(print(e)) equals e. */
const char *expression_print(const struct expression *expression, struct arena *arena);
/* Joins with AND or OR, dropping repetitions. Either may be NULL: the other is the result. */
const struct expression *expression_join(enum expression_op op, const struct expression *left,
					 const struct expression *right, struct arena *arena);
/*
 * The same for many; NULLs are left out. NULL when nothing is left. When there would be more than
 * BUDGET_LICENCE_TOKENS steps the rest is left out and *ret_capped (may be NULL) set.
 */
const struct expression *expression_join_all(enum expression_op op,
					     const struct expression *const *list, size_t count,
					     struct arena *arena, bool *ret_capped);

/* Whether both ask for the same when terms of permissive licences are left out of account. */
bool expression_same_copyleft(const struct expression *left, const struct expression *right);
/* The same, with the terms of left that are in no table left out of account too. */
bool expression_same_apart_from_local(const struct expression *left,
				      const struct expression *right);
/* The same, with exceptions left out of account too. */
bool expression_same_but_exceptions(const struct expression *left, const struct expression *right);
/* Whether both name the same copyleft licences, of whatever version. */
bool expression_same_families(const struct expression *left, const struct expression *right);
/* Whether some way to satisfy it asks for permissive licences alone. */
bool expression_is_permissive(const struct expression *expression);
/* Whether every term of part also stands somewhere in whole. */
bool expression_holds_terms(const struct expression *whole, const struct expression *part);

/* One way to satisfy an expression: all these terms at once; sorted, without repetition. */
struct licence_choice {
	const struct licence_term *terms;
	size_t count;
};

/*
 * The expression as OR of ANDs, sorted and minimal: no choice asks for all that another asks for,
 * and more. When there would be more than BUDGET_LICENCE_CHOICES, the
 * result is one choice with all terms (the strictest reading) and *ret_capped is set.
 */
void expression_choices(const struct expression *expression, struct arena *arena,
			const struct licence_choice **ret, size_t *ret_count, bool *ret_capped);

#endif
