/* SPDX-License-Identifier: BSD-2-Clause */
/* What functions of the file return, and texts with parameters put together at a call. */
#include <stdlib.h>

#include "binary/code_flow.h"
#include "util/budget.h"

#define ANSWER_ROUNDS 3 /* functions that return what others return */

void code_find_part(struct code_flow *flow, const struct code_call *call,
		    const struct code_part *part, struct code_founds *ret)
{
	code_value value = code_flow_argument(flow, call, part->parameter);

	if (part->hole == HOLE_PARAMETER_NUMBER) {
		code_find_number(flow, value, ret);
		return;
	}
	if (part->hole == HOLE_FIELD) {
		value =
		    code_value_add(&flow->values, value,
				   code_value_constant(&flow->values, (uint64_t)part->offset), 8);
		value = code_state_load(call->state, &flow->memory, value, 8, false);
	}
	code_find_texts(flow, call->state, value, ret);
}

/* Several texts that grow together, one per combination of what the parameters may be. */
struct variants {
	struct code_flow *flow;
	struct code_buffer *buffers;
	size_t count;
};

static void append(struct variants *v, const struct code_founds *founds, struct slice bytes)
{
	size_t added = founds->count ? founds->count : 1, count = v->count;

	for (size_t n = added; n-- > 0;) {
		for (size_t i = 0; i < count; i++) {
			struct code_buffer *to = &v->buffers[n * count + i];

			if (n)
				*to = v->buffers[i];
			code_buffer_add(to, founds->count ? code_texts_get(v->flow->texts,
									   founds->items[n].text)
							  : bytes);
		}
	}
	v->count = count * added;
}

void code_substitute(struct code_flow *flow, const struct code_call *call, struct slice text,
		     struct code_founds *ret)
{
	struct variants v = {.flow = flow, .count = 1};
	struct code_founds founds;
	struct code_part part;
	uint8_t hole;

	v.buffers = memory_calloc(BUDGET_CODE_TEXTS, sizeof(*v.buffers));
	*ret = (struct code_founds){.count = 0};
	for (const uint8_t *at = text.ptr; code_text_next(&text, &part); at = text.ptr) {
		struct slice bytes = slice_of(at, (size_t)(text.ptr - at));

		founds.count = 0;
		if (part.hole >= HOLE_PARAMETER) {
			code_find_part(flow, call, &part, &founds);
			if (code_founds_open(&founds) ||
			    founds.count * v.count > BUDGET_CODE_TEXTS) {
				hole = part.hole == HOLE_PARAMETER_NUMBER ? HOLE_NUMBER : HOLE_ANY;
				bytes = slice_of(&hole, 1);
				founds.count = 0;
			}
		}
		append(&v, &founds, bytes);
	}
	for (size_t i = 0; i < v.count; i++) {
		if (v.buffers[i].full)
			ret->reasons |= FACTS_REASON_TOO_MANY;
		else
			code_found_add(
			    ret, code_texts_add(flow->texts, code_buffer_slice(&v.buffers[i])),
			    FACTS_VALUE_FORMAT, 0);
	}
	free(v.buffers);
}

static struct code_return *find(const struct code_returns *returns, uint64_t function)
{
	const struct map_entry *entry =
	    map_get(&returns->map, slice_of(&function, sizeof(function)));

	return entry ? &returns->list.ptr[entry->value] : NULL;
}

bool code_results_callee(const struct code_flow *flow, uint64_t call_address,
			 struct code_callee *ret)
{
	size_t operation = code_unit_operation(&flow->unit, call_address);

	for (; operation < flow->unit.ops.len && !flow->unit.ops.ptr[operation].last; operation++)
		;
	if (operation >= flow->unit.ops.len || flow->unit.ops.ptr[operation].kind != OP_CALL ||
	    flow->unit.ops.ptr[operation].left != CODE_NO_REGISTER)
		return false;
	*ret = code_callees_at(flow->callees, (uint64_t)flow->unit.ops.ptr[operation].number);
	return true;
}

uint32_t code_results_import(struct code_flow *flow, uint64_t call_address)
{
	struct code_callee callee;

	if (!code_results_callee(flow, call_address, &callee) || callee.row || callee.target)
		return CODE_NO_SYMBOL;
	return callee.symbol;
}

void code_results_ask(struct code_flow *flow, uint64_t call_address)
{
	struct code_returns *returns = flow->returns;
	const struct code_return *known;
	struct code_callee callee;
	const void *key;

	if (!returns || !code_results_callee(flow, call_address, &callee) || !callee.target ||
	    callee.row || returns->list.len >= BUDGET_CODE_FLOWS)
		return;
	known = find(returns, callee.target);
	if (known) {
		returns->asked += known->wanted;
		return;
	}
	key = arena_copy(returns->arena, &callee.target, sizeof(callee.target));
	map_put(&returns->map, slice_of(key, sizeof(callee.target)), (uint32_t)returns->list.len,
		NULL);
	vec_push(&returns->list, ((struct code_return){.function = callee.target, .wanted = true}));
	returns->asked++;
}

/* The value for one text a function returns: the address where it has one, so that it keeps it. */
static code_value text_value(struct code_flow *flow, const struct code_call *call,
			     const struct code_found *found)
{
	struct slice text = code_texts_get(flow->texts, found->text);
	struct code_founds founds;
	struct code_part part;
	struct slice rest = text;

	if (found->source == FACTS_VALUE_NOTHING)
		return code_value_constant(&flow->values, 0);
	if (found->source == FACTS_VALUE_CONSTANT && found->address)
		return code_value_constant(&flow->values, found->address);
	if (found->source == FACTS_VALUE_ENVIRONMENT)
		return code_value_atom(
		    &flow->values,
		    (struct code_atom){.kind = ATOM_ENVIRONMENT, .a = (int64_t)found->address});
	if (code_text_is_parameter(text) && code_text_next(&rest, &part) &&
	    part.hole == HOLE_PARAMETER)
		return code_flow_argument(flow, call, part.parameter);
	code_substitute(flow, call, text, &founds);
	return code_found_value(flow, &founds);
}

code_value code_results_value(struct code_flow *flow, const struct code_call *call)
{
	const struct code_return *found =
	    flow->returns && call->callee.target ? find(flow->returns, call->callee.target) : NULL;
	code_value value = CODE_VALUE_NONE;

	if (!found || !found->texts || !(found->texts->count + found->texts->variable_count))
		return CODE_VALUE_NONE;
	for (size_t i = 0; i < found->texts->count; i++)
		value = code_value_join(&flow->values, value,
					text_value(flow, call, &found->texts->items[i]));
	for (size_t i = 0; i < found->texts->variable_count; i++)
		value = code_value_join(
		    &flow->values, value,
		    code_value_atom(&flow->values,
				    (struct code_atom){.kind = ATOM_VARIABLE,
						       .a = (int64_t)found->texts->variables[i]}));
	if (found->texts->reasons)
		value = code_value_join(&flow->values, value,
					code_value_unknown(&flow->values, found->texts->reasons));
	return value;
}

static void add_variable(struct code_founds *founds, uint64_t address)
{
	for (size_t i = 0; i < founds->variable_count; i++)
		if (founds->variables[i] == address)
			return;
	if (founds->variable_count < sizeof(founds->variables) / sizeof(founds->variables[0]))
		founds->variables[founds->variable_count++] = address;
}

static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	struct code_founds *all = context, founds;

	code_find_texts(flow, state, state->registers[flow->memory.machine->result], &founds);
	for (size_t i = 0; i < founds.count; i++)
		code_found_add(all, founds.items[i].text, founds.items[i].source,
			       founds.items[i].address);
	for (size_t i = 0; i < founds.variable_count; i++)
		add_variable(all, founds.variables[i]);
	all->reasons |= founds.reasons;
}

static bool answer(struct code_flow *flow, size_t index)
{
	struct code_returns *returns = flow->returns;
	uint64_t address = returns->list.ptr[index].function;
	const struct code_function *function = code_functions_find(flow->functions, address);
	struct code_question question = {.on_return = on_return};
	struct code_founds *founds = arena_alloc(returns->arena, sizeof(*founds));
	const struct code_founds *old = returns->list.ptr[index].texts;

	question.context = founds;
	if (!function || function->start != address ||
	    !code_flow_function(flow, function, &question) || flow->function_limited)
		founds->count = founds->variable_count = founds->result_count = 0;
	returns->list.ptr[index].texts = founds;
	return founds->count + founds->variable_count !=
	       (old ? old->count + old->variable_count : 0);
}

bool code_results_answer(struct code_flow *flow)
{
	struct code_returns *returns = flow->returns;
	bool found = false;

	for (unsigned round = 0; round < ANSWER_ROUNDS; round++) {
		bool changed = false;

		/* The list grows while functions ask for what others return. */
		for (size_t i = 0; i < returns->list.len; i++)
			if (returns->list.ptr[i].wanted)
				changed |= answer(flow, i);
		found |= changed;
		if (!changed)
			break;
	}
	vec_each (entry, &returns->list)
		entry->wanted = false;
	return found;
}
