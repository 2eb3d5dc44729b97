/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for people: what the three reports share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"
#include "util/memory.h"

#define DIAGNOSTICS_SHOWN 12
#define WIDTH_DEFAULT 100 /* where there is no terminal */
#define WIDTH_LEAST 40
#define FIELD_INDENT 6
#define FIELD_COLUMN 16

static const char *colour_code(enum text_colour colour)
{
	static const char *const codes[] = {
	    [TEXT_PLAIN] = "",	       [TEXT_BOLD] = "\033[1m",	   [TEXT_DIM] = "\033[2m",
	    [TEXT_RED] = "\033[31;1m", [TEXT_YELLOW] = "\033[33m", [TEXT_GREEN] = "\033[32m",
	    [TEXT_CYAN] = "\033[36m",
	};

	return codes[colour];
}

void text_name(const struct text *text, enum text_colour colour, const char *name)
{
	bool coloured = text->options->colour && colour != TEXT_PLAIN;

	if (coloured)
		sink_text(text->sink, colour_code(colour));
	sink_terminal(text->sink, name);
	if (coloured)
		sink_text(text->sink, "\033[0m");
}

void text_more(const struct text *text, const char *indent, size_t left_out)
{
	if (left_out)
		sink_printf(text->sink, "%s... and %zu more (-v shows all)\n", indent, left_out);
}

struct text_count text_count(uint64_t count, const char *one, const char *many)
{
	struct text_count ret;

	snprintf(ret.words, sizeof(ret.words), "%llu %s", (unsigned long long)count,
		 count == 1 ? one : many);
	return ret;
}

const char *text_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

enum text_colour text_weight_colour(unsigned weight)
{
	return weight >= 7 ? TEXT_RED : weight >= TEXT_HEAVY ? TEXT_YELLOW : TEXT_GREEN;
}

/* ---- paragraphs ---- */

void text_fold_begin(struct text_fold *fold, const struct text *text, size_t column, size_t indent)
{
	size_t width = text->options->width ? text->options->width : WIDTH_DEFAULT;

	*fold = (struct text_fold){
	    .text = text,
	    .column = column,
	    .indent = indent,
	    .width = width > WIDTH_LEAST ? width : WIDTH_LEAST,
	    .fresh = true,
	};
}

/* Goes to where the next unit of that many columns stands: behind a space, or on a new line. */
static void make_room(struct text_fold *fold, size_t columns)
{
	if (fold->fresh) {
		fold->fresh = false;
	} else if (fold->column + 1 + columns <= fold->width) {
		sink_text(fold->text->sink, " ");
		fold->column++;
	} else {
		sink_printf(fold->text->sink, "\n%*s", (int)fold->indent, "");
		fold->column = fold->indent;
	}
	fold->column += columns;
}

void text_fold_unit(struct text_fold *fold, enum text_colour colour, const char *unit,
		    const char *suffix)
{
	make_room(fold, sink_terminal_columns(unit, unit + strlen(unit)) + strlen(suffix));
	text_name(fold->text, colour, unit);
	sink_text(fold->text->sink, suffix);
}

/* suffix sticks to the last word; columns: where words are cut. */
static void fold_words(struct text_fold *fold, const char *words, size_t columns,
		       const char *suffix)
{
	size_t used = 0;

	words += strspn(words, " ");
	while (*words) {
		const char *end = words + strcspn(words, " "), *next = end + strspn(end, " ");
		size_t own = sink_terminal_columns(words, end);

		if (used && used + 1 + own > columns) {
			text_fold_unit(fold, TEXT_PLAIN, "...", suffix);
			return;
		}
		make_room(fold, own + (*next ? 0 : strlen(suffix)));
		sink_terminal_part(fold->text->sink, words, end);
		used += own + 1;
		words = next;
	}
	if (used)
		sink_text(fold->text->sink, suffix);
}

void text_fold_start(struct text_fold *fold, const char *words, size_t columns, const char *suffix)
{
	fold_words(fold, words, fold->text->options->verbose ? SIZE_MAX : columns, suffix);
}

void text_fold_words(struct text_fold *fold, const char *words, const char *suffix)
{
	fold_words(fold, words, SIZE_MAX, suffix);
}

void text_fold_printf(struct text_fold *fold, const char *format, ...)
{
	char words[256];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(words))
		fold->text->sink->failed = true; /* as sink_printf() does */
	else
		fold_words(fold, words, SIZE_MAX, "");
}

void text_fold_end(struct text_fold *fold)
{
	sink_text(fold->text->sink, "\n");
}

void text_heading(const struct text *text, const char *words)
{
	struct text_fold fold;

	sink_text(text->sink, "\n");
	sink_text(text->sink, text->options->colour ? colour_code(TEXT_BOLD) : "");
	text_fold_begin(&fold, text, 0, 2);
	text_fold_words(&fold, words, "");
	sink_text(text->sink, text->options->colour ? "\033[0m" : "");
	text_fold_end(&fold);
}

void text_field_begin(struct text_fold *fold, const struct text *text, const char *label)
{
	sink_printf(text->sink, "%*s", FIELD_INDENT, "");
	text_name(text, TEXT_DIM, label);
	sink_printf(text->sink, "%*s", FIELD_COLUMN - FIELD_INDENT - (int)strlen(label), "");
	text_fold_begin(fold, text, FIELD_COLUMN, FIELD_COLUMN);
}

void text_field(const struct text *text, const char *label, const char *words)
{
	struct text_fold fold;

	text_field_begin(&fold, text, label);
	text_fold_words(&fold, words, "");
	text_fold_end(&fold);
}

/* ---- diagnostics ---- */

#define JOINED SIZE_MAX

static bool is_error(const struct view_diagnostic *diagnostic)
{
	return strcmp(diagnostic->level, "error") == 0;
}

static int compare_words(const struct view_diagnostic *a, const struct view_diagnostic *b)
{
	int order = strcmp(a->code, b->code);

	if (!order)
		order = strcmp(a->text, b->text);
	return order ? order : strcmp(a->message, b->message);
}

static int by_words(const void *a, const void *b)
{
	const struct view_diagnostic *const *left = a, *const *right = b;
	int order = compare_words(*left, *right);

	return order ? order : (*left > *right) - (*left < *right);
}

/*
 * How many others each stands for: what is said in the same words of several files is one entry,
 * in the place of the first, and the rest are JOINED. Each error is an entry of its own.
 */
static size_t *join_same(const struct view_diagnostic *list, size_t count)
{
	const struct view_diagnostic **sorted = memory_calloc(count, sizeof(*sorted));
	size_t *others = memory_calloc(count, sizeof(*others)), first = 0;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &list[i];
	qsort(sorted, count, sizeof(*sorted), by_words);
	for (size_t i = 1; i < count; i++) {
		if (is_error(sorted[i]) || compare_words(sorted[first], sorted[i]) != 0) {
			first = i;
			continue;
		}
		others[sorted[first] - list]++;
		others[sorted[i] - list] = JOINED;
	}
	free(sorted);
	return others;
}

static void write_diagnostic(const struct text *text, const struct view_diagnostic *diagnostic,
			     size_t others)
{
	struct text_fold fold;
	char where[32] = "";

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold,
		       is_error(diagnostic)			   ? TEXT_RED
		       : strcmp(diagnostic->level, "warning") == 0 ? TEXT_YELLOW
								   : TEXT_DIM,
		       diagnostic->level, "");
	text_fold_unit(&fold, TEXT_PLAIN, diagnostic->code, "");
	if (*diagnostic->file && diagnostic->offset != UINT64_MAX)
		snprintf(where, sizeof(where),
			 " at %#llx:", (unsigned long long)diagnostic->offset);
	if (*diagnostic->file)
		text_fold_unit(&fold, TEXT_PLAIN, diagnostic->file,
			       *where	? where
			       : others ? ""
					: ":");
	if (others)
		text_fold_printf(&fold, "and %zu more:", others);
	text_fold_words(&fold, diagnostic->text, *diagnostic->message ? ":" : "");
	text_fold_words(&fold, diagnostic->message, "");
	text_fold_end(&fold);
}

void text_diagnostics(const struct text *text, const struct view_diagnostic *list, size_t count)
{
	bool verbose = text->options->verbose;
	size_t shown = 0, hidden = 0, *others;

	if (!count)
		return;
	text_heading(text, "Diagnostics");
	others = join_same(list, count);
	/* Errors are never left out; of the rest only the first ones are shown. */
	for (size_t i = 0; i < count; i++) {
		if (others[i] == JOINED && !verbose)
			continue;
		if (!is_error(&list[i]) && !verbose && shown >= DIAGNOSTICS_SHOWN) {
			hidden += 1 + others[i];
			continue;
		}
		write_diagnostic(text, &list[i], verbose ? 0 : others[i]);
		shown++;
	}
	text_more(text, "  ", hidden);
	free(others);
}

void text_disclaimer(const struct text *text)
{
	struct text_fold fold;

	sink_text(text->sink, "\n");
	text_fold_begin(&fold, text, 0, 0);
	text_fold_words(&fold,
			"Facts read from the files, with known readings of licences. This "
			"is evidence, not legal advice.",
			"");
	text_fold_end(&fold);
}

const struct reporter reporter_text = {
    .name = "text",
    .media_type = "text/plain; charset=utf-8",
    .extension = "txt",
    .help = "for people: what matters first; -v leaves nothing out",
    .scan = text_scan,
    .check = text_check,
    .tree = text_tree,
    .index = text_index,
    .why = text_why,
    .verify = text_verify,
};
