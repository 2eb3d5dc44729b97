/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/texts.h"

#include <stdlib.h>
#include <string.h>

#include "util/path.h"

void texts_init(struct texts *texts)
{
	*texts = (struct texts){0};
	arena_init(&texts->arena);
}

void texts_release(struct texts *texts)
{
	vec_release(&texts->files);
	arena_release(&texts->arena);
}

static bool ends_with(struct slice text, const char *suffix)
{
	size_t length = strlen(suffix);

	return text.len >= length && memcmp(text.ptr + text.len - length, suffix, length) == 0;
}

/* Takes the last component off a path; empty at its begin. */
static struct slice take_last(struct slice *path)
{
	size_t start = path->len;
	struct slice name;

	while (start && path->ptr[start - 1] != '/')
		start--;
	name = slice_of(path->ptr + start, path->len - start);
	path->len = start ? start - 1 : 0;
	return name;
}

static bool is_one_of(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_equal_text(name, *names))
			return true;
	return false;
}

/* systemd.unit(5) lists the folders; units of other types start nothing. */
static bool is_unit(struct slice name, struct slice directory)
{
	static const char *const scopes[] = {"system", "user", NULL};
	static const char *const parents[] = {"lib", "etc", "run", "share", ".config", NULL};
	struct slice scope = take_last(&directory);

	if (ends_with(name, ".conf") &&
	    (ends_with(scope, ".service.d") || ends_with(scope, ".socket.d")))
		scope = take_last(&directory);
	else if (!ends_with(name, ".service") && !ends_with(name, ".socket"))
		return false;
	return is_one_of(scope, scopes) && slice_equal_text(take_last(&directory), "systemd") &&
	       is_one_of(take_last(&directory), parents);
}

/* D-Bus specification, "Message bus starting services"; accessibility has a bus of its own. */
static bool is_bus_service(struct slice name, struct slice directory)
{
	static const char *const folders[] = {"services", "system-services",
					      "accessibility-services", NULL};

	return ends_with(name, ".service") && is_one_of(take_last(&directory), folders) &&
	       slice_equal_text(take_last(&directory), "dbus-1");
}

/* PyPA "Recording installed projects"; setuptools' egg-info folders, distutils' egg-info files. */
static bool is_distribution(struct slice name, struct slice directory)
{
	struct slice folder = take_last(&directory);

	if (slice_equal_text(name, "METADATA"))
		return ends_with(folder, ".dist-info");
	if (slice_equal_text(name, "PKG-INFO"))
		return ends_with(folder, ".egg-info") || slice_equal_text(folder, "EGG-INFO");
	return ends_with(name, ".egg-info");
}

unsigned texts_kinds_of_path(const char *path)
{
	struct slice directory = slice_text(path), name = take_last(&directory);
	unsigned kinds = 0;

	if (ends_with(name, ".py"))
		kinds |= TEXT_PYTHON;
	if (ends_with(name, ".desktop"))
		kinds |= TEXT_DESKTOP;
	if (is_unit(name, directory))
		kinds |= TEXT_UNIT;
	if (is_bus_service(name, directory))
		kinds |= TEXT_BUS_SERVICE;
	if (is_distribution(name, directory))
		kinds |= TEXT_DISTRIBUTION;
	return kinds;
}

bool texts_offer(struct texts *texts, const struct walk_file *file)
{
	struct text_file text = {.kinds = texts_kinds_of_path(file->canonical),
				 .executable = (file->file.mode & 0111) != 0};

	if (file->head_length >= 2 && memcmp(file->head, "#!", 2) == 0) {
		const uint8_t *newline = memchr(file->head, '\n', file->head_length);
		/* Zeros behind the end of the file are kept: they end a word for the kernel. */
		size_t length = newline ? (size_t)(newline - file->head) + 1 : WALK_HEAD_SIZE;

		text.kinds |= TEXT_SCRIPT;
		text.start = slice_of(arena_copy(&texts->arena, file->head, length), length);
	}
	if (!text.kinds)
		return false;
	text.path = arena_strdup(&texts->arena, file->canonical);
	vec_push(&texts->files, text);
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	const struct text_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

void texts_finish(struct texts *texts)
{
	size_t kept = 0;

	if (!texts->files.len)
		return;
	qsort(texts->files.ptr, texts->files.len, sizeof(*texts->files.ptr), compare_texts);
	for (size_t i = 1; i < texts->files.len; i++)
		if (strcmp(texts->files.ptr[i].path, texts->files.ptr[kept].path) != 0)
			texts->files.ptr[++kept] = texts->files.ptr[i];
	texts->files.len = kept + 1;
}

const struct text_file *texts_find(const struct texts *texts, const char *path)
{
	const struct text_file key = {.path = path};

	if (!texts->files.len)
		return NULL;
	return bsearch(&key, texts->files.ptr, texts->files.len, sizeof(key), compare_texts);
}
