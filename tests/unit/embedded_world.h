/* SPDX-License-Identifier: BSD-2-Clause */
/* Small made-up indexes and binaries, for tests of what is found inside. */
#ifndef TESTS_UNIT_EMBEDDED_WORLD_H
#define TESTS_UNIT_EMBEDDED_WORLD_H

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

static inline void use(struct world *world, const struct rows *rows, size_t count)
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

static inline const struct embedded *find(struct world *world)
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

#endif
