/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The build of an index that has the file's build-id. Several of one project are one owner, and
 * what they differ in is left out; builds of several projects are none.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/index.h"
#include "evidence/provider.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

struct build_ids {
	struct provider_context context;
	struct map by_id; /* build-id -> index of components */
	VEC(const struct component *) components;
};

static void build_id_open(const struct provider_context *context, void **ret_state)
{
	struct build_ids *build_ids = memory_calloc(1, sizeof(*build_ids));

	build_ids->context = *context;
	*ret_state = build_ids;
}

static const char *common(const char *left, const char *right)
{
	return strcmp(left, right) == 0 ? left : "";
}

/* What all builds with the id have in common; false: they are of several projects, or there is
 * none. */
static bool find_origin(const struct index *index, const char *id, struct index_origin *ret)
{
	uint32_t members[INDEX_BUILD_ID_MEMBERS];
	uint32_t count = index_find_build_id(index, id, members);

	for (uint32_t i = 0; i < count; i++) {
		const struct index_origin *origin =
		    index_origin(index, index_member(index, members[i]).origin);

		if (!i)
			*ret = *origin;
		if (origin->component != ret->component)
			return false;
		ret->version = common(ret->version, origin->version);
		ret->licence = common(ret->licence, origin->licence);
		ret->source = common(ret->source, origin->source);
		ret->source_version = common(ret->source_version, origin->source_version);
	}
	return count != 0;
}

/* The index may be closed before the component is: it is copied. */
static const struct component *
make_component(const struct index *index, const struct index_origin *origin, struct arena *arena)
{
	struct component *component = arena_alloc(arena, sizeof(*component));
	struct component_statement statement = {STATEMENT_INDEX,
						arena_strdup(arena, origin->licence), ""};
	const char *name = arena_strdup(arena, index_component(index, origin->component)->name);

	*component = (struct component){
	    .id = arena_printf(arena, "build-id:%s", name),
	    .name = name,
	    .version = arena_strdup(arena, origin->version),
	    .source_name = arena_strdup(arena, origin->source),
	    .source_version = arena_strdup(arena, origin->source_version),
	    .purl = "",
	    .copyright_path = "",
	    .declared = "",
	    .note = "",
	    .statements = arena_copy(arena, &statement, sizeof(statement)),
	    .statement_count = *origin->licence != '\0',
	};
	return component;
}

static const struct component *build_id_find(void *state, const struct provider_query *query)
{
	struct build_ids *build_ids = state;
	struct arena *arena = build_ids->context.arena;
	struct index_origin origin;
	struct map_entry *entry;
	const char *id;
	bool added;

	if (!query->facts || !query->index)
		return NULL;
	id = index_build_id_of(query->facts);
	if (!find_origin(query->index, id, &origin))
		return NULL;
	entry = map_put(&build_ids->by_id, slice_text(arena_strdup(arena, id)),
			(uint32_t)build_ids->components.len, &added);
	if (added)
		vec_push(&build_ids->components, make_component(query->index, &origin, arena));
	return build_ids->components.ptr[entry->value];
}

static void build_id_close(void *state)
{
	struct build_ids *build_ids = state;

	map_release(&build_ids->by_id);
	vec_release(&build_ids->components);
	free(build_ids);
}

const struct provider provider_build_id = {"build-id", build_id_open, build_id_find,
					   build_id_close};
