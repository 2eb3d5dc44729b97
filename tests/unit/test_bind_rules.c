/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of binding that can be said in tables: order, classes of relocations, odd input. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bind_world.h"
#include "depend/bind_process.h"

#define WORLDS 2000
#define FILE_COUNT 32u

/* ---- the order of relocation ---- */

static void visit(const struct world *world, uint32_t object, bool *visited, uint32_t *list,
		  size_t *left)
{
	if (visited[object])
		return;
	visited[object] = true;
	for (size_t i = 0; i < EDGES; i++)
		if (object != 0 && world->edges[i].from == object &&
		    world->edges[i].to != LOADER_NONE)
			visit(world, world->edges[i].to, visited, list, left);
	list[--*left] = object;
}

/* The same by recursion, as glibc does it. */
static void test_order(void **state)
{
	struct file *files = calloc(FILE_COUNT, sizeof(*files));

	(void)state;
	random_state = 42;
	for (uint32_t i = 0; i < FILE_COUNT; i++)
		files[i].binary.id = i;
	for (int i = 0; i < WORLDS; i++) {
		uint32_t list[OBJECTS], *order;
		bool visited[OBJECTS] = {0};
		struct world world;
		size_t count, left, at = 0;

		make_world(&world, files, FILE_COUNT);
		order = bind_order(&world.load);
		count = left = world.load.scope_count;
		for (size_t j = count; j-- > 0;)
			if (world.scope[j] != 0)
				visit(&world, world.scope[j], visited, list, &left);
		visit(&world, 0, visited, list, &left);
		assert_int_equal(left, 0);
		while (list[at] != 0)
			at++;
		memmove(&list[1], &list[0], at * sizeof(list[0]));
		list[0] = 0;
		for (size_t j = 0; j < count; j++)
			assert_int_equal(order[j], list[count - 1 - j]);
		free(order);
	}
	free(files);
}

/* ---- machines ---- */

static void test_relocation_classes(void **state)
{
	static const struct {
		uint16_t machine;
		uint32_t flags, type;
		unsigned class;
	} rows[] = {
	    {EM_X86_64, 0, R_X86_64_NONE, 0},
	    {EM_X86_64, 0, R_X86_64_RELATIVE, 0},
	    {EM_X86_64, 0, R_X86_64_64, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_GLOB_DAT, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_JUMP_SLOT, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_DTPMOD64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_DTPOFF64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_TPOFF64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_TLSDESC, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_SIZE64, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_COPY, BIND_COPY},
	    {EM_386, 0, R_386_JMP_SLOT, BIND_PLT},
	    {EM_386, 0, R_386_TLS_TPOFF, BIND_PLT},
	    {EM_386, 0, R_386_TLS_DTPOFF32, BIND_PLT},
	    {EM_386, 0, R_386_TLS_DESC, BIND_PLT},
	    {EM_386, 0, R_386_32, BIND_PLAIN},
	    {EM_386, 0, R_386_TLS_IE, BIND_PLAIN},
	    {EM_AARCH64, 0, R_AARCH64_ABS64, BIND_PLAIN},
	    {EM_AARCH64, 0, R_AARCH64_JUMP_SLOT, BIND_PLT},
	    {EM_AARCH64, 0, R_AARCH64_TLSDESC, BIND_PLT},
	    {EM_AARCH64, 0, R_AARCH64_RELATIVE, 0},
	    {EM_AARCH64, 0, R_AARCH64_IRELATIVE, BIND_PLAIN},
	    {EM_ARM, 0, R_ARM_TLS_DESC, BIND_PLT},
	    {EM_ARM, 0, R_ARM_GLOB_DAT, BIND_PLAIN},
	    {EM_RISCV, 0, R_RISCV_64, BIND_PLAIN},
	    {EM_RISCV, 0, R_RISCV_TLS_DTPREL64, BIND_PLT},
	    {EM_S390, 0, R_390_TLS_TPOFF, BIND_PLT},
	    {EM_PPC64, 2, R_PPC64_ADDR64, BIND_PLAIN},
	    {EM_PPC64, 2, R_PPC64_DTPMOD64, BIND_PLT},
	    {EM_PPC64, 1, R_PPC64_ADDR64, BIND_PLT},
	    {EM_PPC64, 2, R_PPC64_COPY, BIND_COPY},
	    {EM_SPARCV9, 0, 20, BIND_PLAIN},
	    {EM_SPARCV9, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts_identity identity = {.machine = rows[i].machine,
						  .elf_flags = rows[i].flags};

		assert_int_equal(bind_relocation_class(bind_machine(&identity), rows[i].type),
				 rows[i].class);
	}
}

/* A process of which nothing is known, and one whose facts lack what is wanted. */
static void test_odd_processes(void **state)
{
	struct binder *binder = binder_new(NULL, NULL);
	struct load_set empty = {0};
	struct file *file = calloc(1, sizeof(*file));
	const struct bindings *bindings;
	struct world world;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(bind_symbols(binder, &empty, &arena, &bindings), STATUS_OK);
	assert_int_equal(bindings->count + bindings->undeclared_count, 0);
	make_strings();
	make_file(file, 3, false);
	world = (struct world){.objects = {{.binary = &file->binary}}};
	world.load = (struct load_set){
	    .objects = world.objects, .object_count = 1, .scope = world.scope, .scope_count = 1};
	file->binary.status = STATUS_FAULT;
	assert_int_equal(bind_symbols(binder, &world.load, &arena, &bindings), STATUS_OK);
	assert_int_equal(bindings->count, 0);
	file->binary.status = STATUS_OK;
	file->identity.groups = FACTS_SYMBOLS;
	assert_int_equal(bind_symbols(binder, &world.load, &arena, &bindings), STATUS_USAGE);
	assert_int_equal(bind_consumer(binder, &empty, 7, &arena, &bindings), STATUS_OK);
	binder_free(binder);
	arena_release(&arena);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_relocation_classes),
	    cmocka_unit_test(test_odd_processes),
	};

	return cmocka_run_group_tests_name("bind rules", tests, NULL, NULL);
}
