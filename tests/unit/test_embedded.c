/* SPDX-License-Identifier: BSD-2-Clause */
/* Which components a binary's functions prove: small made-up indexes and binaries. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/embedded_stated.h"
#include "evidence/index_builder.h"

#define FUNCTIONS_MAX 4096
#define START 0x401000u

/* One run of functions in an index: keys first to first + count - 1, in one member. */
struct rows {
	const char *component, *version, *member;
	uint64_t first;
	uint32_t count, size, flags;
	const char *name; /* of all of them; NULL: "fKEY" */
	const char *licence;
};

struct world {
	char path[2][64];
	char folder[64]; /* of tables */
	struct licence_changes *changes;
	struct index *index;
	struct facts facts;
	struct facts_identity identity;
	struct facts_function functions[FUNCTIONS_MAX];
	uint64_t next; /* address of the next function */
	struct arena arena;
	struct diags diags;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(world->path[i], sizeof(world->path[i]), "/tmp/elfleft-embedded-XXXXXX");
		fd = mkstemp(world->path[i]);
		if (fd < 0)
			return -1;
		close(fd);
	}
	snprintf(world->folder, sizeof(world->folder), "/tmp/elfleft-changes-XXXXXX");
	if (!mkdtemp(world->folder))
		return -1;
	arena_init(&world->arena);
	diags_init(&world->diags);
	world->identity.machine = EM_X86_64;
	world->facts.identity = &world->identity;
	world->facts.identity_count = 1;
	world->facts.functions = world->functions;
	world->next = START;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 2; i++)
		unlink(world->path[i]);
	unlink(arena_printf(&world->arena, "%s/licence-changes.tsv", world->folder));
	rmdir(world->folder);
	licence_changes_free(world->changes);
	index_free(world->index);
	arena_release(&world->arena);
	diags_release(&world->diags);
	free(world);
	return 0;
}

static void add_rows(struct index_builder *builder, const struct rows *rows, uint16_t machine)
{
	const struct index_builder_origin origin = {
	    .component = rows->component,
	    .class = INDEX_LIBRARY,
	    .machine = machine,
	    .version = rows->version,
	    .licence = rows->licence ? rows->licence : "MIT",
	    .source = rows->component,
	    .path = rows->version,
	    .package = rows->member, /* an archive per member: origins must differ */
	};
	uint32_t number, member;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	member = index_builder_add_member(builder, number, rows->member);
	for (uint32_t i = 0; i < rows->count; i++) {
		char name[32];
		struct index_builder_function function = {
		    .key = rows->first + i,
		    .strict = 7,
		    .size = rows->size,
		    .instructions = 20,
		    .flags = rows->flags,
		};

		snprintf(name, sizeof(name), "f%llu", (unsigned long long)(rows->first + i));
		function.name = slice_text(rows->name ? rows->name : name);
		index_builder_add(builder, member, &function);
	}
}

/* Writes rows [0, split) to one segment and the rest to another, opened in this or that order. */
static void open_index(struct world *world, const struct rows *rows, size_t count, size_t split,
		       bool second_first, uint16_t machine)
{
	for (int part = 0; part < 2; part++) {
		struct index_builder *builder = index_builder_new();

		for (size_t i = part ? split : 0; i < (part ? count : split); i++)
			add_rows(builder, &rows[i], machine);
		assert_int_equal(index_builder_write(builder, world->path[part]), STATUS_OK);
		index_builder_free(builder);
	}
	index_free(world->index);
	world->index = index_new();
	for (int part = 0; part < 2; part++)
		assert_int_equal(
		    index_add_file(world->index, world->path[part ^ second_first], &world->diags),
		    STATUS_OK);
}

static void use(struct world *world, const struct rows *rows, size_t count)
{
	open_index(world, rows, count, count, false, EM_X86_64);
}

#define USE(world, rows) use(world, rows, sizeof(rows) / sizeof((rows)[0]))

/* Functions one behind the other in the binary; gap: bytes between them. */
static void lay_down(struct world *world, uint64_t first, uint32_t count, uint32_t size,
		     uint64_t gap)
{
	for (uint32_t i = 0; i < count; i++) {
		struct facts_function *function = &world->functions[world->facts.functions_count++];

		assert_true(world->facts.functions_count <= FUNCTIONS_MAX);
		*function = (struct facts_function){
		    .address = world->next,
		    .size = size,
		    .instructions = 20,
		    .parent = FACTS_NO_FUNCTION,
		    .loose = {first + i, 1},
		    .strict = {(uint64_t)7 << 32, 1},
		};
		world->next += size + gap;
	}
}

static const struct embedded *find(struct world *world)
{
	return embedded_find(&world->facts, world->index, &world->arena);
}

static const struct embedded_component *named(const struct embedded *embedded, const char *name)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		if (strcmp(embedded->components[i].name, name) == 0)
			return &embedded->components[i];
	return NULL;
}

/* The same where there must be one. */
static const struct embedded_component *the(const struct embedded *embedded, const char *name)
{
	const struct embedded_component *found = named(embedded, name);

	if (found)
		return found;
	fail_msg("%s is not claimed", name);
	abort();
}

/* ---- what is claimed ---- */

static void a_whole_member_is_certain(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "ISC"},
					   {"beta", "2.0", "b.o", 300, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 1000, 5, 64, 0); /* of nobody */
	lay_down(world, 100, 10, 64, 8);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	alpha = the(embedded, "alpha");
	assert_int_equal(alpha->confidence, EMBEDDED_CERTAIN);
	assert_int_equal(alpha->unique, 10);
	assert_int_equal(alpha->strict, 10);
	assert_int_equal(alpha->coverage, EMBEDDED_WHOLE);
	assert_int_equal(alpha->locality, EMBEDDED_WHOLE);
	assert_int_equal(alpha->version_count, 1);
	assert_string_equal(alpha->versions[0], "1.0");
	assert_true(alpha->version_fits);
	assert_string_equal(alpha->licence, "ISC");
	assert_int_equal(alpha->example_count, 5);
	assert_string_equal(alpha->examples[0].member, "a.o");
	assert_string_equal(alpha->examples[0].name, "f100");
	assert_int_equal(alpha->examples[0].address, START + 5 * 64);
	assert_int_equal(embedded->functions, 15);
	assert_int_equal(embedded->matched, 10);
	assert_int_equal(embedded->explained_bytes, 640);
	assert_int_equal(embedded->bytes, 960);
}

static void scattered_functions_are_a_hint(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 40, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 12, 64, 1 << 20);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 0);
	assert_int_equal(embedded->hint_count, 1);
	assert_int_equal(embedded->hints[0].unique, 12);
	assert_int_equal(embedded->explained_bytes, 0);
}

/* Wrappers of a line or two that two C libraries have: each an object file of its own. */
static void small_functions_alone_in_their_files_are_a_hint(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "b.o", 101, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "c.o", 102, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "d.o", 103, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "e.o", 104, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "f.o", 105, 1, 100, 0, NULL, NULL},
					   {"alpha", "1.0", "g.o", 106, 1, 300, 0, NULL, NULL}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 6, 100, 64);
	assert_int_equal(find(world)->component_count, 0);
	lay_down(world, 106, 1, 300, 64);
	assert_int_equal(the(find(world), "alpha")->confidence, EMBEDDED_CERTAIN);
}

static void few_functions_need_a_whole_member(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 2, 400, 0, NULL, NULL},
					   {"beta", "1.0", "b.o", 200, 1, 900, 0, NULL, NULL},
					   {"gamma", "1.0", "c.o", 300, 9, 200, 0, NULL, NULL},
					   {"delta", "1.0", "d.o", 400, 40, 50, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 2, 400, 0);
	lay_down(world, 200, 1, 900, 0); /* whole, but one alone */
	lay_down(world, 300, 2, 200, 0); /* large, but two of nine */
	lay_down(world, 400, 3, 50, 0);	 /* three small ones of forty */
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_non_null(named(embedded, "alpha"));
	assert_int_equal(embedded->components[0].confidence, EMBEDDED_LIKELY);
	assert_int_equal(embedded->hint_count, 3);
}

static void code_of_headers_speaks_for_nobody(void **state)
{
	static const struct rows rows[] = {
	    {"weak", "1", "a.o", 100, 10, 64, INDEX_FUNCTION_WEAK, NULL, NULL},
	    {"header", "1", "b.o", 200, 10, 64, INDEX_FUNCTION_HEADER_ONLY, NULL, NULL},
	    {"destructor", "1", "c.o", 300, 10, 64, 0, "_ZN1AD0Ev", NULL},
	    {"fragment", "1", "d.o", 400, 10, 64, INDEX_FUNCTION_FRAGMENT, NULL, NULL},
	    {"initialiser", "1", "e.o", 500, 10, 64, 0, "_GLOBAL__sub_I_x.cpp", NULL},
	    {"clone", "1", "f.o", 600, 10, 64, 0, "_ZN1AC2Ev.isra.0", NULL},
	    {"plain", "1", "g.o", 700, 10, 64, 0, "_ZN1A3fooEv", NULL},
	    {"moc", "1", "h.o", 800, 10, 64, 0, "_ZN1A11qt_metacallEN11QMetaObject4CallEiPPv",
	     NULL},
	    {"moc2", "1", "i.o", 900, 10, 64, 0, "_ZNK1A10metaObjectEv", NULL},
	};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	for (uint64_t first = 100; first <= 900; first += 100)
		lay_down(world, first, 10, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_non_null(named(embedded, "plain"));
}

static void other_machines_do_not_count(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;

	open_index(world, rows, 1, 1, false, EM_AARCH64);
	lay_down(world, 100, 10, 64, 0);
	assert_int_equal(find(world)->matched, 0);
}

static void small_functions_are_not_looked_up(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 40, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 40, 0);
	embedded = find(world);
	assert_int_equal(embedded->eligible, 0);
	assert_int_equal(embedded->component_count + embedded->hint_count, 0);
}

/* ---- bodies of several components ---- */

static void neighbours_decide_between_copies(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"alpha", "1", "copy.o", 500, 3, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 200, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "copy.o", 500, 3, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	lay_down(world, 999, 1, 64, 1 << 20);
	lay_down(world, 200, 10, 64, 0);
	lay_down(world, 500, 3, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 2);
	assert_int_equal(the(embedded, "alpha")->functions, 10);
	assert_int_equal(the(embedded, "beta")->functions, 13);
}

static void twins_are_told_as_such(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 100, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded *embedded;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	embedded = find(world);
	assert_int_equal(embedded->component_count, 1);
	assert_int_equal(embedded->components[0].confidence, EMBEDDED_LIKELY);
	assert_int_equal(embedded->components[0].other_count, 1);
	assert_string_equal(embedded->components[0].name, "alpha");
	assert_string_equal(embedded->components[0].others[0], "beta");
}

/* One body in every project: more postings than are kept. */
static void common_bodies_say_nothing(void **state)
{
	static struct rows rows[600];
	static char names[600][16];
	struct world *world = *state;

	for (size_t i = 0; i < 600; i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		rows[i] = (struct rows){names[i], "1", "a.o", 100, 1, 200, 0, NULL, NULL};
	}
	USE(world, rows);
	lay_down(world, 100, 1, 200, 0);
	assert_int_equal(find(world)->component_count, 0);
}

/* ---- versions ---- */

static void the_version_with_most_functions_wins(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "MIT"},
	    {"alpha", "2.0", "a.o", 105, 10, 64, 0, NULL, "ISC"},
	    {"alpha", "2.1", "a.o", 105, 10, 64, 0, NULL, "Zlib"},
	};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 105, 10, 64, 0);
	alpha = the(find(world), "alpha");
	assert_int_equal(alpha->version_count, 2);
	assert_string_equal(alpha->versions[0], "2.0");
	assert_string_equal(alpha->versions[1], "2.1");
	assert_int_equal(alpha->contradictions, 0);
	assert_true(alpha->licences_differ);
	assert_string_equal(alpha->licence, "(ISC) AND (Zlib)");
}

static void another_version_is_only_near(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 20, 64, 0, NULL, NULL},
					   {"alpha", "2.0", "a.o", 106, 24, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 103, 8, 64, 0); /* 103 to 110: three of 1.0 alone */
	alpha = the(find(world), "alpha");
	assert_string_equal(alpha->versions[0], "1.0");
	assert_false(alpha->version_fits);
	assert_int_equal(alpha->confidence, EMBEDDED_VERY_LIKELY);
}

/* Two whole files of thirty: nobody may have touched them for years. */
static void few_files_tell_no_version(void **state)
{
	const struct index_builder_origin origin = {.component = "alpha",
						    .class = INDEX_LIBRARY,
						    .machine = EM_X86_64,
						    .version = "1.0",
						    .licence = "MIT"};
	struct index_builder *builder = index_builder_new();
	struct world *world = *state;
	uint32_t number, member = 0;

	assert_true(index_builder_add_origin(builder, &origin, &number));
	for (unsigned i = 0; i < 300; i++) {
		char name[16];
		struct index_builder_function function = {
		    .key = 100 + i, .strict = 7, .size = 64, .instructions = 20};

		snprintf(name, sizeof(name), "%u.o", i / 10);
		if (i % 10 == 0)
			member = index_builder_add_member(builder, number, name);
		index_builder_add(builder, member, &function);
	}
	assert_int_equal(index_builder_write(builder, world->path[0]), STATUS_OK);
	index_builder_free(builder);
	world->index = index_new();
	assert_int_equal(index_add_file(world->index, world->path[0], &world->diags), STATUS_OK);
	lay_down(world, 100, 20, 64, 0);
	assert_false(the(find(world), "alpha")->version_fits);
	lay_down(world, 120, 10, 64, 0);
	assert_true(the(find(world), "alpha")->version_fits);
}

/* What is found, with the file saying "alpha VERSION", if any, and a table of changes. */
static const struct embedded_component *stating(struct world *world, const char *version)
{
	static const char table[] = "component\tbefore\tlicence\tlater\tsource\n"
				    "alpha\t0.9\tGPL-2.0-only\tISC\ts\n"
				    "alpha\t2.0\tMIT\tISC\ts\nalpha\t3.0\tZlib\tX\ts\n"
				    "alpha\t3.0\tBSL-1.0\tNCSA\ts\nalpha\t4.0\tBSL-1.0\tX\ts\n"
				    "beta\t9.0\tZlib\tISC\ts\n";
	struct embedded *found = embedded_find(&world->facts, world->index, &world->arena);
	struct embedded_mention mentions[] = {{"beta", "1.0", "beta 1.0", 1},
					      {"alpha", "", "alpha", 2},
					      {"alpha", version, "alpha version", 3}};
	struct embedded_mention *kept = arena_alloc(&world->arena, sizeof(mentions));
	FILE *file;

	memcpy(kept, mentions, sizeof(mentions));
	file = fopen(arena_printf(&world->arena, "%s/licence-changes.tsv", world->folder), "w");
	assert_non_null(file);
	fputs(table, file);
	fclose(file);
	licence_changes_free(world->changes);
	world->changes = licence_changes_open(world->folder, &world->diags);
	found->mentions = kept;
	found->mention_count = version ? 3 : 2;
	embedded_state_versions(found, world->changes, &world->arena);
	return the(found, "alpha");
}

static void licences_follow_the_version(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "2.1+dfsg", "a.o", 100, 10, 64, 0, NULL, "ISC"}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	/* The file says nothing, or the same. */
	alpha = stating(world, NULL);
	assert_true(alpha->version_fits);
	assert_null(alpha->stated_version);
	assert_string_equal(alpha->licence, "ISC");
	assert_null(stating(world, "2.1")->stated_version);
	/* Another version, on this side of a change and beyond one, and beyond two. */
	alpha = stating(world, "2.10");
	assert_string_equal(alpha->stated_version, "2.10");
	assert_false(alpha->version_fits);
	assert_string_equal(alpha->licence, "ISC");
	assert_string_equal(stating(world, "1.1.1w")->licence, "MIT");
	assert_string_equal(stating(world, "0.8")->licence, "GPL-2.0-only");
}

static void a_version_that_is_not_known_has_all_licences(void **state)
{
	static const struct rows rows[] = {{"alpha", "2.1", "a.o", 100, 40, 64, 0, NULL, "ISC"}};
	struct world *world = *state;
	const struct embedded_component *alpha;

	USE(world, rows);
	lay_down(world, 100, 20, 64, 0);
	alpha = stating(world, NULL);
	assert_false(alpha->version_fits);
	assert_true(alpha->licences_differ);
	assert_string_equal(alpha->licence, "(ISC) AND (GPL-2.0-only) AND (MIT)");
	assert_string_equal(stating(world, "1.9")->licence, "MIT");
}

/* The index may have a version from before the change. */
static void licences_follow_a_later_version(void **state)
{
	static const struct rows rows[] = {
	    {"alpha", "2.1", "a.o", 100, 10, 64, 0, NULL, "BSL-1.0"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "BSL-1.0");
	assert_string_equal(stating(world, "2.9.9")->licence, "BSL-1.0");
	assert_string_equal(stating(world, "3.0")->licence, "NCSA");
	assert_string_equal(stating(world, "4.1")->licence, "X");
}

/* An index of the user's that has the old version with its own licence is left alone. */
static void the_index_knows_its_own_licences(void **state)
{
	static const struct rows rows[] = {{"alpha", "1.0", "a.o", 100, 10, 64, 0, NULL, "X11"}};
	struct world *world = *state;

	USE(world, rows);
	lay_down(world, 100, 10, 64, 0);
	assert_string_equal(stating(world, NULL)->licence, "X11");
}

/* ---- order ---- */

/* All that is said of what was claimed, as a text that outlives the index. */
static const char *describe(struct world *world)
{
	const struct embedded *embedded = find(world);
	const char *text = "";

	for (size_t i = 0; i < embedded->component_count; i++) {
		const struct embedded_component *one = &embedded->components[i];

		text = arena_printf(&world->arena, "%s%s %u %u %u %s;", text, one->name,
				    one->functions, one->unique, one->confidence,
				    one->version_count == 1 ? one->versions[0] : "several");
	}
	return text;
}

static void the_order_of_indexes_changes_nothing(void **state)
{
	static const struct rows rows[] = {{"alpha", "1", "a.o", 100, 10, 64, 0, NULL, NULL},
					   {"beta", "1", "b.o", 100, 10, 64, 0, NULL, NULL},
					   {"gamma", "1", "c.o", 200, 10, 64, 0, NULL, NULL},
					   {"alpha", "2", "a.o", 195, 10, 64, 0, NULL, NULL}};
	struct world *world = *state;
	const char *first = NULL;

	lay_down(world, 100, 10, 64, 0);
	lay_down(world, 195, 15, 64, 0);
	for (size_t split = 0; split <= 4; split++) {
		for (int swapped = 0; swapped < 2; swapped++) {
			const char *text;

			open_index(world, rows, 4, split, swapped, EM_X86_64);
			text = describe(world);
			if (!first)
				first = text;
			assert_string_equal(text, first);
		}
	}
	assert_true(strlen(first) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(a_whole_member_is_certain),
	    TEST(scattered_functions_are_a_hint),
	    TEST(small_functions_alone_in_their_files_are_a_hint),
	    TEST(few_functions_need_a_whole_member),
	    TEST(code_of_headers_speaks_for_nobody),
	    TEST(other_machines_do_not_count),
	    TEST(small_functions_are_not_looked_up),
	    TEST(neighbours_decide_between_copies),
	    TEST(twins_are_told_as_such),
	    TEST(common_bodies_say_nothing),
	    TEST(the_version_with_most_functions_wins),
	    TEST(another_version_is_only_near),
	    TEST(few_files_tell_no_version),
	    TEST(licences_follow_the_version),
	    TEST(licences_follow_a_later_version),
	    TEST(a_version_that_is_not_known_has_all_licences),
	    TEST(the_index_knows_its_own_licences),
	    TEST(the_order_of_indexes_changes_nothing),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
