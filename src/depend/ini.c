/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/ini.h"

#include "util/vec.h"

typedef VEC(char) growing;

/* An odd number of backslashes at the end escapes the newline. */
static bool is_continued(struct slice line)
{
	size_t count = 0;

	while (count < line.len && line.ptr[line.len - 1 - count] == '\\')
		count++;
	return count % 2 == 1;
}

static bool is_comment(struct slice line)
{
	struct slice trimmed = slice_trim(line);

	return trimmed.len && (trimmed.ptr[0] == '#' || trimmed.ptr[0] == ';');
}

/* Appends what follows a continued line: each newline with its backslash becomes a space. */
static void join_lines(struct ini *ini, struct slice *line, growing *joined)
{
	struct slice next = *line;

	for (size_t i = 0; i < line->len; i++)
		vec_push(joined, (char)line->ptr[i]);
	while (is_continued(next) && slice_line(&ini->rest, &next)) {
		ini->line++;
		/* systemd.syntax(7): comment lines between the parts are left out. */
		if (is_comment(next)) {
			next = slice_text("\\");
			continue;
		}
		joined->ptr[joined->len - 1] = ' ';
		for (size_t i = 0; i < next.len; i++)
			vec_push(joined, (char)next.ptr[i]);
	}
	*line = slice_of(joined->ptr, joined->len);
}

/* A whole line: [section] or key=value. True for the latter. */
static bool take_line(struct ini *ini, struct slice line, struct arena *arena,
		      struct ini_entry *ret)
{
	const uint8_t *equals;
	size_t length;

	line = slice_trim(line);
	if (line.len >= 2 && line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
		const char *name = arena_slice(arena, slice_of(line.ptr + 1, line.len - 2));

		ini->section = slice_text(name);
		return false;
	}
	equals = line.len ? memchr(line.ptr, '=', line.len) : NULL;
	if (!equals)
		return false;
	length = (size_t)(equals - line.ptr);
	ret->section = ini->section;
	ret->key = slice_text(arena_slice(arena, slice_trim(slice_of(line.ptr, length))));
	ret->value = arena_slice(arena, slice_trim(slice_of(equals + 1, line.len - length - 1)));
	return true;
}

bool ini_next(struct ini *ini, struct arena *arena, struct ini_entry *ret)
{
	struct slice line;

	while (slice_line(&ini->rest, &line)) {
		growing joined = {0};
		bool taken;

		ret->line = ++ini->line;
		if (is_comment(line))
			continue;
		if (ini->continues && is_continued(line))
			join_lines(ini, &line, &joined);
		taken = take_line(ini, line, arena, ret);
		vec_release(&joined);
		if (taken)
			return true;
	}
	return false;
}
