/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What shipping a file asks for, whatever links to it. The branches that works took count; a file
 * that no work loads takes the lightest.
 */
#include "reach/rules.h"

#include <string.h>

uint64_t taken_set(const struct judge *judge, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);

	if (judge->loaded[node])
		return judge->taken[node];
	return entry->count ? UINT64_C(1) << (entry->lightest < 63 ? entry->lightest : 63) : 0;
}

const struct branch *taken_branch(const struct judge *judge, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);
	uint64_t set = taken_set(judge, node);

	for (size_t i = 0; i < BRANCH_BITS && i < entry->count; i++)
		if (set & UINT64_C(1) << i)
			return &entry->branches[i];
	return NULL;
}

enum reach_rule node_rule_of(const struct term *term)
{
	bool source = !term->licence || term->licence->source_on_binary;

	if (term->effect == EXCEPTION_OUTPUT)
		return RULE_NODE_NOTICE;
	switch (term->class) {
	case LICENCE_CLASS_PUBLIC_DOMAIN:
	case LICENCE_CLASS_PERMISSIVE:
		return RULE_COUNT;
	case LICENCE_CLASS_PERMISSIVE_NOTICE:
		return RULE_NODE_NOTICE;
	case LICENCE_CLASS_WEAK_FILE:
		return source ? RULE_NODE_WEAK_FILE : RULE_NODE_NOTICE;
	case LICENCE_CLASS_WEAK_LIBRARY:
		return RULE_NODE_WEAK_LIBRARY;
	case LICENCE_CLASS_STRONG:
		return source ? RULE_NODE_STRONG : RULE_NODE_NOTICE;
	case LICENCE_CLASS_NETWORK:
		return RULE_NODE_NETWORK;
	case LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE:
		return RULE_NODE_REDISTRIBUTABLE;
	case LICENCE_CLASS_PROPRIETARY:
	case LICENCE_CLASS_NON_COMMERCIAL:
	case LICENCE_CLASS_UNKNOWN:
		break;
	}
	return RULE_NODE_NO_GRANT;
}

bool term_is_free_inside(const struct judge *judge, uint32_t node, const struct term *term)
{
	return term->exception_row &&
	       (term->exception_row->free_in_combination ||
		(term->exception_row->free_as_headers && !judge->code_inside[node])) &&
	       (term->effect == EXCEPTION_FREES ||
		strcmp(term->exception_row->direction, "notice") == 0);
}

/* The same of a node: what links a library as a file of its own is one thing, its code inside is
 * another. */
static enum reach_rule duty_of(const struct judge *judge, uint32_t node, const struct term *term)
{
	if (judge->input->nodes[node].is_component && term_is_free_inside(judge, node, term))
		return RULE_INSIDE_EXCEPTION;
	return node_rule_of(term);
}

static uint32_t outcomes_of(enum reach_rule rule)
{
	if (rule == RULE_INSIDE_EXCEPTION)
		return 1u << OUTCOME_CLEAR;
	if (rule == RULE_NODE_NOTICE || rule == RULE_NODE_REDISTRIBUTABLE)
		return 1u << OUTCOME_NOTICE;
	if (rule <= RULE_NODE_NETWORK)
		return 1u << OUTCOME_NOTICE | 1u << OUTCOME_SOURCE_OFFER;
	return 1u << OUTCOME_REVIEW;
}

static void report(struct judge *judge, enum reach_rule rule, uint32_t node, const char *licence,
		   uint32_t variant, uint32_t outcomes)
{
	struct draft *draft;
	bool new;

	draft = judge_draft(judge, rule, node, REACH_NONE, -1, variant, &new);
	if (node_entry(judge, node)->count)
		draft->branch = &node_entry(judge, node)->branches[variant];
	draft->licence = licence;
	draft->outcomes = outcomes;
	draft->caps = node_entry(judge, node)->low ? CAP_LOW : 0;
	if (outcome_highest(outcomes) == OUTCOME_CONFLICT)
		draft_cap_unread(judge, draft);
	judge->duties[node][variant] |= draft->outcomes;
}

/* A vendor's terms speak of files that a list names; nobody looked, or it is not there. */
static bool asks_list(const struct judge *judge, uint32_t node, const struct branch *branch)
{
	for (size_t i = 0; i < branch->count; i++)
		if (strcmp(judge->terms.list.ptr[branch->terms[i]].pairs.family, "vendor") == 0)
			return judge->input->nodes[node].listed != LISTED_YES;
	return false;
}

/* One finding per kind of duty, with the terms that ask for it. */
static void judge_branch(struct judge *judge, uint32_t node, const struct branch *branch,
			 uint32_t place)
{
	static const enum reach_rule rules[] = {RULE_NODE_NOTICE,	RULE_NODE_WEAK_FILE,
						RULE_NODE_WEAK_LIBRARY, RULE_NODE_STRONG,
						RULE_NODE_NETWORK,	RULE_NODE_REDISTRIBUTABLE,
						RULE_NODE_NO_GRANT,	RULE_INSIDE_EXCEPTION};
	const struct term *terms = judge->terms.list.ptr;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct term_list texts = {.count = 0};
		uint32_t outcomes = outcomes_of(rules[i]);

		for (size_t j = 0; j < branch->count; j++) {
			const struct term *term = &terms[branch->terms[j]];
			enum reach_rule rule = duty_of(judge, node, term);

			/* Unknown terms beside known ones are a text to pass on, and to read. */
			if (rule == RULE_NODE_NO_GRANT && term->unknown &&
			    (branch->count > 1 || node_entry(judge, node)->low))
				rule = RULE_NODE_NOTICE;
			if (rule == rules[i])
				term_list_add(&texts, term->text);
		}
		if (!texts.count)
			continue;
		if (rules[i] == RULE_NODE_REDISTRIBUTABLE && asks_list(judge, node, branch))
			outcomes |= 1u << OUTCOME_REVIEW;
		report(judge, rules[i], node, term_list_text(&texts, " AND ", judge->arena), place,
		       outcomes);
	}
}

/*
 * What a change to the code adds. Of another build than the reference it is not known whether the
 * source was changed: that is a question, and weighs no more than one.
 */
static void judge_modified(struct judge *judge, uint32_t node, const struct branch *branch,
			   uint32_t place)
{
	enum reach_rule rule =
	    judge->input->nodes[node].modified ? RULE_NODE_MODIFIED : RULE_NODE_REBUILT;
	uint32_t outcomes = 0;

	for (size_t j = 0; j < branch->count; j++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[j]];
		enum reach_rule duty = duty_of(judge, node, term);

		if (duty == RULE_COUNT || duty == RULE_INSIDE_EXCEPTION ||
		    (duty == RULE_NODE_NOTICE && strncmp(term->id, "Apache-", 7) != 0))
			continue;
		outcomes |=
		    duty == RULE_NODE_REDISTRIBUTABLE ? 1u << OUTCOME_CONFLICT : outcomes_of(duty);
	}
	if (outcomes & 1u << OUTCOME_CONFLICT &&
	    (rule == RULE_NODE_REBUILT || node_entry(judge, node)->low))
		outcomes = (outcomes & ~(1u << OUTCOME_CONFLICT)) | 1u << OUTCOME_REVIEW;
	if (outcomes)
		report(judge, rule, node, branch->text, place, outcomes);
}

static void judge_contradiction(struct judge *judge, uint32_t node, const struct branch *branch,
				uint32_t place)
{
	const struct term *terms = judge->terms.list.ptr;
	struct draft *draft;
	bool new;

	if (!branch->contradictory)
		return;
	draft = judge_draft(judge, RULE_LICENCE_WITHIN, node, REACH_NONE, -1, 0, &new);
	draft->outcomes = 1u << OUTCOME_REVIEW;
	draft->licence = branch->text;
	for (size_t j = 0; j < branch->count; j++)
		if (terms[branch->terms[j]].strong)
			draft->copyleft_term = branch->terms[j];
	judge->duties[node][place] |= draft->outcomes;
}

/* What asks for a notice or a text, when none was found in the artifact. */
static void judge_text(struct judge *judge, uint32_t node, const struct branch *branch,
		       uint32_t place)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];
		enum reach_rule rule = duty_of(judge, node, term);

		if (rule != RULE_COUNT && rule != RULE_NODE_NO_GRANT &&
		    rule != RULE_INSIDE_EXCEPTION)
			term_list_add(&texts, term->text);
	}
	if (texts.count)
		report(judge, RULE_TEXT_MISSING, node,
		       term_list_text(&texts, " AND ", judge->arena), place, 1u << OUTCOME_NOTICE);
}

static bool asks_installation(const struct term *term)
{
	return term->effect != EXCEPTION_OUTPUT &&
	       (strncmp(term->id, "GPL-3.0", 7) == 0 || strncmp(term->id, "AGPL-3.0", 8) == 0 ||
		strncmp(term->id, "LGPL-3.0", 8) == 0);
}

/* Version 3 of the GNU licences in a device that consumers buy. */
static void judge_installation(struct judge *judge, uint32_t node, const struct branch *branch,
			       uint32_t place)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; i < branch->count; i++)
		if (asks_installation(&judge->terms.list.ptr[branch->terms[i]]) &&
		    duty_of(judge, node, &judge->terms.list.ptr[branch->terms[i]]) !=
			RULE_INSIDE_EXCEPTION)
			term_list_add(&texts, judge->terms.list.ptr[branch->terms[i]].text);
	if (texts.count)
		report(judge, RULE_INSTALLATION, node,
		       term_list_text(&texts, " AND ", judge->arena), place,
		       1u << OUTCOME_NOTICE | 1u << OUTCOME_SOURCE_OFFER);
}

void judge_nodes(struct judge *judge)
{
	for (uint32_t node = 0; node < judge->input->node_count; node++) {
		const struct entry *entry = node_entry(judge, node);
		uint64_t set = taken_set(judge, node);

		if (!judge->input->nodes[node].shipped || judge->input->nodes[node].own)
			continue;
		if (!entry->count)
			report(judge, RULE_NODE_NO_GRANT, node, entry->from->text, 0,
			       1u << OUTCOME_REVIEW);
		for (uint32_t i = 0; i < entry->count && i < BRANCH_BITS; i++) {
			if (!(set & UINT64_C(1) << i))
				continue;
			judge_branch(judge, node, &entry->branches[i], i);
			if (entry->from->confidence < LICENCE_CONFIDENCE_LOW)
				judge_contradiction(judge, node, &entry->branches[i], i);
			if (judge->input->policy.user_product)
				judge_installation(judge, node, &entry->branches[i], i);
			if (judge->input->nodes[node].text_missing)
				judge_text(judge, node, &entry->branches[i], i);
			if (judge->input->nodes[node].modified ||
			    judge->input->nodes[node].unproven)
				judge_modified(judge, node, &entry->branches[i], i);
		}
	}
}
