/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON emitter: commas, indents, numbers at their limits, and what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "report/json.h"
#include "report_output.h"

struct writer {
	struct output output;
	struct sink sink;
	struct json json;
};

static struct json *begin(struct writer *writer)
{
	output_begin(&writer->output, &writer->sink);
	json_init(&writer->json, &writer->sink);
	return &writer->json;
}

static void expect(struct writer *writer, const char *expected)
{
	assert_true(sink_flush(&writer->sink));
	assert_string_equal(writer->output.text, expected);
	free(writer->output.text);
}

static void empty_containers_stay_on_one_line(void **state)
{
	struct writer writer;
	struct json *json = begin(&writer);

	(void)state;
	json_object_begin(json);
	json_key(json, "none");
	json_array_begin(json);
	json_array_end(json);
	json_key(json, "nothing");
	json_object_begin(json);
	json_object_end(json);
	json_object_end(json);
	json_finish(json);
	expect(&writer, "{\n  \"none\": [],\n  \"nothing\": {}\n}\n");
}

static void values_nest(void **state)
{
	struct writer writer;
	struct json *json = begin(&writer);

	(void)state;
	json_array_begin(json);
	json_string(json, "a");
	json_object_begin(json);
	json_key_bool(json, "yes", true);
	json_key(json, "list");
	json_array_begin(json);
	json_bool(json, false);
	json_null(json);
	json_array_end(json);
	json_key_string(json, "text", NULL);
	json_object_end(json);
	json_array_begin(json);
	json_array_end(json);
	json_array_end(json);
	json_finish(json);
	expect(&writer, "[\n"
			"  \"a\",\n"
			"  {\n"
			"    \"yes\": true,\n"
			"    \"list\": [\n"
			"      false,\n"
			"      null\n"
			"    ],\n"
			"    \"text\": null\n"
			"  },\n"
			"  []\n"
			"]\n");
}

static void numbers_are_whole(void **state)
{
	struct writer writer;
	struct json *json = begin(&writer);

	(void)state;
	json_array_begin(json);
	json_integer(json, INT64_MIN);
	json_integer(json, -1);
	json_integer(json, INT64_MAX);
	json_unsigned(json, 0);
	json_unsigned(json, UINT64_MAX);
	json_array_end(json);
	expect(&writer, "[\n  -9223372036854775808,\n  -1,\n  9223372036854775807,\n  0,\n"
			"  18446744073709551615\n]");
}

static void keys_and_texts_are_escaped(void **state)
{
	struct writer writer;
	struct json *json = begin(&writer);

	(void)state;
	json_object_begin(json);
	json_key_string(json, "a\"b", "\x1b[2J\"}, {\"x\": \xff");
	json_object_end(json);
	expect(&writer, "{\n  \"a\\\"b\": \"\\u001b[2J\\\"}, {\\\"x\\\": \xef\xbf\xbd\"\n}");
}

/* As deep as the emitter goes; one more is no report at all rather than a wrong one. */
static void depth_has_an_end(void **state)
{
	for (unsigned depth = JSON_DEPTH; depth <= JSON_DEPTH + 1; depth++) {
		struct writer writer;
		struct json *json = begin(&writer);

		(void)state;
		for (unsigned i = 0; i < depth; i++)
			json_array_begin(json);
		for (unsigned i = 0; i < depth; i++)
			json_array_end(json);
		assert_int_equal(sink_flush(&writer.sink), depth == JSON_DEPTH);
		if (depth == JSON_DEPTH) {
			size_t brackets = 0;

			for (size_t i = 0; i < writer.output.size; i++)
				brackets += writer.output.text[i] == ']';
			assert_int_equal(brackets, JSON_DEPTH);
		}
		free(writer.output.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_containers_stay_on_one_line),
	    cmocka_unit_test(values_nest),
	    cmocka_unit_test(numbers_are_whole),
	    cmocka_unit_test(keys_and_texts_are_escaped),
	    cmocka_unit_test(depth_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
