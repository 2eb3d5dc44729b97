/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of programs in tables, beside the function that starts what a row names. */
#include "binary/code_starters.h"
#include "util/budget.h"

#define ROW_WORDS 5 /* of a row of a table, before the function that it names */
#define ROW_NAME 3  /* bytes of a name there: two letters are a code */

struct rows {
	struct code_calls *calls;
	struct code_row_names *names;
	struct map known; /* by name and function */
};

struct row_key {
	uint64_t function;
	uint32_t text, unused;
};

/* Rows that have a name and a function in common: no two commands have one name, so it is an
 * argument of the function. */
static void take_repeated(struct rows *rows, uint64_t word, struct code_row_name name)
{
	struct code_calls *calls = rows->calls;
	struct row_key key = {.text = name.text};
	bool added;

	key.function = code_image_word(&calls->image, word, 8).number;
	map_put(&rows->known, code_calls_key(calls, &key, sizeof(key)), 0, &added);
	if (!added)
		vec_push(rows->names, name);
}

/*
 * A row of a table: several names, then a function that starts something. The first name is what
 * the row is called. One name and a function is a table of commands, which says nothing of
 * programs.
 */
static void take_row(struct rows *rows, uint64_t function)
{
	struct code_calls *calls = rows->calls;
	struct code_row_name row[ROW_WORDS];
	size_t count = 0;

	for (uint64_t back = 8; back <= ROW_WORDS * 8 && back < function; back += 8) {
		struct code_word value = code_image_word(&calls->image, function - back, 8);
		struct slice text;

		if (value.kind != CODE_WORD_NUMBER)
			continue;
		if (code_image_code(&calls->image, value.number))
			break;
		if (!value.number || !code_image_text(&calls->image, value.number, &text) ||
		    text.len < ROW_NAME || !code_is_program_name(text))
			continue;
		row[count++] =
		    (struct code_row_name){function - back, code_texts_add(&calls->texts, text)};
	}
	for (size_t i = 0; i + 1 < count; i++)
		vec_push(rows->names, row[i]);
	if (count == 1)
		take_repeated(rows, function, row[0]);
}

void code_rows_find(struct code_calls *calls, const struct code_starters *starters,
		    struct code_row_names *ret)
{
	struct rows rows = {.calls = calls, .names = ret};

	vec_each (word, &starters->words)
		take_row(&rows, *word);
	map_release(&rows.known);
}
