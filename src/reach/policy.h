/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy file: what is ours, which position is taken on contested questions, what is denied,
 * what was permitted beside the licences, and which findings are waived until when. Reading it
 * (policy_read.c) is apart from its effect: on files and their licences (policy_files.c), on the
 * judgement (rule_policy.c), on findings (policy_waive.c).
 *
 * Whatever a policy brings about names the line that did.
 */
#ifndef REACH_POLICY_H
#define REACH_POLICY_H

#include "depend/edge.h"
#include "licence/expression.h"
#include "reach/policy_tree.h"
#include "reach/reach.h"

/* Whether some row of rules.def has this name. */
bool policy_knows_rule(const char *text);

#define POLICY_ANY UINT32_MAX

/* "own" and "overrides": the licence of files, whatever their package says. */
struct policy_licence {
	struct policy_place place;
	bool own;	       /* ours: owes nothing to itself */
	const char *match;     /* pattern on paths; NULL: any */
	const char *component; /* pattern on name, id or source package; NULL: any */
	const char *name;      /* of our component, or of the override; "" */
	const char *reason;    /* "" */
	const char *text;      /* as the file writes it */
	const struct expression *expression;
	uint32_t like; /* its licence is that of another entry, which text names; POLICY_ANY */
};

/* "modified": copies that differ from their upstream, which the user knows. */
struct policy_modified {
	struct policy_place place;
	const char *match, *component; /* patterns as above; at least one is there */
	const char *reason;
};

/* "scopes": how the files of a part of the tree are distributed. */
struct policy_scope {
	struct policy_place place;
	const char *match; /* pattern on paths */
	unsigned mode;	   /* enum reach_distribution */
	const char *reason;
};

/* A row of "deny" or "allow". */
struct policy_rule {
	struct policy_place place;
	const char *licence;   /* pattern on licence ids */
	uint32_t class, kind;  /* enum edge_class, enum edge_kind; POLICY_ANY */
	const char *component; /* pattern on the provider's, as above; NULL: any */
	const char *path;      /* pattern on the consumer's path; NULL: any */
	const char *reason;    /* "" */
	const char *citation;  /* "policy.yaml:12" */
};

/* An additional permission (GPL-3.0 s.7; for other licences, of the holders). */
struct policy_permission {
	struct policy_place place;
	const char *component, *licence; /* patterns */
	const char *permission, *source;
	const struct exception_row *row; /* of an AdditionRef- that stands for it */
};

struct policy_waiver {
	struct policy_place place;
	/* Patterns; NULL: any. At least one of the first four is there. */
	const char *finding, *rule, *component, *licence, *consumer;
	uint32_t kind; /* enum edge_kind; POLICY_ANY */
	const char *reason, *owner, *expires;
	bool expired;
};

/* What a key says, where it stands; place.line 0: it does not. */
struct policy_choice {
	struct policy_place place;
	unsigned value;
};

struct policy {
	const char *file;   /* as the user named it */
	const char *digest; /* SHA-256 of its bytes as hexadecimal text */
	struct policy_choice distribution, system_libs, unused_needed, gpl_dynamic, fail_on,
	    user_product;
	const struct policy_licence *licences;
	size_t licence_count;
	const struct policy_scope *scopes;
	size_t scope_count;
	const struct policy_modified *modified;
	size_t modified_count;
	const struct policy_rule *deny, *allow;
	size_t deny_count, allow_count;
	const struct policy_permission *permissions;
	size_t permission_count;
	const struct policy_waiver *waivers;
	size_t waiver_count;
};

/*
 * Reads a policy from its bytes. today: "YYYY-MM-DD". NULL with *ret_errors set to lines
 * "FILE:LINE:COLUMN: text" when anything in it is wrong. Everything lives in the arena, or in
 * knowledge.
 */
const struct policy *policy_read(struct slice bytes, const char *file,
				 const struct knowledge *knowledge, const char *today,
				 struct arena *arena, const char **ret_errors);
/* The same of a file of the host. */
const struct policy *policy_open(const char *file, const struct knowledge *knowledge,
				 const char *today, struct arena *arena, const char **ret_errors);
/* The day of SOURCE_DATE_EPOCH, else that of the clock, in UTC. NULL: the variable is no time. */
const char *policy_today(struct arena *arena);

/* Whether a path of the root fits a pattern, which may leave the first slash out. */
bool policy_path_fits(const char *pattern, const char *path);
/* Whether a name or an id does ("*" stands for any text); NULL patterns fit all. */
bool policy_text_fits(const char *pattern, const char *text);

/* Whether the component of a node does, by its name, its id or its source package. */
bool policy_node_fits(const char *pattern, const struct reach_node *node);

/* The scope of a path: the last one that fits; NULL. policy may be NULL. */
const struct policy_scope *policy_scope_of(const struct policy *policy, const char *path);

struct graph;
/* The graph with what the policy says of licences and owners in it. policy may be NULL. */
const struct graph *policy_graph(const struct policy *policy, const struct graph *graph,
				 struct arena *arena);

/* Beside findings: the waiver that speaks of each, expired or not; POLICY_ANY: none. */
const uint32_t *policy_waive(const struct policy *policy, const struct reach_input *input,
			     const struct reach_result *result, struct arena *arena);

#endif
