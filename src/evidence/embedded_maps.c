/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components by the archives a linker's map lists. An index that has an archive of that name says
 * whose it is, if all that have it are one project's; else the name of the archive stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_maps.h"
#include "evidence/embedded_names.h"
#include "evidence/embedded_version.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"

#define NONE UINT32_MAX

struct embedded_archives {
	const struct index *index;
	struct map by_name; /* "libz.a" -> its first origin */
	uint32_t *next;	    /* of an origin: the next one with an archive of that name; NONE */
};

struct embedded_archives *embedded_archives_open(const struct index *index, struct arena *arena)
{
	struct embedded_archives *archives = arena_alloc(arena, sizeof(*archives));
	uint32_t count = index ? index_origin_count(index) : 0;

	archives->index = index;
	archives->next = arena_alloc_array(arena, count + 1, sizeof(*archives->next));
	for (uint32_t i = count; i-- > 0;) {
		const struct index_origin *origin = index_origin(index, i);
		struct map_entry *entry;
		bool added;

		if (*origin->carrier) /* a part of another's archive */
			continue;
		entry = map_put(&archives->by_name, slice_text(path_name(origin->path)), i, &added);
		archives->next[i] = added ? NONE : entry->value;
		entry->value = i;
	}
	return archives;
}

void embedded_archives_close(struct embedded_archives *archives)
{
	if (archives)
		map_release(&archives->by_name);
}

static uint32_t first_origin(const struct embedded_archives *archives, const char *name)
{
	const struct map_entry *entry = map_get(&archives->by_name, slice_text(name));

	return entry ? entry->value : NONE;
}

/* NULL when projects that differ have an archive of that name, or none has. */
static const struct index_origin *find_origin(const struct embedded_archives *archives,
					      const char *name)
{
	uint32_t first = first_origin(archives, name);

	for (uint32_t i = first; i != NONE; i = archives->next[i])
		if (index_origin(archives->index, i)->component !=
		    index_origin(archives->index, first)->component)
			return NULL;
	return first == NONE ? NULL : index_origin(archives->index, first);
}

/* All that its builds in the index are under: which of them went in, a map does not tell. */
static const char *licence_of(const struct embedded_archives *archives, const char *name,
			      struct arena *arena)
{
	struct licence_list list = {0};
	size_t count = 0;

	for (uint32_t i = first_origin(archives, name); i != NONE; i = archives->next[i])
		count++;
	list.texts = arena_alloc_array(arena, count + 1, sizeof(*list.texts));
	for (uint32_t i = first_origin(archives, name); i != NONE; i = archives->next[i])
		licence_list_add(&list, index_origin(archives->index, i)->licence);
	return licence_list_join(&list, arena);
}

static void describe(const struct embedded_archives *archives,
		     const struct link_map_archive *archive, const char *map_path,
		     struct arena *arena, struct embedded_component *ret)
{
	const struct index_origin *origin = find_origin(archives, archive->name);
	const struct index_component *project =
	    origin ? index_component(archives->index, origin->component) : NULL;
	struct embedded_sign *sign = arena_alloc(arena, sizeof(*sign));

	*sign = (struct embedded_sign){"link map",
				       arena_printf(arena, "%s, line %u: %s, one of %u members",
						    map_path, archive->line_number, archive->line,
						    archive->members),
				       UINT64_MAX};
	*ret = (struct embedded_component){
	    .name = project ? project->name : archive->name,
	    .basis = EMBEDDED_BY_MAP,
	    .ecosystem = "",
	    .class = project ? project->class : INDEX_LIBRARY,
	    .confidence = EMBEDDED_DECLARED,
	    .licence = origin ? licence_of(archives, archive->name, arena) : "",
	    .licences_differ = true,
	    .source = origin ? origin->source : "",
	    .source_version = "",
	    .package = origin ? origin->package : "",
	    .distribution = "",
	    .carrier = "",
	    .members = archive->members,
	    .signs = sign,
	    .sign_count = 1,
	};
}

static bool is_claimed(const struct embedded *embedded, const char *project)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		if (strcmp(embedded->components[i].name, project) == 0)
			return true;
	return false;
}

/* Whether code tells of a project that has an archive of that name: several may. */
static bool is_told(const struct embedded_archives *archives, const char *name,
		    const struct embedded *embedded)
{
	for (uint32_t i = first_origin(archives, name); i != NONE; i = archives->next[i])
		if (is_claimed(embedded,
			       index_component(archives->index,
					       index_origin(archives->index, i)->component)
				   ->name))
			return true;
	return false;
}

void embedded_maps_find(const struct embedded_archives *archives, const struct link_map *map,
			const char *map_path, struct arena *arena, struct embedded *ret)
{
	struct embedded_component *list =
	    arena_alloc_array(arena, ret->named_count + map->count + 1, sizeof(*list));
	size_t count = ret->named_count;
	struct map names = {0};

	/* A crate that wraps a library and is called like it is another component. */
	for (size_t i = 0; i < count; i++) {
		list[i] = ret->named[i];
		if (!*list[i].ecosystem)
			map_put(&names, slice_text(list[i].name), 0, NULL);
	}
	for (size_t i = 0; i < map->count; i++) {
		bool added;

		if (is_told(archives, map->archives[i].name, ret))
			continue;
		describe(archives, &map->archives[i], map_path, arena, &list[count]);
		map_put(&names, slice_text(list[count].name), 0, &added);
		count += added;
	}
	map_release(&names);
	if (count)
		qsort(list, count, sizeof(*list), embedded_compare_named);
	ret->named = list;
	ret->named_count = count;
}

/* ---- .pc and .la files ---- */

/* Its functions are here, though few of them: a hint of less says nothing beside such a file. */
#define HINT_BYTES 256u

/* "libz.so.1" of "z" */
static bool is_needed(const struct facts *facts, const char *name)
{
	size_t length = strlen(name), at = 0;
	const struct facts_dynamic *entry;

	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *needed = path_name(facts_text(facts, entry->text));

		if (strncmp(needed, "lib", 3) == 0 && strncmp(needed + 3, name, length) == 0 &&
		    (needed[3 + length] == '.' || needed[3 + length] == '-'))
			return true;
	}
	return false;
}

static bool is_linked(const struct embedded_archives *archives, const char *const *names,
		      size_t count, const struct facts *facts, const char *project)
{
	for (size_t i = 0; i < count; i++) {
		char archive[BUDGET_MODULE_TEXT + 8];
		const struct index_origin *origin;

		snprintf(archive, sizeof(archive), "lib%s.a", names[i]);
		origin = find_origin(archives, archive);
		if (origin && !is_needed(facts, names[i]) &&
		    strcmp(index_component(archives->index, origin->component)->name, project) == 0)
			return true;
	}
	return false;
}

static int compare_components(const void *a, const void *b)
{
	return strcmp(((const struct embedded_component *)a)->name,
		      ((const struct embedded_component *)b)->name);
}

void embedded_flags_find(const struct embedded_archives *archives, const char *const *names,
			 size_t count, const struct facts *facts, struct arena *arena,
			 struct embedded *ret)
{
	struct embedded_component *components = arena_alloc_array(
	    arena, ret->component_count + ret->hint_count + 1, sizeof(*components));
	size_t claimed = ret->component_count;

	if (claimed)
		memcpy(components, ret->components, claimed * sizeof(*components));
	for (size_t i = 0; i < ret->hint_count; i++) {
		const struct embedded_component *hint = &ret->hints[i];

		if (hint->class != INDEX_LIBRARY || hint->unique_bytes < HINT_BYTES ||
		    !is_linked(archives, names, count, facts, hint->name))
			continue;
		components[claimed] = *hint;
		components[claimed].confidence = EMBEDDED_LIKELY;
		components[claimed++].calibration = NULL;
	}
	if (claimed == ret->component_count)
		return;
	qsort(components, claimed, sizeof(*components), compare_components);
	ret->components = components;
	ret->component_count = claimed;
}
