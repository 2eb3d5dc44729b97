/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes into a segment, collected; index_writer.c puts it in order. */
#include "evidence/index_builder.h"

#include <stdlib.h>
#include <string.h>

#include "evidence/index_builder_data.h"
#include "evidence/index_format.h"

struct index_builder *index_builder_new(void)
{
	struct index_builder *builder = memory_calloc(1, sizeof(*builder));

	arena_init(&builder->arena);
	map_put(&builder->names, slice_of("", 0), 0, NULL);
	map_put(&builder->texts, slice_of("", 0), 0, NULL);
	return builder;
}

void index_builder_free(struct index_builder *builder)
{
	if (!builder)
		return;
	vec_release(&builder->components);
	vec_release(&builder->origins);
	vec_release(&builder->members);
	vec_release(&builder->functions);
	vec_release(&builder->literals);
	vec_release(&builder->build_ids);
	map_release(&builder->names);
	map_release(&builder->texts);
	map_release(&builder->components_by_name);
	map_release(&builder->origins_by_texts);
	arena_release(&builder->arena);
	free(builder);
}

/* The number of a text in a map that keeps one copy of each. */
static uint32_t intern(struct index_builder *builder, struct map *map, struct slice text)
{
	const struct map_entry *entry = map_get(map, text);
	struct slice kept;

	if (entry)
		return entry->value;
	kept = slice_of(arena_copy(&builder->arena, text.ptr, text.len), text.len);
	return map_put(map, kept, (uint32_t)map->len, NULL)->value;
}

static uint32_t intern_text(struct index_builder *builder, const char *text)
{
	return intern(builder, &builder->texts, slice_text(text ? text : ""));
}

static uint32_t add_component(struct index_builder *builder, const char *name,
			      enum index_class class)
{
	uint32_t text = intern_text(builder, name);
	struct slice key = builder->texts.entries[text].key;
	bool added;
	uint32_t number =
	    map_put(&builder->components_by_name, key, (uint32_t)builder->components.len, &added)
		->value;

	if (added)
		vec_push(&builder->components, ((struct builder_component){text, class}));
	else if (class > builder->components.ptr[number].class)
		builder->components.ptr[number].class = class;
	return number;
}

bool index_builder_add_origin(struct index_builder *builder,
			      const struct index_builder_origin *origin, uint32_t *ret_origin)
{
	struct builder_origin added = {
	    .component = add_component(builder, origin->component, origin->class),
	    .machine = origin->machine,
	    .texts = {intern_text(builder, origin->version), intern_text(builder, origin->licence),
		      intern_text(builder, origin->source),
		      intern_text(builder, origin->source_version),
		      intern_text(builder, origin->package),
		      intern_text(builder, origin->distribution),
		      intern_text(builder, origin->path), intern_text(builder, origin->carrier)},
	};
	const struct builder_origin *kept = arena_copy(&builder->arena, &added, sizeof(added));
	bool is_new;

	*ret_origin = map_put(&builder->origins_by_texts, slice_of(kept, sizeof(*kept)),
			      (uint32_t)builder->origins.len, &is_new)
			  ->value;
	if (is_new)
		vec_push(&builder->origins, added);
	return is_new;
}

uint32_t index_builder_add_member(struct index_builder *builder, uint32_t origin, const char *name)
{
	vec_push(&builder->members,
		 ((struct builder_member){.origin = origin, .name = intern_text(builder, name)}));
	return (uint32_t)builder->members.len - 1;
}

void index_builder_add(struct index_builder *builder, uint32_t member,
		       const struct index_builder_function *function)
{
	struct slice name = function->name;
	uint32_t instructions = function->instructions < INDEX_INSTRUCTIONS_MAX
				    ? function->instructions
				    : INDEX_INSTRUCTIONS_MAX;
	struct builder_function added = {
	    .key = function->key,
	    .strict = function->strict,
	    .member = member,
	    .size = function->size < UINT32_MAX ? (uint32_t)function->size : UINT32_MAX,
	    .instructions_and_flags = instructions | function->flags << 24,
	};

	if (name.len >= INDEX_NAME_SIZE)
		name.len = INDEX_NAME_SIZE - 1;
	added.name = intern(builder, &builder->names, name);
	vec_push(&builder->functions, added);
}

void index_builder_add_literal(struct index_builder *builder, uint32_t member, uint64_t key)
{
	vec_push(&builder->literals, ((struct builder_literal){key, member, 0}));
}

void index_builder_add_build_id(struct index_builder *builder, uint32_t member, const char *id)
{
	if (index_build_id_eligible(id))
		vec_push(&builder->build_ids,
			 ((struct builder_build_id){intern_text(builder, id), member}));
}

static uint32_t index_flags(const struct facts_function *function, struct slice name)
{
	uint32_t flags = 0;

	if (function->flags & FACTS_FUNCTION_WEAK)
		flags |= INDEX_FUNCTION_WEAK;
	if (function->flags & FACTS_FUNCTION_LOCAL)
		flags |= INDEX_FUNCTION_LOCAL;
	if (function->flags & FACTS_FUNCTION_FRAGMENT)
		flags |= INDEX_FUNCTION_FRAGMENT;
	if (function->flags & FACTS_FUNCTION_MASKED_BYTES)
		flags |= INDEX_FUNCTION_MASKED;
	if (index_name_is_header_only(name, function->flags & FACTS_FUNCTION_WEAK))
		flags |= INDEX_FUNCTION_HEADER_ONLY;
	return flags;
}

uint32_t index_builder_add_facts(struct index_builder *builder, uint32_t member,
				 const struct facts *facts)
{
	uint32_t count = 0;

	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];
		struct index_builder_function added = {
		    .key = function->loose.low,
		    .strict = index_strict_of(&function->strict),
		    .size = function->size,
		    .instructions = function->instructions,
		    .name = facts_slice(facts, function->name),
		};

		if (!index_eligible(function, facts->identity->machine))
			continue;
		added.flags = index_flags(function, added.name);
		index_builder_add(builder, member, &added);
		count++;
	}
	for (size_t i = 0; i < facts->literals_count; i++)
		index_builder_add_literal(builder, member, facts->literals[i].key);
	index_builder_add_build_id(builder, member, index_build_id_of(facts));
	return count;
}

bool index_name_is_header_only(struct slice name, bool weak)
{
	/* Mangled beginnings (Itanium C++ ABI 5.1) of namespaces of templates, and of such as have
	 * compiled code too. */
	static const struct {
		const char *namespace;
		bool only_weak;
	} rules[] = {{"St", false},	    {"Ss", false},	 {"Sa", false},	   {"Sb", false},
		     {"9__gnu_cxx", false}, {"5Eigen", false},	 {"3fmt", true},   {"5boost", true},
		     {"4absl", true},	    {"8nlohmann", true}, {"6spdlog", true}};
	static const char *const prefixes[] = {"_ZNK", "_ZN", "_Z"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);
		struct slice rest;

		if (!slice_starts_with(name, prefixes[i]))
			continue;
		rest = slice_of(name.ptr + length, name.len - length);
		for (size_t j = 0; j < sizeof(rules) / sizeof(rules[0]); j++)
			if (slice_starts_with(rest, rules[j].namespace))
				return weak || !rules[j].only_weak;
	}
	return false;
}
