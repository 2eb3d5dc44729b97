/* SPDX-License-Identifier: BSD-2-Clause */
/* What the text reports share: colours, escaped names, diagnostics. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/reporter.h"

enum text_colour { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_RED, TEXT_YELLOW, TEXT_GREEN, TEXT_CYAN };

struct text {
	struct sink *sink;
	const struct report_options *options;
};

/* Our own words. */
void text_words(const struct text *text, const char *words);
/* Text from files, in a colour. */
void text_name(const struct text *text, enum text_colour colour, const char *name);
void text_heading(const struct text *text, const char *words);
/* "… and N more (-v shows them)" when something was left out. */
void text_more(const struct text *text, const char *indent, size_t left_out);
/*
 * Words from files and of our own, folded at the width of the terminal; lines behind the first
 * start with indent.
 */
void text_fold(const struct text *text, const char *indent, size_t column, const char *words);
void text_diagnostics(const struct text *text, const struct view_diagnostic *list, size_t count);
void text_disclaimer(const struct text *text);

void text_scan(const struct view *view, const struct report_options *options, struct sink *sink);
void text_tree(const struct view_tree *view, const struct report_options *options,
	       struct sink *sink);
void text_why(const struct view_why *view, const struct report_options *options, struct sink *sink);

#endif
