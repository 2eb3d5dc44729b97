/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/alternatives.h"

#include <fnmatch.h>
#include <string.h>

#include "util/path.h"
#include "util/table.h"

struct alternatives {
	struct table table;
	size_t pattern, licence, advice;
};

const struct alternatives *alternatives_open(const char *data, struct arena *arena,
					     struct diags *diags)
{
	struct alternatives *alternatives = arena_alloc(arena, sizeof(*alternatives));

	if (table_open(data, "alternatives", arena, diags, &alternatives->table) != STATUS_OK) {
		alternatives->table.rows = 0;
		return alternatives;
	}
	alternatives->pattern = table_column(&alternatives->table, "pattern", diags);
	alternatives->licence = table_column(&alternatives->table, "licence", diags);
	alternatives->advice = table_column(&alternatives->table, "advice", diags);
	return alternatives;
}

const char *alternatives_find(const struct alternatives *alternatives, const char *path,
			      const char *licence)
{
	const char *advice = NULL, *name;
	struct arena scratch;

	arena_init(&scratch);
	name = path_without_hash(&scratch, path_name(path));
	for (size_t i = 0; !advice && alternatives && i < alternatives->table.rows; i++) {
		const struct table *table = &alternatives->table;
		const char *start = table_field(table, i, alternatives->licence);

		if (fnmatch(table_field(table, i, alternatives->pattern), name, 0) == 0 &&
		    strncmp(licence, start, strlen(start)) == 0)
			advice = table_field(table, i, alternatives->advice);
	}
	arena_release(&scratch);
	return advice;
}
