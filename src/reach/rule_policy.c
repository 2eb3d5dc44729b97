/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the policy file denies: licences over a class of edges, unless a row of "allow" fits the
 * same term over the same edge. This is the user's own rule, not a reading of a licence; but what
 * is not sure of a licence or an edge lowers it all the same.
 */
#include <string.h>

#include "reach/policy.h"
#include "reach/rules.h"

bool policy_knows_rule(const char *text)
{
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (strcmp(rule_text((enum reach_rule)i), text) == 0)
			return true;
	return false;
}

/* One end that may be denied, and how it is reached. */
struct contact {
	uint32_t consumer, provider, root; /* root REACH_NONE: of no work */
	enum edge_class class;
	uint32_t kind; /* enum edge_kind; POLICY_ANY without an edge */
	bool modified; /* reports call the edge link-modified */
};

/* An edge to a modified file has two kinds: how it links, and that it links to changed code. */
static bool kind_fits(uint32_t kind, const struct contact *contact)
{
	return kind == POLICY_ANY || kind == contact->kind ||
	       (kind == EDGE_KIND_LINK_MODIFIED && contact->modified);
}

static bool row_fits(const struct judge *judge, const struct policy_rule *row,
		     const struct contact *contact, const char *licence)
{
	const struct reach_node *nodes = judge->input->nodes;
	const struct reach_node *provider = &nodes[contact->provider];

	if ((row->class != POLICY_ANY && row->class != (uint32_t)contact->class) ||
	    !kind_fits(row->kind, contact) || !policy_text_fits(row->licence, licence))
		return false;
	if (!policy_node_fits(row->component, provider))
		return false;
	return policy_path_fits(row->path, nodes[contact->consumer].id) ||
	       (contact->root != REACH_NONE &&
		policy_path_fits(row->path, nodes[contact->root].id));
}

/* The first row of deny that fits and that no row of allow lifts; SIZE_MAX: none. */
static size_t denial_of(const struct judge *judge, const struct contact *contact,
			const char *licence)
{
	const struct policy *policy = judge->input->file_policy;

	for (size_t i = 0; i < policy->allow_count; i++)
		if (row_fits(judge, &policy->allow[i], contact, licence))
			return SIZE_MAX;
	for (size_t i = 0; i < policy->deny_count; i++)
		if (row_fits(judge, &policy->deny[i], contact, licence))
			return i;
	return SIZE_MAX;
}

/* The denied terms of the branch the provider stands under; NULL: nothing is. */
static const char *denied_terms(struct judge *judge, const struct contact *contact, size_t *ret_row)
{
	const struct branch *branch = taken_branch(judge, contact->provider);
	struct term_list texts = {.count = 0};

	*ret_row = SIZE_MAX;
	if (!branch) {
		*ret_row = denial_of(judge, contact, "NOASSERTION");
		return *ret_row == SIZE_MAX ? NULL : "NOASSERTION";
	}
	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];
		size_t row = denial_of(judge, contact, term->id);

		if (row == SIZE_MAX)
			continue;
		if (row < *ret_row)
			*ret_row = row;
		term_list_add(&texts, term->text);
	}
	return texts.count ? term_list_text(&texts, " AND ", judge->arena) : NULL;
}

static uint32_t caps_of(const struct judge *judge, const struct contact *contact, bool weak)
{
	const struct entry *entry = node_entry(judge, contact->provider);

	return (entry->low && entry->count ? CAP_LOW : 0) |
	       (entry->label != TERMS_NONE && entry->from->source != LICENCE_SOURCE_BINARY
		    ? CAP_LABEL
		    : 0) |
	       (weak ? CAP_WEAK_EDGE : 0);
}

/* The draft, or NULL when nothing is denied. */
static struct draft *report(struct judge *judge, const struct contact *contact, bool weak,
			    bool *ret_new)
{
	uint32_t subject = contact->kind == POLICY_ANY ? contact->provider : contact->consumer;
	uint32_t provider = contact->kind == POLICY_ANY ? REACH_NONE : contact->provider;
	size_t row;
	const char *licence = denied_terms(judge, contact, &row);
	struct draft *draft;

	if (!licence || judge->input->nodes[contact->provider].own)
		return NULL;
	draft = judge_draft(judge, RULE_POLICY_DENIED, subject, provider,
			    contact->kind == POLICY_ANY ? -1 : (int)contact->kind, 0, ret_new);
	/* A firm way in a later work outdoes a weak one in an earlier. */
	*ret_new |= !weak && draft->caps & CAP_WEAK_EDGE;
	if (*ret_new) {
		draft->caps = caps_of(judge, contact, weak);
		draft->outcomes = 1u << (draft->caps ? OUTCOME_REVIEW : OUTCOME_CONFLICT);
		draft->licence = licence;
		draft->policy_row = row;
	}
	return draft;
}

static bool edge_is_weak(const struct reach_edge *edge)
{
	return edge->possible || edge->grade == EDGE_GRADE_STRING;
}

/* The way to the consumer, and the edge itself. */
static const uint32_t *path_over(struct judge *judge, uint32_t edge, size_t *ret_count)
{
	const uint32_t *way = process_path(judge, judge->input->edges[edge].from, ret_count);
	uint32_t *path = arena_alloc_array(judge->arena, *ret_count + 1, sizeof(*path));

	for (size_t i = 0; i < *ret_count; i++)
		path[i] = way[i];
	path[(*ret_count)++] = edge;
	return path;
}

/* Every edge counts, not only the cheapest way to a member: a row may speak of one kind alone. */
static void judge_work(struct judge *judge, uint32_t work)
{
	const struct reach_work *known = &judge->input->works[work];
	const struct process *process = &judge->process;

	process_open(judge, work);
	for (size_t i = 0; i < known->edge_count; i++) {
		const struct reach_edge *edge = &judge->input->edges[known->edges[i]];
		struct contact contact = {edge->from,		edge->to,
					  known->root,		EDGE_CLASS_LINKING,
					  (uint32_t)edge->kind, edge->modified};
		struct draft *draft;
		bool new;

		if (edge_kind_class(edge->kind) != EDGE_CLASS_LINKING ||
		    !edge_carries(judge, known->edges[i]) || !process_has(process, edge->from))
			continue;
		draft = report(judge, &contact,
			       process->cost[edge->from] >= COST_WEAK || edge_is_weak(edge), &new);
		if (!draft)
			continue;
		if (new)
			draft->path = path_over(judge, known->edges[i], &draft->path_count);
		draft_work(judge, draft, work, draft->outcomes);
	}
}

static void judge_other_edges(struct judge *judge)
{
	for (uint32_t i = 0; i < judge->input->edge_count; i++) {
		const struct reach_edge *edge = &judge->input->edges[i];
		struct contact contact = {edge->from,		edge->to,
					  REACH_NONE,		edge_kind_class(edge->kind),
					  (uint32_t)edge->kind, false};
		struct draft *draft;
		bool new;

		if (contact.class != EDGE_CLASS_IPC)
			continue;
		draft = report(judge, &contact, edge_is_weak(edge), &new);
		if (!draft || !new)
			continue;
		draft->path = arena_copy(judge->arena, &i, sizeof(i));
		draft->path_count = 1;
		judge->spoken[edge->from] |= draft->outcomes;
	}
}

/* Files that lie side by side: what is shipped at all. */
static void judge_shipped(struct judge *judge)
{
	for (uint32_t i = 0; i < judge->input->node_count; i++) {
		struct contact contact = {i,	      i,    REACH_NONE, EDGE_CLASS_AGGREGATION,
					  POLICY_ANY, false};
		struct draft *draft;
		bool new;

		if (!judge->input->nodes[i].shipped)
			continue;
		draft = report(judge, &contact, false, &new);
		if (draft)
			judge->spoken[i] |= draft->outcomes;
	}
}

void judge_policy(struct judge *judge)
{
	if (!judge->input->file_policy || !judge->input->file_policy->deny_count)
		return;
	for (uint32_t work = 0; work < judge->input->work_count; work++)
		judge_work(judge, work);
	judge_other_edges(judge);
	judge_shipped(judge);
}

const struct policy_rule *draft_denial(const struct judge *judge, const struct draft *draft)
{
	return &judge->input->file_policy->deny[draft->policy_row];
}
