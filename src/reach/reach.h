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
};

#define REACH_NONE UINT32_MAX

/* A file, or a component whose code is embedded in one. Nodes are sorted by id. */
struct reach_node {
	const char *id;			    /* path in the root, or component id */
	const char *component;		    /* owner's id; "" when not known */
	const char *component_name;	    /* for sentences; "" */
	const struct file_licence *licence; /* never NULL */
	bool shipped;
	/* Profiles it may count as a system library under: set of 1u << enum reach_system_libs. */
	uint32_t system_profiles;
	bool modified;	   /* differs from its upstream, as far as is known */
	bool is_component; /* embedded code, not a file of its own */
	bool has_constructors;
	bool listens; /* takes requests over a network */
};

struct reach_edge {
	const char *id;
	uint32_t from, to; /* nodes */
	enum edge_kind kind;
	enum edge_grade grade;
	int64_t symbols_bound; /* with the consumer as root; -1: not computed */
	bool possible;	       /* plugin edge known only by a naming rule */
	const char *evidence;  /* one line for sentences: "DT_NEEDED libx264.so.164" */
};

/* One work: a root, its members and the linking edges among them (indexes, sorted). */
struct reach_work {
	uint32_t root;
	const uint32_t *members;
	size_t member_count;
	const uint32_t *edges;
	size_t edge_count;
	bool possible; /* a host with a plugin that only a naming rule ties to it */
	/* Beside edges: symbols bound in this work's own process; NULL: not computed. */
	const int64_t *edge_symbols;
};

struct reach_input {
	const struct reach_node *nodes;
	size_t node_count;
	const struct reach_edge *edges; /* sorted by (from, to, kind, id) */
	size_t edge_count;
	const struct reach_work *works; /* sorted by root */
	size_t work_count;
	struct reach_policy policy;
};

/* How a citation was checked; one that was not caps the outcome at review. */
enum citation_check { CITATION_TEXT, CITATION_QUOTED, CITATION_NO };

struct citation {
	const char *text; /* "GPL-2.0 s.2(b)", "FSF FAQ #GPLStaticVsDynamic" */
	enum citation_check check;
};

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
	uint32_t subject;     /* node the finding is about: the consumer, or the shipped file */
	uint32_t provider;    /* node the copyleft comes from; REACH_NONE: none */
	const char *licence;  /* of the provider, the branch that was taken */
	const uint32_t *path; /* edges from the work's root to the provider, in order */
	size_t path_count;
	const uint32_t *works; /* indexes of works it was seen in, sorted */
	size_t work_count;
	const struct citation *citations;
	size_t citation_count;
	const char *message, *remedy;
};

/* Per work: the highest outcome and the licence each member is used under. */
struct work_verdict {
	uint32_t outcomes;	     /* of all findings of this work */
	const char *const *licences; /* SPDX texts reaching this work (copyleft ones), sorted */
	size_t licence_count;
};

struct reach_result {
	const struct finding *findings; /* sorted by (weight descending, subject, rule, id) */
	size_t finding_count;
	const struct work_verdict *verdicts; /* beside works */
};

/* Everything returned lives in the arena; it borrows texts from the input. */
const struct reach_result *reach_judge(const struct reach_input *input,
				       const struct knowledge *knowledge, struct arena *arena);

const char *outcome_text(enum outcome outcome); /* "clear", "notice", "source-offer", ... */
enum outcome outcome_highest(uint32_t outcomes);
bool outcome_parse(const char *text, enum outcome *ret);

#endif
