/* SPDX-License-Identifier: BSD-2-Clause */
/* A work and the copyleft of its members: what the FSF calls a combined work. */
#include <string.h>

#include "reach/judge.h"

#define BIT(outcome) (1u << (OUTCOME_##outcome))

static const char *const regime_names[] = {"GPL-2.0", "GPL-3.0", "AGPL-3.0"};

static size_t cite_combination(const char *licence, struct citation *ret)
{
	size_t count = 0;

	if (strncmp(licence, "GPL-2", 5) == 0 || strncmp(licence, "GPL-1", 5) == 0)
		ret[count++] = (struct citation){"GPL-2.0 s.2(b)", CITATION_TEXT};
	if (strncmp(licence, "AGPL", 4) == 0)
		ret[count++] = (struct citation){"AGPL-3.0 s.5(c) and 13", CITATION_TEXT};
	else if (strncmp(licence, "GPL-2.0-only", 12) != 0)
		ret[count++] = (struct citation){"GPL-3.0 s.5(c)", CITATION_TEXT};
	ret[count++] = (struct citation){"FSF FAQ #GPLStaticVsDynamic", CITATION_QUOTED};
	return count;
}

/* How far a member's copyleft goes for the root of its work. */
static uint32_t combination_outcomes(const struct judge *judge, const struct judged_work *work)
{
	const struct node_traits *root = &judge->traits[work->work->root];

	if (!root->known || work->soft || judge->input->policy.gpl_dynamic == GPL_DYNAMIC_REVIEW)
		return BIT(REVIEW);
	/* A label that is not sure is no ground for a conflict. */
	if (trait_closed(root) || root->forces)
		return root->solid && !root->forces && !work->work->possible ? BIT(CONFLICT)
									     : BIT(REVIEW);
	return BIT(WHOLE_WORK);
}

static const char *combination_message(struct judge *judge, const struct judged_work *work,
				       uint32_t provider, const char *licence, bool unused)
{
	const struct reach_node *root = &judge->input->nodes[work->work->root];
	const struct reach_node *node = &judge->input->nodes[provider];
	const struct node_traits *traits = &judge->traits[work->work->root];
	const char *own = choice_text(traits, traits->own_branch, judge->arena);
	const char *tail = !traits->known ? "its own licence is not known, so whether that fits is "
					    "to be reviewed"
			   : trait_closed(traits)
			       ? "its own terms do not allow that"
			       : "it keeps its own licence, while the combination follows that one";

	return arena_printf(
	    judge->arena,
	    "%s (%s) is linked with %s, which is under %s%s. Under the FSF's reading the "
	    "combination must be distributable as a whole under %s: %s. Other readings exist; no "
	    "court ruling is known to this tool.%s",
	    node_name(root), own, node_name(node), licence,
	    node->licence->source == LICENCE_SOURCE_BINARY ? " by its own statement" : "",
	    regime_names[work->regime], tail, unused ? " No symbol is bound along the way." : "");
}

/* A root with a branch under the GPL takes that one: no question, but its source is owed. */
static void judge_dual(struct judge *judge, const struct judged_work *work, uint32_t provider,
		       const char *licence)
{
	uint32_t root = work->work->root;

	struct citation citations[3];
	struct finding_parts parts = {
	    .rule = "link-copyleft",
	    .outcomes = BIT(SOURCE_OFFER),
	    .subject = root,
	    .provider = provider,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = citations,
	    .citation_count = cite_combination(licence, citations),
	    .remedy = "Ship it under that branch, with its source.",
	};

	if (!judge->input->nodes[root].shipped ||
	    !finding_is_new(judge, parts.rule, root, provider, parts.kind, licence, work->index))
		return;
	parts.message = arena_printf(
	    judge->arena,
	    "%s offers a choice of licences and is linked with %s, which is under %s: it is used "
	    "under its own branch that fits %s.",
	    node_name(&judge->input->nodes[root]), node_name(&judge->input->nodes[provider]),
	    licence, regime_names[work->regime]);
	finding_add(judge, work, &parts);
}

static void judge_copyleft(struct judge *judge, const struct judged_work *work, uint32_t provider)
{
	uint32_t root = work->work->root;
	const struct node_traits *traits = &judge->traits[provider];
	const char *licence = choice_text(traits, traits->branches[work->regime], judge->arena);
	bool unused = only_by_unused(work, provider);
	struct citation citations[3];
	struct finding_parts parts = {
	    .rule = "link-copyleft",
	    .contested = true,
	    .subject = root,
	    .provider = provider,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = citations,
	};

	/* A root that is under the GPL itself, and fits, is what the licence asks for. */
	if (judge->traits[root].forces && judge->traits[root].fits[work->regime] == FIT_YES)
		return;
	if (judge->traits[root].fits_as_gpl[work->regime]) {
		judge_dual(judge, work, provider, licence);
		return;
	}
	if (!finding_is_new(judge, parts.rule, root, provider, parts.kind, licence, work->index))
		return;
	parts.outcomes = combination_outcomes(judge, work);
	parts.citation_count = cite_combination(licence, citations);
	parts.message = combination_message(judge, work, provider, licence, unused);
	parts.remedy = unused
			   ? unused_remedy(judge, provider)
			   : "Ship the combination under that licence with its source, or replace "
			     "the component, or take a build of it without that code, or reach it "
			     "through a program of its own.";
	finding_add(judge, work, &parts);
}

static void judge_other(struct judge *judge, const struct judged_work *work, uint32_t provider)
{
	static const struct citation citation = {"the licence's own words on works that use it",
						 CITATION_NO};
	uint32_t root = work->work->root;
	const struct node_traits *traits = &judge->traits[provider];
	const char *licence = choice_text(traits, traits->own_branch, judge->arena);
	struct finding_parts parts = {
	    .rule = "link-other-copyleft",
	    .outcomes = BIT(REVIEW),
	    .contested = true,
	    .subject = root,
	    .provider = provider,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = &citation,
	    .citation_count = 1,
	};

	if (strcmp(judge->input->nodes[root].component, judge->input->nodes[provider].component) ==
		0 &&
	    *judge->input->nodes[root].component)
		return;
	if (!finding_is_new(judge, parts.rule, root, provider, parts.kind, licence, work->index))
		return;
	parts.message =
	    arena_printf(judge->arena,
			 "%s is linked with %s, which is under %s: how far that licence "
			 "reaches over a link is read differently.",
			 node_name(&judge->input->nodes[root]),
			 node_name(&judge->input->nodes[provider]), licence);
	parts.remedy = only_by_unused(work, provider)
			   ? unused_remedy(judge, provider)
			   : "Read its terms for this use, or replace the component.";
	finding_add(judge, work, &parts);
}

/* LGPL-2.1 s.6, LGPL-3.0 s.4: a closed program may link, and must let users replace the library. */
static void judge_library(struct judge *judge, const struct judged_work *work, uint32_t provider)
{
	static const struct citation citations[] = {{"LGPL-2.1 s.6", CITATION_TEXT},
						    {"LGPL-3.0 s.4", CITATION_TEXT}};
	uint32_t root = work->work->root;
	const struct node_traits *traits = &judge->traits[provider];
	const char *licence = choice_text(traits, traits->own_branch, judge->arena);
	struct finding_parts parts = {
	    .rule = "link-library",
	    .outcomes = BIT(NOTICE),
	    .subject = root,
	    .provider = provider,
	    .kind = edge_kind_text(EDGE_KIND_LINK_DYNAMIC),
	    .licence = licence,
	    .citations = citations,
	    .citation_count = 2,
	    .remedy = "Keep the library a file of its own that users can replace.",
	};

	if (!finding_is_new(judge, parts.rule, root, provider, parts.kind, licence, work->index))
		return;
	parts.message = arena_printf(
	    judge->arena,
	    "%s is closed and linked with %s under %s: a notice goes along, its terms must allow "
	    "modification for the user's own use and reverse engineering for debugging it, and the "
	    "shared library lets users replace that part.",
	    node_name(&judge->input->nodes[root]), node_name(&judge->input->nodes[provider]),
	    licence);
	finding_add(judge, work, &parts);
}

void rule_link(struct judge *judge, const struct judged_work *work)
{
	bool closed = trait_closed(&judge->traits[work->work->root]);

	for (size_t i = 1; i < work->member_count; i++) {
		uint32_t member = work->members[i];
		const struct node_traits *traits = &judge->traits[member];

		if (!traits->solid || traits->system)
			continue;
		if (traits->forces)
			judge_copyleft(judge, work, member);
		else if (traits->other_copyleft)
			judge_other(judge, work, member);
		else if (closed && traits->own_class == LICENCE_CLASS_WEAK_LIBRARY)
			judge_library(judge, work, member);
	}
}
