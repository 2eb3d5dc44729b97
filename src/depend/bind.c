/* SPDX-License-Identifier: BSD-2-Clause */
/* Binds the objects of one process, and counts what each edge of it carries. */
#include "depend/bind.h"

#include <stdlib.h>
#include <string.h>

#include "depend/bind_process.h"
#include "util/memory.h"

/* Bindings of one consumer to one provider: a range of the list. */
struct group {
	uint32_t consumer, provider;
	size_t first, count;
};

/* The answers for one consumer, before they are put in order. */
struct answer {
	uint32_t provider, request;
};

struct binding_run {
	struct bind_process process;
	struct arena *arena;
	VEC(struct answer) answers;
	VEC(uint32_t) providers; /* of this consumer */
	uint32_t *counts;	 /* provider + 1 -> answers; 0 stands for nothing */
	VEC(struct binding) list;
	VEC(struct group) groups; /* sorted */
};

bool bind_is_relocated(const struct bind_process *process, uint32_t object)
{
	/* ld.so relocates itself before it looks at anything else, and does not trace that. */
	return process->tables[object] != BIND_NONE &&
	       process->load->objects[object].request != LOADER_REQUEST_INTERPRETER;
}

/* ---- one process ---- */

static bool start(struct binding_run *run, struct binder *binder, const struct load_set *load)
{
	run->process = (struct bind_process){
	    .binder = binder,
	    .load = load,
	    .tables = memory_alloc((load->object_count + 1) * sizeof(uint32_t)),
	};
	run->counts = memory_calloc(load->object_count + 1, sizeof(*run->counts));
	for (size_t i = 0; i < load->object_count; i++)
		run->process.tables[i] = BIND_NONE;
	binder->epoch++;
	for (size_t i = 0; i < load->scope_count; i++) {
		uint32_t object = load->scope[i];
		struct binary *binary = load->objects[object].binary;
		uint32_t table = binary ? binder_table(binder, binary) : BIND_NONE;

		if (table == BIND_NONE)
			continue;
		if ((~binder->tables.ptr[table].facts->identity->groups &
		     (FACTS_SYMBOLS | FACTS_RELOCATIONS)) != 0)
			return false;
		run->process.tables[object] = table;
		binder->positions.ptr[table] = (uint32_t)i;
	}
	return true;
}

static void finish(struct binding_run *run)
{
	struct binder *binder = run->process.binder;

	for (size_t i = 0; i < run->process.load->object_count; i++)
		if (run->process.tables[i] != BIND_NONE)
			binder->positions.ptr[run->process.tables[i]] = BIND_NONE;
	free(run->process.tables);
	free((void *)(uintptr_t)run->process.order);
	free(run->counts);
	vec_release(&run->answers);
	vec_release(&run->providers);
	vec_release(&run->list);
	vec_release(&run->groups);
}

static void add_answer(struct binding_run *run, uint32_t provider, uint32_t request)
{
	if (run->counts[provider + 1]++ == 0)
		vec_push(&run->providers, provider);
	vec_push(&run->answers, ((struct answer){provider, request}));
}

static int compare_objects(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static void add_binding(struct binding_run *run, uint32_t consumer, const struct answer *answer,
			struct binding *ret)
{
	const struct bind_table *table =
	    &run->process.binder->tables.ptr[run->process.tables[consumer]];
	const struct bind_request *request = &table->requests[answer->request];
	const struct facts_symbol *symbol = &table->facts->symbols[request->symbol];

	*ret = (struct binding){
	    .consumer = consumer,
	    .provider = answer->provider,
	    .name = facts_text(table->facts, symbol->name),
	    .version = facts_text(table->facts, symbol->version),
	    .weak = request->weak,
	};
}

/* Orders the answers by provider and appends them to the list, as groups. */
static void take_answers(struct binding_run *run, uint32_t consumer)
{
	size_t at = run->list.len;

	if (!run->answers.len)
		return;
	qsort(run->providers.ptr, run->providers.len, sizeof(uint32_t), compare_objects);
	for (size_t i = 0; i < run->answers.len; i++)
		(void)vec_add(&run->list);
	vec_each (provider, &run->providers) {
		size_t count = run->counts[*provider + 1];

		vec_push(&run->groups, ((struct group){consumer, *provider, at, count}));
		run->counts[*provider + 1] = (uint32_t)(at - (run->list.len - run->answers.len));
		at += count;
	}
	at = run->list.len - run->answers.len;
	vec_each (answer, &run->answers)
		add_binding(run, consumer, answer,
			    &run->list.ptr[at + run->counts[answer->provider + 1]++]);
	vec_each (provider, &run->providers)
		run->counts[*provider + 1] = 0;
	run->answers.len = run->providers.len = 0;
}

/* Everything one object asks for. */
static void bind_object(struct binding_run *run, uint32_t consumer)
{
	const struct bind_table *table;

	if (!bind_is_relocated(&run->process, consumer))
		return;
	table = &run->process.binder->tables.ptr[run->process.tables[consumer]];
	for (uint32_t i = 0; i < table->request_count; i++) {
		struct bind_answer answer =
		    bind_look_up(&run->process, consumer, &table->requests[i]);

		for (unsigned j = 0; j < answer.count; j++)
			add_answer(run, answer.providers[j], i);
	}
	take_answers(run, consumer);
}

/* ---- what the edges carry ---- */

static int compare_pairs(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static uint64_t pair(uint32_t consumer, uint32_t provider)
{
	return (uint64_t)consumer << 32 | provider;
}

static int compare_group(const void *key, const void *element)
{
	const struct group *group = element;
	uint64_t of_group = pair(group->consumer, group->provider);

	return compare_pairs(key, &of_group);
}

static const uint32_t *count_edges(const struct binding_run *run)
{
	const struct load_set *load = run->process.load;
	uint32_t *counts = arena_alloc_array(run->arena, load->edge_count, sizeof(*counts));

	for (size_t i = 0; i < load->edge_count && run->groups.len; i++) {
		uint64_t key = pair(load->edges[i].from, load->edges[i].to);
		const struct group *group;

		if (load->edges[i].to == LOADER_NONE)
			continue;
		group = bsearch(&key, run->groups.ptr, run->groups.len, sizeof(*run->groups.ptr),
				compare_group);
		counts[i] = group ? (uint32_t)group->count : 0;
	}
	return counts;
}

static bool is_declaration(const struct loader_edge *edge)
{
	return edge->to != LOADER_NONE && (edge->request == LOADER_REQUEST_NEEDED ||
					   edge->request == LOADER_REQUEST_AUXILIARY ||
					   edge->request == LOADER_REQUEST_FILTER);
}

static void find_undeclared(const struct binding_run *run, struct bindings *ret)
{
	const struct load_set *load = run->process.load;
	uint64_t *declared = memory_calloc(load->edge_count + 1, sizeof(*declared));
	struct undeclared_use *uses = arena_alloc_array(run->arena, run->groups.len, sizeof(*uses));
	size_t count = 0;

	for (size_t i = 0; i < load->edge_count; i++)
		if (is_declaration(&load->edges[i]))
			declared[count++] = pair(load->edges[i].from, load->edges[i].to);
	qsort(declared, count, sizeof(*declared), compare_pairs);
	vec_each (group, &run->groups) {
		uint64_t key = pair(group->consumer, group->provider);

		if (group->provider == LOADER_NONE || group->provider == group->consumer ||
		    bsearch(&key, declared, count, sizeof(*declared), compare_pairs))
			continue;
		uses[ret->undeclared_count++] = (struct undeclared_use){
		    group->consumer, group->provider, (uint32_t)group->count};
	}
	ret->undeclared = uses;
	free(declared);
}

static void count_unprovided(const struct binding_run *run, struct bindings *ret)
{
	vec_each (group, &run->groups) {
		if (group->provider != LOADER_NONE)
			continue;
		for (size_t i = 0; i < group->count; i++)
			ret->unprovided_count += !run->list.ptr[group->first + i].weak;
	}
}

/* ---- the public calls ---- */

static enum status bind(struct binder *binder, const struct load_set *load, uint32_t first,
			uint32_t end, struct arena *arena, const struct bindings **ret)
{
	struct bindings *bindings = arena_alloc(arena, sizeof(*bindings));
	struct binding_run run = {.arena = arena};
	enum status status = STATUS_USAGE;

	*ret = NULL;
	if (start(&run, binder, load)) {
		for (uint32_t i = first; i < end && i < load->object_count; i++)
			bind_object(&run, i);
		bindings->list =
		    arena_copy(arena, run.list.ptr, run.list.len * sizeof(*run.list.ptr));
		bindings->count = run.list.len;
		bindings->edge_symbols = count_edges(&run);
		find_undeclared(&run, bindings);
		count_unprovided(&run, bindings);
		*ret = bindings;
		status = STATUS_OK;
	}
	finish(&run);
	return status;
}

enum status bind_symbols(struct binder *binder, const struct load_set *load, struct arena *arena,
			 const struct bindings **ret)
{
	return bind(binder, load, 0, (uint32_t)load->object_count, arena, ret);
}

enum status bind_consumer(struct binder *binder, const struct load_set *load, uint32_t consumer,
			  struct arena *arena, const struct bindings **ret)
{
	return bind(binder, load, consumer, consumer + 1, arena, ret);
}
