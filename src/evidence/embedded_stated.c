/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/embedded_stated.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/table.h"

/* Versions of a component less than before are under licence; from there on under later. */
struct change {
	const char *component, *before, *licence, *later;
};

struct licence_changes {
	struct arena arena;
	struct change *list;
	size_t count;
};

struct licences {
	const char **list;
	size_t count;
};

enum { COLUMN_COMPONENT, COLUMN_BEFORE, COLUMN_LICENCE, COLUMN_LATER, COLUMNS };

struct licence_changes *licence_changes_open(const char *data_folder, struct diags *diags)
{
	static const char *const headers[COLUMNS] = {"component", "before", "licence", "later"};
	struct licence_changes *changes = memory_calloc(1, sizeof(*changes));
	size_t columns[COLUMNS];
	struct table table;

	arena_init(&changes->arena);
	if (table_open(data_folder, "licence-changes", &changes->arena, diags, &table) != STATUS_OK)
		return changes;
	for (size_t i = 0; i < COLUMNS; i++) {
		columns[i] = table_column(&table, headers[i], diags);
		if (columns[i] == SIZE_MAX)
			return changes;
	}
	changes->list = arena_alloc_array(&changes->arena, table.rows + 1, sizeof(struct change));
	changes->count = table.rows;
	for (size_t i = 0; i < table.rows; i++)
		changes->list[i] = (struct change){
		    table_field(&table, i, columns[COLUMN_COMPONENT]),
		    table_field(&table, i, columns[COLUMN_BEFORE]),
		    table_field(&table, i, columns[COLUMN_LICENCE]),
		    table_field(&table, i, columns[COLUMN_LATER]),
		};
	return changes;
}

void licence_changes_free(struct licence_changes *changes)
{
	if (!changes)
		return;
	arena_release(&changes->arena);
	free(changes);
}

/*
 * Whether a version of the index is the one a file states: "2.12.1+dfsg" is 2.12.1, and
 * "0.164.3095" is what x264 calls core 164.
 */
static bool same_version(const char *version, const char *stated)
{
	size_t length = strlen(stated);

	for (const char *at = version; (at = strstr(at, stated)); at++)
		if ((at == version || at[-1] == '.') && !isalnum((unsigned char)at[length]))
			return true;
	return false;
}

/* The version the file states of a component; NULL when it says none, or one that was found. */
static const char *stated_version(const struct embedded *embedded,
				  const struct embedded_component *component)
{
	const char *stated = NULL;

	for (size_t i = 0; i < embedded->mention_count; i++) {
		const struct embedded_mention *mention = &embedded->mentions[i];

		if (!*mention->version || strcmp(mention->project, component->name) != 0)
			continue;
		for (size_t j = 0; j < component->version_count; j++)
			if (same_version(component->versions[j], mention->version))
				return NULL;
		if (!stated)
			stated = mention->version;
	}
	return stated;
}

static void add_licence(const char *licence, struct licences *licences)
{
	for (size_t i = 0; i < licences->count; i++)
		if (strcmp(licences->list[i], licence) == 0)
			return;
	licences->list[licences->count++] = licence;
}

/* Rows of one component are in the order of their versions, a lint sees to it. */
static void add_licence_of_version(const struct licence_changes *changes,
				   const struct embedded_component *component, const char *version,
				   struct licences *licences)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];

		if (strcmp(change->component, component->name) != 0 ||
		    strcmp(change->later, component->licence) != 0)
			continue;
		if (strverscmp(version, change->before) < 0) {
			add_licence(change->licence, licences);
			return;
		}
	}
	add_licence(component->licence, licences);
}

static void add_licences_of_all_versions(const struct licence_changes *changes,
					 const struct embedded_component *component,
					 struct licences *licences)
{
	add_licence(component->licence, licences);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];

		if (strcmp(change->component, component->name) == 0 &&
		    strcmp(change->later, component->licence) == 0)
			add_licence(change->licence, licences);
	}
}

static void set_licence(const struct licences *licences, struct arena *arena,
			struct embedded_component *ret)
{
	const char *joined;

	if (licences->count == 1) {
		ret->licence = licences->list[0];
		return;
	}
	joined = arena_printf(arena, "(%s)", licences->list[0]);
	for (size_t i = 1; i < licences->count; i++)
		joined = arena_printf(arena, "%s AND (%s)", joined, licences->list[i]);
	ret->licence = joined;
	ret->licences_differ = true;
}

static void state_version(const struct embedded *embedded, const struct licence_changes *changes,
			  struct arena *arena, struct embedded_component *ret)
{
	struct licences licences = {
	    arena_alloc_array(arena, changes->count + ret->version_count + 1, sizeof(char *)), 0};

	ret->stated_version = stated_version(embedded, ret);
	if (ret->stated_version) {
		ret->version_fits = false;
		add_licence_of_version(changes, ret, ret->stated_version, &licences);
	} else if (ret->version_fits) {
		for (size_t i = 0; i < ret->version_count; i++)
			add_licence_of_version(changes, ret, ret->versions[i], &licences);
	}
	if (!licences.count)
		add_licences_of_all_versions(changes, ret, &licences);
	set_licence(&licences, arena, ret);
}

struct embedded *embedded_state_versions(const struct embedded *embedded,
					 const struct licence_changes *changes, struct arena *arena)
{
	struct embedded *ret = arena_alloc(arena, sizeof(*ret));
	struct embedded_component *components =
	    arena_alloc_array(arena, embedded->component_count + 1, sizeof(*components));

	for (size_t i = 0; i < embedded->component_count; i++) {
		components[i] = embedded->components[i];
		/* A licence that is not known changes to none that is. */
		if (*components[i].licence)
			state_version(embedded, changes, arena, &components[i]);
		else
			components[i].stated_version = stated_version(embedded, &components[i]);
	}
	*ret = *embedded;
	ret->components = components;
	return ret;
}
