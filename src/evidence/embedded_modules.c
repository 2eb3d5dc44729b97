/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components that toolchains wrote down in what they made, from the facts of one file. A module of
 * several versions is several components: cargo links more than one. What ran at build time is not
 * inside, and what was built is no third party's.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"

void modules_open(const char *data_folder, struct arena *arena, struct diags *diags,
		  struct module_table *modules)
{
	if (table_open(data_folder, "module-licences", arena, diags, &modules->table) != STATUS_OK)
		return;
	modules->module = table_column(&modules->table, "module", diags);
	modules->ecosystem = table_column(&modules->table, "ecosystem", diags);
	modules->version = table_column(&modules->table, "version", diags);
	modules->licence = table_column(&modules->table, "licence", diags);
	modules->source = table_column(&modules->table, "source", diags);
	modules->usable = modules->module != SIZE_MAX && modules->ecosystem != SIZE_MAX &&
			  modules->version != SIZE_MAX && modules->licence != SIZE_MAX &&
			  modules->source != SIZE_MAX;
}

/* A name, or "golang.org/x/" and a star: all that begins so. */
static bool fits(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (length && pattern[length - 1] == '*')
		return strncmp(pattern, name, length - 1) == 0;
	return strcmp(pattern, name) == 0;
}

/* Where one stanza of a package stood for the module: another may speak of what was built in. */
static bool is_stanza_over_all(const char *source)
{
	static const char end[] = " copyright, Files: *";
	size_t length = strlen(source);

	return length >= strlen(end) && strcmp(source + length - strlen(end), end) == 0;
}

/* The row whose text is longest: a name of its own goes before a pattern. */
static void fill_licence(const struct module_table *modules, struct embedded_component *ret)
{
	size_t best = 0;

	ret->licence = "";
	for (size_t row = 0; modules->usable && row < modules->table.rows; row++) {
		const char *pattern = table_field(&modules->table, row, modules->module);
		const char *version = table_field(&modules->table, row, modules->version);

		if (strlen(pattern) <= best || !fits(pattern, ret->name) ||
		    strcmp(table_field(&modules->table, row, modules->ecosystem), ret->ecosystem) !=
			0)
			continue;
		best = strlen(pattern);
		ret->licence = table_field(&modules->table, row, modules->licence);
		/* Read in another version: a project may have changed its terms since. */
		ret->licences_differ =
		    *version && (!ret->version_count || strcmp(version, ret->versions[0]) != 0);
		ret->licence_doubt =
		    is_stanza_over_all(table_field(&modules->table, row, modules->source))
			? "what the copyright file of Debian's package says of files it does not "
			  "name (Files: *)"
			: NULL;
	}
}

static enum embedded_basis basis_of(enum facts_module_source source)
{
	switch (source) {
	case FACTS_MODULE_GO_LIST:
	case FACTS_MODULE_CARGO_LIST:
		return EMBEDDED_BY_LIST;
	case FACTS_MODULE_CONFIGURATION:
		return EMBEDDED_BY_CONFIGURATION;
	case FACTS_MODULE_GO_TOOLCHAIN:
		return EMBEDDED_BY_TOOLCHAIN;
	case FACTS_MODULE_CARGO_PATH:
	case FACTS_MODULE_RUST_TOOLCHAIN:
	case FACTS_MODULE_SOURCE_COUNT:
		break;
	}
	return EMBEDDED_BY_PATH;
}

/* Who calls a module by that name: the type of a purl, or the project whose folder it is of. */
static const char *ecosystem_of(const struct facts_module *module)
{
	switch ((enum facts_module_source)module->source) {
	case FACTS_MODULE_GO_LIST:
	case FACTS_MODULE_GO_TOOLCHAIN:
		return "golang";
	case FACTS_MODULE_CONFIGURATION:
		return "opencv";
	case FACTS_MODULE_CARGO_LIST:
	case FACTS_MODULE_CARGO_PATH:
	case FACTS_MODULE_RUST_TOOLCHAIN:
	case FACTS_MODULE_SOURCE_COUNT:
		break;
	}
	return "cargo";
}

struct listed {
	const char *ecosystem, *name, *version;
	const struct facts_module *module;
};

/* By component; lists, which say more, before paths; then by offset. */
static int compare_listed(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (!order)
		order = strcmp(left->ecosystem, right->ecosystem);
	if (!order)
		order = strcmp(left->version, right->version);
	if (!order)
		order = (left->module->source > right->module->source) -
			(left->module->source < right->module->source);
	return order ? order
		     : (left->module->offset > right->module->offset) -
			   (left->module->offset < right->module->offset);
}

static bool same_component(const struct listed *a, const struct listed *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->ecosystem, b->ecosystem) == 0 &&
	       strcmp(a->version, b->version) == 0;
}

static void fill_sign(const struct facts *facts, const struct facts_module *module,
		      struct arena *arena, struct embedded_sign *ret)
{
	const char *detail = facts_text(facts, module->detail);

	ret->type = facts_module_source_text((enum facts_module_source)module->source);
	ret->offset = module->offset;
	if (!*detail)
		ret->detail = arena_printf(arena, "%s %s", facts_text(facts, module->name),
					   facts_text(facts, module->version));
	else if (module->count > 1)
		ret->detail = arena_printf(arena, "%s and %u more", detail, module->count - 1);
	else
		ret->detail = arena_strdup(arena, detail);
}

/* One component of count entries that name it. */
static void describe(const struct module_table *modules, const struct facts *facts,
		     const struct listed *first, size_t count, struct arena *arena,
		     struct embedded_component *ret)
{
	struct embedded_sign *signs = arena_alloc_array(arena, count, sizeof(*signs));
	const char **versions = arena_alloc_array(arena, 1, sizeof(*versions));
	uint32_t source = first->module->source;

	versions[0] = arena_strdup(arena, first->version);
	for (size_t i = 0; i < count; i++)
		fill_sign(facts, first[i].module, arena, &signs[i]);
	*ret = (struct embedded_component){
	    .name = arena_strdup(arena, first->name),
	    .basis = basis_of((enum facts_module_source)source),
	    .ecosystem = first->ecosystem,
	    .class = source == FACTS_MODULE_GO_TOOLCHAIN || source == FACTS_MODULE_RUST_TOOLCHAIN
			 ? INDEX_TOOLCHAIN
			 : INDEX_LIBRARY,
	    .confidence = basis_of((enum facts_module_source)source) == EMBEDDED_BY_PATH
			      ? EMBEDDED_VERY_LIKELY
			      : EMBEDDED_DECLARED,
	    .versions = versions,
	    .version_count = *first->version != '\0',
	    .version_fits = true,
	    .source = "",
	    .source_version = "",
	    .package = "data/module-licences.tsv",
	    .distribution = "",
	    .carrier = "",
	    .signs = signs,
	    .sign_count = count,
	};
	fill_licence(modules, ret);
}

void modules_find(const struct module_table *modules, const struct facts *facts,
		  struct arena *arena, struct named_list *ret)
{
	struct listed *list = arena_alloc_array(arena, facts->modules_count + 1, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < facts->modules_count; i++) {
		const struct facts_module *module = &facts->modules[i];

		if (!(module->flags & (FACTS_MODULE_OWN | FACTS_MODULE_BUILD_ONLY)))
			list[count++] =
			    (struct listed){ecosystem_of(module), facts_text(facts, module->name),
					    facts_text(facts, module->version), module};
	}
	if (count)
		qsort(list, count, sizeof(*list), compare_listed);
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;

		while (end < count && same_component(&list[i], &list[end]))
			end++;
		describe(modules, facts, &list[i], end - i, arena, vec_add(&ret->list));
		i = end;
	}
}
