/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Source files of device code. A name tells the file's name and the CRC-32 of its absolute path; a
 * path that stands in the file itself, or in a directory that does, and has that CRC is proved
 * (fatbin.md 3.2: 112 of 112 units of libtorch_cuda).
 */
#include <stdio.h>
#include <stdlib.h>

#include "binary/device.h"
#include "binary/device_names.h"
#include "util/budget.h"

#define PATH_LIMIT 4096u

void device_sources_note(struct device *device, struct slice name)
{
	struct facts_builder *builder = device->builder;
	struct device_unit unit;
	size_t at = 0;

	while (device_name_unit(name, &at, &unit)) {
		char key[300];
		const struct map_entry *entry;
		int length;

		if (!unit.file.len || unit.file.len > 255)
			continue;
		length = snprintf(key, sizeof(key), "%08x %.*s", unit.crc, (int)unit.file.len,
				  (const char *)unit.file.ptr);
		if (length < 0)
			continue;
		entry = map_get(&device->sources, slice_of(key, (size_t)length));
		if (entry) {
			builder->device_sources.ptr[entry->value].kernels++;
			continue;
		}
		if (builder->device_sources.len >= BUDGET_DEVICE_SOURCES)
			return;
		map_put(&device->sources,
			slice_of(arena_copy(&device->arena, key, (size_t)length), (size_t)length),
			(uint32_t)builder->device_sources.len, NULL);
		vec_push(&builder->device_sources, ((struct facts_device_source){
						       .name = device_text(device, unit.file),
						       .crc = unit.crc,
						       .kernels = 1,
						   }));
	}
}

struct search {
	struct device *device;
	struct map paths;	/* texts of the file that look like absolute paths of sources */
	struct map directories; /* those and the ones above them */
	uint64_t tries;
	size_t open;	 /* sources without a path yet */
	uint64_t passed; /* what was looked through of the file */
};

/* Whether a path ends in the name of the source, in which other characters are '_'. */
static bool fits(struct slice path, struct slice name)
{
	if (path.len <= name.len || path.ptr[path.len - name.len - 1] != '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t byte = path.ptr[path.len - name.len + i];
		bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
			     (byte >= 'A' && byte <= 'Z');

		if ((plain ? byte : '_') != name.ptr[i])
			return false;
	}
	return true;
}

static struct slice source_name(const struct device *device,
				const struct facts_device_source *source)
{
	return slice_of(device->builder->strings.ptr + source->name.offset, source->name.length);
}

static void try_path(struct search *search, struct slice path)
{
	uint32_t crc = device_path_crc(path);

	search->tries++;
	vec_each (source, &search->device->builder->device_sources)
		if (!source->path.length && source->crc == crc &&
		    fits(path, source_name(search->device, source))) {
			source->path = device_text(search->device, path);
			search->open--;
		}
}

static void add_directories(struct search *search, struct slice path)
{
	while (path.len && search->directories.len < BUDGET_DEVICE_PATHS) {
		bool added;

		while (path.len && path.ptr[path.len - 1] != '/')
			path.len--;
		if (!path.len)
			return;
		map_put(&search->directories, path, 0, &added);
		if (!added)
			return;
		path.len--;
	}
}

/* The text around ".cu" that begins behind a NUL with '/' and ends before one. */
static void add_text(struct search *search, size_t at)
{
	struct slice file = search->device->file;
	size_t start = at, end = at;
	bool added;

	while (start && at - start < PATH_LIMIT && file.ptr[start - 1] >= ' ' &&
	       file.ptr[start - 1] < 0x7f)
		start--;
	while (end < file.len && end - at < 16 && file.ptr[end] > ' ' && file.ptr[end] < 0x7f)
		end++;
	if (!start || file.ptr[start - 1] || file.ptr[start] != '/' || end >= file.len ||
	    file.ptr[end] || search->paths.len >= BUDGET_DEVICE_PATHS)
		return;
	map_put(&search->paths, slice_of(file.ptr + start, end - start), 0, &added);
	if (added)
		add_directories(search, slice_of(file.ptr + start, end - start));
}

/* Texts that begin in a range of the file, a step at a time: host code may be most of it. */
static void find_texts_in(struct search *search, size_t at, size_t end)
{
	static const char suffix[] = {'.', 'c', 'u'};
	const struct elf_input *in = search->device->in;
	struct slice file = search->device->file;

	while (at < end) {
		size_t wanted = end - at, step;
		const uint8_t *found;

		/* Two bytes more, for one that begins at the end of the step. */
		step =
		    wanted < ELF_INPUT_STEP ? wanted : (size_t)ELF_INPUT_STEP + sizeof(suffix) - 1;
		step = step < wanted ? step : wanted;
		found = memmem(file.ptr + at, step, suffix, sizeof(suffix));
		if (found)
			add_text(search, (size_t)(found - file.ptr));
		if (found)
			at = (size_t)(found - file.ptr) + sizeof(suffix);
		else
			at += step < wanted ? (size_t)ELF_INPUT_STEP : wanted;
		if (in)
			elf_input_went_to(in, at, &search->passed);
	}
}

/* Images are compressed or hold no such texts: they are stepped over. */
static void find_texts(struct search *search)
{
	struct facts_builder *builder = search->device->builder;
	struct slice file = search->device->file;
	size_t at = 0, container = 0;

	while (at < file.len) {
		size_t end = file.len;

		if (container < builder->device_containers.len)
			end = (size_t)builder->device_containers.ptr[container].offset;
		find_texts_in(search, at, end);
		if (end > at)
			at = end;
		if (container == builder->device_containers.len)
			return;
		end += (size_t)builder->device_containers.ptr[container++].size;
		if (end > at)
			at = end;
	}
}

/* A directory of the file with the file's name: "_cu" at its end stands for ".cu". */
static void try_directories(struct search *search)
{
	struct facts_builder *builder = search->device->builder;
	char path[PATH_LIMIT + 256];

	for (size_t i = 0; i < builder->device_sources.len; i++) {
		struct slice name = source_name(search->device, &builder->device_sources.ptr[i]);

		if (builder->device_sources.ptr[i].path.length || name.len < 4 || name.len > 255 ||
		    memcmp(name.ptr + name.len - 3, "_cu", 3) != 0)
			continue;
		for (size_t j = 0; j < search->directories.len; j++) {
			struct slice directory = search->directories.entries[j].key;

			if (directory.len > PATH_LIMIT || search->tries > BUDGET_DEVICE_TRIES)
				continue;
			memcpy(path, directory.ptr, directory.len);
			memcpy(path + directory.len, name.ptr, name.len);
			path[directory.len + name.len - 3] = '.';
			try_path(search, slice_of(path, directory.len + name.len));
			name = source_name(search->device, &builder->device_sources.ptr[i]);
			if (builder->device_sources.ptr[i].path.length)
				break;
		}
	}
}

static int by_name(const void *left, const void *right)
{
	const struct facts_device_source *a = left, *b = right;

	if (a->crc != b->crc)
		return a->crc < b->crc ? -1 : 1;
	return (a->name.offset > b->name.offset) - (a->name.offset < b->name.offset);
}

void device_sources_prove(struct device *device)
{
	struct search search = {.device = device, .open = device->builder->device_sources.len};

	find_texts(&search);
	for (size_t i = 0; i < search.paths.len && search.open; i++)
		try_path(&search, search.paths.entries[i].key);
	if (search.open)
		try_directories(&search);
	map_release(&search.paths);
	map_release(&search.directories);
	qsort(device->builder->device_sources.ptr, device->builder->device_sources.len,
	      sizeof(*device->builder->device_sources.ptr), by_name);
}
