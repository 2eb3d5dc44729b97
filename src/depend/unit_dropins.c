/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which file of a unit takes effect: after systemd.unit(5) of version 252, "Unit File Load Path"
 * and what it says of drop-ins and of masked units: those of the unit, of its prefixes
 * ("foo-.service.d") and of its type ("service.d"). Drop-ins of one instance, and of other names of
 * the unit, do not change what a file of the unit is said to start.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/units_internal.h"
#include "util/budget.h"
#include "util/path.h"

/* The administrator's before the packages'. */
static const char *const folders[] = {"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"};

#define FOLDER_COUNT (sizeof(folders) / sizeof(folders[0]))

enum presence { ABSENT, MASKED, PRESENT };

static const char *folder_of(struct units *units, size_t place, const char *scope)
{
	return arena_printf(&units->arena, "%s/systemd/%s", folders[place], scope);
}

/* Whether a link at path with this text leads to /dev/null, which a root need not hold. */
static bool leads_to_null(const char *path, const char *target)
{
	size_t above = 0, up = 0;

	for (const char *at = path; *at; at++)
		above += *at == '/';
	for (; strncmp(target, "../", 3) == 0; target += 3)
		up++;
	/* A link's folder lies one below for each slash of its path but the last. */
	return strcmp(target, "/dev/null") == 0 ||
	       (up + 1 >= above && up && strcmp(target, "dev/null") == 0);
}

/* A link to /dev/null, or an empty file, says that there is none. */
static enum presence presence_of(struct units *units, const char *path, const char **ret_canonical)
{
	struct root *root = units->finder->root;
	struct root_file file;
	char *target, *canonical;

	if (root_stat(root, path, false, &file) != STATUS_OK)
		return ABSENT;
	if (S_ISLNK(file.mode) && root_readlink(root, path, &units->arena, &target) == STATUS_OK &&
	    leads_to_null(path, target))
		return MASKED;
	if (root_stat(root, path, true, &file) != STATUS_OK)
		return ABSENT;
	if (S_ISCHR(file.mode) || (S_ISREG(file.mode) && !file.size))
		return MASKED;
	if (!S_ISREG(file.mode) ||
	    root_realpath(root, path, &units->arena, &canonical) != STATUS_OK)
		return ABSENT;
	*ret_canonical = canonical;
	return PRESENT;
}

bool unit_file_find(struct units *units, const char *name, const char *scope, const char *near,
		    const char **ret_path, bool *ret_masked)
{
	bool standard = false;

	*ret_masked = false;
	for (size_t i = 0; i < FOLDER_COUNT; i++)
		standard |= strcmp(near, folder_of(units, i, scope)) == 0;
	for (size_t i = standard; i <= FOLDER_COUNT; i++) {
		const char *folder = i == 0 ? near : folder_of(units, i - 1, scope);
		enum presence presence =
		    presence_of(units, path_join(&units->arena, folder, name), ret_path);

		*ret_masked = presence == MASKED;
		if (presence != ABSENT)
			return presence == PRESENT;
	}
	return false;
}

/* ---- drop-ins ---- */

struct dropin {
	const char *name;
	const char *path; /* canonical; NULL: masked */
	size_t order;	  /* of its folder: the first of one name counts */
};

struct dropin_list {
	VEC(struct dropin) list;
};

static int compare_dropins(const void *a, const void *b)
{
	const struct dropin *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static void list_folder(struct units *units, const char *folder, size_t order,
			struct dropin_list *dropins)
{
	struct root_entry *entries;
	size_t count;

	if (root_list(units->finder->root, folder, &units->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *suffix = strrchr(entries[i].name, '.');
		struct dropin found = {.name = entries[i].name, .order = order};

		if (!suffix || strcmp(suffix, ".conf") != 0 ||
		    presence_of(units, path_join(&units->arena, folder, found.name), &found.path) ==
			ABSENT)
			continue;
		if (dropins->list.len == BUDGET_UNIT_DROPINS) {
			diag_add(units->finder->diags, DIAG_LIMIT_REACHED, folder, DIAG_NO_OFFSET,
				 "more than %u drop-ins of one unit", BUDGET_UNIT_DROPINS);
			return;
		}
		vec_push(&dropins->list, found);
	}
}

/* Folders of one name, "foo-.service" for all units that start so. */
static void list_name(struct units *units, const char *name, const char *scope, size_t *order,
		      struct dropin_list *dropins)
{
	for (size_t i = 0; i < FOLDER_COUNT; i++)
		list_folder(
		    units, arena_printf(&units->arena, "%s/%s.d", folder_of(units, i, scope), name),
		    (*order)++, dropins);
}

/* The unit itself, the longer prefix before the shorter, then all of its type. */
static void list_names(struct units *units, const char *unit, const char *scope,
		       struct dropin_list *dropins)
{
	const char *type = strrchr(unit, '.');
	size_t order = 0, length;

	list_name(units, unit, scope, &order, dropins);
	if (!type)
		return;
	length = (size_t)(type - unit);
	for (size_t i = length ? length - 1 : 0, prefixes = 0;
	     i > 0 && prefixes < BUDGET_UNIT_PREFIXES; i--) {
		if (unit[i - 1] != '-')
			continue;
		prefixes++;
		list_name(units, arena_printf(&units->arena, "%.*s%s", (int)i, unit, type), scope,
			  &order, dropins);
	}
	list_name(units, type + 1, scope, &order, dropins);
}

/* All that apply to the unit, in the order in which they are read. */
static void list_dropins(struct units *units, const char *unit, const char *scope,
			 const char *const **ret, size_t *ret_count)
{
	struct dropin_list dropins = {0};
	const char **paths;
	size_t count = 0;

	list_names(units, unit, scope, &dropins);
	if (dropins.list.len)
		qsort(dropins.list.ptr, dropins.list.len, sizeof(*dropins.list.ptr),
		      compare_dropins);
	paths = arena_alloc_array(&units->arena, dropins.list.len + 1, sizeof(*paths));
	for (size_t i = 0; i < dropins.list.len; i++)
		if (dropins.list.ptr[i].path &&
		    (i == 0 || strcmp(dropins.list.ptr[i].name, dropins.list.ptr[i - 1].name) != 0))
			paths[count++] = dropins.list.ptr[i].path;
	vec_release(&dropins.list);
	*ret = paths;
	*ret_count = count;
}

/* ---- one file ---- */

/* "system" or "user" when the folder is of the load path, through links too; else NULL. */
static const char *scope_of_folder(struct units *units, const char *folder)
{
	static const char *const scopes[] = {"system", "user"};

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		for (size_t j = 0; j < FOLDER_COUNT; j++) {
			const char *known = folder_of(units, j, scopes[i]);
			char *canonical;

			if (strcmp(known, folder) == 0 ||
			    (root_realpath(units->finder->root, known, &units->arena, &canonical) ==
				 STATUS_OK &&
			     strcmp(canonical, folder) == 0))
				return scopes[i];
		}
	return NULL;
}

void unit_place_find(struct units *units, const char *path, struct unit_place *ret)
{
	const char *folder = path_directory(&units->arena, path), *unit = path_name(path), *scope;
	size_t length = strlen(folder);
	bool is_dropin = length > 2 && strcmp(folder + length - 2, ".d") == 0, masked;
	const char *effective = NULL;

	*ret = (struct unit_place){0};
	if (is_dropin) {
		unit = arena_slice(&units->arena, slice_of(folder, length - 2));
		folder = path_directory(&units->arena, unit);
		unit = path_name(unit);
	}
	scope = scope_of_folder(units, folder);
	if (!scope)
		return;
	if (!unit_file_find(units, unit, scope, folder_of(units, 0, scope), &effective, &masked))
		effective = NULL;
	ret->dead = masked || (!is_dropin && effective && strcmp(effective, path) != 0);
	if (ret->dead)
		return;
	list_dropins(units, unit, scope, &ret->later, &ret->later_count);
	if (!is_dropin)
		return;
	for (size_t i = 0; i < ret->later_count; i++) {
		if (strcmp(ret->later[i], path) != 0)
			continue;
		ret->later += i + 1;
		ret->later_count -= i + 1;
		return;
	}
	ret->dead = true; /* another of its name stands before it */
}
