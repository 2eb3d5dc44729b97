/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a plugin and its host talk, as far as their tables show it: symbols of its host that the
 * plugin binds are calls back; a host that looks "main" up in it and nothing else makes the one
 * call that the FSF FAQ (#GPLPlugins) calls borderline. What is handed over in the arguments of
 * other calls no table shows, so anything else stays what the FAQ starts from.
 */
#include <elf.h>
#include <string.h>

#include "depend/call_edges.h"
#include "reach/graph_builder.h"

static bool is_definition(const struct facts_symbol *symbol)
{
	return symbol->section != SHN_UNDEF && symbol->name.length &&
	       (symbol->binding == STB_GLOBAL || symbol->binding == STB_WEAK ||
		symbol->binding == STB_GNU_UNIQUE) &&
	       symbol->visibility != STV_HIDDEN && symbol->visibility != STV_INTERNAL;
}

static void list_definitions(const struct facts *facts, struct map *names)
{
	for (size_t i = 0; i < facts->symbols_count; i++)
		if (is_definition(&facts->symbols[i]))
			map_put(names, slice_text(facts_text(facts, facts->symbols[i].name)), 0,
				NULL);
}

/* Names of the host that the plugin asks for; the value is how often. */
static void list_wanted(const struct facts *facts, const struct map *names, struct map *wanted)
{
	for (size_t i = 0; i < facts->symbols_count; i++) {
		const struct facts_symbol *symbol = &facts->symbols[i];
		struct slice name = slice_text(facts_text(facts, symbol->name));

		if (symbol->section == SHN_UNDEF && symbol->name.length &&
		    symbol->binding != STB_LOCAL && map_get(names, name))
			map_put(wanted, name, 0, NULL)->value++;
	}
}

/* Takes out what something the plugin brings along defines too. */
static void drop_brought_along(const struct builder *builder, const struct graph_file *plugin,
			       const struct graph_file *host, struct map *wanted)
{
	const struct load_set *load = plugin->load;

	for (size_t i = 1; load && i < load->object_count; i++) {
		const struct binary *binary = load->objects[i].binary;
		const struct facts *facts;
		uint32_t file;

		if (!binary || binary == host->binary)
			continue;
		file = graph_file_index(builder, graph_binary_path(builder, binary));
		facts = file == GRAPH_NONE ? NULL : builder->files.ptr[file].facts;
		for (size_t j = 0; facts && j < facts->symbols_count; j++) {
			const struct map_entry *entry;

			if (!is_definition(&facts->symbols[j]))
				continue;
			entry =
			    map_get(wanted, slice_text(facts_text(facts, facts->symbols[j].name)));
			if (entry)
				wanted->entries[entry - wanted->entries].value = 0;
		}
	}
}

static int64_t symbols_back(const struct builder *builder, const struct graph_file *plugin,
			    const struct graph_file *host, const struct map *names)
{
	struct map wanted = {0};
	int64_t count = 0;

	list_wanted(plugin->facts, names, &wanted);
	if (wanted.len)
		drop_brought_along(builder, plugin, host, &wanted);
	for (size_t i = 0; i < wanted.len; i++)
		count += wanted.entries[i].value;
	map_release(&wanted);
	return count;
}

/* Whether all that is looked up behind the handle this call site gives is "main". */
static bool calls_main_alone(const struct facts *facts, const struct found_edge *found)
{
	bool any = false;

	for (size_t i = 0; i < facts->call_sites_count; i++) {
		const struct facts_call_site *site = &facts->call_sites[i];

		if (site->kind != FACTS_CALL_SYMBOL)
			continue;
		/* A look-up behind a handle from elsewhere may be behind this one. */
		if (!site->handle)
			return false;
		if (call_edges_place(facts, site->handle) != found->place)
			continue;
		if (!site->value_count || site->reasons)
			return false;
		for (uint32_t j = 0; j < site->value_count; j++) {
			const struct facts_call_value *value =
			    &facts->call_values[site->value_first + j];

			if (strcmp(facts_text(facts, value->text), "main") != 0)
				return false;
		}
		any = true;
	}
	return any;
}

void graph_describe_plugins(struct builder *builder)
{
	uint32_t listed = GRAPH_NONE;
	struct map names = {0};

	/* Found edges are sorted by where they start: a host's names are listed once. */
	vec_each (place, &builder->found_edges) {
		struct graph_edge *edge = &builder->edges.ptr[*place];
		const struct graph_file *host = &builder->files.ptr[edge->from], *plugin;

		if (edge->kind != EDGE_KIND_LINK_PLUGIN || edge->to == GRAPH_NONE)
			continue;
		plugin = &builder->files.ptr[edge->to];
		if (!host->facts || !plugin->facts)
			continue;
		if (listed != edge->from) {
			map_release(&names);
			names = (struct map){0};
			list_definitions(host->facts, &names);
			listed = edge->from;
		}
		edge->symbols_back = symbols_back(builder, plugin, host, &names);
		edge->one_call = !edge->symbols_back && calls_main_alone(host->facts, edge->found);
	}
	map_release(&names);
}
