/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/embedded_stated.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_version.h"
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

	if (strncmp(version, "0.", 2) == 0 && strncmp(stated, "0.", 2) != 0)
		version += 2;
	return strncmp(version, stated, length) == 0 && !isalnum((unsigned char)version[length]) &&
	       version[length] != '.';
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

/* Whether a change is one of the component's, to or from the licence that the index gives it. */
static bool is_change(const struct change *change, const struct embedded_component *component,
		      bool to)
{
	return strcmp(change->component, component->name) == 0 &&
	       strcmp(to ? change->later : change->licence, component->licence) == 0;
}

/*
 * Of the changes to the licence that the index gives it the first one after the version; of those
 * from it the last one that is not.
 */
static const char *licence_at(const struct licence_changes *changes,
			      const struct embedded_component *component, const char *version)
{
	const struct change *next = NULL, *last = NULL;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];
		bool after = strverscmp(version, change->before) < 0;

		if (after && is_change(change, component, true) &&
		    (!next || strverscmp(change->before, next->before) < 0))
			next = change;
		if (!after && is_change(change, component, false) &&
		    (!last || strverscmp(change->before, last->before) > 0))
			last = change;
	}
	return next ? next->licence : last ? last->later : component->licence;
}

static void add_all(const struct licence_changes *changes,
		    const struct embedded_component *component, struct licence_list *list)
{
	licence_list_add(list, component->licence);
	for (size_t i = 0; i < changes->count; i++) {
		if (is_change(&changes->list[i], component, true))
			licence_list_add(list, changes->list[i].licence);
		if (is_change(&changes->list[i], component, false))
			licence_list_add(list, changes->list[i].later);
	}
}

static void state_version(const struct embedded *embedded, const struct licence_changes *changes,
			  struct arena *arena, struct embedded_component *component)
{
	struct licence_list list = {
	    arena_alloc_array(arena, changes->count + component->version_count + 1, sizeof(char *)),
	    0};

	component->stated_version = stated_version(embedded, component);
	component->version_fits &= !component->stated_version;
	/* Texts tell no version; the file itself does. */
	if (component->stated_version && component->basis == EMBEDDED_BY_TEXTS)
		component->licence_doubt = NULL;
	/* A licence that is not known changes to none that is. */
	if (!*component->licence)
		return;
	if (component->stated_version)
		licence_list_add(&list, licence_at(changes, component, component->stated_version));
	for (size_t i = 0; component->version_fits && i < component->version_count; i++)
		licence_list_add(&list, licence_at(changes, component, component->versions[i]));
	if (!list.count)
		add_all(changes, component, &list);
	component->licence = licence_list_join(&list, arena);
	component->licences_differ |= list.count > 1;
}

void embedded_state_versions(struct embedded *embedded, const struct licence_changes *changes,
			     struct arena *arena)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		state_version(embedded, changes, arena, &embedded->components[i]);
}
