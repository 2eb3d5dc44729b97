/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/message.h"

#include <string.h>

#include "reach/listed.h"
#include "reach/message_network.h"
#include "reach/policy.h"
#include "util/path.h"

#define LABEL_SHOWN 100 /* bytes of a statement that sentences repeat */
#define OTHER_READINGS " Other readings exist; no court ruling is known to this tool."

const char *message_name(const struct judge *judge, uint32_t node)
{
	const struct reach_node *known = &judge->input->nodes[node];

	if (known->is_component && *known->component_name)
		return known->component_name;
	return path_name(known->id);
}

/* A licence as sentences repeat it. */
static const char *shown(const char *licence)
{
	return strlen(licence) > LABEL_SHOWN ? "many terms" : licence;
}

/* The subject, and how many more files of its component share the finding. */
const char *message_subject(struct judge *judge, const struct finding *finding)
{
	const char *name = message_name(judge, finding->subject);
	size_t more = finding->subject_count - 1;

	if (!more)
		return name;
	return arena_printf(judge->arena, "%s (and %zu more %s of %s)", name, more,
			    more == 1 ? "file" : "files",
			    judge->input->nodes[finding->subject].component_name);
}

/* Where the licence of a file is known from, and what its label says against it. */
static const char *licence_fact(struct judge *judge, uint32_t node)
{
	const struct file_licence *licence = judge->input->nodes[node].licence;
	const char *fact;

	if (!licence->expression)
		return arena_printf(judge->arena, " The licence of %s is not known.",
				    message_name(judge, node));
	fact = arena_printf(judge->arena, " Licence of %s: %s, from %s, confidence %s",
			    message_name(judge, node), shown(licence->text),
			    licence_source_text(licence->source),
			    licence_confidence_text(licence->confidence));
	if (!licence->label)
		return arena_printf(judge->arena, "%s.", fact);
	if (strlen(licence->label->text) > LABEL_SHOWN)
		return arena_printf(judge->arena, "%s; %s says more than that.", fact,
				    licence_source_text(licence->label->source));
	return arena_printf(judge->arena, "%s; %s says %s.", fact,
			    licence_source_text(licence->label->source), licence->label->text);
}

static const char *basis(struct judge *judge, const struct finding *finding)
{
	const struct reach_edge *edge;

	if (!finding->path_count)
		return "";
	edge = &judge->input->edges[finding->path[finding->path_count - 1]];
	if (finding->path_count == 1)
		return arena_printf(judge->arena, " Basis: %s of %s.", edge->evidence,
				    message_name(judge, edge->from));
	return arena_printf(judge->arena, " Basis: a path of %zu edges, the last one %s of %s.",
			    finding->path_count, edge->evidence, message_name(judge, edge->from));
}

/* ---- what lowers an outcome ---- */

static const char *exception_name(const struct judge *judge, uint32_t node)
{
	const struct entry *entry = node_entry(judge, node);

	for (size_t i = 0; i < entry->count; i++)
		for (size_t j = 0; j < entry->branches[i].count; j++) {
			const struct term *term =
			    &judge->terms.list.ptr[entry->branches[i].terms[j]];

			if (term->effect == EXCEPTION_PARTIAL || term->effect == EXCEPTION_NAMED)
				return term->text;
		}
	return NULL;
}

static const char *caps_of_licence(struct judge *judge, const struct draft *draft)
{
	const char *text = "", *exception = NULL;

	if (draft->caps & CAP_LOW)
		text = " It is known with low confidence only.";
	if (draft->caps & CAP_LABEL)
		text =
		    arena_printf(judge->arena, "%s Statements about the licence disagree.", text);
	if (draft->caps & (CAP_EXCEPTION | CAP_READINGS)) {
		exception = exception_name(judge, draft->subject);
		if (!exception && draft->provider != REACH_NONE)
			exception = exception_name(judge, draft->provider);
	}
	if (exception)
		text = arena_printf(judge->arena,
				    "%s An exception (%s) may cover it; its conditions were not "
				    "checked.",
				    text, exception);
	else if (draft->caps & CAP_READINGS)
		text =
		    arena_printf(judge->arena, "%s Whether the two fit is read differently.", text);
	if (draft->caps & CAP_UNKNOWN)
		text =
		    arena_printf(judge->arena, "%s The terms are in no table of this tool.", text);
	if (draft->caps & CAP_CLAUSE)
		text =
		    arena_printf(judge->arena, "%s The clause was not read for this tool.", text);
	return text;
}

static const char *weak_edge_text(const struct judge *judge, const struct draft *draft)
{
	for (size_t i = 0; i < draft->path_count; i++)
		if (judge->input->edges[draft->path[i]].one_call)
			return " The host calls main() of the plugin and nothing else, which the "
			       "FSF FAQ (#GPLPlugins) calls borderline.";
	return " An edge on the way is only possible, or known by a string.";
}

static const char *caps_text(struct judge *judge, const struct draft *draft)
{
	const char *text = caps_of_licence(judge, draft);

	if (draft->caps & CAP_WEAK_EDGE)
		text = arena_printf(judge->arena, "%s%s", text, weak_edge_text(judge, draft));
	if (draft->caps & CAP_UNUSED)
		text = arena_printf(judge->arena,
				    "%s Only edges that bind no symbol lead there, and the policy "
				    "asks for review of those.",
				    text);
	if (draft->caps & CAP_NOT_SHIPPED)
		text = arena_printf(judge->arena,
				    "%s The program that joins them is not part of the artifact.",
				    text);
	if (draft->caps & CAP_STANCE)
		text = arena_printf(judge->arena,
				    "%s The policy asks for review of dynamic linking.", text);
	return text;
}

/* ---- works ---- */

static const char *strong_text(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	const char *subject = message_subject(judge, finding);
	const char *provider = message_name(judge, finding->provider);
	const char *name = message_name(judge, finding->subject), *tail;

	if (finding->outcomes & 1u << OUTCOME_CONFLICT)
		tail = arena_printf(judge->arena, "%s of %s does not allow that",
				    draft->subject_licence, name);
	else if (outcome_highest(finding->outcomes) == OUTCOME_WHOLE_WORK)
		tail =
		    arena_printf(judge->arena, "%s keeps its own licence (%s), which allows that",
				 name, shown(draft->subject_licence));
	else
		tail = arena_printf(judge->arena, "whether %s of %s allows that is to be reviewed",
				    draft->subject_licence, name);
	return arena_printf(
	    judge->arena,
	    "%s%s and %s form one combined work, which must be distributable as a whole under %s; "
	    "%s.%s%s%s%s%s",
	    finding->contested ? "Under the FSF's reading " : "", subject, provider, draft->licence,
	    tail, finding->contested ? OTHER_READINGS : "", caps_text(judge, draft),
	    basis(judge, finding), licence_fact(judge, finding->provider),
	    node_entry(judge, finding->subject)->low || !node_entry(judge, finding->subject)->count
		? licence_fact(judge, finding->subject)
		: "");
}

static const char *pair_text(struct judge *judge, const struct draft *draft,
			     const struct finding *finding)
{
	const struct term *terms = judge->terms.list.ptr;
	const char *copyleft =
	    draft->copyleft_term == TERMS_NONE ? "copyleft" : terms[draft->copyleft_term].text;
	const char *other =
	    draft->other_term == TERMS_NONE ? "the other licence" : terms[draft->other_term].text;
	bool decided = finding->outcomes & 1u << OUTCOME_CONFLICT;
	const struct reach_node *provider = &judge->input->nodes[finding->provider];

	return arena_printf(
	    judge->arena,
	    "%s (%s) and %s (%s) are in one process%s. %s the whole must be distributable under "
	    "%s, and %s %s.%s%s%s%s%s",
	    message_subject(judge, finding), draft->subject_licence,
	    message_name(judge, finding->provider), draft->licence,
	    draft->direct ? "" : ", without naming each other",
	    finding->contested ? "Under the FSF's reading" : "By the licence", copyleft, other,
	    draft->joint ? "does not fit into that together with the rest of the process"
	    : decided	 ? "does not fit into that"
			 : "may not fit into that",
	    finding->contested ? OTHER_READINGS : "", caps_text(judge, draft),
	    decided && provider->system_profiles & 1u << SYSTEM_LIBS_DISTRO
		? " Distributions count it as a system library; --system-libs=distro follows them."
		: "",
	    basis(judge, finding),
	    draft->caps & CAP_LABEL
		? arena_printf(judge->arena, "%s%s", licence_fact(judge, finding->subject),
			       licence_fact(judge, finding->provider))
		: licence_fact(judge, finding->provider));
}

static const char *works_text(struct judge *judge, const struct finding *finding)
{
	if (finding->work_count == 1)
		return "one work";
	return arena_printf(judge->arena, "%zu works", finding->work_count);
}

static const char *uncertain_text(struct judge *judge, const struct draft *draft,
				  const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s is in %s, and may be under %s: if what is said of it holds for "
			    "this file, these works form combined works with it.%s",
			    message_subject(judge, finding), works_text(judge, finding),
			    draft->licence, licence_fact(judge, finding->subject));
}

static const char *unfit_text(struct judge *judge, const struct draft *draft,
			      const struct finding *finding)
{
	const char *copyleft = draft->copyleft_term == TERMS_NONE
				   ? "copyleft"
				   : judge->terms.list.ptr[draft->copyleft_term].text;

	return arena_printf(judge->arena,
			    "%s is in %s that %s reaches, and it is not known to fit into that "
			    "(%s).%s%s",
			    message_subject(judge, finding), works_text(judge, finding), copyleft,
			    draft->licence, caps_text(judge, draft),
			    licence_fact(judge, finding->subject));
}

/* ---- shipped files ---- */

static const char *const duty_texts[RULE_COUNT] = {
    [RULE_NODE_NOTICE] = "its copyright notices and licence text go along with the binary.",
    [RULE_NODE_WEAK_FILE] = "recipients are told how to get the source of the covered files, and "
			    "the notices go along.",
    [RULE_NODE_WEAK_LIBRARY] = "the licence text goes along, and so does the source of the "
			       "library, or an offer of it as the licence describes.",
    [RULE_NODE_STRONG] = "the licence text goes along, and so does the complete corresponding "
			 "source, or an offer of it as the licence describes.",
    [RULE_NODE_NETWORK] = "the licence text goes along, and so does the complete corresponding "
			  "source, or an offer of it as the licence describes.",
    [RULE_NODE_REDISTRIBUTABLE] = "it may be passed on under conditions: unmodified, as part of an "
				  "application, a file the vendor's list names, the terms passed "
				  "on.",
    [RULE_NODE_MODIFIED] = "it differs from its upstream; changes are marked, and what the licence "
			   "says of modified copies applies.",
    [RULE_NODE_REBUILT] =
	"it is another build than its reference, and cannot be claimed to be unmodified; if its "
	"source is changed, changes are marked, and what the licence says of modified copies "
	"applies.",
    [RULE_INSTALLATION] =
	"in a user product, what is needed to install and run changed versions of "
	"it goes along with its source.",
    [RULE_TEXT_MISSING] = "its notices go along, and none were found: no copyright file of a "
			  "package, no licence file beside it, no text of the system's.",
    [RULE_INSIDE_EXCEPTION] =
	"the exception lets what its code is inside of go along under any terms, as far as all of "
	"that was compiled as the exception wants, which was not checked.",
    [RULE_NODE_NO_GRANT] = "no right to pass it on is known; read its terms before it is shipped.",
};

/* What NVIDIA's lists say of the file itself. */
static const char *list_fact(const struct judge *judge, const struct draft *draft)
{
	if (draft->rule != RULE_NODE_REDISTRIBUTABLE ||
	    (!strstr(draft->licence, "nvidia") && !strstr(draft->licence, "NVIDIA")))
		return "";
	return listed_text(judge->input->nodes[draft->subject].listed);
}

/* What says that a file is modified, or another build; "" for all other rules. */
const char *message_difference(struct judge *judge, const struct draft *draft)
{
	const char *text = judge->input->nodes[draft->subject].difference;

	if ((draft->rule != RULE_NODE_MODIFIED && draft->rule != RULE_NODE_REBUILT &&
	     draft->rule != RULE_NETWORK_MODIFIED) ||
	    !text)
		return "";
	return arena_printf(judge->arena, " Evidence: %s.", text);
}

static const char *node_text(struct judge *judge, const struct draft *draft,
			     const struct finding *finding)
{
	const struct branch *branch =
	    draft->branch ? draft->branch : taken_branch(judge, finding->subject);
	bool unknown = false, freed = false;

	if (!branch)
		return arena_printf(judge->arena,
				    "%s is shipped, and no statement about its licence was found.",
				    message_subject(judge, finding));
	for (size_t i = 0; branch && i < branch->count; i++) {
		const struct term *term = &judge->terms.list.ptr[branch->terms[i]];

		unknown |= term->unknown;
		freed |= !judge->input->nodes[finding->subject].is_component &&
			 term->effect == EXCEPTION_FREES && node_rule_of(term) == draft->rule;
	}
	return arena_printf(
	    judge->arena, "%s is shipped under %s: %s%s%s%s%s%s%s%s",
	    message_subject(judge, finding), draft->licence, duty_texts[draft->rule],
	    message_difference(judge, draft), list_fact(judge, draft),
	    freed ? " An exception frees what links it, not the file itself." : "",
	    unknown && draft->rule == RULE_NODE_NOTICE
		? " Some of the terms are in no table of this tool: read them."
		: "",
	    judge->input->nodes[finding->subject].deleted
		? " A later layer deletes it, but the layer that holds it goes along."
		: "",
	    draft->caps & CAP_CLAUSE ? " The clause was not read for this tool." : "",
	    draft->caps & CAP_LOW || judge->input->nodes[finding->subject].licence->label
		? licence_fact(judge, finding->subject)
		: "");
}

/* ---- edges ---- */

/* Why the objects to relink may not be there to be had. */
static const char *fused_text(struct judge *judge, const struct draft *draft,
			      const struct finding *finding)
{
	const char *fused = judge->input->nodes[finding->subject].fused;

	if (!fused || !draft->has_edge ||
	    (draft->kind != EDGE_KIND_LINK_STATIC && draft->kind != EDGE_KIND_LINK_MODIFIED))
		return "";
	return arena_printf(judge->arena,
			    " It was linked %s: whether its parts can be relinked apart is to be "
			    "reviewed.",
			    fused);
}

static const char *library_text(struct judge *judge, const struct draft *draft,
				const struct finding *finding)
{
	const char *how =
	    finding->outcomes & 1u << OUTCOME_RELINK
		? "Its code is inside: a notice, the licence text and the means to relink with "
		  "another version go along (objects, or the whole source)."
	    : finding->outcomes & 1u << OUTCOME_REVIEW && draft->path_count &&
		    judge->input->edges[draft->path[0]].inline_only
		? "Header code of it is inside: up to ten lines of inline functions ask for "
		  "nothing, more ask for a notice and the licence text."
		: "A notice and the licence text go along, the terms permit modification for the "
		  "user's own use and reverse engineering for debugging it, and the shared library "
		  "lets users replace that part.";

	return arena_printf(
	    judge->arena, "%s (%s) links %s, which is under %s. %s%s%s%s",
	    message_subject(judge, finding), draft->subject_licence,
	    message_name(judge, finding->provider), draft->licence, how,
	    fused_text(judge, draft, finding),
	    finding->outcomes & 1u << OUTCOME_REVIEW && draft->limited
		? " The vendor's terms limit reverse engineering, which is to be reviewed."
		: "",
	    basis(judge, finding));
}

static const char *other_copyleft_text(struct judge *judge, const struct draft *draft,
				       const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s (%s) links %s, which is under %s. How far that licence reaches "
			    "over a link is read differently.%s%s%s",
			    message_subject(judge, finding), draft->subject_licence,
			    message_name(judge, finding->provider), draft->licence,
			    caps_text(judge, draft), basis(judge, finding),
			    licence_fact(judge, finding->provider));
}

static const char *review_text(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s (%s) links %s (%s). Whether the two fit into one program is read "
			    "differently.%s",
			    message_subject(judge, finding), draft->subject_licence,
			    message_name(judge, finding->provider), draft->licence,
			    basis(judge, finding));
}

static const char *separate_text(struct judge *judge, const struct draft *draft,
				 const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s reaches %s (%s) as a program of its own. Such programs are "
			    "normally separate works; the edge carries no reach.%s",
			    message_subject(judge, finding), message_name(judge, finding->provider),
			    draft->licence, basis(judge, finding));
}

static const char *memory_text(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s shares memory with %s (%s). The FSF's FAQ says that complex data "
			    "structures in shared memory come near to linking; look at what is "
			    "shared.%s",
			    message_subject(judge, finding), message_name(judge, finding->provider),
			    draft->licence, basis(judge, finding));
}

/* ---- what is only said ---- */

static const char *target_of(const struct draft *draft)
{
	return draft->target < TARGET_COUNT ? target_text((enum target)draft->target) : "";
}

static const char *branch_note(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s offers a choice of licences (%s); in a work that is distributed "
			    "under %s it is used under %s.",
			    message_subject(judge, finding),
			    shown(judge->input->nodes[finding->subject].licence->text),
			    target_of(draft), draft->licence);
}

static const char *version_note(struct judge *judge, const struct draft *draft,
				const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s (%s) is used under %s in this work, since %s (%s) does not fit "
			    "beside version 2 alone.",
			    message_subject(judge, finding), draft->subject_licence,
			    target_of(draft), message_name(judge, finding->provider),
			    draft->licence);
}

static const char *system_note(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	static const char *const profiles[] = {"strict", "gpl3", "distro"};

	return arena_printf(judge->arena,
			    "%s (%s) is left out of what the copyleft of %s asks for, as a system "
			    "library under --system-libs=%s.",
			    message_name(judge, finding->provider), draft->licence,
			    message_subject(judge, finding),
			    profiles[judge->input->policy.system_libs]);
}

static const char *contradiction_text(struct judge *judge, const struct draft *draft,
				      const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s is said to be under %s, terms that do not fit into one work; the "
			    "statement may speak of more than this file.%s",
			    message_subject(judge, finding), draft->licence,
			    licence_fact(judge, finding->subject));
}

static const char *internal_text(struct judge *judge, const struct draft *draft,
				 const struct finding *finding)
{
	(void)draft;
	return arena_printf(judge->arena,
			    "Nothing is conveyed to others (distribution: internal), so the "
			    "copyleft licences of %zu works ask for nothing.",
			    finding->work_count);
}

static const char *ipc_other_text(struct judge *judge, const struct draft *draft,
				  const struct finding *finding)
{
	return arena_printf(judge->arena,
			    "%s uses %s as a process of its own; that is under %s, which speaks of "
			    "software that uses or offers it: read it for this use.%s",
			    message_subject(judge, finding), message_name(judge, finding->provider),
			    draft->licence, basis(judge, finding));
}

static const char *denied_text(struct judge *judge, const struct draft *draft,
			       const struct finding *finding)
{
	const struct policy_rule *row = draft_denial(judge, draft);
	const char *how =
	    finding->provider == REACH_NONE
		? arena_printf(judge->arena, "%s is shipped under %s",
			       message_subject(judge, finding), draft->licence)
		: arena_printf(judge->arena, "%s reaches %s, which is under %s, by %s",
			       message_subject(judge, finding),
			       message_name(judge, finding->provider), draft->licence,
			       edge_kind_text(draft->kind));

	return arena_printf(
	    judge->arena, "%s; the policy denies that (%s%s%s).%s%s%s", how, row->citation,
	    *row->reason ? ": " : "", row->reason, caps_text(judge, draft), basis(judge, finding),
	    licence_fact(judge,
			 finding->provider == REACH_NONE ? finding->subject : finding->provider));
}

const char *message_text(struct judge *judge, const struct draft *draft,
			 const struct finding *finding)
{
	static const char *(*const writers[RULE_COUNT])(
	    struct judge * judge, const struct draft *draft, const struct finding *finding) = {
	    [RULE_COPYLEFT] = strong_text,
	    [RULE_PAIR] = pair_text,
	    [RULE_UNCERTAIN] = uncertain_text,
	    [RULE_UNFIT] = unfit_text,
	    [RULE_LINK_WEAK_LIBRARY] = library_text,
	    [RULE_LINK_OTHER_STRONG] = other_copyleft_text,
	    [RULE_LINK_REVIEW] = review_text,
	    [RULE_IPC_SEPARATE] = separate_text,
	    [RULE_IPC_MEMORY] = memory_text,
	    [RULE_IPC_OTHER] = ipc_other_text,
	    [RULE_BRANCH] = branch_note,
	    [RULE_UPGRADE] = version_note,
	    [RULE_SYSTEM_LIBRARY] = system_note,
	    [RULE_LICENCE_WITHIN] = contradiction_text,
	    [RULE_MODE_INTERNAL] = internal_text,
	    [RULE_NETWORK_MODIFIED] = message_offer,
	    [RULE_NETWORK_UNMODIFIED] = message_unmodified,
	    [RULE_NETWORK_COMBINED] = message_network_linked,
	    [RULE_NETWORK_OTHER] = message_network_other,
	    [RULE_POLICY_DENIED] = denied_text,
	};

	return writers[draft->rule] ? writers[draft->rule](judge, draft, finding)
				    : node_text(judge, draft, finding);
}
