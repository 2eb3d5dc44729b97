/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of known components: a pattern on the SONAME, else on the name of the file. Among the
 * patterns that match, the one with most literal characters wins; the first of equals. A library
 * that auditwheel copied into a wheel is asked for by its old name, too.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "evidence/provider.h"
#include "util/map.h"
#include "util/path.h"
#include "util/table.h"
#include "util/vec.h"

struct known_pattern {
	const char *text;
	size_t prefix;	 /* literal characters before the first wildcard */
	size_t literals; /* of the whole pattern */
	const struct component *component;
};

struct known {
	struct map exact;		    /* patterns without a wildcard -> index into names */
	VEC(struct known_pattern) names;    /* those */
	VEC(struct known_pattern) patterns; /* those with wildcards */
};

enum { KNOWN_PATTERN, KNOWN_COMPONENT, KNOWN_LICENCE, KNOWN_NOTE, KNOWN_COLUMNS };

static const char *const known_headers[KNOWN_COLUMNS] = {"pattern", "component", "licence", "note"};

/* "GCC OpenMP runtime (renamed)" becomes "known:GCC-OpenMP-runtime-renamed". */
static const char *component_id(struct arena *arena, const char *name)
{
	char *id = arena_printf(arena, "known:%s", name), *to = id + strlen("known:");

	for (const char *from = to; *from; from++) {
		if (isalnum((unsigned char)*from) || strchr("._+", *from) ||
		    (unsigned char)*from >= 0x80)
			*to++ = *from;
		else if (to[-1] != '-' && to[-1] != ':')
			*to++ = '-';
	}
	while (to[-1] == '-')
		to--;
	*to = '\0';
	return id;
}

static const struct component *make_component(const struct provider_context *context,
					      const struct table *table, size_t row,
					      const size_t columns[KNOWN_COLUMNS])
{
	struct component *component = arena_alloc(context->arena, sizeof(*component));

	*component = (struct component){
	    .id = component_id(context->arena, table_field(table, row, columns[KNOWN_COMPONENT])),
	    .name = table_field(table, row, columns[KNOWN_COMPONENT]),
	    .version = "",
	    .source_name = "",
	    .source_version = "",
	    .purl = "",
	    .copyright_path = "",
	    .declared = table_field(table, row, columns[KNOWN_LICENCE]),
	    .note = table_field(table, row, columns[KNOWN_NOTE]),
	};
	return component;
}

static void add_pattern(struct known *known, const char *text, const struct component *component)
{
	struct known_pattern pattern = {.text = text, .component = component};

	pattern.prefix = strcspn(text, "*?[\\");
	if (!text[pattern.prefix]) {
		map_put(&known->exact, slice_text(text), (uint32_t)known->names.len, NULL);
		vec_push(&known->names, pattern);
		return;
	}
	for (const char *at = text; *at; at++)
		pattern.literals += !strchr("*?[]\\", *at);
	vec_push(&known->patterns, pattern);
}

static void known_open(const struct provider_context *context, void **ret_state)
{
	size_t columns[KNOWN_COLUMNS];
	struct known *known;
	struct table table;

	if (table_open(context->data_folder, "known-components", context->arena, context->diags,
		       &table) != STATUS_OK)
		return;
	for (size_t i = 0; i < KNOWN_COLUMNS; i++) {
		columns[i] = table_column(&table, known_headers[i], context->diags);
		if (columns[i] == SIZE_MAX)
			return;
	}
	known = memory_calloc(1, sizeof(*known));
	for (size_t row = 0; row < table.rows; row++)
		add_pattern(known, table_field(&table, row, columns[KNOWN_PATTERN]),
			    make_component(context, &table, row, columns));
	*ret_state = known;
}

static const struct component *find_name(const struct known *known, const char *name)
{
	const struct map_entry *exact = map_get(&known->exact, slice_text(name));
	const struct known_pattern *best = NULL;

	if (exact)
		return known->names.ptr[exact->value].component;
	vec_each (pattern, &known->patterns) {
		if ((best && pattern->literals <= best->literals) ||
		    strncmp(name, pattern->text, pattern->prefix) != 0 ||
		    fnmatch(pattern->text, name, 0) != 0)
			continue;
		best = pattern;
	}
	return best ? best->component : NULL;
}

/*
 * By the name a library had before auditwheel copied it into a wheel. That is made of its file's
 * name, with all of the version (libquadmath-96973f99.so.0.0.0); a SONAME has the front of it.
 */
static const struct component *find_copied(const struct known *known, const char *name)
{
	const struct component *found = NULL;
	struct arena scratch;
	const char *plain, *so;
	char *shorter;

	arena_init(&scratch);
	plain = path_without_hash(&scratch, name);
	so = plain == name ? NULL : strstr(plain, ".so");
	shorter = so ? arena_strdup(&scratch, plain) : NULL;
	while (shorter && !(found = find_name(known, shorter))) {
		char *dot = strrchr(shorter, '.');

		if (!dot || dot - shorter <= so - plain)
			break;
		*dot = '\0';
	}
	arena_release(&scratch);
	return found;
}

static const struct component *known_find(void *state, const struct provider_query *query)
{
	const char *name =
	    query->soname && query->soname[0] ? path_name(query->soname) : path_name(query->path);
	const struct component *found;

	if (strlen(name) > NAME_MAX)
		return NULL; /* no file has such a name; fnmatch() need not see it */
	found = find_name(state, name);
	return found ? found : find_copied(state, name);
}

static void known_close(void *state)
{
	struct known *known = state;

	map_release(&known->exact);
	vec_release(&known->names);
	vec_release(&known->patterns);
	free(known);
}

const struct provider provider_known = {"known", known_open, known_find, known_close};
