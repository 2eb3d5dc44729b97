/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Use over a network, and modes of distribution. AGPL-3.0 s.13 asks something of modified versions
 * that users interact with remotely, whether or not a copy is conveyed. Inside an organisation
 * nothing is conveyed, and the GPLs ask for nothing.
 */
#include "reach/process.h"

#include <string.h>

static const struct term *network_term(const struct judge *judge, const struct branch *branch)
{
	for (size_t i = 0; branch && i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		if (term->licence && term->licence->network_clause && !term->closed)
			return term;
	}
	return NULL;
}

static bool is_agpl(const struct term *term)
{
	return strncmp(term->id, "AGPL-", 5) == 0;
}

/* A program that takes requests leads, whichever work is judged first. */
static void report(struct judge *judge, enum reach_rule rule, uint32_t subject, uint32_t provider,
		   const struct term *term, uint32_t outcomes, uint32_t caps)
{
	struct draft *draft;
	bool new;

	draft = judge_draft(judge, rule, subject, provider, -1, 0, &new);
	if (draft->outcomes & outcomes & 1u << OUTCOME_NETWORK_OFFER)
		draft->outcomes |= outcomes;
	if (new || (outcomes & ~draft->outcomes & 1u << OUTCOME_NETWORK_OFFER)) {
		uint32_t end = provider == REACH_NONE ? subject : provider;

		draft->outcomes = outcomes;
		draft->caps = caps;
		draft->contested = rule == RULE_NETWORK_COMBINED;
		draft->licence = term->text;
		draft->copyleft_term = (uint32_t)(term - judge->terms.list.ptr);
		draft->subject_licence = node_entry(judge, subject)->from->text;
		draft->path = process_path(judge, end, &draft->path_count);
	}
	draft_work(judge, draft, judge->process.work, outcomes);
}

/*
 * A program that is not itself under a licence the network copyleft combines with; one with a
 * choice takes the branch that is.
 */
static bool stands_apart(const struct judge *judge, uint32_t root, uint32_t node)
{
	const struct entry *entry = node_entry(judge, root);

	for (uint32_t i = 0; i < entry->count; i++)
		if (entry->branches[i].strong)
			return false;
	return root != node;
}

/* certain: requests are taken; else they may be, and only a modified version is told of. */
static void judge_agpl(struct judge *judge, uint32_t node, const struct term *term, bool certain)
{
	uint32_t root = judge->input->works[judge->process.work].root;
	const struct branch *program = taken_branch(judge, root);
	bool freed = !term->strong;

	if (judge->input->nodes[node].modified) {
		uint32_t outcomes = certain ? 1u << OUTCOME_NETWORK_OFFER : 1u << OUTCOME_REVIEW;

		/* The source of the whole modified version is asked for. */
		if (!freed && stands_apart(judge, root, node) &&
		    (!program || program->closed || program->unknown))
			outcomes |= 1u << OUTCOME_REVIEW;
		report(judge, RULE_NETWORK_MODIFIED, node, REACH_NONE, term, outcomes, 0);
		return;
	}
	if (!certain)
		return;
	if (judge->input->nodes[node].unproven) {
		report(judge, RULE_NETWORK_MODIFIED, node, REACH_NONE, term, 1u << OUTCOME_REVIEW,
		       CAP_REBUILT);
		return;
	}
	report(judge, RULE_NETWORK_UNMODIFIED, node, REACH_NONE, term, 1u << OUTCOME_CLEAR, 0);
	if (!freed && stands_apart(judge, root, node))
		report(judge, RULE_NETWORK_COMBINED, root, node, term, 1u << OUTCOME_REVIEW, 0);
}

void judge_network(struct judge *judge)
{
	for (uint32_t work = 0; work < judge->input->work_count; work++) {
		const struct work_memory *memory = &judge->memory[work];
		enum reach_distribution mode = node_mode(judge, judge->input->works[work].root);
		bool opened = false, deployed = mode == DISTRIBUTION_NETWORK;

		if (mode == DISTRIBUTION_INTERNAL)
			continue;

		for (size_t i = 0; i < memory->member_count; i++) {
			uint32_t node = memory->members[i];
			const struct term *term = network_term(judge, taken_branch(judge, node));

			if (!term || !judge->input->nodes[node].shipped ||
			    node_entry(judge, node)->low)
				continue;
			if (!opened)
				process_open(judge, work);
			opened = true;
			if (!judge->process.listens && !judge->process.may_listen && !deployed)
				continue;
			if (is_agpl(term))
				judge_agpl(judge, node, term, judge->process.listens || deployed);
			else if (deployed)
				report(judge, RULE_NETWORK_OTHER, node, REACH_NONE, term,
				       1u << OUTCOME_REVIEW, 0);
		}
	}
}

static bool owes_when_conveyed(const struct judge *judge, uint32_t node)
{
	const struct branch *branch = taken_branch(judge, node);

	for (size_t i = 0; branch && i < branch->count; i++) {
		enum licence_class class = judge->terms.list.ptr[branch->terms[i]].class;

		if (class >= LICENCE_CLASS_WEAK_FILE && class <= LICENCE_CLASS_NETWORK)
			return true;
	}
	return false;
}

void judge_internal(struct judge *judge)
{
	struct draft *draft = NULL;
	bool new;

	for (uint32_t work = 0; work < judge->input->work_count; work++) {
		const struct work_memory *memory = &judge->memory[work];
		uint32_t root = judge->input->works[work].root;

		if (node_mode(judge, root) != DISTRIBUTION_INTERNAL)
			continue;
		for (size_t i = 0; i < memory->member_count; i++) {
			if (!owes_when_conveyed(judge, memory->members[i]))
				continue;
			if (!draft)
				draft = judge_draft(judge, RULE_MODE_INTERNAL, root, REACH_NONE, -1,
						    0, &new);
			draft->outcomes = 1u << OUTCOME_CLEAR;
			draft_work(judge, draft, work, 1u << OUTCOME_CLEAR);
			break;
		}
	}
}
