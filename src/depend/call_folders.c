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
#define LISTED 32	/* a file that holds more names of a folder lists what is there */

struct word {
	const char *text;
	uint64_t site;
};

struct folders {
	struct call_edges *edges;
	const struct plugin_file *file;
	struct call_folders *named;
	struct map words; /* names without holes -> index */
	VEC(struct word) list, patterns;
	VEC(const char *) folders;
	struct map seen, started; /* folders; programs that were told */
	uint64_t tries;		  /* names held against patterns */
};

/* ---- folders of a file ---- */

static bool find_folder(struct call_edges *edges, const char *path, struct arena *arena,
			char **ret_canonical)
{
	struct root *root = edges->finder->root;
	struct root_file file;

	return root_stat(root, path, true, &file) == STATUS_OK && S_ISDIR(file.mode) &&
	       root_realpath(root, path, arena, ret_canonical) == STATUS_OK;
}

/* Whether one more folder may be looked into; that it may not is told once. */
static bool has_room(struct call_edges *edges, const struct plugin_file *file,
		     struct call_folders *folders, size_t count)
{
	if (count < BUDGET_CALL_FOLDERS)
		return true;
	if (!folders->limited)
		call_edges_limit(edges, file, "it names too many folders to look for programs in");
	folders->limited = true;
	return false;
}

void call_folders_open(struct call_edges *edges, const struct plugin_file *file,
		       struct call_folders *ret)
{
	const struct facts *facts = file->facts;
	struct map seen = {0};
	char *canonical;
	bool added;

	*ret = (struct call_folders){0};
	arena_init(&ret->arena);
	for (size_t i = 0; i < facts->call_constants_count && !ret->limited; i++) {
		const struct facts_call_constant *constant = &facts->call_constants[i];

		if (constant->parameter != FACTS_CONSTANT_FOLDER)
			continue;
		map_put(&seen, facts_slice(facts, constant->text), 0, &added);
		if (added &&
		    find_folder(edges, facts_text(facts, constant->text), &ret->arena,
				&canonical) &&
		    has_room(edges, file, ret, ret->list.len))
			vec_push(&ret->list, ((struct call_folder){
						 facts_text(facts, constant->text), canonical}));
	}
	map_release(&seen);
}

void call_folders_release(struct call_folders *folders)
{
	vec_release(&folders->list);
	map_release(&folders->own);
	arena_release(&folders->arena);
}

/* "/usr/lib/git-core": the commands are called after it, or after the file. */
static void list_own(struct call_edges *edges, struct call_folders *folders,
		     const struct call_folder *folder)
{
	const char *name = path_name(folder->text);
	size_t length = strcspn(name, "-"), count;
	struct root_entry *entries;

	if (root_list(edges->finder->root, folder->canonical, &folders->arena, &entries, &count) !=
	    STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *entry = entries[i].name;

		if (strncmp(entry, name, length) == 0 && entry[length] == '-' &&
		    commands_find(edges->finder->commands,
				  path_join(&folders->arena, folder->canonical, entry)))
			map_put(&folders->own, slice_text(entry + length + 1), 0, NULL);
	}
}

/*
 * A word that the file hands to itself: "git diff" is git-diff in the folder of git's own programs,
 * and no diff of PATH. Each folder is listed once, however many words there are.
 */
bool call_folders_own(struct call_edges *edges, struct call_folders *folders, const char *text)
{
	if (!folders->own_listed)
		vec_each (folder, &folders->list)
			list_own(edges, folders, folder);
	folders->own_listed = true;
	return map_get(&folders->own, slice_text(text)) != NULL;
}

/* ---- programs in them ---- */

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
	char *canonical;
	bool added;

	/* Where there is no room, one more folder is worth a look: for the diagnostic. */
	if ((folders->folders.len == BUDGET_CALL_FOLDERS && folders->named->limited) ||
	    !find_folder(folders->edges, path, arena, &canonical) ||
	    is_on_path(folders, canonical) || map_get(&folders->seen, slice_text(canonical)) ||
	    !has_room(folders->edges, folders->file, folders->named, folders->folders.len))
		return;
	map_put(&folders->seen, slice_text(canonical), 0, &added);
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

static void match_pattern(struct folders *folders, const char *folder, const struct word *pattern,
			  const struct root_entry *entries, size_t count)
{
	size_t matches = 0;

	for (size_t i = 0; i < count && folders->tries <= BUDGET_PATTERN_TRIES; i++) {
		bool late = folders->tries++ == BUDGET_PATTERN_TRIES;

		if (!late && !pattern_matches(pattern->text, entries[i].name, NULL))
			continue;
		if (late || matches++ == BUDGET_PATTERN_MATCHES) {
			call_edges_limit(folders->edges, folders->file,
					 "too many names of programs to try its patterns on");
			return;
		}
		add_program(folders, folder, entries[i].name, pattern);
	}
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
	vec_each (pattern, &folders->patterns)
		match_pattern(folders, folder, pattern, entries, count);
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

void call_edges_folders(struct call_edges *edges, const struct plugin_file *file,
			struct call_folders *named)
{
	struct folders folders = {.edges = edges, .file = file, .named = named};
	const struct facts *facts = file->facts;

	for (size_t i = 0; i < facts->call_constants_count; i++) {
		const struct facts_call_constant *constant = &facts->call_constants[i];
		const char *text = facts_text(facts, constant->text);

		if (constant->parameter == FACTS_CONSTANT_WORD ||
		    constant->parameter == FACTS_CONSTANT_CHOICE)
			add_word(&folders, text, constant->site);
	}
	vec_each (folder, &named->list)
		add_folder(&folders, folder->canonical);
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
