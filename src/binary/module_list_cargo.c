/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list that cargo-auditable puts into a program (cargo-auditable PARSING.md): JSON, compressed
 * by zlib, in the section .dep-v0. A package of kind "build" ran while the program was made, and is
 * not inside; one whose source is "local", and the root, are what was built.
 */
#include <zlib.h>

#include "binary/module_lists.h"
#include "util/budget.h"

#define DEPTH_MAX 64
/* {"packages":[{ : the depth at which a package's own keys stand. */
#define PACKAGE_DEPTH 3

struct reader {
	struct slice json;
	size_t at;
	unsigned depth;
	bool bad;
	bool of_packages; /* inside the list of that key */
};

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->json.len &&
	       memchr(" \t\r\n,:", reader->json.ptr[reader->at], 6))
		reader->at++;
}

/* A string without its quotes; escapes stay as they are, since no name of a crate has one. */
static struct slice take_string(struct reader *reader)
{
	size_t start = ++reader->at;

	while (reader->at < reader->json.len && reader->json.ptr[reader->at] != '"')
		reader->at += reader->json.ptr[reader->at] == '\\' ? 2 : 1;
	if (reader->at >= reader->json.len) {
		reader->bad = true;
		return slice_of(NULL, 0);
	}
	return slice_of(reader->json.ptr + start, reader->at++ - start);
}

static struct slice take_word(struct reader *reader)
{
	size_t start = reader->at;

	while (reader->at < reader->json.len &&
	       !memchr(" \t\r\n,:{}[]\"", reader->json.ptr[reader->at], 11))
		reader->at++;
	reader->bad |= reader->at == start;
	return slice_of(reader->json.ptr + start, reader->at - start);
}

struct package {
	struct slice name, version;
	bool own, build;
};

static bool flush(struct facts_builder *builder, const struct package *package, uint64_t offset)
{
	struct facts_module module = {
	    .source = FACTS_MODULE_CARGO_LIST, .offset = offset, .count = 1};

	if (!package->name.len || !module_fits(builder, package->name, package->version, offset))
		return true;
	module.name = facts_builder_text(builder, package->name);
	module.version = facts_builder_text(builder, package->version);
	module.flags =
	    (package->own ? FACTS_MODULE_OWN : 0) | (package->build ? FACTS_MODULE_BUILD_ONLY : 0);
	return module_add(builder, &module);
}

static void set(struct package *package, struct slice key, struct slice value)
{
	if (slice_equal_text(key, "name"))
		package->name = value;
	else if (slice_equal_text(key, "version"))
		package->version = value;
	else if (slice_equal_text(key, "source"))
		package->own |= slice_equal_text(value, "local");
	else if (slice_equal_text(key, "kind"))
		package->build = slice_equal_text(value, "build");
	else if (slice_equal_text(key, "root"))
		package->own |= slice_equal_text(value, "true");
}

/* Whether the next thing is a key: a string with a colon behind it. */
static bool colon_follows(const struct reader *reader)
{
	size_t at = reader->at;

	while (at < reader->json.len && memchr(" \t\r\n", reader->json.ptr[at], 4))
		at++;
	return at < reader->json.len && reader->json.ptr[at] == ':';
}

/* The packages of the list, uncompressed. false: it is no such list. */
static bool take_packages(struct facts_builder *builder, struct slice json, uint64_t offset)
{
	struct reader reader = {.json = json};
	struct package package = {0};
	struct slice key = {0}, value;
	bool seen = false;

	for (skip_space(&reader); reader.at < json.len && !reader.bad; skip_space(&reader)) {
		uint8_t byte = json.ptr[reader.at];

		if (byte == '{' || byte == '[') {
			reader.bad = ++reader.depth > DEPTH_MAX;
			if (reader.depth == 2)
				reader.of_packages =
				    byte == '[' && slice_equal_text(key, "packages");
			seen |= reader.depth == 2 && reader.of_packages;
			reader.at++;
			continue;
		}
		if (byte == '}' || byte == ']') {
			reader.bad = !reader.depth;
			if (reader.depth == PACKAGE_DEPTH && reader.of_packages && byte == '}') {
				if (!flush(builder, &package, offset))
					return true;
				package = (struct package){0};
			}
			reader.depth -= reader.depth != 0;
			reader.at++;
			continue;
		}
		value = byte == '"' ? take_string(&reader) : take_word(&reader);
		if (byte == '"' && colon_follows(&reader))
			key = value;
		else if (reader.depth == PACKAGE_DEPTH && reader.of_packages)
			set(&package, key, value);
	}
	return seen && !reader.bad && !reader.depth;
}

/* Uncompressed bytes in memory the caller frees; NULL when it is no zlib stream of bearable size.
 */
static uint8_t *inflate_list(struct slice stored, size_t *ret_size)
{
	size_t room =
	    stored.len < BUDGET_MODULE_LIST / 8 ? stored.len * 8 + 64 : BUDGET_MODULE_LIST;

	for (;; room = room * 4 < BUDGET_MODULE_LIST ? room * 4 : BUDGET_MODULE_LIST) {
		uint8_t *to = memory_calloc(1, room);
		uLongf written = (uLongf)room;
		int result = uncompress(to, &written, stored.ptr, (uLong)stored.len);

		if (result == Z_OK) {
			*ret_size = (size_t)written;
			return to;
		}
		free(to);
		if (result != Z_BUF_ERROR || room >= BUDGET_MODULE_LIST)
			return NULL;
	}
}

void module_list_cargo(struct elf_input *in, struct facts_builder *builder)
{
	struct slice stored;
	uint64_t offset;
	size_t size = 0;
	uint8_t *list;

	if (!module_section(in, builder, ".dep-v0", &stored, &offset))
		return;
	list = inflate_list(stored, &size);
	if (!list || !take_packages(builder, slice_of(list, size), offset))
		facts_builder_diag(builder, DIAG_MODULE_LIST_BAD, offset,
				   "the list of cargo-auditable is damaged or too large");
	free(list);
}
