/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole machine: 1,500 programs, 1,300 libraries, some 300 members and 1,200 edges in each work.
 * The judgement of it takes a fraction of what reading the files takes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "reach/reach.h"
#include "util/vec.h"

#define PROGRAMS 1500u
#define BLOCKS 4u
#define BLOCK 325u /* libraries that link each other */
#define LIBRARIES (BLOCKS * BLOCK)
#define LINKS 4u
#define SECONDS_ALLOWED 10 /* far above what it takes: some machines are slow */

static const char *const licences[] = {"MIT",
				       "MIT",
				       "BSD-3-Clause",
				       "Apache-2.0",
				       "Apache-2.0",
				       "LGPL-2.1-or-later",
				       "LGPL-2.1-or-later",
				       "LGPL-3.0-only OR GPL-2.0-or-later",
				       "GPL-2.0-only",
				       "GPL-2.0-or-later",
				       "GPL-3.0-or-later",
				       "GPL-3.0-or-later WITH GCC-exception-3.1",
				       "MPL-2.0",
				       "CDDL-1.0",
				       "LicenseRef-local",
				       "MIT AND GPL-2.0-or-later"};
#define LICENCE_COUNT (sizeof(licences) / sizeof(licences[0]))

static uint64_t seed = 7;

static unsigned pick(unsigned count)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % count;
}

struct machine {
	struct arena arena;
	struct diags diags;
	struct knowledge *knowledge;
	struct file_licence sure[LICENCE_COUNT], loose[LICENCE_COUNT];
	VEC(struct reach_node) nodes;
	VEC(struct reach_edge) edges;
	VEC(struct reach_work) works;
	uint32_t first_edge[PROGRAMS + LIBRARIES + 1];
};

static void make_licences(struct machine *machine)
{
	for (size_t i = 0; i < LICENCE_COUNT; i++) {
		bool lossy;

		machine->sure[i] = (struct file_licence){.text = licences[i],
							 .original = licences[i],
							 .path = "",
							 .detail = "",
							 .source = LICENCE_SOURCE_DEP5_STANZA};
		assert_int_equal(expression_parse(machine->knowledge, EXPRESSION_SPDX, licences[i],
						  "", &machine->arena, &machine->sure[i].expression,
						  &lossy),
				 STATUS_OK);
		machine->loose[i] = machine->sure[i];
		machine->loose[i].confidence = LICENCE_CONFIDENCE_LOW;
	}
}

/* Programs come first; a library links only later ones of its block. */
static void make_files(struct machine *machine)
{
	for (uint32_t i = 0; i < PROGRAMS + LIBRARIES; i++) {
		unsigned licence = pick(LICENCE_COUNT);
		const char *name = arena_printf(&machine->arena, "/f%05u", i);

		vec_push(&machine->nodes, ((struct reach_node){
					      .id = name,
					      .component = name,
					      .component_name = name,
					      .licence = pick(3) ? &machine->sure[licence]
								 : &machine->loose[licence],
					      .shipped = true,
					  }));
		machine->first_edge[i] = (uint32_t)machine->edges.len;
		for (unsigned j = 0; j < LINKS; j++) {
			uint32_t block = i < PROGRAMS ? i % BLOCKS : (i - PROGRAMS) / BLOCK;
			uint32_t first = i < PROGRAMS ? PROGRAMS + block * BLOCK : i + 1;
			uint32_t last = PROGRAMS + (block + 1) * BLOCK;
			uint32_t room = i < PROGRAMS ? 12 : last - first > 9 ? 9 : last - first;

			uint32_t to = first + j * (room / LINKS) + pick(room / LINKS + 1);

			if (room <= j || to >= last)
				continue;
			vec_push(&machine->edges, ((struct reach_edge){
						      .id = arena_printf(&machine->arena, "e%06zu",
									 machine->edges.len),
						      .from = i,
						      .to = to,
						      .kind = EDGE_KIND_LINK_DYNAMIC,
						      .symbols_bound = pick(4),
						      .evidence = "DT_NEEDED lib.so",
						  }));
		}
	}
	machine->first_edge[PROGRAMS + LIBRARIES] = (uint32_t)machine->edges.len;
}

static void make_work(struct machine *machine, uint32_t root)
{
	bool *reached = arena_alloc_array(&machine->arena, PROGRAMS + LIBRARIES, sizeof(*reached));
	VEC(uint32_t) members = {0}, edges = {0};

	reached[root] = true;
	for (uint32_t i = root; i < PROGRAMS + LIBRARIES; i++) {
		if (!reached[i])
			continue;
		vec_push(&members, i);
		for (uint32_t j = machine->first_edge[i]; j < machine->first_edge[i + 1]; j++) {
			reached[machine->edges.ptr[j].to] = true;
			vec_push(&edges, j);
		}
	}
	vec_push(
	    &machine->works,
	    ((struct reach_work){
		.root = root,
		.members =
		    arena_copy(&machine->arena, members.ptr, members.len * sizeof(*members.ptr)),
		.member_count = members.len,
		.edges = arena_copy(&machine->arena, edges.ptr, edges.len * sizeof(*edges.ptr)),
		.edge_count = edges.len,
	    }));
	vec_release(&members);
	vec_release(&edges);
}

static void a_whole_machine(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	const struct reach_result *result;
	struct reach_input input;
	clock_t started;
	double seconds;
	size_t members = 0;

	(void)state;
	assert_non_null(machine);
	arena_init(&machine->arena);
	diags_init(&machine->diags);
	assert_int_equal(knowledge_open(NULL, &machine->diags, &machine->knowledge), STATUS_OK);
	make_licences(machine);
	make_files(machine);
	for (uint32_t i = 0; i < PROGRAMS; i++) {
		make_work(machine, i);
		members += machine->works.ptr[i].member_count;
	}
	input = (struct reach_input){
	    .nodes = machine->nodes.ptr,
	    .node_count = machine->nodes.len,
	    .edges = machine->edges.ptr,
	    .edge_count = machine->edges.len,
	    .works = machine->works.ptr,
	    .work_count = machine->works.len,
	};
	assert_true(members / PROGRAMS > 200);
	started = clock();
	result = reach_judge(&input, &machine->arena);
	seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
	print_message("# %u works of %zu members: %zu findings in %.2f s\n", PROGRAMS,
		      members / PROGRAMS, result->finding_count, seconds);
	assert_true(result->finding_count > PROGRAMS);
	assert_true(seconds < SECONDS_ALLOWED);
	vec_release(&machine->nodes);
	vec_release(&machine->edges);
	vec_release(&machine->works);
	knowledge_free(machine->knowledge);
	diags_release(&machine->diags);
	arena_release(&machine->arena);
	free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_whole_machine)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
