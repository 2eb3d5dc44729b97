/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One graph of the whole run: files, edges between them, and works. It joins what the stages
 * before found, sorted and with indexes; the judgement and the reports both start from it.
 *
 * Add every work candidate, then finish. Everything lives in the arena given to graph_new().
 */
#ifndef REACH_GRAPH_H
#define REACH_GRAPH_H

#include "artifact/inventory.h"
#include "depend/bind.h"
#include "depend/edge.h"
#include "depend/found.h"
#include "evidence/embedded.h"
#include "evidence/inline_code.h"
#include "evidence/provider.h"
#include "licence/effective.h"
#include "reach/works.h"

#define GRAPH_NONE UINT32_MAX

/* What a reference says of a file (elfleft scan --reference). */
struct graph_comparison {
	const char *path;		     /* in the root */
	const char *reference;		     /* as the user wrote it */
	const char *reference_path;	     /* of its partner there */
	const char *verdict, *detail;	     /* detail "": the verdict says it all */
	bool unmodified, modified, unproven; /* unproven: another build, of who knows what */
	bool elf;
};

/* A file; or a component whose code is inside one, which has no file of its own. */
struct graph_file {
	const char *path;	     /* canonical, in the root; of a component its id */
	struct binary *binary;	     /* NULL when it could not be opened */
	const struct facts *facts;   /* NULL when it could not be read */
	const struct load_set *load; /* the process with it as root; NULL when it makes none */
	bool is_text;		     /* a script, a unit, a Python distribution: no ELF file */
	bool shipped; /* part of the artifact, not only a provider found in the root */
	const struct component *component; /* owner; NULL when not known */
	const char *origin;		   /* provider that knew the owner; NULL */
	/* The package that brought it along, where the owner is told by a name alone; NULL. */
	const struct component *carrier;
	const struct file_licence *licence;
	bool is_component; /* code inside files, without a file of its own */
	bool modified;	   /* known to differ from its upstream */
	/* Files of its component differ, sources for instance: the component is modified then. */
	bool component_modified;
	bool unproven; /* another build than the reference: it cannot be claimed unmodified */
	const char *difference;			   /* what says so, of the three above; NULL */
	const struct graph_comparison *comparison; /* NULL: no reference speaks of it */
	bool own; /* the policy file says that it is ours (policy_graph()) */
};

struct graph_edge {
	const char *id;	   /* made of paths and names: the same from run to run */
	uint32_t from, to; /* files; to GRAPH_NONE when nothing was found */
	const char *name;  /* what the consumer asks for, as written there */
	enum loader_request request;
	enum loader_rule rule; /* the first of the rules it was found by in any work */
	const char *found_at;  /* path as found, links not resolved; NULL */
	enum edge_kind kind;
	enum edge_grade grade;
	int64_t symbols_bound; /* with the consumer as root; -1: not computed */
	/* It links to a file that is modified: told as link-modified. kind is how it links. */
	bool modified;
	/* Of an edge to a plugin: symbols of its host that it binds. 0 for all others. */
	int64_t symbols_back;
	bool one_call; /* and the host looks up "main" alone in it */
	/* What a finder found beyond DT_NEEDED; NULL for an edge of the loader. With it, request
	 * and rule mean nothing. */
	const struct found_edge *found;
	/* Code found inside, by fingerprints or by headers; both NULL for all other edges. With
	 * one, request and rule mean nothing. */
	const struct embedded_component *embedded;
	const struct inline_component *inlined;
};

struct graph_work {
	uint32_t root;
	uint32_t plugin;	 /* a work of a host with a plugin it may load; GRAPH_NONE */
	const uint32_t *members; /* files, sorted, the root included */
	size_t member_count;
	const uint32_t *edges; /* sorted */
	size_t edge_count;
	const int64_t *edge_symbols; /* beside edges; NULL: not computed */
	size_t bindings;   /* distinct (consumer, symbol, version) that something provides */
	size_t unprovided; /* symbols nothing provides, weak ones left out */
	const char *const *missing; /* names nothing was found for, sorted */
	size_t missing_count;
	const char *fatal; /* why the loader would refuse, or NULL */
};

struct graph {
	/* Files, sorted by path, and behind them components that have none, sorted by id. */
	const struct graph_file *files;
	size_t file_count;		/* without the components */
	size_t node_count;		/* with them: what indexes of edges and members are below */
	const struct graph_edge *edges; /* sorted by (from, to, name, kind, id) */
	size_t edge_count;
	const struct graph_work *works; /* sorted by root */
	size_t work_count;
	const struct graph_comparison *comparisons; /* by path; files that are no nodes too */
	size_t comparison_count;
};

struct graph_input {
	struct binaries *binaries;
	const struct inventory *inventory;
	const struct work_candidate *candidates; /* sorted by path, roots marked */
	size_t candidate_count;
	struct loader *loader;	   /* for providers outside the artifact as roots of their own */
	struct binder *binder;	   /* NULL: symbols are not bound */
	const struct texts *texts; /* of the artifact; NULL */
	const struct found_edges *found;       /* finished; NULL: none were looked for */
	const struct embedded_files *embedded; /* NULL: no code was looked up */
	const struct inline_files *inlined;    /* NULL: code of headers was not looked for */
	struct providers *providers;	       /* NULL: owners are not wanted */
	struct licences *licences;	       /* NULL: licences are not wanted */
	bool debug;			       /* debug information that was split off is read */
};

/* Borrows from the input; the graph lives in the arena. */
const struct graph *graph_build(const struct graph_input *input, struct arena *arena);

#endif
