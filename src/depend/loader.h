/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program loader would do, without running it: which file each needed name leads to, by
 * which rule, and what is in memory in the end. Written after glibc 2.36's elf/dl-load.c,
 * elf/dl-deps.c, elf/dl-cache.c and elf/dl-hwcaps*.c; ld.so itself is the oracle of the tests.
 *
 * A struct loader holds what is true of a whole root (ld.so.cache, system directories, CPU); each
 * loader_load() is one process of its own, and no call changes the answer of another.
 */
#ifndef DEPEND_LOADER_H
#define DEPEND_LOADER_H

#include <stdbool.h>

#include "binary/binaries.h"
#include "util/arena.h"
#include "util/diag.h"

/* CPU levels of the x86-64 psABI; other machines have only BASELINE and NATIVE. */
enum loader_cpu {
	LOADER_CPU_BASELINE,
	LOADER_CPU_X86_64_V2,
	LOADER_CPU_X86_64_V3,
	LOADER_CPU_X86_64_V4,
	LOADER_CPU_NATIVE, /* this machine's, as its own ld.so would judge it */
};

struct loader_options {
	enum loader_cpu cpu;
	const char *library_path;      /* stands for LD_LIBRARY_PATH; NULL: none */
	const char *preload;	       /* stands for LD_PRELOAD; NULL: none */
	const char *working_directory; /* in the root, for relative elements; NULL: "/" */
	bool trail;		       /* keep every candidate that was tried */
};

/* How a name led to a file. Texts: loader_rule_text(). */
enum loader_rule {
	LOADER_RULE_ROOT,	   /* the program or library asked for */
	LOADER_RULE_INTERPRETER,   /* PT_INTERP, or its name asked for again */
	LOADER_RULE_LOADED_NAME,   /* already loaded under this very name */
	LOADER_RULE_LOADED_SONAME, /* already loaded, its DT_SONAME is this name */
	LOADER_RULE_LOADED_FILE,   /* found, and the same file was loaded under another name */
	LOADER_RULE_PATH,	   /* the name holds a slash */
	LOADER_RULE_RPATH,
	LOADER_RULE_LIBRARY_PATH,
	LOADER_RULE_RUNPATH,
	LOADER_RULE_CACHE, /* ld.so.cache, or ldconfig's result simulated */
	LOADER_RULE_SYSTEM_DIRECTORY,
	LOADER_RULE_NOT_FOUND,
	LOADER_RULE_FATAL, /* a candidate the loader gives up on: the search stops there */
};

/* What asks for an object. */
enum loader_request {
	LOADER_REQUEST_ROOT,
	LOADER_REQUEST_NEEDED,	  /* DT_NEEDED */
	LOADER_REQUEST_AUXILIARY, /* DT_AUXILIARY: may be missing */
	LOADER_REQUEST_FILTER,	  /* DT_FILTER */
	LOADER_REQUEST_PRELOAD,	  /* --preload or /etc/ld.so.preload */
	LOADER_REQUEST_AUDIT,	  /* DT_AUDIT: in a namespace of its own */
	LOADER_REQUEST_DEPAUDIT,  /* DT_DEPAUDIT */
	LOADER_REQUEST_INTERPRETER,
};

enum loader_candidate_result {
	LOADER_CANDIDATE_TAKEN,
	LOADER_CANDIDATE_MISSING,     /* ENOENT, ENOTDIR, EACCES */
	LOADER_CANDIDATE_WRONG_CLASS, /* 32-bit for a 64-bit process or the other way */
	LOADER_CANDIDATE_WRONG_MACHINE,
	LOADER_CANDIDATE_WRONG_ABI_NOTE, /* for another operating system */
	LOADER_CANDIDATE_FATAL,		 /* see message */
	LOADER_CANDIDATE_DISABLED,	 /* a cache entry that DF_1_NODEFLIB or the CPU rules out */
};

struct loader_candidate {
	const char *path;
	enum loader_rule rule;
	enum loader_candidate_result result;
	uint32_t owner; /* object whose RPATH or RUNPATH names the directory; else LOADER_NONE */
	const char *message; /* of a fatal candidate, in ld.so's words; else "" */
};

#define LOADER_NONE UINT32_MAX

struct loader_object {
	struct binary *binary; /* NULL when it was not found */
	const char *name;      /* the name it was first asked for by, tokens expanded */
	const char *path;      /* as found, links not resolved; NULL when not found */
	const char *soname;    /* NULL without DT_SONAME */
	uint32_t loader; /* object that first caused it to be loaded; LOADER_NONE for the root */
	enum loader_rule rule; /* of its first finding */
	enum loader_request request;
	bool auxiliary_namespace; /* loaded by DT_AUDIT or DT_DEPAUDIT, apart from the process */
};

struct loader_edge {
	uint32_t from;	  /* object */
	uint32_t to;	  /* object; LOADER_NONE when nothing was found */
	const char *name; /* as written in the file, tokens not expanded */
	enum loader_request request;
	enum loader_rule rule;
	const struct loader_candidate *trail; /* NULL unless asked for */
	size_t trail_count;
};

/* One process. Owned by the arena given to loader_load(). */
struct load_set {
	const struct loader_object *objects; /* [0] is the root; then in the order of the scope */
	size_t object_count;
	/* Objects in the order symbols are looked up in: filters come before what they filter. */
	const uint32_t *scope;
	size_t scope_count;
	const struct loader_edge *edges; /* in the order ld.so meets them */
	size_t edge_count;
	size_t missing_count; /* edges to nothing that ld.so reports as an error */
	const char *fatal;    /* why ld.so would stop before the program starts, or NULL */
	const char *dialect;  /* "glibc", or NULL when no model fits the interpreter */
	bool is_static;	      /* no loader takes part */
	bool cache_simulated; /* no usable ld.so.cache: ldconfig was simulated */
};

struct loader;

/* All borrowed; they must outlive the loader. */
struct loader *loader_new(struct binaries *binaries, const struct loader_options *options,
			  struct diags *diags);
void loader_free(struct loader *loader);

/*
 * The process that starting path gives: a program as the kernel starts it, a library as "ld.so
 * path" does. path is in the root, absolute. STATUS_FORMAT when the root itself is not usable.
 */
enum status loader_load(struct loader *loader, struct binary *binary, const char *path,
			struct arena *arena, const struct load_set **ret) must_check;

/*
 * Diagnoses what a process does not find, and what it stops at. Only who asks knows whether the
 * process would ever be: a library alone misses what it finds by the RPATH of what loads it.
 */
void loader_tell(const struct loader *loader, const struct load_set *load);

/*
 * The file that dlopen(name) in the file caller gives, by the rules of the caller's own loader;
 * NULL when it finds none, or no model fits. path is where the caller was found. Texts in the
 * arena.
 */
struct binary *loader_find(struct loader *loader, struct binary *caller, const char *path,
			   const char *name, struct arena *arena, enum loader_rule *ret_rule);
/*
 * The same as the finders of edges want it (finder.h): context is the loader. A consumer that is no
 * ELF file stands for a program without search paths of its own. Canonical path, or NULL.
 */
const char *loader_resolve(void *context, const char *consumer_path, const char *name);

const char *loader_rule_text(enum loader_rule rule);	      /* "runpath", "ld.so.cache", ... */
const char *loader_request_text(enum loader_request request); /* "DT_NEEDED", ... */
const char *loader_candidate_text(enum loader_candidate_result result);
/* False for an unknown name. */
bool loader_cpu_parse(const char *name, enum loader_cpu *ret);

#endif
