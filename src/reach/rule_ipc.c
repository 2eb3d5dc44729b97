/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges between processes. They never carry reach; what is said here stands beside the edge itself.
 * Shared memory is the one form of which the FSF's FAQ says that it may come near to linking.
 */
#include "reach/rules.h"

#include <string.h>

/* Licences that speak of software beside the program: what uses it, or what offers it. */
static const struct term *beside_term(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; branch && i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		if (strncmp(term->id, "Sleepycat", 9) == 0 || strncmp(term->id, "SSPL-", 5) == 0)
			return term;
	}
	return NULL;
}

static void judge_other(struct judge *judge, uint32_t edge)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	const struct entry *consumer = node_entry(judge, known->from);
	const struct term *term = beside_term(judge, taken_branch(judge, known->to));
	struct draft *draft;
	bool new;

	if (!term || node_entry(judge, known->to)->low || consumer->other_strong ||
	    !judge->input->nodes[known->from].shipped)
		return;
	draft =
	    judge_draft(judge, RULE_IPC_OTHER, known->from, known->to, (int)known->kind, 0, &new);
	if (!new)
		return;
	draft->outcomes = 1u << OUTCOME_REVIEW;
	draft->contested = true;
	draft->licence = term->text;
	draft->copyleft_term = (uint32_t)(term - judge->terms.list.ptr);
	draft->subject_licence = consumer->from->text;
	draft->path = arena_copy(judge->arena, &edge, sizeof(edge));
	draft->path_count = 1;
	judge->spoken[known->from] |= draft->outcomes;
}

static bool is_copyleft(const struct term *term)
{
	return term->strong ||
	       (term->class == LICENCE_CLASS_WEAK_LIBRARY && term->effect != EXCEPTION_FREES);
}

/*
 * Copyleft of libraries, whichever branch is taken, that the consumer is not under itself: where
 * memory is shared with it the two may be one program, and its terms on linking hold.
 */
static bool is_library_in_memory(const struct judge *judge, const struct reach_edge *edge)
{
	const struct entry *provider = node_entry(judge, edge->to);

	if (edge->kind != EDGE_KIND_IPC_SHM || node_entry(judge, edge->from)->library)
		return false;
	for (size_t i = 0; i < provider->count; i++) {
		bool any = false;

		for (size_t j = 0; j < provider->branches[i].count; j++)
			any |= is_copyleft(&judge->terms.list.ptr[provider->branches[i].terms[j]]);
		if (!any)
			return false;
	}
	return provider->count != 0;
}

/* The copyleft of a branch, joined. */
static const char *copyleft_text(const struct judge *judge, const struct branch *branch)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; branch && i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		if (is_copyleft(term))
			term_list_add(&texts, term->text);
	}
	return term_list_text(&texts, " AND ", judge->arena);
}

static void judge_edge(struct judge *judge, uint32_t edge)
{
	const struct reach_edge *known = &judge->input->edges[edge];
	const struct entry *provider = node_entry(judge, known->to);
	const struct entry *consumer = node_entry(judge, known->from);
	const struct branch *branch = taken_branch(judge, known->to);
	bool memory = known->kind == EDGE_KIND_IPC_SHM;
	bool library = !provider->strong && is_library_in_memory(judge, known);
	struct draft *draft;
	bool new;

	if ((!provider->strong && !library) || provider->low || consumer->strong ||
	    !judge->input->nodes[known->from].shipped)
		return;
	draft = judge_draft(judge, memory ? RULE_IPC_MEMORY : RULE_IPC_SEPARATE, known->from,
			    known->to, (int)known->kind, 0, &new);
	if (!new)
		return;
	draft->outcomes = memory ? 1u << OUTCOME_REVIEW : 1u << OUTCOME_CLEAR;
	draft->contested = memory;
	draft->licence = library ? copyleft_text(judge, branch)
				 : terms_strong_text(&judge->terms, branch, judge->arena);
	draft->subject_licence = consumer->from->text;
	draft->path = arena_copy(judge->arena, &edge, sizeof(edge));
	draft->path_count = 1;
	judge->spoken[known->from] |= draft->outcomes;
}

void judge_ipc(struct judge *judge)
{
	for (uint32_t edge = 0; edge < judge->input->edge_count; edge++)
		if (edge_kind_class(judge->input->edges[edge].kind) == EDGE_CLASS_IPC) {
			judge_edge(judge, edge);
			judge_other(judge, edge);
		}
}
