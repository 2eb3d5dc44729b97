/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries and modules that calls load, by name and by pattern. */
#include <ctype.h>
#include <string.h>

#include "depend/call_edges.h"
#include "util/budget.h"
#include "util/path.h"
#include "util/pattern.h"

#define LEAST_LITERAL 4 /* bytes of a file name that a pattern must give, ".so" apart */

static const char *resolve(const struct call_edges *edges, const char *consumer, const char *name)
{
	const struct finder *finder = edges->finder;

	return finder->resolve ? finder->resolve(finder->resolve_context, consumer, name) : NULL;
}

const char *call_edges_pattern(struct call_edges *edges, const char *text)
{
	char *pattern = arena_alloc(&edges->arena, 3 * strlen(text) + 1);
	size_t at = 0;

	for (; *text; text++) {
		if (*text == '*' || *text == '{')
			return NULL;
		if (*text != '%') {
			pattern[at++] = *text;
		} else if (*++text == '%') {
			pattern[at++] = '%';
		} else if (*text == 'd') {
			memcpy(pattern + at, "{v}", 3);
			at += 3;
		} else {
			pattern[at++] = '*';
		}
	}
	return pattern;
}

size_t call_edges_literal_bytes(const char *pattern)
{
	size_t count = 0;

	for (; *pattern; pattern++) {
		if (strncmp(pattern, "{v}", 3) == 0)
			pattern += 2;
		else if (*pattern != '*')
			count++;
	}
	return count;
}

/* A library that a pattern fits. With a directory in the pattern, only where that is not known. */
static void add_match(struct call_edges *edges, const struct call_use *use, const char *path)
{
	struct call_use match = *use;
	struct plugin_file file;

	if (strcmp(path, use->file->path) == 0 || !plugin_file_open(edges->finder, path, &file) ||
	    !plugin_file_same_machine(&file, use->file) ||
	    file.facts->identity->type != FACTS_TYPE_SHARED)
		return;
	match.detail = arena_printf(&edges->arena, "%s, pattern \"%s\"", use->detail, use->text);
	call_edges_add(edges, &match, EDGE_KIND_LINK_PLUGIN, path);
}

/*
 * Whether a pattern fits a file name. What an unknown part in front stands for ends with a
 * mark: "%sMARK.so" is libxt_MARK.so, and not libxt_CONNSECMARK.so.
 */
static bool fits(const char *pattern, const char *name)
{
	size_t rest = pattern[0] == '*' ? strlen(pattern + 1) : 0, length = strlen(name);

	if (!pattern_matches(pattern, name, NULL))
		return false;
	if (!rest || rest >= length || strpbrk(pattern + 1, "*{") ||
	    !isalnum((unsigned char)pattern[1]))
		return true;
	return !isalnum((unsigned char)name[length - rest - 1]);
}

/* Whether one more file may match; that the first may not is told. */
static bool is_room(struct call_edges *edges, const struct call_use *use, size_t matches)
{
	if (matches == BUDGET_PATTERN_MATCHES)
		call_edges_limit(edges, use->file, "a pattern fits too many libraries");
	return matches < BUDGET_PATTERN_MATCHES;
}

/* Files of a directory that is written in full. */
static bool match_directory(struct call_edges *edges, const struct call_use *use,
			    const char *pattern, const char *name)
{
	const char *directory =
	    arena_slice(&edges->arena, slice_of(pattern, (size_t)(name - pattern)));
	struct root_entry *entries;
	size_t count, matches = 0, given = call_edges_literal_bytes(name);
	const char *found;

	if (strpbrk(directory, "*{") ||
	    root_list(edges->finder->root, directory, &edges->arena, &entries, &count) != STATUS_OK)
		return false;
	for (size_t i = 0; i < count && matches <= BUDGET_PATTERN_MATCHES; i++) {
		struct binary *binary;

		if (!fits(name, entries[i].name) ||
		    binaries_find(edges->finder->binaries,
				  path_join(&edges->arena, directory, entries[i].name),
				  &binary) != STATUS_OK ||
		    !binary->ident.is_elf)
			continue;
		/* Any file of a folder of the loader's own: that says nothing. */
		found = given ? NULL : resolve(edges, use->file->path, entries[i].name);
		if (found && strcmp(found, binaries_path(edges->finder->binaries, binary)) == 0)
			continue;
		if (is_room(edges, use, matches++))
			add_match(edges, use, binaries_path(edges->finder->binaries, binary));
	}
	return matches != 0;
}

/* Files of the artifact: those the loader would find by that name, or any where the pattern has a
 * directory that is not known. */
static bool match_artifact(struct call_edges *edges, const struct call_use *use, const char *name,
			   bool any_directory)
{
	size_t matches = 0;

	vec_each (listed, &edges->finder->inventory->files) {
		const char *base = path_name(listed->path), *found;

		if (matches > BUDGET_PATTERN_MATCHES || !fits(name, base))
			continue;
		found = any_directory ? listed->canonical : resolve(edges, use->file->path, base);
		if (!found || strcmp(found, listed->canonical) != 0)
			continue;
		if (is_room(edges, use, matches++))
			add_match(edges, use, listed->canonical);
	}
	return matches != 0;
}

static void add_pattern(struct call_edges *edges, const struct call_use *use)
{
	const char *pattern = call_edges_pattern(edges, use->text), *slash, *name;
	size_t given;
	bool found;

	if (!pattern)
		return;
	slash = strrchr(pattern, '/');
	name = slash ? slash + 1 : pattern;
	given = call_edges_literal_bytes(name);
	if (strstr(name, ".so"))
		given = given > 3 ? given - 3 : 0;
	if (slash && pattern[0] == '/' &&
	    !strpbrk(arena_slice(&edges->arena, slice_of(pattern, (size_t)(name - pattern))), "*{"))
		found = match_directory(edges, use, pattern, name);
	else if (given < LEAST_LITERAL || !strstr(name, ".so"))
		return; /* it fits nearly everything: that says nothing */
	else
		found = match_artifact(edges, use, name, slash != NULL);
	if (!found)
		call_edges_add(edges, use, EDGE_KIND_LINK_PLUGIN, NULL);
}

/* Words such as "builtin" stand for no file, and a folder is none. */
static bool names_library(const char *text)
{
	const char *name = path_name(text);

	return strstr(name, ".so") || strncmp(name, "lib", 3) == 0;
}

void call_edges_library(struct call_edges *edges, const struct call_use *use)
{
	const char *found;

	if (use->is_pattern) {
		add_pattern(edges, use);
		return;
	}
	found = resolve(edges, use->file->path, use->text);
	if (found || names_library(use->text))
		call_edges_add(edges, use, EDGE_KIND_LINK_PLUGIN, found);
}

/* Whether a file name is that of an extension module: "NAME.cpython-311-...so", "NAME.abi3.so". */
static bool is_module(const char *file, const char *module)
{
	size_t length = strlen(module);

	return strncmp(file, module, length) == 0 && file[length] == '.' &&
	       (strncmp(file + length, ".cpython-", 9) == 0 ||
		strcmp(file + length, ".abi3.so") == 0 || strcmp(file + length, ".so") == 0);
}

/* Modules in C that an interpreter or an embedding program asks for by name. */
void call_edges_module(struct call_edges *edges, const struct call_use *use)
{
	const char *dot = strrchr(use->text, '.');
	const char *module = dot ? dot + 1 : use->text;

	vec_each (file, &edges->files)
		if (is_module(path_name(file->path), module) && strstr(file->path, "python") &&
		    plugin_file_same_machine(file, use->file))
			call_edges_add(edges, use, EDGE_KIND_LINK_PLUGIN, file->path);
}
