/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One simulated process of the glibc model while it is being built. Private to src/depend.
 */
#ifndef DEPEND_PROCESS_H
#define DEPEND_PROCESS_H

#include "depend/dialect.h"
#include "depend/tokens.h"
#include "util/map.h"

/* Directories of one RPATH, RUNPATH or library path, each "" or with a slash behind. */
struct path_list {
	const char *const *directories;
	size_t count;
};

struct process_object {
	struct loader_object shown;
	const struct facts *facts; /* NULL for one that was not found or not read */
	const char *origin;	   /* directory; NULL when it is not known */
	const struct path_list *rpath, *runpath; /* NULL until wanted */
	bool in_scope;
};

/* Objects find each other by name only inside their namespace. */
struct name_space {
	struct map names, sonames; /* text -> lowest object index */
	struct map files;	   /* binary id as text -> object index */
	bool has_interpreter;
	bool apart;
};

struct process {
	struct loader *loader;
	const struct platform *platform;
	const struct ldcache *cache; /* NULL until wanted */
	struct arena *arena;
	VEC(struct process_object) objects; /* in order of creation; [0] is the root */
	VEC(struct loader_edge) edges;
	VEC(struct loader_candidate) trail; /* of the search under way */
	const struct path_list *library_path;
	const char *working_directory;
	uint32_t interpreter; /* its object, LOADER_NONE until something needs it */
	const char *interpreter_soname;
	const char *fatal;
	size_t missing;
};

struct search_result {
	enum loader_rule rule; /* NOT_FOUND or FATAL: no binary */
	struct binary *binary;
	const char *path;    /* as found */
	const char *message; /* of FATAL: "path: why" */
};

/* Searches a name without looking at what is loaded; requester may be LOADER_NONE. */
struct search_result search(struct process *process, uint32_t requester, const char *name);

const struct path_list *path_list_make(struct process *process, const char *text,
				       const char *separators, const struct token_values *values);
struct token_values process_tokens(const struct process *process, uint32_t object);
/* A path of the target as a path of the root: relative ones below the working directory. */
const char *process_absolute(const struct process *process, const char *path);

#endif
