/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions above calls that start programs, level by level. */
#include "binary/code_starters.h"

#include <stdlib.h>

#include "util/budget.h"

bool code_site_is_open(const struct code_site *site)
{
	switch (site->row->kind) {
	case FACTS_CALL_EXEC:
	case FACTS_CALL_EXEC_SEARCH:
	case FACTS_CALL_SHELL:
	case FACTS_CALL_WORDS:
		return site->reasons & ~(uint32_t)FACTS_REASON_ENVIRONMENT;
	default:
		return false;
	}
}

struct way {
	uint64_t function, site;
};

struct search {
	struct code_calls *calls;
	struct code_starters *starters;
	VEC(struct way) ways;
	VEC(uint64_t) fresh; /* found in the last round */
};

static void add_way(struct search *search, uint64_t site)
{
	const struct code_function *function =
	    code_functions_find(&search->calls->functions, site);

	if (!function)
		return;
	vec_push(&search->ways, ((struct way){function->start, site}));
	if (code_targets_hold(&search->starters->functions, function->start))
		return;
	code_targets_add(&search->starters->functions, function->start);
	vec_push(&search->fresh, function->start);
}

/* Stubs through which the file calls its own functions. */
static void add_stubs(const struct code_calls *calls, struct code_targets *targets)
{
	const struct facts_builder *builder = calls->image.builder;

	vec_each (relocation, &calls->image.relocations)
		if (relocation->is_slot && relocation->symbol &&
		    relocation->symbol < builder->symbols.len &&
		    !(builder->symbols.ptr[relocation->symbol].flags & FACTS_SYMBOL_UNDEFINED) &&
		    code_targets_hold(targets, builder->symbols.ptr[relocation->symbol].value))
			code_targets_add(targets, relocation->address);
	for (size_t i = 0; i < calls->callees.stubs.len; i++)
		if (code_targets_hold(targets, calls->callees.stubs.ptr[i].slot))
			code_targets_add(targets, calls->callees.stubs.ptr[i].start);
}

static void climb(struct search *search)
{
	struct code_targets targets = {0};
	struct code_references references = {0};

	vec_each (function, &search->fresh)
		code_targets_add(&targets, *function);
	search->fresh.len = 0;
	add_stubs(search->calls, &targets);
	code_scan(&search->calls->image, &targets, NULL, 0, false, &references);
	search->calls->constants_limited |= references.limited;
	for (size_t i = 0; i < references.len; i++)
		if (references.ptr[i].kind <= REFERENCE_SLOT_JUMP)
			add_way(search, references.ptr[i].from);
	free(references.ptr);
	code_targets_release(&targets);
}

static int by_function(const void *left, const void *right)
{
	const struct way *a = left, *b = right;

	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	return (a->site > b->site) - (a->site < b->site);
}

void code_starters_find(struct code_calls *calls, struct code_starters *ret)
{
	struct search search = {.calls = calls, .starters = ret};

	*ret = (struct code_starters){.list = {0}};
	vec_each (site, &calls->sites)
		if (code_site_is_open(site) && !(site->flags & FACTS_CALL_ADDRESS_TAKEN))
			add_way(&search, site->address);
	for (unsigned level = 0; level < BUDGET_CODE_ROUNDS && search.fresh.len; level++) {
		if (search.starters->functions.len > BUDGET_CODE_STARTERS) {
			calls->constants_limited = true;
			break;
		}
		climb(&search);
	}
	if (search.ways.len)
		qsort(search.ways.ptr, search.ways.len, sizeof(*search.ways.ptr), by_function);
	vec_each (way, &search.ways) {
		struct code_starter *last = ret->list.len ? &ret->list.ptr[ret->list.len - 1] : NULL;

		if (!last || last->function != way->function) {
			vec_push(&ret->list,
				 ((struct code_starter){way->function, ret->sites.len, 0}));
			last = &ret->list.ptr[ret->list.len - 1];
		}
		vec_push(&ret->sites, way->site);
		last->count++;
	}
	vec_release(&search.ways);
	vec_release(&search.fresh);
}

void code_starters_release(struct code_starters *starters)
{
	vec_release(&starters->list);
	vec_release(&starters->sites);
	code_targets_release(&starters->functions);
}
