/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Python distributions of an artifact: which folder of packages each is installed in, and which
 * modules are its own, as its RECORD, installed-files.txt or top_level.txt says.
 */
#ifndef DEPEND_PYTHON_SITES_H
#define DEPEND_PYTHON_SITES_H

#include "depend/finder.h"
#include "util/map.h"

#define PYTHON_NONE UINT32_MAX		  /* nobody's, as far as is known */
#define PYTHON_AMBIGUOUS (UINT32_MAX - 1) /* more than one distribution claims it */

/* Who looks for modules: the interpreter's prefix and version. */
struct python_environment {
	const char *prefix;    /* "/usr"; NULL when the folder is none of an interpreter's own */
	const char *version;   /* "3.11", or "3" for all of them; "" when it is not known */
	uint32_t site;	       /* looked into first; PYTHON_NONE */
	const char *directory; /* of a script: what lies beside it comes before all else; NULL */
};

/* A folder that holds distributions: .../lib/python3.11/site-packages and the like. */
struct python_site {
	const char *path;
	struct python_environment environment;
};

struct python_distribution {
	const char *metadata; /* canonical path of METADATA, PKG-INFO or the egg-info file */
	const char *name;     /* as the name of its folder spells it */
	uint32_t site;
};

/* One distribution that claims a top-level name of a site; several can claim a namespace. */
struct python_claim {
	uint32_t distribution, next; /* next: index of claims, PYTHON_NONE */
};

struct python_sites {
	struct finder *finder;
	struct arena arena;
	VEC(struct python_site) sites;
	VEC(struct python_distribution) distributions; /* sorted by metadata */
	VEC(struct python_claim) claims;
	struct map by_path;  /* site path -> index of sites */
	struct map modules;  /* path of a module without its suffix -> distribution */
	struct map tops;     /* SITE/NAME -> first of its claims */
	struct map names;    /* top-level names anybody claims */
	struct map standard; /* PREFIX|VERSION|NAME -> 1 for a module of the standard library */
	VEC(char) key;	     /* buffer */
};

void python_sites_read(struct python_sites *sites, struct finder *finder);
void python_sites_release(struct python_sites *sites);

/* The distribution a file belongs to, or PYTHON_NONE, PYTHON_AMBIGUOUS. */
uint32_t python_sites_owner(struct python_sites *sites, const char *path);

/*
 * The distribution that "import module" leads to; name: what "from module import name" takes from
 * it, which can be a module too, or NULL. PYTHON_NONE for the standard library as well.
 */
uint32_t python_sites_import(struct python_sites *sites,
			     const struct python_environment *environment, const char *module,
			     const char *name);

#endif
