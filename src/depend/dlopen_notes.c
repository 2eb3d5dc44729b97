/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .note.dlopen: what a file says itself that it may load. Owner "FDO", type 0x407c0c0a, JSON: an
 * array of objects, in older files one object. "soname" is a text or a list of alternatives, the
 * preferred one first (systemd's "ELF dlopen metadata" specification).
 */
#include <string.h>

#include "depend/call_edges.h"
#include "util/json_read.h"

#define NOTE_TYPE 0x407c0c0a
#define NAMES 32 /* alternatives of one object */

struct wish {
	const char *names[NAMES];
	size_t count;
	const char *priority, *feature;
};

static void add_name(struct wish *wish, const char *name)
{
	if (name && wish->count < NAMES)
		wish->names[wish->count++] = name;
}

static void take_names(struct json_read *json, struct wish *wish)
{
	if (json_read_peek(json) == '"') {
		add_name(wish, json_read_text(json));
		return;
	}
	if (json_read_enter(json, '['))
		while (json_read_item(json))
			add_name(wish, json_read_text(json));
}

static void take_object(struct json_read *json, struct wish *wish)
{
	const char *key, *text;

	*wish = (struct wish){.priority = "recommended", .feature = ""};
	if (json_read_peek(json) != '{') {
		json->bad = true;
		return;
	}
	(void)json_read_enter(json, '{');
	while (json_read_key(json, &key)) {
		if (strcmp(key, "soname") == 0)
			take_names(json, wish);
		else if (strcmp(key, "priority") == 0)
			wish->priority = (text = json_read_text(json)) ? text : wish->priority;
		else if (strcmp(key, "feature") == 0)
			wish->feature = (text = json_read_text(json)) ? text : wish->feature;
		else
			json_read_skip(json);
	}
}

/* The first alternative that is there; when none is, all of them are asked for in vain. */
static void add_wish(struct call_edges *edges, const struct plugin_file *file,
		     const struct wish *wish, uint64_t place)
{
	const struct finder *finder = edges->finder;
	struct call_use use = {
	    .file = file,
	    .kind = FACTS_CALL_LOAD,
	    .grade = EDGE_GRADE_DECLARED,
	    .evidence = "dlopen-note",
	    .detail = arena_printf(&edges->arena, "%s%s%s", wish->priority,
				   wish->feature[0] ? ", feature " : "", wish->feature),
	    .place = place,
	};

	for (size_t i = 0; i < wish->count; i++) {
		const char *path = finder->resolve ? finder->resolve(finder->resolve_context,
								     file->path, wish->names[i])
						   : NULL;

		if (!path)
			continue;
		use.text = wish->names[i];
		call_edges_add(edges, &use, EDGE_KIND_LINK_PLUGIN, path);
		return;
	}
	for (size_t i = 0; i < wish->count; i++) {
		use.text = wish->names[i];
		call_edges_add(edges, &use, EDGE_KIND_LINK_PLUGIN, NULL);
	}
}

static void read_note(struct call_edges *edges, const struct plugin_file *file,
		      const struct facts_note *note)
{
	struct json_read json =
	    json_read_of(facts_slice(file->facts, note->description), &edges->arena);
	bool list = json_read_peek(&json) == '[';
	struct wish wish;

	if (list)
		(void)json_read_enter(&json, '[');
	while (!list || json_read_item(&json)) {
		take_object(&json, &wish);
		if (json.bad)
			break;
		add_wish(edges, file, &wish, note->offset);
		if (!list)
			break;
	}
	if (json.bad || json_read_peek(&json))
		diag_add(edges->finder->diags, DIAG_ELF_BAD_NOTE, file->path, note->offset,
			 "a note of type dlopen that is not understood");
}

void call_edges_notes(struct call_edges *edges, const struct plugin_file *file)
{
	for (size_t i = 0; i < file->facts->notes_count; i++) {
		const struct facts_note *note = &file->facts->notes[i];

		if (note->type == NOTE_TYPE &&
		    slice_equal_text(facts_slice(file->facts, note->owner), "FDO"))
			read_note(edges, file, note);
	}
}
