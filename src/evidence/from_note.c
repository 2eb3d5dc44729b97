/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .note.package: what a file says itself of the package it was built for. Owner "FDO", type
 * 0xcafe1a7e, one JSON object; "name" and "version" are those of the source package (systemd's
 * "ELF package metadata" specification).
 */
#include <stdlib.h>
#include <string.h>

#include "binary/facts.h"
#include "evidence/provider.h"
#include "evidence/purl.h"
#include "util/json_read.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

#define NOTE_TYPE 0xcafe1a7e

struct notes {
	struct provider_context context;
	struct map
	    by_text; /* the JSON -> index of components: the files of a package say the same */
	VEC(const struct component *) components; /* NULL: not understood */
};

static void note_open(const struct provider_context *context, void **ret_state)
{
	struct notes *notes = memory_calloc(1, sizeof(*notes));

	notes->context = *context;
	*ret_state = notes;
}

enum { TYPE, SYSTEM, NAME, VERSION, ARCHITECTURE, PURL, LICENCE, FIELDS };

/* "license" is no field of the specification, but there are files that have it. */
static const char *const field_names[FIELDS] = {"type",		"os",	"name",	  "version",
						"architecture", "purl", "license"};

static const char *package_url(const char *const fields[FIELDS], struct arena *arena)
{
	bool deb = strcmp(fields[TYPE], "deb") == 0;

	if (*fields[PURL])
		return fields[PURL];
	if (!*fields[TYPE])
		return "";
	return arena_printf(
	    arena, "pkg:%s/%s%s%s%s%s%s", purl_encoded(arena, slice_text(fields[TYPE])),
	    purl_encoded(arena, slice_text(fields[SYSTEM])), *fields[SYSTEM] ? "/" : "",
	    purl_encoded(arena, slice_text(fields[NAME])), *fields[VERSION] ? "@" : "",
	    purl_encoded(arena, slice_text(fields[VERSION])), deb ? "?arch=source" : "");
}

static const struct component *make_component(const char *const fields[FIELDS], const char *path,
					      struct arena *arena)
{
	struct component *component = arena_alloc(arena, sizeof(*component));
	struct component_statement statement = {strcmp(fields[TYPE], "rpm") == 0 ? STATEMENT_RPM
										 : STATEMENT_SPDX,
						fields[LICENCE], path};

	*component = (struct component){
	    .id = arena_printf(arena, "note:%s%s%s", fields[TYPE], *fields[TYPE] ? ":" : "",
			       fields[NAME]),
	    .name = fields[NAME],
	    .version = fields[VERSION],
	    .source_name = fields[NAME],
	    .source_version = fields[VERSION],
	    .purl = package_url(fields, arena),
	    .copyright_path = "",
	    .declared = "",
	    .note = "",
	    .statements = arena_copy(arena, &statement, sizeof(statement)),
	    .statement_count = *fields[LICENCE] != '\0',
	};
	return component;
}

static const struct component *read_note(struct notes *notes, struct slice text, const char *path,
					 uint64_t offset)
{
	struct arena *arena = notes->context.arena;
	struct json_read json = json_read_of(text, arena);
	const char *fields[FIELDS], *key, *value;

	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = "";
	if (json_read_enter(&json, '{'))
		while (json_read_key(&json, &key)) {
			size_t field = 0;

			while (field < FIELDS && strcmp(key, field_names[field]) != 0)
				field++;
			value = json_read_text(&json);
			if (field < FIELDS && value)
				fields[field] = value;
		}
	if (!json.bad && *fields[NAME])
		return make_component(fields, path, arena);
	diag_add(notes->context.diags, DIAG_ELF_BAD_NOTE, path, offset,
		 "a note of type package that is not understood");
	return NULL;
}

static const struct component *note_find(void *state, const struct provider_query *query)
{
	struct notes *notes = state;
	const struct facts *facts = query->facts;

	for (size_t i = 0; facts && i < facts->notes_count; i++) {
		const struct facts_note *note = &facts->notes[i];
		struct map_entry *entry;
		bool added;

		if (note->type != NOTE_TYPE ||
		    !slice_equal_text(facts_slice(facts, note->owner), "FDO"))
			continue;
		entry = map_put(&notes->by_text,
				slice_text(arena_slice(notes->context.arena,
						       facts_slice(facts, note->description))),
				(uint32_t)notes->components.len, &added);
		if (added)
			vec_push(&notes->components,
				 read_note(notes, entry->key, query->path, note->offset));
		return notes->components.ptr[entry->value];
	}
	return NULL;
}

static void note_close(void *state)
{
	struct notes *notes = state;

	map_release(&notes->by_text);
	vec_release(&notes->components);
	free(notes);
}

const struct provider provider_note = {"note", note_open, note_find, note_close};
