/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON reports, and what they share. Private to src/report. */
#ifndef REPORT_JSON_REPORT_H
#define REPORT_JSON_REPORT_H

#include "report/json.h"
#include "report/reporter.h"
#include "report/view.h"

/* A member that is an array of strings. */
void json_strings(struct json *json, const char *key, const char *const *texts, size_t count);
/* A report: its outermost object with the members "schema_version" and "tool". */
void json_report_begin(struct json *json, const struct view_tool *tool, struct sink *sink);
void json_report_end(struct json *json);
/* A number that may not be known: null when it is below zero. */
void json_key_known(struct json *json, const char *key, int64_t value);
/* The member "diagnostics". */
void json_diagnostics(struct json *json, const struct view_diagnostic *list, size_t count);

/* What a release owes, and what fails: members of the report of a scan (json_release.c). */
void json_obligations(struct json *json, const struct view *view);
void json_gate(struct json *json, const struct view *view);

void json_verify(const struct view_verify *view, const struct report_options *options,
		 struct sink *sink);
void json_index(const struct view_index *view, const struct report_options *options,
		struct sink *sink);

void json_files(struct json *json, const struct view *view);
void json_verifications(struct json *json, const struct view *view);
/* Keys of a file and of an edge (json_contents.c). */
void json_contents_of_file(struct json *json, const struct view_file *file);
void json_contents_of_edge(struct json *json, const struct view_edge *edge);

#endif
