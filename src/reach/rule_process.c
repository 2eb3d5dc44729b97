/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One work as a whole. Every member under strong copyleft asks that the work can be distributed as
 * a whole under its licence; so each other member must fit, whether or not the two touch. A work
 * stands together when one target (GPL-2.0, GPL-3.0, AGPL-3.0) fits all members with some branch of
 * their licences; that choice is made once for the work, and the branches follow from it.
 */
#include "reach/process.h"

#include <stdlib.h>
#include <string.h>

/* ---- the target ---- */

/* How heavy it is when a member does not fit a target. */
static enum outcome weight_of_fit(const struct entry *entry, enum fit fit)
{
	if (fit == FIT_YES)
		return OUTCOME_CLEAR;
	if (fit == FIT_UNSURE || entry->low || entry->partial || entry->label != TERMS_NONE)
		return OUTCOME_REVIEW;
	return OUTCOME_CONFLICT;
}

/* Whether every holder of copyleft tolerates a member that does not fit by itself. */
static enum fit tolerated(struct judge *judge, uint32_t node, enum fit fit)
{
	const struct process *process = &judge->process;
	enum fit least = FIT_YES;

	/* Nobody can tolerate for a holder that its own licence is not met. */
	if (node_entry(judge, node)->strong)
		return fit;
	for (size_t i = 0; i < process->strong_count && least > fit; i++) {
		enum fit one;

		if (process->strong[i] == node)
			continue;
		one = process_tolerates(judge, process->strong[i], node);
		if (one < least)
			least = one;
	}
	return least > fit ? least : fit;
}

struct score {
	enum outcome heaviest; /* of members that do not fit, of the program's own reach */
	unsigned misfits;
	unsigned duty; /* heaviest duty of the branches taken */
};

static struct score score_target(struct judge *judge, unsigned target)
{
	const struct process *process = &judge->process;
	uint32_t root = judge->input->works[process->work].root;
	struct score score = {.heaviest = OUTCOME_CLEAR};

	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		const struct entry *entry = node_entry(judge, node);
		const struct branch *branch = process_branch(judge, node, target);
		enum fit fit = entry_fit(entry, target);
		enum outcome weight;

		if (fit != FIT_YES)
			fit = tolerated(judge, node, fit);
		weight = weight_of_fit(entry, fit);
		if (node == root && fit == FIT_YES && branch && !branch->strong)
			weight = OUTCOME_WHOLE_WORK;
		score.misfits += fit != FIT_YES;
		if (weight > score.heaviest)
			score.heaviest = weight;
		if (branch && branch->duty > score.duty)
			score.duty = branch->duty;
	}
	return score;
}

static bool better(const struct score *a, const struct score *b)
{
	if (a->heaviest != b->heaviest)
		return a->heaviest < b->heaviest;
	return a->misfits != b->misfits ? a->misfits < b->misfits : a->duty < b->duty;
}

static enum outcome choose_target(struct judge *judge)
{
	struct score best = score_target(judge, 0);

	judge->process.target = 0;
	for (unsigned i = 1; i < TARGET_COUNT; i++) {
		struct score score = score_target(judge, i);

		if (better(&score, &best)) {
			best = score;
			judge->process.target = i;
		}
	}
	return best.heaviest;
}

static void collect_strong(struct judge *judge)
{
	struct process *process = &judge->process;

	for (size_t i = 0; i < process->count; i++) {
		const struct entry *entry = node_entry(judge, process->list[i]);

		if (entry->strong && !entry->low)
			process->strong[process->strong_count++] = process->list[i];
	}
}

/* ---- members against holders of copyleft ---- */

/* Why a member's own licence leaves it open. */
static uint32_t caps_of_uncertain(const struct entry *entry)
{
	if (!entry->count)
		return CAP_UNKNOWN;
	if (entry->low)
		return CAP_LOW;
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		if (entry->branches[entry->member[i]].unknown)
			return CAP_UNKNOWN;
	return CAP_READINGS;
}

/* The terms that make a loosely known licence matter: its copyleft, or what does not fit. */
static const char *deciding_terms(struct judge *judge, const struct entry *entry)
{
	const struct branch *branch;
	const char *text = "";

	if (!entry->count)
		return entry->from->text;
	branch = &entry->branches[entry->lightest];
	if (entry->strong)
		return terms_strong_text(&judge->terms, branch, judge->arena);
	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];
		bool fits = true;

		for (unsigned t = 0; t < TARGET_COUNT; t++)
			fits &= term->fits[t] == FIT_YES;
		if (!fits)
			text = *text ? arena_printf(judge->arena, "%s AND %s", text, term->text)
				     : term->text;
	}
	return *text ? text : branch->text;
}

/* A file that is not known well enough gets one finding, whatever it meets. */
static void report_uncertain(struct judge *judge, uint32_t node, uint32_t holder)
{
	const struct entry *entry = node_entry(judge, node);
	struct draft *draft;
	bool new;

	if (process_relevance(judge, node, holder) == RELEVANCE_NONE)
		return;
	draft = judge_draft(judge, RULE_UNCERTAIN, node, REACH_NONE, -1, 0, &new);
	if (new) {
		draft->outcomes = 1u << OUTCOME_REVIEW;
		draft->caps = caps_of_uncertain(entry);
		draft->contested = draft->caps == CAP_READINGS;
		draft->licence = deciding_terms(judge, entry);
		draft->path = process_path(judge, node, &draft->path_count);
		if (holder != REACH_NONE)
			draft->copyleft_term = process_strong_term(judge, holder);
	}
	draft_work(judge, draft, judge->process.work, 1u << OUTCOME_REVIEW);
}

/* Holders with the same copyleft say the same to a member: the nearest one speaks. */
static bool is_repeated(const struct judge *judge, size_t place)
{
	const struct process *process = &judge->process;
	uint32_t holder = process->strong[place];

	for (size_t i = 0; i < place; i++) {
		uint32_t other = process->strong[i];
		bool same = process_strong_term(judge, other) == process_strong_term(judge, holder);

		for (unsigned t = 0; same && t < TARGET_COUNT; t++)
			same = entry_fit(node_entry(judge, other), t) ==
			       entry_fit(node_entry(judge, holder), t);
		if (same)
			return true;
	}
	return false;
}

/* Whether it is this member's licence that is read differently, whoever it meets. */
static bool is_unsettled(const struct entry *holder, const struct entry *member, enum fit fit)
{
	return fit == FIT_UNSURE && !holder->partial && !member->partial && !member->strong;
}

static void judge_member(struct judge *judge, uint32_t node)
{
	const struct process *process = &judge->process;
	const struct entry *entry = node_entry(judge, node);

	for (size_t i = 0; i < process->strong_count; i++) {
		uint32_t holder = process->strong[i];
		enum fit fit, best;

		if (holder == node)
			continue;
		fit = entries_fit(node_entry(judge, holder), entry);
		if (fit == FIT_YES || is_repeated(judge, i))
			continue;
		best = process_with_exceptions(judge, holder, node, fit);
		if (best == FIT_YES)
			continue;
		if (entry->low || is_unsettled(node_entry(judge, holder), entry, fit))
			report_uncertain(judge, node, holder);
		else
			process_report_pair(judge, holder, node, best);
	}
}

/* ---- the program itself ---- */

static bool is_component_repeated(const struct judge *judge, size_t place)
{
	const struct process *process = &judge->process;
	uint32_t holder = process->strong[place];

	for (size_t i = 0; i < place; i++)
		if (judge->owner[process->strong[i]] == judge->owner[holder] &&
		    judge->entry[process->strong[i]] == judge->entry[holder])
			return true;
	return false;
}

/* Each component under copyleft that the program reaches is named. */
static void judge_root(struct judge *judge, uint32_t root)
{
	const struct process *process = &judge->process;
	const struct entry *entry = node_entry(judge, root);
	const struct branch *taken = process_branch(judge, root, process->target);

	for (size_t i = 0; i < process->strong_count; i++) {
		uint32_t holder = process->strong[i];
		enum fit fit;

		if (holder == root || is_component_repeated(judge, i))
			continue;
		fit = entries_fit(node_entry(judge, holder), entry);
		if (fit != FIT_YES)
			fit = process_with_exceptions(judge, holder, root, fit);
		if (fit != FIT_YES || !taken->strong || entry->low)
			process_report_pair(judge, holder, root, fit);
	}
}

/* ---- what is only said ---- */

/* A member stands under another branch than it would without copyleft in the work. */
static void note_branches(struct judge *judge)
{
	const struct process *process = &judge->process;

	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		const struct entry *entry = node_entry(judge, node);
		const struct branch *branch = process_branch(judge, node, process->target);
		struct draft *draft;
		bool new;

		if (entry->count < 2 || entry->low || branch == &entry->branches[entry->lightest] ||
		    branch->fits[process->target] != FIT_YES ||
		    process_relevance(judge, node, process->strong[0]) == RELEVANCE_NONE)
			continue;
		draft = judge_draft(judge, RULE_BRANCH, node, REACH_NONE, -1,
				    (uint32_t)(branch - entry->branches), &new);
		if (new) {
			draft->outcomes = 1u << OUTCOME_CLEAR;
			draft->licence = branch->text;
			draft->target = process->target;
			draft->path = process_path(judge, node, &draft->path_count);
		}
		draft_work(judge, draft, process->work, 1u << OUTCOME_CLEAR);
	}
}

/* The first holder that GPL version 2 would not do for. */
static uint32_t forces_upgrade(const struct judge *judge)
{
	const struct process *process = &judge->process;

	for (size_t i = 0; i < process->count; i++) {
		const struct entry *entry = node_entry(judge, process->list[i]);

		if (!entry->low && entry_fit(entry, TARGET_GPL2) != FIT_YES)
			return process->list[i];
	}
	return REACH_NONE;
}

static void note_upgrade(struct judge *judge, uint32_t root)
{
	const struct process *process = &judge->process;
	const struct branch *branch = process_branch(judge, root, process->target);
	uint32_t other = forces_upgrade(judge);
	struct draft *draft;
	bool new;

	if (process->target == TARGET_GPL2 || other == REACH_NONE || other == root || !branch ||
	    !branch->strong || branch->fits[TARGET_GPL2] != FIT_YES ||
	    branch->fits[process->target] != FIT_YES || node_entry(judge, root)->low ||
	    !judge->input->nodes[root].shipped)
		return;
	draft = judge_draft(judge, RULE_UPGRADE, root, other, -1, process->target, &new);
	if (new) {
		const struct branch *cause = process_branch(judge, other, process->target);

		draft->outcomes = 1u << OUTCOME_CLEAR;
		draft->licence = cause ? cause->text : node_entry(judge, other)->from->text;
		draft->subject_licence = branch->text;
		draft->copyleft_term = process_strong_term(judge, root);
		draft->target = process->target;
		draft->path = process_path(judge, other, &draft->path_count);
	}
	draft_work(judge, draft, process->work, 1u << OUTCOME_CLEAR);
}

/* ---- the work ---- */

/* Whether the program can be distributed under the GPL together with a member. */
static bool can_follow(const struct entry *program, const struct entry *member)
{
	for (unsigned i = 0; program->count && i < TARGET_COUNT; i++) {
		const struct branch *branch = &program->branches[program->program[i]];

		if (branch->strong && branch->fits[i] == FIT_YES && entry_fit(member, i) == FIT_YES)
			return true;
	}
	return false;
}

/* Copyleft known only loosely: it asks for a look where it would change the answer. */
static void judge_loose_copyleft(struct judge *judge, uint32_t root)
{
	const struct process *process = &judge->process;

	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		const struct entry *entry = node_entry(judge, node);
		bool asks = !can_follow(node_entry(judge, root), entry);

		if (!entry->low || !entry->strong || node == root)
			continue;
		for (size_t j = 0; j < process->count && !asks; j++)
			asks = process->list[j] != node &&
			       !node_entry(judge, process->list[j])->low &&
			       entries_fit(entry, node_entry(judge, process->list[j])) == FIT_NO;
		if (asks)
			report_uncertain(judge, node,
					 process->strong_count ? process->strong[0] : REACH_NONE);
	}
}

/* Remembers which branches were taken, for the duties of shipping. */
static void take_branches(struct judge *judge)
{
	const struct process *process = &judge->process;

	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		const struct entry *entry = node_entry(judge, node);
		const struct branch *branch = process_branch(judge, node, process->target);
		size_t place = branch ? (size_t)(branch - entry->branches) : 0;

		judge->loaded[node] = true;
		judge->taken[node] |= UINT64_C(1) << (place < 63 ? place : 63);
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What the work's verdict says: its members, and the copyleft that reaches it. */
static void remember(struct judge *judge)
{
	const struct process *process = &judge->process;
	struct work_memory *memory = &judge->memory[process->work];
	const char **texts =
	    arena_alloc_array(judge->arena, process->strong_count + 1, sizeof(*texts));
	size_t count = process->strong_count, kept = 0;

	memory->members =
	    arena_copy(judge->arena, process->list, process->count * sizeof(*process->list));
	memory->member_count = process->count;
	for (size_t i = 0; i < count; i++)
		texts[i] = terms_strong_text(
		    &judge->terms, process_branch(judge, process->strong[i], process->target),
		    judge->arena);
	if (count)
		qsort(texts, count, sizeof(*texts), compare_text);
	for (size_t i = 0; i < count; i++)
		if (*texts[i] && (kept == 0 || strcmp(texts[i], texts[kept - 1]) != 0))
			texts[kept++] = texts[i];
	memory->licences = texts;
	memory->licence_count = kept;
}

void judge_members(struct judge *judge, uint32_t work)
{
	process_open(judge, work);
	take_branches(judge);
	remember(judge);
}

void judge_process(struct judge *judge, uint32_t work)
{
	uint32_t root = judge->input->works[work].root;
	struct process *process = &judge->process;
	enum outcome expected = OUTCOME_CLEAR;

	process_open(judge, work);
	collect_strong(judge);
	if (process->strong_count)
		expected = choose_target(judge);
	take_branches(judge);
	remember(judge);
	if (process->strong_count) {
		judge_root(judge, root);
		for (size_t i = 0; i < process->count; i++)
			if (process->list[i] != root)
				judge_member(judge, process->list[i]);
		if (expected >= OUTCOME_REVIEW &&
		    outcome_highest(judge->memory[work].outcomes) < OUTCOME_REVIEW)
			process_report_joint(judge, expected);
		note_branches(judge);
		note_upgrade(judge, root);
	}
	judge_loose_copyleft(judge, root);
}
