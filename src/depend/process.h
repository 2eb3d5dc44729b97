/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One simulated process while it is being built; search() and process_map() are glibc's. Private to
 * src/depend.
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
	const struct facts *facts;		 /* NULL for one that was not found or not read */
	const char *origin;			 /* directory; NULL when it is not known */
	const struct path_list *rpath, *runpath; /* NULL until wanted */
	bool in_scope, prefetched;
};

/* Objects find each other by name only inside their namespace. */
struct name_space {
	struct map names, sonames; /* text -> lowest object index */
	struct map files;	   /* binary id as text -> object index */
	uint32_t interpreter;	   /* its object, LOADER_NONE until something needs it */
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
	const char *interpreter_soname;
	const char *system_path; /* of musl: the list searched last; NULL until wanted */
	const char *fatal;
	size_t missing;
};

struct search_result {
	enum loader_rule rule; /* NOT_FOUND or FATAL: no binary */
	struct binary *binary;
	const char *path;    /* as found */
	const char *message; /* of FATAL: "path: why" */
};

/* The list that becomes the search scope; AUXILIARY and FILTER objects go in before their owner. */
struct scope_item {
	uint32_t object, next;
	bool done;
};

struct scope {
	VEC(struct scope_item) items;
	uint32_t first, tail;
};

uint32_t process_add_object(struct process *process, struct name_space *space, uint32_t requester,
			    const char *name, enum loader_request request,
			    const struct search_result *found);
/* The object of the program interpreter, made when it is first wanted. */
uint32_t process_interpreter(struct process *process, struct name_space *space);
/* What makes ld.so refuse a file it has already opened as a library; NULL when nothing does. */
const char *process_mapping_failure(const struct facts *facts);
/* What _dl_map_object() does: the object for a name, loaded now if need be. */
uint32_t process_map(struct process *process, struct name_space *space, uint32_t requester,
		     const char *name, enum loader_request request,
		     struct search_result *ret_found);
void process_add_edge(struct process *process, uint32_t from, uint32_t to, const char *name,
		      enum loader_request request, const struct search_result *found);
void scope_append(struct scope *scope, struct process *process, uint32_t object);
/* Loads what the objects of the scope need, breadth first, until nothing is left or ld.so stops. */
void process_walk(struct process *process, struct name_space *space, struct scope *scope);

/* The canonical path of the root, for messages. */
const char *process_root_path(const struct process *process);
/* Says what is missing, puts the result together, and releases the process. */
void process_finish(struct process *process, const struct scope *scope, uint32_t interpreter,
		    struct arena *arena, struct load_set *ret);
void process_release(struct process *process);
void name_space_release(struct name_space *space);

/* Keeps a candidate in the trail of the search under way, if trails are wanted. */
void process_note(struct process *process, const char *path, enum loader_rule rule, uint32_t owner,
		  enum loader_candidate_result result, const char *message);

/* Searches a name without looking at what is loaded; requester may be LOADER_NONE. */
struct search_result search(struct process *process, uint32_t requester, const char *name);

const struct path_list *path_list_make(struct process *process, const char *text,
				       const char *separators, const struct token_values *values);
struct token_values process_tokens(const struct process *process, uint32_t object);
/* A path of the target as a path of the root: relative ones below the working directory. */
const char *process_absolute(const struct process *process, const char *path);

#endif
