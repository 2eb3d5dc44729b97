/* SPDX-License-Identifier: BSD-2-Clause */
/* The sink: what it buffers, when it has failed, and how text from files is made harmless. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>

#include "report_output.h"

static void expect(void (*write)(struct sink *, const char *), const char *text,
		   const char *expected)
{
	struct output output;
	struct sink sink;

	output_begin(&output, &sink);
	write(&sink, text);
	assert_true(sink_flush(&sink));
	assert_string_equal(output.text, expected);
	free(output.text);
}

static void terminal_shows_controls(void **state)
{
	(void)state;
	expect(sink_terminal, "libc.so.6", "libc.so.6");
	expect(sink_terminal, "a\\b", "a\\b");
	expect(sink_terminal, "\x1b[31mred", "\\x1b[31mred");
	expect(sink_terminal, "\x1b]0;title\x07", "\\x1b]0;title\\x07");
	expect(sink_terminal, "two\nlines\ttab\rback\x7f", "two\\x0alines\\x09tab\\x0dback\\x7f");
	/* C1 controls: as characters, and as the bytes an 8-bit terminal takes for them. */
	expect(sink_terminal,
	       "\xc2\x9b"
	       "2J",
	       "\\u{009b}2J");
	expect(sink_terminal,
	       "\x9b"
	       "2J",
	       "\\x9b2J");
}

static void terminal_shows_what_turns_or_hides_text(void **state)
{
	(void)state;
	expect(sink_terminal, "gpl\xe2\x80\xae.so", "gpl\\u{202e}.so"); /* right-to-left override */
	expect(sink_terminal, "\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"); /* isolates */
	expect(sink_terminal, "lib\xe2\x80\x8bz", "lib\\u{200b}z");		   /* no width */
	expect(sink_terminal, "\xef\xbb\xbflib", "\\u{feff}lib"); /* byte order mark */
	expect(sink_terminal,
	       "a\xe2\x80\xa8"
	       "b",
	       "a\\u{2028}b"); /* line separator */
	expect(sink_terminal, "\xd8\x9cx", "\\u{061c}x");
	expect(sink_terminal, "lib\xc2\xadz", "lib\\u{00ad}z");	 /* soft hyphen */
	expect(sink_terminal, "\xf3\xa0\x81\x81", "\\u{e0041}"); /* a tag, not shown at all */
}

static void terminal_keeps_utf8_and_shows_what_is_none(void **state)
{
	(void)state;
	expect(sink_terminal, "libgr\xc3\xbc\xc3\x9f.so", "libgr\xc3\xbc\xc3\x9f.so");
	expect(sink_terminal, "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7");
	expect(sink_terminal, "\xc0\xaf", "\\xc0\\xaf");	  /* too long a form of "/" */
	expect(sink_terminal, "\xe0\x80\xaf", "\\xe0\\x80\\xaf"); /* and longer */
	expect(sink_terminal, "\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
	expect(sink_terminal, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	expect(sink_terminal, "\xe2\x80", "\\xe2\\x80");		   /* ends too early */
	expect(sink_terminal, "\xf0\x9f\x90", "\\xf0\\x9f\\x90");
	expect(sink_terminal, "", "");
}

/* A character that the end of a part cuts is no character, and nothing behind the end is read. */
static void parts_end_where_they_should(void **state)
{
	static const char words[] = "gr\xc3\xbc\xc3 \xc3\x9f end";
	struct output output;
	struct sink sink;

	(void)state;
	output_begin(&output, &sink);
	sink_terminal_part(&sink, words, strchr(words, ' '));
	sink_terminal_part(&sink, words, words);
	assert_true(sink_flush(&sink));
	assert_string_equal(output.text, "gr\xc3\xbc\\xc3");
	assert_int_equal(sink_terminal_columns(words, strchr(words, ' ')), 7);
	free(output.text);
}

static void json_strings_are_quoted(void **state)
{
	(void)state;
	expect(sink_json_string, "", "\"\"");
	expect(sink_json_string, "a \"b\" \\c /d", "\"a \\\"b\\\" \\\\c /d\"");
	expect(sink_json_string, "\x01\n\t\x1f\x7f", "\"\\u0001\\u000a\\u0009\\u001f\\u007f\"");
	expect(sink_json_string, "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
	expect(sink_json_string, "\xff\xc3", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect(sink_json_string, "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Whatever the bytes are: no control in the output, and nothing that is not UTF-8. */
static void random_bytes_are_harmless(void **state)
{
	uint64_t seed = 20;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct output output;
		struct sink sink;
		char text[33];
		size_t length = round % 33;

		for (size_t i = 0; i < length; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			/* Mostly bytes above 0x7f, so that sequences come close to real ones. */
			text[i] =
			    (char)(uint8_t)((seed >> 33) % 4 ? 0x80 | seed >> 40 : seed >> 40);
			if (!text[i])
				text[i] = 'x';
		}
		text[length] = '\0';
		output_begin(&output, &sink);
		if (round & 1)
			sink_terminal(&sink, text);
		else
			sink_json_string(&sink, text);
		assert_true(sink_flush(&sink));
		for (size_t i = 0; i < output.size; i++) {
			assert_true((unsigned char)output.text[i] >= 0x20);
			assert_int_not_equal(output.text[i], 0x7f);
		}
		assert_true(mbstowcs(NULL, output.text, 0) != (size_t)-1);
		free(output.text);
	}
}

static void columns_are_those_of_the_shown_text(void **state)
{
	static const char *const texts[] = {
	    "",		"abc",	"\x1b[0m",	"gr\xc3\xbc\xc3\x9f",
	    "\xff\xfe", "a\nb", "\xe2\x80\xae", "\xc2\x85"};
	static const size_t columns[] = {0, 3, 7, 4, 8, 6, 8, 8};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(sink_terminal_columns(texts[i], texts[i] + strlen(texts[i])),
				 columns[i]);
}

/* Small writes are collected, large ones go through; the bytes are the same either way. */
static void bytes_arrive_in_order(void **state)
{
	size_t size = 3 * sizeof(((struct sink *)NULL)->buffer) + 17, at = 0;
	unsigned char *wanted = memory_alloc(size);
	struct output output;
	struct sink sink;

	(void)state;
	for (size_t i = 0; i < size; i++)
		wanted[i] = (unsigned char)(i * 7 + i / 251);
	for (size_t step = 1; step < size; step = step * 3 + 1) {
		output_begin(&output, &sink);
		for (at = 0; at < size; at += step)
			sink_bytes(&sink, wanted + at, size - at < step ? size - at : step);
		assert_true(sink_flush(&sink));
		assert_int_equal(output.size, size);
		assert_memory_equal(output.text, wanted, size);
		assert_true(step > 1 || output.writes < 10);
		free(output.text);
	}
	free(wanted);
}

static void a_failed_write_stays_failed(void **state)
{
	struct output output;
	struct sink sink;

	(void)state;
	output_begin(&output, &sink);
	output.fails_at = 1;
	sink_text(&sink, "lost");
	assert_false(sink_flush(&sink));
	sink_text(&sink, "more");
	assert_false(sink_flush(&sink));
	assert_int_equal(output.size, 0);
	assert_int_equal(output.writes, 1); /* not asked again */
	free(output.text);
}

/* A text that does not fit is a mistake of ours, and never a report cut in silence. */
static void printf_never_cuts_in_silence(void **state)
{
	struct output output;
	struct sink sink;

	(void)state;
	output_begin(&output, &sink);
	sink_printf(&sink, "%0400d", 7);
	assert_true(sink_flush(&sink));
	assert_int_equal(output.size, 400);
	sink_printf(&sink, "%0600d", 7);
	assert_false(sink_flush(&sink));
	free(output.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(terminal_shows_controls),
	    cmocka_unit_test(terminal_shows_what_turns_or_hides_text),
	    cmocka_unit_test(terminal_keeps_utf8_and_shows_what_is_none),
	    cmocka_unit_test(parts_end_where_they_should),
	    cmocka_unit_test(json_strings_are_quoted),
	    cmocka_unit_test(random_bytes_are_harmless),
	    cmocka_unit_test(columns_are_those_of_the_shown_text),
	    cmocka_unit_test(bytes_arrive_in_order),
	    cmocka_unit_test(a_failed_write_stays_failed),
	    cmocka_unit_test(printf_never_cuts_in_silence),
	};

	/* mbstowcs() is the judge of what is UTF-8. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
