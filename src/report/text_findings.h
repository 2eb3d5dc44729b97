/* SPDX-License-Identifier: BSD-2-Clause */
/* How findings look in the text of a scan. */
#ifndef REPORT_TEXT_FINDINGS_H
#define REPORT_TEXT_FINDINGS_H

#include "report/text.h"
#include "report/text_entries.h"

/* The answer: what reaches the works, through which edge, and what to do. */
void text_entries(const struct text *text, const struct view *view, const struct entries *entries,
		  struct arena *arena);
/* What contested entries mean, each rule once. */
void text_readings(const struct text *text, const struct view *view, const struct entries *entries);
/* Duties that come with shipping alone: one line per rule, with who it is about. */
void text_duties(const struct text *text, const struct view *view, struct arena *arena);
/* One finding with all there is to it. */
void text_finding(const struct text *text, const struct view *view,
		  const struct view_finding *finding, struct arena *arena);
/* Every finding on its own, with its id. */
void text_all_findings(const struct text *text, const struct view *view, struct arena *arena);

/*
 * A list of names in the order they come, each once. Without -v it is cut behind limit names,
 * and says how many more there are.
 */
struct text_names {
	const char **list;
	size_t count;
	bool keep_equal; /* equal names stand for different things */
};
void text_names_add(struct text_names *names, const char *name);
void text_names_write(struct text_fold *fold, const struct text_names *names, size_t limit,
		      struct arena *arena);

#endif
