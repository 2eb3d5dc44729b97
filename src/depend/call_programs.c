/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that calls start, by pattern and by texts that only look like their paths: both
 * possible. */
#include <string.h>

#include "depend/call_edges.h"
#include "depend/commands.h"
#include "util/budget.h"
#include "util/path.h"
#include "util/pattern.h"

#define LEAST_LITERAL 4 /* bytes of a program's name that a pattern must give */

/* Programs of one directory whose names a pattern fits; how many there were. */
static size_t match_directory(struct call_edges *edges, const struct call_use *use,
			      const char *directory, const char *name)
{
	struct root_entry *entries;
	size_t count, matches = 0;

	if (root_list(edges->finder->root, directory, &edges->arena, &entries, &count) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct call_use match = *use;
		const char *path;

		if (!pattern_matches(name, entries[i].name, NULL))
			continue;
		path = commands_find(edges->finder->commands,
				     path_join(&edges->arena, directory, entries[i].name));
		if (!path || strcmp(path, use->file->path) == 0)
			continue;
		if (matches++ == BUDGET_PATTERN_MATCHES) {
			call_edges_limit(edges, use->file, "a pattern fits too many programs");
			break;
		}
		match.detail =
		    arena_printf(&edges->arena, "%s, pattern \"%s\"", use->detail, use->text);
		call_edges_add(edges, &match, EDGE_KIND_IPC_EXEC, path);
	}
	return matches;
}

void call_edges_program_pattern(struct call_edges *edges, const struct call_use *use)
{
	const char *pattern = call_edges_pattern(edges, use->text), *slash, *name, *directory;
	struct slice rest = slice_text(COMMANDS_PATH), element;
	size_t found = 0;

	if (!pattern)
		return;
	slash = strrchr(pattern, '/');
	name = slash ? slash + 1 : pattern;
	if (slash && pattern[0] == '/' && slash != pattern) {
		directory =
		    arena_slice(&edges->arena, slice_of(pattern, (size_t)(slash - pattern)));
		if (!strpbrk(directory, "*{")) {
			if (!match_directory(edges, use, directory, name))
				call_edges_add(edges, use, EDGE_KIND_IPC_EXEC, NULL);
			return;
		}
	}
	if (call_edges_literal_bytes(name) < LEAST_LITERAL)
		return; /* it fits nearly everything: that says nothing */
	while (slice_token(&rest, ":", &element))
		found += match_directory(edges, use, arena_slice(&edges->arena, element), name);
	if (!found)
		call_edges_add(edges, use, EDGE_KIND_IPC_EXEC, NULL);
}

static bool is_interpreter(const struct plugin_file *file, const char *text)
{
	const struct facts_identity *identity = file->facts->identity;

	return identity->interpreter.length &&
	       strcmp(facts_text(file->facts, identity->interpreter), text) == 0;
}

/*
 * Configuration may be executable by accident, libraries are. Shells other than sh are what
 * accounts get, and what a file is compared with, more often than what is started.
 */
static bool names_program(const char *text)
{
	static const char *const others[] = {"bash", "csh",  "dash", "false",	"ksh",
					     "mksh", "tcsh", "zsh",  "nologin", "true"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(path_name(text), others[i]) == 0)
			return false;
	return text[0] == '/' && strncmp(text, "/etc/", 5) != 0 && !strstr(text, ".so");
}

static struct slice start_key(struct call_edges *edges, const char *from, const char *to)
{
	return slice_text(arena_printf(&edges->arena, "%zu:%s%s", strlen(from), from, to));
}

/* Whether a call of the file is known to start it: the text says no more. */
static bool is_started(struct call_edges *edges, const char *from, const char *to)
{
	const struct found_edges *found = edges->finder->edges;

	for (; edges->started_read < found->list.len; edges->started_read++) {
		const struct found_edge *edge = &found->list.ptr[edges->started_read];

		if (edge->kind == EDGE_KIND_IPC_EXEC && edge->to &&
		    edge->grade == EDGE_GRADE_DECLARED)
			map_put(&edges->started, start_key(edges, edge->from, edge->to), 0, NULL);
	}
	return map_get(&edges->started, start_key(edges, from, to)) != NULL;
}

/* A text of the file that may be a program's, which no call was seen to be given. */
static struct call_use text_use(struct call_edges *edges, const struct plugin_file *file,
				const struct facts_call_constant *constant, const char *evidence,
				const char *where)
{
	const char *text = facts_text(file->facts, constant->text);

	return (struct call_use){
	    .file = file,
	    .text = text,
	    .grade = EDGE_GRADE_STRING,
	    .possible = true,
	    .evidence = evidence,
	    .detail = arena_printf(&edges->arena,
				   "\"%s\" at 0x%llx, %s a call whose program is not known", text,
				   (unsigned long long)constant->site, where),
	    .place = call_edges_place(file->facts, constant->site),
	};
}

void call_edges_path(struct call_edges *edges, const struct plugin_file *file,
		     const struct facts_call_constant *constant)
{
	const char *text = facts_text(file->facts, constant->text), *path;
	struct call_use use = text_use(edges, file, constant, "path-text", "beside");

	if (strrchr(text, '/') == text || !names_program(text) || is_interpreter(file, text))
		return;
	path = commands_find(edges->finder->commands, text);
	if (path && strcmp(path, file->path) != 0 && !is_started(edges, file->path, path))
		call_edges_add(edges, &use, EDGE_KIND_IPC_EXEC, path);
}

/* Names that are words of many settings, and of few programs' calls. */
static bool is_setting(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || strcmp(text, "yes") == 0;
}

static const char *beside(struct call_edges *edges, const struct plugin_file *file,
			  const char *name)
{
	const char *directory = arena_slice(
	    &edges->arena, slice_of(file->path, (size_t)(path_name(file->path) - file->path)));

	return commands_find(edges->finder->commands, path_join(&edges->arena, directory, name));
}

/* A program of PATH; beside the file itself where that is no folder of PATH. */
void call_edges_name(struct call_edges *edges, const struct plugin_file *file,
		     struct call_folders *folders, const struct facts_call_constant *constant)
{
	const char *text = facts_text(file->facts, constant->text), *path;
	struct call_use use = text_use(edges, file, constant, "name-text", "kept on the way to");

	if (is_setting(text) || call_folders_own(edges, folders, text))
		return;
	path = beside(edges, file, text);
	if (!path)
		path = commands_find(edges->finder->commands, text);
	/* Its own name is compared and printed, more often than started; links to it are. */
	if (path && (strcmp(path, file->path) != 0 || strcmp(text, path_name(path)) != 0) &&
	    !is_started(edges, file->path, path))
		call_edges_add(edges, &use, EDGE_KIND_IPC_EXEC, path);
}
