/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of rule_process.c that speak of two members of the process at hand. */
#ifndef REACH_PROCESS_H
#define REACH_PROCESS_H

#include "reach/rules.h"

enum relevance {
	RELEVANCE_NONE,	   /* no part of it is in the artifact */
	RELEVANCE_PARTIAL, /* some other part is */
	RELEVANCE_FULL,
};

/* The branch a member stands under; target TARGET_COUNT: no copyleft asks. NULL: nothing known. */
const struct branch *process_branch(const struct judge *judge, uint32_t node, unsigned target);
enum relevance process_relevance(const struct judge *judge, uint32_t node, uint32_t holder);
/* A strong term of the branch a holder of copyleft stands under, or TERMS_NONE. */
uint32_t process_strong_term(const struct judge *judge, uint32_t holder);
/* FIT_NO unless the profile or an exception of the holder lets it combine with the node. */
enum fit process_tolerates(struct judge *judge, uint32_t holder, uint32_t node);
/* The better of the fit given and what is tolerated. */
enum fit process_with_exceptions(struct judge *judge, uint32_t holder, uint32_t node, enum fit fit);
/* holder: the member under strong copyleft; FIT_YES reports its reach over the program. */
void process_report_pair(struct judge *judge, uint32_t holder, uint32_t node, enum fit fit);
/* Every two members fit, but no target fits all. */
void process_report_joint(struct judge *judge, enum outcome weight);

#endif
