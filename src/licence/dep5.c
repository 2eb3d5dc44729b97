/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/dep5.h"

#include <string.h>
#include <strings.h>

#include "util/budget.h"
#include "util/vec.h"

#define PATTERN_LENGTH 4096 /* longer ones are no names of files */

enum field { FIELD_OTHER, FIELD_FORMAT, FIELD_FILES, FIELD_LICENCE };

struct reader {
	struct slice text, rest;
	size_t line;
	struct arena *arena;
	VEC(struct dep5_stanza) stanzas;
	VEC(const char *) patterns; /* of the stanza being read */
	size_t pattern_count;	    /* of all stanzas */
	struct dep5_stanza open;    /* line 0: none is open */
	enum field field;
	bool ended; /* an empty line came: a field now opens a stanza */
	bool has_format, names_format, has_files, has_star;
	struct dep5 *ret;
};

/* The field a line opens, and its value. Names are case-insensitive; "Licence", "Files :" occur. */
static enum field field_of(struct slice line, struct slice *ret_value, bool *ret_misspelt)
{
	static const struct {
		const char *name;
		enum field field;
		bool misspelt;
	} fields[] = {
	    {"Format", FIELD_FORMAT, false},   {"Format-Specification", FIELD_FORMAT, false},
	    {"Files", FIELD_FILES, false},     {"File", FIELD_FILES, true},
	    {"License", FIELD_LICENCE, false}, {"Licence", FIELD_LICENCE, true},
	    {"Licenses", FIELD_LICENCE, true},
	};
	const uint8_t *colon = memchr(line.ptr, ':', line.len);
	struct slice name;

	*ret_value = slice_of(NULL, 0);
	if (!colon)
		return FIELD_OTHER;
	name = slice_trim(slice_of(line.ptr, (size_t)(colon - line.ptr)));
	*ret_value = slice_trim(slice_of(colon + 1, line.len - (size_t)(colon + 1 - line.ptr)));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (name.len != strlen(fields[i].name) ||
		    strncasecmp((const char *)name.ptr, fields[i].name, name.len) != 0)
			continue;
		*ret_misspelt |= fields[i].misspelt;
		return fields[i].field;
	}
	return FIELD_OTHER;
}

/*
 * "[ch]" and "{a,b}" are no wildcards of the format, but what a shell's user writes; they are read
 * as wider wildcards. Old files separate patterns with commas.
 */
static const char *clean_pattern(struct reader *reader, struct slice word)
{
	char *text, *to;
	const char *end;

	if (word.ptr[word.len - 1] == ',')
		word.len--;
	if (word.len > 2 && word.ptr[0] == '.' && word.ptr[1] == '/')
		word = slice_of(word.ptr + 2, word.len - 2);
	text = to = arena_slice(reader->arena, word);
	for (const char *from = text; *from; from++) {
		if (*from == '[' && (end = strchr(from, ']'))) {
			*to++ = '?';
			from = end;
		} else if (*from == '{' && (end = strchr(from, '}'))) {
			*to++ = '*';
			from = end;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return text;
}

static void add_patterns(struct reader *reader, struct slice text)
{
	struct slice word;

	while (slice_token(&text, " \t", &word)) {
		if (reader->pattern_count == BUDGET_DEP5_PATTERNS || word.len > PATTERN_LENGTH) {
			reader->ret->limit = true;
			return;
		}
		reader->pattern_count++;
		reader->has_star |= slice_equal_text(word, "*");
		if (!slice_equal_text(word, ","))
			vec_push(&reader->patterns, clean_pattern(reader, word));
	}
}

static void close_stanza(struct reader *reader)
{
	struct dep5_stanza *stanza = &reader->open;
	bool is_header = reader->has_format && !reader->stanzas.len && !reader->patterns.len &&
			 !reader->has_files;

	stanza->pattern_count = reader->patterns.len;
	if (reader->patterns.len)
		stanza->patterns = arena_copy(reader->arena, reader->patterns.ptr,
					      reader->patterns.len * sizeof(*reader->patterns.ptr));
	if (stanza->pattern_count && !stanza->licence && !reader->ret->skipped++)
		reader->ret->skipped_line = stanza->line;
	if (reader->stanzas.len == BUDGET_DEP5_STANZAS)
		reader->ret->limit = true;
	else if (stanza->line && stanza->licence && !is_header)
		vec_push(&reader->stanzas, *stanza);
	reader->patterns.len = 0;
	reader->field = FIELD_OTHER;
	*stanza = (struct dep5_stanza){.line = 0};
}

static void read_field(struct reader *reader, struct slice line)
{
	struct slice value;
	enum field field = field_of(line, &value, &reader->ret->sloppy);

	/* A second Files field without an empty line before it opens a new stanza too. */
	if (reader->ended || (field == FIELD_FILES && reader->open.licence))
		close_stanza(reader);
	reader->ended = false;
	if (!reader->open.line)
		reader->open.line = reader->line;
	reader->field = field;
	switch (field) {
	case FIELD_FORMAT:
		reader->has_format |= !reader->stanzas.len;
		reader->names_format |= memmem(value.ptr, value.len, "copyright-format", 16) ||
					memmem(value.ptr, value.len, "dep5", 4) ||
					memmem(value.ptr, value.len, "DEP5", 4) ||
					memmem(value.ptr, value.len, "dep-5", 5);
		break;
	case FIELD_FILES:
		reader->has_files = true;
		add_patterns(reader, value);
		break;
	case FIELD_LICENCE:
		if (value.len && !reader->open.licence)
			reader->open.licence = arena_slice(reader->arena, value);
		break;
	case FIELD_OTHER:
		break;
	}
}

/* A line of the field above it. */
static void read_continuation(struct reader *reader, struct slice line)
{
	struct slice trimmed = slice_trim(line);
	struct dep5_stanza *stanza = &reader->open;

	if (reader->field == FIELD_FILES && !reader->ended) {
		add_patterns(reader, trimmed);
	} else if (reader->field == FIELD_LICENCE && !stanza->licence) {
		/* "License:" with the name in the next line. */
		stanza->licence = arena_slice(reader->arena, trimmed);
	} else if (reader->field == FIELD_LICENCE) {
		if (!stanza->text.len)
			stanza->text.ptr = line.ptr;
		stanza->text.len = (size_t)(line.ptr + line.len - stanza->text.ptr);
	}
}

static void read_line(struct reader *reader, struct slice line)
{
	/* An empty line ends a stanza, unless text goes on below it: then a dot was forgotten. */
	if (!slice_trim(line).len)
		reader->ended = true;
	else if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
		read_continuation(reader, line);
	else if (line.ptr[0] != '#')
		read_field(reader, line);
}

bool dep5_parse(struct slice text, struct arena *arena, struct dep5 *ret)
{
	struct reader reader = {.text = text, .rest = text, .arena = arena, .ret = ret};
	struct slice line;

	*ret = (struct dep5){NULL, 0, false, 0, 0, false};
	while (slice_line(&reader.rest, &line)) {
		reader.line++;
		read_line(&reader, line);
	}
	close_stanza(&reader);
	ret->count = reader.stanzas.len;
	if (ret->count)
		ret->stanzas =
		    arena_copy(arena, reader.stanzas.ptr, ret->count * sizeof(*reader.stanzas.ptr));
	ret->sloppy |= !reader.names_format;
	vec_release(&reader.stanzas);
	vec_release(&reader.patterns);
	return ret->count && (reader.names_format || reader.has_star);
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

/*
 * Reads the prefix with all places of the pattern that may be reached, as a set. What stands for
 * one byte is one element: a character, a quoted one, "?".
 */
bool dep5_touches(const char *pattern, const char *prefix)
{
	bool at[PATTERN_LENGTH + 1] = {true}, next[PATTERN_LENGTH + 1];
	size_t length = strlen(pattern);
	bool alive = true;

	if (length > PATTERN_LENGTH)
		return true;
	for (; *prefix && alive; prefix++) {
		memset(next, 0, length + 1);
		alive = false;
		for (size_t i = 0; i < length; i++) {
			size_t step = pattern[i] == '\\' && pattern[i + 1] ? 2 : 1;

			if (!at[i])
				continue;
			if (pattern[i] == '*') {
				at[i + 1] = true; /* takes nothing */
				alive = next[i] = true;
			} else if (pattern[i] == '?' || pattern[i + step - 1] == *prefix) {
				alive = next[i + step] = true;
			}
		}
		memcpy(at, next, length + 1);
	}
	/* Something has to be left that takes the rest of a name. */
	at[length] = false;
	return alive && memchr(at, 1, length + 1) != NULL;
}
