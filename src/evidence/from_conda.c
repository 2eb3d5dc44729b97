/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packages of conda: PREFIX/conda-meta/NAME-VERSION-BUILD.json lists the files of each below the
 * prefix. "license_family" is no licence: it counts when there is nothing better.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/provider.h"
#include "evidence/purl.h"
#include "util/budget.h"
#include "util/json_read.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/path.h"
#include "util/vec.h"

struct conda {
	struct provider_context context;
	struct map folders; /* that were looked at for a conda-meta */
	struct map owner_by_path;
	VEC(const struct component *) packages;
	bool too_many;
};

static void conda_open(const struct provider_context *context, void **ret_state)
{
	struct conda *conda = memory_calloc(1, sizeof(*conda));

	conda->context = *context;
	*ret_state = conda;
}

enum { NAME, VERSION, BUILD, CHANNEL, SUBDIR, LICENCE, FAMILY, FOLDER, FIELDS };

static const char *const field_names[FIELDS] = {
    "name",   "version", "build",	   "channel",
    "subdir", "license", "license_family", "extracted_package_dir"};

/*
 * "https://conda.anaconda.org/conda-forge/linux-64", "conda-forge/linux-64" and "conda-forge" are
 * one channel, as several versions of conda and mamba write it; that of ".../pkgs/main" is main.
 */
static const char *channel_name(const char *channel, struct arena *arena)
{
	static const char *const platforms[] = {"/linux-", "/osx-", "/win-", "/noarch"};
	const char *end = channel + strlen(channel);
	const char *at = memrchr(channel, '/', (size_t)(end - channel));

	for (size_t i = 0; at && i < sizeof(platforms) / sizeof(platforms[0]); i++)
		if (strncmp(at, platforms[i], strlen(platforms[i])) == 0)
			end = at;
	at = memrchr(channel, '/', (size_t)(end - channel));
	at = at ? at + 1 : channel;
	return arena_slice(arena, slice_of(at, (size_t)(end - at)));
}

static const char *qualifier(struct arena *arena, const char *before, const char *name,
			     const char *value)
{
	if (!*value)
		return before;
	return arena_printf(arena, "%s%s%s=%s", before, *before ? "&" : "?", name,
			    purl_encoded(arena, slice_text(value)));
}

static const char *package_url(const char *const fields[FIELDS], struct arena *arena)
{
	const char *qualifiers = qualifier(arena, "", "build", fields[BUILD]);

	qualifiers = qualifier(arena, qualifiers, "channel", channel_name(fields[CHANNEL], arena));
	qualifiers = qualifier(arena, qualifiers, "subdir", fields[SUBDIR]);
	return arena_printf(arena, "pkg:conda/%s%s%s%s",
			    purl_encoded(arena, slice_text(fields[NAME])),
			    *fields[VERSION] ? "@" : "",
			    purl_encoded(arena, slice_text(fields[VERSION])), qualifiers);
}

/* The licence texts of a package lie in the cache it was unpacked in, when that is there still. */
static const char *texts_folder(struct conda *conda, const char *prefix, const char *unpacked)
{
	struct arena *arena = conda->context.arena;
	const char *folders[2] = {
	    path_join(arena, unpacked, "info/licenses"),
	    arena_printf(arena, "%s/pkgs/%s/info/licenses", prefix, path_name(unpacked))};

	for (size_t i = 0; *unpacked == '/' && i < 2; i++)
		if (root_is_directory(conda->context.root, folders[i]))
			return folders[i];
	return NULL;
}

static void fill_statements(struct component *component, const char *const fields[FIELDS],
			    const char *path, struct arena *arena)
{
	struct component_statement *statements = arena_alloc_array(arena, 2, sizeof(*statements));

	if (*fields[LICENCE])
		statements[component->statement_count++] =
		    (struct component_statement){STATEMENT_CONDA, fields[LICENCE], path};
	if (*fields[FAMILY])
		statements[component->statement_count++] =
		    (struct component_statement){STATEMENT_CONDA_FAMILY, fields[FAMILY], path};
	component->statements = statements;
}

static const struct component *make_component(struct conda *conda, const char *prefix,
					      const char *path, const char *const fields[FIELDS])
{
	struct arena *arena = conda->context.arena;
	struct component *component = arena_alloc(arena, sizeof(*component));

	*component = (struct component){
	    .id = arena_printf(arena, "conda:%s", fields[NAME]),
	    .name = fields[NAME],
	    .version = fields[VERSION],
	    .source_name = "",
	    .source_version = "",
	    .purl = package_url(fields, arena),
	    .copyright_path = "",
	    .texts_folder = texts_folder(conda, prefix, fields[FOLDER]),
	    .declared = "",
	    .note = "",
	};
	fill_statements(component, fields, path, arena);
	return component;
}

static void add_file(struct conda *conda, const char *path, uint32_t package)
{
	if (conda->owner_by_path.len < BUDGET_PACKAGE_FILES) {
		map_put(&conda->owner_by_path, slice_text(path), package, NULL);
		return;
	}
	if (!conda->too_many)
		diag_add(conda->context.diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "only %" PRIu32 " files of conda packages are known",
			 BUDGET_PACKAGE_FILES);
	conda->too_many = true;
}

/* One package: its fields, and below them the list "files". */
static bool read_package(struct conda *conda, const char *prefix, const char *path,
			 struct json_read *json)
{
	struct arena *arena = conda->context.arena;
	uint32_t index = (uint32_t)conda->packages.len;
	const char *fields[FIELDS], *key, *text;

	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = "";
	if (!json_read_enter(json, '{'))
		return false;
	while (json_read_key(json, &key)) {
		size_t field = 0;

		while (field < FIELDS && strcmp(key, field_names[field]) != 0)
			field++;
		if (field < FIELDS) {
			text = json_read_text(json);
			fields[field] = text ? arena_strdup(arena, text) : "";
			continue;
		}
		if (strcmp(key, "files") != 0) {
			json_read_skip(json);
			continue;
		}
		if (!json_read_enter(json, '['))
			continue;
		while (json_read_item(json))
			if ((text = json_read_text(json)))
				add_file(conda, path_join(arena, prefix, text), index);
	}
	if (json->bad || !*fields[NAME])
		return false;
	vec_push(&conda->packages, make_component(conda, prefix, path, fields));
	return true;
}

static void read_prefix(struct conda *conda, const char *prefix)
{
	const struct provider_context *context = &conda->context;
	const char *folder = path_join(context->arena, prefix, "conda-meta");
	struct root_entry *entries;
	size_t count;

	if (root_list(context->root, folder, context->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *path = path_join(context->arena, folder, entries[i].name);
		size_t length = strlen(entries[i].name);
		struct json_read json;
		struct arena scratch;
		struct slice bytes;
		enum status status;

		if (entries[i].type != ROOT_REGULAR || length < 6 ||
		    strcmp(entries[i].name + length - 5, ".json") != 0)
			continue;
		arena_init(&scratch);
		status = root_read(context->root, path, BUDGET_COPYRIGHT_FILE, &scratch, &bytes);
		json = json_read_of(status == STATUS_OK ? bytes : slice_text(""), &scratch);
		if (status != STATUS_OK || !read_package(conda, prefix, path, &json)) {
			diag_add(context->diags, DIAG_PACKAGE_METADATA_BAD, path, DIAG_NO_OFFSET,
				 "%s", status == STATUS_OK ? "no package" : status_text(status));
			/* What its list named is nobody's. */
			vec_push(&conda->packages, NULL);
		}
		arena_release(&scratch);
	}
}

static const struct component *conda_find(void *state, const struct provider_query *query)
{
	struct conda *conda = state;
	const char *folder = query->path;
	const struct map_entry *entry;

	if (query->path[0] != '/')
		return NULL;
	do {
		bool added;

		folder = path_directory(conda->context.arena, folder);
		map_put(&conda->folders, slice_text(folder), 0, &added);
		if (added)
			read_prefix(conda, folder);
	} while (strcmp(folder, "/") != 0);
	entry = map_get(&conda->owner_by_path, slice_text(query->path));
	return entry ? conda->packages.ptr[entry->value] : NULL;
}

static void conda_close(void *state)
{
	struct conda *conda = state;

	map_release(&conda->folders);
	map_release(&conda->owner_by_path);
	vec_release(&conda->packages);
	free(conda);
}

const struct provider provider_conda = {"conda", conda_open, conda_find, conda_close};
