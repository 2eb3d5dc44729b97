/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of tables, against cases and against the C library's regular expressions. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/pattern.h"

static void captures(void **state)
{
	static const struct {
		const char *pattern, *text, *version, *name; /* version NULL: no match */
	} cases[] = {
	    {"", "", "", ""},
	    {"a", "ab", NULL, ""},
	    {"*", "a/b", NULL, ""},
	    {"**", "a/b", "", ""},
	    {"**/libnss_{name}.so.2", "/lib/libnss_a_b.so.2", "", "a_b"},
	    {"**/libnss_{name}.so.2", "/lib/libnss_.so.2", NULL, ""},
	    {"**/libnss_{name}.so.2", "/lib/libnss_a.b.so.2", NULL, ""},
	    {"liblua{v}.so.*", "liblua5.3.so.0.0.0", "5.3", ""},
	    {"liblua{v}.so.*", "liblua.so.0", NULL, ""},
	    {"**/{v}/auto/**.so", "/usr/lib/perl/5.36.0/auto/a/b.so", "5.36.0", ""},
	    {"**/ruby/{v}/**{name}.so", "/l/ruby/3.1.0/json/ext/parser.so", "3.1.0", "parser"},
	    {"**/ruby/{v}/**{name}.so", "/l/ruby/3.1.0/digest.so", "3.1.0", "digest"},
	    {"{v}", "1.2", "1.2", ""},
	    {"SSL {release} **", "SSL 1.1.1w  11 Sep", "1.1.1w", ""},
	    {"SSL {release} **", "SSL 3.0.16 11", "3.0.16", ""},
	    {"SSL {release} **", "SSL is here", NULL, ""},
	    {"SSL {release}", "SSL ", NULL, ""},
	    {"{w}*", "{w}x", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pattern_match match = {0};
		bool matches = pattern_matches(cases[i].pattern, cases[i].text, &match);

		if (matches != (cases[i].version != NULL))
			fail_msg("%s on %s", cases[i].pattern, cases[i].text);
		if (!matches)
			continue;
		assert_true(slice_equal_text(match.version, cases[i].version));
		assert_true(slice_equal_text(match.name, cases[i].name));
		assert_true(pattern_matches(cases[i].pattern, cases[i].text, NULL));
	}
}

static const char *const parts[] = {"*", "**", "{v}", "{release}", "{name}", "a", "/", ".", "1"};
static const char *const expressions[] = {
    "[^/]*", ".*", "[0-9.]+", "[0-9.][0-9.a-z]*", "[^/.]+", "a", "/", "\\.", "1"};

static void as_regular_expressions(void **state)
{
	size_t matches = 0;

	(void)state;
	srandom(4);
	for (unsigned round = 0; round < 20000; round++) {
		char pattern[64] = "", expression[128] = "^", text[12] = "";
		size_t length = (size_t)random() % 7, text_length = (size_t)random() % sizeof(text);
		size_t last = SIZE_MAX;
		regex_t compiled;
		bool expected;

		for (size_t i = 0; i < length; i++) {
			size_t part = (size_t)random() % 8;

			if (part < 2 && last < 2) /* "*" and "**" side by side are "**" and "*" */
				continue;
			strcat(pattern, parts[part]);
			strcat(expression, expressions[part]);
			last = part;
		}
		strcat(expression, "$");
		for (size_t i = 0; i + 1 < text_length; i++)
			text[i] = "a/.1"[random() % 4];
		assert_int_equal(regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB), 0);
		expected = regexec(&compiled, text, 0, NULL, 0) == 0;
		regfree(&compiled);
		matches += expected;
		if (pattern_matches(pattern, text, NULL) != expected)
			fail_msg("%s on %s: not %d", pattern, text, expected);
	}
	assert_in_range(matches, 1000, 19000);
}

/* What would take ages without a memory of what was tried. */
static void hostile_texts(void **state)
{
	char text[5000];

	(void)state;
	memset(text, '1', sizeof(text));
	text[4096] = '\0';
	assert_false(pattern_matches("**1{v}1**1{v}1**1*1{name}x", text, NULL));
	assert_true(pattern_matches("**1{v}1**1{v}1**1*1{name}", text, NULL));
	text[4096] = '1';
	text[4097] = '\0';
	assert_true(pattern_matches("1*1", text, NULL));
	assert_false(pattern_matches("1*1*1", text, NULL)); /* as the header says */
	assert_false(pattern_matches("*****************************************", "a", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(captures),
	    cmocka_unit_test(as_regular_expressions),
	    cmocka_unit_test(hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
