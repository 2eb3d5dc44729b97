/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System libraries. GPL-2.0 s.3 leaves them out unless they accompany the executable; GPL-3.0 s.1
 * defines them by packaging and purpose, without that condition. What distributions count beyond
 * both is a profile of its own.
 */
#include "reach/process.h"

bool is_system_core(const struct reach_node *node)
{
	return (node->system_profiles & 1u << SYSTEM_LIBS_GPL3) != 0;
}

bool system_library_counts(const struct judge *judge, uint32_t holder, uint32_t node)
{
	const struct reach_node *library = &judge->input->nodes[node];

	switch (judge->input->policy.system_libs) {
	case SYSTEM_LIBS_STRICT:
		return is_system_core(library) && !library->shipped;
	case SYSTEM_LIBS_GPL3:
		return is_system_core(library) &&
		       (!library->shipped ||
			entry_fit(node_entry(judge, holder), TARGET_GPL3) == FIT_YES);
	case SYSTEM_LIBS_DISTRO:
		break;
	}
	return (library->system_profiles & 1u << SYSTEM_LIBS_DISTRO) != 0;
}

void system_library_report(struct judge *judge, uint32_t holder, uint32_t node)
{
	struct draft *draft;
	bool new;

	if (process_relevance(judge, node, holder) == RELEVANCE_NONE)
		return;
	draft = judge_draft(judge, RULE_SYSTEM_LIBRARY, holder, node, -1, 0, &new);
	if (new) {
		const struct branch *branch = process_branch(judge, node, judge->process.target);

		draft->outcomes = 1u << OUTCOME_CLEAR;
		draft->licence = branch ? branch->text : node_entry(judge, node)->from->text;
		draft->copyleft_term = process_strong_term(judge, holder);
		draft->path = process_path(judge, node, &draft->path_count);
		draft->subject_path = process_path(judge, holder, &draft->subject_path_count);
	}
	draft_work(judge, draft, judge->process.work, 1u << OUTCOME_CLEAR);
}
