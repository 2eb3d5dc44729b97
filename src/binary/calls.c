/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/calls.h"

#include <string.h>

#include "util/map.h"

static const struct call_row rows[] = {
#define CALL(name, kind, argument, vector, list) \
	{#name, FACTS_CALL_##kind, argument, vector, list, EFFECT_PURE, -1, -1, -1, 0},
#define EFFECT(name, effect, a, b, c) {#name, -1, -1, -1, -1, EFFECT_##effect, a, c, b, 0},
#include "binary/calls.def"
#undef CALL
#undef EFFECT
};

static const struct call_row throw_row = {"std::__throw_", -1, -1, -1, -1,
					  EFFECT_STOP,	   -1, -1, -1, 0};

/* The map is made once in a worker, which has one thread, and lives as long as that. */
const struct call_row *call_row_find(struct slice name)
{
	static struct map map;
	const struct map_entry *entry;

	if (!map.len)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			map_put(&map, slice_text(rows[i].name), (uint32_t)i, NULL);
	entry = map_get(&map, name);
	if (entry)
		return &rows[entry->value];
	/* std::__throw_out_of_range() and its family. */
	if (slice_starts_with(name, "_ZSt") && memmem(name.ptr, name.len, "__throw_", 8))
		return &throw_row;
	return NULL;
}
