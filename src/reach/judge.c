/* SPDX-License-Identifier: BSD-2-Clause */
/* The judgement: rules over files, then over works; then findings in their order. */
#include "reach/judge.h"

#include <stdlib.h>
#include <string.h>

/* What a work's walk needs, kept from work to work. */
struct walk {
	uint32_t *members, *by_used_list;
	bool *reached, *by_used;
	uint32_t *first; /* CSR offsets into order, by node */
	uint32_t *order; /* edges of the work by their start */
};

/* An edge that binds nothing in any work that holds it, nor with its consumer as root. */
static void mark_unused(struct judge *judge)
{
	const struct reach_input *input = judge->input;

	judge->unused = arena_alloc_array(judge->arena, input->edge_count + 1, sizeof(bool));
	for (size_t i = 0; i < input->edge_count; i++)
		judge->unused[i] = input->edges[i].kind == EDGE_KIND_LINK_DYNAMIC &&
				   input->edges[i].symbols_bound == 0;
	for (size_t i = 0; i < input->work_count; i++) {
		const struct reach_work *work = &input->works[i];

		for (size_t j = 0; work->edge_symbols && j < work->edge_count; j++)
			if (work->edge_symbols[j] > 0)
				judge->unused[work->edges[j]] = false;
	}
}

static void index_edges(const struct judge *judge, const struct reach_work *work, struct walk *walk)
{
	const struct reach_edge *edges = judge->input->edges;
	size_t nodes = judge->input->node_count;

	memset(walk->first, 0, (nodes + 2) * sizeof(*walk->first));
	for (size_t i = 0; i < work->edge_count; i++)
		walk->first[edges[work->edges[i]].from + 2]++;
	for (size_t i = 2; i < nodes + 2; i++)
		walk->first[i] += walk->first[i - 1];
	for (size_t i = 0; i < work->edge_count; i++)
		walk->order[walk->first[edges[work->edges[i]].from + 1]++] = work->edges[i];
}

/* Marks what the root reaches over linking edges; returns how many, the root among them. */
static size_t spread(const struct judge *judge, const struct reach_work *work,
		     const struct walk *walk, bool skip_unused, bool *reached, uint32_t *list)
{
	size_t head = 0, tail = 0;

	memset(reached, 0, judge->input->node_count * sizeof(*reached));
	list[tail++] = work->root;
	reached[work->root] = true;
	while (head < tail) {
		uint32_t from = list[head++];

		for (uint32_t i = walk->first[from]; i < walk->first[from + 1]; i++) {
			const struct reach_edge *edge = &judge->input->edges[walk->order[i]];

			if (edge_kind_class(edge->kind) != EDGE_CLASS_LINKING ||
			    (skip_unused && judge->unused[walk->order[i]]) || reached[edge->to])
				continue;
			reached[edge->to] = true;
			list[tail++] = edge->to;
		}
	}
	return tail;
}

static int compare_index(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* How badly the members fit into a regime: the heaviest outcome first, then how many. */
struct misfit {
	unsigned weight; /* 2: some solid member does not fit; 1: some may not; 0: all do */
	size_t no, unsure;
};

static struct misfit measure(const struct judge *judge, const struct judged_work *work,
			     enum regime regime)
{
	struct misfit misfit = {0};

	for (size_t i = 0; i < work->member_count; i++) {
		const struct node_traits *traits = &judge->traits[work->members[i]];

		if (traits->system || traits->fits[regime] == FIT_YES)
			continue;
		misfit.no += traits->solid && traits->fits[regime] == FIT_NO;
		misfit.unsure += !traits->solid || traits->fits[regime] == FIT_UNSURE;
	}
	misfit.weight = misfit.no ? 2 : misfit.unsure != 0;
	return misfit;
}

/* A member more makes no regime fit better, so the best one never gets better by it. */
static void choose_regime(const struct judge *judge, struct judged_work *work)
{
	struct misfit best = {.weight = 3};

	for (unsigned regime = 0; regime < REGIME_COUNT; regime++) {
		struct misfit misfit = measure(judge, work, (enum regime)regime);

		if (misfit.weight > best.weight ||
		    (misfit.weight == best.weight &&
		     (misfit.no > best.no ||
		      (misfit.no == best.no && misfit.unsure >= best.unsure))))
			continue;
		best = misfit;
		work->regime = (enum regime)regime;
	}
	work->governed = false;
	for (size_t i = 0; i < work->member_count; i++) {
		const struct node_traits *traits = &judge->traits[work->members[i]];
		work->governed |= traits->solid && traits->forces && !traits->system;
	}
}

static void judge_members(struct judge *judge, struct walk *walk, struct judged_work *work,
			  bool skip_unused)
{
	work->member_count =
	    spread(judge, work->work, walk, skip_unused, walk->reached, walk->members);
	if (work->member_count > 1)
		qsort(walk->members + 1, work->member_count - 1, sizeof(*walk->members),
		      compare_index);
	work->members = walk->members;
	choose_regime(judge, work);
	rule_link(judge, work);
	rule_process(judge, work);
}

static void judge_work(struct judge *judge, struct walk *walk, uint32_t index)
{
	const struct reach_work *work = &judge->input->works[index];
	enum reach_unused_needed stance = judge->input->policy.unused_needed;
	struct judged_work judged = {.index = index, .work = work, .by_used = walk->by_used};

	index_edges(judge, work, walk);
	spread(judge, work, walk, true, walk->by_used, walk->by_used_list);
	judge_members(judge, walk, &judged, stance != UNUSED_NEEDED_COUNTS);
	/* What only edges without symbols bring in comes on top, for review. */
	judged.soft = stance == UNUSED_NEEDED_REVIEW;
	if (judged.soft)
		judge_members(judge, walk, &judged, false);
}

static void judge_works(struct judge *judge)
{
	size_t nodes = judge->input->node_count, edges = 0;
	struct walk walk;

	/* Only conveying brings the combination into question: GPL-2.0 s.0, GPL-3.0 s.0 and 2. */
	if (judge->input->policy.distribution != DISTRIBUTION_BINARY)
		return;
	for (size_t i = 0; i < judge->input->work_count; i++)
		if (judge->input->works[i].edge_count > edges)
			edges = judge->input->works[i].edge_count;
	walk = (struct walk){
	    .members = arena_alloc_array(judge->arena, nodes + 1, sizeof(uint32_t)),
	    .by_used_list = arena_alloc_array(judge->arena, nodes + 1, sizeof(uint32_t)),
	    .reached = arena_alloc_array(judge->arena, nodes + 1, sizeof(bool)),
	    .by_used = arena_alloc_array(judge->arena, nodes + 1, sizeof(bool)),
	    .first = arena_alloc_array(judge->arena, nodes + 3, sizeof(uint32_t)),
	    .order = arena_alloc_array(judge->arena, edges + 1, sizeof(uint32_t)),
	};
	for (uint32_t i = 0; i < judge->input->work_count; i++)
		judge_work(judge, &walk, i);
}

/* ---- the result ---- */

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void fill_finding_works(struct judge *judge)
{
	size_t count = judge->findings.len;
	size_t *room = arena_alloc_array(judge->arena, count + 1, sizeof(*room));

	for (size_t i = 0; i < judge->finding_works.len; i += 2)
		room[judge->finding_works.ptr[i]]++;
	for (size_t i = 0; i < count; i++)
		judge->findings.ptr[i].works =
		    arena_alloc_array(judge->arena, room[i] + 1, sizeof(uint32_t));
	/* Works are judged in their order, so each list is sorted already. */
	for (size_t i = 0; i < judge->finding_works.len; i += 2) {
		struct finding *finding = &judge->findings.ptr[judge->finding_works.ptr[i]];
		uint32_t *works = (uint32_t *)(uintptr_t)finding->works;
		uint32_t work = judge->finding_works.ptr[i + 1];

		if (!finding->work_count || works[finding->work_count - 1] != work)
			works[finding->work_count++] = work;
	}
}

static bool is_copyleft_rule(const struct finding *finding)
{
	return strcmp(finding->rule, "link-copyleft") == 0 ||
	       strcmp(finding->rule, "work-conflict") == 0 ||
	       strcmp(finding->rule, "link-other-copyleft") == 0;
}

static struct work_verdict *fill_verdicts(struct judge *judge)
{
	size_t count = judge->input->work_count;
	struct work_verdict *verdicts =
	    arena_alloc_array(judge->arena, count + 1, sizeof(*verdicts));
	size_t *room = arena_alloc_array(judge->arena, count + 1, sizeof(*room));

	vec_each (finding, &judge->findings)
		for (size_t i = 0; i < finding->work_count; i++)
			room[finding->works[i]] += is_copyleft_rule(finding);
	for (size_t i = 0; i < count; i++)
		verdicts[i].licences =
		    arena_alloc_array(judge->arena, room[i] + 1, sizeof(const char *));
	vec_each (finding, &judge->findings) {
		for (size_t i = 0; i < finding->work_count; i++) {
			struct work_verdict *verdict = &verdicts[finding->works[i]];
			const char **licences = (const char **)(uintptr_t)verdict->licences;

			verdict->outcomes |= finding->outcomes;
			if (is_copyleft_rule(finding))
				licences[verdict->licence_count++] = finding->licence;
		}
	}
	for (size_t i = 0; i < count; i++) {
		const char **licences = (const char **)(uintptr_t)verdicts[i].licences;
		size_t kept = 0;

		qsort(licences, verdicts[i].licence_count, sizeof(*licences), compare_text);
		for (size_t j = 0; j < verdicts[i].licence_count; j++)
			if (!kept || strcmp(licences[kept - 1], licences[j]) != 0)
				licences[kept++] = licences[j];
		verdicts[i].licence_count = kept;
	}
	return verdicts;
}

/* Heaviest first; then those with symbols on their path, by subject, rule and id. */
static int compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	enum outcome left_weight = outcome_highest(left->outcomes);
	enum outcome right_weight = outcome_highest(right->outcomes);
	int order;

	if (left_weight != right_weight)
		return left_weight > right_weight ? -1 : 1;
	if (left->subject != right->subject)
		return left->subject < right->subject ? -1 : 1;
	order = strcmp(left->rule, right->rule);
	return order ? order : strcmp(left->id, right->id);
}

const struct reach_result *reach_judge(const struct reach_input *input,
				       const struct knowledge *knowledge, struct arena *arena)
{
	struct judge judge = {.input = input, .arena = arena};
	struct reach_result *result = arena_alloc(arena, sizeof(*result));

	(void)knowledge;
	traits_fill(&judge);
	mark_unused(&judge);
	judge_works(&judge);
	rule_node(&judge);
	fill_finding_works(&judge);
	result->verdicts = fill_verdicts(&judge);
	if (judge.findings.len)
		qsort(judge.findings.ptr, judge.findings.len, sizeof(*judge.findings.ptr),
		      compare_findings);
	result->findings =
	    arena_copy(arena, judge.findings.ptr, judge.findings.len * sizeof(*result->findings));
	result->finding_count = judge.findings.len;
	vec_release(&judge.findings);
	vec_release(&judge.finding_works);
	map_release(&judge.by_key);
	return result;
}
