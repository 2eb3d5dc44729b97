/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which Files stanzas speak of the very sources a file was compiled from, where its debug
 * information names them. Patterns are relative to the top of the source tree; where that was on
 * the machine that built it, the folder called like the source package tells ("/build/zlib-1.2.13/
 * inflate.c"), or it was mapped to "." ("./src/a.c": dpkg-buildflags(1), fixfilepath). Nothing else
 * does: a path taken from the wrong folder matches "*", whatever the stanza over it says. How much
 * of a file's code has line tables is not asked, so this never counts for more than medium.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "licence/stanza.h"
#include "util/budget.h"
#include "util/map.h"
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

/* Whether the bytes behind the project's name are a version: "-1.2", "_1.2", "-v1.2". */
static bool is_version(const char *text, const char *end)
{
	if (end - text < 2 || !strchr("-_.", text[0]))
		return false;
	text += 1 + (text[1] == 'v');
	return text < end && isdigit((unsigned char)*text);
}

/*
 * Behind the top of the tree: the last folder called "PROJECT-1.2", or else the first one called
 * "PROJECT": those below it are folders of the tree (protobuf's src/google/protobuf). NULL: there
 * is none. *ret_sure: it has a version, or there is only one.
 */
static const char *below_project(const char *path, const char *project, bool *ret_sure)
{
	const char *versioned = NULL, *first = NULL, *at = path, *end;
	size_t length = strlen(project), named = 0;

	for (; length && (end = strchr(at + 1, '/')); at = end) {
		if ((size_t)(end - at - 1) < length || strncasecmp(at + 1, project, length) != 0)
			continue;
		if (is_version(at + 1 + length, end))
			versioned = end + 1;
		if (at + 1 + length == end && named++ == 0)
			first = end + 1;
	}
	*ret_sure = versioned || named == 1;
	return versioned ? versioned : first;
}

struct matching {
	const struct package_licence *package;
	struct map folders; /* in which sources were compiled, where the top is "." */
	bool only_top;	    /* these are the top, or one that was made for building */
	struct stanza_picked picked;
	const char *shown;
	size_t matched, unmatched, tests; /* sources; patterns asked */
	bool sure;
};

/* Where the top is ".": the folders sources were compiled in. */
static void list_folders(struct matching *matching, const struct debug_sources *sources)
{
	matching->only_top = true;
	for (size_t i = 0; i < sources->folder_count; i++) {
		const char *folder = sources->folders[i];

		if (folder[0] != '.')
			continue;
		map_put(&matching->folders, slice_text(folder), 0, NULL);
		matching->only_top &= !folder[1] || strncmp(folder, "./obj-", 6) == 0;
	}
}

/*
 * Behind the "." that stands for the top. A compiler may have been given "./a.c" in a folder below,
 * which looks the same: *ret_sure when the path lies in a folder that something was compiled in.
 */
static const char *below_mapped(const struct matching *matching, const char *path, bool *ret_sure,
				struct arena *scratch)
{
	*ret_sure = matching->only_top;
	for (size_t end = strlen(path); !*ret_sure && end > 2; end--)
		*ret_sure =
		    path[end] == '/' && map_get(&matching->folders, slice_of(path, end)) != NULL;
	return normalised(path, scratch) + 1;
}

/* False when the budget is spent. */
static bool match_source(struct matching *matching, const char *path, struct arena *scratch,
			 struct arena *arena)
{
	const struct package_licence *package = matching->package;
	bool sure = false;
	const char *below = path[0] == '.'
				? below_mapped(matching, path, &sure, scratch)
				: below_project(normalised(path, scratch), package->scope, &sure);
	size_t stanza = STANZA_NONE;

	if (below) {
		stanza = stanza_last_match(&package->dep5, below, &matching->tests);
		if (matching->tests > BUDGET_SOURCE_PATTERNS)
			return false;
	}
	if (stanza == STANZA_NONE) {
		matching->unmatched++;
		return true;
	}
	matching->sure &= sure;
	matching->picked.taken[stanza] = true;
	if (matching->matched++ < SHOWN)
		matching->shown = arena_printf(arena, "%s%s%s", matching->shown,
					       *matching->shown ? ", " : "", below);
	return true;
}

struct file_licence *stanza_licence_of_sources(const struct package_licence *package,
					       const struct licence_query *query,
					       struct arena *arena)
{
	const struct debug_sources *sources = query->debug;
	struct matching matching = {.package = package,
				    .picked = stanza_picked_new(package, arena),
				    .shown = "",
				    .sure = true};
	struct arena scratch;
	bool spent = false;

	arena_init(&scratch);
	list_folders(&matching, sources);
	for (size_t i = 0; i < sources->file_count && !spent; i++)
		if ((sources->files[i][0] == '/' || strncmp(sources->files[i], "./", 2) == 0) &&
		    !is_foreign(sources->files[i]))
			spent = !match_source(&matching, sources->files[i], &scratch, arena);
	arena_release(&scratch);
	map_release(&matching.folders);
	if (spent && package->diags)
		diag_add(package->diags, DIAG_LIMIT_REACHED, query->path, DIAG_NO_OFFSET,
			 "too many sources in debug information for the patterns of %s",
			 package->path);
	if (spent || !matching.matched)
		return NULL;
	return stanza_answer(
	    &matching.picked,
	    matching.sure && !matching.unmatched ? LICENCE_CONFIDENCE_MEDIUM
						 : LICENCE_CONFIDENCE_LOW,
	    arena_printf(arena,
			 "what it says of the %zu source%s that debug information names, %s%s",
			 matching.matched, matching.matched == 1 ? "" : "s", matching.shown,
			 matching.matched > SHOWN ? ", ..." : ""),
	    arena);
}
