/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell texts, command lines and what starting an image starts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "depend/command_line.h"
#include "depend/commands.h"
#include "depend/launch.h"
#include "depend/shell_line.h"
#include "finder_fixture.h"

struct seen {
	struct arena *arena;
	const char *text;
};

static void on_command(void *context, const struct word *words, size_t count)
{
	struct seen *seen = context;

	seen->text = arena_printf(seen->arena, "%s%s", seen->text, seen->text[0] ? "; " : "");
	for (size_t i = 0; i < count; i++)
		seen->text = arena_printf(seen->arena, "%s%s%s%s", seen->text, i ? " " : "",
					  words[i].literal ? "" : "~", words[i].text);
}

static void on_nested(void *context, struct slice text)
{
	struct seen *seen = context;

	seen->text =
	    arena_printf(seen->arena, "%s<%s>", seen->text, arena_slice(seen->arena, text));
}

/* Commands between "; ", words that are not literal after "~", nested texts in <>. */
static void shell_texts(void **state)
{
	static const char *const cases[][2] = {
	    {"ls -l", "ls -l"},
	    {"", ""},
	    {"a; b & c && d || e | f\ng", "a; b; c; d; e; f; g"},
	    {"A=1 B='x y' prog A=2", "prog A=2"},
	    {"A=1; B=$(date)", "<date>"},
	    {"'a b' \"c d\" e\\ f", "a b c d e f"},
	    {"\"a\\\"b\\n\\$c\"", "a\"b\\n$c"},
	    {"echo $HOME ${X:-y} $1 a$", "echo ~${} ~${} ~${} a$"},
	    {"echo $((1+(2))) x", "echo ~${} x"},
	    {"a `b c` $(d $(e))", "<b c><d $(e)>; a ~${} ~${}"},
	    {"ls *.c [ab] {x,y} ~/z a~", "ls ~*.c ~[ab] ~{x,y} ~~/z a~"},
	    {"a >out 2>&1 <in b 2>&- c >>d e &>f g", "a b c e g"},
	    {"a 2 >b 3", "a 2 3"},
	    {">out a", "a"},
	    {"a # comment ; b\nc", "a; c"},
	    {"a#b", "a#b"},
	    {"if a; then b; elif c; then d; else e; fi; f", "a; b; c; d; e; f"},
	    {"while ! a; do b; done >x; c", "a; b; c"},
	    {"for i in x y; do a $i; done", "a ~${}"},
	    {"case $x in a|b) c;; (d) e f ;; *) g ;; esac; h", "c; e f; g; h"},
	    {"case x in esac; a", "a"},
	    {"f() { a; }; g () ( b )", "a; b"},
	    {"function f { a; }", "a"},
	    {"(a; b) && { c; }", "a; b; c"},
	    {"[ -x a ] && b", "[ -x a ]; b"},
	    {"[[ a && b ]] && c", "c"},
	    {"'if' a", "if a"},
	    {"a \\\n b", "a b"},
	    {"a <<EOF\nb\nEOF\n", "a"},
	    {"a <<<b c", "a c"},
	    {"diff <(a b) >(c)", "<a b><c>; diff"},
	    {"a 'unclosed", "a unclosed"},
	    {"a $(unclosed", "<unclosed>; a ~${}"},
	    {"a; ;; ) esac }", "a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct seen seen = {.arena = &arena, .text = ""};
		const struct shell_visitor visitor = {on_command, on_nested, &seen};

		arena_init(&arena);
		shell_line_visit(slice_text(cases[i][0]), &arena, &visitor);
		if (strcmp(seen.text, cases[i][1]) != 0)
			fail_msg("%s\nexpected %s\nbut got  %s", cases[i][0], cases[i][1],
				 seen.text);
		arena_release(&arena);
	}
}

static void unit_words(void **state)
{
	static const char *const cases[][2] = {
	    {"a b\tc", "a|b|c"},
	    {"'a b' \"c d\"", "a b|c d"},
	    {"a\\x20b \\101\\t \\s", "a b|A\t| "},
	    {"\"a\\\"b\" 'c\\'d'", "a\"b|c'd"},
	    {"a\\qb \\;", "a\\qb|;"},
	    {"pre'fix x'y", "prefix xy"},
	    {"'open", "!"},
	    {"# a", "#|a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = slice_text(cases[i][0]);
		const char *word, *all = "";
		struct arena arena;
		enum status status;

		arena_init(&arena);
		while ((status = words_next(&rest, WORDS_UNIT, &arena, &word)) == STATUS_OK)
			all = arena_printf(&arena, "%s%s%s", all, all[0] ? "|" : "", word);
		if (status == STATUS_FORMAT)
			all = arena_printf(&arena, "%s!", all);
		assert_string_equal(all, cases[i][1]);
		arena_release(&arena);
	}
}

/* Programs a, b, ... z of /usr/bin, sh, env and python3 among others, and two scripts. */
static struct finder *world(struct fixture *fixture)
{
	static const char *const programs[] = {"a",    "b",    "c",    "env",	  "sh",
					       "nice", "tini", "bash", "python3", "timeout"};

	fixture_begin(fixture);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		fixture_program(fixture, arena_printf(&fixture->arena, "/usr/bin/%s", programs[i]));
	fixture_write(fixture, "/srv/main.py", 0644, "");
	fixture_write(fixture, "/usr/bin/noexec", 0644, "");
	fixture_program(fixture, "/usr/local/bin/c");
	fixture_link(fixture, "/bin", "usr/bin");
	return fixture_finder(fixture);
}

/* name -> path of each program, in order of name; sites/recovered behind. */
static const char *programs_of(struct fixture *fixture)
{
	char *text = arena_strdup(&fixture->arena, "");

	found_edges_finish(&fixture->edges);
	vec_each (edge, &fixture->edges.list) {
		assert_string_equal(edge->from, "/from");
		assert_int_equal(edge->kind, EDGE_KIND_IPC_EXEC);
		text = arena_printf(&fixture->arena, "%s%s=%s ", text, edge->name,
				    edge->to ? edge->to : "");
	}
	text = arena_printf(&fixture->arena, "%s%u/%u", text,
			    (unsigned)fixture->finder.counts.recovered,
			    (unsigned)fixture->finder.counts.sites);
	fixture->edges.list.len = 0;
	fixture->finder.counts = (struct found_counts){0};
	return text;
}

static void command_lines(void **state)
{
	static const char *const cases[][2] = {
	    {"a x y", "a=/usr/bin/a 1/1"},
	    {"/bin/a", "/bin/a=/usr/bin/a 1/1"},
	    {"c", "c=/usr/local/bin/c 1/1"},
	    {"noexec", "noexec= 1/1"},
	    {"./a", "./a= 1/1"},
	    {"$PROGRAM a", "0/1"},
	    {"env A=1 B=2 a x", "a=/usr/bin/a env=/usr/bin/env 2/2"},
	    {"env -i -u X a", "a=/usr/bin/a env=/usr/bin/env 2/2"},
	    {"env --what a", "env=/usr/bin/env 1/2"},
	    {"env", "env=/usr/bin/env 1/1"},
	    {"env -S 'A=1 nice -n 5 a'", "a=/usr/bin/a env=/usr/bin/env nice=/usr/bin/nice 3/3"},
	    {"env '-S a x' y", "a=/usr/bin/a env=/usr/bin/env 2/2"},
	    {"env -iS 'a x'", "a=/usr/bin/a env=/usr/bin/env 2/2"},
	    {"env '--split-string=b'", "b=/usr/bin/b env=/usr/bin/env 2/2"},
	    {"nice -n5 a", "a=/usr/bin/a nice=/usr/bin/nice 2/2"},
	    {"timeout -k 5 --foreground 10 a", "a=/usr/bin/a timeout=/usr/bin/timeout 2/2"},
	    {"tini -- a", "a=/usr/bin/a tini=/usr/bin/tini 2/2"},
	    {"sh -c 'a && exec b'", "a=/usr/bin/a b=/usr/bin/b sh=/usr/bin/sh 3/3"},
	    {"sh -ec 'a' b", "a=/usr/bin/a sh=/usr/bin/sh 2/2"},
	    {"bash -o pipefail -c a", "a=/usr/bin/a bash=/usr/bin/bash 2/2"},
	    {"sh -c \"$LINE\"", "sh=/usr/bin/sh 1/2"},
	    {"sh -c \"a $X; \\$Y\"", "a=/usr/bin/a sh=/usr/bin/sh 2/3"},
	    {"sh -c 'echo x; cd /; test -f y && a'", "a=/usr/bin/a sh=/usr/bin/sh 2/2"},
	    {"sh -c \"sh -c 'a'\"", "a=/usr/bin/a sh=/usr/bin/sh sh=/usr/bin/sh 3/3"},
	    {"sh -c 'x=$(b) a'", "a=/usr/bin/a b=/usr/bin/b sh=/usr/bin/sh 3/3"},
	    {"sh -c 'command -v a; command b'", "b=/usr/bin/b sh=/usr/bin/sh 2/2"},
	    {"sh -c 'exec env a'", "a=/usr/bin/a env=/usr/bin/env sh=/usr/bin/sh 3/3"},
	    {"python3 -u /srv/main.py a", "/srv/main.py=/srv/main.py python3=/usr/bin/python3 2/2"},
	    {"python3 -m module", "python3=/usr/bin/python3 1/1"},
	    {"python3 -c code /srv/main.py", "python3=/usr/bin/python3 1/1"},
	    {"python3 main.py", "python3=/usr/bin/python3 1/2"},
	    {"sh /srv/none", "/srv/none= sh=/usr/bin/sh 2/2"},
	};
	struct fixture fixture;

	(void)state;
	world(&fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct command_source source = {
		    .from = "/from", .evidence = "test", .detail = "line"};
		const char *got;
		word_list words = {0};
		struct slice rest = slice_text(cases[i][0]);
		const char *word;

		while (words_next(&rest, WORDS_SHELL, &fixture.arena, &word) == STATUS_OK)
			vec_push(&words, ((struct word){word, word[0] != '$'}));
		command_line_add(&fixture.finder, &source, words.ptr, words.len);
		got = programs_of(&fixture);
		if (strcmp(got, cases[i][1]) != 0)
			fail_msg("%s\nexpected %s\nbut got  %s", cases[i][0], cases[i][1], got);
		vec_release(&words);
	}
	fixture_end(&fixture);
}

/* Texts inside of texts end at a budget, which is said. */
static void nesting_has_an_end(void **state)
{
	const struct command_source source = {
	    .from = "/from", .evidence = "test", .detail = "line"};
	struct fixture fixture;
	char *line;

	(void)state;
	world(&fixture);
	line = arena_strdup(&fixture.arena, "a");
	for (unsigned i = 0; i < 100; i++)
		line = arena_printf(&fixture.arena, "b $(%s)", line);
	command_line_add_shell(&fixture.finder, &source, line);
	assert_int_equal(fixture.diags.list.len, 1);
	assert_int_equal(fixture.diags.list.ptr[0].id, DIAG_LIMIT_REACHED);
	fixture_end(&fixture);
}

static void images(void **state)
{
	static const char *const entrypoint[] = {"tini", "--", "./start"};
	static const char *const command[] = {"a", "x"};
	struct launch launch = {.from = "/from", .working_directory = "/usr/bin"};
	struct fixture fixture;
	struct finder *finder;

	(void)state;
	finder = world(&fixture);
	launch.command = command;
	launch.command_count = 2;
	launch_find(finder, &launch);
	assert_string_equal(programs_of(&fixture), "a=/usr/bin/a 1/1");
	launch.entrypoint = entrypoint;
	launch.entrypoint_count = 3;
	launch_find(finder, &launch);
	assert_string_equal(programs_of(&fixture), "./start= tini=/usr/bin/tini 2/2");
	launch.entrypoint = (const char *const[]){"./b"};
	launch.entrypoint_count = 1;
	launch_find(finder, &launch); /* Cmd is its argument, not a program */
	assert_string_equal(programs_of(&fixture), "/usr/bin/b=/usr/bin/b 1/1");
	launch.entrypoint = (const char *const[]){"/bin/sh", "-c", "a && exec b $X"};
	launch.entrypoint_count = 3;
	launch.command_count = 0;
	launch_find(finder, &launch);
	assert_string_equal(programs_of(&fixture),
			    "a=/usr/bin/a b=/usr/bin/b /bin/sh=/usr/bin/sh 3/3");
	launch.entrypoint_count = 0;
	launch_find(finder, &launch);
	assert_string_equal(programs_of(&fixture), "0/0");
	fixture_end(&fixture);
}

/* What "/proc/self/exe" leads to is the program that looks, not the one that was looked at. */
static void files_of_the_kernel_are_none(void **state)
{
	struct commands *commands;
	struct root *root;

	(void)state;
	assert_int_equal(root_open_directory("/", &root), STATUS_OK);
	commands = commands_new(root, NULL);
	assert_non_null(commands_find(commands, "/bin/sh"));
	assert_null(commands_find(commands, "/proc/self/exe"));
	commands_free(commands);
	root_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shell_texts),   cmocka_unit_test(unit_words),
	    cmocka_unit_test(command_lines), cmocka_unit_test(nesting_has_an_end),
	    cmocka_unit_test(images),	     cmocka_unit_test(files_of_the_kernel_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
