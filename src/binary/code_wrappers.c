/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file's own functions around vasprintf() and vsnprintf(): programs have an xasprintf() that does
 * not fail. What such a function does with its format and the arguments behind it is what asprintf()
 * does; it becomes a row of its own for the addresses of these functions.
 */
#include <stdlib.h>

#include "binary/code_calls.h"
#include "util/budget.h"

struct wrapper {
	struct code_calls *calls;
	int format, buffer, size; /* parameters, or -1 */
	bool into_pointer, found, returned;
	uint64_t made; /* by the call at that address */
};

static int only_parameter(const struct code_flow *flow, code_value value)
{
	const struct code_atom *atom = code_value_single(&flow->values, value);

	return atom && atom->kind == ATOM_PARAMETER && !atom->b && atom->a < 8 ? (int)atom->a : -1;
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	struct wrapper *wrapper = context;
	const struct call_row *row = call->callee.row;

	if (!row || (row->effect != EFFECT_FORMAT_LIST && row->effect != EFFECT_FORMAT_LIST_POINTER))
		return;
	wrapper->found = true;
	wrapper->into_pointer = row->effect == EFFECT_FORMAT_LIST_POINTER;
	wrapper->format =
	    only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->b));
	wrapper->buffer =
	    only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->a));
	wrapper->size = row->c < 0 ? -1
				   : only_parameter(flow, code_flow_argument(flow, call,
									     (unsigned)row->c));
	wrapper->made = call->op->address;
}

/* Whether it returns what the call made. */
static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	struct wrapper *wrapper = context;
	struct code_value_set set = code_value_set(
	    &flow->values, state->registers[flow->memory.machine->result]);

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		wrapper->returned |= atom->kind == ATOM_RESULT && !atom->b && wrapper->found &&
				     (uint64_t)atom->a == wrapper->made;
	}
}

static const struct call_row *row_of(struct code_calls *calls, const struct wrapper *wrapper)
{
	struct call_row row = {.name = "(format)",
			       .kind = -1,
			       .argument = -1,
			       .vector = -1,
			       .list = -1,
			       .a = (int8_t)wrapper->buffer,
			       .b = (int16_t)wrapper->format,
			       .c = (int8_t)wrapper->size};

	if (!wrapper->found || wrapper->format < 0)
		return NULL;
	if (wrapper->buffer >= 0)
		row.effect = wrapper->into_pointer ? EFFECT_FORMAT_POINTER : EFFECT_FORMAT;
	else if (wrapper->into_pointer && wrapper->returned)
		row.effect = EFFECT_FORMAT_RESULT;
	else
		return NULL;
	return arena_copy(&calls->arena, &row, sizeof(row));
}

static int by_address(const void *left, const void *right)
{
	const struct code_internal *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

static bool is_known(const struct code_calls *calls, uint64_t address)
{
	vec_each (internal, &calls->callees.internal)
		if (internal->address == address)
			return true;
	return false;
}

void code_calls_wrappers(struct code_calls *calls, const struct code_references *references)
{
	uint64_t last = 0;
	bool added = false;

	for (size_t i = 0; i < references->len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);
		struct wrapper wrapper = {.calls = calls, .format = -1, .buffer = -1, .size = -1};
		struct code_question question = {
		    .on_call = on_call, .on_return = on_return, .context = &wrapper};
		const struct call_row *row;

		if (!function || function->start == last || function->is_fragment ||
		    function->end - function->start > BUDGET_CODE_WRAPPER ||
		    is_known(calls, function->start))
			continue;
		last = function->start;
		if (!code_flow_function(&calls->flow, function, &question))
			continue;
		row = row_of(calls, &wrapper);
		if (!row)
			continue;
		vec_push(&calls->callees.internal, ((struct code_internal){last, row}));
		added = true;
	}
	if (added)
		qsort(calls->callees.internal.ptr, calls->callees.internal.len,
		      sizeof(*calls->callees.internal.ptr), by_address);
}
