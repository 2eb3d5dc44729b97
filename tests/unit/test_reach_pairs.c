/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every cell of the pair table (tests/golden/reach/pairs.tsv): what the table says, and what the
 * judgement makes of a program that links one library.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "reach/pairs.h"
#include "reach/terms.h"

#define TABLE "tests/golden/reach/pairs.tsv"
#define COLUMNS 8

static struct {
	struct arena arena;
	struct diags diags;
	struct knowledge *knowledge;
} world;

static const struct file_licence *read_licence(const char *text)
{
	struct file_licence *licence = arena_alloc(&world.arena, sizeof(*licence));
	bool lossy;

	*licence = (struct file_licence){.text = text,
					 .original = text,
					 .path = "",
					 .detail = "",
					 .source = LICENCE_SOURCE_DEP5_STANZA};
	assert_int_equal(expression_parse(world.knowledge, EXPRESSION_SPDX, text, "", &world.arena,
					  &licence->expression, &lossy),
			 STATUS_OK);
	return licence;
}

static const struct licence_term *first_term(const struct file_licence *licence)
{
	return &licence->expression->steps[0].term;
}

/* The letter the table gives, as in the file. */
static char table_letter(const struct file_licence *provider, const struct file_licence *consumer)
{
	static const char letters[] = {'n', '?', 'w', 'r', 's', 'c', 'y'};
	struct pair_row row = pair_row_of(first_term(provider));
	struct terms terms;
	const struct term *term;
	char letter;

	terms_init(&terms, &world.arena);
	(void)terms_entry(&terms, provider);
	term = &terms.list.ptr[0];
	letter = letters[pair_answer(&row, pair_columns_of(first_term(consumer)))];
	/* What an exception frees fits everywhere. */
	if (term->effect == EXCEPTION_FREES && !term->strong)
		letter = 'y';
	terms_release(&terms);
	return letter;
}

static const struct reach_result *judge(const struct file_licence *provider,
					const struct file_licence *consumer)
{
	static const uint32_t list[] = {0};
	struct reach_node nodes[] = {
	    {.id = "/app",
	     .component = "app",
	     .component_name = "app",
	     .licence = consumer,
	     .shipped = true,
	     .own = true},
	    {.id = "/lib.so", .component = "lib", .component_name = "lib", .licence = provider},
	};
	struct reach_edge edges[] = {{.id = "e",
				      .from = 0,
				      .to = 1,
				      .kind = EDGE_KIND_LINK_DYNAMIC,
				      .symbols_bound = 3,
				      .evidence = "DT_NEEDED lib.so"}};
	struct reach_work works[] = {{.root = 0, .edges = list, .edge_count = 1}};
	struct reach_input input = {.nodes = nodes,
				    .node_count = 2,
				    .edges = edges,
				    .edge_count = 1,
				    .works = works,
				    .work_count = 1};

	return reach_judge(&input, &world.arena);
}

/* What the rules are to make of a cell. */
static enum outcome expected(char letter, size_t column, const char *provider)
{
	bool gpl = column < 4;

	switch (letter) {
	case 'n':
		/* Between two works without strong copyleft a dynamic link is a question. */
		return gpl || column == 7 ? OUTCOME_CONFLICT : OUTCOME_REVIEW;
	case '?':
		return OUTCOME_REVIEW;
	case 'w':
		return OUTCOME_WHOLE_WORK;
	case 'r':
		return OUTCOME_NOTICE;
	case 's':
		return strcmp(provider, "Sleepycat") == 0 ? OUTCOME_REVIEW : OUTCOME_CLEAR;
	default:
		/* LGPL s.6 asks for a notice of a program that is not of the family itself. */
		return column == 5 && strncmp(provider, "LGPL-", 5) == 0 ? OUTCOME_NOTICE
									 : OUTCOME_CLEAR;
	}
}

/* Terms nobody knows ask something only where copyleft is, or where they may be copyleft. */
static bool is_unknown_elsewhere(const char *provider, size_t column)
{
	return strcmp(provider, "LicenseRef-somebody") == 0 && column >= 4;
}

static int check_row(char *line, char *const consumers[COLUMNS])
{
	char *provider = strsep(&line, "\t"), *cells = strsep(&line, "\t");
	const struct file_licence *licence = read_licence(provider);
	int failures = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		const struct file_licence *consumer = read_licence(consumers[i]);
		char wanted = cells[2 * i], found = table_letter(licence, consumer);
		enum outcome outcome =
		    outcome_highest(judge(licence, consumer)->verdicts[0].outcomes);
		enum outcome right = is_unknown_elsewhere(provider, i)
					 ? OUTCOME_CLEAR
					 : expected(wanted, i, provider);

		if (found != wanted) {
			print_error("%s x %s: %c, not %c\n", provider, consumers[i], found, wanted);
			failures++;
		}
		if (outcome != right) {
			print_error("%s x %s: %s, not %s\n", provider, consumers[i],
				    outcome_text(outcome), outcome_text(right));
			failures++;
		}
	}
	return failures;
}

static void every_cell(void **state)
{
	char text[512], header[512] = "", *consumers[COLUMNS] = {NULL};
	FILE *file = fopen(TABLE, "re");
	int failures = 0, rows = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = '\0';
		if (text[0] == '#')
			continue;
		if (!*header) {
			char *at = header, *names;

			memcpy(header, text, sizeof(header));
			(void)strsep(&at, "\t");
			names = strsep(&at, "\t");
			for (size_t i = 0; i < COLUMNS; i++)
				consumers[i] = strsep(&names, " ");
			continue;
		}
		failures += check_row(arena_strdup(&world.arena, text), consumers);
		rows++;
	}
	fclose(file);
	assert_true(rows >= 40);
	assert_int_equal(failures, 0);
}

/* The rows of the tables decide for licences of no family. */
static void other_licences_follow_their_rows(void **state)
{
	static const struct {
		const char *id, *letters; /* GPL-2.0-only, GPL-3.0-only */
	} rows[] = {{"MS-PL", "nn"},	{"Artistic-2.0", "yy"}, {"CC0-1.0", "yy"},
		    {"HPND", "yy"},	{"PHP-3.01", "nn"},	{"NRL", "??"},
		    {"Info-ZIP", "yy"}, {"GPL-1.0-only", "nn"}, {"GPL-1.0-or-later", "yc"},
		    {"QPL-1.0", "nn"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct file_licence *licence = read_licence(rows[i].id);

		assert_int_equal(table_letter(licence, read_licence("GPL-2.0-only")),
				 rows[i].letters[0]);
		assert_int_equal(table_letter(licence, read_licence("GPL-3.0-only")),
				 rows[i].letters[1]);
	}
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&world.arena);
	diags_init(&world.diags);
	return knowledge_open(NULL, &world.diags, &world.knowledge) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(world.knowledge);
	diags_release(&world.diags);
	arena_release(&world.arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_cell),
	    cmocka_unit_test(other_licences_follow_their_rows),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
