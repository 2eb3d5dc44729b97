/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reporter writes one finished view in one format. Adding one is one file and one row of
 * reporters.def.
 */
#ifndef REPORT_REPORTER_H
#define REPORT_REPORTER_H

#include "report/sink.h"
#include "report/view.h"
#include "util/status.h"

struct report_options {
	bool colour;	/* terminal colours */
	bool verbose;	/* details that are left out by default */
	unsigned width; /* of the terminal in columns; 0: not a terminal, 100 are taken */
};

struct view_verify;

struct reporter {
	const char *name, *media_type, *extension, *help;
	/* NULL when this format does not exist for the command. Errors are sticky in the sink. */
	void (*scan)(const struct view *view, const struct report_options *options,
		     struct sink *sink);
	void (*check)(const struct view *view, const struct report_options *options,
		      struct sink *sink);
	void (*tree)(const struct view_tree *view, const struct report_options *options,
		     struct sink *sink);
	void (*why)(const struct view_why *view, const struct report_options *options,
		    struct sink *sink);
	void (*verify)(const struct view_verify *view, const struct report_options *options,
		       struct sink *sink);
	void (*index)(const struct view_index *view, const struct report_options *options,
		      struct sink *sink);
};

/* By name; NULL when there is none. */
const struct reporter *reporter_find(const char *name);
/* The table, for help texts; NULL at the end. */
const struct reporter *reporter_at(size_t index);

#endif
