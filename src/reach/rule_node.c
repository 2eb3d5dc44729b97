/* SPDX-License-Identifier: BSD-2-Clause */
/* What shipping a file brings along, whatever it is linked to. */
#include <string.h>

#include "reach/judge.h"

struct duty {
	const char *rule;
	uint32_t outcomes;
	struct citation citations[3];
	size_t citation_count;
	const char *what; /* of the message */
};

#define BIT(outcome) (1u << (OUTCOME_##outcome))

/* By the heaviest class of the branch that asks least. Sources: the licence texts. */
static const struct duty duties[] = {
    [LICENCE_CLASS_PUBLIC_DOMAIN] = {NULL, 0, {{NULL, CITATION_NO}}, 0, NULL},
    [LICENCE_CLASS_PERMISSIVE] = {NULL, 0, {{NULL, CITATION_NO}}, 0, NULL},
    [LICENCE_CLASS_PERMISSIVE_NOTICE] =
	{"ship-notice",
	 BIT(NOTICE),
	 {{"the licence's notice clause (for example BSD-3-Clause cond. 2, MIT, Apache-2.0 s.4)",
	   CITATION_TEXT}},
	 1,
	 "its copyright notice and licence text are to go along with the binary"},
    [LICENCE_CLASS_WEAK_FILE] =
	{"ship-source-files",
	 BIT(NOTICE) | BIT(SOURCE_OFFER),
	 {{"MPL-2.0 s.3.2, EPL-2.0 s.3.1, CDDL-1.0 s.3.1 and 3.5", CITATION_TEXT}},
	 1,
	 "the source of its covered files is to be available, and recipients are to be told how"},
    [LICENCE_CLASS_WEAK_LIBRARY] =
	{"ship-source-library",
	 BIT(NOTICE) | BIT(SOURCE_OFFER),
	 {{"LGPL-2.1 s.4 and 6", CITATION_TEXT},
	  {"LGPL-3.0 s.4 with GPL-3.0 s.6", CITATION_TEXT},
	  {"FSF FAQ #LGPLStaticVsDynamic", CITATION_QUOTED}},
	 3,
	 "its notice and licence text and its source are to go along with the binary"},
    [LICENCE_CLASS_STRONG] =
	{"ship-source-work",
	 BIT(NOTICE) | BIT(SOURCE_OFFER),
	 {{"GPL-2.0 s.3", CITATION_TEXT}, {"GPL-3.0 s.6", CITATION_TEXT}},
	 2,
	 "its licence text and its complete corresponding source, or an offer of it, are to go "
	 "along with the binary"},
    [LICENCE_CLASS_NETWORK] =
	{"ship-source-work",
	 BIT(NOTICE) | BIT(SOURCE_OFFER),
	 {{"AGPL-3.0 s.6", CITATION_TEXT}},
	 1,
	 "its licence text and its complete corresponding source, or an offer of it, are to go "
	 "along with the binary"},
    [LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE] =
	{"ship-conditions",
	 BIT(NOTICE) | BIT(REVIEW),
	 {{"the vendor's terms for redistributable files (for CUDA: EULA 1.1.2, 2.3, Attachment A)",
	   CITATION_QUOTED}},
	 1,
	 "it may be redistributed under its vendor's conditions, unmodified, if it is one of the "
	 "files those terms name"},
    [LICENCE_CLASS_PROPRIETARY] = {"ship-review",
				   BIT(REVIEW),
				   {{"no grant to redistribute is known", CITATION_NO}},
				   1,
				   "no grant to redistribute it is known"},
    [LICENCE_CLASS_NON_COMMERCIAL] = {"ship-review",
				      BIT(REVIEW),
				      {{"the licence's limit on use", CITATION_NO}},
				      1,
				      "its licence limits the use that may be made of it"},
    [LICENCE_CLASS_UNKNOWN] = {"ship-review",
			       BIT(REVIEW),
			       {{"no licence statement was found", CITATION_NO}},
			       1,
			       "no licence that covers it is known"},
};

static void judge_node(struct judge *judge, uint32_t index)
{
	const struct reach_node *node = &judge->input->nodes[index];
	const struct node_traits *traits = &judge->traits[index];
	const struct duty *duty = &duties[branch_class(traits, traits->taken_branch)];
	const char *licence = choice_text(traits, traits->taken_branch, judge->arena);
	struct finding_parts parts = {
	    .rule = duty->rule,
	    .outcomes = duty->outcomes,
	    .subject = index,
	    .provider = REACH_NONE,
	    .kind = "",
	    .licence = licence,
	    .citations = duty->citations,
	    .citation_count = duty->citation_count,
	    .remedy = "",
	};
	static const struct citation partly = {"a licence that is not in the tables", CITATION_NO};
	const char *what = duty->what;

	if (!duty->rule ||
	    !finding_is_new(judge, duty->rule, index, REACH_NONE, "", licence, REACH_NONE))
		return;
	if (traits->choice_count && duty == &duties[LICENCE_CLASS_UNKNOWN]) {
		parts.citations = &partly;
		what = "a part of that is not in the tables, so what it asks for is not known";
	}
	parts.message = arena_printf(
	    judge->arena, "%s is shipped under %s (%s%s): %s.", node_name(node), licence,
	    licence_source_text(node->licence ? node->licence->source : LICENCE_SOURCE_NONE),
	    traits->choice_count && !traits->solid ? ", not sure" : "", what);
	finding_add(judge, NULL, &parts);
}

/* AGPL-3.0 s.13 asks something of those who modify; the others' texts differ. */
static void judge_network(struct judge *judge, uint32_t index)
{
	static const struct citation citations[] = {
	    {"AGPL-3.0 s.13", CITATION_TEXT},
	    {"FSF FAQ #AGPLv3InteractingRemotely", CITATION_QUOTED}};
	const struct reach_node *node = &judge->input->nodes[index];
	const struct node_traits *traits = &judge->traits[index];
	const char *licence = choice_text(traits, traits->own_branch, judge->arena);
	bool agpl = strncmp(licence, "AGPL-3.0", 8) == 0;
	struct finding_parts parts = {
	    .rule = "network-offer",
	    .outcomes = node->modified && agpl ? BIT(NETWORK_OFFER)
			: agpl		       ? BIT(NOTICE)
					       : BIT(REVIEW),
	    .subject = index,
	    .provider = REACH_NONE,
	    .kind = "",
	    .licence = licence,
	    .citations = citations,
	    .citation_count = agpl ? 2 : 0,
	    .remedy = "",
	};
	static const struct citation other = {"the licence's clause on network use", CITATION_NO};

	if (!agpl) {
		parts.citations = &other;
		parts.citation_count = 1;
	}
	if (!finding_is_new(judge, parts.rule, index, REACH_NONE, "", licence, REACH_NONE))
		return;
	parts.message = arena_printf(
	    judge->arena, "%s is under %s: %s.", node_name(node), licence,
	    !agpl ? "offering it over a network may count as distribution"
	    : node->modified
		? "it differs from its upstream, so users who interact with it over a network are "
		  "to be offered its source"
		: "as far as is known it is unmodified; a modified version offered over a network "
		  "would owe its users an offer of its source");
	finding_add(judge, NULL, &parts);
}

void rule_node(struct judge *judge)
{
	enum reach_distribution distribution = judge->input->policy.distribution;

	/* GPL-2.0 s.0, GPL-3.0 s.0 and 2: running and keeping a copy is not conveying it. */
	if (distribution == DISTRIBUTION_INTERNAL)
		return;
	for (uint32_t i = 0; i < judge->input->node_count; i++) {
		if (!judge->input->nodes[i].shipped)
			continue;
		if (distribution == DISTRIBUTION_BINARY)
			judge_node(judge, i);
		if (judge->traits[i].own_class == LICENCE_CLASS_NETWORK)
			judge_network(judge, i);
	}
}
