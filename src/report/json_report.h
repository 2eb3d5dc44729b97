/* SPDX-License-Identifier: BSD-2-Clause */
/* What the JSON reports share. */
#ifndef REPORT_JSON_REPORT_H
#define REPORT_JSON_REPORT_H

#include "report/json.h"
#include "report/reporter.h"

/* The member "tool" of an open object. */
void json_tool(struct json *json, const struct view_tool *tool);
/* The member "diagnostics". */
void json_diagnostics(struct json *json, const struct view_diagnostic *list, size_t count);

void json_index(const struct view_index *view, const struct report_options *options,
		struct sink *sink);

#endif
