/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/message.h"

#include "reach/alternatives.h"

static const char *append(struct judge *judge, const char *text, const char *more)
{
	return *text && *more ? arena_printf(judge->arena, "%s %s", text, more)
	       : *more	      ? more
			      : text;
}

/* An edge without a symbol is the first place to cut, once its other uses are ruled out. */
static const char *unused_edges(struct judge *judge, const struct finding *finding)
{
	const char *text = "";

	for (size_t i = 0; i < finding->path_count; i++) {
		const struct reach_edge *edge = &judge->input->edges[finding->path[i]];
		const char *to = message_name(judge, edge->to);

		if (judge->used[finding->path[i]])
			continue;
		text =
		    append(judge, text,
			   arena_printf(judge->arena,
					"%s binds no symbol of %s: check its constructors (%s), "
					"registration and dlsym, then relink %s with --as-needed.",
					message_name(judge, edge->from), to,
					judge->input->nodes[edge->to].has_constructors
					    ? "it has DT_INIT or DT_INIT_ARRAY"
					    : "it has none",
					message_name(judge, edge->from)));
	}
	return text;
}

static const char *alternative(struct judge *judge, const struct finding *finding)
{
	const char *advice;

	if (finding->provider == REACH_NONE)
		return "";
	advice = alternatives_find(judge->input->alternatives,
				   judge->input->nodes[finding->provider].id, finding->licence);
	return advice ? arena_printf(judge->arena, "In its place: %s.", advice) : "";
}

/* A branch that was not taken because it must be bought, or because nobody knows it. */
static const char *other_branch(struct judge *judge, const struct finding *finding)
{
	const struct entry *entry;

	if (finding->provider == REACH_NONE)
		return "";
	entry = node_entry(judge, finding->provider);
	for (size_t i = 0; entry->count > 1 && i < entry->count; i++)
		if (entry->branches[i].closed || entry->branches[i].unknown)
			return arena_printf(
			    judge->arena, "Its licence offers %s as well, if you hold or know it.",
			    entry->branches[i].text);
	return "";
}

static const char *combination(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	const char *general;

	if (outcome_highest(finding->outcomes) == OUTCOME_WHOLE_WORK)
		general = "Ship the combination with its source under that licence, or run the "
			  "component as a program of its own.";
	else if (draft->rule == RULE_COPYLEFT)
		general = "Replace the component, run it as a program of its own, or get an "
			  "additional permission from all its holders.";
	else
		general = "Replace one of the two, put a program boundary between them, or get an "
			  "additional permission from all holders.";
	return append(judge,
		      append(judge, unused_edges(judge, finding), alternative(judge, finding)),
		      append(judge, other_branch(judge, finding), general));
}

static const char *denied(struct judge *judge, const struct draft *draft,
			  const struct finding *finding)
{
	(void)draft;
	return append(judge,
		      append(judge, unused_edges(judge, finding), alternative(judge, finding)),
		      "Replace the component, or have the policy allow this use.");
}

static const char *system_profile(struct judge *judge, const struct draft *draft,
				  const struct finding *finding)
{
	const struct reach_policy *policy = &judge->input->policy;
	const struct reach_node *node = &judge->input->nodes[finding->provider];

	(void)draft;
	if (policy->system_libs == SYSTEM_LIBS_DISTRO && !is_system_core(node))
		return "This follows the practice of distributions; GPL-2.0 s.3 reads otherwise "
		       "for "
		       "a library that accompanies the executable.";
	return "";
}

static const char *read_terms(struct judge *judge, const struct draft *draft,
			      const struct finding *finding)
{
	(void)draft;
	return append(judge,
		      append(judge, unused_edges(judge, finding), alternative(judge, finding)),
		      "Read the terms for this use, or replace the component.");
}

static const char *look_up(struct judge *judge, const struct draft *draft,
			   const struct finding *finding)
{
	(void)draft;
	return append(judge, unused_edges(judge, finding),
		      "Look up the licence of this file, and state it where its package does not.");
}

static const char *library(struct judge *judge, const struct draft *draft,
			   const struct finding *finding)
{
	(void)judge;
	(void)draft;
	return finding->outcomes & 1u << OUTCOME_RELINK
		   ? "Link it as a shared library, or ship the objects."
		   : "Keep the library a file of its own that users can replace.";
}

const char *remedy_text(struct judge *judge, const struct draft *draft,
			const struct finding *finding)
{
	static const char *(*const writers[RULE_COUNT])(
	    struct judge * judge, const struct draft *draft,
	    const struct finding *finding) = {[RULE_COPYLEFT] = combination,
					      [RULE_PAIR] = combination,
					      [RULE_LINK_OTHER_STRONG] = read_terms,
					      [RULE_LINK_REVIEW] = read_terms,
					      [RULE_POLICY_DENIED] = denied,
					      [RULE_UNCERTAIN] = look_up,
					      [RULE_UNFIT] = look_up,
					      [RULE_LICENCE_WITHIN] = look_up,
					      [RULE_LINK_WEAK_LIBRARY] = library,
					      [RULE_SYSTEM_LIBRARY] = system_profile};
	static const char *const texts[RULE_COUNT] = {
	    [RULE_NODE_REDISTRIBUTABLE] =
		"Check the file's name against the vendor's list for this version.",
	    [RULE_TEXT_MISSING] = "Put the text of the licence and the copyright notices into the "
				  "artifact, or into what goes along with it.",
	    [RULE_NODE_NO_GRANT] = "State the licence, or leave the file out.",
	    [RULE_NETWORK_MODIFIED] = "Offer the source prominently to all remote users.",
	};

	if (writers[draft->rule])
		return writers[draft->rule](judge, draft, finding);
	return texts[draft->rule] ? texts[draft->rule] : "";
}

void message_write(struct judge *judge, const struct draft *draft, struct finding *finding)
{
	finding->message = message_text(judge, draft, finding);
	finding->remedy = remedy_text(judge, draft, finding);
}
