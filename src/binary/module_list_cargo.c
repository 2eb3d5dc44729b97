/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list that cargo-auditable puts into a program (cargo-auditable PARSING.md): JSON, compressed
 * by zlib, in the section .dep-v0. A package of kind "build" ran while the program was made, and is
 * not inside; one whose source is "local", and the root, are what was built.
 */
#include <zlib.h>

#include "binary/module_lists.h"
#include "util/budget.h"
#include "util/json_read.h"

static bool is(const char *text, const char *other)
{
	return text && strcmp(text, other) == 0;
}

/* false: the budget is used up. */
static bool add_package(struct facts_builder *builder, const char *name, const char *version,
			uint32_t flags, uint64_t offset)
{
	struct slice name_text = slice_text(name ? name : ""),
		     version_text = slice_text(version ? version : "");
	struct facts_module module = {
	    .source = FACTS_MODULE_CARGO_LIST, .offset = offset, .count = 1, .flags = flags};

	if (!name_text.len || !module_fits(builder, name_text, version_text, offset))
		return true;
	module.name = facts_builder_text(builder, name_text);
	module.version = facts_builder_text(builder, version_text);
	return module_add(builder, &module);
}

static bool take_package(struct facts_builder *builder, struct json_read *json, uint64_t offset)
{
	const char *key, *name = NULL, *version = NULL;
	bool own = false, build = false;

	if (!json_read_enter(json, '{'))
		return true;
	while (json_read_key(json, &key)) {
		if (is(key, "name")) {
			name = json_read_text(json);
		} else if (is(key, "version")) {
			version = json_read_text(json);
		} else if (is(key, "source")) {
			own |= is(json_read_text(json), "local");
		} else if (is(key, "kind")) {
			build = is(json_read_text(json), "build");
		} else {
			own |= is(key, "root") && json_read_peek(json) == 't';
			json_read_skip(json);
		}
	}
	return json->bad ||
	       add_package(builder, name, version,
			   (own ? FACTS_MODULE_OWN : 0) | (build ? FACTS_MODULE_BUILD_ONLY : 0),
			   offset);
}

/* The packages of the list, uncompressed. false: it is no such list. */
static bool take_packages(struct facts_builder *builder, struct json_read *json, uint64_t offset)
{
	const char *key;
	bool seen = false;

	if (!json_read_enter(json, '{'))
		return false;
	while (json_read_key(json, &key)) {
		if (!is(key, "packages")) {
			json_read_skip(json);
			continue;
		}
		if (!json_read_enter(json, '['))
			continue;
		seen = true;
		while (json_read_item(json))
			if (!take_package(builder, json, offset))
				return true;
	}
	return seen && !json->bad;
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
	struct json_read json;
	struct slice stored;
	struct arena arena;
	uint64_t offset;
	size_t size = 0;
	uint8_t *list;

	if (!module_section(in, builder, ".dep-v0", &stored, &offset))
		return;
	arena_init(&arena);
	list = inflate_list(stored, &size);
	json = json_read_of(slice_of(list, size), &arena);
	if (!list || !take_packages(builder, &json, offset))
		facts_builder_diag(builder, DIAG_MODULE_LIST_BAD, offset,
				   "the list of cargo-auditable is damaged or too large");
	arena_release(&arena);
	free(list);
}
