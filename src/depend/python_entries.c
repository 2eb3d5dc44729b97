/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_entries.h"

#include <string.h>

#include "depend/ini.h"
#include "util/budget.h"
#include "util/path.h"

void python_entries_init(struct python_entries *entries, struct python_sites *sites)
{
	*entries = (struct python_entries){.sites = sites};
	arena_init(&entries->arena);
}

void python_entries_release(struct python_entries *entries)
{
	map_release(&entries->groups);
	vec_release(&entries->hosts);
	arena_release(&entries->arena);
}

void python_entries_host(struct python_entries *entries, const char *group, uint32_t distribution,
			 const char *path, uint32_t line)
{
	const struct map_entry *known = map_get(&entries->groups, slice_text(group));

	if (known) {
		struct python_host *host = &entries->hosts.ptr[known->value];

		if (host->distribution != distribution)
			host->distribution = PYTHON_AMBIGUOUS;
		return;
	}
	map_put(&entries->groups, slice_text(arena_strdup(&entries->arena, group)),
		(uint32_t)entries->hosts.len, &(bool){0});
	vec_push(&entries->hosts, ((struct python_host){distribution, path, line}));
}

/* The file of one distribution, and what is wanted of it. */
struct reading {
	struct python_entries *entries;
	const struct python_entry_visitor *visitor;
	void *context;
	uint32_t distribution;
	const char *path;
};

/* Scripts lie in the folder of programs beside the folder of packages. */
static void visit_script(struct reading *reading, const struct python_entry *entry)
{
	struct python_sites *sites = reading->entries->sites;
	const struct python_site *site =
	    &sites->sites.ptr[sites->distributions.ptr[reading->distribution].site];
	const char *prefix = site->environment.prefix;
	struct arena *arena = &reading->entries->arena;

	if (!prefix || strchr(entry->name, '/'))
		return;
	/* Debian's interpreter has packages of its administrator in /usr/local. */
	if (path_is_below(site->path, arena_printf(arena, "%s/local", prefix)))
		prefix = arena_printf(arena, "%s/local", prefix);
	reading->visitor->script(reading->context, entry,
				 arena_printf(arena, "%s/bin/%s", prefix, entry->name));
}

/* A plugin counts for a host that finds its module. */
static void visit_plugin(struct reading *reading, struct python_entry *entry)
{
	struct python_entries *entries = reading->entries;
	struct python_sites *sites = entries->sites;
	const struct map_entry *known = map_get(&entries->groups, slice_text(entry->group));
	const struct python_host *host = known ? &entries->hosts.ptr[known->value] : NULL;
	const struct python_site *site;

	if (!host || host->distribution == PYTHON_AMBIGUOUS)
		return;
	site = &sites->sites.ptr[sites->distributions.ptr[host->distribution].site];
	entry->distribution = python_sites_import(sites, &site->environment, entry->module, NULL);
	if (entry->distribution < PYTHON_AMBIGUOUS && entry->distribution != host->distribution)
		reading->visitor->plugin(reading->context, entry, host);
}

static void visit_line(struct reading *reading, const struct ini_entry *line)
{
	struct python_sites *sites = reading->entries->sites;
	struct arena *arena = &reading->entries->arena;
	const struct python_site *site =
	    &sites->sites.ptr[sites->distributions.ptr[reading->distribution].site];
	struct slice module = slice_trim(slice_of(line->value, strcspn(line->value, ":[ \t")));
	struct python_entry entry = {
	    .group = arena_slice(arena, line->section),
	    .name = arena_slice(arena, line->key),
	    .module = arena_slice(arena, module),
	    .path = reading->path,
	    .line = line->line,
	};

	if (!module.len)
		return;
	if (strcmp(entry.group, "console_scripts") != 0 &&
	    strcmp(entry.group, "gui_scripts") != 0) {
		visit_plugin(reading, &entry);
		return;
	}
	entry.distribution = python_sites_import(sites, &site->environment, entry.module, NULL);
	if (entry.distribution >= PYTHON_AMBIGUOUS)
		entry.distribution = reading->distribution;
	visit_script(reading, &entry);
}

static void visit_distribution(struct reading *reading)
{
	struct python_entries *entries = reading->entries;
	struct finder *finder = entries->sites->finder;
	const char *metadata = entries->sites->distributions.ptr[reading->distribution].metadata;
	struct ini_entry line;
	struct root_file file;
	struct slice bytes;
	struct ini ini;

	reading->path = path_join(&entries->arena, path_directory(&entries->arena, metadata),
				  "entry_points.txt");
	/* Beside an egg-info file of distutils others' files lie; it knows no entry points. */
	if ((strcmp(path_name(metadata), "METADATA") != 0 &&
	     strcmp(path_name(metadata), "PKG-INFO") != 0) ||
	    root_stat(finder->root, reading->path, true, &file) != STATUS_OK ||
	    !S_ISREG(file.mode) ||
	    !finder_read(finder, reading->path, BUDGET_UNIT_FILE, &entries->arena, &bytes))
		return;
	ini = ini_of(bytes, false);
	while (ini_next(&ini, &entries->arena, &line))
		visit_line(reading, &line);
}

void python_entries_visit(struct python_entries *entries,
			  const struct python_entry_visitor *visitor, void *context)
{
	struct reading reading = {.entries = entries, .visitor = visitor, .context = context};

	for (uint32_t i = 0; i < entries->sites->distributions.len; i++) {
		reading.distribution = i;
		visit_distribution(&reading);
	}
}
