/* SPDX-License-Identifier: BSD-2-Clause */
/* Components whose code is inside files. */
#ifndef REPORT_TEXT_INSIDE_H
#define REPORT_TEXT_INSIDE_H

#include "report/text.h"

void text_inside(const struct text *text, const struct view *view);

#endif
