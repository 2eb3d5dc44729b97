/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of the judgement, shared by its rules. A rule looks at shipped files (rule_node.c) or
 * at one work (rule_link.c, rule_process.c) and adds findings.
 *
 * The GPL family asks that a combined work be distributable as a whole under one of its licences.
 * A regime is such a licence for the whole. A work with a member that leaves no other branch is
 * acceptable if there is one regime that every member fits into (research of the pair tables:
 * data/licences.tsv columns gpl2_compatible, gpl3_compatible; the FSF's licence list).
 */
#ifndef REACH_JUDGE_H
#define REACH_JUDGE_H

#include "reach/reach.h"
#include "util/map.h"
#include "util/vec.h"

enum regime { REGIME_GPL2, REGIME_GPL3, REGIME_AGPL3, REGIME_COUNT };

/* Whether something fits into a regime. Ordered: the worst of several counts. */
enum fit { FIT_YES, FIT_UNSURE, FIT_NO };

/* What a licence says about one node, whatever works it is in. */
struct node_traits {
	const struct licence_choice *choices;
	size_t choice_count;
	enum fit fits[REGIME_COUNT];	 /* of the best branch */
	uint32_t branches[REGIME_COUNT]; /* that branch */
	uint32_t own_branch;		 /* the one that asks least when no regime applies */
	uint32_t taken_branch;		 /* the one its works leave; own_branch until a rule says */
	enum licence_class own_class;	 /* heaviest class in it; UNKNOWN without a licence */
	bool known;  /* there is an expression, and all of it is in the tables */
	bool solid;  /* known at least with medium confidence */
	bool forces; /* no branch without a GPL-family term that reaches linkers */
	bool fits_as_gpl[REGIME_COUNT]; /* some branch with such a term fits */
	bool other_copyleft;		/* no branch without some other strong or network licence */
	bool system;			/* a system library under the policy */
};

struct judge {
	const struct reach_input *input;
	struct arena *arena;
	struct node_traits *traits; /* beside nodes */
	bool *unused;		    /* beside edges: binds no symbol in any work that holds it */
	VEC(struct finding) findings;
	VEC(uint32_t) finding_works; /* pairs (finding, work) in order of adding */
	struct map by_key;
};

/* One work while it is judged. */
struct judged_work {
	uint32_t index;
	const struct reach_work *work;
	const uint32_t *members; /* reached over linking edges, the root first; others by number */
	size_t member_count;
	const bool *by_used; /* beside nodes: reached over edges that bind symbols */
	enum regime regime;  /* the best one */
	bool governed;	     /* some solid member forces a regime */
	bool soft; /* members without a symbol bound are in it, and the policy asks for review */
};

void traits_fill(struct judge *judge);
bool trait_closed(const struct node_traits *traits);
/* The heaviest class in one branch; UNKNOWN when there is no such branch. */
enum licence_class branch_class(const struct node_traits *traits, uint32_t branch);
bool branch_fits(const struct node_traits *traits, uint32_t branch, enum regime regime);

/* What a rule says; finding_add() fills in the rest. */
struct finding_parts {
	const char *rule; /* id of rules.def */
	uint32_t outcomes;
	bool contested;
	uint32_t subject, provider;
	const char *kind; /* edge kind, or "" */
	const char *licence;
	const struct citation *citations;
	size_t citation_count;
	const char *message, *remedy;
};

/* Whether this finding is new; if not, the work is only added to the one there is. */
bool finding_is_new(struct judge *judge, const char *rule, uint32_t subject, uint32_t provider,
		    const char *kind, const char *licence, uint32_t work);
/* work: NULL for a finding about a file alone. Right after finding_is_new() said yes. */
void finding_add(struct judge *judge, const struct judged_work *work,
		 const struct finding_parts *parts);

/* The text of one branch, "A AND B". */
const char *choice_text(const struct node_traits *traits, uint32_t branch, struct arena *arena);
/* A name for sentences: the component's, else the last part of the path. */
const char *node_name(const struct reach_node *node);
/* Only an edge that binds nothing leads there. */
bool only_by_unused(const struct judged_work *work, uint32_t node);
/* What is to be checked before an edge without symbols is dropped. */
const char *unused_remedy(struct judge *judge, uint32_t node);

void rule_node(struct judge *judge);
void rule_link(struct judge *judge, const struct judged_work *work);
void rule_process(struct judge *judge, const struct judged_work *work);

#endif
