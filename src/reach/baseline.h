/* SPDX-License-Identifier: BSD-2-Clause */
/* An earlier report (elfleft scan -f json): which findings it had, and how heavy they were. */
#ifndef REACH_BASELINE_H
#define REACH_BASELINE_H

#include "reach/reach.h"

struct baseline;

/* NULL with *ret_error set to one line when the file is no such report. In the arena. */
const struct baseline *baseline_open(const char *file, struct arena *arena, const char **ret_error);
void baseline_close(const struct baseline *baseline); /* NULL is allowed */
/* Whether it had the finding, with this outcome or a heavier one. */
bool baseline_has(const struct baseline *baseline, const char *id, enum outcome outcome);

#endif
