/* SPDX-License-Identifier: BSD-2-Clause */
/* Licence expressions: known readings, and properties on seeded random ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "licence/expression.h"

/* Random ones; make accuracy tries 100,000. */
static unsigned expressions = 20000;

static struct arena arena;
static struct diags diags;
static struct knowledge *knowledge;
static uint64_t seed;

static const char *canonical(enum expression_dialect dialect, const char *text)
{
	const struct expression *expression;

	if (expression_parse(knowledge, dialect, text, "pkg", &arena, &expression, NULL) !=
	    STATUS_OK)
		return "bad";
	return expression_print(expression, &arena);
}

static void spdx_expressions_are_normalised(void **state)
{
	static const char *const rows[][2] = {
	    {"MIT", "MIT"},
	    {"mit", "MIT"},
	    {"GPL-2.0", "GPL-2.0-only"},
	    {"GPL-2.0+", "GPL-2.0-or-later"},
	    {"LGPL-2.1+ OR MIT", "LGPL-2.1-or-later OR MIT"},
	    {"gpl-3.0-OR-later with gcc-exception-3.1", "GPL-3.0-or-later WITH GCC-exception-3.1"},
	    {"MIT AND (Apache-2.0 OR BSD-3-Clause)", "MIT AND (Apache-2.0 OR BSD-3-Clause)"},
	    {"MIT OR Apache-2.0 AND ISC", "MIT OR Apache-2.0 AND ISC"},
	    {"((MIT))", "MIT"},
	    {"LicenseRef-Mine AND MIT", "LicenseRef-Mine AND MIT"},
	    {"DocumentRef-a:LicenseRef-b", "DocumentRef-a:LicenseRef-b"},
	    {"GPL-2.0-only WITH DocumentRef-a:AdditionRef-b",
	     "GPL-2.0-only WITH DocumentRef-a:AdditionRef-b"},
	    {"AGPL-3.0+ or gfdl-1.3", "AGPL-3.0-or-later OR GFDL-1.3-only"},
	    {"GPL-2.0-or-later+", "GPL-2.0-or-later"},
	    {"Apache-2.0+", "Apache-2.0+"},
	    {"GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"},
	    {"GPL-3.0-with-GCC-exception+ AND MIT",
	     "GPL-3.0-or-later WITH GCC-exception-3.1 AND MIT"},
	    {"wxWindows", "LGPL-2.0-or-later WITH WxWindows-exception-3.1"},
	    {"Unheard-Of-1.0", "Unheard-Of-1.0"},
	    {"GPL-2.0-only WITH AdditionRef-x", "GPL-2.0-only WITH AdditionRef-x"},
	    {"MIT AND(ISC)", "MIT AND ISC"},
	    {"(MIT)OR(ISC)", "MIT OR ISC"},
	    {"\tMIT\nOR  ISC ", "MIT OR ISC"},
	    {"mit and isc or zlib", "MIT AND ISC OR Zlib"},
	    {"(MIT OR ISC) and Zlib", "(MIT OR ISC) AND Zlib"},
	    {"LicenseRef-a WITH Classpath-exception-2.0",
	     "LicenseRef-a WITH Classpath-exception-2.0"},
	    {"DocumentRef-d.1:LicenseRef-a-2 WITH AdditionRef-b.3",
	     "DocumentRef-d.1:LicenseRef-a-2 WITH AdditionRef-b.3"},
	    {"Apache-2.0+ WITH LLVM-exception", "Apache-2.0+ WITH LLVM-exception"},
	    {"gpl-2.0+ with classpath-EXCEPTION-2.0",
	     "GPL-2.0-or-later WITH Classpath-exception-2.0"},
	    /* The prefix is case-sensitive, an id is not: LicenseRef-a and LicenseRef-A differ. */
	    {"LicenseRef-a OR LicenseRef-A", "LicenseRef-a OR LicenseRef-A"},
	    {"", "bad"},
	    {"MIT oR ISC", "bad"},
	    {"MIT With Classpath-exception-2.0", "bad"},
	    {"MIT WITH (Classpath-exception-2.0)", "bad"},
	    {"(MIT AND ISC) WITH Classpath-exception-2.0", "bad"},
	    {"MIT OR OR ISC", "bad"},
	    {"MIT, ISC", "bad"},
	    {"MIT/ISC", "bad"},
	    {"MIT WITH AdditionRef-", "bad"},
	    {"DocumentRef-:LicenseRef-a", "bad"},
	    {"DocumentRef-a:AdditionRef-b", "bad"},
	    {"DocumentRef-a:b:LicenseRef-c", "bad"},
	    {"MIT WITH DocumentRef-a:LicenseRef-b", "bad"},
	    {"LicenseRef-a_b", "bad"},
	    {"GPL-2.0 +", "bad"},
	    {"+", "bad"},
	    {"MIT AND", "bad"},
	    {"AND MIT", "bad"},
	    {"MIT MIT", "bad"},
	    {"(MIT", "bad"},
	    {"MIT)", "bad"},
	    {"MIT And ISC", "bad"},
	    {"GPL-2.0-only WITH", "bad"},
	    {"M$T", "bad"},
	    {"GPL-2.0-only+", "bad"},
	    {"LicenseRef-", "bad"},
	    {"LicenseRef-a+", "bad"},
	    {"licenseref-a:b", "bad"},
	    {"DocumentRef-a", "bad"},
	    {"AdditionRef-a", "bad"},
	    {"MIT WITH a:b", "bad"},
	    {"GPL-2.0-with-GCC-exception WITH LLVM-exception", "bad"},
	    {"MIT WITH GCC-exception-3.1 WITH LLVM-exception", "bad"},
	    {"()", "bad"},
	    {"WITH", "WITH"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(canonical(EXPRESSION_SPDX, rows[i][0]), rows[i][1]);
}

static void dep5_names_are_read(void **state)
{
	static const char *const rows[][2] = {
	    {"GPL-2+", "GPL-2.0-or-later"},
	    {"GPL-2", "GPL-2.0-only"},
	    {"LGPLv2.1+", "LGPL-2.1-or-later"},
	    {"Expat", "MIT"},
	    {"GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0-Perl"},
	    {"GPL-2+ and Expat", "GPL-2.0-or-later AND MIT"},
	    {"Expat or GPL-2+ and Zlib", "MIT OR GPL-2.0-or-later AND Zlib"},
	    {"Expat or GPL-2+, and Zlib", "(MIT OR GPL-2.0-or-later) AND Zlib"},
	    {"LGPL-3+ or GPL-2+", "LGPL-3.0-or-later OR GPL-2.0-or-later"},
	    {"GPL-3+ with Bison exception", "GPL-3.0-or-later WITH Bison-exception-2.2"},
	    {"Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"},
	    {"something-odd", "LicenseRef-pkg-something-odd"},
	    {"weird (name)", "LicenseRef-pkg-weird--name-"},
	    {"Expat or", "MIT"},
	    {"GPL-2 or later", "GPL-2.0-or-later"},
	    {"LGPL-2.1 or newer, and Expat or Zlib", "LGPL-2.1-or-later AND (MIT OR Zlib)"},
	    {"GPL-2 or later from A", "GPL-2.0-only OR LicenseRef-pkg-later-from-A"},
	    {"GPL-2 or later or Expat", "GPL-2.0-or-later OR MIT"},
	    {"", "LicenseRef-pkg-unnamed"},
	    {"GPL-2+ and/or Expat", "GPL-2.0-or-later OR MIT"},
	    {"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"},
	    {"GPL-7+", "LicenseRef-pkg-GPL-7-"},
	    {"MPL-1.1+", "MPL-1.1+"},
	    {"GPL-2.0-with-font-exception", "GPL-2.0-only WITH Font-exception-2.0"},
	    {"Expat, Zlib and ISC", "MIT AND Zlib AND ISC"},
	    {"MPL-1.1, GPL-2+ or LGPL-2.1+", "MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-or-later"},
	    {"Expat, odd and ISC", "LicenseRef-pkg-Expat--odd AND ISC"},
	    {"GPL-3+ with GCC-3.1 exception", "GPL-3.0-or-later WITH GCC-exception-3.1"},
	    {"GPL-2+-with-Classpath-exception", "GPL-2.0-or-later WITH Classpath-exception-2.0"},
	    {"LGPL-2.1+ with chocolate exception",
	     "LGPL-2.1-or-later WITH AdditionRef-pkg-chocolate"},
	    {"odd with chocolate exception", "LicenseRef-pkg-odd-with-chocolate-exception"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(canonical(EXPRESSION_DEP5, rows[i][0]), rows[i][1]);
}

/* Ids that SPDX has replaced, each in both of its forms. */
static void deprecated_ids_are_normalised(void **state)
{
	static const char *const gnu[] = {"AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2",
					  "GFDL-1.3", "GPL-1.0",  "GPL-2.0",  "GPL-3.0",
					  "LGPL-2.0", "LGPL-2.1", "LGPL-3.0"};
	static const char *const rows[][2] = {
	    {"eCos-2.0", "GPL-2.0-or-later WITH eCos-exception-2.0"},
	    {"GPL-2.0-with-autoconf-exception", "GPL-2.0-only WITH Autoconf-exception-2.0"},
	    {"gpl-2.0-with-bison-exception", "GPL-2.0-only WITH Bison-exception-2.2"},
	    {"GPL-2.0-with-font-exception+", "GPL-2.0-or-later WITH Font-exception-2.0"},
	    {"GPL-2.0-with-GCC-exception", "GPL-2.0-only WITH GCC-exception-2.0"},
	    {"GPL-3.0-with-autoconf-exception", "GPL-3.0-only WITH Autoconf-exception-3.0"},
	    {"BSD-2-Clause-FreeBSD", "BSD-2-Clause-Views"},
	    {"BSD-2-Clause-NetBSD", "BSD-2-Clause"},
	    {"bzip2-1.0.5", "bzip2-1.0.6"},
	    {"StandardML-NJ", "SMLNJ"},
	    {"Nunit", "zlib-acknowledgement"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(gnu) / sizeof(gnu[0]); i++) {
		assert_string_equal(canonical(EXPRESSION_SPDX, gnu[i]),
				    arena_printf(&arena, "%s-only", gnu[i]));
		assert_string_equal(canonical(EXPRESSION_SPDX, arena_printf(&arena, "%s+", gnu[i])),
				    arena_printf(&arena, "%s-or-later", gnu[i]));
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(canonical(EXPRESSION_SPDX, rows[i][0]), rows[i][1]);
}

/* Names of RPM before SPDX, of METADATA and of conda; lossy: some name does not say all. */
static void names_of_other_worlds_are_read(void **state)
{
	static const struct {
		enum expression_dialect dialect;
		const char *text, *wanted;
		bool lossy;
	} rows[] = {
	    {EXPRESSION_RPM, "GPLv2+", "GPL-2.0-or-later", false},
	    {EXPRESSION_RPM, "GPLv2+ and (MIT or ASL 2.0)",
	     "GPL-2.0-or-later AND (MIT OR Apache-2.0)", false},
	    {EXPRESSION_RPM, "LGPLv2+ and BSD",
	     "LGPL-2.0-or-later AND (BSD-2-Clause OR BSD-3-Clause)", true},
	    {EXPRESSION_RPM, "GPLv3+ with exceptions and ISC",
	     "GPL-3.0-or-later WITH AdditionRef-unspecified-exception AND ISC", true},
	    {EXPRESSION_RPM, "(GPLv2 or LGPLv3+) and zlib",
	     "(GPL-2.0-only OR LGPL-3.0-or-later) AND Zlib", false},
	    {EXPRESSION_RPM, "GPL-2.0-or-later AND MIT", "GPL-2.0-or-later AND MIT", false},
	    {EXPRESSION_RPM, "GPLv2+ and Something Odd",
	     "GPL-2.0-or-later AND LicenseRef-pkg-Something-Odd", true},
	    {EXPRESSION_RPM, "GPLv2+ and (MIT", "LicenseRef-pkg-GPLv2--and--MIT", true},
	    {EXPRESSION_RPM, "", "LicenseRef-pkg-unnamed", true},
	    {EXPRESSION_PYTHON, "Apache License, Version 2.0", "Apache-2.0", false},
	    {EXPRESSION_PYTHON, "BSD", "BSD-3-Clause", true},
	    {EXPRESSION_PYTHON, "MIT or Apache 2", "MIT OR Apache-2.0", false},
	    {EXPRESSION_PYTHON, "The MIT License (MIT) and BSD 3-Clause", "MIT AND BSD-3-Clause",
	     false},
	    {EXPRESSION_PYTHON, "See LICENSE (below)", "LicenseRef-pkg-See-LICENSE--below-", true},
	    {EXPRESSION_CONDA, "GPL (>= 2)", "GPL-2.0-or-later", false},
	    {EXPRESSION_CONDA, "GPL-3.0-only WITH GCC-exception-3.1",
	     "GPL-3.0-only WITH GCC-exception-3.1", false},
	    {EXPRESSION_CONDA, "MIT AND GPL-2.0+", "MIT AND GPL-2.0-or-later", false},
	    {EXPRESSION_CONDA_FAMILY, "BSD", "BSD-3-Clause", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct expression *expression;
		bool lossy;

		assert_int_equal(expression_parse(knowledge, rows[i].dialect, rows[i].text, "pkg",
						  &arena, &expression, &lossy),
				 STATUS_OK);
		assert_string_equal(expression_print(expression, &arena), rows[i].wanted);
		assert_int_equal(lossy, rows[i].lossy);
	}
}

static unsigned pick(unsigned count)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % count;
}

static const char *const terms[] = {
    "MIT", "ISC", "Zlib", "Apache-2.0", "GPL-2.0-only", "GPL-3.0-or-later WITH GCC-exception-3.1"};
#define TERMS 6

/* A random expression as text, made from the inside out. */
static const char *random_text(void)
{
	const char *stack[8];
	size_t depth = 0;

	for (unsigned steps = 1 + pick(12); steps || depth != 1; steps -= steps > 0) {
		if (depth < 2 || (depth < 8 && steps && pick(2))) {
			if (!steps && depth == 1)
				break;
			stack[depth++] = terms[pick(TERMS)];
			continue;
		}
		depth--;
		stack[depth - 1] = arena_printf(&arena, "(%s) %s (%s)", stack[depth - 1],
						pick(2) ? "AND" : "OR", stack[depth]);
	}
	return stack[0];
}

static bool same_steps(const struct expression *left, const struct expression *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (left->steps[i].op != right->steps[i].op ||
		    (left->steps[i].op == EXPRESSION_TERM &&
		     strcmp(left->steps[i].term.id, right->steps[i].term.id) != 0))
			return false;
	return true;
}

/* Whether the expression is satisfied when exactly the licences in a set are allowed. */
static bool satisfied(const struct expression *expression, unsigned allowed)
{
	bool stack[64];
	size_t depth = 0;

	for (size_t i = 0; i < expression->count; i++) {
		const struct expression_step *step = &expression->steps[i];

		if (step->op == EXPRESSION_TERM) {
			unsigned term = 0;
			while (strncmp(terms[term], step->term.id, strlen(step->term.id)) != 0)
				term++;
			stack[depth++] = (allowed >> term) & 1;
			continue;
		}
		depth--;
		stack[depth - 1] = step->op == EXPRESSION_AND ? stack[depth - 1] && stack[depth]
							      : stack[depth - 1] || stack[depth];
	}
	return stack[0];
}

static bool choices_satisfied(const struct licence_choice *choices, size_t count, unsigned allowed)
{
	for (size_t i = 0; i < count; i++) {
		bool all = true;

		for (size_t j = 0; j < choices[i].count; j++) {
			unsigned term = 0;
			while (strncmp(terms[term], choices[i].terms[j].id,
				       strlen(choices[i].terms[j].id)) != 0)
				term++;
			all &= (allowed >> term) & 1;
		}
		if (all)
			return true;
	}
	return false;
}

static void printed_expressions_read_back(void **state)
{
	(void)state;
	seed = 7;
	for (unsigned i = 0; i < expressions; i++) {
		const char *text = random_text();
		const struct expression *first, *second;

		assert_int_equal(
		    expression_parse(knowledge, EXPRESSION_SPDX, text, "", &arena, &first, NULL),
		    STATUS_OK);
		assert_int_equal(expression_parse(knowledge, EXPRESSION_SPDX,
						  expression_print(first, &arena), "", &arena,
						  &second, NULL),
				 STATUS_OK);
		assert_true(same_steps(first, second));
	}
}

static void choices_equal_the_truth_table(void **state)
{
	(void)state;
	seed = 8;
	for (unsigned i = 0; i < expressions; i++) {
		const struct expression *expression;
		const struct licence_choice *choices;
		size_t count;
		bool capped;

		assert_int_equal(expression_parse(knowledge, EXPRESSION_SPDX, random_text(), "",
						  &arena, &expression, NULL),
				 STATUS_OK);
		expression_choices(expression, &arena, &choices, &count, &capped);
		assert_false(capped);
		for (unsigned allowed = 0; allowed < 1u << TERMS; allowed++)
			assert_int_equal(satisfied(expression, allowed),
					 choices_satisfied(choices, count, allowed));
	}
}

static void joining_drops_repetitions(void **state)
{
	const struct expression *mit, *isc, *joined = NULL;

	(void)state;
	assert_int_equal(
	    expression_parse(knowledge, EXPRESSION_SPDX, "MIT", "", &arena, &mit, NULL), STATUS_OK);
	assert_int_equal(
	    expression_parse(knowledge, EXPRESSION_SPDX, "ISC OR Zlib", "", &arena, &isc, NULL),
	    STATUS_OK);
	joined = expression_join(EXPRESSION_AND, joined, mit, &arena);
	joined = expression_join(EXPRESSION_AND, joined, isc, &arena);
	joined = expression_join(EXPRESSION_AND, joined, mit, &arena);
	joined = expression_join(EXPRESSION_AND, joined, isc, &arena);
	assert_string_equal(expression_print(joined, &arena), "MIT AND (ISC OR Zlib)");
}

static void choices_are_minimal(void **state)
{
	const struct expression *expression;
	const struct licence_choice *choices;
	size_t count;
	bool capped;

	(void)state;
	assert_int_equal(expression_parse(knowledge, EXPRESSION_SPDX,
					  "MIT AND (MIT OR GPL-2.0-only) AND (ISC OR MIT)", "",
					  &arena, &expression, NULL),
			 STATUS_OK);
	expression_choices(expression, &arena, &choices, &count, &capped);
	assert_int_equal(count, 1);
	assert_int_equal(choices[0].count, 1);
	assert_string_equal(choices[0].terms[0].id, "MIT");
}

static void hostile_expressions_stay_small(void **state)
{
	const struct expression *expression;
	const struct licence_choice *choices;
	char *text = malloc(400000), *at = text;
	size_t count;
	bool capped;

	(void)state;
	/* Brackets without end, names without end, more terms than the budget. */
	memset(text, '(', 300000);
	text[300000] = '\0';
	assert_string_equal(canonical(EXPRESSION_SPDX, text), "bad");
	memset(text, 'x', 300000);
	assert_true(strlen(canonical(EXPRESSION_DEP5, text)) < 200);
	at = stpcpy(at, "a0");
	for (unsigned i = 1; i < 20000; i++)
		at += snprintf(at, 32, " or a%u", i);
	assert_true(strlen(canonical(EXPRESSION_DEP5, text)) < 200);
	assert_string_equal(canonical(EXPRESSION_SPDX, text), "bad");
	/* Every further term would double the work. */
	at = stpcpy(text, "LicenseRef-a OR LicenseRef-b");
	for (unsigned i = 0; i < 120; i++)
		at += snprintf(at, 80, " AND (LicenseRef-c%u OR LicenseRef-d%u)", i, i);
	assert_int_equal(
	    expression_parse(knowledge, EXPRESSION_SPDX, text, "", &arena, &expression, NULL),
	    STATUS_OK);
	expression_choices(expression, &arena, &choices, &count, &capped);
	assert_true(capped);
	free(text);
}

/* Names without end cost as much as they are long, and are none. */
static void endless_names_are_not_understood(void **state)
{
	static const char *const words[] = {"a and ", "( ", "a (x) or ", "GPL or later "};
	static const char *const again[] = {"a and ", "( ", "a (x) or ", "or later "};
	static const enum expression_dialect dialects[] = {EXPRESSION_RPM, EXPRESSION_PYTHON,
							   EXPRESSION_CONDA, EXPRESSION_DEP5};
	const size_t count = 40000;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(again[i]);
		char *text = arena_alloc(&arena, strlen(words[i]) + count * length + 1);
		char *end = stpcpy(text, words[i]);

		for (size_t j = 0; j < count; j++)
			end = stpcpy(end, again[i]);
		for (size_t j = 0; j < sizeof(dialects) / sizeof(dialects[0]); j++) {
			size_t before = arena.total;

			assert_null(strstr(canonical(dialects[j], text), "MIT"));
			assert_true(arena.total - before < 64 * strlen(text));
		}
	}
	assert_string_equal(canonical(EXPRESSION_DEP5, "GPL-2 or later or later"),
			    "GPL-2.0-or-later");
}

/* Whether two texts ask for the same, by each of the ways of comparing. */
static void expressions_are_compared(void **state)
{
	static const struct {
		const char *left, *right;
		bool same, but_exceptions, families, permissive; /* permissive: of left */
	} cases[] = {
	    {"MIT", "BSD-2-Clause", true, true, true, true},
	    {"GPL-2.0-only AND MIT", "GPL-2.0-only", true, true, true, false},
	    {"GPL-2.0-only OR MIT", "ISC", true, true, false, true},
	    {"GPL-2.0-only", "GPL-2.0-or-later", false, false, true, false},
	    {"LGPL-2.1-only", "GPL-2.0-only", false, false, false, false},
	    {"GPL-3.0-or-later WITH GCC-exception-3.1", "GPL-3.0-or-later", false, true, true,
	     false},
	    {"LicenseRef-a", "MIT", false, false, false, false},
	    {"LGPL-3.0-only OR GPL-2.0-only", "GPL-2.0-only OR LGPL-3.0-only", true, true, true,
	     false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct expression *left, *right;

		assert_int_equal(expression_parse(knowledge, EXPRESSION_SPDX, cases[i].left, "",
						  &arena, &left, NULL),
				 STATUS_OK);
		assert_int_equal(expression_parse(knowledge, EXPRESSION_SPDX, cases[i].right, "",
						  &arena, &right, NULL),
				 STATUS_OK);
		assert_int_equal(expression_same_copyleft(left, right), cases[i].same);
		assert_int_equal(expression_same_copyleft(right, left), cases[i].same);
		assert_int_equal(expression_same_but_exceptions(left, right),
				 cases[i].but_exceptions);
		assert_int_equal(expression_same_families(left, right), cases[i].families);
		assert_int_equal(expression_is_permissive(left), cases[i].permissive);
	}
}

static void too_many_choices_give_the_strictest_reading(void **state)
{
	const struct expression *expression;
	const struct licence_choice *choices;
	char *text = arena_strdup(&arena, "(LicenseRef-a0 OR LicenseRef-b0)");
	size_t count;
	bool capped;

	(void)state;
	for (unsigned i = 1; i < 12; i++)
		text =
		    arena_printf(&arena, "%s AND (LicenseRef-a%u OR LicenseRef-b%u)", text, i, i);
	assert_int_equal(
	    expression_parse(knowledge, EXPRESSION_SPDX, text, "", &arena, &expression, NULL),
	    STATUS_OK);
	expression_choices(expression, &arena, &choices, &count, &capped);
	assert_true(capped);
	assert_int_equal(count, 1);
	assert_int_equal(choices[0].count, 24);
}

static int set_up(void **state)
{
	const char *wanted = getenv("ELFLEFT_TEST_GRAPHS");

	if (wanted && strtoul(wanted, NULL, 10))
		expressions = (unsigned)strtoul(wanted, NULL, 10);
	(void)state;
	arena_init(&arena);
	diags_init(&diags);
	return knowledge_open(NULL, &diags, &knowledge) != STATUS_OK || diags.list.len;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(knowledge);
	diags_release(&diags);
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spdx_expressions_are_normalised),
	    cmocka_unit_test(dep5_names_are_read),
	    cmocka_unit_test(deprecated_ids_are_normalised),
	    cmocka_unit_test(names_of_other_worlds_are_read),
	    cmocka_unit_test(printed_expressions_read_back),
	    cmocka_unit_test(choices_equal_the_truth_table),
	    cmocka_unit_test(joining_drops_repetitions),
	    cmocka_unit_test(choices_are_minimal),
	    cmocka_unit_test(hostile_expressions_stay_small),
	    cmocka_unit_test(endless_names_are_not_understood),
	    cmocka_unit_test(expressions_are_compared),
	    cmocka_unit_test(too_many_choices_give_the_strictest_reading),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
