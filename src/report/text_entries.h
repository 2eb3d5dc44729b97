/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings that say the same are told once: an entry of the text report stands for all findings of
 * one rule and outcome whose consumers meet the same providers under the same licence.
 */
#ifndef REPORT_TEXT_ENTRIES_H
#define REPORT_TEXT_ENTRIES_H

#include "report/view.h"
#include "util/arena.h"

struct entry {
	const uint32_t *findings; /* in the view's order, never empty */
	size_t finding_count;
	const uint32_t *works; /* of all of them, sorted */
	size_t work_count;
	bool uncertain; /* about licences that are not known well enough */
};

struct entries {
	/* What comes in over edges first, then what is about files, then what is uncertain. */
	struct entry *list;
	size_t count;
	bool all; /* show every one, without -v too */
};

/* Of the findings from TEXT_HEAVY on. */
void entries_make(const struct view *view, struct arena *arena, struct entries *ret);

/* Whether an edge on the way to its provider binds no symbol. */
bool finding_is_unused(const struct view *view, const struct view_finding *finding);

#endif
