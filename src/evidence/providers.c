/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/provider.h"

#include <stdlib.h>
#include <string.h>

#include "evidence/wheel_owners.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

#define PROVIDER(name) extern const struct provider provider_##name;
#include "evidence/providers.def"
#undef PROVIDER

static const struct provider *const all_providers[] = {
#define PROVIDER(name) &provider_##name,
#include "evidence/providers.def"
#undef PROVIDER
};

#define PROVIDER_COUNT (sizeof(all_providers) / sizeof(all_providers[0]))

struct providers {
	struct arena arena;
	struct wheel_owners *wheels;
	struct map by_id; /* id -> index of known */
	VEC(const struct component *) known;
	void *states[PROVIDER_COUNT];
};

struct providers *providers_open(struct root *root, const char *data_folder, struct diags *diags)
{
	struct providers *providers = memory_calloc(1, sizeof(*providers));
	struct provider_context context = {root, data_folder, &providers->arena, diags, NULL};

	arena_init(&providers->arena);
	context.wheels = providers->wheels = wheel_owners_new(root, &providers->arena, diags);
	for (size_t i = 0; i < PROVIDER_COUNT; i++)
		all_providers[i]->open(&context, &providers->states[i]);
	return providers;
}

void providers_close(struct providers *providers)
{
	if (!providers)
		return;
	for (size_t i = 0; i < PROVIDER_COUNT; i++) {
		if (providers->states[i])
			all_providers[i]->close(providers->states[i]);
	}
	wheel_owners_free(providers->wheels);
	map_release(&providers->by_id);
	vec_release(&providers->known);
	arena_release(&providers->arena);
	free(providers);
}

/*
 * Two environments may hold two versions of one package, which are two things to fetch: those that
 * come behind the first are called "conda:zlib@1.2.11". One version for several architectures, or
 * built twice, is one component.
 */
static const struct component *with_own_id(struct providers *providers,
					   const struct component *component)
{
	const char *id = component->id;
	struct component *copy;
	struct map_entry *entry;
	bool added;

	entry = map_put(&providers->by_id, slice_text(id), (uint32_t)providers->known.len, &added);
	if (added) {
		vec_push(&providers->known, component);
		return component;
	}
	if (strcmp(providers->known.ptr[entry->value]->version, component->version) == 0)
		return component;
	id = arena_printf(&providers->arena, "%s@%s", id, component->version);
	copy = arena_copy(&providers->arena, component, sizeof(*copy));
	copy->id = id;
	return copy;
}

const struct component *providers_find(struct providers *providers,
				       const struct provider_query *query,
				       const char **ret_provider)
{
	for (size_t i = 0; i < PROVIDER_COUNT; i++) {
		const struct component *found = NULL;

		if (providers->states[i])
			found = all_providers[i]->find(providers->states[i], query);
		if (!found)
			continue;
		*ret_provider = all_providers[i]->name;
		return with_own_id(providers, found);
	}
	return NULL;
}

struct wheel_owners *providers_wheels(struct providers *providers)
{
	return providers->wheels;
}

const struct component *providers_ask(struct providers *providers, const char *name,
				      const struct provider_query *query)
{
	for (size_t i = 0; i < PROVIDER_COUNT; i++) {
		if (strcmp(all_providers[i]->name, name) == 0)
			return providers->states[i]
				   ? all_providers[i]->find(providers->states[i], query)
				   : NULL;
	}
	return NULL;
}
