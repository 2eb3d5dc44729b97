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

/* Whether every other holder of copyleft tolerates a member that does not fit by itself. */
static enum fit tolerated(struct judge *judge, uint32_t node, enum fit fit)
{
	const struct process *process = &judge->process;
	enum fit least = FIT_YES;
	bool any = false;

	for (size_t i = 0; i < process->strong_count && least > fit; i++) {
		enum fit one;

		if (process->strong[i] == node)
			continue;
		one = process_tolerates(judge, process->strong[i], node);
		if (one == FIT_NO && node_entry(judge, process->strong[i])->partial)
			one = FIT_UNSURE;
		if (one < least)
			least = one;
		any = true;
	}
	return any && least > fit ? least : fit;
}

static enum outcome weight_of_duty(enum duty duty)
{
	if (duty == DUTY_NONE)
		return OUTCOME_CLEAR;
	return duty == DUTY_NOTICE ? OUTCOME_NOTICE : OUTCOME_SOURCE_OFFER;
}

struct score {
	enum outcome heaviest; /* of members that do not fit, the program's own reach, relinking */
	unsigned misfits;
	enum outcome duty; /* heaviest duty of shipping, with the branches taken */
};

/* What one member weighs when the work is distributed as a target, or as none. */
static void score_member(struct judge *judge, uint32_t node, unsigned target, struct score *score)
{
	const struct entry *entry = node_entry(judge, node);
	const struct branch *branch = process_branch(judge, node, target);
	bool root = node == judge->input->works[judge->process.work].root;
	enum outcome weight = OUTCOME_CLEAR;

	if (target != TARGET_COUNT) {
		enum fit fit = entry_fit(entry, target);

		if (fit != FIT_YES)
			fit = tolerated(judge, node, fit);
		weight = weight_of_fit(entry, fit);
		if (root && fit == FIT_YES && branch && !branch->strong)
			weight = OUTCOME_WHOLE_WORK;
		score->misfits += fit != FIT_YES;
	}
	if (weight > score->heaviest)
		score->heaviest = weight;
	if (branch && judge->input->nodes[node].shipped &&
	    weight_of_duty((enum duty)branch->duty) > score->duty)
		score->duty = weight_of_duty((enum duty)branch->duty);
}

static struct score score_target(struct judge *judge, unsigned target)
{
	const struct process *process = &judge->process;
	const struct reach_work *work = &judge->input->works[process->work];
	struct score score = {.heaviest = OUTCOME_CLEAR};

	for (size_t i = 0; i < process->count; i++)
		score_member(judge, process->list[i], target, &score);
	for (size_t i = 0; i < work->edge_count; i++) {
		enum outcome weight =
		    outcome_highest(link_library_outcomes(judge, work->edges[i], target));

		if (weight > score.heaviest)
			score.heaviest = weight;
	}
	if (score.duty > score.heaviest)
		score.heaviest = score.duty;
	return score;
}

static bool better(const struct score *a, const struct score *b)
{
	if (a->heaviest != b->heaviest)
		return a->heaviest < b->heaviest;
	return a->misfits != b->misfits ? a->misfits < b->misfits : a->duty < b->duty;
}

/*
 * A work that holds strong copyleft takes the target that weighs least. One that does not takes
 * none, unless its program has a branch under the GPL and that weighs less.
 */
static enum outcome choose_target(struct judge *judge)
{
	const struct process *process = &judge->process;
	uint32_t root = judge->input->works[process->work].root;
	struct score best = {.heaviest = OUTCOME_CONFLICT, .misfits = UINT32_MAX};

	if (!process->strong_count)
		best = score_target(judge, TARGET_COUNT);
	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		const struct branch *program = process_branch(judge, root, i);
		struct score score;

		if (!process->strong_count &&
		    (!program || !program->strong || node_entry(judge, root)->low))
			continue;
		score = score_target(judge, i);
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
	for (size_t i = 0; i < entry->count; i++)
		if (entry->branches[i].unknown)
			return CAP_UNKNOWN;
	return CAP_READINGS;
}

/* The terms that make a loosely known licence matter: its copyleft, or what does not fit. */
static const char *deciding_terms(struct judge *judge, const struct entry *entry)
{
	struct term_list texts = {.count = 0};
	const struct branch *branch;

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
			term_list_add(&texts, term->text);
	}
	return texts.count ? term_list_text(&texts, " AND ", judge->arena) : branch->text;
}

/* A file that is not known well enough gets one finding, whatever it meets. */
static void report_uncertain(struct judge *judge, uint32_t node, uint32_t holder)
{
	const struct entry *entry = node_entry(judge, node);
	struct draft *draft;
	bool new;

	if (process_relevance(judge, node, holder) == RELEVANCE_NONE)
		return;
	if (judge->process.reported < OUTCOME_REVIEW)
		judge->process.reported = OUTCOME_REVIEW;
	draft = judge_draft(judge, entry->strong ? RULE_UNCERTAIN : RULE_UNFIT, node, REACH_NONE,
			    -1, 0, &new);
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
		if (fit == FIT_YES && taken && taken->strong && !entry->low)
			continue;
		if (fit != FIT_YES) {
			fit = process_with_exceptions(judge, holder, root, fit);
			if (fit == FIT_YES)
				continue;
		}
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
		const struct branch *branch =
		    entry_choose(program, i, (struct stance){.program = true});

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
	struct work_memory *memory = &judge->memory[process->work];
	uint32_t *taken = arena_alloc_array(judge->arena, process->count + 1, sizeof(*taken));

	for (size_t i = 0; i < process->count; i++) {
		uint32_t node = process->list[i];
		const struct entry *entry = node_entry(judge, node);
		const struct branch *branch = process_branch(judge, node, process->target);

		taken[i] = branch ? (uint32_t)(branch - entry->branches) : 0;
		judge->loaded[node] = true;
		judge->taken[node] |= UINT64_C(1) << (taken[i] < 63 ? taken[i] : 63);
	}
	memory->taken = taken;
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
	enum outcome expected;

	process_open(judge, work);
	collect_strong(judge);
	expected = choose_target(judge);
	take_branches(judge);
	remember(judge);
	judge_libraries(judge);
	if (process->strong_count) {
		judge_root(judge, root);
		for (size_t i = 0; i < process->count; i++)
			if (process->list[i] != root)
				judge_member(judge, process->list[i]);
		if (expected >= OUTCOME_REVIEW && process->reported < expected)
			process_report_joint(judge, expected);
		note_branches(judge);
		note_upgrade(judge, root);
	}
	judge_loose_copyleft(judge, root);
}
