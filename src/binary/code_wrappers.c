/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file's own functions around vasprintf() and vsnprintf(): programs have an xasprintf() that
 * does not fail. What such a function does with its format and the arguments behind it is what
 * asprintf() does; it becomes a row of its own for the addresses of these functions.
 */
#include <stdlib.h>

#include "binary/code_calls.h"
#include "util/budget.h"

void code_saved_note(struct code_saved *saved, const struct code_flow *flow, code_value value,
		     code_value address)
{
	const struct code_atom *from = code_value_single(&flow->values, value),
			       *to = code_value_single(&flow->values, address);
	size_t i = 0;
	int64_t base;

	if (!from || !to || from->kind != ATOM_PARAMETER || from->b || to->kind != ATOM_STACK ||
	    from->a < 0 || from->a >= flow->memory.machine->argument_count)
		return;
	base = to->a - from->a * 8;
	while (i < saved->count && saved->frames[i].base != base)
		i++;
	if (i == CODE_SAVED_FRAMES)
		return;
	if (i == saved->count)
		saved->frames[saved->count++] = (struct code_saved_frame){.base = base};
	saved->frames[i].arguments |= 1u << from->a;
}

unsigned code_saved_first(const struct code_saved *saved, const struct code_flow *flow)
{
	unsigned count = flow->memory.machine->argument_count;

	for (size_t i = 0; i < saved->count; i++) {
		unsigned first = count;

		while (first && saved->frames[i].arguments >> (first - 1) & 1)
			first--;
		if (first + 1 < count && first)
			return first;
	}
	return 0;
}

struct wrapper {
	struct code_calls *calls;
	int format, buffer, size; /* parameters, or -1 */
	bool into_pointer, found, returned;
	uint64_t made; /* by the call at that address */
	uint64_t text; /* address of a format that is the same at every call */
	struct code_saved saved;
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
	code_value value;

	if (!row ||
	    (row->effect != EFFECT_FORMAT_LIST && row->effect != EFFECT_FORMAT_LIST_POINTER))
		return;
	wrapper->found = true;
	wrapper->into_pointer = row->effect == EFFECT_FORMAT_LIST_POINTER;
	value = code_flow_argument(flow, call, (unsigned)row->b);
	wrapper->format = only_parameter(flow, value);
	if (!code_value_number(&flow->values, value, &wrapper->text))
		wrapper->text = 0;
	wrapper->buffer = only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->a));
	wrapper->size =
	    row->c < 0 ? -1
		       : only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->c));
	wrapper->made = call->op->address;
}

static void on_write(void *context, struct code_flow *flow, const struct code_state *state,
		     const struct code_op *op, code_value address)
{
	struct wrapper *wrapper = context;

	code_saved_note(&wrapper->saved, flow, state->registers[op->target], address);
}

/* Whether it returns what the call made. */
static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	struct wrapper *wrapper = context;
	struct code_value_set set =
	    code_value_set(&flow->values, state->registers[flow->memory.machine->result]);

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

	unsigned first = code_saved_first(&wrapper->saved, &calls->flow);

	if (!wrapper->found || !first)
		return NULL;
	/* A compiler that saw the same format at every call put it into the function. */
	row.text = wrapper->format < 0 ? wrapper->text : 0;
	row.b = (int16_t)(first - 1);
	if (!row.text && wrapper->format + 1 != (int)first)
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
		struct code_question question = {.on_call = on_call,
						 .on_write = on_write,
						 .on_return = on_return,
						 .context = &wrapper};
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
