/* SPDX-License-Identifier: BSD-2-Clause */
/* What the text reports share: colours, escaped names, folded paragraphs, diagnostics. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/reporter.h"

enum text_colour { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_RED, TEXT_YELLOW, TEXT_GREEN, TEXT_CYAN };

struct text {
	struct sink *sink;
	const struct report_options *options;
};

/* Text from files, in a colour. */
void text_name(const struct text *text, enum text_colour colour, const char *name);
void text_heading(const struct text *text, const char *words);
/* "... and N more (-v shows all)" when something was left out. */
void text_more(const struct text *text, const char *indent, size_t left_out);
/* "1 library", "2 libraries" in a buffer of its own. */
struct text_count {
	char words[64];
};
struct text_count text_count(uint64_t count, const char *one, const char *many);

/*
 * A paragraph that is folded at the width of the terminal. Lines behind the first one are
 * indented; a word that is longer than a line stands alone on one.
 */
struct text_fold {
	const struct text *text;
	size_t column, indent, width;
	bool fresh; /* nothing stands on this line behind its indent */
};

/* column: where the line stands already. */
void text_fold_begin(struct text_fold *fold, const struct text *text, size_t column, size_t indent);
/* One unit that is never folded, and our own text that sticks to it ("," or ""). */
void text_fold_unit(struct text_fold *fold, enum text_colour colour, const char *unit,
		    const char *suffix);
/* Words from files or of our own, folded at their spaces; suffix sticks to the last one. */
void text_fold_words(struct text_fold *fold, const char *words, const char *suffix);
/* Our own words, short ones. */
void text_fold_printf(struct text_fold *fold, const char *format, ...) printf_format(2, 3);
/* The same, cut behind about that many columns unless -v asks for all. */
void text_fold_start(struct text_fold *fold, const char *words, size_t columns, const char *suffix);
void text_fold_end(struct text_fold *fold);
/* "    label     words..." as a paragraph of its own, folded behind the label. */
void text_field(const struct text *text, const char *label, const char *words);
/* The same, left open; text_fold_end() closes it. */
void text_field_begin(struct text_fold *fold, const struct text *text, const char *label);

void text_diagnostics(const struct text *text, const struct view_diagnostic *list, size_t count);
void text_disclaimer(const struct text *text);

/* The part of a path behind its last slash. */
const char *text_base_name(const char *path);
/* Places of outcomes in their order: what is heavy is told one by one. */
#define TEXT_HEAVY 4
enum text_colour text_weight_colour(unsigned weight);

/* The policy file in use and which setting comes from where; nothing without a policy file. */
void text_policy(const struct text *text, const struct view *view);
/* What the release owes, component by component; nothing when it owes nothing. */
void text_obligations(const struct text *text, const struct view *view);

void text_scan(const struct view *view, const struct report_options *options, struct sink *sink);
void text_check(const struct view *view, const struct report_options *options, struct sink *sink);
void text_tree(const struct view_tree *view, const struct report_options *options,
	       struct sink *sink);
void text_verify(const struct view_verify *view, const struct report_options *options,
		 struct sink *sink);
void text_index(const struct view_index *view, const struct report_options *options,
		struct sink *sink);
void text_why(const struct view_why *view, const struct report_options *options, struct sink *sink);

#endif
