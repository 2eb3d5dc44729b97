/* SPDX-License-Identifier: BSD-2-Clause */
/* The text and JSON of elfleft why, from views made by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "report/reporter.h"
#include "report_output.h"

#define HOSTILE "/lib/libq\x1b]0;x\x07.so"
#define CUT "program binds no symbol of libav.so: check constructors, then relink it"

static const struct view_step direct[] = {
    {"/bin/program", "/lib/libav.so", "link-dynamic", "linking", "linker-record",
     "DT_NEEDED libav.so (RUNPATH)", 0},
    {"/lib/libav.so", "/lib/libx.so", "link-dynamic", "linking", "linker-record",
     "DT_NEEDED libx.so (ld.so.cache)", 1},
};
static const struct view_step around[] = {
    {"/bin/program", HOSTILE, "link-plugin", "linking", "string", "dlopen libq", -1},
    {HOSTILE, "/lib/libav.so", "link-dynamic", "linking", "linker-record",
     "DT_NEEDED libav.so (ld.so.cache)", 12},
    {"/lib/libav.so", "/lib/libx.so", "link-dynamic", "linking", "linker-record",
     "DT_NEEDED libx.so (ld.so.cache)", 1},
};
static const char *const clauses[] = {"whole-work (contested), linked to copyleft code: GPL-2.0 "
				      "s.2(b)"};
static const char *const breaks[] = {CUT};

static const struct view_path paths[] = {
    {.steps = direct,
     .step_count = 2,
     .licence = "GPL-2.0-or-later",
     .clauses = clauses,
     .clause_count = 1,
     .breaks = breaks,
     .break_count = 1},
    {.steps = around,
     .step_count = 3,
     .licence = "GPL-2.0-or-later",
     .clauses = clauses,
     .clause_count = 1,
     .breaks = breaks},
};

static const struct view_why why = {
    .tool = {"elfleft", "0"},
    .from = "/bin/program",
    .to = "libx.so",
    .paths = paths,
    .path_count = 2,
    .complete = true,
};

static char *write_why(const char *format, const struct view_why *view, bool verbose)
{
	struct report_options options = {.verbose = verbose};
	struct output output;
	struct sink sink;

	output_begin(&output, &sink);
	reporter_find(format)->why(view, &options, &sink);
	assert_true(sink_flush(&sink));
	return output.text;
}

static const char page[] =
    "/bin/program to libx.so: 2 paths\n"
    "\n"
    "to /lib/libx.so\n"
    "      licence   GPL-2.0-or-later\n"
    "      clause    whole-work (contested), linked to copyleft code: GPL-2.0 s.2(b)\n"
    "      all take  libav.so -> libx.so with 1 symbol bound\n"
    "      to break  program binds no symbol of libav.so: check constructors, then relink it\n"
    "  1.  /bin/program\n"
    "      -> /lib/libav.so\n"
    "         link-dynamic (linking, linker-record), 0 symbols: DT_NEEDED libav.so (RUNPATH)\n"
    "      -> /lib/libx.so\n"
    "         link-dynamic (linking, linker-record), 1 symbol: DT_NEEDED libx.so (ld.so.cache)\n"
    "  2.  /bin/program\n"
    "      -> /lib/libq\\x1b]0;x\\x07.so\n"
    "         link-plugin (linking, string): dlopen libq\n"
    "      -> /lib/libav.so\n"
    "         link-dynamic (linking, linker-record), 12 symbols: DT_NEEDED libav.so "
    "(ld.so.cache)\n"
    "      -> /lib/libx.so\n"
    "         link-dynamic (linking, linker-record), 1 symbol: DT_NEEDED libx.so (ld.so.cache)\n"
    "\n"
    "Facts read from the files, with known readings of licences. This is evidence, not legal "
    "advice.\n";

static void a_page_is_told_in_full(void **state)
{
	char *text = write_why("text", &why, false);

	(void)state;
	assert_string_equal(text, page);
	free(text);
}

static void no_path_is_an_answer(void **state)
{
	struct view_why none = why;
	char *text;

	(void)state;
	none.path_count = 0;
	text = write_why("text", &none, false);
	assert_non_null(strstr(text, "/bin/program to libx.so: no path\n"));
	free(text);
	text = write_why("json", &none, false);
	assert_non_null(strstr(text, "\"paths\": []"));
	free(text);
}

#define MANY 9

static void many_paths_are_cut_and_say_so(void **state)
{
	struct view_path copies[MANY];
	struct view_why many = why;
	char *text;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		copies[i] = paths[i % 2];
	many.paths = copies;
	many.path_count = MANY;
	many.capped = true;
	text = write_why("text", &many, false);
	assert_non_null(strstr(text, "9 paths (and there are more)\n"));
	assert_non_null(strstr(text, "  4.  /bin/program\n"));
	assert_null(strstr(text, "  5.  /bin/program\n"));
	assert_non_null(strstr(text, "  ... and 5 more (-v shows all)\n"));
	free(text);
	text = write_why("text", &many, true);
	assert_non_null(strstr(text, "  9.  /bin/program\n"));
	assert_null(strstr(text, "-v shows all"));
	free(text);
}

/* Each file at the end stands for itself, with the paths that lead to it. */
static void ends_are_told_apart(void **state)
{
	struct view_step other[] = {direct[0]};
	struct view_path both[] = {paths[0], {.steps = other, .step_count = 1, .licence = "MIT"}};
	struct view_why two = why;
	char *text;

	(void)state;
	two.paths = both;
	text = write_why("text", &two, false);
	assert_non_null(strstr(text, "2 paths to 2 files\n"));
	assert_non_null(strstr(text, "to /lib/libx.so\n      licence   GPL-2.0-or-later\n"));
	assert_non_null(strstr(text, "to /lib/libav.so\n      licence   MIT\n      all take  "
				     "program -> libav.so with 0 symbols bound\n  1.  "));
	free(text);
}

static void json_keeps_every_path(void **state)
{
	char *text = write_why("json", &why, false);

	(void)state;
	assert_non_null(strstr(text, "\"to\": \"/lib/libq\\u001b]0;x\\u0007.so\""));
	assert_non_null(strstr(text, "\"symbols_bound\": null"));
	assert_non_null(strstr(text, "\"symbols_bound\": 12"));
	assert_non_null(strstr(text, "\"" CUT "\""));
	assert_null(strchr(text, '\x1b'));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_is_told_in_full),	     cmocka_unit_test(no_path_is_an_answer),
	    cmocka_unit_test(many_paths_are_cut_and_say_so), cmocka_unit_test(ends_are_told_apart),
	    cmocka_unit_test(json_keeps_every_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
