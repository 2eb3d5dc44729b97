/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs in folders that a file holds as texts, started by a path put together at run time: the
 * file holds the folder and the name. Folders of PATH say nothing: everything is there.
 */
#include <string.h>
#include <sys/stat.h>

#include "depend/call_edges.h"
#include "depend/commands.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"
#include "util/pattern.h"

#define LEAST_LITERAL 4 /* bytes of a name that a pattern must give */
#define FOLDER_LEVELS 2 /* folders below one that is named, by names of the file itself */
#define FOLDERS_OF_FILE 64
#define LISTED 32 /* a file that holds more names of a folder lists what is there */

struct word {
	const char *text;
	uint64_t site;
};

struct folders {
	struct call_edges *edges;
	const struct plugin_file *file;
	struct map words; /* names without holes -> index */
	VEC(struct word) list, patterns;
	VEC(const char *) folders;
	struct map seen, started; /* folders; programs that were told */
};

static bool is_on_path(struct folders *folders, const char *folder)
{
	struct slice rest = slice_text(COMMANDS_PATH), element;
	struct arena *arena = &folders->edges->arena;
	char *canonical;

	while (slice_token(&rest, ":", &element))
		if (root_realpath(folders->edges->finder->root, arena_slice(arena, element), arena,
				  &canonical) == STATUS_OK &&
		    strcmp(canonical, folder) == 0)
			return true;
	return false;
}

static void add_folder(struct folders *folders, const char *path)
{
	struct arena *arena = &folders->edges->arena;
	struct root_file file;
	char *canonical;
	bool added;

	if (folders->folders.len == FOLDERS_OF_FILE ||
	    root_stat(folders->edges->finder->root, path, true, &file) != STATUS_OK ||
	    !S_ISDIR(file.mode) ||
	    root_realpath(folders->edges->finder->root, path, arena, &canonical) != STATUS_OK ||
	    is_on_path(folders, canonical))
		return;
	map_put(&folders->seen, slice_text(canonical), 0, &added);
	if (added)
		vec_push(&folders->folders, (const char *)canonical);
}

static void add_program(struct folders *folders, const char *folder, const char *name,
			const struct word *word)
{
	struct call_edges *edges = folders->edges;
	const char *path =
	    commands_find(edges->finder->commands, path_join(&edges->arena, folder, name));
	struct call_use use = {
	    .file = folders->file,
	    .text = path_join(&edges->arena, folder, name),
	    .grade = EDGE_GRADE_STRING,
	    .possible = true,
	    .evidence = "folder-text",
	    .detail = arena_printf(&edges->arena,
				   "\"%s\" at 0x%llx and the folder %s, beside a call whose "
				   "program is not known",
				   word->text, (unsigned long long)word->site, folder),
	    .place = call_edges_place(folders->file->facts, word->site),
	};

	bool added;

	/* What a link leads out of the folder to is not the package's own. */
	if (!path || strstr(name, ".so") || !path_is_below(path, folder) ||
	    strcmp(path, folders->file->path) == 0)
		return;
	map_put(&folders->started, slice_text(path), 0, &added);
	if (added)
		call_edges_add(edges, &use, EDGE_KIND_IPC_EXEC, path);
}

static bool is_own_folder(const struct folders *folders, const char *folder)
{
	const char *path = folders->file->path;
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && path[length] == '/' &&
	       !strchr(path + length + 1, '/');
}

/* Programs of a folder whose names the file holds; folders below it that it names too. */
static void match_folder(struct folders *folders, const char *folder, unsigned level)
{
	struct call_edges *edges = folders->edges;
	struct root_entry *entries;
	size_t count, listed = 0;

	/* Where the file lies itself: it may hold the folder to find its data (call_programs.c). */
	if (is_own_folder(folders, folder))
		return;
	if (root_list(edges->finder->root, folder, &edges->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++)
		listed += map_get(&folders->words, slice_text(entries[i].name)) != NULL;
	for (size_t i = 0; i < count; i++) {
		const struct map_entry *entry =
		    map_get(&folders->words, slice_text(entries[i].name));

		if (!entry)
			continue;
		if (listed <= LISTED)
			add_program(folders, folder, entries[i].name,
				    &folders->list.ptr[entry->value]);
		if (level < FOLDER_LEVELS)
			add_folder(folders, path_join(&edges->arena, folder, entries[i].name));
	}
	for (size_t i = 0; i < count && i < BUDGET_PATTERN_MATCHES; i++)
		vec_each (pattern, &folders->patterns)
			if (pattern_matches(pattern->text, entries[i].name, NULL))
				add_program(folders, folder, entries[i].name, pattern);
}

static void add_word(struct folders *folders, const char *text, uint64_t site)
{
	const char *pattern;
	bool added;

	if (!strchr(text, '%')) {
		map_put(&folders->words, slice_text(text), (uint32_t)folders->list.len, &added);
		if (added)
			vec_push(&folders->list, ((struct word){text, site}));
		return;
	}
	pattern = call_edges_pattern(folders->edges, text);
	if (pattern && call_edges_literal_bytes(pattern) >= LEAST_LITERAL)
		vec_push(&folders->patterns, ((struct word){pattern, site}));
}

void call_edges_folders(struct call_edges *edges, const struct plugin_file *file)
{
	struct folders folders = {.edges = edges, .file = file};
	const struct facts *facts = file->facts;

	for (size_t i = 0; i < facts->call_constants_count; i++) {
		const struct facts_call_constant *constant = &facts->call_constants[i];
		const char *text = facts_text(facts, constant->text);

		if (constant->parameter == FACTS_CONSTANT_FOLDER)
			add_folder(&folders, text);
		else if (constant->parameter == FACTS_CONSTANT_WORD ||
			 constant->parameter == FACTS_CONSTANT_CHOICE)
			add_word(&folders, text, constant->site);
	}
	/* The list grows by folders below folders, each level once. */
	for (size_t i = 0, end = folders.folders.len, level = 0; i < folders.folders.len; i++) {
		if (i == end) {
			level++;
			end = folders.folders.len;
		}
		match_folder(&folders, folders.folders.ptr[i], (unsigned)level);
	}
	map_release(&folders.words);
	map_release(&folders.seen);
	map_release(&folders.started);
	vec_release(&folders.list);
	vec_release(&folders.patterns);
	vec_release(&folders.folders);
}
