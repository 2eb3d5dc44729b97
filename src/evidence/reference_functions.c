/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of a file in a manifest, column by column: like stands beside like, which
 * compresses. Of a function's fingerprints raw and strict are whole; of loose the lower half, since
 * it claims less. What a function refers to counts only where fingerprints leave something out.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/reference_format.h"
#include "util/map.h"

/* What functions of equal instructions have in common. The size is the loosest of it. */
struct class
{
	uint64_t size, instructions, masked, strict_low, strict_high, loose_low, shape;
};

#define CLASS_BYTES (1 + 1 + 1 + 8 + 8 + 8 + 8)	    /* at least */
#define FUNCTION_BYTES (1 + 1 + 1 + 1 + 1 + 16 + 1) /* at least, and none of references */

struct classes {
	struct class *list;
	uint32_t *of_function;
	size_t count;
};

/* ---- writing ---- */

static void find_classes(const struct profile *profile, struct classes *ret)
{
	struct class *list = memory_calloc(profile->function_count + 1, sizeof(*list));
	struct map map = {0};

	ret->list = list;
	ret->count = 0;
	ret->of_function = memory_calloc(profile->function_count + 1, sizeof(*ret->of_function));
	for (size_t i = 0; i < profile->function_count; i++) {
		const struct profile_function *function = &profile->functions[i];
		bool added;

		list[ret->count] = (struct class){function->size,	 function->instructions,
						  function->masked,	 function->strict.low,
						  function->strict.high, function->loose.low,
						  function->shape};
		ret->of_function[i] = map_put(&map, slice_of(&list[ret->count], sizeof(*list)),
					      (uint32_t)ret->count, &added)
					  ->value;
		ret->count += added;
	}
	map_release(&map);
}

/* A class is numbered when it is met first; what counts is how far back that was. */
static void put_classes(struct reference_body *body, const struct classes *classes,
			size_t functions)
{
	uint32_t met = 0;

	reference_put_kind(body, REFERENCE_INSTRUCTIONS);
	reference_put_number(body, classes->count, 4);
#define COLUMN(field)                               \
	for (size_t i = 0; i < classes->count; i++) \
	reference_put_short(body, classes->list[i].field)
#define HASHES(field)                               \
	for (size_t i = 0; i < classes->count; i++) \
	reference_put_number(body, classes->list[i].field, 8)
	COLUMN(size);
	COLUMN(instructions);
	COLUMN(masked);
	HASHES(strict_low);
	HASHES(strict_high);
	HASHES(loose_low);
	HASHES(shape);
#undef HASHES
#undef COLUMN
	for (size_t i = 0; i < functions; i++) {
		reference_put_short(body, met - classes->of_function[i]);
		met += classes->of_function[i] == met;
	}
}

static uint64_t end_before(const struct profile_function *functions, size_t index)
{
	if (!index || functions[index - 1].section != functions[index].section)
		return 0;
	return functions[index - 1].address + functions[index - 1].size;
}

static void put_places(struct reference_body *body, const struct profile *profile)
{
	const struct profile_function *functions = profile->functions;
	size_t count = profile->function_count;

	reference_put_kind(body, REFERENCE_PLACES);
	for (size_t i = 0; i < count; i++)
		reference_put_short(body, functions[i].section);
	for (size_t i = 0; i < count; i++) {
		uint64_t distance = functions[i].address - end_before(functions, i);

		/* Its sign in the lowest bit: functions of hostile files overlap. */
		reference_put_short(body, distance >> 63 ? ~(distance << 1) : distance << 1);
	}
	for (size_t i = 0; i < count; i++)
		reference_put_short(body, functions[i].flags);
	for (size_t i = 0; i < count; i++)
		reference_put_short(body, functions[i].sources);
}

static void put_hashes(struct reference_body *body, const struct profile *profile)
{
	const struct profile_function *functions = profile->functions;
	size_t count = profile->function_count;

	reference_put_kind(body, REFERENCE_BYTES);
	for (size_t i = 0; i < count; i++) {
		reference_put_number(body, functions[i].raw.low, 8);
		reference_put_number(body, functions[i].raw.high, 8);
	}
	reference_put_kind(body, REFERENCE_TARGETS);
	for (size_t i = 0; i < count; i++)
		if (functions[i].masked)
			reference_put_number(body, functions[i].targets, 8);
	for (size_t i = 0; i < count; i++)
		if (functions[i].masked)
			reference_put_number(body, functions[i].targets_by_class, 8);
}

static void put_between(struct reference_body *body, const struct profile *profile)
{
	uint64_t end = 0;

	reference_put_kind(body, REFERENCE_PLACES);
	reference_put_number(body, profile->between_count, 4);
	for (size_t i = 0; i < profile->between_count; i++) {
		const struct profile_function *piece = &profile->between[i];

		reference_put_short(body, piece->address - end);
		reference_put_short(body, piece->size);
		end = piece->address + piece->size;
	}
	reference_put_kind(body, REFERENCE_BYTES);
	for (size_t i = 0; i < profile->between_count; i++) {
		reference_put_number(body, profile->between[i].raw.low, 8);
		reference_put_number(body, profile->between[i].raw.high, 8);
	}
}

void reference_put_functions(struct reference_body *body, const struct profile *profile)
{
	struct classes classes;

	find_classes(profile, &classes);
	reference_put_kind(body, REFERENCE_PLACES);
	reference_put_number(body, profile->function_count, 4);
	put_classes(body, &classes, profile->function_count);
	put_places(body, profile);
	put_hashes(body, profile);
	reference_put_kind(body, REFERENCE_NAMES);
	for (size_t i = 0; i < profile->function_count; i++)
		reference_put_bytes(body, profile->functions[i].name,
				    strlen(profile->functions[i].name) + 1);
	free(classes.list);
	free(classes.of_function);
	put_between(body, profile);
}

/* ---- reading ---- */

static void take_classes(struct cursor *cursor, struct arena *arena, struct classes *ret)
{
	struct class *list;

	ret->count = reference_take_count(cursor, CLASS_BYTES);
	ret->list = list = arena_alloc_array(arena, ret->count + 1, sizeof(*list));
#define COLUMN(field, take)                     \
	for (size_t i = 0; i < ret->count; i++) \
	list[i].field = take(cursor)
	COLUMN(size, reference_take_short);
	COLUMN(instructions, reference_take_short);
	COLUMN(masked, reference_take_short);
	COLUMN(strict_low, cursor_u64);
	COLUMN(strict_high, cursor_u64);
	COLUMN(loose_low, cursor_u64);
	COLUMN(shape, cursor_u64);
#undef COLUMN
}

static void take_members(struct cursor *cursor, const struct classes *classes,
			 struct profile_function *functions, size_t count)
{
	uint64_t met = 0;

	for (size_t i = 0; i < count && !cursor->bad; i++) {
		uint64_t back = reference_take_short(cursor);
		const struct class *class;

		if (back > met || met - back >= classes->count) {
			cursor->bad = true;
			return;
		}
		class = &classes->list[met - back];
		met += back == 0;
		functions[i].size = class->size;
		functions[i].instructions = (uint32_t) class->instructions;
		functions[i].masked = (uint32_t) class->masked;
		functions[i].strict =
		    (struct facts_fingerprint){class->strict_low, class->strict_high};
		functions[i].loose.low = class->loose_low;
		functions[i].shape = class->shape;
	}
}

static void take_places(struct cursor *cursor, struct profile_function *functions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		functions[i].section = (uint32_t)reference_take_short(cursor);
	for (size_t i = 0; i < count; i++) {
		uint64_t distance = reference_take_short(cursor);

		distance = distance & 1 ? ~(distance >> 1) : distance >> 1;
		functions[i].address = end_before(functions, i) + distance;
	}
	for (size_t i = 0; i < count; i++)
		functions[i].flags = (uint32_t)reference_take_short(cursor);
	for (size_t i = 0; i < count; i++)
		functions[i].sources = (uint32_t)reference_take_short(cursor);
}

static void take_hashes(struct cursor *cursor, struct profile_function *functions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		functions[i].raw.low = cursor_u64(cursor);
		functions[i].raw.high = cursor_u64(cursor);
	}
	for (size_t i = 0; i < count; i++)
		if (functions[i].masked)
			functions[i].targets = cursor_u64(cursor);
	for (size_t i = 0; i < count; i++)
		if (functions[i].masked)
			functions[i].targets_by_class = cursor_u64(cursor);
}

static void take_names(struct cursor *cursor, struct profile_function *functions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = 0;

		functions[i].name = "";
		if (cursor->bad ||
		    !slice_cstr(cursor->in, cursor->pos, &functions[i].name, &length))
			cursor->bad = true;
		cursor_bytes(cursor, length + 1);
	}
}

static void take_between(struct cursor *cursor, struct arena *arena, struct profile *ret)
{
	uint64_t end = 0;

	ret->between_count = reference_take_count(cursor, 1 + 1 + 16);
	ret->between = arena_alloc_array(arena, ret->between_count + 1, sizeof(*ret->between));
	for (size_t i = 0; i < ret->between_count; i++) {
		struct profile_function *piece = &ret->between[i];

		piece->name = "";
		piece->sources = FACTS_FUNCTION_GAP;
		piece->address = end + reference_take_short(cursor);
		piece->size = reference_take_short(cursor);
		end = piece->address + piece->size;
	}
	for (size_t i = 0; i < ret->between_count; i++) {
		ret->between[i].raw.low = cursor_u64(cursor);
		ret->between[i].raw.high = cursor_u64(cursor);
	}
}

void reference_take_functions(struct cursor *cursor, struct arena *arena, struct profile *ret)
{
	size_t count = reference_take_count(cursor, FUNCTION_BYTES);
	struct classes classes;

	ret->functions = arena_alloc_array(arena, count + 1, sizeof(*ret->functions));
	take_classes(cursor, arena, &classes);
	take_members(cursor, &classes, ret->functions, count);
	take_places(cursor, ret->functions, count);
	take_hashes(cursor, ret->functions, count);
	take_names(cursor, ret->functions, count);
	take_between(cursor, arena, ret);
	ret->function_count = count;
	ret->has_functions = true;
}
