/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/inline_code.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/memory.h"
#include "util/table.h"
#include "util/vec.h"

struct header_component {
	const char *name, *id, *licence, *note;
};

struct path_pattern {
	const char *text;
	const char *literal; /* a piece of it that every match holds */
	uint32_t component;
};

struct inline_table {
	struct arena arena;
	struct map by_name; /* of component -> index */
	VEC(struct header_component) components;
	struct map namespaces; /* "fmt" -> index of component */
	VEC(struct path_pattern) paths;
};

enum { HEADER_PATTERN, HEADER_COMPONENT, HEADER_LICENCE, HEADER_NOTE, HEADER_COLUMNS };

static const char *const headers[HEADER_COLUMNS] = {"pattern", "component", "licence", "note"};

static const char *make_id(struct arena *arena, const char *name)
{
	char *id = arena_printf(arena, "header:%s", name);

	for (char *at = id + strlen("header:"); *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._+", *at))
			*at = '-';
	return id;
}

/* The longest run without a wildcard: most paths are told apart by it, faster than by fnmatch(). */
static const char *longest_literal(struct arena *arena, const char *pattern)
{
	struct slice best = slice_of(pattern, 0);

	while (*pattern) {
		size_t length = strcspn(pattern, "*?[\\");

		if (length > best.len)
			best = slice_of(pattern, length);
		pattern += length + (pattern[length] != '\0');
	}
	return arena_slice(arena, best);
}

static void add_row(struct inline_table *table, const struct table *rows, size_t row,
		    const size_t columns[HEADER_COLUMNS])
{
	const char *pattern = table_field(rows, row, columns[HEADER_PATTERN]);
	struct header_component component = {
	    .name = table_field(rows, row, columns[HEADER_COMPONENT]),
	    .licence = table_field(rows, row, columns[HEADER_LICENCE]),
	    .note = table_field(rows, row, columns[HEADER_NOTE]),
	};
	size_t length = strlen(pattern);
	uint32_t index;
	bool added;

	index = map_put(&table->by_name, slice_text(component.name),
			(uint32_t)table->components.len, &added)
		    ->value;
	if (added) {
		component.id = make_id(&table->arena, component.name);
		vec_push(&table->components, component);
	}
	if (strchr(pattern, '/'))
		vec_push(&table->paths,
			 ((struct path_pattern){pattern, longest_literal(&table->arena, pattern),
						index}));
	else if (length > 2 && strcmp(pattern + length - 2, "::") == 0)
		map_put(&table->namespaces, slice_of(pattern, length - 2), index, NULL);
}

struct inline_table *inline_table_open(const char *data_folder, struct diags *diags)
{
	struct inline_table *table = memory_calloc(1, sizeof(*table));
	size_t columns[HEADER_COLUMNS];
	struct table rows;

	arena_init(&table->arena);
	if (table_open(data_folder, "header-components", &table->arena, diags, &rows) != STATUS_OK)
		goto fail;
	for (size_t i = 0; i < HEADER_COLUMNS; i++) {
		columns[i] = table_column(&rows, headers[i], diags);
		if (columns[i] == SIZE_MAX)
			goto fail;
	}
	for (size_t row = 0; row < rows.rows; row++)
		add_row(table, &rows, row, columns);
	return table;
fail:
	inline_table_close(table);
	return NULL;
}

void inline_table_close(struct inline_table *table)
{
	if (!table)
		return;
	map_release(&table->by_name);
	map_release(&table->namespaces);
	vec_release(&table->components);
	vec_release(&table->paths);
	arena_release(&table->arena);
	free(table);
}

/* ---- one file ---- */

/* "json_abi_v3_11_2" is 3.11.2, "v9" is 9. */
static const char *version_of(struct arena *arena, struct slice part)
{
	char *version;
	size_t at = part.len;

	for (size_t i = 0; i + 1 < part.len; i++)
		if (part.ptr[i] == 'v' && isdigit(part.ptr[i + 1]))
			at = i + 1;
	version = arena_slice(arena, slice_of(part.ptr + at, part.len - at));
	version[strspn(version, "0123456789_")] = '\0';
	for (char *byte = version; *byte; byte++)
		if (*byte == '_')
			*byte = '.';
	return version;
}

struct found {
	const struct inline_table *table;
	struct inline_component *list; /* beside the table's components */
	uint64_t *best_lines;
};

static void add_namespace(struct found *found, const struct facts *facts,
			  const struct facts_namespace *space, struct arena *arena)
{
	struct slice name = facts_slice(facts, space->name), first = name;
	const uint8_t *end = memmem(name.ptr, name.len, "::", 2);
	const struct map_entry *known;
	struct inline_component *component;

	if (end)
		first.len = (size_t)(end - name.ptr);
	known = map_get(&found->table->namespaces, first);
	if (!known)
		return;
	component = &found->list[known->value];
	component->weak += space->weak;
	component->local += space->local;
	component->global += space->global;
	component->weak_bytes += space->weak_bytes;
	if (!component->function)
		component->function = arena_strdup(arena, facts_text(facts, space->example));
	if (end && !component->version[0])
		component->version = version_of(arena, slice_of(end + 2, name.len - first.len - 2));
}

static void add_source(struct found *found, const struct facts *facts,
		       const struct facts_debug_file *file, struct arena *arena)
{
	const char *path = facts_text(facts, file->path);

	if (!file->lines)
		return;
	vec_each (pattern, &found->table->paths) {
		struct inline_component *component = &found->list[pattern->component];

		if (!strstr(path, pattern->literal) || fnmatch(pattern->text, path, 0) != 0)
			continue;
		component->source_files++;
		component->lines += file->lines;
		if (file->lines > found->best_lines[pattern->component]) {
			found->best_lines[pattern->component] = file->lines;
			component->source = arena_strdup(arena, path);
		}
		return;
	}
}

static int compare_components(const void *a, const void *b)
{
	return strcmp(((const struct inline_component *)a)->name,
		      ((const struct inline_component *)b)->name);
}

size_t inline_code_find(const struct inline_table *table, const struct facts *facts,
			struct arena *arena, const struct inline_component **ret)
{
	size_t count = table->components.len, used = 0;
	struct found found = {
	    .table = table,
	    .list = arena_alloc_array(arena, count + 1, sizeof(*found.list)),
	    .best_lines = arena_alloc_array(arena, count + 1, sizeof(*found.best_lines)),
	};

	for (size_t i = 0; i < count; i++)
		found.list[i].version = "";
	for (size_t i = 0; i < facts->namespaces_count; i++)
		add_namespace(&found, facts, &facts->namespaces[i], arena);
	for (size_t i = 0; i < facts->debug_files_count; i++)
		add_source(&found, facts, &facts->debug_files[i], arena);
	for (size_t i = 0; i < count; i++) {
		const struct header_component *known = &table->components.ptr[i];
		struct inline_component component = found.list[i];
		bool named = component.weak || component.local;

		if (!named && !component.lines)
			continue;
		component.name = known->name;
		component.id = known->id;
		component.licence = known->licence;
		component.note = known->note;
		component.grade = named ? EDGE_GRADE_SYMBOL_BINDING : EDGE_GRADE_DECLARED;
		found.list[used++] = component;
	}
	if (used)
		qsort(found.list, used, sizeof(*found.list), compare_components);
	*ret = found.list;
	return used;
}
