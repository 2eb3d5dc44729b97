/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/dep5.h"

#include <string.h>
#include <strings.h>

#include "util/budget.h"
#include "util/vec.h"

#define FORMAT_URI "copyright-format/1.0"

struct reader {
	struct slice rest;
	size_t line;
	struct arena *arena;
	VEC(struct dep5_stanza) stanzas;
	VEC(const char *) patterns; /* of the stanza being read */
	struct dep5_stanza open;    /* line 0: none is open */
	enum { FIELD_OTHER, FIELD_FILES, FIELD_LICENCE } field;
	bool machine_readable, first;
};

static bool field_value(struct slice line, const char *name, struct slice *ret)
{
	size_t length = strlen(name);

	if (line.len <= length || line.ptr[length] != ':' ||
	    strncasecmp((const char *)line.ptr, name, length) != 0)
		return false;
	*ret = slice_trim(slice_of(line.ptr + length + 1, line.len - length - 1));
	return true;
}

static void add_patterns(struct reader *reader, struct slice text)
{
	struct slice word;

	while (reader->patterns.len < BUDGET_DEP5_PATTERNS && slice_token(&text, " \t", &word))
		vec_push(&reader->patterns, arena_slice(reader->arena, word));
}

static void close_stanza(struct reader *reader)
{
	struct dep5_stanza *stanza = &reader->open;

	if (!stanza->line)
		return;
	stanza->pattern_count = reader->patterns.len;
	stanza->patterns = arena_copy(reader->arena, reader->patterns.ptr,
				      reader->patterns.len * sizeof(*reader->patterns.ptr));
	if (stanza->licence && (!reader->first || stanza->pattern_count))
		vec_push(&reader->stanzas, *stanza);
	reader->first = false;
	reader->patterns.len = 0;
	*stanza = (struct dep5_stanza){.line = 0};
}

static void read_field(struct reader *reader, struct slice line)
{
	struct slice value;

	reader->field = FIELD_OTHER;
	if (reader->first && field_value(line, "Format", &value))
		reader->machine_readable =
		    memmem(value.ptr, value.len, FORMAT_URI, strlen(FORMAT_URI)) != NULL;
	if (field_value(line, "Files", &value)) {
		/* A second Files field without an empty line before it opens a new stanza. */
		if (reader->patterns.len && reader->open.licence) {
			close_stanza(reader);
			reader->open.line = reader->line;
		}
		reader->field = FIELD_FILES;
		add_patterns(reader, value);
	} else if (field_value(line, "License", &value)) {
		reader->field = FIELD_LICENCE;
		if (value.len && !reader->open.licence)
			reader->open.licence = arena_slice(reader->arena, value);
	}
}

static void read_line(struct reader *reader, struct slice line)
{
	struct slice trimmed = slice_trim(line);

	if (!trimmed.len) {
		close_stanza(reader);
		return;
	}
	if (!reader->open.line)
		reader->open.line = reader->line;
	if (line.ptr[0] != ' ' && line.ptr[0] != '\t') {
		if (line.ptr[0] != '#')
			read_field(reader, line);
	} else if (reader->field == FIELD_FILES) {
		add_patterns(reader, trimmed);
	} else if (reader->field == FIELD_LICENCE && !reader->open.licence) {
		/* "License:" with the name in the next line. */
		reader->open.licence = arena_slice(reader->arena, trimmed);
	}
}

bool dep5_parse(struct slice text, struct arena *arena, struct dep5 *ret)
{
	struct reader reader = {.rest = text, .arena = arena, .first = true};
	struct slice line;

	while (slice_line(&reader.rest, &line)) {
		reader.line++;
		read_line(&reader, line);
		if (!reader.first && !reader.machine_readable)
			break;
	}
	close_stanza(&reader);
	ret->stanzas =
	    arena_copy(arena, reader.stanzas.ptr, reader.stanzas.len * sizeof(*reader.stanzas.ptr));
	ret->count = reader.stanzas.len;
	vec_release(&reader.stanzas);
	vec_release(&reader.patterns);
	return reader.machine_readable;
}

bool dep5_matches(const char *pattern, const char *path)
{
	const char *star = NULL, *retry = NULL;

	/* Greedy with one point of return: the last star. */
	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = path;
			continue;
		}
		if (*path && (*pattern == '?' || (*pattern == '\\' && pattern[1] == *path) ||
			      (*pattern == *path && *pattern != '\\'))) {
			pattern += *pattern == '\\' ? 2 : 1;
			path++;
			continue;
		}
		if (!*path && !*pattern)
			return true;
		if (!star || !*retry)
			return false;
		pattern = star;
		path = ++retry;
	}
}
