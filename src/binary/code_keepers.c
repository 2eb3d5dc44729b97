/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that keep what they are given: they store it, copy it, or hand it on to such a one. */
#include "binary/code_starters.h"
#include "util/budget.h"

#define FORMAT_ARGUMENTS 4 /* behind a format */
#define HAND_ON_ROUNDS 32  /* functions that hand a name on, one to the next */

uint32_t code_keepers_ask(struct code_keepers *keepers, uint64_t function)
{
	struct code_calls *calls = keepers->calls;
	struct map_entry *entry;
	bool added;

	entry = map_put(&keepers->map, code_calls_key(calls, &function, sizeof(function)),
			(uint32_t)keepers->list.len, &added);
	if (added)
		vec_push(&keepers->list, ((struct code_keeper){.function = function}));
	return entry->value;
}

struct look {
	struct code_keepers *keepers;
	uint32_t index;
	struct code_saved saved;
};

/* Parameters that the value may be, a bit for each. */
static uint32_t parameters_of(const struct code_flow *flow, code_value value)
{
	struct code_value_set set = code_value_set(&flow->values, value);
	uint32_t mask = 0;

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if (atom->kind == ATOM_PARAMETER && !atom->b && atom->a < 32)
			mask |= 1u << atom->a;
	}
	return mask;
}

static void on_write(void *context, struct code_flow *flow, const struct code_state *state,
		     const struct code_op *op, code_value address)
{
	struct look *look = context;
	struct code_keeper *keeper = &look->keepers->list.ptr[look->index];

	if (!code_value_outlives(&flow->values, address)) {
		code_saved_note(&look->saved, flow, state->registers[op->target], address);
		return;
	}
	keeper->mask |= parameters_of(flow, state->registers[op->target]);
	keeper->writes |= op->target < CODE_VECTOR;
}

static void take_known(const struct look *look, struct code_flow *flow,
		       const struct code_call *call)
{
	struct code_keeper *keeper = &look->keepers->list.ptr[look->index];
	const struct call_row *row = call->callee.row;
	unsigned first = row->b < 0 ? 0 : (unsigned)row->b, count = 1;

	if (row->kind >= 0)
		return;
	switch ((enum call_effect)row->effect) {
	case EFFECT_COPY:
	case EFFECT_COPY_END:
	case EFFECT_APPEND:
	case EFFECT_COPY_BYTES:
		if (!code_value_outlives(&flow->values,
					 code_flow_argument(flow, call, (unsigned)row->a)))
			return;
		break;
	case EFFECT_FORMAT:
		if (!code_value_outlives(&flow->values,
					 code_flow_argument(flow, call, (unsigned)row->a)))
			return;
		first++;
		count = FORMAT_ARGUMENTS;
		break;
	case EFFECT_FORMAT_POINTER:
	case EFFECT_FORMAT_RESULT:
		first++;
		count = FORMAT_ARGUMENTS;
		break;
	case EFFECT_DUPLICATE:
		first = (unsigned)row->a;
		break;
	case EFFECT_CONCATENATE:
	case EFFECT_BUILD_PATH:
		first = (unsigned)row->a;
		count = FORMAT_ARGUMENTS;
		break;
	case EFFECT_FORMAT_LIST:
	case EFFECT_FORMAT_LIST_POINTER:
	case EFFECT_PURE:
	case EFFECT_STOP:
	case EFFECT_FILL:
	case EFFECT_CLEAR:
	case EFFECT_ENVIRONMENT:
	case EFFECT_STRING:
	case EFFECT_LENGTH:
	case EFFECT_WRITE:
		return;
	}
	for (unsigned i = first; i < first + count; i++)
		keeper->mask |= parameters_of(flow, code_flow_argument(flow, call, i));
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	struct look *look = context;
	struct code_keepers *keepers = look->keepers;
	const struct code_machine *machine = flow->memory.machine;

	if (call->callee.row) {
		take_known(look, flow, call);
		return;
	}
	if (!call->callee.target)
		return;
	if (keepers->ways.len >= BUDGET_CODE_FLOWS) {
		keepers->calls->constants_limited = true;
		return;
	}
	for (uint8_t i = 0; i < machine->argument_count; i++) {
		uint32_t mask = parameters_of(flow, call->state->registers[machine->arguments[i]]);

		for (uint8_t n = 0; mask; n++, mask >>= 1)
			if (mask & 1)
				vec_push(&keepers->ways,
					 ((struct code_keeper_way){call->callee.target, look->index,
								   n, i}));
	}
	/* What a function with any number of arguments reads of them is not followed. */
	vec_push(&keepers->ways,
		 ((struct code_keeper_way){call->callee.target, look->index, UINT8_MAX, 0}));
}

static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	(void)context, (void)flow, (void)state;
}

static void look_at(struct code_keepers *keepers, uint32_t index)
{
	struct code_calls *calls = keepers->calls;
	uint64_t address = keepers->list.ptr[index].function;
	const struct code_function *function = code_functions_find(&calls->functions, address);
	struct look look = {.keepers = keepers, .index = index};
	struct code_question question = {
	    .on_call = on_call, .on_write = on_write, .on_return = on_return, .context = &look};
	unsigned first;

	if (!function || function->start != address || function->end - address > BUDGET_CODE_KEEPER)
		return;
	if (calls->flow.steps > BUDGET_CODE_STEPS || calls->decoded_bytes > BUDGET_CODE_DECODED) {
		calls->constants_limited = true;
		return;
	}
	if (!code_flow_function(&calls->flow, function, &question))
		return;
	calls->decoded_bytes += calls->flow.unit.counts.decoded;
	first = code_saved_first(&look.saved, &calls->flow);
	keepers->list.ptr[index].variadic = first ? UINT32_MAX << first : 0;
}

/* One round of handing on; whether anything changed. */
static bool hand_on(struct code_keepers *keepers)
{
	bool changed = false;

	vec_each (way, &keepers->ways) {
		struct code_keeper *keeper = &keepers->list.ptr[way->keeper];
		const struct map_entry *entry =
		    map_get(&keepers->map, slice_of(&way->callee, sizeof(way->callee)));
		uint32_t callee = entry ? keepers->list.ptr[entry->value].mask : 0,
			 mask = keeper->mask;

		if (code_targets_hold(&keepers->starters->near, way->callee))
			callee = UINT32_MAX;
		if (way->parameter == UINT8_MAX)
			mask |= callee || keeper->writes ? keeper->variadic : 0;
		else if (callee >> way->argument & 1)
			mask |= 1u << way->parameter;
		changed |= mask != keeper->mask;
		keeper->mask = mask;
	}
	return changed;
}

void code_keepers_answer(struct code_keepers *keepers)
{
	bool changed = true;
	size_t asked = 0;

	for (unsigned level = 0; level < BUDGET_CODE_ROUNDS; level++) {
		size_t end = keepers->list.len, ways = keepers->ways.len;

		for (; asked < end && asked < BUDGET_CODE_STARTERS; asked++)
			look_at(keepers, (uint32_t)asked);
		for (; ways < keepers->ways.len; ways++)
			code_keepers_ask(keepers, keepers->ways.ptr[ways].callee);
		keepers->calls->constants_limited |= asked < end;
	}
	for (unsigned round = 0; round < HAND_ON_ROUNDS && changed; round++)
		changed = hand_on(keepers);
	keepers->calls->constants_limited |= changed;
}

void code_keepers_release(struct code_keepers *keepers)
{
	vec_release(&keepers->list);
	vec_release(&keepers->ways);
	map_release(&keepers->map);
}
