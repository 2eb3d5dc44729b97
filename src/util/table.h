/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tab-separated tables of knowledge: built in from data/NAME.tsv at build time, or the file
 * NAME.tsv of a folder the user gives. The first line names the columns; lines that start with
 * "# " before it are comments, of which "# date: YYYY-MM-DD" is the table's date, and "# extends:
 * built-in" says that the rows of the built-in table follow: the first row about a thing counts.
 */
#ifndef UTIL_TABLE_H
#define UTIL_TABLE_H

#include "util/arena.h"
#include "util/diag.h"
#include "util/status.h"

struct table {
	const char *name;
	struct slice bytes; /* the whole text, for digests */
	const char *date;   /* "" when it does not say */
	const char *const *headers;
	const char *const *fields; /* row by row, each a NUL-terminated text, "" when empty */
	size_t columns, rows;
};

/*
 * Opens a table into the arena. folder: host folder, or NULL; a folder without NAME.tsv gives the
 * built-in one, one whose NAME.tsv cannot be read gives none. A row with another number of fields
 * is a DATA_TABLE_BAD with its line, and left out. STATUS_NOT_FOUND when there is no table of that
 * name at all; any other failure is diagnosed.
 */
enum status table_open(const char *folder, const char *name, struct arena *arena,
		       struct diags *diags, struct table *ret) must_check;

/* Index of a column, or SIZE_MAX with a DATA_TABLE_BAD when the table has none of that name. */
size_t table_column(const struct table *table, const char *header, struct diags *diags);

static inline const char *table_field(const struct table *table, size_t row, size_t column)
{
	return column < table->columns ? table->fields[row * table->columns + column] : "";
}

#endif
