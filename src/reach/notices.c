/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/notices.h"

#include <stdlib.h>
#include <string.h>

#include "reach/wheel_texts.h"
#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

/* Text files, each once. */
struct text_paths {
	VEC(const char *) paths;
	struct map known;
};

/* Text files of one folder: those that look like licences, or all. */
struct folder {
	const char **paths;
	size_t count;
};

struct finder {
	struct root *root;
	struct arena *arena;
	struct map folder_by_path[2]; /* index into folders; [1]: all text files */
	VEC(struct folder) folders;
	struct wheel_texts *wheels;
	struct map own_by_path; /* index into own */
	VEC(const char *) own;
	struct map common_by_id; /* licence id: 1 when the root has its text */
};

static const struct folder *folder_texts(struct finder *finder, const char *path, bool all)
{
	struct map_entry *entry;
	struct root_entry *list;
	struct folder folder = {NULL, 0};
	size_t count = 0;
	bool added;

	entry = map_put(&finder->folder_by_path[all], slice_text(path),
			(uint32_t)finder->folders.len, &added);
	if (!added)
		return &finder->folders.ptr[entry->value];
	if (root_list(finder->root, path, finder->arena, &list, &count) != STATUS_OK)
		count = 0;
	folder.paths = arena_alloc_array(finder->arena, count + 1, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (list[i].type == ROOT_REGULAR && (all || is_licence_file_name(list[i].name)))
			folder.paths[folder.count++] = path_join(finder->arena, path, list[i].name);
	vec_push(&finder->folders, folder);
	return &finder->folders.ptr[finder->folders.len - 1];
}

const char *notices_common_name(const char *id)
{
	static const char *const names[][2] = {
	    {"GPL-1.0", "GPL-1"},	  {"GPL-2.0", "GPL-2"},	    {"GPL-3.0", "GPL-3"},
	    {"LGPL-2.0", "LGPL-2"},	  {"LGPL-2.1", "LGPL-2.1"}, {"LGPL-3.0", "LGPL-3"},
	    {"Apache-2.0", "Apache-2.0"}, {"MPL-1.1", "MPL-1.1"},   {"MPL-2.0", "MPL-2.0"},
	    {"GFDL-1.2", "GFDL-1.2"},	  {"GFDL-1.3", "GFDL-1.3"}, {"CC0-1.0", "CC0-1.0"},
	    {"Artistic-1.0", "Artistic"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i][0]);

		if (strncmp(id, names[i][0], length) == 0 && (!id[length] || id[length] == '-'))
			return names[i][1];
	}
	return NULL;
}

static const char *common_path(struct finder *finder, const char *id)
{
	const char *name = notices_common_name(id), *path;
	struct map_entry *entry;
	struct root_file file;
	bool added;

	if (!name)
		return NULL;
	path = path_join(finder->arena, NOTICES_COMMON_FOLDER, name);
	entry = map_put(&finder->common_by_id, slice_text(path), 0, &added);
	if (added)
		entry->value = root_stat(finder->root, path, true, &file) == STATUS_OK;
	return entry->value ? path : NULL;
}

static void add_path(struct text_paths *texts, const char *path)
{
	bool added;

	map_put(&texts->known, slice_text(path), 0, &added);
	if (added)
		vec_push(&texts->paths, path);
}

/* Adds the system's texts of the licences; whether every licence has one. */
static bool add_common(struct finder *finder, const struct file_licence *licence,
		       struct text_paths *texts)
{
	bool all = licence->expression != NULL;

	for (size_t i = 0; licence->expression && i < licence->expression->count; i++) {
		const struct expression_step *step = &licence->expression->steps[i];
		const char *path;

		if (step->op != EXPRESSION_TERM)
			continue;
		path = common_path(finder, step->term.id);
		if (path)
			add_path(texts, path);
		all &= path != NULL;
	}
	return all;
}

/* Packages of one source often share the file by a link. NULL: it is not there. */
static const char *own_text(struct finder *finder, const char *path)
{
	struct map_entry *entry;
	char *canonical;
	bool added;

	if (!*path)
		return NULL;
	entry = map_put(&finder->own_by_path, slice_text(path), (uint32_t)finder->own.len, &added);
	if (added)
		vec_push(&finder->own,
			 root_realpath(finder->root, path, finder->arena, &canonical) == STATUS_OK
			     ? canonical
			     : NULL);
	return finder->own.ptr[entry->value];
}

/* What lies with a file: of its package, else of its wheel, else in its folder or the one above. */
static bool add_own(struct finder *finder, const struct graph_file *file, struct text_paths *texts)
{
	const char *own = own_text(finder, file->component ? file->component->copyright_path : "");
	const char *const *wheel = NULL;
	const struct folder *folder;
	size_t count;
	char *path;

	if (own) {
		add_path(texts, own);
		return true;
	}
	if (file->component && file->component->texts_folder) {
		folder = folder_texts(finder, file->component->texts_folder, true);
		for (size_t i = 0; i < folder->count; i++)
			add_path(texts, folder->paths[i]);
		if (folder->count)
			return true;
	}
	count = wheel_texts_of(finder->wheels, file->path, &wheel);
	for (size_t i = 0; i < count; i++)
		add_path(texts, wheel[i]);
	if (count)
		return true;
	path = path_directory(finder->arena, file->path);
	folder = folder_texts(finder, path, false);
	/* The folder of the file, or the one above: /opt/x/LICENSE for /opt/x/lib/y.so. */
	if (!folder->count)
		folder = folder_texts(finder, path_directory(finder->arena, path), false);
	for (size_t i = 0; i < folder->count; i++)
		add_path(texts, folder->paths[i]);
	return folder->count != 0;
}

/* A component inside files has no place of its own: only the system can have its text. */
static void find_texts(struct finder *finder, const struct graph_file *file,
		       struct notice_texts *ret)
{
	struct text_paths texts = {0};
	bool found = !file->is_component && add_own(finder, file, &texts);

	found |= add_common(finder, file->licence, &texts);
	*ret = (struct notice_texts){
	    arena_copy(finder->arena, texts.paths.ptr, texts.paths.len * sizeof(char *)),
	    texts.paths.len, !found};
	vec_release(&texts.paths);
	map_release(&texts.known);
}

const struct notice_texts *notices_find(struct root *root, const struct graph *graph,
					struct wheel_owners *wheels, struct arena *arena)
{
	struct finder finder = {.root = root, .arena = arena};
	struct notice_texts *list = arena_alloc_array(arena, graph->node_count + 1, sizeof(*list));

	finder.wheels = wheel_texts_new(root, wheels, arena);
	for (size_t i = 0; i < graph->node_count; i++)
		if (graph->files[i].shipped)
			find_texts(&finder, &graph->files[i], &list[i]);
	wheel_texts_free(finder.wheels);
	map_release(&finder.folder_by_path[0]);
	map_release(&finder.folder_by_path[1]);
	map_release(&finder.own_by_path);
	vec_release(&finder.own);
	map_release(&finder.common_by_id);
	vec_release(&finder.folders);
	return list;
}
