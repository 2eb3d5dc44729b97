/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which two licences can stand in one linked work: provider x consumer, each cell with its grounds.
 * A table of families; a licence of no family gets the row of its class with the answers its row
 * of data/licences.tsv gives for the GPLs.
 */
#ifndef REACH_PAIRS_H
#define REACH_PAIRS_H

#include "licence/expression.h"
#include "reach/reach.h"

/* Consumers. A licence "or any later version" is several of them: the best answer counts. */
enum pair_column {
	PAIR_GPL2,
	PAIR_GPL3,
	PAIR_AGPL3,
	PAIR_LGPL2,
	PAIR_LGPL3,
	PAIR_MPL2, /* and other file-level copyleft */
	PAIR_OPEN, /* permissive, public domain */
	PAIR_CLOSED,
	PAIR_COLUMNS,
};

enum pair_answer {
	PAIR_NO,
	PAIR_REVIEW,  /* readings differ, or nobody answers */
	PAIR_WHOLE,   /* the combination as a whole under the provider's licence */
	PAIR_RELINK,  /* with the means to relink */
	PAIR_SOURCE,  /* with the source of the covered files */
	PAIR_CONVERT, /* by the consumer's or the provider's later version */
	PAIR_YES,
};

/* What a provider's licence is to others, beyond its class. */
enum pair_kind {
	PAIR_KIND_PLAIN,
	PAIR_KIND_GPL,		/* GPL and AGPL: reach decided by versions */
	PAIR_KIND_LGPL,		/* relinking */
	PAIR_KIND_OTHER_STRONG, /* copyleft whose reach over links is not settled here */
	PAIR_KIND_UNKNOWN,
};

struct pair_row {
	const char *family; /* for grounds and tests */
	enum pair_kind kind;
	uint8_t answers[PAIR_COLUMNS]; /* enum pair_answer */
	struct citation grounds;
};

/*
 * The class of a term's row; a LicenseRef without a row that calls itself proprietary or commercial
 * is taken at its word.
 */
enum licence_class pair_class_of(const struct licence_term *term);
/* The row of a provider's term, and the columns (set of 1u << enum pair_column) of a consumer's. */
struct pair_row pair_row_of(const struct licence_term *term);
unsigned pair_columns_of(const struct licence_term *term);

/* The best answer over the columns; PAIR_CONVERT when one of the consumer's versions would not do.
 */
enum pair_answer pair_answer(const struct pair_row *provider, unsigned columns);

/* Whether a class of licences keeps its source closed to others. */
static inline bool licence_class_is_closed(enum licence_class class)
{
	return class == LICENCE_CLASS_PROPRIETARY ||
	       class == LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE ||
	       class == LICENCE_CLASS_NON_COMMERCIAL;
}

#endif
