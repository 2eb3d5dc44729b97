/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which Files stanzas speak of the very sources a file was compiled from, where its debug
 * information names them. Patterns are relative to the top of the source tree; where that was on
 * the machine that built it, the folder called like the source package tells ("/build/zlib-1.2.13/
 * inflate.c"), else the folder that all compilations have in common.
 */
#include <string.h>
#include <strings.h>

#include "licence/stanza.h"
#include "util/path.h"

#define SHOWN 3 /* sources named to the reader */

/* Sources of the compiler and of other packages: their licence is not this package's. */
static bool is_foreign(const char *path)
{
	static const char *const folders[] = {"/usr/include/", "/usr/lib/", "/usr/share/", "<"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

/* "." and ".." taken out as text, in place: debug information holds paths of another machine. */
static char *normalised(const char *path, struct arena *arena)
{
	char *result = path_absolute(arena, "/", path), *to = result;
	struct slice rest = slice_text(arena_strdup(arena, result)), name;

	while (slice_token(&rest, "/", &name)) {
		if (slice_equal_text(name, "..")) {
			while (to > result && *--to != '/')
				;
			continue;
		}
		*to++ = '/';
		memcpy(to, name.ptr, name.len);
		to += name.len;
	}
	*to = '\0';
	return result;
}

/* Behind the folder called "PROJECT", "PROJECT-1.2" or "PROJECT_1.2", the last one; NULL. */
static const char *below_project(const char *path, const char *project)
{
	const char *found = NULL, *at = path, *end;
	size_t length = strlen(project);

	for (; (end = strchr(at + 1, '/')); at = end)
		if ((size_t)(end - at - 1) >= length && strncasecmp(at + 1, project, length) == 0 &&
		    (at[1 + length] == '/' ||
		     (strchr("-_.", at[1 + length]) && strpbrk(at + 1 + length, "0123456789") &&
		      strpbrk(at + 1 + length, "0123456789") < end)))
			found = end + 1;
	return found;
}

struct tree {
	const char *project;
	char *common; /* folder over all sources and where they were compiled; NULL: none */
	bool by_name;
};

/* Shortens common to what it shares with path, by whole components. */
static void share(char **common, const char *path, struct arena *arena)
{
	size_t same = 0, last = 0;

	if (!*common) {
		*common = path_directory(arena, path);
		return;
	}
	while ((*common)[same] && (*common)[same] == path[same]) {
		last = path[same] == '/' ? same : last;
		same++;
	}
	if (!(*common)[same] && (!path[same] || path[same] == '/'))
		return;
	(*common)[last] = '\0';
}

static struct tree find_tree(const struct facts *facts, const char *project, struct arena *arena)
{
	struct tree tree = {.project = project, .by_name = true};
	bool any = false;

	for (size_t i = 0; i < facts->debug_files_count; i++) {
		const char *path = facts_text(facts, facts->debug_files[i].path);

		if (!facts->debug_files[i].lines || path[0] != '/' || is_foreign(path))
			continue;
		path = normalised(path, arena);
		any = true;
		tree.by_name &= below_project(path, project) != NULL;
		share(&tree.common, path, arena);
	}
	for (size_t i = 0; i < facts->debug_units_count; i++) {
		const char *folder = facts_text(facts, facts->debug_units[i].directory);

		if (folder[0] == '/' && tree.common)
			share(&tree.common, arena_printf(arena, "%s/x", normalised(folder, arena)),
			      arena);
	}
	if (!any || (!tree.by_name && (!tree.common || !*tree.common)))
		tree.common = NULL;
	return tree;
}

/* The path in the source tree; NULL when it lies elsewhere. */
static const char *in_tree(const struct tree *tree, const char *path)
{
	const char *below = below_project(path, tree->project);
	size_t length = strlen(tree->common);

	if (tree->by_name)
		return below;
	return strncmp(path, tree->common, length) == 0 && path[length] == '/' ? path + length + 1
									       : NULL;
}

struct file_licence *stanza_licence_of_sources(const struct package_licence *package,
					       const struct facts *facts, struct arena *arena)
{
	struct stanza_picked picked = stanza_picked_new(package, arena);
	struct tree tree = find_tree(facts, package->scope, arena);
	const char *shown = "";
	size_t matched = 0, unmatched = 0;

	for (size_t i = 0; tree.common && i < facts->debug_files_count; i++) {
		const char *path = facts_text(facts, facts->debug_files[i].path), *below;
		size_t stanza;

		if (!facts->debug_files[i].lines || path[0] != '/' || is_foreign(path))
			continue;
		below = in_tree(&tree, normalised(path, arena));
		stanza = below ? stanza_last_match(&package->dep5, below) : STANZA_NONE;
		if (stanza == STANZA_NONE) {
			unmatched++;
			continue;
		}
		picked.taken[stanza] = true;
		if (matched++ < SHOWN)
			shown = arena_printf(arena, "%s%s%s", shown, *shown ? ", " : "", below);
	}
	if (!matched)
		return NULL;
	return stanza_answer(
	    &picked,
	    tree.by_name && !unmatched ? LICENCE_CONFIDENCE_HIGH : LICENCE_CONFIDENCE_MEDIUM,
	    arena_printf(arena,
			 "what it says of the %zu source%s that debug information names, %s%s",
			 matched, matched == 1 ? "" : "s", shown, matched > SHOWN ? ", ..." : ""),
	    arena);
}
