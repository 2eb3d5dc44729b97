/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/wheel_record.h"

#include <string.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

struct check {
	const struct listing *listing;
	struct arena *arena;
	const char *top; /* directory that the paths of RECORD start from */
	struct map named;
	VEC(const char *) texts;
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), other = strlen(end);

	return length >= other && strcmp(text + length - other, end) == 0;
}

bool wheel_record_is(const char *path)
{
	return ends_with(path, ".dist-info/RECORD");
}

/*
 * One field of a line of comma-separated values: plain, or in quotation marks of which two stand
 * for one. false behind the last.
 */
static bool take_field(struct slice *rest, struct arena *arena, char **ret)
{
	size_t at = 0, used = 0;
	bool quoted = rest->len && rest->ptr[0] == '"';
	char *text;

	if (!rest->ptr)
		return false;
	text = arena_alloc(arena, rest->len + 1);
	for (at = quoted; at < rest->len; at++) {
		if (quoted && rest->ptr[at] == '"') {
			if (at + 1 < rest->len && rest->ptr[at + 1] == '"')
				at++;
			else
				quoted = false;
			if (!quoted)
				continue;
		} else if (!quoted && rest->ptr[at] == ',') {
			break;
		}
		text[used++] = (char)rest->ptr[at];
	}
	*rest =
	    at < rest->len ? slice_of(rest->ptr + at + 1, rest->len - at - 1) : slice_of(NULL, 0);
	*ret = text;
	return true;
}

static void encode(const struct digest *digest, char ret[static 44])
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned count = 0;
	size_t used = 0;

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		bits = bits << 8 | digest->bytes[i];
		count += 8;
		while (count >= 6) {
			count -= 6;
			ret[used++] = letters[bits >> count & 63];
		}
	}
	if (count)
		ret[used++] = letters[bits << (6 - count) & 63];
	ret[used] = '\0';
}

static void tell(struct check *check, const char *path, const char *what)
{
	vec_push(&check->texts, arena_printf(check->arena, "%s %s", path, what));
}

static void check_line(struct check *check, struct slice line)
{
	const struct listing_file *file;
	char *path, *hash, wanted[44];
	const char *full;

	if (!take_field(&line, check->arena, &path) || !*path)
		return;
	if (!take_field(&line, check->arena, &hash))
		hash = path + strlen(path);
	full = path_absolute(check->arena, check->top, path);
	map_put(&check->named, slice_text(full), 1, NULL);
	file = listing_find(check->listing, full);
	if (!file) {
		/* Compiled files are made where it is installed; scripts lie outside the tree. */
		if (!ends_with(path, ".pyc") && strncmp(path, "../", 3) != 0)
			tell(check, path, "is missing");
		return;
	}
	if (!*hash)
		return;
	encode(&file->sha256, wanted);
	if (strncmp(hash, "sha256=", 7) != 0)
		tell(check, path, "has a hash of another kind, which is not checked");
	else if (strcmp(hash + 7, wanted) != 0)
		tell(check, path, "has another hash");
}

static void find_strangers(struct check *check)
{
	size_t records = 0;

	vec_each (file, &check->listing->files)
		records += wheel_record_is(file->path);
	vec_each (file, &check->listing->files) {
		const char *path = file->path;

		if (records != 1 || !path_is_below(path, check->top) ||
		    map_get(&check->named, slice_text(path)) ||
		    ends_with(path, ".dist-info/RECORD.jws") ||
		    ends_with(path, ".dist-info/RECORD.p7s") || ends_with(path, ".pyc"))
			continue;
		path += strlen(check->top);
		tell(check, *path == '/' ? path + 1 : path, "is not in it");
	}
}

enum status wheel_record_check(const struct listing *listing, struct root *root, const char *path,
			       struct arena *arena, const char ***ret_texts, size_t *ret_count)
{
	struct check check = {.listing = listing, .arena = arena};
	struct slice text, line;
	enum status status = root_read(root, path, BUDGET_SOURCE_FILE, arena, &text);

	if (status != STATUS_OK)
		return status;
	check.top = path_directory(arena, path_directory(arena, path));
	while (slice_line(&text, &line))
		check_line(&check, line);
	find_strangers(&check);
	*ret_count = check.texts.len;
	*ret_texts = arena_copy(arena, check.texts.ptr, check.texts.len * sizeof(*check.texts.ptr));
	vec_release(&check.texts);
	map_release(&check.named);
	return STATUS_OK;
}
