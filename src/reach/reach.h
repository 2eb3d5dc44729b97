/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement: edges + licences + policy -> findings. The model is plain data without files, so
 * that it can be tested from literals and random graphs. Rules are rows of rules.def; each cites
 * licence and section, or an anchor of the FSF's FAQ, and says how the citation was checked.
 *
 * Reports state facts and known readings, never legal advice. Where readings differ a finding is
 * contested, and the policy's stance decides how high its outcome goes.
 */
#ifndef REACH_REACH_H
#define REACH_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "depend/edge.h"
#include "licence/effective.h"
#include "util/arena.h"

struct alternatives; /* reach/alternatives.h */
struct policy;	     /* reach/policy.h */

/* Outcomes in order of weight; a finding holds a set of them (1u << outcome). */
enum outcome {
	OUTCOME_CLEAR,
	OUTCOME_NOTICE,
	OUTCOME_SOURCE_OFFER,
	OUTCOME_NETWORK_OFFER,
	OUTCOME_RELINK,
	OUTCOME_WHOLE_WORK,
	OUTCOME_REVIEW,
	OUTCOME_CONFLICT,
};

enum reach_distribution { DISTRIBUTION_BINARY, DISTRIBUTION_NETWORK, DISTRIBUTION_INTERNAL };
enum reach_system_libs { SYSTEM_LIBS_STRICT, SYSTEM_LIBS_GPL3, SYSTEM_LIBS_DISTRO };
enum reach_unused_needed { UNUSED_NEEDED_COUNTS, UNUSED_NEEDED_REVIEW, UNUSED_NEEDED_IGNORE };
enum reach_gpl_dynamic { GPL_DYNAMIC_FSF, GPL_DYNAMIC_REVIEW };

struct reach_policy {
	enum reach_distribution distribution;
	enum reach_system_libs system_libs;
	enum reach_unused_needed unused_needed;
	enum reach_gpl_dynamic gpl_dynamic;
	bool user_product; /* it goes to consumers inside a device (GPL-3.0 s.6) */
};

#define REACH_NONE UINT32_MAX

/*
 * Whether the vendor's list of files that may be passed on names a file (NVIDIA's Attachment A of
 * the version at hand): asked of proprietary-redistributable licences alone.
 */
enum reach_listed { LISTED_UNKNOWN, LISTED_YES, LISTED_NO };

/* A file, or a component whose code is embedded in one. No two have the same id. */
struct reach_node {
	const char *id;			    /* path in the root, or component id */
	const char *component;		    /* owner's id; "" when not known */
	const char *component_name;	    /* for sentences and named exceptions; "" */
	const char *source_name;	    /* its source package, for policies; "" or NULL */
	const struct file_licence *licence; /* never NULL */
	bool shipped; /* embedded code: shipped when a file that holds it is */
	/*
	 * Profiles it may count as a system library under: set of 1u << enum reach_system_libs.
	 * GPL3 says that it fits the definition of GPL-3.0 s.1; strict counts those too, while they
	 * are not shipped.
	 */
	uint32_t system_profiles;
	enum reach_listed listed;
	/* How it is distributed, where the policy file says so for its path; else as all is. */
	bool has_mode;
	enum reach_distribution mode;
	bool own;      /* our own work (policy file): owes nothing to itself */
	bool deleted;  /* hidden by a later layer of the image; its own layer is shipped */
	bool modified; /* differs from its upstream, as far as is known; renaming is not it */
	bool unproven; /* another build than its reference: it may be modified or not */
	const char *difference; /* what says so, of either; NULL */
	bool verified;		/* compared with a reference, and unmodified */
	bool is_component;	/* embedded code, not a file of its own */
	bool has_constructors;
	const char *fused; /* how it was linked, where code inside it cannot be told apart; NULL */
	/* As a program it takes requests over a network, or may do so; what a process loads says
	 * nothing of it, but a plugin may. */
	bool listens, may_listen;
	bool text_missing; /* somebody looked for its notices, and found none (notices.h) */
};

struct reach_edge {
	const char *id;
	uint32_t from, to; /* nodes */
	enum edge_kind kind;
	enum edge_grade grade;
	int64_t symbols_bound; /* with the consumer as root; -1: not computed */
	bool possible;	       /* plugin edge known only by a naming rule */
	bool one_call; /* plugin: the host calls its main() and nothing else, nothing calls back */
	bool modified; /* to is a file that was changed itself: link-modified */
	bool inline_only;     /* link-static: header material only (inline functions, templates) */
	const char *evidence; /* one line for sentences: "DT_NEEDED libx264.so.164" */
};

/*
 * One work: a root, its members and the linking edges among them (indexes). A member counts when a
 * path of these edges leads from the root to it; edges of other classes are passed over. Members
 * hold the root. Objects that are loaded for another reason (a preload) need an edge from the root.
 * A possible plugin makes a work of its own: its host as root, with the closures of both.
 */
struct reach_work {
	uint32_t root;
	const uint32_t *members;
	size_t member_count;
	const uint32_t *edges;
	size_t edge_count;
	/* Beside edges: symbols bound in this work's own process; NULL: not computed. */
	const int64_t *edge_symbols;
};

/*
 * The order of nodes, edges and works changes nothing in the result but the indexes in it. Sorted
 * input (nodes by id, edges by (from, to, kind, id), works by (root, members)) saves a copy.
 */
struct reach_input {
	const struct reach_node *nodes;
	size_t node_count;
	const struct reach_edge *edges; /* every edge of a work, and those of IPC */
	size_t edge_count;
	const struct reach_work *works;
	size_t work_count;
	struct reach_policy policy;
	const struct alternatives *alternatives; /* for remedies; NULL: none are known */
	const struct policy *file_policy;	 /* for what it denies; NULL: there is none */
};

/* How a citation was checked; one that was not caps the outcome at review. */
enum citation_check { CITATION_TEXT, CITATION_QUOTED, CITATION_NO };

struct citation {
	const char *text; /* "GPL-2.0 s.2(b)", "FSF FAQ #GPLStaticVsDynamic" */
	enum citation_check check;
};

/*
 * Findings of one component about another are one: "subjects" are the component's files it is
 * about. Duties of a shipped file (node-..., link-weak-library) hold for every work and list none.
 */
struct finding {
	/*
	 * Stays the same from run to run and between versions: rule + consumer (component, else
	 * path with version digits dropped) + provider component + edge kind + licence.
	 */
	const char *id;
	const char *rule;  /* row of rules.def */
	const char *title; /* of the rule */
	uint32_t outcomes; /* set of 1u << enum outcome */
	bool contested;
	uint32_t subject;	  /* node the finding is about: the consumer, or the shipped file */
	const uint32_t *subjects; /* all files of its component it is about, by id */
	size_t subject_count;
	uint32_t provider;    /* the other end: where the licence comes from; REACH_NONE: none */
	const char *kind;     /* of the last edge to the provider; "" without one */
	const char *licence;  /* of the provider, the branch that was taken */
	const uint32_t *path; /* edges from the first work's root to the provider, in order */
	size_t path_count;
	/* Edges from that root to the subject; two providers that never touch have two paths. */
	const uint32_t *subject_path;
	size_t subject_path_count;
	const uint32_t *works; /* indexes of works it was seen in, sorted */
	size_t work_count;
	const struct citation *citations;
	size_t citation_count;
	const char *message, *remedy;
};

/* Per work: what all findings say of it, duties of its shipped members included. */
struct work_verdict {
	uint32_t outcomes;
	const char *const
	    *licences; /* strong copyleft that reaches it, the branches taken; sorted */
	size_t licence_count;
};

struct reach_result {
	const struct finding *findings; /* sorted by (weight descending, subject, rule, id) */
	size_t finding_count;
	const struct work_verdict *verdicts; /* beside works */
};

/*
 * Everything returned lives in the arena; it borrows texts from the input, whose expressions carry
 * rows of the tables of knowledge.
 */
const struct reach_result *reach_judge(const struct reach_input *input, struct arena *arena);

const char *outcome_text(enum outcome outcome); /* "clear", "notice", "source-offer", ... */
enum outcome outcome_highest(uint32_t outcomes);
bool outcome_parse(const char *text, enum outcome *ret);

#endif
