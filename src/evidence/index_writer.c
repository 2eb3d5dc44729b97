/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts what a builder has collected into its one order; index_file.c writes it. */
#include <stdlib.h>
#include <string.h>

#include "evidence/index_builder_data.h"
#include "evidence/index_file.h"
#include "util/memory.h"

_Static_assert(sizeof(struct index_disk_origin) == (4 + BUILDER_ORIGIN_TEXTS) * sizeof(uint32_t),
	       "texts are copied as a block");

/* Places in the order of the file. */
struct writer {
	const struct index_builder *builder;
	uint32_t *component_places, *origin_places, *member_places, *name_places;
	uint32_t *text_offsets; /* of each text in STRINGS */
	uint32_t *member_components;
	struct index_file file;
};

static void *append(struct index_file_section *section, size_t size)
{
	size_t wanted = section->bytes.len + size;

	/* Nothing has no place to be at: there is one before it is pointed to. */
	if (wanted > section->bytes.cap || !section->bytes.ptr) {
		section->bytes.cap = wanted < 4096 ? 4096 : wanted + wanted / 2;
		section->bytes.ptr =
		    memory_realloc_array(section->bytes.ptr, section->bytes.cap, 1);
	}
	section->bytes.len = wanted;
	return section->bytes.ptr + wanted - size;
}

static void append_number(struct index_file_section *section, uint32_t number)
{
	memcpy(append(section, sizeof(number)), &number, sizeof(number));
}

/* ---- the order of things ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static struct slice text_at(const struct map *map, uint32_t number)
{
	return map->entries[number].key;
}

static int compare_texts(const void *a, const void *b, void *context)
{
	const struct map *map = context;

	return slice_compare(text_at(map, *(const uint32_t *)a),
			     text_at(map, *(const uint32_t *)b));
}

/* By component, then by all texts; equal ones do not exist. */
static int compare_origins(const void *a, const void *b, void *context)
{
	const struct writer *writer = context;
	const struct index_builder *builder = writer->builder;
	const struct builder_origin *left = &builder->origins.ptr[*(const uint32_t *)a];
	const struct builder_origin *right = &builder->origins.ptr[*(const uint32_t *)b];
	int order = compare_numbers(writer->component_places[left->component],
				    writer->component_places[right->component]);

	for (size_t i = 0; i < BUILDER_ORIGIN_TEXTS && !order; i++)
		order = slice_compare(text_at(&builder->texts, left->texts[i]),
				      text_at(&builder->texts, right->texts[i]));
	return order ? order : compare_numbers(left->machine, right->machine);
}

static int compare_components(const void *a, const void *b, void *context)
{
	const struct index_builder *builder = context;

	return slice_compare(
	    text_at(&builder->texts, builder->components.ptr[*(const uint32_t *)a].name),
	    text_at(&builder->texts, builder->components.ptr[*(const uint32_t *)b].name));
}

/* By origin; those of one origin as they were added. */
static int compare_members(const void *a, const void *b, void *context)
{
	const struct writer *writer = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order =
	    compare_numbers(writer->origin_places[writer->builder->members.ptr[left].origin],
			    writer->origin_places[writer->builder->members.ptr[right].origin]);

	return order ? order : compare_numbers(left, right);
}

/* Numbers 0 to count in the order that compare says; the caller frees it. */
static uint32_t *sorted(size_t count, int (*compare)(const void *, const void *, void *),
			void *context)
{
	uint32_t *order = memory_calloc(count + 1, sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	if (count)
		qsort_r(order, count, sizeof(*order), compare, context);
	return order;
}

/* What stands where, of what is where. */
static uint32_t *invert(const uint32_t *order, size_t count)
{
	uint32_t *places = memory_calloc(count + 1, sizeof(*places));

	for (size_t i = 0; i < count; i++)
		places[order[i]] = (uint32_t)i;
	return places;
}

/* ---- texts and names ---- */

static void write_texts(struct writer *writer)
{
	struct index_file_section *section = &writer->file.sections[INDEX_SECTION_STRINGS];
	struct map *texts = (struct map *)(uintptr_t)&writer->builder->texts;
	uint32_t *order = sorted(texts->len, compare_texts, texts);

	writer->text_offsets = memory_calloc(texts->len, sizeof(*writer->text_offsets));
	for (size_t i = 0; i < texts->len; i++) {
		struct slice text = text_at(texts, order[i]);
		char *to = append(section, text.len + 1);

		writer->text_offsets[order[i]] = (uint32_t)(section->bytes.len - text.len - 1);
		memcpy(to, text.ptr, text.len);
		to[text.len] = 0;
	}
	free(order);
}

static void append_leb128(struct index_file_section *section, size_t number)
{
	for (; number >= 0x80; number >>= 7)
		*(uint8_t *)append(section, 1) = (uint8_t)(number | 0x80);
	*(uint8_t *)append(section, 1) = (uint8_t)number;
}

static size_t shared_length(struct slice a, struct slice b)
{
	size_t length = 0;

	while (length < a.len && length < b.len && a.ptr[length] == b.ptr[length])
		length++;
	return length;
}

static void write_names(struct writer *writer)
{
	struct index_file_section *blocks = &writer->file.sections[INDEX_SECTION_NAME_BLOCKS];
	struct index_file_section *bytes = &writer->file.sections[INDEX_SECTION_NAMES];
	struct map *names = (struct map *)(uintptr_t)&writer->builder->names;
	uint32_t *order = sorted(names->len, compare_texts, names);
	struct slice before = {0};

	writer->file.name_count = (uint32_t)names->len;
	writer->name_places = invert(order, names->len);
	for (size_t i = 0; i < names->len; i++) {
		struct slice name = text_at(names, order[i]);
		size_t shared = shared_length(before, name);

		if (i % INDEX_NAMES_PER_BLOCK == 0) {
			append_number(blocks, (uint32_t)bytes->bytes.len);
			shared = 0;
		}
		append_leb128(bytes, shared);
		append_leb128(bytes, name.len - shared);
		if (name.len > shared)
			memcpy(append(bytes, name.len - shared), name.ptr + shared,
			       name.len - shared);
		before = name;
	}
	append_number(blocks, (uint32_t)bytes->bytes.len);
	free(order);
}

/* ---- functions ---- */

static int compare_functions(const void *a, const void *b, void *context)
{
	const struct writer *writer = context;
	const struct builder_function *left = a, *right = b;
	int order = compare_numbers(left->key, right->key);

	/* Members are in the order of origins, and those in the order of components. */
	if (!order)
		order = compare_numbers(writer->member_places[left->member],
					writer->member_places[right->member]);
	if (!order)
		order = compare_numbers(writer->name_places[left->name],
					writer->name_places[right->name]);
	if (!order)
		order = compare_numbers(left->strict, right->strict);
	if (!order)
		order = compare_numbers(left->size, right->size);
	return order ? order
		     : compare_numbers(left->instructions_and_flags, right->instructions_and_flags);
}

/* Sorts, and drops what one member has twice: a COMDAT group that was met again. */
static size_t sort_functions(struct writer *writer, struct builder_function *functions,
			     size_t count)
{
	size_t kept = 0;

	if (!count)
		return 0;
	qsort_r(functions, count, sizeof(*functions), compare_functions, writer);
	for (size_t i = 1; i < count; i++)
		if (compare_functions(&functions[i], &functions[kept], writer) != 0)
			functions[++kept] = functions[i];
	return kept + 1;
}

static unsigned bits_for(size_t keys)
{
	unsigned bits = 0;

	while (bits < 31 && (UINT64_C(1) << bits) * INDEX_KEYS_PER_BUCKET < keys)
		bits++;
	return bits;
}

static unsigned write_buckets(struct index_file_section *section, const uint64_t *keys,
			      size_t count)
{
	unsigned bits = bits_for(count);
	size_t next = 0;

	for (uint64_t bucket = 0; bucket < UINT64_C(1) << bits; bucket++) {
		append_number(section, (uint32_t)next);
		while (next < count && (!bits || keys[next] >> (64 - bits) == bucket))
			next++;
	}
	append_number(section, (uint32_t)next);
	return bits;
}

/* Adds one run of equal keys, and counts for members what is in it. */
static void write_run(struct writer *writer, const struct builder_function *run, size_t count,
		      struct index_disk_member *members)
{
	struct index_file_section *section = &writer->file.sections[INDEX_SECTION_POSTINGS];
	bool unique = true;

	for (size_t i = 1; i < count; i++)
		unique &= writer->member_components[run[i].member] ==
			  writer->member_components[run[0].member];
	for (size_t i = 0; i < count; i++) {
		uint32_t member = writer->member_places[run[i].member];
		struct index_disk_posting posting = {
		    .member = member,
		    .name = writer->name_places[run[i].name],
		    .strict = run[i].strict,
		    .size = run[i].size,
		    .instructions_and_flags = run[i].instructions_and_flags,
		};

		members[member].functions++;
		members[member].unique += unique;
		members[member].bytes += run[i].size;
		memcpy(append(section, sizeof(posting)), &posting, sizeof(posting));
	}
}

static void write_functions(struct writer *writer, struct index_disk_member *members)
{
	struct builder_function *functions = writer->builder->functions.ptr;
	struct index_file_section *keys = &writer->file.sections[INDEX_SECTION_KEYS];
	struct index_file_section *first = &writer->file.sections[INDEX_SECTION_FIRST];
	size_t count = sort_functions(writer, functions, writer->builder->functions.len), end;

	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && functions[end].key == functions[i].key;)
			end++;
		memcpy(append(keys, sizeof(uint64_t)), &functions[i].key, sizeof(uint64_t));
		append_number(first, (uint32_t)i);
		write_run(writer, functions + i, end - i, members);
	}
	append_number(first, (uint32_t)count);
	writer->file.bucket_bits =
	    write_buckets(&writer->file.sections[INDEX_SECTION_BUCKETS],
			  (const void *)keys->bytes.ptr, keys->bytes.len / sizeof(uint64_t));
}

/* ---- long texts and tables ---- */

static int compare_literals(const void *a, const void *b, void *context)
{
	const struct writer *writer = context;
	const struct builder_literal *left = a, *right = b;
	int order = compare_numbers(left->key, right->key);

	if (order)
		return order;
	if (left->member == INDEX_LITERAL_SHARED || right->member == INDEX_LITERAL_SHARED)
		return compare_numbers(left->member, right->member);
	return compare_numbers(writer->member_places[left->member],
			       writer->member_places[right->member]);
}

/* Whether equal keys, in the order of members, are of several components or of many members. */
static bool is_shared(const struct writer *writer, const struct builder_literal *run, size_t count)
{
	const struct builder_member *members = writer->builder->members.ptr;
	size_t same = 1;

	if (run[count - 1].member == INDEX_LITERAL_SHARED)
		return true;
	for (size_t i = 1; i < count; i++) {
		if (writer->member_components[run[i].member] !=
		    writer->member_components[run[0].member])
			return true;
		if (members[run[i].member].origin != members[run[i - 1].member].origin)
			same = 0;
		if (run[i].member != run[i - 1].member && ++same > INDEX_LITERAL_FILES)
			return true;
	}
	return false;
}

static void append_literal(struct writer *writer, uint64_t key, uint32_t member)
{
	memcpy(append(&writer->file.sections[INDEX_SECTION_LITERAL_KEYS], sizeof(key)), &key,
	       sizeof(key));
	append_number(&writer->file.sections[INDEX_SECTION_LITERAL_MEMBERS], member);
}

static void write_literals(struct writer *writer)
{
	const struct index_file_section *keys = &writer->file.sections[INDEX_SECTION_LITERAL_KEYS];
	size_t member_count = writer->builder->members.len;
	uint32_t *counts = append(&writer->file.sections[INDEX_SECTION_MEMBER_LITERALS],
				  member_count * sizeof(*counts));
	struct builder_literal *list = writer->builder->literals.ptr;
	size_t count = writer->builder->literals.len, end;

	memset(counts, 0, member_count * sizeof(*counts));
	if (count)
		qsort_r(list, count, sizeof(*list), compare_literals, writer);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && list[end].key == list[i].key;)
			end++;
		if (is_shared(writer, &list[i], end - i)) {
			append_literal(writer, list[i].key, INDEX_LITERAL_SHARED);
			continue;
		}
		for (size_t j = i; j < end; j++) {
			uint32_t member = writer->member_places[list[j].member];

			if (j > i && list[j].member == list[j - 1].member)
				continue;
			append_literal(writer, list[i].key, member);
			counts[member]++;
		}
	}
	writer->file.literal_bits =
	    write_buckets(&writer->file.sections[INDEX_SECTION_LITERAL_BUCKETS],
			  (const void *)keys->bytes.ptr, keys->bytes.len / sizeof(uint64_t));
}

/* ---- build-ids ---- */

/* Texts were written in ascending order. */
static int compare_build_ids(const void *a, const void *b, void *context)
{
	const struct writer *writer = context;
	const struct builder_build_id *left = a, *right = b;
	int order =
	    compare_numbers(writer->text_offsets[left->id], writer->text_offsets[right->id]);

	return order ? order
		     : compare_numbers(writer->member_places[left->member],
				       writer->member_places[right->member]);
}

static void write_build_ids(struct writer *writer)
{
	struct index_file_section *section = &writer->file.sections[INDEX_SECTION_BUILD_IDS];
	struct builder_build_id *list = writer->builder->build_ids.ptr;
	size_t count = writer->builder->build_ids.len;

	if (count)
		qsort_r(list, count, sizeof(*list), compare_build_ids, writer);
	for (size_t i = 0; i < count; i++) {
		/* Said twice of one member. */
		if (i && compare_build_ids(&list[i - 1], &list[i], writer) == 0)
			continue;
		append_number(section, writer->text_offsets[list[i].id]);
		append_number(section, writer->member_places[list[i].member]);
	}
}

/* ---- tables ---- */

static void write_components(struct writer *writer, const uint32_t *order)
{
	struct index_file_section *section = &writer->file.sections[INDEX_SECTION_COMPONENTS];
	const struct index_builder *builder = writer->builder;

	for (size_t i = 0; i < builder->components.len; i++) {
		const struct builder_component *from = &builder->components.ptr[order[i]];

		append_number(section, writer->text_offsets[from->name]);
		append_number(section, (uint32_t)from->class);
	}
}

static void write_origins(struct writer *writer, const uint32_t *order,
			  const uint32_t *member_order)
{
	struct index_file_section *section = &writer->file.sections[INDEX_SECTION_ORIGINS];
	const struct index_builder *builder = writer->builder;
	uint32_t next = 0;

	for (size_t i = 0; i < builder->origins.len; i++) {
		const struct builder_origin *from = &builder->origins.ptr[order[i]];
		uint32_t start = next;

		while (next < builder->members.len &&
		       builder->members.ptr[member_order[next]].origin == order[i])
			next++;
		append_number(section, writer->component_places[from->component]);
		append_number(section, start);
		append_number(section, next - start);
		append_number(section, from->machine);
		for (size_t j = 0; j < BUILDER_ORIGIN_TEXTS; j++)
			append_number(section, writer->text_offsets[from->texts[j]]);
	}
}

static void write_tables(struct writer *writer)
{
	struct index_builder *builder = (struct index_builder *)(uintptr_t)writer->builder;
	size_t member_count = builder->members.len;
	uint32_t *components = sorted(builder->components.len, compare_components, builder);
	uint32_t *origins, *members;
	struct index_disk_member *table;

	writer->component_places = invert(components, builder->components.len);
	origins = sorted(builder->origins.len, compare_origins, writer);
	writer->origin_places = invert(origins, builder->origins.len);
	members = sorted(member_count, compare_members, writer);
	writer->member_places = invert(members, member_count);
	write_components(writer, components);
	write_origins(writer, origins, members);
	table =
	    append(&writer->file.sections[INDEX_SECTION_MEMBERS], member_count * sizeof(*table));
	writer->member_components =
	    memory_calloc(member_count + 1, sizeof(*writer->member_components));
	for (size_t i = 0; i < member_count; i++) {
		const struct builder_member *from = &builder->members.ptr[members[i]];

		table[i] = (struct index_disk_member){
		    .origin = writer->origin_places[from->origin],
		    .name = writer->text_offsets[from->name],
		};
		writer->member_components[members[i]] =
		    builder->origins.ptr[from->origin].component;
	}
	write_functions(writer, table);
	write_literals(writer);
	write_build_ids(writer);
	free(components);
	free(origins);
	free(members);
}

enum status index_builder_write(struct index_builder *builder, const char *path)
{
	struct writer writer = {.builder = builder};
	enum status status;

	if (builder->functions.len >= UINT32_MAX || builder->names.len >= UINT32_MAX)
		return STATUS_LIMIT;
	write_texts(&writer);
	write_names(&writer);
	write_tables(&writer);
	status = index_file_write(&writer.file, path);
	for (size_t i = 0; i < INDEX_SECTION_COUNT; i++)
		vec_release(&writer.file.sections[i].bytes);
	free(writer.text_offsets);
	free(writer.component_places);
	free(writer.origin_places);
	free(writer.member_places);
	free(writer.name_places);
	free(writer.member_components);
	return status;
}
