/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/link_map.h"

#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/vec.h"

/* Both GNU ld and gold begin the list of members so. */
static const char members_heading[] = "Archive member included ";
static const char output_heading[] = "OUTPUT(";

struct reading {
	struct arena *arena;
	VEC(struct link_map_archive) archives;
	struct map by_name; /* -> index */
	struct map members; /* "/usr/lib/libz.a(inflate.o)", to count each once */
	bool limit;
};

static bool ends_with(struct slice text, const char *end)
{
	size_t length = strlen(end);

	return text.len >= length && memcmp(text.ptr + text.len - length, end, length) == 0;
}

static struct slice last_part(struct slice path)
{
	const uint8_t *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

	return slash ? slice_of(slash + 1, path.len - (size_t)(slash + 1 - path.ptr)) : path;
}

/* "PATH.a(MEMBER)": where the archive's path ends; 0 when it is nothing of the kind. */
static size_t archive_length(struct slice text)
{
	const uint8_t *open;

	if (!text.len || text.ptr[text.len - 1] != ')')
		return 0;
	open = memrchr(text.ptr, '(', text.len);
	if (!open || open + 2 > text.ptr + text.len - 1)
		return 0;
	return ends_with(slice_of(text.ptr, (size_t)(open - text.ptr)), ".a")
		   ? (size_t)(open - text.ptr)
		   : 0;
}

static void add_member(struct reading *reading, struct slice text, uint32_t line_number)
{
	size_t length = archive_length(text);
	struct link_map_archive *archive;
	struct slice name;
	uint32_t index;
	bool added;

	if (!length)
		return;
	if (text.len > BUDGET_MODULE_TEXT || reading->members.len >= BUDGET_MAP_MEMBERS) {
		reading->limit = true;
		return;
	}
	map_put(&reading->members, text, 0, &added);
	if (!added)
		return;
	name = last_part(slice_of(text.ptr, length));
	index = map_put(&reading->by_name, name, (uint32_t)reading->archives.len, &added)->value;
	if (added)
		vec_push(&reading->archives, ((struct link_map_archive){
						 .name = arena_slice(reading->arena, name),
						 .line = arena_slice(reading->arena, text),
						 .line_number = line_number,
					     }));
	archive = &reading->archives.ptr[index];
	archive->members++;
}

/* lld and mold: "ADDRESS ... PATH.a(MEMBER):(.text.name)". */
static void add_piece(struct reading *reading, struct slice line, uint32_t line_number)
{
	const uint8_t *colon = memmem(line.ptr, line.len, "):(", 3);
	struct slice text;
	size_t start;

	if (!colon)
		return;
	text = slice_of(line.ptr, (size_t)(colon + 1 - line.ptr));
	for (start = text.len; start && text.ptr[start - 1] != ' ' && text.ptr[start - 1] != '\t';)
		start--;
	add_member(reading, slice_of(text.ptr + start, text.len - start), line_number);
}

static int compare_archives(const void *a, const void *b)
{
	return strcmp(((const struct link_map_archive *)a)->name,
		      ((const struct link_map_archive *)b)->name);
}

/* "OUTPUT(dir/prog elf64-x86-64)" */
static bool names_another(struct slice line, const char *output)
{
	struct slice rest = slice_of(line.ptr + strlen(output_heading),
				     line.len - strlen(output_heading)),
		     path;

	return slice_token(&rest, " )", &path) && !slice_equal_text(last_part(path), output);
}

void link_map_read(struct slice text, const char *output, struct arena *arena, struct link_map *ret)
{
	struct reading reading = {.arena = arena};
	bool in_members = false, is_pieces = false;
	uint32_t line_number = 0;
	struct slice line;

	*ret = (struct link_map){0};
	while (slice_line(&text, &line)) {
		line_number++;
		if (slice_starts_with(line, members_heading)) {
			ret->is_map = in_members = true;
		} else if (line_number == 1 && memmem(line.ptr, line.len, "VMA", 3) &&
			   memmem(line.ptr, line.len, "Size", 4)) {
			ret->is_map = is_pieces = true;
		} else if (slice_starts_with(line, output_heading)) {
			ret->is_of_another |= names_another(line, output);
		} else if (in_members && line.len && line.ptr[0] != ' ') {
			const uint8_t *behind = memmem(line.ptr, line.len, "  ", 2);

			/* What needed a member stands behind it; another heading ends the list. */
			if (behind)
				line.len = (size_t)(behind - line.ptr);
			in_members = archive_length(line) != 0 || line.ptr[0] == '/';
			add_member(&reading, line, line_number);
		} else if (is_pieces) {
			add_piece(&reading, line, line_number);
		}
	}
	if (reading.archives.len)
		qsort(reading.archives.ptr, reading.archives.len, sizeof(*reading.archives.ptr),
		      compare_archives);
	ret->count = reading.archives.len;
	ret->limit = reading.limit;
	ret->archives = arena_copy(arena, reading.archives.ptr,
				   reading.archives.len * sizeof(*reading.archives.ptr));
	vec_release(&reading.archives);
	map_release(&reading.by_name);
	map_release(&reading.members);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t link_flags_read(struct slice text, struct arena *arena, const char *const **ret,
		       bool *ret_limit)
{
	VEC(const char *) names = {0};
	const char **copy;
	struct slice word;
	size_t count = 0;

	*ret_limit = false;
	while (slice_token(&text, " \t\r\n'\"=", &word)) {
		if (word.len <= 2 || !slice_starts_with(word, "-l"))
			continue;
		if (word.len <= BUDGET_MODULE_TEXT && names.len < BUDGET_MAP_MEMBERS)
			vec_push(&names, arena_slice(arena, slice_of(word.ptr + 2, word.len - 2)));
		else
			*ret_limit = true;
	}
	if (names.len)
		qsort(names.ptr, names.len, sizeof(*names.ptr), compare_texts);
	copy = arena_alloc_array(arena, names.len + 1, sizeof(*copy));
	for (size_t i = 0; i < names.len; i++)
		if (!i || strcmp(names.ptr[i], names.ptr[i - 1]) != 0)
			copy[count++] = names.ptr[i];
	vec_release(&names);
	*ret = copy;
	return count;
}
