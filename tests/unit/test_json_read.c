/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON of other hands: what is asked for, what is skipped, and what is no JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "util/json_read.h"

static struct arena arena;

/* Every text of a document, in order, keys too; "!" at the end when it is no JSON. */
static const char *texts_of(const char *document)
{
	struct json_read json = json_read_of(slice_text(document), &arena);
	const char *result = "", *key, *text;

	if (json_read_enter(&json, '{'))
		while (json_read_key(&json, &key)) {
			result = arena_printf(&arena, "%s%s=", result, key);
			if (json_read_peek(&json) == '[') {
				(void)json_read_enter(&json, '[');
				while (json_read_item(&json)) {
					text = json_read_text(&json);
					result = arena_printf(&arena, "%s%s,", result,
							      text ? text : "-");
				}
			} else {
				text = json_read_text(&json);
				result = arena_printf(&arena, "%s%s;", result, text ? text : "-");
			}
		}
	return json.bad || json_read_peek(&json) ? arena_printf(&arena, "%s!", result) : result;
}

static void documents_are_read(void **state)
{
	static const char *const rows[][2] = {
	    {"{}", ""},
	    {" { \"a\" : \"b\" } ", "a=b;"},
	    {"{\"a\":1,\"b\":\"c\"}", "a=-;b=c;"},
	    {"{\"a\":[\"x\",2,{\"y\":[\"z\"]},\"w\"],\"b\":null}", "a=x,-,-,w,b=-;"},
	    {"{\"a\":[]}", "a="},
	    {"{\"a\":{\"}\":\"]\\\"}\"},\"b\":\"c\"}", "a=-;b=c;"},
	    {"{\"\\u0061\\n\":\"\\ud83d\\ude00\\u00e4\\u20ac\"}",
	     "a\n=\xf0\x9f\x98\x80\xc3\xa4\xe2\x82\xac;"},
	    {"{\"a\":\"x\\u0000y\\ud800z\"}", "a=x\xef\xbf\xbdy\xef\xbf\xbdz;"},
	    {"\xef\xbb\xbf{\"a\":\"b\"}", "a=b;"},
	    {"{\"a\":-1.5e9,\"b\":true}", "a=-;b=-;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(texts_of(rows[i][0]), rows[i][1]);
}

static void what_is_no_json_is_told(void **state)
{
	static const char *const rows[] = {
	    "",
	    "{",
	    "{\"a\"",
	    "{\"a\":",
	    "{\"a\":\"b",
	    "{\"a\":\"b\"",
	    "{\"a\":\"b\",",
	    "{\"a\" \"b\"}",
	    "{\"a\":\"b\" \"c\":1}",
	    "{a:1}",
	    "{\"a\":[1",
	    "{\"a\":[1 2]}",
	    "{\"a\":}",
	    "{\"a\":,}",
	    "{\"a\":\"\\u12\"}",
	    "{\"a\":\"\\",
	    "{} {}",
	    "{\"a\":{\"b\":[}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *texts = texts_of(rows[i]);

		if (!*texts || texts[strlen(texts) - 1] != '!')
			fail_msg("taken for JSON: %s", rows[i]);
	}
}

/* Depth costs nothing, and a document without end ends. */
static void hostile_documents_end(void **state)
{
	size_t size = 1000000;
	char *text = arena_alloc(&arena, size + 1);

	(void)state;
	memset(text, '[', size);
	memcpy(text, "{\"a\":{\"b\":", 10);
	assert_string_equal(texts_of(text), "a=-;!");
	memset(text, '"', size);
	text[0] = '{';
	assert_non_null(strchr(texts_of(text), '!'));
	memset(text, '\\', size);
	memcpy(text, "{\"a\":\"", 6);
	assert_non_null(strchr(texts_of(text), '!'));
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(documents_are_read),
	    cmocka_unit_test(what_is_no_json_is_told),
	    cmocka_unit_test(hostile_documents_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
