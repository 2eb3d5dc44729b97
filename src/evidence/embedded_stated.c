/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/embedded_stated.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_version.h"
#include "util/table.h"

/*
 * Versions of a component less than before are under licence, from there on under later. An empty
 * licence says nothing of those before: later is what was read in that version.
 */
struct change {
	const char *component, *before, *licence, *later;
};

/* Of one component, by version. */
struct history {
	const struct change *list;
	size_t count;
};

struct licence_changes {
	struct arena arena;
	struct change *list; /* by component and version */
	size_t count;
};

enum { COLUMN_COMPONENT, COLUMN_BEFORE, COLUMN_LICENCE, COLUMN_LATER, COLUMNS };

/* By component, then by version. */
static int compare_changes(const void *a, const void *b)
{
	const struct change *left = a, *right = b;
	int order = strcmp(left->component, right->component);

	return order ? order : strverscmp(left->before, right->before);
}

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
	qsort(changes->list, changes->count, sizeof(*changes->list), compare_changes);
	return changes;
}

void licence_changes_free(struct licence_changes *changes)
{
	if (!changes)
		return;
	arena_release(&changes->arena);
	free(changes);
}

/* "0.164.3095" of the index is what x264 calls core 164. */
static const char *as_stated(const char *version, const char *stated)
{
	return strncmp(version, "0.", 2) == 0 && strncmp(stated, "0.", 2) != 0 ? version + 2
									       : version;
}

/* Whether a version of the index is the one a file states: "2.12.1+dfsg" is 2.12.1. */
static bool same_version(const char *version, const char *stated)
{
	const char *rest = as_stated(version, stated);
	bool shortened = rest != version;

	if (strncmp(rest, stated, strlen(stated)) != 0)
		return false;
	rest += strlen(stated);
	return !isalnum((unsigned char)*rest) && (*rest != '.' || shortened);
}

/* Whether two versions differ only behind their first two numbers, or the one that they have. */
static bool same_series(const char *version, const char *stated)
{
	size_t length = strspn(stated, "0123456789");

	if (stated[length] == '.')
		length += 1 + strspn(stated + length + 1, "0123456789");
	version = as_stated(version, stated);
	return length && strncmp(version, stated, length) == 0 &&
	       !isdigit((unsigned char)version[length]);
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

static struct history history_of(const struct licence_changes *changes, const char *component)
{
	struct history history = {NULL, 0};

	for (size_t i = 0; i < changes->count; i++) {
		if (strcmp(changes->list[i].component, component) != 0)
			continue;
		if (!history.count++)
			history.list = &changes->list[i];
	}
	return history;
}

/* What the table says of a version: NULL when that is nothing. */
static const char *licence_at(const struct history *history, const char *version)
{
	const char *licence = NULL;

	for (size_t i = 0; i < history->count; i++) {
		const struct change *change = &history->list[i];

		if (strverscmp(version, change->before) < 0)
			return *change->licence ? change->licence : licence;
		licence = change->later;
	}
	return licence;
}

/*
 * Whether the index's licences are those that the table has for its versions: another index may
 * call them by other names, or know better.
 */
static bool history_fits(const struct history *history, const struct embedded_component *component,
			 struct arena *arena)
{
	struct licence_list list = {
	    arena_alloc_array(arena, component->version_count + 1, sizeof(char *)), 0};

	if (!history->count)
		return true;
	for (size_t i = 0; i < component->version_count; i++) {
		const char *licence = licence_at(history, component->versions[i]);

		licence_list_add(&list, licence ? licence : component->licence);
	}
	if (component->version_count)
		return strcmp(licence_list_join(&list, arena), component->licence) == 0;
	for (size_t i = 0; i < history->count; i++)
		if (strcmp(history->list[i].licence, component->licence) == 0 ||
		    strcmp(history->list[i].later, component->licence) == 0)
			return true;
	return false;
}

/* Keeps the nearer of two versions on the same side of a third. */
static void keep_nearer(const char **kept, const char *version, bool below)
{
	if (!*kept || (strverscmp(version, *kept) > 0) == below)
		*kept = version;
}

/*
 * Why the licence of a version may be another: NULL where the table speaks of it, or it was read in
 * versions on both sides, or in one of the same series.
 */
static const char *doubt_at(const struct history *history,
			    const struct embedded_component *component, const char *version,
			    struct arena *arena)
{
	const char *below = NULL, *above = NULL;

	for (size_t i = 0; i < history->count; i++) {
		const struct change *change = &history->list[i];
		bool before = strverscmp(version, change->before) < 0;

		if ((before && !above && *change->licence) || same_series(change->before, version))
			return NULL;
		keep_nearer(before ? &above : &below, change->before, !before);
	}
	for (size_t i = 0; i < component->version_count; i++) {
		const char *known = as_stated(component->versions[i], version);
		bool before = strverscmp(version, known) < 0;

		if (same_series(known, version))
			return NULL;
		keep_nearer(before ? &above : &below, known, !before);
	}
	if (below && above)
		return NULL;
	if (!below && !above)
		return arena_printf(arena, "the licence was not read in version %s", version);
	return arena_printf(arena, "the licence was read in version %s, not in %s",
			    below ? below : above, version);
}

static void add_all(const struct history *history, struct licence_list *list)
{
	for (size_t i = 0; i < history->count; i++) {
		licence_list_add(list, history->list[i].licence);
		licence_list_add(list, history->list[i].later);
	}
}

/* The licence of the version that the file states, and what is not sure about it. */
static void state_licence(const struct history *history, struct arena *arena,
			  struct embedded_component *component)
{
	const char *licence = licence_at(history, component->stated_version);

	component->licence_doubt = doubt_at(history, component, component->stated_version, arena);
	if (!licence)
		return;
	component->licence = licence;
	component->licences_differ = false;
}

static void state_version(const struct embedded *embedded, const struct licence_changes *changes,
			  struct arena *arena, struct embedded_component *component)
{
	struct history history = history_of(changes, component->name);
	struct licence_list list = {arena_alloc_array(arena, 2 * history.count + 1, sizeof(char *)),
				    0};

	component->stated_version = stated_version(embedded, component);
	component->version_fits &= !component->stated_version;
	/* A licence that is not known changes to none that is. */
	if (!*component->licence)
		return;
	if (!history_fits(&history, component, arena))
		history.count = 0;
	if (component->stated_version) {
		state_licence(&history, arena, component);
	} else if (!component->version_fits && !component->licences_differ) {
		licence_list_add(&list, component->licence);
		add_all(&history, &list);
		component->licence = licence_list_join(&list, arena);
		component->licences_differ = list.count > 1;
	}
}

void embedded_state_versions(struct embedded *embedded, const struct licence_changes *changes,
			     struct arena *arena)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		state_version(embedded, changes, arena, &embedded->components[i]);
}
