/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_TEXT_FILES_H
#define REPORT_TEXT_FILES_H

#include "report/text.h"

/* What references say of the files; nothing without a reference. */
void text_verifications(const struct text *text, const struct view *view);
/* One paragraph for each file that holds device code. */
void text_device(const struct text *text, const struct view *view);

#endif
