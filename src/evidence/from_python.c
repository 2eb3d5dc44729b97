/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Installed Python distributions. A library that a wheel was repaired with is not the
 * distribution's own: its owner is the package that the wheel's SBOM says it came from. Where the
 * SBOM says nothing, the table of known components is asked before the wheel that carries it
 * (from_carrier.c).
 */
#include <stdlib.h>

#include "evidence/provider.h"
#include "evidence/python_metadata.h"
#include "evidence/sbom.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

struct wheel_data {
	const struct component *component;
	struct sbom sbom;
};

struct python {
	struct provider_context context;
	struct map by_folder; /* dist-info folder -> index of wheels */
	VEC(struct wheel_data) wheels;
};

static void python_open(const struct provider_context *context, void **ret_state)
{
	struct python *python = memory_calloc(1, sizeof(*python));

	python->context = *context;
	*ret_state = python;
}

static const struct wheel_data *data_of(struct python *python, const struct installed_wheel *wheel)
{
	const struct provider_context *context = &python->context;
	struct map_entry *entry;
	bool added;

	entry = map_put(&python->by_folder, slice_text(wheel->folder), (uint32_t)python->wheels.len,
			&added);
	if (added)
		vec_push(&python->wheels,
			 ((struct wheel_data){
			     python_component(wheel, context->root, context->arena, context->diags),
			     sbom_read(wheel, context->root, context->arena, context->diags)}));
	return &python->wheels.ptr[entry->value];
}

static const struct component *python_find(void *state, const struct provider_query *query)
{
	struct python *python = state;
	const struct installed_wheel *wheel =
	    wheel_owners_find(python->context.wheels, query->path);

	if (!wheel)
		return NULL;
	if (wheel_is_grafted(wheel, query->path))
		return sbom_component_of(&data_of(python, wheel)->sbom, query->path);
	return data_of(python, wheel)->component;
}

static void python_close(void *state)
{
	struct python *python = state;

	map_release(&python->by_folder);
	vec_release(&python->wheels);
	free(python);
}

const struct provider provider_python = {"python", python_open, python_find, python_close};
