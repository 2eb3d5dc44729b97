/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the judgement share: the input with its licences read, a work as a process with
 * paths, and the drafts that become findings. Only reach_judge() and the rules include this.
 *
 * A rule reports into a draft: who, about whom, how heavy, and what lowers it. Drafts of one pair
 * in many works are one; finding.c joins those of one component, and writes sentences last.
 */
#ifndef REACH_JUDGE_H
#define REACH_JUDGE_H

#include "reach/terms.h"

enum reach_rule {
#define RULE(id, text, title, highest) RULE_##id,
#include "reach/rules.def"
#undef RULE
	RULE_COUNT,
};

/* Why an outcome is lower than the rule would have it; each has a sentence. */
enum cap {
	CAP_LOW = 1u << 0,	 /* a licence is known with low confidence only */
	CAP_LABEL = 1u << 1,	 /* statements about the file disagree */
	CAP_EXCEPTION = 1u << 2, /* an exception may cover it */
	CAP_WEAK_EDGE = 1u << 3, /* an edge is only possible, a single call, or known by a string */
	CAP_UNUSED = 1u << 4, /* only by an edge that binds nothing, and the policy says review */
	CAP_NOT_SHIPPED = 1u << 5, /* only the copyleft part is in the artifact */
	CAP_STANCE = 1u << 6,	   /* the policy says review of dynamic linking */
	CAP_CLAUSE = 1u << 7,	   /* nobody read the clause */
	CAP_UNKNOWN = 1u << 8,	   /* terms that no table knows */
	CAP_READINGS = 1u << 9,	   /* compatibility itself is read in different ways */
	CAP_REBUILT = 1u << 10,	   /* another build than the reference: modified or not */
};

/* The cheapest way to a member of a process: firm edges first, then used ones, then few. */
#define COST_WEAK (UINT64_C(1) << 48)
#define COST_UNUSED (UINT64_C(1) << 32)
#define COST_EDGE UINT64_C(1)
#define COST_NONE UINT64_MAX

#define DRAFT_NONE UINT32_MAX

struct draft {
	enum reach_rule rule;
	uint32_t subject, provider; /* provider REACH_NONE: none */
	enum edge_kind kind;
	bool has_edge;
	bool direct; /* the subject names the provider itself, or there is no provider */
	bool contested;
	bool limited; /* of LINK_WEAK_LIBRARY: the subject's terms bar reverse engineering */
	bool joint;   /* the two fit, but not together with others of the process */
	uint32_t outcomes, caps;
	const char *licence;	     /* of the provider, or of the file itself */
	const struct branch *branch; /* that the rule speaks of; NULL: the one that was taken */
	uint32_t copyleft_term;	     /* term whose clauses are cited; TERMS_NONE */
	uint32_t other_term;	     /* term that does not fit it; TERMS_NONE */
	const char *subject_licence; /* the branch the subject stands under */
	uint32_t target;	     /* of PROCESS_UPGRADE and PROCESS_BRANCH */
	size_t policy_row;	     /* of POLICY_DENIED: row of "deny" */
	const uint32_t *path, *subject_path;
	size_t path_count, subject_path_count;
	VEC(uint32_t) works;
};

/* One work while it is judged. Arrays are beside nodes; stamp tells those of this work. */
struct process {
	uint32_t work;
	uint32_t *stamp; /* work + 1 for a member that is reached */
	uint64_t *cost;
	uint32_t *by;	     /* edge it is reached by; REACH_NONE for the root */
	uint32_t *first_out; /* place in the work's edges where those of a node start */
	uint32_t *out_stamp;
	uint32_t *list; /* members reached, sorted by (cost, node) */
	size_t count;
	size_t shipped; /* members that are part of the artifact */
	bool listens, may_listen;
	enum outcome reported; /* the heaviest misfit, before anything lowers it */
	uint32_t *strong;      /* members whose copyleft is relied on, in the order of list */
	size_t strong_count;
	unsigned target; /* what the work is judged as; TARGET_COUNT: nothing asks for one */
};

/* What is kept of a work after it was judged. */
struct work_memory {
	uint32_t outcomes;
	const uint32_t *members; /* that its edges reach */
	const uint32_t *taken;	 /* beside members: the branch each stands under */
	size_t member_count;
	const char *const *licences; /* strong ones that reach it */
	size_t licence_count;
};

struct heap_item {
	uint64_t cost;
	uint32_t node, by;
};

struct judge {
	const struct reach_input *input; /* what is judged now: see reach_judge() */
	struct arena *arena;
	struct terms terms;
	uint32_t *entry;      /* beside nodes */
	uint32_t *owner;      /* beside nodes: equal for nodes of one component */
	bool *used;	      /* beside edges: binds a symbol in some work, or nobody looked */
	bool *inside, *holds; /* beside nodes: see struct stance */
	bool *code_inside;    /* beside nodes: more than header material of it is inside others */
	bool *in_work;	      /* beside edges: carries reach in some work */
	uint64_t *edge_costs; /* beside edges; COST_NONE: carries no reach under the policy */
	uint64_t *taken;      /* beside nodes: set of branches taken in some work */
	bool *loaded;	      /* beside nodes: member of some work */
	uint32_t **duties;    /* beside nodes: what shipping asks for, by branch */
	uint32_t *spoken;     /* beside nodes: outcomes that hold in every work */
	struct work_memory *memory; /* beside works */
	struct process process;
	VEC(struct draft) drafts;
	struct map draft_by_key; /* struct draft_key -> index */
	struct {
		uint64_t *cost;
		uint32_t *by, *stamp;
		uint32_t next_stamp;
		struct heap_item *heap;
		size_t heap_cap;
	} search;
};

static inline const struct entry *node_entry(const struct judge *judge, uint32_t node)
{
	return &judge->terms.entries.ptr[judge->entry[node]];
}

/* ---- paths.c ---- */

void process_init(struct judge *judge);
/* Finds the members a work's edges reach, cheapest path to each. */
void process_open(struct judge *judge, uint32_t work);
/* What a step over an edge costs; COST_NONE when it carries no reach under the policy. */
uint64_t edge_cost(const struct judge *judge, uint32_t edge);
static inline bool edge_carries(const struct judge *judge, uint32_t edge)
{
	return judge->edge_costs[edge] != COST_NONE;
}
static inline bool process_has(const struct process *process, uint32_t node)
{
	return process->stamp[node] == process->work + 1;
}
/* Edges from the work's root to a member, in the arena. */
const uint32_t *process_path(struct judge *judge, uint32_t node, size_t *ret_count);
/* The first direct edge between two members, or REACH_NONE. */
uint32_t process_edge(const struct judge *judge, uint32_t from, uint32_t to);
/* Edges from one member to another; NULL when there is no way. */
const uint32_t *process_path_between(struct judge *judge, uint32_t from, uint32_t to,
				     size_t *ret_count);

/* ---- finding.c ---- */

/* The draft of (rule, subject, provider, kind or none, variant), made when it is new. */
struct draft *judge_draft(struct judge *judge, enum reach_rule rule, uint32_t subject,
			  uint32_t provider, int kind, uint32_t variant, bool *ret_new);
/* Adds a work with what the finding means for it; a heavier meaning than before leads. */
void draft_work(struct judge *judge, struct draft *draft, uint32_t work, uint32_t outcomes);
/* Turns the drafts into sorted findings and the works' verdicts. */
void judge_finish(struct judge *judge, struct reach_result *result);

/* ---- message.c ---- */

/* The sentences of a finding: what is said, and what can be done. */
void message_write(struct judge *judge, const struct draft *draft, struct finding *finding);

#endif
