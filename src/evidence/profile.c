/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/profile.h"

#include <stdlib.h>
#include <string.h>

/* Entries whose value is kept: all else are places and sizes of tables, which tools move. */
static const struct {
	int64_t tag;
	const char *text;
} known_tags[] = {
    {DT_NEEDED, "NEEDED"},
    {DT_SONAME, "SONAME"},
    {DT_RPATH, "RPATH"},
    {DT_RUNPATH, "RUNPATH"},
    {DT_AUXILIARY, "AUXILIARY"},
    {DT_FILTER, "FILTER"},
    {DT_AUDIT, "AUDIT"},
    {DT_DEPAUDIT, "DEPAUDIT"},
    {DT_CONFIG, "CONFIG"},
    {DT_FLAGS, "FLAGS"},
    {DT_FLAGS_1, "FLAGS_1"},
    {DT_INIT, "INIT"},
    {DT_FINI, "FINI"},
    {DT_INIT_ARRAY, "INIT_ARRAY"},
    {DT_INIT_ARRAYSZ, "INIT_ARRAYSZ"},
    {DT_FINI_ARRAY, "FINI_ARRAY"},
    {DT_FINI_ARRAYSZ, "FINI_ARRAYSZ"},
    {DT_PREINIT_ARRAY, "PREINIT_ARRAY"},
    {DT_PREINIT_ARRAYSZ, "PREINIT_ARRAYSZ"},
    {DT_SYMBOLIC, "SYMBOLIC"},
    {DT_TEXTREL, "TEXTREL"},
    {DT_BIND_NOW, "BIND_NOW"},
};

const char *profile_tag_text(int64_t tag)
{
	for (size_t i = 0; i < sizeof(known_tags) / sizeof(known_tags[0]); i++)
		if (known_tags[i].tag == tag)
			return known_tags[i].text;
	return NULL;
}

static void take_entries(const struct facts *facts, struct arena *arena, struct profile *ret)
{
	ret->entries = arena_alloc_array(arena, facts->dynamic_count + 1, sizeof(*ret->entries));
	for (size_t i = 0; i < facts->dynamic_count; i++) {
		const struct facts_dynamic *from = &facts->dynamic[i];

		if (!profile_tag_text(from->tag))
			continue;
		ret->entries[ret->entry_count++] =
		    (struct profile_entry){from->tag, from->has_text ? 0 : from->value,
					   from->has_text ? facts_text(facts, from->text) : ""};
	}
}

static void take_parts(const struct facts *facts, struct arena *arena, struct profile *ret)
{
	ret->part_count = facts->contents_count;
	ret->parts = arena_alloc_array(arena, ret->part_count + 1, sizeof(*ret->parts));
	for (size_t i = 0; i < ret->part_count; i++) {
		const struct facts_content *from = &facts->contents[i];

		ret->parts[i] = (struct profile_part){.name = facts_text(facts, from->name),
						      .role = from->role,
						      .flags = from->flags,
						      .page_first = from->page_first,
						      .page_count = from->page_count,
						      .offset = from->offset,
						      .address = from->address,
						      .size = from->size};
		memcpy(ret->parts[i].digest, from->digest, sizeof(from->digest));
	}
	ret->pages = facts->pages;
	ret->page_count = facts->pages_count;
}

void profile_of_facts(const struct facts *facts, struct arena *arena, struct profile *ret)
{
	const struct facts_identity *identity = facts->identity;

	ret->elf = true;
	ret->machine = identity->machine;
	ret->elf_type = identity->elf_type;
	ret->elf_class = identity->elf_class;
	ret->encoding = identity->encoding;
	ret->type = identity->type;
	ret->flags = identity->flags;
	ret->entry = identity->entry;
	ret->stack_flags = UINT32_MAX;
	for (size_t i = 0; i < facts->segments_count; i++) {
		if (facts->segments[i].type == PT_GNU_STACK)
			ret->stack_flags = facts->segments[i].flags;
		else if (facts->segments[i].type == PT_TLS)
			ret->thread_size = facts->segments[i].memory_size;
	}
	ret->soname = facts_text(facts, identity->soname);
	ret->build_id = facts_text(facts, identity->build_id);
	ret->interpreter = facts_text(facts, identity->interpreter);
	take_entries(facts, arena, ret);
	take_parts(facts, arena, ret);
	ret->comment_count = facts->comments_count;
	ret->comments = arena_alloc_array(arena, ret->comment_count + 1, sizeof(*ret->comments));
	for (size_t i = 0; i < ret->comment_count; i++)
		ret->comments[i] = facts_text(facts, facts->comments[i]);
}

static int compare_functions(const void *a, const void *b)
{
	const struct profile_function *left = a, *right = b;

	if (left->section != right->section)
		return left->section < right->section ? -1 : 1;
	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return strcmp(left->name, right->name);
}

static size_t between_in(const struct facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->functions_count; i++)
		count += facts->functions[i].sources == FACTS_FUNCTION_GAP;
	return count;
}

void profile_add_functions(const struct facts *facts, struct arena *arena, struct profile *profile)
{
	bool relocatable = facts->identity->type == FACTS_TYPE_RELOCATABLE;

	profile->has_functions = true;
	profile->outlined = !(facts->identity->groups & FACTS_CODE);
	profile->function_count = profile->between_count = 0;
	if (facts->function_details_count)
		profile->targets = facts->targets;
	profile->base = UINT64_MAX;
	for (size_t i = 0; i < facts->segments_count; i++)
		if (facts->segments[i].type == PT_LOAD &&
		    facts->segments[i].address < profile->base)
			profile->base = facts->segments[i].address;
	profile->functions =
	    arena_alloc_array(arena, facts->functions_count + 1, sizeof(*profile->functions));
	profile->between =
	    arena_alloc_array(arena, between_in(facts) + 1, sizeof(*profile->between));
	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *from = &facts->functions[i];
		struct profile_function *to = &profile->functions[profile->function_count];

		/* A begin that was only searched for depends on what else is known of the file:
		 * stripping moves it, and then it answers for the wrong function. */
		if (from->sources == FACTS_FUNCTION_GAP) {
			profile->between[profile->between_count++] =
			    (struct profile_function){.address = from->address,
						      .size = from->size,
						      .name = "",
						      .sources = from->sources,
						      .raw = from->raw};
			continue;
		}
		*to = (struct profile_function){
		    .address = from->address,
		    .size = from->size,
		    .name = facts_text(facts, from->name),
		    .section = relocatable ? from->section : 0,
		    .flags = from->flags,
		    .sources = from->sources,
		    .instructions = from->instructions,
		    .masked = from->masked,
		    .raw = from->raw,
		    .strict = from->strict,
		    .loose = from->loose,
		};
		profile->function_count++;
		if (!facts->function_details_count)
			continue;
		to->shape = facts->function_details[i].shape;
		to->target_first = facts->function_details[i].target_first;
		to->target_count = facts->function_details[i].target_count;
	}
	/* Sections need not stand in the order of their addresses. */
	for (size_t i = 1; i < profile->function_count; i++) {
		if (compare_functions(&profile->functions[i - 1], &profile->functions[i]) <= 0)
			continue;
		qsort(profile->functions, profile->function_count, sizeof(*profile->functions),
		      compare_functions);
		break;
	}
}

bool profile_add_details(const struct facts *facts, const uint32_t *indexes, size_t count,
			 struct profile *profile)
{
	if (facts->functions_count != count || facts->function_details_count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct facts_function *from = &facts->functions[i];
		struct profile_function *to = &profile->functions[indexes[i]];

		if (from->address != to->address || from->size != to->size ||
		    from->raw.low != to->raw.low || from->raw.high != to->raw.high)
			return false;
		to->flags |= from->flags;
		to->instructions = from->instructions;
		to->masked = from->masked;
		to->strict = from->strict;
		to->loose = from->loose;
		to->shape = facts->function_details[i].shape;
	}
	return true;
}
