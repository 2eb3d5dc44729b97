/* SPDX-License-Identifier: BSD-2-Clause */
/* Components that names in a file tell of: the readers of each kind, and what they find joined. */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"

struct embedded_names {
	struct module_table modules;
	struct symbol_table symbols;
	struct calibration_table calibration;
};

struct embedded_names *embedded_names_open(const char *data_folder, struct arena *arena,
					   struct diags *diags)
{
	struct embedded_names *names = arena_alloc(arena, sizeof(*names));

	modules_open(data_folder, arena, diags, &names->modules);
	symbols_open(data_folder, arena, diags, &names->symbols);
	calibration_open(data_folder, arena, diags, &names->calibration);
	return names;
}

void embedded_names_close(struct embedded_names *names)
{
	if (!names)
		return;
	symbols_close(&names->symbols);
}

/*
 * By code, which says more. A crate that wraps a library and is called
 * like it is another component.
 */
static bool is_claimed(const struct embedded *embedded, const struct embedded_component *one)
{
	const char *name = one->name;

	if (one->basis != EMBEDDED_BY_SYMBOLS && one->basis != EMBEDDED_BY_CONFIGURATION)
		return false;
	for (size_t i = 0; i < embedded->component_count; i++)
		if (strcasecmp(embedded->components[i].name, name) == 0)
			return true;
	return false;
}

int embedded_compare_named(const void *a, const void *b)
{
	const struct embedded_component *left = a, *right = b;
	int order;

	if (left->basis != right->basis)
		return left->basis < right->basis ? -1 : 1;
	order = strcmp(left->name, right->name);
	if (order || !left->version_count || !right->version_count)
		return order;
	return strcmp(left->versions[0], right->versions[0]);
}

static void calibrate(const struct calibration_table *table, struct embedded_component *list,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		list[i].calibration = calibration_of(table, &list[i]);
}

void embedded_names_find(const struct embedded_names *names, const struct facts *facts,
			 struct arena *arena, struct embedded *ret)
{
	struct named_list found = {0};
	struct embedded_component *list;

	modules_find(&names->modules, facts, arena, &found);
	symbols_find(&names->symbols, facts, arena, &found);
	list = arena_alloc_array(arena, found.list.len + 1, sizeof(*list));
	vec_each (one, &found.list)
		if (!is_claimed(ret, one))
			list[ret->named_count++] = *one;
	if (ret->named_count)
		qsort(list, ret->named_count, sizeof(*list), embedded_compare_named);
	calibrate(&names->calibration, list, ret->named_count);
	calibrate(&names->calibration, ret->components, ret->component_count);
	ret->named = list;
	vec_release(&found.list);
}

void embedded_names_calibrate(const struct embedded_names *names, struct embedded *ret)
{
	calibrate(&names->calibration, ret->named, ret->named_count);
}
