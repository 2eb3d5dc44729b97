/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list that cargo-auditable puts into a program (cargo-auditable PARSING.md): JSON, compressed
 * by zlib, in the section .dep-v0. A package of kind "build" ran while the program was made, and is
 * not inside; one whose source is "local", and the root, are what was built.
 */
#include "binary/module_lists.h"
#include "util/budget.h"
#include "util/gunzip.h"
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

void module_list_cargo(struct elf_input *in, struct facts_builder *builder)
{
	struct json_read json;
	struct arena arena;
	struct slice list;
	uint64_t offset;

	if (!module_section(in, builder, ".dep-v0", &list, &offset))
		return;
	arena_init(&arena);
	if (inflate_text(&list, BUDGET_MODULE_LIST, &arena) != STATUS_OK)
		list = (struct slice){0};
	json = json_read_of(list, &arena);
	if (!list.len || !take_packages(builder, &json, offset))
		facts_builder_diag(builder, DIAG_MODULE_LIST_BAD, offset,
				   "the list of cargo-auditable is damaged or too large");
	arena_release(&arena);
}
