/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/plugins.h"

#include <string.h>

#include "util/path.h"
#include "util/pattern.h"
#include "util/table.h"

/* One row; lists of words are kept as they are. */
struct rule {
	const char *name, *plugin, *exports, *host, *host_exports, *source;
};

/* A file of the artifact that some rule calls a host. */
struct host {
	size_t rule, file;    /* indexes */
	struct slice version; /* captured of its name */
};

struct plugins {
	struct finder *finder;
	struct arena arena;
	VEC(struct rule) rules;
	VEC(struct plugin_file) files;
	VEC(struct host) hosts; /* in the order of rules */
};

bool plugin_file_open(struct finder *finder, const char *path, struct plugin_file *ret)
{
	struct plugin_file file = {.path = path, .soname = ""};

	if (binaries_find(finder->binaries, path, &file.binary) != STATUS_OK ||
	    !file.binary->ident.complete)
		return false;
	file.facts = binaries_facts(finder->binaries, file.binary);
	if (!file.facts)
		return false;
	switch ((enum facts_type)file.facts->identity->type) {
	case FACTS_TYPE_EXECUTABLE:
	case FACTS_TYPE_STATIC:
	case FACTS_TYPE_SHARED:
		break;
	case FACTS_TYPE_OTHER:
	case FACTS_TYPE_RELOCATABLE:
	case FACTS_TYPE_DEBUG_COMPANION:
		return false;
	}
	if (file.facts->identity->soname.length)
		file.soname = facts_text(file.facts, file.facts->identity->soname);
	*ret = file;
	return true;
}

bool plugin_file_has(const struct plugin_file *file, const char *symbol)
{
	bool imported = symbol[0] == '@';

	for (size_t i = 1; i < file->facts->symbols_count; i++) {
		const struct facts_symbol *at = &file->facts->symbols[i];

		if ((at->section == SHN_UNDEF) == imported &&
		    pattern_matches(symbol + imported, facts_text(file->facts, at->name), NULL))
			return true;
	}
	return false;
}

bool plugin_file_same_machine(const struct plugin_file *left, const struct plugin_file *right)
{
	const struct elf_ident *a = &left->binary->ident, *b = &right->binary->ident;

	return a->elf_class == b->elf_class && a->encoding == b->encoding &&
	       a->machine == b->machine;
}

/* Whether any pattern of a list of words, with what was captured put in, names a symbol. */
static bool has_any(struct plugins *plugins, const struct plugin_file *file, const char *words,
		    const struct pattern_match *match)
{
	struct slice rest = slice_text(words), word;

	if (!words[0])
		return true;
	while (slice_token(&rest, " ", &word)) {
		const char *symbol = arena_slice(&plugins->arena, word);
		const char *mark = strstr(symbol, "{name}");

		if (mark)
			symbol = arena_printf(&plugins->arena, "%.*s%.*s%s", (int)(mark - symbol),
					      symbol, (int)match->name.len,
					      (const char *)match->name.ptr, mark + 6);
		if (plugin_file_has(file, symbol))
			return true;
	}
	return false;
}

static void read_rules(struct plugins *plugins)
{
	static const char *const headers[] = {"rule", "plugin",	      "exports",
					      "host", "host_exports", "source"};
	struct finder *finder = plugins->finder;
	size_t columns[6];
	struct table table;

	if (table_open(finder->data, "plugin-rules", &plugins->arena, finder->diags, &table) !=
	    STATUS_OK)
		return;
	for (size_t i = 0; i < 6; i++) {
		columns[i] = table_column(&table, headers[i], finder->diags);
		if (columns[i] == SIZE_MAX)
			return;
	}
	for (size_t row = 0; row < table.rows; row++)
		vec_push(&plugins->rules, ((struct rule){table_field(&table, row, columns[0]),
							 table_field(&table, row, columns[1]),
							 table_field(&table, row, columns[2]),
							 table_field(&table, row, columns[3]),
							 table_field(&table, row, columns[4]),
							 table_field(&table, row, columns[5])}));
}

static void read_files(struct plugins *plugins)
{
	struct plugin_file file;

	vec_each (listed, &plugins->finder->inventory->files)
		if (plugin_file_open(plugins->finder, listed->canonical, &file))
			vec_push(&plugins->files, file);
}

/* Whether a file answers to a word of a rule's hosts. */
static bool is_host(const struct rule *rule, const struct plugin_file *file,
		    struct pattern_match *ret)
{
	struct slice rest = slice_text(rule->host), word;

	while (slice_token(&rest, " ", &word)) {
		char pattern[256];

		if (word.len >= sizeof(pattern))
			continue;
		memcpy(pattern, word.ptr, word.len);
		pattern[word.len] = '\0';
		if (strchr(pattern, '/') ? pattern_matches(pattern, file->path, ret)
					 : pattern_matches(pattern, path_name(file->path), ret) ||
					       pattern_matches(pattern, file->soname, ret))
			return true;
	}
	return false;
}

/* Hard links are one host. */
static bool is_listed(const struct plugins *plugins, size_t rule, const struct plugin_file *file)
{
	vec_each (host, &plugins->hosts)
		if (host->rule == rule && plugins->files.ptr[host->file].binary == file->binary)
			return true;
	return false;
}

static void find_hosts(struct plugins *plugins)
{
	struct pattern_match match;

	for (size_t r = 0; r < plugins->rules.len; r++) {
		for (size_t f = 0; f < plugins->files.len; f++) {
			const struct rule *rule = &plugins->rules.ptr[r];
			const struct plugin_file *file = &plugins->files.ptr[f];

			if (is_host(rule, file, &match) && !is_listed(plugins, r, file) &&
			    has_any(plugins, file, rule->host_exports, &match))
				vec_push(&plugins->hosts, ((struct host){r, f, match.version}));
		}
	}
}

/* "5.36" and "5.36.0" are the same as far as both go; nothing fits all. */
static bool is_version_compatible(struct slice left, struct slice right)
{
	struct slice a, b;

	while (slice_token(&left, ".", &a) && slice_token(&right, ".", &b))
		if (!slice_equal(a, b))
			return false;
	return true;
}

static void add_edge(struct plugins *plugins, const struct rule *rule, const char *host,
		     const struct plugin_file *plugin)
{
	struct found_edge edge = {
	    .from = host,
	    .to = plugin->path,
	    .name = path_name(plugin->path),
	    .kind = EDGE_KIND_LINK_PLUGIN,
	    .grade = EDGE_GRADE_DECLARED,
	    .possible = true,
	    .evidence = "plugin-rule",
	    .place = FOUND_NO_PLACE,
	};

	edge.detail =
	    arena_printf(&plugins->arena, "%s: name and symbols are those of a plugin (%s)",
			 rule->name, rule->source);
	found_edges_add(plugins->finder->edges, &edge);
}

/* A host outside of the artifact: a program by its name, or a library as the plugin finds it. */
static const char *host_in_root(struct plugins *plugins, const struct rule *rule,
				const struct plugin_file *plugin, const char *name,
				const struct pattern_match *match)
{
	struct finder *finder = plugins->finder;
	const char *path = commands_find(finder->commands, name);
	struct plugin_file file;

	if (!path && finder->resolve)
		path = finder->resolve(finder->resolve_context, plugin->path, name);
	if (!path || !plugin_file_open(finder, path, &file) ||
	    !plugin_file_same_machine(&file, plugin) ||
	    !has_any(plugins, &file, rule->host_exports, match))
		return NULL;
	return path;
}

/* Names without wildcards, a captured version put in, are looked for in the root. */
static void add_hosts_in_root(struct plugins *plugins, const struct rule *rule,
			      const struct plugin_file *plugin, const struct pattern_match *match)
{
	struct slice rest = slice_text(rule->host), word;

	while (slice_token(&rest, " ", &word)) {
		const char *name = arena_slice(&plugins->arena, word), *path;
		const char *mark = strstr(name, "{v}");

		if (mark && !match->version.len)
			continue;
		if (mark)
			name = arena_printf(&plugins->arena, "%.*s%.*s%s", (int)(mark - name), name,
					    (int)match->version.len,
					    (const char *)match->version.ptr, mark + 3);
		if (strpbrk(name, "*/{"))
			continue;
		path = host_in_root(plugins, rule, plugin, name, match);
		if (path)
			add_edge(plugins, rule, path, plugin);
	}
}

/* Edges of one plugin by one rule. */
static void add_hosts(struct plugins *plugins, size_t r, const struct plugin_file *plugin,
		      const struct pattern_match *match)
{
	const struct rule *rule = &plugins->rules.ptr[r];
	bool any = false;

	vec_each (host, &plugins->hosts) {
		const struct plugin_file *file = &plugins->files.ptr[host->file];

		if (host->rule != r || file == plugin || !plugin_file_same_machine(file, plugin))
			continue;
		any = true;
		if (is_version_compatible(host->version, match->version))
			add_edge(plugins, rule, file->path, plugin);
	}
	if (!any)
		add_hosts_in_root(plugins, rule, plugin, match);
}

/* A host is no plugin of its own kind, whatever else it exports. */
static bool is_plugin(struct plugins *plugins, const struct rule *rule,
		      const struct plugin_file *file, struct pattern_match *ret)
{
	return pattern_matches(rule->plugin, file->path, ret) &&
	       has_any(plugins, file, rule->exports, ret) &&
	       !(rule->host_exports[0] && has_any(plugins, file, rule->host_exports, ret));
}

void plugins_find(struct finder *finder)
{
	struct plugins plugins = {.finder = finder};
	struct pattern_match match;

	arena_init(&plugins.arena);
	read_rules(&plugins);
	read_files(&plugins);
	find_hosts(&plugins);
	vec_each (file, &plugins.files)
		for (size_t r = 0; r < plugins.rules.len; r++)
			if (file->facts->identity->type == FACTS_TYPE_SHARED &&
			    is_plugin(&plugins, &plugins.rules.ptr[r], file, &match))
				add_hosts(&plugins, r, file, &match);
	vec_release(&plugins.rules);
	vec_release(&plugins.files);
	vec_release(&plugins.hosts);
	arena_release(&plugins.arena);
}
