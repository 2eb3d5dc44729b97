/* SPDX-License-Identifier: BSD-2-Clause */
/* Which works there are, and by which entries they are reached. */
#ifndef REPORT_TEXT_WORKS_H
#define REPORT_TEXT_WORKS_H

#include "report/text_findings.h"

void text_works(const struct text *text, const struct view *view, const struct entries *entries,
		struct arena *arena);

#endif
