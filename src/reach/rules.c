/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/rules.h"

#include <string.h>

#include "reach/policy.h"

struct rule_row {
	const char *text, *title;
};

static const struct rule_row rows[RULE_COUNT] = {
#define RULE(id, text, title, highest) [RULE_##id] = {text, title},
#include "reach/rules.def"
#undef RULE
};

enum clause_when { WHEN_ANY, WHEN_DYNAMIC, WHEN_PLUGIN, WHEN_STATIC, WHEN_INDIRECT };

static const struct clause {
	enum reach_rule rule;
	enum clause_when when;
	const char *start;
	struct citation citation;
} clauses[] = {
#define CLAUSE(rule, start, when, text, check) \
	{RULE_##rule, WHEN_##when, start, {text, CITATION_##check}},
#include "reach/clauses.def"
#undef CLAUSE
};

const char *rule_text(enum reach_rule rule)
{
	return rows[rule].text;
}

const char *rule_title(enum reach_rule rule)
{
	return rows[rule].title;
}

static bool applies(enum clause_when when, const struct draft *draft)
{
	enum edge_kind kind = draft->kind;

	switch (when) {
	case WHEN_ANY:
		return true;
	case WHEN_DYNAMIC:
		return draft->has_edge &&
		       (kind == EDGE_KIND_LINK_DYNAMIC || kind == EDGE_KIND_LINK_INTERP);
	case WHEN_PLUGIN:
		return draft->has_edge && kind == EDGE_KIND_LINK_PLUGIN;
	case WHEN_STATIC:
		return draft->has_edge &&
		       (kind == EDGE_KIND_LINK_STATIC || kind == EDGE_KIND_LINK_MODIFIED);
	case WHEN_INDIRECT:
		return !draft->direct;
	}
	return false;
}

static void add_clause(const struct citation *citation, struct citation *list, size_t capacity,
		       size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i].text, citation->text) == 0)
			return;
	if (*count < capacity)
		list[(*count)++] = *citation;
}

/* Where the exception is what permits, whoever drafts licences may put it on any of them. */
static bool speaks_of(enum reach_rule rule, const char *start, const char *id)
{
	return rule == RULE_INSIDE_EXCEPTION ? strcmp(id, start) == 0
					     : strncmp(id, start, strlen(start)) == 0;
}

/* Adds the clauses of a rule that speak of an id; those about edges look at the draft's. */
static void add_clauses(enum reach_rule rule, const char *id, const struct draft *draft,
			struct citation *list, size_t capacity, size_t *count)
{
	bool matched = false;

	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
		const struct clause *clause = &clauses[i];
		bool any = !*clause->start;

		if (clause->rule != rule || !applies(clause->when, draft))
			continue;
		if (clause->start[0] == '*' ? matched : !speaks_of(rule, clause->start, id))
			continue;
		matched |= !any && clause->start[0] != '*';
		add_clause(&clause->citation, list, capacity, count);
	}
}

/* Whether a rule that names a kind of term speaks of this one. */
static bool mentions(const struct judge *judge, enum reach_rule rule, uint32_t node,
		     const struct term *term)
{
	if (rule <= RULE_NODE_NO_GRANT)
		return node_rule_of(term) == rule;
	if (rule == RULE_INSTALLATION)
		return strstr(term->id, "GPL-3.0") != NULL;
	if (rule == RULE_TEXT_MISSING)
		return node_rule_of(term) != RULE_COUNT;
	if (rule == RULE_INSIDE_EXCEPTION)
		return term_is_free_inside(judge, node, term);
	if (rule == RULE_LINK_WEAK_LIBRARY)
		return term->class == LICENCE_CLASS_WEAK_LIBRARY;
	if (rule == RULE_LINK_OTHER_STRONG)
		return term->other_strong;
	return rule != RULE_NETWORK_OTHER || (term->licence && term->licence->network_clause);
}

/* The terms a rule speaks of: those of the subject's or the provider's branch. */
static void add_branch_clauses(const struct judge *judge, const struct draft *draft,
			       struct citation *list, size_t capacity, size_t *count)
{
	uint32_t node = draft->provider == REACH_NONE ? draft->subject : draft->provider;
	const struct branch *branch = draft->branch ? draft->branch : taken_branch(judge, node);

	for (size_t i = 0; branch && i < branch->count && *count < capacity; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		if (mentions(judge, draft->rule, node, term))
			add_clauses(draft->rule,
				    draft->rule == RULE_INSIDE_EXCEPTION ? term->exception_row->id
									 : term->id,
				    draft, list, capacity, count);
	}
	if (!*count)
		add_clauses(draft->rule, "", draft, list, capacity, count);
}

size_t draft_clauses(const struct judge *judge, const struct draft *draft, struct citation *list,
		     size_t capacity)
{
	const struct term *terms = judge->terms.list.ptr;
	size_t count = 0;
	bool loose = draft->rule == RULE_UNCERTAIN || draft->rule == RULE_UNFIT;

	if (draft->rule == RULE_POLICY_DENIED && capacity) {
		list[0] = (struct citation){draft_denial(judge, draft)->citation, CITATION_TEXT};
		return 1;
	}
	if (draft->copyleft_term == TERMS_NONE)
		add_branch_clauses(judge, draft, list, capacity, &count);
	else
		add_clauses(loose ? RULE_COPYLEFT : draft->rule, terms[draft->copyleft_term].id,
			    draft, list, capacity, &count);
	if (loose && draft->copyleft_term != TERMS_NONE)
		add_clauses(draft->rule, "", draft, list, capacity, &count);
	if (draft->other_term != TERMS_NONE)
		add_clause(&terms[draft->other_term].pairs.grounds, list, capacity, &count);
	return count;
}

void draft_cap_unread(const struct judge *judge, struct draft *draft)
{
	struct citation list[8];
	size_t count = draft_clauses(judge, draft, list, sizeof(list) / sizeof(list[0]));

	if (outcome_highest(draft->outcomes) != OUTCOME_CONFLICT)
		return;
	for (size_t i = 0; i < count; i++)
		if (list[i].check != CITATION_NO)
			return;
	draft->outcomes = (draft->outcomes & ~(1u << OUTCOME_CONFLICT)) | 1u << OUTCOME_REVIEW;
	draft->caps |= CAP_CLAUSE;
}
