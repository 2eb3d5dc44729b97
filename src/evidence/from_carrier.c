/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library that nobody knows, grafted into a wheel: the wheel carries it, and says so much of its
 * version. What the wheel says of licences does not speak of it.
 */
#include <stdlib.h>

#include "evidence/provider.h"
#include "evidence/python_metadata.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

struct carrier {
	struct provider_context context;
	struct map by_folder; /* dist-info folder -> index of components */
	VEC(const struct component *) components;
};

static void carrier_open(const struct provider_context *context, void **ret_state)
{
	struct carrier *carrier = memory_calloc(1, sizeof(*carrier));

	carrier->context = *context;
	*ret_state = carrier;
}

static const struct component *carrier_find(void *state, const struct provider_query *query)
{
	struct carrier *carrier = state;
	const struct provider_context *context = &carrier->context;
	const struct installed_wheel *wheel = wheel_owners_find(context->wheels, query->path);
	struct map_entry *entry;
	bool added;

	if (!wheel || !wheel_is_grafted(wheel, query->path))
		return NULL;
	entry = map_put(&carrier->by_folder, slice_text(wheel->folder),
			(uint32_t)carrier->components.len, &added);
	if (added) {
		struct component *component = arena_copy(
		    context->arena,
		    python_component(wheel, context->root, context->arena, context->diags),
		    sizeof(*component));

		component->is_carrier = true;
		component->id = arena_printf(context->arena, "%s:carried", component->id);
		component->name = arena_printf(context->arena, "carried by %s", component->name);
		vec_push(&carrier->components, component);
	}
	return carrier->components.ptr[entry->value];
}

static void carrier_close(void *state)
{
	struct carrier *carrier = state;

	map_release(&carrier->by_folder);
	vec_release(&carrier->components);
	free(carrier);
}

const struct provider provider_carrier = {"carrier", carrier_open, carrier_find, carrier_close};
