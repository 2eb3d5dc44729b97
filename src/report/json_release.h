/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the JSON report that speak of a release: what it owes, and what fails. */
#ifndef REPORT_JSON_RELEASE_H
#define REPORT_JSON_RELEASE_H

#include "report/json.h"
#include "report/view.h"

void json_obligations(struct json *json, const struct view *view);
void json_gate(struct json *json, const struct view *view);

#endif
