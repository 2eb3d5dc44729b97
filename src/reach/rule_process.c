/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole process: members that never touch each other still stand in one combination, so every
 * member has to fit into the regime that the work is under (GPL-2.0 s.2(b), s.6 and s.7; GPL-3.0
 * s.5(c), s.10 and s.12).
 */
#include <string.h>

#include "reach/judge.h"

#define BIT(outcome) (1u << (OUTCOME_##outcome))
#define NAMES_SHOWN 6

static const char *const regime_names[] = {"GPL-2.0", "GPL-3.0", "AGPL-3.0"};

/* Whether two members leave no regime that takes both. */
static bool exclude_each_other(const struct node_traits *left, const struct node_traits *right)
{
	for (unsigned regime = 0; regime < REGIME_COUNT; regime++)
		if (left->fits[regime] != FIT_NO && right->fits[regime] != FIT_NO)
			return false;
	return true;
}

/* The member that puts the work under its regime and does not go with this one. */
static uint32_t find_opponent(const struct judge *judge, const struct judged_work *work,
			      uint32_t member)
{
	uint32_t any = REACH_NONE;

	for (size_t i = 0; i < work->member_count; i++) {
		uint32_t other = work->members[i];
		const struct node_traits *traits = &judge->traits[other];

		if (other == member || !traits->solid || !traits->forces)
			continue;
		if (exclude_each_other(&judge->traits[member], traits))
			return other;
		if (any == REACH_NONE)
			any = other;
	}
	return any;
}

static bool name_is_in(const char *list, const char *name)
{
	return *name && strcasestr(list, name) != NULL;
}

/*
 * Whether the opponent's licence comes with a permission to be linked with this very member
 * (consumer exceptions: "y(OpenSSL)" in data/exceptions.tsv).
 */
static bool is_permitted(const struct judge *judge, uint32_t opponent, uint32_t member)
{
	const struct node_traits *traits = &judge->traits[opponent];
	const struct reach_node *node = &judge->input->nodes[member];

	for (size_t i = 0; i < traits->choice_count; i++) {
		for (size_t j = 0; j < traits->choices[i].count; j++) {
			const struct exception_row *row = traits->choices[i].terms[j].exception_row;

			if (!row || !strstr(row->direction, "consumer") ||
			    row->removes_linking_reach[0] != 'y')
				continue;
			if (name_is_in(row->removes_linking_reach, "OpenSSL") &&
			    (strstr(node->id, "/libssl.so") || strstr(node->id, "/libcrypto.so")))
				return true;
			if (name_is_in(row->removes_linking_reach, node->component_name))
				return true;
		}
	}
	return false;
}

static void add_conflict(struct judge *judge, const struct judged_work *work, uint32_t member,
			 uint32_t opponent)
{
	static const struct citation citations[] = {
	    {"GPL-2.0 s.2(b), s.6 and s.7", CITATION_TEXT},
	    {"GPL-3.0 s.5(c), s.10 and s.12", CITATION_TEXT},
	    {"FSF FAQ #AllCompatibility", CITATION_QUOTED},
	};
	const struct node_traits *traits = &judge->traits[member];
	const struct node_traits *other = &judge->traits[opponent];
	const char *licence = choice_text(traits, traits->branches[work->regime], judge->arena);
	const char *wanted = choice_text(other, other->branches[work->regime], judge->arena);
	bool unused = only_by_unused(work, member) || only_by_unused(work, opponent);
	struct finding_parts parts = {
	    .rule = "work-conflict",
	    .outcomes = work->soft || work->work->possible ||
				judge->input->policy.gpl_dynamic == GPL_DYNAMIC_REVIEW
			    ? BIT(REVIEW)
			    : BIT(CONFLICT),
	    .contested = true,
	    .subject = opponent,
	    .provider = member,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = citations,
	    .citation_count = 3,
	};

	if (!finding_is_new(judge, parts.rule, opponent, member, parts.kind, licence, work->index))
		return;
	parts.message = arena_printf(
	    judge->arena,
	    "%s (%s) and %s (%s) are in one process. Under the FSF's reading the whole must be "
	    "distributable under %s, and %s does not fit into that. Other readings exist; no court "
	    "ruling is known to this tool.%s",
	    node_name(&judge->input->nodes[opponent]), wanted,
	    node_name(&judge->input->nodes[member]), licence, regime_names[work->regime], licence,
	    judge->input->nodes[member].system_profiles
		? " Some count this one as a system library: see --system-libs."
		: "");
	parts.remedy =
	    unused ? unused_remedy(judge, only_by_unused(work, member) ? member : opponent)
		   : "Replace one of the two, take another branch or a build without it, put a "
		     "program boundary between them, or get an additional permission from all "
		     "holders (GPL-3.0 s.7).";
	finding_add(judge, work, &parts);
}

/* What cannot be told: members with copyleft words in a label that is not sure, and the like. */
struct uncertain {
	uint32_t first;
	size_t count;
	const char *names;
};

static void add_name(struct judge *judge, struct uncertain *list, uint32_t member)
{
	const char *name = node_name(&judge->input->nodes[member]);

	if (!list->count)
		list->first = member;
	if (list->count < NAMES_SHOWN && !(list->names && strstr(list->names, name)))
		list->names = arena_printf(judge->arena, "%s%s%s", list->names ? list->names : "",
					   list->names ? ", " : "", name);
	list->count++;
}

static void add_uncertain(struct judge *judge, const struct judged_work *work,
			  const struct uncertain *list, const char *what, const char *licence)
{
	static const struct citation citation = {"no clause: the licence itself is not certain",
						 CITATION_NO};
	struct finding_parts parts = {
	    .rule = "work-uncertain",
	    .outcomes = BIT(REVIEW),
	    .subject = work->work->root,
	    .provider = list->first,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = &citation,
	    .citation_count = 1,
	    .remedy =
		"Look up the licence of these files, and state it where the package does not.",
	};

	if (!list->count || !finding_is_new(judge, parts.rule, parts.subject, REACH_NONE,
					    parts.kind, licence, work->index))
		return;
	parts.message = arena_printf(judge->arena, "%s: %zu %s %s: %s%s.",
				     node_name(&judge->input->nodes[work->work->root]), list->count,
				     list->count == 1 ? "member" : "members", what, list->names,
				     list->count > NAMES_SHOWN ? ", ..." : "");
	finding_add(judge, work, &parts);
}

/* The branch of an unsure licence might put the work under a regime of its own. */
static bool may_force(const struct node_traits *traits)
{
	return traits->choice_count && !traits->solid && (traits->forces || traits->other_copyleft);
}

void rule_process(struct judge *judge, const struct judged_work *work)
{
	struct uncertain copyleft = {.names = NULL}, unfit = {.names = NULL};

	for (size_t i = 0; i < work->member_count; i++) {
		uint32_t member = work->members[i];
		const struct node_traits *traits = &judge->traits[member];
		uint32_t opponent;

		if (traits->system)
			continue;
		if (may_force(traits))
			add_name(judge, &copyleft, member);
		if (!work->governed)
			continue;
		if (!branch_fits(traits, traits->taken_branch, work->regime))
			judge->traits[member].taken_branch = traits->branches[work->regime];
		if (traits->fits[work->regime] == FIT_YES)
			continue;
		if (traits->fits[work->regime] == FIT_UNSURE || !traits->solid) {
			if (!may_force(traits))
				add_name(judge, &unfit, member);
			continue;
		}
		/* A closed root has its own finding for each member that reaches it. */
		if (member == work->work->root && trait_closed(traits))
			continue;
		opponent = find_opponent(judge, work, member);
		if (opponent != REACH_NONE && !is_permitted(judge, opponent, member))
			add_conflict(judge, work, member, opponent);
	}
	add_uncertain(judge, work, &copyleft,
		      "may be under a copyleft licence that only package metadata names",
		      "copyleft");
	add_uncertain(judge, work, &unfit,
		      "of which it is not known whether their licence fits beside the GPL", "fit");
}
