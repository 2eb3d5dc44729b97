/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one linking edge asks for by itself, beside strong copyleft (rule_process.c): library-level
 * copyleft, other copyleft whose reach over links is open, and pairs that readings differ on.
 */
#include "reach/rules.h"

#include <string.h>

/* The two ends of an edge, with the branches they stand under. */
struct link {
	uint32_t edge, from, to;
	const struct reach_edge *known;
	const struct branch *consumer, *provider; /* NULL: nothing is known */
	bool embeds;				  /* the provider's code is inside the consumer */
};

static bool is_known(const struct judge *judge, uint32_t node, const struct branch *branch)
{
	return branch && !branch->unknown && !node_entry(judge, node)->low;
}

/* Terms of LGPL and GPL are met by the consumer's own licence, or by conversion to the GPL. */
static bool is_gnu(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; i < branch->count; i++) {
		enum pair_kind kind = judge->terms.list.ptr[branch->terms[i]].pairs.kind;

		if (kind == PAIR_KIND_GPL || kind == PAIR_KIND_LGPL)
			return true;
	}
	return false;
}

static const char *library_terms(struct judge *judge, const struct branch *branch)
{
	const char *text = "";

	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		if (term->class == LICENCE_CLASS_WEAK_LIBRARY && term->effect != EXCEPTION_FREES)
			text = *text ? arena_printf(judge->arena, "%s AND %s", text, term->text)
				     : term->text;
	}
	return text;
}

/* Vendor terms that forbid reverse engineering leave no room for what LGPL s.6 asks to permit. */
static bool bars_reverse_engineering(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; i < branch->count; i++)
		if (strcmp(judge->terms.list.ptr[branch->terms[i]].pairs.family, "vendor") == 0)
			return true;
	return false;
}

static void judge_weak_library(struct judge *judge, const struct link *link)
{
	bool core = is_system_core(&judge->input->nodes[link->to]);
	struct draft *draft;
	const char *text;
	bool new;

	if (!judge->input->nodes[link->from].shipped ||
	    judge->owner[link->from] == judge->owner[link->to] ||
	    link->known->kind == EDGE_KIND_LINK_INTERP || !link->consumer ||
	    !is_known(judge, link->to, link->provider) || link->consumer->strong ||
	    (link->consumer->unknown && !link->consumer->closed) ||
	    (!link->consumer->closed && (core || is_gnu(judge, link->consumer))))
		return;
	text = library_terms(judge, link->provider);
	if (!*text)
		return;
	draft = judge_draft(judge, RULE_LINK_WEAK_LIBRARY, link->from, link->to,
			    (int)link->known->kind, link->known->inline_only, &new);
	draft->outcomes |= 1u << OUTCOME_NOTICE;
	if (link->embeds)
		draft->outcomes |=
		    link->known->inline_only ? 1u << OUTCOME_REVIEW : 1u << OUTCOME_RELINK;
	if (!core && link->consumer->closed && bars_reverse_engineering(judge, link->consumer))
		draft->outcomes |= 1u << OUTCOME_REVIEW;
	draft->licence = text;
	draft->subject_licence = link->consumer->text;
	if (new) {
		draft->path = arena_copy(judge->arena, &link->edge, sizeof(link->edge));
		draft->path_count = 1;
	}
	judge->duties[link->from] |= draft->outcomes;
}

/* ---- pairs without strong copyleft ---- */

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
	const struct entry *consumer = node_entry(judge, link->from);
	const struct term *least = NULL;
	enum pair_answer worst = PAIR_YES;
	struct draft *draft;
	bool new;

	if (!node_entry(judge, link->to)->other_strong || !link->provider->other_strong ||
	    consumer->strong || (link->consumer && link->consumer->other_strong))
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
static uint32_t judge_pair(struct judge *judge, const struct link *link)
{
	const struct term *least = NULL;
	enum pair_answer worst = PAIR_YES;
	struct draft *draft;
	bool new;

	if (!is_known(judge, link->from, link->consumer) || link->consumer->strong ||
	    link->consumer->other_strong || node_entry(judge, link->to)->strong ||
	    link->provider->other_strong || link->provider->strong ||
	    is_system_core(&judge->input->nodes[link->to]))
		return DRAFT_NONE;
	for (size_t i = 0; i < link->provider->count; i++) {
		const struct term *term = &judge->terms.list.ptr[link->provider->terms[i]];
		enum pair_answer answer = answer_to(judge, link, term);

		if (term->effect != EXCEPTION_FREES && term->effect != EXCEPTION_OUTPUT &&
		    answer < worst) {
			least = term;
			worst = answer;
		}
	}
	if (worst > PAIR_REVIEW)
		return DRAFT_NONE;
	draft = judge_draft(judge, RULE_LINK_REVIEW, link->from, link->to, (int)link->known->kind,
			    0, &new);
	fill_link(judge, link, draft, least);
	draft->outcomes =
	    worst == PAIR_NO && link->embeds ? 1u << OUTCOME_CONFLICT : 1u << OUTCOME_REVIEW;
	draft_cap_unread(judge, draft);
	return (uint32_t)(draft - judge->drafts.ptr);
}

static uint32_t judge_link(struct judge *judge, uint32_t edge)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	struct link link = {
	    .edge = edge,
	    .from = known->from,
	    .to = known->to,
	    .known = known,
	    .consumer = taken_branch(judge, known->from),
	    .provider = taken_branch(judge, known->to),
	    .embeds =
		known->kind == EDGE_KIND_LINK_STATIC || known->kind == EDGE_KIND_LINK_MODIFIED,
	};
	uint32_t draft;

	judge_weak_library(judge, &link);
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
