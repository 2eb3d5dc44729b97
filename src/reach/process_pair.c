/* SPDX-License-Identifier: BSD-2-Clause */
/* What a holder of strong copyleft and another member of one process mean for each other. */
#include "reach/process.h"

#include <string.h>

#include "util/vec.h"

const struct branch *process_branch(const struct judge *judge, uint32_t node, unsigned target)
{
	struct stance stance = {.program = node == judge->input->works[judge->process.work].root,
				.inside = judge->inside[node],
				.holds = judge->holds[node]};

	return entry_choose(node_entry(judge, node), target, stance);
}

enum relevance process_relevance(const struct judge *judge, uint32_t node, uint32_t holder)
{
	const struct process *process = &judge->process;
	const struct reach_node *nodes = judge->input->nodes;

	if (nodes[judge->input->works[process->work].root].shipped || nodes[node].shipped)
		return RELEVANCE_FULL;
	if (process->shipped || (holder != REACH_NONE && nodes[holder].shipped))
		return RELEVANCE_PARTIAL;
	return RELEVANCE_NONE;
}

/* Whether the program is conveyed, or a part of it that is not under strong copyleft itself. */
static bool is_program_shipped(const struct judge *judge)
{
	const struct process *process = &judge->process;

	if (judge->input->nodes[judge->input->works[process->work].root].shipped)
		return true;
	for (size_t i = 0; process->shipped && i < process->count; i++)
		if (judge->input->nodes[process->list[i]].shipped &&
		    !node_entry(judge, process->list[i])->strong)
			return true;
	return false;
}

uint32_t process_strong_term(const struct judge *judge, uint32_t holder)
{
	const struct branch *branch = process_branch(judge, holder, judge->process.target);

	for (size_t i = 0; branch && i < branch->count; i++)
		if (judge->terms.list.ptr[branch->terms[i]].strong)
			return branch->terms[i];
	return TERMS_NONE;
}

/* The program itself is no library of the system; nor does a holder's own copyleft go away. */
static bool is_left_out(const struct judge *judge, uint32_t holder, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);

	return node != judge->input->works[judge->process.work].root &&
	       (!entry->strong || entry->low) && system_library_counts(judge, holder, node);
}

enum fit process_tolerates(struct judge *judge, uint32_t holder, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);
	enum fit named;

	if (is_left_out(judge, holder, node))
		return FIT_YES;
	named = terms_named_exception(&judge->terms, node_entry(judge, holder),
				      &judge->input->nodes[node], entry);
	/* What the holder permits does not answer what the other's copyleft asks. */
	return named == FIT_YES && entry->strong && !entry->low ? FIT_UNSURE : named;
}

enum fit process_with_exceptions(struct judge *judge, uint32_t holder, uint32_t node, enum fit fit)
{
	enum fit other = process_tolerates(judge, holder, node);

	if (is_left_out(judge, holder, node))
		system_library_report(judge, holder, node);
	return other > fit ? other : fit;
}

/* The term of a branch that fits a target least. */
static uint32_t worst_term(const struct judge *judge, uint32_t node, uint32_t holder)
{
	const struct branch *branch = process_branch(judge, node, judge->process.target);
	const struct entry *other = node_entry(judge, holder);
	uint32_t worst = TERMS_NONE;
	enum fit least = FIT_YES;

	for (size_t i = 0; branch && i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];
		enum fit best = FIT_NO;

		for (unsigned t = 0; t < TARGET_COUNT; t++) {
			enum fit mine = (enum fit)term->fits[t], theirs = entry_fit(other, t);
			enum fit both = mine < theirs ? mine : theirs;

			if (both > best)
				best = both;
		}
		if (best < least || worst == TERMS_NONE) {
			worst = branch->terms[i];
			least = best;
		}
	}
	return worst;
}

/* ---- who is the subject, and along which path ---- */

static bool all_static(const struct judge *judge, const uint32_t *path, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum edge_kind kind = judge->input->edges[path[i]].kind;

		if (kind != EDGE_KIND_LINK_STATIC && kind != EDGE_KIND_LINK_MODIFIED)
			return false;
	}
	return count > 0;
}

/* Path of the subject, then from it to the provider; cut where it passes the provider already. */
static void join_paths(struct judge *judge, struct draft *draft, const uint32_t *rest,
		       size_t rest_count)
{
	size_t count = draft->subject_path_count;
	uint32_t *path = arena_alloc_array(judge->arena, count + rest_count + 1, sizeof(*path));

	memcpy(path, draft->subject_path, count * sizeof(*path));
	for (size_t i = 0; i < count; i++) {
		if (judge->input->edges[path[i]].to == draft->provider) {
			draft->path = path;
			draft->path_count = i + 1;
			return;
		}
	}
	memcpy(path + count, rest, rest_count * sizeof(*path));
	draft->path = path;
	draft->path_count = count + rest_count;
}

static void set_rule(const struct judge *judge, struct draft *draft, uint32_t holder)
{
	const struct entry *subject = node_entry(judge, draft->subject);
	bool reach = draft->provider == holder && (!subject->strong || subject->low);

	draft->rule = reach ? RULE_COPYLEFT : RULE_PAIR;
}

/*
 * The subject is the one that depends on the other; of two that never touch, the one whose
 * copyleft asks. Both directions of one pair give one finding.
 */
static void orient(struct judge *judge, struct draft *draft, uint32_t holder, uint32_t node)
{
	const uint32_t *way;
	size_t count;

	if (process_edge(judge, node, holder) == REACH_NONE &&
	    process_edge(judge, holder, node) != REACH_NONE) {
		draft->subject = holder;
		draft->provider = node;
		way = process_path_between(judge, holder, node, &count);
	} else {
		draft->subject = node;
		draft->provider = holder;
		way = process_path_between(judge, node, holder, &count);
		if (!way) {
			draft->subject = holder;
			draft->provider = node;
			way = process_path_between(judge, holder, node, &count);
		}
	}
	draft->subject_path = process_path(judge, draft->subject, &draft->subject_path_count);
	if (way) {
		draft->contested = !all_static(judge, way, count);
		join_paths(judge, draft, way, count);
	} else {
		draft->path = process_path(judge, draft->provider, &draft->path_count);
		draft->contested =
		    !all_static(judge, draft->path, draft->path_count) ||
		    (draft->subject_path_count &&
		     !all_static(judge, draft->subject_path, draft->subject_path_count));
	}
	draft->direct = way && count == 1;
	set_rule(judge, draft, holder);
}

/*
 * A program that only loads the plugin which links the copyleft code is reached as a process, not
 * as a file: the plugin is the subject. Where the program is not shipped, what is shipped on the
 * way is.
 */
static void move_subject(struct judge *judge, struct draft *draft)
{
	bool shipped = judge->input->nodes[draft->subject].shipped;
	const struct entry *entry;
	size_t after = 0;
	uint32_t subject;

	for (size_t i = 1; i < draft->path_count; i++) {
		const struct reach_edge *before = &judge->input->edges[draft->path[i - 1]];

		if (before->kind == EDGE_KIND_LINK_PLUGIN ||
		    (!after && !shipped && judge->input->nodes[before->to].shipped))
			after = i;
	}
	if (!after)
		return;
	subject = judge->input->edges[draft->path[after]].from;
	entry = node_entry(judge, subject);
	if (entry->strong || entries_fit(entry, node_entry(judge, draft->provider)) != FIT_YES)
		return;
	draft->subject = subject;
	draft->subject_path = draft->path;
	draft->subject_path_count = after;
	draft->direct = draft->path_count == after + 1;
}

static const char *branch_text(const struct judge *judge, uint32_t node)
{
	const struct branch *branch = process_branch(judge, node, judge->process.target);

	return branch ? branch->text : node_entry(judge, node)->from->text;
}

static void describe_pair(struct judge *judge, struct draft *draft, uint32_t holder, uint32_t node,
			  enum fit fit)
{
	const struct branch *branch = process_branch(judge, holder, judge->process.target);

	orient(judge, draft, holder, node);
	if (fit == FIT_YES)
		move_subject(judge, draft);
	if (draft->path_count) {
		draft->has_edge = true;
		draft->kind = judge->input->edges[draft->path[draft->path_count - 1]].kind;
	}
	draft->joint = fit != FIT_YES &&
		       entries_fit(node_entry(judge, holder), node_entry(judge, node)) == FIT_YES;
	draft->licence = draft->provider == holder && branch
			     ? terms_strong_text(&judge->terms, branch, judge->arena)
			     : branch_text(judge, draft->provider);
	draft->subject_licence = branch_text(judge, draft->subject);
	draft->copyleft_term = process_strong_term(judge, holder);
	draft->other_term = fit == FIT_YES ? TERMS_NONE : worst_term(judge, node, holder);
}

/* ---- how heavy ---- */

/* Two statements about a file disagree, and by the other one there would be no conflict. */
static bool label_differs(const struct judge *judge, uint32_t holder, uint32_t node)
{
	const struct entry *a = node_entry(judge, holder), *b = node_entry(judge, node);
	const struct entry *label;

	/* What the binary itself says is not in doubt. */
	if (a->label != TERMS_NONE && a->from->source != LICENCE_SOURCE_BINARY) {
		label = &judge->terms.entries.ptr[a->label];
		if (!label->strong || entries_fit(label, b) != FIT_NO)
			return true;
	}
	if (b->label != TERMS_NONE && b->from->source != LICENCE_SOURCE_BINARY) {
		label = &judge->terms.entries.ptr[b->label];
		if (entries_fit(a, label) != FIT_NO)
			return true;
	}
	return false;
}

static uint32_t caps_of_edges(const struct judge *judge, uint32_t holder, uint32_t node)
{
	uint64_t cost = judge->process.cost[holder], other = judge->process.cost[node];
	uint32_t caps = 0;

	if (cost >= COST_WEAK || other >= COST_WEAK)
		caps |= CAP_WEAK_EDGE;
	if (judge->input->policy.unused_needed == UNUSED_NEEDED_REVIEW &&
	    (cost % COST_WEAK >= COST_UNUSED || other % COST_WEAK >= COST_UNUSED))
		caps |= CAP_UNUSED;
	return caps;
}

static uint32_t caps_of_pair(const struct judge *judge, const struct draft *draft, uint32_t holder,
			     uint32_t node, enum fit fit)
{
	const struct entry *a = node_entry(judge, holder), *b = node_entry(judge, node);
	uint32_t caps = caps_of_edges(judge, holder, node);

	if (process_relevance(judge, node, holder) == RELEVANCE_PARTIAL)
		caps |= CAP_NOT_SHIPPED;
	if (draft->contested && judge->input->policy.gpl_dynamic == GPL_DYNAMIC_REVIEW)
		caps |= CAP_STANCE;
	if (fit == FIT_NO && label_differs(judge, holder, node))
		caps |= CAP_LABEL;
	if (fit == FIT_NO && (a->low || b->low))
		caps |= CAP_LOW;
	if (fit == FIT_UNSURE)
		caps |= a->partial || b->partial ? CAP_EXCEPTION
			: !b->count		 ? CAP_UNKNOWN
						 : CAP_READINGS;
	return caps;
}

static uint32_t outcomes_of_pair(const struct judge *judge, const struct draft *draft, enum fit fit,
				 uint32_t caps)
{
	bool reach = draft->rule == RULE_COPYLEFT;
	uint32_t outcomes = 0;

	/* A stance of the policy is followed even where it weighs more than the answer. */
	if (fit == FIT_YES)
		return 1u << OUTCOME_WHOLE_WORK |
		       (caps & (CAP_UNUSED | CAP_STANCE) ? 1u << OUTCOME_REVIEW : 0) |
		       (judge->input->nodes[draft->subject].shipped ? 1u << OUTCOME_SOURCE_OFFER
								    : 0);
	if (reach)
		outcomes |= 1u << OUTCOME_WHOLE_WORK;
	return outcomes | (fit == FIT_NO && !caps ? 1u << OUTCOME_CONFLICT : 1u << OUTCOME_REVIEW);
}

void process_report_pair(struct judge *judge, uint32_t holder, uint32_t node, enum fit fit)
{
	bool both = node_entry(judge, node)->strong && !node_entry(judge, node)->low;
	enum outcome weight = fit == FIT_NO ? OUTCOME_CONFLICT : OUTCOME_REVIEW;
	uint32_t outcomes, caps;
	struct draft *draft;
	bool new;

	if (process_relevance(judge, node, holder) == RELEVANCE_NONE ||
	    (fit == FIT_YES && !is_program_shipped(judge)))
		return;
	if (fit != FIT_YES && weight > judge->process.reported)
		judge->process.reported = weight;
	draft = judge_draft(judge, RULE_PAIR, both && node < holder ? node : holder,
			    both && node < holder ? holder : node, -1, fit == FIT_YES, &new);
	if (new)
		describe_pair(judge, draft, holder, node, fit);
	caps = caps_of_pair(judge, draft, holder, node, fit);
	outcomes = outcomes_of_pair(judge, draft, fit, caps);
	if (new || outcome_highest(outcomes) > outcome_highest(draft->outcomes)) {
		draft->outcomes = outcomes;
		draft->caps = caps;
		draft->contested |= (caps & CAP_READINGS) != 0;
	}
	draft_work(judge, draft, judge->process.work, outcomes);
}

/* Names the first member that leaves no target to those before it. */
void process_report_joint(struct judge *judge, enum outcome weight)
{
	const struct process *process = &judge->process;
	enum fit left[TARGET_COUNT];

	for (unsigned t = 0; t < TARGET_COUNT; t++)
		left[t] = entry_fit(node_entry(judge, process->strong[0]), t);
	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		enum fit best = FIT_NO;

		if (process_tolerates(judge, process->strong[0], node) == FIT_YES)
			continue;
		for (unsigned t = 0; t < TARGET_COUNT; t++) {
			enum fit fit = entry_fit(node_entry(judge, node), t);

			if (node != process->strong[0] && fit < left[t])
				left[t] = fit;
			if (left[t] > best)
				best = left[t];
		}
		if (best != FIT_YES && node != process->strong[0] &&
		    (best == FIT_NO || weight == OUTCOME_REVIEW)) {
			process_report_pair(judge, process->strong[0], node,
					    weight == OUTCOME_CONFLICT ? FIT_NO : FIT_UNSURE);
			return;
		}
	}
}
