/* SPDX-License-Identifier: BSD-2-Clause */
/* DEP-5 files: stanzas of tidy and sloppy files; patterns against matchers that try everything. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "licence/dep5.h"
#include "licence/sources.h"

#define FORMAT "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
#define RANDOM_CASES 40000

static struct arena arena;
static uint64_t seed;

static unsigned pick(unsigned count)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % count;
}

/* "line:licence[patterns]" of every stanza, one per line. */
static const char *dump(const char *text, struct dep5 *ret)
{
	const char *all = "";

	if (!dep5_parse(slice_text(text), &arena, ret))
		return "prose";
	for (size_t i = 0; i < ret->count; i++) {
		const struct dep5_stanza *stanza = &ret->stanzas[i];
		all = arena_printf(&arena, "%s%zu:%s[", all, stanza->line, stanza->licence);
		for (size_t j = 0; j < stanza->pattern_count; j++)
			all =
			    arena_printf(&arena, "%s%s%s", all, j ? " " : "", stanza->patterns[j]);
		all = arena_printf(&arena, "%s]\n", all);
	}
	return all;
}

static void stanzas_are_read(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {FORMAT "License: ignored\n\nFiles: *\nCopyright: x\nLicense: GPL-2+\n text\n\n"
		    "Files: lib/*\n src/a.c\tsrc/b.c\nLicense: MIT\n\nLicense: GPL-2+\n the text\n",
	     "4:GPL-2+[*]\n9:MIT[lib/* src/a.c src/b.c]\n13:GPL-2+[]\n"},
	    /* The name below the field; letter case; blanks before the colon; CRLF. */
	    {"format: x copyright-format/1.0\r\n\r\nfiles : *\r\nLICENSE :\r\n MIT\r\n",
	     "3:MIT[*]\n"},
	    /* Two Files stanzas without an empty line between them. */
	    {FORMAT "\nFiles: a\nLicense: A\nFiles: b\nLicense: B\n", "3:A[a]\n5:B[b]\n"},
	    /* A forgotten dot: the text goes on below an empty line. */
	    {FORMAT "\nFiles: *\nLicense: A\n one\n\n two\nComment: c\n\nFiles: b\nLicense: B\n",
	     "3:A[*]\n10:B[b]\n"},
	    /* Misspelt, with a comment, with commas and a leading "./". */
	    {FORMAT "\n# note\nFiles: ./a.c, ./b.[ch], {c,d}.c\nLicence: A\n",
	     "4:A[a.c b.? *.c]\n"},
	    /* Old drafts. */
	    {"Format-Specification: http://svn.debian.org/wsvn/dep/web/deps/dep5.mdwn?rev=59\n\n"
	     "Files: *\nLicense: A\n",
	     "3:A[*]\n"},
	    /* No Format field, but a stanza over all: read, and marked as sloppy. */
	    {"A foreword.\n\nFiles: *\nCopyright: x\nLicense: A\n\nLicense: A\n text\n",
	     "3:A[*]\n7:A[]\n"},
	    {"This package was debianized by somebody.\n\nLicense: see below\n", "prose"},
	    {"License: MIT\n\nFiles: debian/x\nLicense: GPL-2\n", "prose"},
	    {"", "prose"},
	};
	struct dep5 dep5;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(dump(cases[i].text, &dep5), cases[i].want);
}

static void what_is_sloppy_is_said(void **state)
{
	struct dep5 dep5;

	(void)state;
	dump(FORMAT "\nFiles: *\nLicense: A\n", &dep5);
	assert_false(dep5.sloppy);
	assert_int_equal(dep5.skipped, 0);
	dump(FORMAT "\nFiles: *\nLicence: A\n", &dep5);
	assert_true(dep5.sloppy);
	dump("Files: *\nLicense: A\n", &dep5);
	assert_true(dep5.sloppy);
	dump(FORMAT "\nFiles: *\nLicense: A\n\nFiles: b\nCopyright: c\n\nFiles: d\n", &dep5);
	assert_int_equal(dep5.skipped, 2);
	assert_int_equal(dep5.skipped_line, 6);
}

static void texts_stand_with_their_names(void **state)
{
	struct dep5 dep5;

	(void)state;
	dump(FORMAT "\nFiles: *\nLicense: A\n one\n .\n two\n\nFiles: b\nLicense: B\n", &dep5);
	assert_true(slice_equal_text(dep5.stanzas[0].text, " one\n .\n two"));
	assert_int_equal(dep5.stanzas[1].text.len, 0);
}

static void endless_patterns_are_cut_off(void **state)
{
	char *text = malloc(2000000), *at = text;
	struct dep5 dep5;

	(void)state;
	at = stpcpy(at, FORMAT "\nFiles:");
	for (unsigned i = 0; i < 300000; i++)
		at = stpcpy(at, " a*b");
	strcpy(at, "\nLicense: A\n");
	assert_true(dep5_parse(slice_text(text), &arena, &dep5));
	assert_true(dep5.limit);
	free(text);
}

/* Tries every way: the definition, not an algorithm. */
static bool matches_by_trying(const char *pattern, const char *path)
{
	if (!*pattern)
		return !*path;
	if (*pattern == '*')
		return matches_by_trying(pattern + 1, path) ||
		       (*path && matches_by_trying(pattern, path + 1));
	if (*pattern == '\\' && pattern[1])
		return *path == pattern[1] && matches_by_trying(pattern + 2, path + 1);
	return *path && (*pattern == '?' || *pattern == *path) &&
	       matches_by_trying(pattern + 1, path + 1);
}

static void random_text(char *ret, unsigned longest, const char *letters)
{
	unsigned length = pick(longest + 1);

	for (unsigned i = 0; i < length; i++)
		ret[i] = letters[pick((unsigned)strlen(letters))];
	ret[length] = '\0';
}

static void patterns_match_as_defined(void **state)
{
	(void)state;
	seed = 1;
	assert_true(dep5_matches("*", "a/b/c"));
	assert_true(dep5_matches("lib/*", "lib/a/b.c"));
	assert_false(dep5_matches("lib", "lib/a"));
	assert_true(dep5_matches("a\\*b", "a*b"));
	assert_false(dep5_matches("a\\*b", "axb"));
	for (unsigned i = 0; i < RANDOM_CASES; i++) {
		char pattern[16], path[16];

		random_text(pattern, 8, "ab/*?");
		random_text(path, 8, "ab/");
		assert_int_equal(dep5_matches(pattern, path), matches_by_trying(pattern, path));
	}
}

/* Whether some continuation of the prefix, not longer than the pattern, is taken. */
static bool touches_by_trying(const char *pattern, char *path, size_t length, unsigned left)
{
	path[length] = '\0';
	if (matches_by_trying(pattern, path))
		return true;
	for (unsigned i = 0; left && i < 3; i++) {
		path[length] = "ab/"[i];
		if (touches_by_trying(pattern, path, length + 1, left - 1))
			return true;
		path[length] = '\0';
	}
	return false;
}

static void touching_is_matching_something_below(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned i = 0; i < RANDOM_CASES / 10; i++) {
		char pattern[16], prefix[16], path[32];
		bool touches;

		random_text(pattern, 6, "ab/*?");
		random_text(prefix, 4, "ab/");
		/* Something has to be left for the rest of a name: one letter at least. */
		touches = false;
		for (unsigned letter = 0; letter < 3 && !touches; letter++) {
			size_t length = strlen(prefix);

			memcpy(path, prefix, length);
			path[length] = "ab/"[letter];
			touches = touches_by_trying(pattern, path, length + 1, 5);
		}
		assert_int_equal(dep5_touches(pattern, prefix), touches);
	}
}

static void kinds_of_sources(void **state)
{
	static const struct {
		const char *pattern;
		enum source_kind kind;
	} cases[] = {
	    {"*", SOURCE_CODE},
	    {"src/*", SOURCE_CODE},
	    {"lib/foo.c", SOURCE_CODE},
	    {"src/foo.*", SOURCE_CODE},
	    {"foo.h.in", SOURCE_CODE},
	    {"debian/*", SOURCE_OTHER},
	    {"m4/*", SOURCE_OTHER},
	    {"src/tests/*", SOURCE_OTHER},
	    {"doc/x.c", SOURCE_OTHER},
	    {"config.guess", SOURCE_OTHER},
	    {"a/ltmain.sh", SOURCE_OTHER},
	    {"x/foo.py", SOURCE_OTHER},
	    {"foo.in", SOURCE_OTHER},
	    {"tools/*", SOURCE_PROGRAM},
	    {"utils/a.c", SOURCE_PROGRAM},
	    {"tools/tests/*", SOURCE_OTHER},
	    {"lib/test-foo.c", SOURCE_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(source_kind(cases[i].pattern), cases[i].kind);
}

static void names_of_the_same_thing(void **state)
{
	(void)state;
	assert_true(source_same_name("libfoo", "libfoo"));
	assert_true(source_same_name("libfoo-2.0", "libfoo"));
	assert_true(source_same_name("gdk-pixbuf", "gdk_pixbuf"));
	assert_true(source_same_name("OpenAL", "openal"));
	assert_false(source_same_name("libfoo", "libfoobar"));
	/* What would leave less than a name is no version. */
	assert_false(source_same_name("x264", "x265"));
	assert_false(source_same_name("lz4", "lzo"));
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stanzas_are_read),
	    cmocka_unit_test(what_is_sloppy_is_said),
	    cmocka_unit_test(texts_stand_with_their_names),
	    cmocka_unit_test(endless_patterns_are_cut_off),
	    cmocka_unit_test(patterns_match_as_defined),
	    cmocka_unit_test(touching_is_matching_something_below),
	    cmocka_unit_test(kinds_of_sources),
	    cmocka_unit_test(names_of_the_same_thing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
