/* SPDX-License-Identifier: BSD-2-Clause */
/* The view of an index of fingerprints. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "binary/facts.h"

static const char *const classes[INDEX_CLASS_COUNT] = {
    [INDEX_LIBRARY] = "library",
    [INDEX_TOOLCHAIN] = "toolchain",
    [INDEX_HEADER_ONLY] = "header-only",
};

/* Beside the members of the index: the build-id of each, NULL when it has none. */
static const char **build_ids_of(const struct index *index, struct arena *arena)
{
	const char **ids = arena_alloc_array(arena, index_member_count(index) + 1, sizeof(*ids));

	for (uint32_t i = 0; i < index_build_id_count(index); i++) {
		uint32_t member;
		const char *id = index_build_id(index, i, &member);

		ids[member] = id;
	}
	return ids;
}

static void fill_members(const struct view_index_input *input, const struct index_origin *origin,
			 const char *const *build_ids, struct arena *arena,
			 struct view_index_origin *ret)
{
	struct view_index_member *members =
	    input->members ? arena_alloc_array(arena, origin->member_count + 1, sizeof(*members))
			   : NULL;

	for (uint32_t i = 0; i < origin->member_count; i++) {
		uint32_t number = origin->first_member + i;
		struct index_member member = index_member(input->index, number);
		const char *id = build_ids[number] ? build_ids[number] : "";

		ret->functions += member.functions;
		ret->unique += member.unique;
		if (members)
			members[i] = (struct view_index_member){arena_strdup(arena, member.name),
								arena_strdup(arena, id),
								member.functions, member.unique};
	}
	ret->members = members;
	ret->member_count = origin->member_count;
}

static struct view_index_origin copy_origin(const struct view_index_input *input,
					    const struct index_origin *origin,
					    const char *const *build_ids, struct arena *arena)
{
	const char *machine = facts_machine_text(origin->machine);
	struct view_index_origin copy = {
	    .version = arena_strdup(arena, origin->version),
	    .licence = arena_strdup(arena, origin->licence),
	    .source = arena_strdup(arena, origin->source),
	    .source_version = arena_strdup(arena, origin->source_version),
	    .package = arena_strdup(arena, origin->package),
	    .distribution = arena_strdup(arena, origin->distribution),
	    .path = arena_strdup(arena, origin->path),
	    .carrier = arena_strdup(arena, origin->carrier),
	    .machine = machine ? machine : arena_printf(arena, "machine %u", origin->machine),
	};

	fill_members(input, origin, build_ids, arena, &copy);
	return copy;
}

static int compare_components(const void *a, const void *b)
{
	return strcmp(((const struct view_index_component *)a)->name,
		      ((const struct view_index_component *)b)->name);
}

/* Whatever segments come in: by path, then by all that tells builds apart. */
static int compare_origins(const void *a, const void *b)
{
	const struct view_index_origin *left = a, *right = b;
	int order = strcmp(left->version, right->version);

	order = order ? order : strcmp(left->distribution, right->distribution);
	order = order ? order : strcmp(left->machine, right->machine);
	order = order ? order : strcmp(left->source_version, right->source_version);
	order = order ? order : strcmp(left->path, right->path);
	return order ? order : strcmp(left->carrier, right->carrier);
}

/* Origins of one component are not neighbours when there are several segments. */
static void fill_origins(const struct view_index_input *input, uint32_t component,
			 const char *const *build_ids, struct arena *arena,
			 struct view_index_component *ret)
{
	struct view_index_origin *origins = arena_alloc_array(
	    arena, index_component(input->index, component)->origin_count + 1, sizeof(*origins));

	for (uint32_t i = 0; i < index_origin_count(input->index); i++) {
		const struct index_origin *origin = index_origin(input->index, i);

		if (origin->component == component)
			origins[ret->origin_count++] = copy_origin(input, origin, build_ids, arena);
	}
	qsort(origins, ret->origin_count, sizeof(*origins), compare_origins);
	for (size_t i = 0; i < ret->origin_count; i++) {
		ret->functions += origins[i].functions;
		ret->unique += origins[i].unique;
	}
	ret->origins = origins;
}

const struct view_index *view_index_build(const struct view_index_input *input, struct arena *arena)
{
	struct view_index *view = arena_alloc(arena, sizeof(*view));
	uint32_t count = index_component_count(input->index);
	struct view_index_component *components =
	    arena_alloc_array(arena, count + 1, sizeof(*components));
	const char **build_ids = build_ids_of(input->index, arena);

	for (uint32_t i = 0; i < count; i++) {
		const struct index_component *component = index_component(input->index, i);

		if (input->component && strcmp(component->name, input->component) != 0)
			continue;
		components[view->component_count] = (struct view_index_component){
		    .name = arena_strdup(arena, component->name),
		    .class = classes[component->class],
		};
		fill_origins(input, i, build_ids, arena, &components[view->component_count++]);
	}
	qsort(components, view->component_count, sizeof(*components), compare_components);
	view->tool = view_tool();
	view->built = input->files_read != 0;
	view->files_read = input->files_read;
	view->members_read = input->members_read;
	view->components = components;
	view->functions = index_function_count(input->index);
	view->keys = index_key_count(input->index);
	view->members = index_member_count(input->index);
	view->build_ids = index_build_id_count(input->index);
	view->diagnostics = view_diagnostics(input->diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(input->diags);
	return view;
}
