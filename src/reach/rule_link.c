/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one linking edge asks for by itself, beside strong copyleft (rule_process.c): library-level
 * copyleft, other copyleft whose reach over links is open, and pairs that readings differ on.
 */
#include "reach/process.h"

#include <string.h>

static bool is_embedded(enum edge_kind kind)
{
	return kind == EDGE_KIND_LINK_STATIC || kind == EDGE_KIND_LINK_MODIFIED;
}

/* ---- library copyleft, in the work at hand ---- */

static bool is_library_term(const struct term *term)
{
	return term->class == LICENCE_CLASS_WEAK_LIBRARY && term->effect != EXCEPTION_FREES;
}

static bool has_library_terms(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; i < branch->count; i++)
		if (is_library_term(&judge->terms.list.ptr[branch->terms[i]]))
			return true;
	return false;
}

/* Vendor terms that forbid reverse engineering leave no room for what LGPL s.6 asks to permit. */
static bool bars_reverse_engineering(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; i < branch->count; i++)
		if (strcmp(judge->terms.list.ptr[branch->terms[i]].pairs.family, "vendor") == 0)
			return true;
	return false;
}

uint32_t link_library_outcomes(const struct judge *judge, uint32_t edge, unsigned target)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	bool core = is_system_core(&judge->input->nodes[known->to]);
	const struct branch *consumer, *provider;
	uint32_t outcomes = 1u << OUTCOME_NOTICE;

	if (!node_entry(judge, known->to)->library || !judge->input->nodes[known->from].shipped ||
	    judge->owner[known->from] == judge->owner[known->to] ||
	    known->kind == EDGE_KIND_LINK_INTERP || !edge_carries(judge, edge) ||
	    !process_has(&judge->process, known->from))
		return 0;
	provider = process_branch(judge, known->to, target);
	consumer = process_branch(judge, known->from, target);
	if (!consumer || node_entry(judge, known->to)->low || provider->unknown ||
	    !has_library_terms(judge, provider) || (consumer->unknown && !consumer->closed))
		return 0;
	/* LGPL and GPL are met by the consumer's own licence, or by conversion to the GPL. */
	if (consumer->strong || (!consumer->closed && (core || consumer->gnu)))
		return 0;
	if (is_embedded(known->kind))
		outcomes |= known->inline_only ? 1u << OUTCOME_REVIEW : 1u << OUTCOME_RELINK;
	/* Whether objects to relink can be had at all is a question then. */
	if (is_embedded(known->kind) && judge->input->nodes[known->from].fused)
		outcomes |= 1u << OUTCOME_REVIEW;
	if (!core && consumer->closed && bars_reverse_engineering(judge, consumer))
		outcomes |= 1u << OUTCOME_REVIEW;
	return outcomes;
}

static const char *library_terms(struct judge *judge, const struct branch *branch)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; i < branch->count; i++)
		if (is_library_term(&judge->terms.list.ptr[branch->terms[i]]))
			term_list_add(&texts, judge->terms.list.ptr[branch->terms[i]].text);
	return term_list_text(&texts, " AND ", judge->arena);
}

void judge_libraries(struct judge *judge)
{
	const struct process *process = &judge->process;
	const struct reach_work *work = &judge->input->works[process->work];

	for (size_t i = 0; i < work->edge_count; i++) {
		const struct reach_edge *known = &judge->input->edges[work->edges[i]];
		uint32_t outcomes = link_library_outcomes(judge, work->edges[i], process->target);
		struct draft *draft;
		bool new;

		if (!outcomes)
			continue;
		judge->memory[process->work].outcomes |= outcomes;
		draft = judge_draft(judge, RULE_LINK_WEAK_LIBRARY, known->from, known->to,
				    (int)known->kind, known->inline_only, &new);
		draft->outcomes |= outcomes;
		if (!new)
			continue;
		draft->limited = bars_reverse_engineering(
		    judge, process_branch(judge, known->from, process->target));
		draft->branch = process_branch(judge, known->to, process->target);
		draft->licence = library_terms(judge, draft->branch);
		draft->subject_licence = process_branch(judge, known->from, process->target)->text;
		draft->path = arena_copy(judge->arena, &work->edges[i], sizeof(work->edges[i]));
		draft->path_count = 1;
	}
}

/*
 * ---- pairs without strong copyleft ----
 *
 * These do not depend on the work: both ends stand under the branch that asks least of them alone.
 */

/* The two ends of an edge. */
struct link {
	uint32_t edge, from, to;
	const struct reach_edge *known;
	const struct branch *consumer, *provider; /* NULL: nothing is known */
};

static bool is_known(const struct judge *judge, uint32_t node, const struct branch *branch)
{
	return branch && !branch->unknown && !node_entry(judge, node)->low;
}

/* The least favourable answer of one provider's term over all terms of the consumer. */
static enum pair_answer answer_to(const struct judge *judge, const struct link *link,
				  const struct term *provider)
{
	enum pair_answer worst = PAIR_YES;

	for (size_t i = 0; i < link->consumer->count; i++) {
		const struct term *consumer = &judge->terms.list.ptr[link->consumer->terms[i]];
		enum pair_answer answer;

		if (consumer->unknown || consumer->other_strong || consumer->strong)
			continue;
		answer = pair_answer(&provider->pairs, consumer->columns);
		if (answer <= PAIR_REVIEW &&
		    terms_exempts(&judge->terms, consumer, &judge->input->nodes[link->to],
				  node_entry(judge, link->to)) == FIT_YES)
			continue;
		if (answer < worst)
			worst = answer;
	}
	return worst;
}

static void fill_link(struct judge *judge, const struct link *link, struct draft *draft,
		      const struct term *term)
{
	draft->licence = link->provider->text;
	draft->subject_licence =
	    link->consumer ? link->consumer->text : node_entry(judge, link->from)->from->text;
	draft->contested = true;
	draft->other_term = (uint32_t)(term - judge->terms.list.ptr);
}

static uint32_t judge_other_strong(struct judge *judge, const struct link *link)
{
	const struct term *least = NULL;
	enum pair_answer worst = PAIR_YES;
	struct draft *draft;
	bool new;

	if (!node_entry(judge, link->to)->other_strong || !link->provider->other_strong ||
	    (is_known(judge, link->from, link->consumer) &&
	     (link->consumer->strong || link->consumer->other_strong)))
		return DRAFT_NONE;
	for (size_t i = 0; i < link->provider->count; i++) {
		const struct term *term = &judge->terms.list.ptr[link->provider->terms[i]];
		enum pair_answer answer;

		if (!term->other_strong)
			continue;
		answer = is_known(judge, link->from, link->consumer) ? answer_to(judge, link, term)
								     : PAIR_REVIEW;
		if (!least || answer < worst) {
			least = term;
			worst = answer;
		}
	}
	draft = judge_draft(judge, RULE_LINK_OTHER_STRONG, link->from, link->to,
			    (int)link->known->kind, 0, &new);
	fill_link(judge, link, draft, least);
	draft->other_term = TERMS_NONE; /* its clause is cited as that of the provider */
	draft->outcomes = worst == PAIR_NO ? 1u << OUTCOME_CONFLICT : 1u << OUTCOME_REVIEW;
	if (worst == PAIR_SOURCE)
		draft->outcomes |= 1u << OUTCOME_SOURCE_OFFER;
	draft_cap_unread(judge, draft);
	return (uint32_t)(draft - judge->drafts.ptr);
}

/*
 * The compatibility matrix behind the table asks about absorbing code into one work. For a dynamic
 * link between two works without strong copyleft its "no" is a question, not an answer.
 */
/* The term of a branch that goes with the consumer least. */
static const struct term *least_term(const struct judge *judge, const struct link *link,
				     const struct branch *branch, enum pair_answer *ret_answer)
{
	const struct term *least = NULL;

	*ret_answer = PAIR_YES;
	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];
		enum pair_answer answer = answer_to(judge, link, term);

		if (term->effect != EXCEPTION_FREES && term->effect != EXCEPTION_OUTPUT &&
		    answer < *ret_answer) {
			least = term;
			*ret_answer = answer;
		}
	}
	return least;
}

static uint32_t judge_pair(struct judge *judge, struct link *link)
{
	const struct entry *provider = node_entry(judge, link->to);
	const struct term *least = NULL;
	enum pair_answer best = PAIR_NO;
	struct draft *draft;
	bool new;

	if (!is_known(judge, link->from, link->consumer) || link->consumer->strong ||
	    link->consumer->other_strong || provider->strong || provider->other_strong ||
	    is_system_core(&judge->input->nodes[link->to]))
		return DRAFT_NONE;
	/* The consumer takes the branch that goes with it best. */
	for (size_t i = 0; i < provider->count; i++) {
		const struct branch *branch = &provider->branches[i];
		const struct term *term;
		enum pair_answer answer;

		if (provider->count > 1 &&
		    (branch->strong || branch->other_strong || branch->closed || branch->unknown))
			continue;
		term = least_term(judge, link, branch, &answer);
		if (!least || answer > best) {
			best = answer;
			least = term;
			link->provider = branch;
		}
		if (!term)
			return DRAFT_NONE;
	}
	if (!least || best > PAIR_REVIEW)
		return DRAFT_NONE;
	draft = judge_draft(judge, RULE_LINK_REVIEW, link->from, link->to, (int)link->known->kind,
			    0, &new);
	fill_link(judge, link, draft, least);
	/*
	 * The matrix behind the table asks about absorbing code into one work. For a dynamic link
	 * between two works without strong copyleft its "no" is a question, not an answer.
	 */
	draft->outcomes = best == PAIR_NO && is_embedded(link->known->kind) ? 1u << OUTCOME_CONFLICT
									    : 1u << OUTCOME_REVIEW;
	draft_cap_unread(judge, draft);
	return (uint32_t)(draft - judge->drafts.ptr);
}

static const struct branch *lightest_branch(const struct judge *judge, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);

	return entry->count ? &entry->branches[entry->lightest] : NULL;
}

static uint32_t judge_link(struct judge *judge, uint32_t edge)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	struct link link = {
	    .edge = edge,
	    .from = known->from,
	    .to = known->to,
	    .known = known,
	    .consumer = lightest_branch(judge, known->from),
	    .provider = lightest_branch(judge, known->to),
	};
	uint32_t draft;

	if (!is_known(judge, known->to, link.provider) || !judge->input->nodes[known->from].shipped)
		return DRAFT_NONE;
	draft = judge_other_strong(judge, &link);
	return draft != DRAFT_NONE ? draft : judge_pair(judge, &link);
}

/* ---- which works an edge is in ---- */

static void add_works(struct judge *judge, const uint32_t *draft_of)
{
	for (uint32_t work = 0; work < judge->input->work_count; work++) {
		const struct reach_work *known = &judge->input->works[work];
		bool opened = false;

		for (size_t i = 0; i < known->edge_count; i++) {
			const struct reach_edge *edge = &judge->input->edges[known->edges[i]];
			uint32_t place = draft_of[known->edges[i]];
			struct draft *draft;

			if (place == DRAFT_NONE)
				continue;
			if (!opened)
				process_open(judge, work);
			opened = true;
			if (!process_has(&judge->process, edge->from))
				continue;
			draft = &judge->drafts.ptr[place];
			if (!draft->works.len) {
				uint32_t *path;

				draft->subject_path =
				    process_path(judge, edge->from, &draft->subject_path_count);
				path = arena_alloc_array(
				    judge->arena, draft->subject_path_count + 1, sizeof(*path));
				memcpy(path, draft->subject_path,
				       draft->subject_path_count * sizeof(*path));
				path[draft->subject_path_count] = known->edges[i];
				draft->path = path;
				draft->path_count = draft->subject_path_count + 1;
			}
			draft_work(judge, draft, work, draft->outcomes);
		}
	}
}

void judge_links(struct judge *judge)
{
	size_t count = judge->input->edge_count;
	uint32_t *draft_of = arena_alloc_array(judge->arena, count + 1, sizeof(*draft_of));

	for (uint32_t edge = 0; edge < count; edge++)
		draft_of[edge] =
		    judge->in_work[edge] ? judge_link(judge, edge) : (uint32_t)DRAFT_NONE;
	add_works(judge, draft_of);
}
