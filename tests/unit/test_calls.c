/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of call recovery: texts with holes, value sets, the table, and the check of records. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "binary/calls.h"
#include "binary/code_text.h"
#include "binary/code_value.h"
#include "binary/facts_builder.h"

static void check_pattern(const char *text, size_t length, bool named, const char *expected)
{
	struct code_buffer buffer;

	code_text_pattern(slice_of(text, length), named, &buffer);
	assert_int_equal(buffer.len, strlen(expected));
	assert_memory_equal(buffer.bytes, expected, buffer.len);
}

static void patterns_write_holes_as_formats(void **state)
{
	struct code_buffer buffer = {.len = 0};

	(void)state;
	/* Without holes a text means itself, per cent signs and all. */
	check_pattern("100%s", 5, false, "100%s");
	code_buffer_add(&buffer, slice_text("50%/"));
	code_buffer_parameter(&buffer, HOLE_PARAMETER, 1);
	code_buffer_byte(&buffer, HOLE_NUMBER);
	code_buffer_field(&buffer, 3, 70000);
	check_pattern((const char *)buffer.bytes, buffer.len, true, "50%%/%{1}%d%{3+70000}");
	check_pattern((const char *)buffer.bytes, buffer.len, false, "50%%/%s%d%s");
	assert_int_equal(code_text_parameter(code_buffer_slice(&buffer)), 1);
	assert_false(code_text_is_parameter(code_buffer_slice(&buffer)));
	assert_true(code_text_has_literal(code_buffer_slice(&buffer)));
}

static void one_hole_is_a_parameter(void **state)
{
	struct code_buffer buffer = {.len = 0};

	(void)state;
	code_buffer_parameter(&buffer, HOLE_PARAMETER, 0);
	assert_true(code_text_is_parameter(code_buffer_slice(&buffer)));
	assert_false(code_text_has_literal(code_buffer_slice(&buffer)));
	code_buffer_byte(&buffer, '/');
	assert_false(code_text_is_parameter(code_buffer_slice(&buffer)));
	assert_int_equal(code_text_parameter(slice_of("", 0)), -1);
}

static void a_full_buffer_says_so(void **state)
{
	struct code_buffer buffer = {.len = 0};

	(void)state;
	for (int i = 0; i < 5000; i++)
		code_buffer_byte(&buffer, 'x');
	assert_true(buffer.full);
	assert_int_equal(buffer.len, sizeof(buffer.bytes));
}

struct world {
	struct arena arena;
	struct code_values values;
};

static void open_world(struct world *world)
{
	arena_init(&world->arena);
	code_values_init(&world->values, &world->arena);
}

static void close_world(struct world *world)
{
	code_values_release(&world->values);
	arena_release(&world->arena);
}

static const struct code_atom *only(const struct world *world, code_value value)
{
	const struct code_atom *atom = code_value_single(&world->values, value);

	assert_non_null(atom);
	return atom;
}

static void joins_are_sets(void **state)
{
	struct world world;
	struct code_values *values = &world.values;
	code_value a, b, all = CODE_VALUE_NONE;

	(void)state;
	open_world(&world);
	a = code_value_constant(values, 1);
	b = code_value_constant(values, 2);
	assert_int_equal(code_value_join(values, a, b), code_value_join(values, b, a));
	assert_int_equal(code_value_join(values, a, a), a);
	assert_int_equal(code_value_join(values, a, CODE_VALUE_NONE), a);
	/* More possibilities than are kept are said to be more. */
	for (uint64_t i = 0; i < 2 * CODE_VALUE_ATOMS; i++)
		all = code_value_join(values, all, code_value_constant(values, i * i));
	assert_int_equal(code_value_set(values, all).count, CODE_VALUE_ATOMS + 1);
	close_world(&world);
}

static void counting_makes_arrays(void **state)
{
	struct world world;
	struct code_values *values = &world.values;
	code_value start, table, twice, thrice;

	(void)state;
	open_world(&world);
	start = code_value_constant(values, 0);
	start = code_value_count(values, start, 1, 0x1000, 8);
	twice = code_value_add(values, start, start, 8);
	thrice = code_value_add(values, twice, start, 8);
	table = code_value_add(values, code_value_constant(values, 0x5000),
			       code_value_scale(values, thrice, 8), 8);
	assert_int_equal(only(&world, table)->kind, ATOM_ARRAY);
	assert_int_equal(only(&world, table)->a, 0x5000);
	assert_int_equal(only(&world, table)->b, 24);
	/* The first element is one of the array's. */
	assert_int_equal(code_value_join(values, table, code_value_constant(values, 0x5000)),
			 table);
	close_world(&world);
}

static void merges_are_no_loops(void **state)
{
	struct world world;
	struct code_values *values = &world.values;
	code_value merged = CODE_VALUE_NONE, moved;

	(void)state;
	open_world(&world);
	/* Names that lie next to each other stay names, however often paths meet. */
	for (uint64_t i = 0; i < 8; i++)
		merged = code_value_widen(values, merged,
					  code_value_constant(values, 0x2000 + 8 * i), false);
	assert_int_equal(code_value_set(values, merged).count, 8);
	/* An address that is added to again and again does not. */
	moved = code_value_constant(values, 0x3000);
	merged = moved;
	for (int i = 0; i < 8; i++) {
		moved = code_value_moved(
		    values, code_value_add(values, moved, code_value_constant(values, 16), 8));
		merged = code_value_widen(values, merged, moved, false);
	}
	assert_int_equal(only(&world, merged)->kind, ATOM_ARRAY);
	assert_int_equal(only(&world, merged)->a, 0x3000);
	assert_int_equal(only(&world, merged)->b, 16);
	close_world(&world);
}

static void the_table_knows_names(void **state)
{
	const struct call_row *row = call_row_find(slice_text("posix_spawnp"));

	(void)state;
	assert_true(call_row_makes_edge(row));
	assert_int_equal(row->kind, FACTS_CALL_EXEC_SEARCH);
	assert_int_equal(row->argument, 1);
	assert_false(call_row_makes_edge(call_row_find(slice_text("snprintf"))));
	assert_null(call_row_find(slice_text("my_own_function")));
	assert_int_equal(call_row_find(slice_text("_ZSt20__throw_out_of_rangePKc"))->effect,
			 EFFECT_STOP);
}

/* A record with one site and one value, changed by the caller before it is finished. */
static enum status open_record(void (*change)(struct facts_builder *builder))
{
	struct facts_builder builder;
	struct facts facts;
	uint8_t *record;
	size_t size;
	enum status status;

	facts_builder_init(&builder);
	vec_push(&builder.identity, (struct facts_identity){0});
	vec_push(&builder.call_sites, ((struct facts_call_site){.value_count = 1}));
	vec_push(&builder.call_values, ((struct facts_call_value){
					   .text = facts_builder_text(&builder, slice_text("x"))}));
	vec_push(&builder.call_summaries, (struct facts_call_summary){0});
	vec_push(&builder.call_constants, (struct facts_call_constant){0});
	vec_push(&builder.code_coverage, (struct facts_code_coverage){0});
	if (change)
		change(&builder);
	assert_int_equal(facts_builder_finish(&builder, &record, &size), STATUS_OK);
	facts_builder_release(&builder);
	status = facts_open(slice_of(record, size), &facts);
	free(record);
	return status;
}

static void too_many_values(struct facts_builder *builder)
{
	builder->call_sites.ptr->value_count = 2;
}

static void values_that_wrap(struct facts_builder *builder)
{
	builder->call_sites.ptr->value_first = UINT32_MAX;
}

static void unknown_kind(struct facts_builder *builder)
{
	builder->call_sites.ptr->kind = FACTS_CALL_KIND_COUNT;
}

static void unknown_source(struct facts_builder *builder)
{
	builder->call_values.ptr->source = FACTS_VALUE_SOURCE_COUNT;
}

static void unknown_role(struct facts_builder *builder)
{
	builder->call_values.ptr->role = FACTS_ROLE_FAMILY + 1;
}

static void text_outside(struct facts_builder *builder)
{
	builder->call_constants.ptr->text.offset = 1000;
}

static void summary_outside(struct facts_builder *builder)
{
	builder->call_summaries.ptr->pattern.length = 1000;
}

static void two_coverages(struct facts_builder *builder)
{
	vec_push(&builder->code_coverage, (struct facts_code_coverage){0});
}

static void hostile_records_are_refused(void **state)
{
	void (*const changes[])(struct facts_builder *) = {
	    too_many_values, values_that_wrap, unknown_kind,	unknown_source,
	    unknown_role,    text_outside,     summary_outside, two_coverages};

	(void)state;
	assert_int_equal(open_record(NULL), STATUS_OK);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		assert_int_equal(open_record(changes[i]), STATUS_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_write_holes_as_formats),
	    cmocka_unit_test(one_hole_is_a_parameter),
	    cmocka_unit_test(a_full_buffer_says_so),
	    cmocka_unit_test(joins_are_sets),
	    cmocka_unit_test(counting_makes_arrays),
	    cmocka_unit_test(merges_are_no_loops),
	    cmocka_unit_test(the_table_knows_names),
	    cmocka_unit_test(hostile_records_are_refused),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
