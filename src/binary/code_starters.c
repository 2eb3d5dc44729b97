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

#define TABLE_BYTES 256 /* of a table of functions, up to the one that matters */
#define TABLE_WORDS 64	/* more: a table of commands, that anybody calls */

void code_calls_scan(struct code_calls *calls, const struct code_targets *targets,
		     struct code_references *references)
{
	if (calls->image.code_bytes > BUDGET_CODE_SCANNED - calls->scanned_bytes) {
		calls->constants_limited = true;
		return;
	}
	calls->scanned_bytes += calls->image.code_bytes;
	code_scan(&calls->image, targets, NULL, 0, false, references);
	calls->constants_limited |= references->limited;
}

bool code_calls_want_names(struct code_calls *calls)
{
	bool open = false;

	vec_each (site, &calls->sites)
		open |= code_site_is_open(site);
	if (!open || calls->image.code_bytes <= BUDGET_CODE_SCANNED)
		return open;
	calls->constants_limited = true;
	return false;
}

struct way {
	uint64_t function, site;
};

struct search {
	struct code_calls *calls;
	struct code_starters *starters;
	VEC(struct way) ways;
	VEC(uint64_t) fresh; /* found in the last round */
	unsigned level;
	VEC(uint64_t) words; /* of data, with addresses of functions of this round */
};

static void add_way(struct search *search, uint64_t site)
{
	const struct code_function *function = code_functions_find(&search->calls->functions, site);

	if (!function)
		return;
	vec_push(&search->ways, ((struct way){function->start, site}));
	if (code_targets_hold(&search->starters->functions, function->start))
		return;
	code_targets_add(&search->starters->functions, function->start);
	if (search->level <= CODE_STARTERS_NEAR)
		code_targets_add(&search->starters->near, function->start);
	else if (search->level >= CODE_STARTERS_FAR)
		code_targets_add(&search->starters->far, function->start);
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

/* The words of data that hold the address of one of these functions. */
static void add_words(struct search *search, const struct code_targets *functions)
{
	const struct code_image *image = &search->calls->image;
	const struct elf_input *in = image->in;

	vec_each (relocation, &image->relocations)
		if (!relocation->is_slot && !relocation->symbol &&
		    code_targets_hold(functions, (uint64_t)relocation->addend))
			vec_push(&search->words, relocation->address);
	for (size_t i = 0; image->fixed_address && i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes;
		uint64_t offset;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) ||
		    !elf_input_at_address(in, segment->p_vaddr, &bytes, &offset))
			continue;
		for (size_t at = (size_t)(-segment->p_vaddr & 7); at + 8 <= bytes.len; at += 8)
			if (code_targets_hold(functions, code_read(bytes.ptr + at, 8)))
				vec_push(&search->words, segment->p_vaddr + at);
	}
}

/*
 * Who takes the address of a table that holds such a function can call it: the nearest address
 * before the word that any code takes is where the table starts.
 */
static void climb_tables(struct search *search)
{
	struct code_targets targets = {0};
	struct code_references references = {0};

	vec_each (word, &search->words)
		if (search->level <= CODE_STARTERS_TABLE + 1)
			vec_push(&search->starters->words, *word);
	vec_each (word, &search->words)
		for (uint64_t back = 0; back < TABLE_BYTES && back <= *word; back += 8)
			code_targets_add(&targets, *word - back);
	if (search->words.len && search->words.len < TABLE_WORDS)
		code_calls_scan(search->calls, &targets, &references);
	if (references.len > BUDGET_CODE_FLOWS) {
		references.len = 0; /* nobody refers to a few tables so often */
		search->calls->constants_limited = true;
	}
	vec_each (word, &search->words) {
		uint64_t start = 0;

		for (size_t i = 0; i < references.len; i++)
			if (references.ptr[i].kind == REFERENCE_ADDRESS &&
			    references.ptr[i].target <= *word && references.ptr[i].target > start)
				start = references.ptr[i].target;
		for (size_t i = 0; i < references.len && *word - start < TABLE_BYTES; i++)
			if (references.ptr[i].kind == REFERENCE_ADDRESS &&
			    references.ptr[i].target == start)
				add_way(search, references.ptr[i].from);
	}
	search->words.len = 0;
	free(references.ptr);
	code_targets_release(&targets);
}

static void climb(struct search *search)
{
	struct code_targets targets = {0};
	struct code_references references = {0};

	vec_each (function, &search->fresh)
		code_targets_add(&targets, *function);
	search->fresh.len = 0;
	add_words(search, &targets);
	add_stubs(search->calls, &targets);
	code_calls_scan(search->calls, &targets, &references);
	for (size_t i = 0; i < references.len; i++)
		if (references.ptr[i].kind <= REFERENCE_SLOT_JUMP ||
		    references.ptr[i].kind == REFERENCE_ADDRESS)
			add_way(search, references.ptr[i].from);
	climb_tables(search);
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
	for (search.level = 1; search.level <= CODE_STARTERS_FAR && search.fresh.len;
	     search.level++) {
		if (search.starters->functions.len > BUDGET_CODE_STARTERS) {
			calls->constants_limited = true;
			break;
		}
		climb(&search);
	}
	if (search.ways.len)
		qsort(search.ways.ptr, search.ways.len, sizeof(*search.ways.ptr), by_function);
	vec_each (way, &search.ways) {
		struct code_starter *last =
		    ret->list.len ? &ret->list.ptr[ret->list.len - 1] : NULL;

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
	vec_release(&search.words);
}

void code_starters_release(struct code_starters *starters)
{
	vec_release(&starters->list);
	vec_release(&starters->sites);
	vec_release(&starters->words);
	code_targets_release(&starters->functions);
	code_targets_release(&starters->near);
	code_targets_release(&starters->far);
}
