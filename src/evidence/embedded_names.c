/* SPDX-License-Identifier: BSD-2-Clause */
/* Components that names in a file tell of: the readers of each kind, and what they find joined. */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"
#include "evidence/inline_code.h"

/* One function of a header's may be a type of it that the file's own code has to destroy. */
#define HEADER_FUNCTIONS 2u

struct embedded_names {
	struct module_table modules;
	struct symbol_table symbols;
	struct inline_table *headers;
	struct calibration_table calibration;
};

struct embedded_names *embedded_names_open(const char *data_folder, struct arena *arena,
					   struct diags *diags)
{
	struct embedded_names *names = arena_alloc(arena, sizeof(*names));

	modules_open(data_folder, arena, diags, &names->modules);
	symbols_open(data_folder, arena, diags, &names->symbols);
	names->headers = inline_table_open(data_folder, diags);
	calibration_open(data_folder, arena, diags, &names->calibration);
	return names;
}

void embedded_names_close(struct embedded_names *names)
{
	if (!names)
		return;
	symbols_close(&names->symbols);
	inline_table_close(names->headers);
}

static void describe_header(const struct inline_component *from, struct arena *arena,
			    struct embedded_component *ret)
{
	struct embedded_sign *sign = arena_alloc(arena, sizeof(*sign));
	const char **versions = arena_alloc_array(arena, 1, sizeof(*versions));
	uint32_t functions = from->weak + from->local + from->global;

	versions[0] = from->version;
	*sign = (struct embedded_sign){
	    "header code",
	    arena_printf(arena, "%u functions in its namespaces, %s one of them", functions,
			 from->function ? from->function : "none"),
	    UINT64_MAX};
	*ret = (struct embedded_component){
	    .name = from->name,
	    .basis = EMBEDDED_BY_HEADERS,
	    .ecosystem = "",
	    .class = INDEX_HEADER_ONLY,
	    .confidence = EMBEDDED_LIKELY,
	    .versions = versions,
	    .version_count = *from->version != '\0',
	    .version_fits = *from->version != '\0',
	    .licence = from->licence,
	    .source = "",
	    .source_version = "",
	    .package = "data/header-components.tsv",
	    .distribution = "",
	    .carrier = "",
	    .functions = functions,
	    .bytes = from->weak_bytes,
	    .signs = sign,
	    .sign_count = 1,
	};
}

static void find_headers(const struct embedded_names *names, const struct facts *facts,
			 struct arena *arena, struct named_list *ret)
{
	const struct inline_component *list;
	size_t count;

	if (!names->headers || !facts->namespaces_count)
		return;
	count = inline_code_find(names->headers, facts, arena, &list);
	for (size_t i = 0; i < count; i++)
		if (list[i].weak + list[i].local >= HEADER_FUNCTIONS)
			describe_header(&list[i], arena, vec_add(&ret->list));
}

/*
 * By code, which says more. A crate that wraps a library and is called
 * like it is another component.
 */
static bool is_claimed(const struct embedded *embedded, const struct embedded_component *one)
{
	const char *name = one->name;

	if (one->basis != EMBEDDED_BY_HEADERS && one->basis != EMBEDDED_BY_SYMBOLS &&
	    one->basis != EMBEDDED_BY_CONFIGURATION)
		return false;
	for (size_t i = 0; i < embedded->component_count; i++)
		if (strcasecmp(embedded->components[i].name, name) == 0)
			return true;
	return false;
}

static int compare_named(const void *a, const void *b)
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

void embedded_names_find(const struct embedded_names *names, const struct facts *facts,
			 struct arena *arena, struct embedded *ret)
{
	struct named_list found = {0};
	struct embedded_component *list;

	modules_find(&names->modules, facts, arena, &found);
	find_headers(names, facts, arena, &found);
	symbols_find(&names->symbols, facts, arena, &found);
	list = arena_alloc_array(arena, found.list.len + 1, sizeof(*list));
	vec_each (one, &found.list)
		if (!is_claimed(ret, one))
			list[ret->named_count++] = *one;
	if (ret->named_count)
		qsort(list, ret->named_count, sizeof(*list), compare_named);
	for (size_t i = 0; i < ret->named_count; i++)
		list[i].calibration = calibration_of(&names->calibration, &list[i]);
	for (size_t i = 0; i < ret->component_count; i++)
		ret->components[i].calibration =
		    calibration_of(&names->calibration, &ret->components[i]);
	ret->named = list;
	vec_release(&found.list);
}
