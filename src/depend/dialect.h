/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A loader dialect: the model of one family of program interpreters. Adding one is one file and one
 * row of dialects.def. Private to src/depend.
 */
#ifndef DEPEND_DIALECT_H
#define DEPEND_DIALECT_H

#include "depend/ldcache.h"
#include "depend/loader.h"
#include "depend/platform.h"

/* What a loader keeps for a whole root. */
struct loader {
	struct binaries *binaries;
	struct loader_options options;
	struct diags *diags;
	struct arena arena;
	VEC(const struct platform *) platforms;
	VEC(struct ldcache *) caches; /* beside platforms; NULL until it is wanted */
	struct slice cache_file;      /* ld.so.cache as read */
	bool cache_looked_for, cache_usable;
	struct map directories; /* path -> 1 when it exists, else 0 */
};

struct dialect {
	const char *name;
	/* Whether it models this interpreter (NULL: none is named); facts of root are there. */
	bool (*fits)(struct loader *loader, const char *interpreter, const struct binary *root);
	enum status (*load)(struct loader *loader, struct binary *root, const char *path,
			    struct arena *arena, struct load_set *ret);
	/* What a call of dlopen() in that object finds; NULL when nothing. */
	struct binary *(*find)(struct loader *loader, struct binary *caller, const char *path,
			       const char *name, struct arena *arena, enum loader_rule *ret_rule);
};

const struct platform *loader_platform(struct loader *loader, const struct binary *like,
				       const char *interpreter);
/* The cache of the root as one platform sees it: the file, or ldconfig simulated. */
const struct ldcache *loader_cache(struct loader *loader, const struct platform *platform);
bool loader_directory_exists(struct loader *loader, const char *path);

#endif
