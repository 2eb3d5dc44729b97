/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First where functions are and what bytes they hold, of both sides at once; then instructions, of
 * those that differ where nothing has moved, else of all.
 */
#include "scan/verify_code.h"

#define GROUPS_ALL (FACTS_CODE | FACTS_TARGETS)

static void ask(struct verify_code *code, uint32_t groups)
{
	if (code->side)
		side_facts_ask_code(code->side, code->path, groups, code->parts, &code->records[0]);
}

static bool take(struct verify_code *code, struct arena *arena)
{
	const struct facts *record;

	if (!code->side)
		return true;
	record = side_facts_take(&code->records[0]);
	if (record)
		profile_add_functions(record, arena, code->writable);
	return record != NULL;
}

/* Both sides are read at once, by one worker each. */
static bool read_both(struct verify_code *left, struct verify_code *right, uint32_t groups,
		      struct arena *arena)
{
	bool ok;

	verify_code_release(left);
	verify_code_release(right);
	ask(left, groups);
	ask(right, groups);
	ok = take(left, arena);
	return take(right, arena) && ok;
}

static void ask_details(struct verify_code *code, const uint32_t *indexes, size_t count,
			struct arena *arena)
{
	struct facts_range *ranges = arena_alloc_array(arena, count + 1, sizeof(*ranges));

	for (size_t i = 0; i < count; i++) {
		const struct profile_function *function = &code->profile->functions[indexes[i]];

		ranges[i] =
		    (struct facts_range){.address = function->address, .size = function->size};
	}
	if (code->side && count)
		side_facts_select(code->side, code->path, ranges, count, &code->records[1]);
}

static bool take_details(struct verify_code *code, const uint32_t *indexes, size_t count)
{
	const struct facts *record;

	if (!code->side || !count)
		return true;
	record = side_facts_take(&code->records[1]);
	return record && profile_add_details(record, indexes, count, code->writable);
}

static bool read_strangers(struct verify_code *left, struct verify_code *right,
			   const struct verify_strangers *strangers, struct arena *arena)
{
	bool ok;

	ask_details(left, strangers->left, strangers->left_count, arena);
	ask_details(right, strangers->right, strangers->right_count, arena);
	ok = take_details(left, strangers->left, strangers->left_count);
	return take_details(right, strangers->right, strangers->right_count) && ok;
}

/* False when it takes more than outlines; *ret_read is false when these could not be read. */
static bool compare_outlines(struct verify_code *left, struct verify_code *right,
			     struct arena *arena, struct verify_file *file, bool *ret_read)
{
	struct verify_strangers strangers;

	*ret_read = true;
	if (!verify_stays_in_place(left->profile, right->profile))
		return false;
	*ret_read = read_both(left, right, FACTS_OUTLINE, arena);
	if (!*ret_read || !verify_outline(left->profile, right->profile, arena, &strangers))
		return false;
	*ret_read = read_strangers(left, right, &strangers, arena);
	return *ret_read && verify_functions(left->profile, right->profile, arena, file);
}

bool verify_code(struct verify_code *left, struct verify_code *right, struct arena *arena,
		 struct verify_file *file)
{
	bool read;

	if (compare_outlines(left, right, arena, file, &read))
		return true;
	return read && read_both(left, right, GROUPS_ALL, arena) &&
	       verify_functions(left->profile, right->profile, arena, file);
}

void verify_code_release(struct verify_code *code)
{
	for (size_t i = 0; i < sizeof(code->records) / sizeof(code->records[0]); i++)
		side_facts_free(&code->records[i]);
}
