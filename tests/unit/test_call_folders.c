/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders and names that a file holds as texts, and programs found by them: facts made by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "depend/call_edges.h"
#include "finder_fixture.h"
#include "util/budget.h"

struct held {
	struct fixture fixture;
	VEC(char) strings;
	VEC(struct facts_call_constant) constants;
	struct facts_identity identity;
	struct facts facts;
	struct call_edges edges;
	struct plugin_file file;
};

static void begin(struct held *held)
{
	*held = (struct held){0};
	fixture_begin(&held->fixture);
	vec_push(&held->strings, '\0');
}

static void hold(struct held *held, uint32_t parameter, const char *text)
{
	struct facts_text at = {(uint32_t)held->strings.len, (uint32_t)strlen(text)};

	for (size_t i = 0; i <= at.length; i++)
		vec_push(&held->strings, text[i]);
	vec_push(&held->constants,
		 ((struct facts_call_constant){.text = at, .parameter = parameter, .site = 1}));
}

static void run(struct held *held)
{
	held->facts = (struct facts){
	    .strings = slice_of(held->strings.ptr, held->strings.len),
	    .identity = &held->identity,
	    .call_constants = held->constants.ptr,
	    .call_constants_count = held->constants.len,
	};
	held->edges.finder = fixture_finder(&held->fixture);
	arena_init(&held->edges.arena);
	vec_push(&held->edges.files,
		 ((struct plugin_file){.path = "/usr/bin/it", .facts = &held->facts}));
	call_edges_summaries(&held->edges);
}

static size_t limits(const struct held *held)
{
	size_t count = 0;

	vec_each (diag, &held->fixture.diags.list)
		count += diag->id == DIAG_LIMIT_REACHED && strcmp(diag->file, "/usr/bin/it") == 0;
	return count;
}

static void end(struct held *held)
{
	vec_release(&held->edges.files);
	vec_release(&held->strings);
	vec_release(&held->constants);
	arena_release(&held->edges.arena);
	fixture_end(&held->fixture);
}

/* "git diff" is a program of git's, and "less" is one of PATH. */
static void own_commands(void **state)
{
	struct held held;

	(void)state;
	begin(&held);
	fixture_program(&held.fixture, "/usr/bin/diff");
	fixture_program(&held.fixture, "/usr/bin/less");
	fixture_program(&held.fixture, "/usr/bin/more");
	fixture_program(&held.fixture, "/usr/lib/git-core/git-diff");
	fixture_program(&held.fixture, "/usr/lib/git-core/got-less");
	fixture_write(&held.fixture, "/usr/lib/git-core/git-more", 0644, "no program");
	hold(&held, FACTS_CONSTANT_FOLDER, "/usr/lib/git-core");
	hold(&held, FACTS_CONSTANT_NAME, "diff");
	hold(&held, FACTS_CONSTANT_NAME, "less");
	hold(&held, FACTS_CONSTANT_NAME, "more");
	run(&held);
	assert_int_equal(held.fixture.edges.list.len, 2);
	assert_string_equal(held.fixture.edges.list.ptr[0].to, "/usr/bin/less");
	assert_string_equal(held.fixture.edges.list.ptr[1].to, "/usr/bin/more");
	end(&held);
}

/* Each folder is read once, not once for each name, and only so many are. */
static void many_folders(void **state)
{
	struct held held;
	char text[64];

	(void)state;
	begin(&held);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "/opt/lib/d%u", i);
		hold(&held, FACTS_CONSTANT_FOLDER, text);
		snprintf(text, sizeof(text), "n%u", i);
		hold(&held, FACTS_CONSTANT_NAME, text);
	}
	for (unsigned i = 0; i <= BUDGET_CALL_FOLDERS; i++) {
		snprintf(text, sizeof(text), "/opt/lib/d%u/n%u", i * 10, i * 10);
		fixture_program(&held.fixture, text);
		snprintf(text, sizeof(text), "n%u", i * 10);
		hold(&held, FACTS_CONSTANT_WORD, text);
	}
	run(&held);
	assert_int_equal(held.fixture.edges.list.len, BUDGET_CALL_FOLDERS);
	assert_int_equal(limits(&held), 1);
	end(&held);
}

/* Also folders below those that are named: names of the file too. */
static void many_folders_below(void **state)
{
	struct held held;
	char text[64];

	(void)state;
	begin(&held);
	hold(&held, FACTS_CONSTANT_FOLDER, "/opt/lib/app");
	for (unsigned i = 0; i < BUDGET_CALL_FOLDERS; i++) {
		snprintf(text, sizeof(text), "/opt/lib/app/d%u/program", i);
		fixture_program(&held.fixture, text);
		snprintf(text, sizeof(text), "d%u", i);
		hold(&held, FACTS_CONSTANT_WORD, text);
	}
	hold(&held, FACTS_CONSTANT_WORD, "program");
	run(&held);
	assert_int_equal(held.fixture.edges.list.len, BUDGET_CALL_FOLDERS - 1);
	assert_int_equal(limits(&held), 1);
	end(&held);
}

/* The bound is on what fits a pattern, not on what is in the folder. */
static void matches(struct held *held, const char *pattern, unsigned others, unsigned programs)
{
	char text[64];

	begin(held);
	hold(held, FACTS_CONSTANT_FOLDER, "/opt/lib/app");
	hold(held, FACTS_CONSTANT_WORD, pattern);
	for (unsigned i = 0; i < others; i++) {
		snprintf(text, sizeof(text), "/opt/lib/app/a%u", i);
		fixture_program(&held->fixture, text);
	}
	for (unsigned i = 0; i < programs; i++) {
		snprintf(text, sizeof(text), "/opt/lib/app/tool-%u", i);
		fixture_program(&held->fixture, text);
	}
	run(held);
}

static void pattern_matches_counted(void **state)
{
	struct held held;

	(void)state;
	matches(&held, "tool-%s", BUDGET_PATTERN_MATCHES, 3);
	assert_int_equal(held.fixture.edges.list.len, 3);
	assert_int_equal(limits(&held), 0);
	end(&held);
	matches(&held, "tool-%s", 0, BUDGET_PATTERN_MATCHES);
	assert_int_equal(held.fixture.edges.list.len, BUDGET_PATTERN_MATCHES);
	assert_int_equal(limits(&held), 0);
	end(&held);
	matches(&held, "tool-%s", 1, BUDGET_PATTERN_MATCHES + 1);
	assert_int_equal(held.fixture.edges.list.len, BUDGET_PATTERN_MATCHES);
	assert_int_equal(limits(&held), 1);
	end(&held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_commands),
	    cmocka_unit_test(many_folders),
	    cmocka_unit_test(many_folders_below),
	    cmocka_unit_test(pattern_matches_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
