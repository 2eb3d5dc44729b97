/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/inline_code.h"

#include <ctype.h>
#include <elf.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/memory.h"
#include "util/path.h"
#include "util/table.h"
#include "util/vec.h"

struct header_component {
	const char *name, *id, *licence, *own, *note, *source;
};

struct header_namespace {
	uint32_t component;
	bool distinct;
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
	struct map by_namespace; /* "fmt" -> index of a namespace */
	VEC(struct header_namespace) namespaces;
	VEC(struct path_pattern) paths;
};

enum {
	HEADER_PATTERN,
	HEADER_COMPONENT,
	HEADER_LICENCE,
	HEADER_CONFIDENCE,
	HEADER_OWN,
	HEADER_NOTE,
	HEADER_SOURCE,
	HEADER_COLUMNS,
};

static const char *const headers[HEADER_COLUMNS] = {"pattern", "component", "licence", "confidence",
						    "own",     "note",	    "source"};

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
	    .own = table_field(rows, row, columns[HEADER_OWN]),
	    .note = table_field(rows, row, columns[HEADER_NOTE]),
	    .source = table_field(rows, row, columns[HEADER_SOURCE]),
	};
	bool distinct = strcmp(table_field(rows, row, columns[HEADER_CONFIDENCE]), "low") != 0;
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
	else if (length > 2 && strcmp(pattern + length - 2, "::") == 0) {
		map_put(&table->by_namespace, slice_of(pattern, length - 2),
			(uint32_t)table->namespaces.len, &added);
		if (added)
			vec_push(&table->namespaces, ((struct header_namespace){index, distinct}));
	}
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
	map_release(&table->by_namespace);
	vec_release(&table->namespaces);
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
	struct inline_component *list; /* beside the table's components; texts are borrowed */
	uint64_t *best_lines;
};

/* What was seen of one component, by its number in the table. */
struct seen {
	uint32_t number;
	struct inline_component component;
};

struct inline_seen {
	const struct seen *list; /* sorted by number */
	size_t count;
	bool any; /* something to read was there at all */
};

static struct found found_open(const struct inline_table *table)
{
	size_t count = table->components.len;

	return (struct found){
	    .table = table,
	    .list = memory_calloc(count + 1, sizeof(struct inline_component)),
	    .best_lines = memory_calloc(count + 1, sizeof(uint64_t)),
	};
}

static bool is_seen(const struct inline_component *component)
{
	return component->weak || component->local || component->global || component->lines ||
	       component->source_files || component->headers_read;
}

/* Of many components few are seen: those alone are kept. */
static const struct inline_seen *found_close(struct found *found, bool any, struct arena *arena)
{
	struct inline_seen *ret = arena_alloc(arena, sizeof(*ret));
	size_t count = 0;
	struct seen *list;

	for (size_t i = 0; i < found->table->components.len; i++)
		count += is_seen(&found->list[i]);
	list = arena_alloc_array(arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < found->table->components.len; i++) {
		struct inline_component *component = &found->list[i];

		if (!is_seen(component))
			continue;
		if (component->function)
			component->function = arena_strdup(arena, component->function);
		if (component->source)
			component->source = arena_strdup(arena, component->source);
		list[ret->count++] = (struct seen){(uint32_t)i, *component};
	}
	ret->list = list;
	ret->any = any;
	free(found->list);
	free(found->best_lines);
	return ret;
}

static void add_namespace(struct found *found, const struct facts *facts,
			  const struct facts_namespace *space, struct arena *arena)
{
	struct slice name = facts_slice(facts, space->name), first = name;
	const uint8_t *end = memmem(name.ptr, name.len, "::", 2);
	const struct header_namespace *known;
	const struct map_entry *entry;
	struct inline_component *component;

	if (end)
		first.len = (size_t)(end - name.ptr);
	entry = map_get(&found->table->by_namespace, first);
	if (!entry)
		return;
	known = &found->table->namespaces.ptr[entry->value];
	component = &found->list[known->component];
	component->weak += space->weak;
	component->local += space->local;
	component->global += space->global;
	component->weak_bytes += space->weak_bytes;
	if (!component->function)
		component->function = facts_text(facts, space->example);
	component->distinct |= known->distinct || end;
	if (end && (!component->version || !component->version[0]))
		component->version = version_of(arena, slice_of(end + 2, name.len - first.len - 2));
}

static void add_source(struct found *found, const struct facts *facts,
		       const struct facts_debug_file *file)
{
	const char *path = facts_text(facts, file->path);

	vec_each (pattern, &found->table->paths) {
		struct inline_component *component = &found->list[pattern->component];

		if (!strstr(path, pattern->literal) || fnmatch(pattern->text, path, 0) != 0)
			continue;
		if (!file->lines) {
			component->headers_read++;
			return;
		}
		component->distinct = true;
		component->source_files++;
		component->lines += file->lines;
		if (file->lines > found->best_lines[pattern->component]) {
			found->best_lines[pattern->component] = file->lines;
			component->source = path;
		}
		return;
	}
}

const struct inline_seen *inline_names_find(const struct inline_table *table,
					    const struct facts *facts, struct arena *arena)
{
	struct found found = found_open(table);

	for (size_t i = 0; i < facts->namespaces_count; i++)
		add_namespace(&found, facts, &facts->namespaces[i], arena);
	return found_close(&found, facts->namespaces_count != 0, arena);
}

const struct inline_seen *inline_lines_find(const struct inline_table *table,
					    const struct facts *facts, struct arena *arena)
{
	struct found found = found_open(table);
	bool any = false;

	for (size_t i = 0; i < facts->debug_files_count; i++) {
		add_source(&found, facts, &facts->debug_files[i]);
		any |= facts->debug_files[i].lines != 0;
	}
	return found_close(&found, any, arena);
}

static int compare_components(const void *a, const void *b)
{
	return strcmp(((const struct inline_component *)a)->name,
		      ((const struct inline_component *)b)->name);
}

bool inline_is_own(const struct inline_component *component, const char *name)
{
	struct slice rest = slice_text(component->own), word;
	char pattern[NAME_MAX + 1];

	if (!*name || strlen(name) > NAME_MAX)
		return false;
	while (slice_token(&rest, ",", &word)) {
		if (word.len >= sizeof(pattern))
			continue;
		memcpy(pattern, word.ptr, word.len);
		pattern[word.len] = '\0';
		if (fnmatch(pattern, name, 0) == 0)
			return true;
	}
	return false;
}

/* The first shared library of the project among those the file needs. */
static const char *linked_library(const struct facts *facts,
				  const struct inline_component *component, struct arena *arena)
{
	const struct facts_dynamic *entry;
	size_t at = 0;

	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *name = facts_text(facts, entry->text);

		if (inline_is_own(component, path_name(name)))
			return arena_strdup(arena, name);
	}
	return NULL;
}

/* False when nothing of the component was seen. */
static bool finish_component(const struct header_component *known, const struct facts *facts,
			     struct arena *arena, struct inline_component *component)
{
	bool named = component->weak || component->local;

	if (!named && !component->lines && !component->headers_read)
		return false;
	component->name = known->name;
	component->id = known->id;
	component->licence = known->licence;
	component->source_of_licence = known->source;
	component->note = known->note;
	component->own = known->own;
	component->linked = linked_library(facts, component, arena);
	component->contained = (named || component->lines) && !component->linked;
	component->grade = named ? EDGE_GRADE_SYMBOL_BINDING : EDGE_GRADE_DECLARED;
	return true;
}

/* The next component of either list, in order of the table; false at the end of both. */
static bool next_seen(const struct inline_seen *names, const struct inline_seen *lines,
		      size_t at[2], struct seen *ret)
{
	const struct seen *name = at[0] < names->count ? &names->list[at[0]] : NULL,
			  *line = at[1] < lines->count ? &lines->list[at[1]] : NULL;

	if (!name && !line)
		return false;
	if (!line || (name && name->number < line->number)) {
		at[0]++;
		*ret = *name;
		return true;
	}
	at[1]++;
	*ret = *line;
	if (!name || name->number != line->number)
		return true;
	at[0]++;
	*ret = *name;
	ret->component.distinct |= line->component.distinct;
	ret->component.source_files = line->component.source_files;
	ret->component.lines = line->component.lines;
	ret->component.headers_read = line->component.headers_read;
	ret->component.source = line->component.source;
	return true;
}

const struct inline_code *inline_code_join(const struct inline_table *table,
					   const struct facts *facts,
					   const struct inline_seen *names,
					   const struct inline_seen *lines, struct arena *arena)
{
	static const struct inline_seen nothing;
	struct inline_code *ret = arena_alloc(arena, sizeof(*ret));
	struct inline_component *list;
	size_t at[2] = {0};
	struct seen seen;

	names = names ? names : &nothing;
	lines = lines ? lines : &nothing;
	list = arena_alloc_array(arena, names->count + lines->count + 1, sizeof(*list));
	ret->has_functions = names->any;
	ret->has_lines = lines->any;
	while (next_seen(names, lines, at, &seen)) {
		if (!seen.component.version)
			seen.component.version = "";
		if (finish_component(&table->components.ptr[seen.number], facts, arena,
				     &seen.component))
			list[ret->count++] = seen.component;
	}
	if (ret->count)
		qsort(list, ret->count, sizeof(*list), compare_components);
	ret->components = list;
	return ret;
}
