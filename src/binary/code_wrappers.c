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

#define MOST_VALUES 16

struct wrapper {
	int format, buffer, size; /* parameters, or -1 */
	bool into_pointer, found;
	bool mixed;    /* calls that do not say the same: what it makes is not known */
	uint64_t made; /* by the call at that address */
	uint64_t text; /* address of a format that is the same at every call */
	struct code_saved saved;
	/* Where anything else is written, and what is returned. A call may be shown before the one
	 * that formats, so this is compared at the end. */
	uint32_t written; /* a bit for each parameter */
	VEC(struct code_atom) changed, returned;
};

static int only_parameter(const struct code_flow *flow, code_value value)
{
	const struct code_atom *atom = code_value_single(&flow->values, value);

	return atom && atom->kind == ATOM_PARAMETER && !atom->b && atom->a < 8 ? (int)atom->a : -1;
}

/* Some of it may have been written to; too much of it is more than such a function has. */
static void note_change(struct wrapper *wrapper, const struct code_flow *flow, code_value address)
{
	struct code_value_set set = code_value_set(&flow->values, address);

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if ((atom->kind == ATOM_PARAMETER || atom->kind == ATOM_FIELD) && atom->a >= 0 &&
		    atom->a < 32)
			wrapper->written |= 1u << atom->a;
		else if (atom->kind == ATOM_RESULT)
			vec_push(&wrapper->changed, *atom);
	}
	wrapper->mixed |= wrapper->changed.len > MOST_VALUES;
}

/* The same of what is written to for sure: of an unknown place, too, it may be the text. */
static void note_write(struct wrapper *wrapper, const struct code_flow *flow, code_value address)
{
	struct code_value_set set = code_value_set(&flow->values, address);

	wrapper->mixed |= !set.count;
	for (uint32_t i = 0; i < set.count; i++)
		wrapper->mixed |= code_value_at(&flow->values, set, i)->kind == ATOM_UNKNOWN;
	note_change(wrapper, flow, address);
}

static void take_format(struct wrapper *wrapper, struct code_flow *flow,
			const struct code_call *call)
{
	const struct call_row *row = call->callee.row;
	struct wrapper one = {.found = true,
			      .made = call->op->address,
			      .into_pointer = row->effect == EFFECT_FORMAT_LIST_POINTER};
	code_value value = code_flow_argument(flow, call, (unsigned)row->b);

	one.format = only_parameter(flow, value);
	if (!code_value_number(&flow->values, value, &one.text))
		one.text = 0;
	one.buffer = only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->a));
	one.size = row->c < 0
		       ? -1
		       : only_parameter(flow, code_flow_argument(flow, call, (unsigned)row->c));
	if (wrapper->found)
		wrapper->mixed |= one.made != wrapper->made &&
				  (one.format != wrapper->format || one.text != wrapper->text ||
				   one.buffer != wrapper->buffer || one.size != wrapper->size ||
				   one.into_pointer != wrapper->into_pointer || one.buffer < 0);
	wrapper->found = true;
	wrapper->made = one.made;
	wrapper->into_pointer = one.into_pointer;
	wrapper->format = one.format;
	wrapper->text = one.text;
	wrapper->buffer = one.buffer;
	wrapper->size = one.size;
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;
	struct wrapper *wrapper = context;
	const struct call_row *row = call->callee.row;

	/* Nothing is known of the function: it may write to all that it is given. */
	for (unsigned i = 0; !row && i < machine->argument_count; i++)
		note_change(wrapper, flow, call->state->registers[machine->arguments[i]]);
	if (!row)
		return;
	switch ((enum call_effect)row->effect) {
	case EFFECT_FORMAT_LIST:
	case EFFECT_FORMAT_LIST_POINTER:
		take_format(wrapper, flow, call);
		return;
	case EFFECT_FORMAT:
	case EFFECT_FORMAT_POINTER:
	case EFFECT_COPY:
	case EFFECT_COPY_END:
	case EFFECT_APPEND:
	case EFFECT_COPY_BYTES:
	case EFFECT_FILL:
	case EFFECT_CLEAR:
	case EFFECT_STRING:
	case EFFECT_WRITE:
		note_write(wrapper, flow, code_flow_argument(flow, call, (unsigned)row->a));
		return;
	case EFFECT_PURE:
	case EFFECT_STOP:
	case EFFECT_FORMAT_RESULT:
	case EFFECT_DUPLICATE:
	case EFFECT_CONCATENATE:
	case EFFECT_BUILD_PATH:
	case EFFECT_ENVIRONMENT:
	case EFFECT_LENGTH:
		return;
	}
}

static void on_write(void *context, struct code_flow *flow, const struct code_state *state,
		     const struct code_op *op, code_value address)
{
	struct wrapper *wrapper = context;

	code_saved_note(&wrapper->saved, flow, state->registers[op->target], address);
}

static void on_change(void *context, struct code_flow *flow, const struct code_state *state,
		      const struct code_op *op, code_value address)
{
	const struct code_atom *atom = code_value_single(&flow->values, address);
	uint64_t number;

	/* A zero at its start says that it failed: a null pointer, an empty text. */
	if (op->kind == OP_STORE && atom && atom->kind == ATOM_PARAMETER && !atom->b &&
	    code_value_number(&flow->values, state->registers[op->target], &number) && !number)
		return;
	note_write(context, flow, address);
}

static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	struct wrapper *wrapper = context;
	struct code_value_set set =
	    code_value_set(&flow->values, state->registers[flow->memory.machine->result]);

	for (uint32_t i = 0; i < set.count; i++)
		vec_push(&wrapper->returned, *code_value_at(&flow->values, set, i));
	wrapper->mixed |= wrapper->returned.len > MOST_VALUES;
}

static bool is_made(const struct wrapper *wrapper, const struct code_atom *atom)
{
	return atom->kind == ATOM_RESULT && (uint64_t)atom->a == wrapper->made;
}

/* Whether something may have been done to the text, too. */
static bool is_changed(const struct wrapper *wrapper)
{
	if (wrapper->buffer >= 0 && wrapper->written >> wrapper->buffer & 1)
		return true;
	vec_each (atom, &wrapper->changed)
		if (is_made(wrapper, atom))
			return true;
	return false;
}

/* Whether it returns what the call made, and nothing else but a null pointer. */
static bool is_returned(const struct wrapper *wrapper)
{
	bool returned = false;

	vec_each (atom, &wrapper->returned) {
		if (atom->kind == ATOM_CONSTANT && !atom->a)
			continue;
		if (!is_made(wrapper, atom) || atom->b)
			return false;
		returned = true;
	}
	return returned;
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

	if (!wrapper->found || !first || wrapper->mixed || is_changed(wrapper))
		return NULL;
	/* A compiler that saw the same format at every call put it into the function. */
	row.text = wrapper->format < 0 ? wrapper->text : 0;
	row.b = (int16_t)(first - 1);
	if (!row.text && wrapper->format + 1 != (int)first)
		return NULL;
	if (wrapper->buffer >= 0)
		row.effect = wrapper->into_pointer ? EFFECT_FORMAT_POINTER : EFFECT_FORMAT;
	else if (wrapper->into_pointer && is_returned(wrapper))
		row.effect = EFFECT_FORMAT_RESULT;
	else
		return NULL;
	return arena_copy(&calls->arena, &row, sizeof(row));
}

static int by_from(const void *left, const void *right)
{
	const struct code_reference *a = left, *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

/* The row for one function; NULL when it is no such function. */
static const struct call_row *look_at(struct code_calls *calls,
				      const struct code_function *function)
{
	struct wrapper wrapper = {.format = -1, .buffer = -1, .size = -1};
	struct code_question question = {.on_call = on_call,
					 .on_write = on_write,
					 .on_change = on_change,
					 .on_return = on_return,
					 .context = &wrapper};
	const struct call_row *row = NULL;

	if (code_flow_function(&calls->flow, function, &question) && !calls->flow.function_limited)
		row = row_of(calls, &wrapper);
	calls->decoded_bytes += calls->flow.unit.counts.decoded + calls->flow.unit.counts.undecoded;
	vec_release(&wrapper.changed);
	vec_release(&wrapper.returned);
	return row;
}

void code_calls_wrappers(struct code_calls *calls, struct code_references *references)
{
	VEC(struct code_internal) found = {0};
	uint64_t last = 0;

	if (references->len)
		qsort(references->ptr, references->len, sizeof(*references->ptr), by_from);
	for (size_t i = 0; i < references->len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);
		const struct call_row *row;

		if (!function || function->start == last || function->is_fragment ||
		    function->end - function->start > BUDGET_CODE_WRAPPER ||
		    code_callees_at(&calls->callees, function->start).row)
			continue;
		last = function->start;
		if (calls->flow.steps > BUDGET_CODE_STEPS ||
		    calls->decoded_bytes > BUDGET_CODE_DECODED) {
			calls->coverage.limited = true;
			break;
		}
		row = look_at(calls, function);
		if (row)
			vec_push(&found, ((struct code_internal){last, row}));
	}
	code_callees_add(&calls->callees, found.ptr, found.len);
	vec_release(&found);
}
