/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .note.dlopen: what a file says itself that it may load. Owner "FDO", type 0x407c0c0a, JSON: an
 * array of objects, in older files one object. "soname" is a text or a list of alternatives, the
 * preferred one first (systemd's "ELF dlopen metadata" specification).
 */
#include <string.h>

#include "depend/call_edges.h"
#include "util/budget.h"

#define NOTE_TYPE 0x407c0c0a
#define NAMES 32 /* alternatives of one object */

/* Just enough of JSON: no numbers are read, and nesting is counted, not followed. */
struct reader {
	struct slice rest;
	struct arena *arena;
	bool bad;
};

static char peek(struct reader *reader)
{
	while (reader->rest.len && memchr(" \t\r\n", reader->rest.ptr[0], 4)) {
		reader->rest.ptr++;
		reader->rest.len--;
	}
	return reader->rest.len ? (char)reader->rest.ptr[0] : '\0';
}

static bool take(struct reader *reader, char wanted)
{
	if (peek(reader) != wanted || !wanted)
		return false;
	reader->rest.ptr++;
	reader->rest.len--;
	return true;
}

/* A text; of escapes only those of one byte are undone. */
static const char *take_text(struct reader *reader)
{
	char *text = arena_alloc(reader->arena, reader->rest.len + 1);
	size_t at = 0;

	if (!take(reader, '"')) {
		reader->bad = true;
		return "";
	}
	while (reader->rest.len && reader->rest.ptr[0] != '"') {
		if (reader->rest.ptr[0] == '\\' && reader->rest.len > 1) {
			reader->rest.ptr++;
			reader->rest.len--;
			reader->bad |= reader->rest.ptr[0] == 'u';
		}
		text[at++] = (char)reader->rest.ptr[0];
		reader->rest.ptr++;
		reader->rest.len--;
	}
	reader->bad |= !take(reader, '"');
	return text;
}

/* Anything: texts are read so that brackets in them do not count. */
static void skip_value(struct reader *reader)
{
	unsigned depth = 0;

	do {
		char next = peek(reader);

		if (next == '"') {
			take_text(reader);
		} else if (!next) {
			reader->bad = true;
		} else {
			if (next == '{' || next == '[')
				depth++;
			if ((next == '}' || next == ']') && depth)
				depth--;
			else if (!depth && (next == ',' || next == '}' || next == ']'))
				return;
			take(reader, next);
		}
	} while (!reader->bad && (depth || !strchr(",}]", peek(reader))));
}

struct wish {
	const char *names[NAMES];
	size_t count;
	const char *priority, *feature;
};

static void take_names(struct reader *reader, struct wish *wish)
{
	bool list = take(reader, '[');

	do {
		const char *name;

		if (list && peek(reader) == ']')
			break;
		name = take_text(reader);
		if (wish->count < NAMES)
			wish->names[wish->count++] = name;
	} while (list && !reader->bad && take(reader, ','));
	if (list)
		reader->bad |= !take(reader, ']');
}

static void take_object(struct reader *reader, struct wish *wish)
{
	*wish = (struct wish){.priority = "recommended", .feature = ""};
	if (!take(reader, '{')) {
		reader->bad = true;
		return;
	}
	while (!reader->bad && peek(reader) == '"') {
		const char *key = take_text(reader);

		if (!take(reader, ':'))
			reader->bad = true;
		else if (strcmp(key, "soname") == 0)
			take_names(reader, wish);
		else if (strcmp(key, "priority") == 0 && peek(reader) == '"')
			wish->priority = take_text(reader);
		else if (strcmp(key, "feature") == 0 && peek(reader) == '"')
			wish->feature = take_text(reader);
		else
			skip_value(reader);
		if (!take(reader, ','))
			break;
	}
	reader->bad |= !take(reader, '}');
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
	struct reader reader = {.rest = facts_slice(file->facts, note->description),
				.arena = &edges->arena};
	bool list = take(&reader, '[');
	struct wish wish;

	while (reader.rest.len && reader.rest.ptr[reader.rest.len - 1] == '\0')
		reader.rest.len--;
	do {
		if (list && peek(&reader) == ']')
			break;
		take_object(&reader, &wish);
		if (!reader.bad)
			add_wish(edges, file, &wish, note->offset);
	} while (list && !reader.bad && take(&reader, ','));
	if (reader.bad)
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
