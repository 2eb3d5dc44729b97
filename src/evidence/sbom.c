/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/sbom.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "evidence/purl.h"
#include "util/budget.h"
#include "util/json_read.h"
#include "util/path.h"
#include "util/vec.h"

struct reader {
	struct json_read json;
	const char *path;
	VEC(struct component) list;
	bool too_many;
};

struct entry {
	const char *name, *version, *purl, *licence;
};

/* "licenses": either one {"expression": X}, or a list of {"license": {"id" or "name": X}}. */
static void read_licences(struct json_read *json, struct entry *entry)
{
	const char *key, *text;

	if (!json_read_enter(json, '['))
		return;
	while (json_read_item(json)) {
		const char *one = NULL;

		if (!json_read_enter(json, '{'))
			continue;
		while (json_read_key(json, &key)) {
			if (strcmp(key, "expression") == 0) {
				one = json_read_text(json);
				continue;
			}
			if (strcmp(key, "license") != 0 || !json_read_enter(json, '{')) {
				if (strcmp(key, "license") != 0)
					json_read_skip(json);
				continue;
			}
			while (json_read_key(json, &key)) {
				if (strcmp(key, "id") != 0 && strcmp(key, "name") != 0) {
					json_read_skip(json);
					continue;
				}
				text = json_read_text(json);
				one = text ? text : one;
			}
		}
		if (one)
			entry->licence =
			    *entry->licence
				? arena_printf(json->arena, "(%s) AND (%s)", entry->licence, one)
				: one;
	}
}

static void read_component(struct reader *reader)
{
	struct json_read *json = &reader->json;
	struct entry entry = {"", "", "", ""};
	const char *key, *text;

	if (!json_read_enter(json, '{'))
		return;
	while (json_read_key(json, &key)) {
		const char **field = strcmp(key, "name") == 0	   ? &entry.name
				     : strcmp(key, "version") == 0 ? &entry.version
				     : strcmp(key, "purl") == 0	   ? &entry.purl
								   : NULL;

		if (strcmp(key, "licenses") == 0)
			read_licences(json, &entry);
		else if (!field)
			json_read_skip(json);
		else if ((text = json_read_text(json)))
			*field = text;
	}
	if (json->bad || !*entry.name || strcmp(purl_type(json->arena, entry.purl), "pypi") == 0)
		return;
	vec_push(&reader->list,
		 ((struct component){
		     .id = arena_printf(json->arena, "%s:%s",
					*purl_type(json->arena, entry.purl)
					    ? purl_type(json->arena, entry.purl)
					    : "sbom",
					entry.name),
		     .name = entry.name,
		     .version = entry.version,
		     .source_name = "",
		     .source_version = "",
		     .purl = entry.purl,
		     .copyright_path = "",
		     .declared = "",
		     .note = "",
		     .statements = *entry.licence ? arena_copy(json->arena,
							       &(struct component_statement){
								   STATEMENT_SPDX, entry.licence,
								   reader->path},
							       sizeof(struct component_statement))
						  : NULL,
		     .statement_count = *entry.licence != '\0',
		 }));
}

static void read_document(struct reader *reader)
{
	struct json_read *json = &reader->json;
	const char *key;

	if (!json_read_enter(json, '{'))
		return;
	while (json_read_key(json, &key)) {
		if (strcmp(key, "components") != 0 || !json_read_enter(json, '[')) {
			if (strcmp(key, "components") != 0)
				json_read_skip(json);
			continue;
		}
		while (json_read_item(json)) {
			if (reader->list.len < BUDGET_SBOM_COMPONENTS) {
				read_component(reader);
				continue;
			}
			reader->too_many = true;
			json_read_skip(json);
		}
	}
}

struct sbom sbom_read(const struct installed_wheel *wheel, struct root *root, struct arena *arena,
		      struct diags *diags)
{
	const char *folder = path_join(arena, wheel->folder, "sboms");
	struct reader reader = {.path = folder};
	struct root_entry *entries;
	struct sbom sbom;
	size_t count;

	if (root_list(root, folder, arena, &entries, &count) != STATUS_OK)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct slice bytes;
		enum status status;

		if (entries[i].type != ROOT_REGULAR || !strstr(entries[i].name, ".json"))
			continue;
		reader.path = path_join(arena, folder, entries[i].name);
		status = root_read(root, reader.path, BUDGET_COPYRIGHT_FILE, arena, &bytes);
		if (status != STATUS_OK) {
			diag_add(diags, DIAG_PACKAGE_METADATA_BAD, reader.path, DIAG_NO_OFFSET,
				 "%s", status_text(status));
			continue;
		}
		reader.json = json_read_of(bytes, arena);
		read_document(&reader);
		if (reader.json.bad)
			diag_add(diags, DIAG_PACKAGE_METADATA_BAD, reader.path,
				 (uint64_t)(reader.json.rest.ptr - bytes.ptr), "no JSON");
	}
	if (reader.too_many)
		diag_add(diags, DIAG_LIMIT_REACHED, folder, DIAG_NO_OFFSET,
			 "only %d components of its bills of materials are read",
			 BUDGET_SBOM_COMPONENTS);
	sbom = (struct sbom){
	    arena_copy(arena, reader.list.ptr, reader.list.len * sizeof(struct component)),
	    reader.list.len};
	vec_release(&reader.list);
	return sbom;
}

/* The part of a name that is compared: without "lib" before and version digits behind. */
static struct slice core(const char *name, size_t length)
{
	if (length > 3 && strncasecmp(name, "lib", 3) == 0) {
		name += 3;
		length -= 3;
	}
	while (length > 1 && (isdigit((unsigned char)name[length - 1]) || name[length - 1] == '.' ||
			      name[length - 1] == '-'))
		length--;
	return slice_of(name, length);
}

const struct component *sbom_component_of(const struct sbom *sbom, const char *path)
{
	const struct component *found = NULL;
	struct slice wanted, one;
	struct arena scratch;
	const char *name;

	arena_init(&scratch);
	name = path_without_hash(&scratch, path_name(path));
	wanted = core(name, strcspn(name, "."));
	for (size_t i = 0; i < sbom->count; i++) {
		one = core(sbom->components[i].name, strlen(sbom->components[i].name));
		if (one.len != wanted.len ||
		    strncasecmp((const char *)one.ptr, (const char *)wanted.ptr, one.len) != 0)
			continue;
		if (found && strcmp(found->purl, sbom->components[i].purl) != 0) {
			found = NULL;
			break;
		}
		found = &sbom->components[i];
	}
	arena_release(&scratch);
	return found;
}
