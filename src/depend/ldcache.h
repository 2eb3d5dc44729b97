/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ld.so.cache: both formats of the file, and what ldconfig would write where a root has none.
 * Private to src/depend.
 */
#ifndef DEPEND_LDCACHE_H
#define DEPEND_LDCACHE_H

#include "depend/platform.h"
#include "util/map.h"

struct ldcache_entry {
	const char *key, *path;
	uint32_t flags;
	uint64_t hwcap;
	const char *hwcaps_name; /* of an entry from a glibc-hwcaps directory, else NULL */
	uint32_t next;		 /* entry with the same key, in file order; UINT32_MAX: none */
	uint32_t last;		 /* of the first entry with a key: the last one with it */
};

struct ldcache {
	struct arena arena;
	VEC(struct ldcache_entry) entries;
	struct map first_by_key; /* key -> first entry */
	bool simulated;
};

void ldcache_init(struct ldcache *cache);
void ldcache_release(struct ldcache *cache);
void ldcache_add(struct ldcache *cache, const struct ldcache_entry *entry);

/* Parses a cache file, which is borrowed. STATUS_FORMAT when any table leaves it; what was read
 * before stays out. */
enum status ldcache_parse(struct ldcache *cache, struct slice file) must_check;

/* What ldconfig would find in this root, for one platform. */
void ldcache_simulate(struct ldcache *cache, struct binaries *binaries,
		      const struct platform *platform, struct diags *diags);

/*
 * The one entry the loader takes for a name, or NULL: the best active glibc-hwcaps one, else the
 * first plain one.
 */
const struct ldcache_entry *ldcache_find(const struct ldcache *cache, const char *name,
					 const struct platform *platform);

/* Order of cache keys: runs of digits by value (glibc's _dl_cache_libcmp). */
int ldcache_compare_names(const char *left, const char *right);

#endif
