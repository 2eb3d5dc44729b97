/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/embedded_units.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"
#include "evidence/embedded_version.h"
#include "util/map.h"
#include "util/path.h"

/* Distinct units that make a component: one may be a copy. */
#define UNITS_LEAST 3u
#define FOLDERS_MOST 64u /* of one path, from its end */
#define NAME_MOST 128u
#define EXAMPLES 3u

/* A project and what its object files are called, without suffixes. */
struct unit_project {
	uint32_t component;
	bool listed; /* members are */
	struct map members;
};

struct unit_projects {
	const struct index *index;
	struct arena arena;
	VEC(struct unit_project) list;
	struct map by_name; /* lower case -> number in list */
};

/* A unit that is of a project. */
struct unit_hit {
	uint32_t project;
	const struct facts_debug_unit *unit;
	struct slice stem, version; /* version: of the folder; length 0 when it has none */
};

struct unit_hits {
	VEC(struct unit_hit) list;
};

static char *lower(struct arena *arena, struct slice text)
{
	char *copy = arena_slice(arena, text);

	for (char *at = copy; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

struct unit_projects *unit_projects_open(const struct index *index)
{
	struct unit_projects *projects = memory_calloc(1, sizeof(*projects));

	projects->index = index;
	arena_init(&projects->arena);
	for (uint32_t i = 0; i < index_component_count(index); i++) {
		const struct index_component *component = index_component(index, i);

		if (component->class != INDEX_LIBRARY)
			continue;
		map_put(&projects->by_name,
			slice_text(lower(&projects->arena, slice_text(component->name))),
			(uint32_t)projects->list.len, NULL);
		vec_push(&projects->list, ((struct unit_project){.component = i}));
	}
	return projects;
}

void unit_projects_close(struct unit_projects *projects)
{
	if (!projects)
		return;
	vec_each (project, &projects->list)
		map_release(&project->members);
	vec_release(&projects->list);
	map_release(&projects->by_name);
	arena_release(&projects->arena);
	free(projects);
}

/* "inflate" of "inflate.c", "libz_la-inflate.o" and "inflate.c.o" */
static struct slice stem_of(const char *name)
{
	return slice_of(name, strcspn(name, "."));
}

static void list_members(const struct index *index, struct unit_project *project)
{
	project->listed = true;
	for (uint32_t i = 0; i < index_origin_count(index); i++) {
		const struct index_origin *origin = index_origin(index, i);

		for (uint32_t j = 0;
		     origin->component == project->component && j < origin->member_count; j++) {
			const char *name = index_member(index, origin->first_member + j).name;
			struct slice stem = stem_of(name);

			map_put(&project->members, stem, 0, NULL);
			/* What libtool puts before it. */
			for (size_t at = stem.len; at-- > 1;)
				if (stem.ptr[at - 1] == '-') {
					map_put(&project->members,
						slice_of(stem.ptr + at, stem.len - at), 0, NULL);
					break;
				}
		}
	}
}

/* "zlib" and "1.2.13" of "zlib-1.2.13" */
static struct slice split_version(struct slice folder, struct slice *ret_version)
{
	*ret_version = slice_of(folder.ptr, 0);
	for (size_t at = folder.len; at-- > 1;)
		if ((folder.ptr[at - 1] == '-' || folder.ptr[at - 1] == '_') &&
		    isdigit(folder.ptr[at])) {
			*ret_version = slice_of(folder.ptr + at, folder.len - at);
			return slice_of(folder.ptr, at - 1);
		}
	return folder;
}

static bool is_member(struct unit_projects *projects, uint32_t number, struct slice stem)
{
	struct unit_project *project = &projects->list.ptr[number];

	if (!project->listed)
		list_members(projects->index, project);
	return map_get(&project->members, stem) != NULL;
}

/* The project that a folder of the path is called like, the innermost first. */
static bool find_project(struct unit_projects *projects, struct slice path, struct slice stem,
			 struct unit_hit *ret)
{
	size_t end = path.len;

	for (unsigned i = 0; i < FOLDERS_MOST && end; i++) {
		char text[NAME_MOST];
		const struct map_entry *entry;
		size_t start = end;
		struct slice name;

		while (start && path.ptr[start - 1] != '/')
			start--;
		name = split_version(slice_of(path.ptr + start, end - start), &ret->version);
		end = start ? start - 1 : 0;
		if (!name.len || name.len >= sizeof(text))
			continue;
		for (size_t j = 0; j < name.len; j++)
			text[j] = (char)tolower(name.ptr[j]);
		entry = map_get(&projects->by_name, slice_of(text, name.len));
		if (!entry || !is_member(projects, entry->value, stem))
			continue;
		ret->project = entry->value;
		return true;
	}
	return false;
}

static void look_at(struct unit_projects *projects, const struct facts *facts,
		    const struct facts_debug_unit *unit, struct unit_hits *ret)
{
	const char *name = facts_text(facts, unit->name);
	size_t folders = (size_t)(path_name(name) - name);
	struct unit_hit hit = {.unit = unit, .stem = stem_of(path_name(name))};

	if (!hit.stem.len)
		return;
	if (find_project(projects, slice_of(name, folders ? folders - 1 : 0), hit.stem, &hit) ||
	    (*name != '/' &&
	     find_project(projects, facts_slice(facts, unit->directory), hit.stem, &hit)))
		vec_push(&ret->list, hit);
}

/* By project, then by stem, then as they are in the file. */
static int compare_hits(const void *a, const void *b)
{
	const struct unit_hit *left = a, *right = b;
	int order;

	if (left->project != right->project)
		return left->project < right->project ? -1 : 1;
	order = slice_compare(left->stem, right->stem);
	return order ? order : (left->unit > right->unit) - (left->unit < right->unit);
}

static void fill_signs(const struct facts *facts, const struct unit_hit *hits, size_t count,
		       struct arena *arena, struct embedded_component *ret)
{
	struct embedded_sign *signs = arena_alloc_array(arena, EXAMPLES, sizeof(*signs));

	for (size_t i = 0; i < count && ret->sign_count < EXAMPLES; i++) {
		const struct facts_debug_unit *unit = hits[i].unit;

		if (i && slice_equal(hits[i].stem, hits[i - 1].stem))
			continue;
		signs[ret->sign_count++] = (struct embedded_sign){
		    "compilation unit",
		    arena_printf(arena, "%s, in %s, by %s", facts_text(facts, unit->name),
				 facts_text(facts, unit->directory),
				 facts_text(facts, unit->producer)),
		    UINT64_MAX};
	}
	ret->signs = signs;
}

/* Of the builds of the version that the folder names, or of all. */
static void fill_licence(const struct index *index, uint32_t component, const char *version,
			 struct arena *arena, struct embedded_component *ret)
{
	uint32_t count = index_origin_count(index);
	struct licence_list of_version = {arena_alloc_array(arena, count + 1, sizeof(char *)), 0};
	struct licence_list all = {arena_alloc_array(arena, count + 1, sizeof(char *)), 0};

	for (uint32_t i = 0; i < count; i++) {
		const struct index_origin *origin = index_origin(index, i);

		if (origin->component != component)
			continue;
		licence_list_add(&all, origin->licence);
		if (strcmp(origin->version, version) == 0)
			licence_list_add(&of_version, origin->licence);
		if (!*ret->source) {
			ret->source = origin->source;
			ret->package = origin->package;
		}
	}
	ret->licence = licence_list_join(of_version.count ? &of_version : &all, arena);
	ret->licences_differ = !of_version.count;
}

static void describe(const struct unit_projects *projects, const struct facts *facts,
		     const struct unit_hit *hits, size_t count, uint32_t distinct,
		     struct arena *arena, struct embedded_component *ret)
{
	uint32_t component = projects->list.ptr[hits->project].component;
	const char **versions = arena_alloc_array(arena, 1, sizeof(*versions));

	versions[0] = arena_slice(arena, hits->version);
	*ret = (struct embedded_component){
	    .name = index_component(projects->index, component)->name,
	    .basis = EMBEDDED_BY_UNITS,
	    .ecosystem = "",
	    .class = INDEX_LIBRARY,
	    .confidence = EMBEDDED_LIKELY,
	    .versions = versions,
	    .version_count = *versions[0] != '\0',
	    .version_fits = true,
	    .members = distinct,
	    .source = "",
	    .source_version = "",
	    .package = "",
	    .distribution = "",
	    .carrier = "",
	};
	fill_licence(projects->index, component, versions[0], arena, ret);
	fill_signs(facts, hits, count, arena, ret);
}

static bool is_told(const struct embedded *embedded, const char *name)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		if (strcmp(embedded->components[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < embedded->named_count; i++)
		if (strcmp(embedded->named[i].name, name) == 0)
			return true;
	return false;
}

void embedded_units_find(struct unit_projects *projects, const struct facts *facts,
			 struct arena *arena, struct embedded *ret)
{
	struct unit_hits hits = {0};
	struct embedded_component *list;
	size_t count = ret->named_count, end;

	for (size_t i = 0; i < facts->debug_units_count; i++)
		look_at(projects, facts, &facts->debug_units[i], &hits);
	if (hits.list.len)
		qsort(hits.list.ptr, hits.list.len, sizeof(*hits.list.ptr), compare_hits);
	list = arena_alloc_array(arena, count + hits.list.len + 1, sizeof(*list));
	if (count)
		memcpy(list, ret->named, count * sizeof(*list));
	for (size_t i = 0; i < hits.list.len; i = end) {
		const struct unit_hit *first = &hits.list.ptr[i];
		uint32_t distinct = 1;
		const char *name;

		for (end = i + 1;
		     end < hits.list.len && hits.list.ptr[end].project == first->project; end++)
			distinct +=
			    !slice_equal(hits.list.ptr[end].stem, hits.list.ptr[end - 1].stem);
		name =
		    index_component(projects->index, projects->list.ptr[first->project].component)
			->name;
		if (distinct >= UNITS_LEAST && !is_told(ret, name))
			describe(projects, facts, first, end - i, distinct, arena, &list[count++]);
	}
	vec_release(&hits.list);
	if (count > ret->named_count)
		qsort(list, count, sizeof(*list), embedded_compare_named);
	ret->named = list;
	ret->named_count = count;
}
