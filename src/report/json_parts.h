/* SPDX-License-Identifier: BSD-2-Clause */
/* What the JSON reports share. Private to src/report. */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include "report/json_report.h"
#include "report/reporter.h"
#include "report/view.h"

void json_strings(struct json *json, const char *key, const char *const *list, size_t count);
void json_verify(const struct view_verify *view, const struct report_options *options,
		 struct sink *sink);

#endif
