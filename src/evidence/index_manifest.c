/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/index_manifest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/path.h"
#include "util/table.h"

/* MANIFEST(column): those that are texts of struct index_builder_origin. */
#define MANIFEST_TEXTS(X) \
	X(component)      \
	X(version)        \
	X(licence)        \
	X(source)         \
	X(source_version) \
	X(package)        \
	X(distribution)   \
	X(carrier)

struct columns {
	size_t path, name, class, members;
#define MANIFEST_COLUMN(name) size_t name;
	MANIFEST_TEXTS(MANIFEST_COLUMN)
#undef MANIFEST_COLUMN
};

static bool find_columns(const struct table *table, struct diags *diags, struct columns *ret)
{
	bool found = true;

	ret->path = table_column(table, "path", diags);
	ret->name = table_column(table, "name", diags);
	ret->class = table_column(table, "class", diags);
	ret->members = table_column(table, "members", diags);
	found = ret->path != SIZE_MAX && ret->name != SIZE_MAX && ret->class != SIZE_MAX &&
		ret->members != SIZE_MAX;
#define MANIFEST_FIND(name) found &= (ret->name = table_column(table, #name, diags)) != SIZE_MAX;
	MANIFEST_TEXTS(MANIFEST_FIND)
#undef MANIFEST_FIND
	return found;
}

static bool parse_class(const char *text, enum index_class *ret)
{
	static const char *const classes[] = {"library", "toolchain", "header-only"};

	for (size_t i = 0; i < INDEX_CLASS_COUNT; i++) {
		if (strcmp(text, classes[i]) != 0)
			continue;
		*ret = (enum index_class)i;
		return true;
	}
	return false;
}

static void read_row(const struct table *table, size_t row, const struct columns *columns,
		     const char *folder, struct arena *arena, struct diags *diags,
		     struct index_inputs *inputs)
{
	struct index_input input = {
	    .host = path_absolute(arena, folder, table_field(table, row, columns->path)),
	    .members = table_field(table, row, columns->members),
	};

	input.origin.path = table_field(table, row, columns->name);
#define MANIFEST_TAKE(name) input.origin.name = table_field(table, row, columns->name);
	MANIFEST_TEXTS(MANIFEST_TAKE)
#undef MANIFEST_TAKE
	if (!*input.origin.component ||
	    !parse_class(table_field(table, row, columns->class), &input.origin.class)) {
		diag_add(diags, DIAG_DATA_TABLE_BAD, table->name, DIAG_NO_OFFSET,
			 "%s: no component, or an unknown class",
			 table_field(table, row, columns->path));
		return;
	}
	vec_push(&inputs->list, input);
}

enum status index_manifest_read(const char *file, struct arena *arena, struct diags *diags,
				struct index_inputs *inputs)
{
	char *here = getcwd(NULL, 0), *path, *folder, *name;
	struct columns columns;
	struct table table;
	enum status status;
	size_t length;

	path = path_absolute(arena, here ? here : "/", file);
	free(here);
	folder = path_directory(arena, path);
	name = arena_strdup(arena, path_name(path));
	length = strlen(name);
	if (length < 5 || strcmp(name + length - 4, ".tsv") != 0) {
		diag_add(diags, DIAG_DATA_TABLE_BAD, file, DIAG_NO_OFFSET,
			 "the name of a table ends in .tsv");
		return STATUS_FORMAT;
	}
	name[length - 4] = 0;
	status = table_open(folder, name, arena, diags, &table);
	if (status == STATUS_NOT_FOUND)
		diag_add(diags, DIAG_INPUT_MISSING, file, DIAG_NO_OFFSET, "%s", "");
	if (status != STATUS_OK)
		return status;
	if (!find_columns(&table, diags, &columns))
		return STATUS_FORMAT;
	for (size_t i = 0; i < table.rows; i++)
		read_row(&table, i, &columns, folder, arena, diags, inputs);
	return STATUS_OK;
}
