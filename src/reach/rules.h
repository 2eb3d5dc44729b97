/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of rules.def and clauses.def, and where each rule is judged. */
#ifndef REACH_RULES_H
#define REACH_RULES_H

#include "reach/judge.h"

const char *rule_text(enum reach_rule rule);
const char *rule_title(enum reach_rule rule);

/* The clauses of a draft. */
size_t draft_clauses(const struct judge *judge, const struct draft *draft, struct citation *list,
		     size_t capacity);
/* A conflict that rests on clauses nobody read becomes a review. */
void draft_cap_unread(const struct judge *judge, struct draft *draft);

/* What shipping a term asks for; RULE_COUNT: nothing. */
enum reach_rule node_rule_of(const struct term *term);
/* Whether a node's code under the term asks for nothing where it is inside a file. */
bool term_is_free_inside(const struct judge *judge, uint32_t node, const struct term *term);
/* The branches a node stands under over all works, as a set of bits; a later one counts as the
 * last. */
#define BRANCH_BITS 64
uint64_t taken_set(const struct judge *judge, uint32_t node);
/* The branches a node stands under over all works: the first one, or NULL when nothing is known. */
const struct branch *taken_branch(const struct judge *judge, uint32_t node);

/* One file each. They add drafts to the judge. */
void judge_nodes(struct judge *judge);
void judge_links(struct judge *judge);
void judge_process(struct judge *judge, uint32_t work);
/* What the work at hand asks for where it links library copyleft: rule_link.c. */
void judge_libraries(struct judge *judge);
/* The same of one edge, were the work distributed as a target: set of outcomes. */
uint32_t link_library_outcomes(const struct judge *judge, uint32_t edge, unsigned target);
/* A work's members and branches alone, where nothing is conveyed. */
void judge_members(struct judge *judge, uint32_t work);
void judge_network(struct judge *judge);
void judge_internal(struct judge *judge);
/* Of a node, by its path or for all. */
enum reach_distribution node_mode(const struct judge *judge, uint32_t node);
void judge_ipc(struct judge *judge);
/* What the policy file denies, in every mode of distribution. */
void judge_policy(struct judge *judge);
/* The row of "deny" that a POLICY_DENIED draft rests on. */
const struct policy_rule *draft_denial(const struct judge *judge, const struct draft *draft);
/* Whether a library fits the definition of GPL-3.0 s.1. */
bool is_system_core(const struct reach_node *node);
/* Whether a member counts as a system library for a holder of copyleft, under the profile. */
bool system_library_counts(const struct judge *judge, uint32_t holder, uint32_t node);
/* Says so in a finding. */
void system_library_report(struct judge *judge, uint32_t holder, uint32_t node);

#endif
