/* SPDX-License-Identifier: BSD-2-Clause */
/* From parameters that reach a call site to the callers that give them their values. */
#include <stdlib.h>

#include "binary/code_calls.h"
#include "util/budget.h"

struct summary_key {
	uint32_t symbol, site, text;
	uint16_t role, index;
};

/* One function whose parameters are followed at this level. */
struct followed {
	uint64_t function;
	size_t callers;
	bool pointer; /* its address is taken */
};

struct level {
	struct code_calls *calls;
	VEC(struct followed) functions; /* sorted */
	struct code_targets targets;
};

static int by_function(const void *left, const void *right)
{
	const struct followed *a = left, *b = right;

	return (a->function > b->function) - (a->function < b->function);
}

static struct followed *find(struct level *level, uint64_t function)
{
	struct followed key = {.function = function};

	return bsearch(&key, level->functions.ptr, level->functions.len,
		       sizeof(*level->functions.ptr), by_function);
}

static void collect(struct level *level)
{
	struct code_calls *calls = level->calls;
	size_t kept = 0;

	vec_each (parameter, &calls->parameters)
		if (!parameter->followed && parameter->level < BUDGET_CODE_ROUNDS)
			vec_push(&level->functions,
				 ((struct followed){.function = parameter->function}));
	if (level->functions.len)
		qsort(level->functions.ptr, level->functions.len, sizeof(*level->functions.ptr),
		      by_function);
	for (size_t i = 0; i < level->functions.len; i++)
		if (!kept || level->functions.ptr[kept - 1].function !=
				 level->functions.ptr[i].function)
			level->functions.ptr[kept++] = level->functions.ptr[i];
	level->functions.len = kept;
}

/* The address of a function that its exported symbol stands for; 0 when it is none of them. */
static uint64_t symbol_function(struct level *level, uint32_t symbol)
{
	const struct facts_builder *builder = level->calls->image.builder;

	if (symbol == CODE_NO_SYMBOL || symbol >= builder->symbols.len ||
	    (builder->symbols.ptr[symbol].flags & FACTS_SYMBOL_UNDEFINED) ||
	    !find(level, builder->symbols.ptr[symbol].value))
		return 0;
	return builder->symbols.ptr[symbol].value;
}

/* Functions, and the stubs and slots through which the file may call them itself. */
static void set_targets(struct level *level)
{
	struct code_calls *calls = level->calls;

	vec_each (followed, &level->functions)
		code_targets_add(&level->targets, followed->function);
	vec_each (relocation, &calls->image.relocations)
		if (relocation->is_slot && symbol_function(level, relocation->symbol))
			code_targets_add(&level->targets, relocation->address);
	for (size_t i = 0; i < calls->callees.stubs.len; i++)
		if (code_targets_hold(&level->targets, calls->callees.stubs.ptr[i].slot))
			code_targets_add(&level->targets, calls->callees.stubs.ptr[i].start);
}

static uint64_t reference_function(struct level *level, const struct code_reference *reference)
{
	uint32_t symbol;

	if (find(level, reference->target))
		return reference->target;
	symbol = code_callees_slot(&level->calls->callees, reference->target);
	if (symbol == CODE_NO_SYMBOL)
		symbol = code_callees_stub(&level->calls->callees, reference->target);
	return symbol_function(level, symbol);
}

/* Keeps the calls; what takes an address is noted. */
static void sort_references(struct level *level, struct code_references *references)
{
	size_t kept = 0;

	for (size_t i = 0; i < references->len; i++) {
		struct code_reference reference = references->ptr[i];
		struct followed *followed = find(level, reference_function(level, &reference));
		const struct code_function *around;

		if (!followed)
			continue;
		if (reference.kind == REFERENCE_LOAD || reference.kind == REFERENCE_ADDRESS) {
			followed->pointer = true;
			continue;
		}
		around = code_functions_find(&level->calls->functions, reference.from);
		if (around && around->start == followed->function &&
		    reference.kind != REFERENCE_CALL)
			continue; /* a loop to the first instruction */
		followed->callers++;
		references->ptr[kept++] = reference;
	}
	references->len = kept;
}

static void find_pointers(struct level *level)
{
	vec_each (relocation, &level->calls->image.relocations) {
		uint64_t function = relocation->symbol
					? symbol_function(level, relocation->symbol)
					: (uint64_t)relocation->addend;
		struct followed *followed =
		    relocation->is_slot || !function ? NULL : find(level, function);

		if (followed)
			followed->pointer = true;
	}
}

static void add_summary(struct code_calls *calls, const struct code_parameter *parameter,
			const struct code_name *name)
{
	struct summary_key key = {name->symbol, parameter->site, parameter->text, parameter->role,
				  parameter->index};

	if (map_get(&calls->summary_map, slice_of(&key, sizeof(key))))
		return;
	map_put(&calls->summary_map, code_calls_key(calls, &key, sizeof(key)), 0, NULL);
	vec_push(&calls->summaries, ((struct code_summary){.symbol = name->symbol,
							   .site = parameter->site,
							   .text = parameter->text,
							   .role = parameter->role,
							   .index = parameter->index,
							   .mode = parameter->mode}));
}

static bool summarise(struct code_calls *calls, const struct code_parameter *parameter)
{
	const struct code_name *names;
	size_t count = code_functions_names(&calls->functions, parameter->function, &names);
	bool exported = false;

	for (size_t i = 0; i < count; i++)
		if (names[i].is_exported && names[i].is_function && names[i].symbol != UINT32_MAX) {
			add_summary(calls, parameter, &names[i]);
			exported = true;
		}
	return exported;
}

/* What is left open once the callers in the file were looked at. */
static void close_level(struct level *level, size_t parameter_count)
{
	struct code_calls *calls = level->calls;

	for (size_t i = 0; i < parameter_count; i++) {
		struct code_parameter parameter = calls->parameters.ptr[i];
		struct followed *followed;
		uint32_t reasons = 0;

		if (parameter.followed)
			continue;
		calls->parameters.ptr[i].followed = true;
		followed = find(level, parameter.function);
		if (!followed || parameter.function == 0)
			reasons |= FACTS_REASON_PARAMETER;
		if (summarise(calls, &parameter))
			reasons |= FACTS_REASON_EXPORTED;
		if (followed && followed->pointer)
			reasons |= FACTS_REASON_POINTER;
		if (followed && !followed->callers && !reasons)
			reasons |= FACTS_REASON_PARAMETER;
		if (reasons)
			code_calls_open_parameter(calls, (uint32_t)i, reasons);
	}
}

void code_calls_callers(struct code_calls *calls)
{
	for (unsigned round = 0; round <= BUDGET_CODE_ROUNDS; round++) {
		struct level level = {.calls = calls};
		struct code_references references = {0};
		size_t parameters = calls->parameters.len;

		collect(&level);
		if (level.functions.len) {
			set_targets(&level);
			code_scan(&calls->image, &level.targets, NULL, 0, &references);
			sort_references(&level, &references);
			find_pointers(&level);
			code_calls_follow(calls, &references);
		}
		close_level(&level, parameters);
		code_targets_release(&level.targets);
		vec_release(&level.functions);
		free(references.ptr);
		if (calls->parameters.len == parameters)
			return;
	}
}
