/* SPDX-License-Identifier: BSD-2-Clause */
/* What calls do to registers and memory. */
#include "binary/code_flow.h"
#include "util/budget.h"

#define COPY_WORDS 64 /* words that memcpy() and memset() are followed for */

static code_value argument(struct code_flow *flow, const struct code_call *call, int index)
{
	return index < 0 ? CODE_VALUE_NONE : code_flow_argument(flow, call, (unsigned)index);
}

static uint64_t size_argument(struct code_flow *flow, const struct code_call *call, int index)
{
	uint64_t size = 0;

	if (index >= 0 && code_value_number(&flow->values, argument(flow, call, index), &size) &&
	    size > BUDGET_CODE_TEXT)
		size = 0; /* as good as not known */
	return size;
}

static code_value at_offset(struct code_flow *flow, code_value address, uint64_t offset)
{
	return code_value_add(&flow->values, address, code_value_constant(&flow->values, offset),
			      8);
}

/* Whether memory there may be told as texts: the places other than parameters and unknown ones. */
static void store_found(struct code_flow *flow, struct code_state *state, code_value buffer,
			uint64_t size, const struct code_founds *founds)
{
	code_state_store_text(state, &flow->memory, buffer, size, code_found_value(flow, founds));
}

/* The shortest a set of texts can get when it is cut to size: all must fit, or nothing is known. */
static void cut_texts(struct code_flow *flow, struct code_founds *founds, uint64_t size)
{
	size_t kept = 0;

	for (size_t i = 0; size && i < founds->count; i++) {
		struct slice text = code_texts_get(flow->texts, founds->items[i].text);

		if (!code_text_has_holes(text) && text.len >= size)
			founds->reasons |= FACTS_REASON_FORMATTED;
		else
			founds->items[kept++] = founds->items[i];
	}
	if (size)
		founds->count = kept;
}

static void copy_text(struct code_flow *flow, struct code_state *state,
		      const struct code_call *call, const struct call_row *row)
{
	code_value buffer = argument(flow, call, row->a);
	uint64_t size = size_argument(flow, call, row->c);
	struct code_founds founds;

	code_find_texts(flow, call->state, argument(flow, call, row->b), &founds);
	cut_texts(flow, &founds, size);
	store_found(flow, state, buffer, size, &founds);
}

static bool ends_in_hole(const struct code_buffer *buffer)
{
	return buffer->len && buffer->bytes[buffer->len - 1] == HOLE_ANY;
}

static bool is_hole(const struct code_flow *flow, uint32_t text)
{
	struct slice bytes = code_texts_get(flow->texts, text);

	return bytes.len == 1 && bytes.ptr[0] == HOLE_ANY;
}

/* Every first text with every second one behind it. */
static void append_founds(struct code_flow *flow, struct code_founds *left,
			  const struct code_founds *right, const char *between)
{
	struct code_founds result = {.reasons = left->reasons | right->reasons};
	struct code_buffer buffer;

	for (size_t i = 0; i < left->count; i++) {
		for (size_t j = 0; j < right->count; j++) {
			buffer.len = 0;
			buffer.full = false;
			code_buffer_add(&buffer, code_texts_get(flow->texts, left->items[i].text));
			code_buffer_add(&buffer, slice_text(between));
			/* One hole stands for any text, and so for two of them. */
			if (!ends_in_hole(&buffer) || !is_hole(flow, right->items[j].text))
				code_buffer_add(&buffer,
						code_texts_get(flow->texts, right->items[j].text));
			if (buffer.full || result.count == BUDGET_CODE_TEXTS)
				result.reasons |= FACTS_REASON_TOO_MANY;
			else
				code_found_add(
				    &result,
				    code_texts_add(flow->texts, code_buffer_slice(&buffer)),
				    FACTS_VALUE_FORMAT, left->items[i].address);
		}
	}
	*left = result;
}

/* A part that is not known is a hole, so that the rest is not lost. */
static void with_hole(struct code_flow *flow, struct code_founds *founds)
{
	uint8_t hole = HOLE_ANY;

	if (!code_founds_open(founds))
		return;
	founds->reasons = 0;
	founds->count = 0;
	code_found_add(founds, code_texts_add(flow->texts, slice_of(&hole, 1)), FACTS_VALUE_FORMAT,
		       0);
}

static void append(struct code_flow *flow, struct code_state *state, const struct code_call *call,
		   const struct call_row *row)
{
	code_value buffer = argument(flow, call, row->a);
	struct code_founds left, right;

	code_find_texts(flow, call->state, buffer, &left);
	code_find_texts(flow, call->state, argument(flow, call, row->b), &right);
	/* In a loop nobody knows how often, and in which order. */
	if (flow->in_loop)
		right.reasons |= FACTS_REASON_COMPUTED;
	with_hole(flow, &right);
	if (code_founds_open(&left))
		left.count = 0;
	append_founds(flow, &left, &right, "");
	store_found(flow, state, buffer, 0, &left);
}

static code_value concatenate(struct code_flow *flow, const struct code_call *call,
			      const struct call_row *row, const char *between)
{
	struct code_founds all, next;
	uint64_t number;

	code_find_texts(flow, call->state, argument(flow, call, row->a), &all);
	with_hole(flow, &all);
	for (int i = row->a + 1; i < row->a + 8; i++) {
		code_value value = argument(flow, call, i);

		if (code_value_number(&flow->values, value, &number) && !number)
			return code_found_value(flow, &all);
		code_find_texts(flow, call->state, value, &next);
		with_hole(flow, &next);
		append_founds(flow, &all, &next, between);
	}
	return code_value_unknown(&flow->values, FACTS_REASON_RESULT);
}

/* memcpy: a text that ends inside, else word by word. */
static void copy_bytes(struct code_flow *flow, struct code_state *state,
		       const struct code_call *call, const struct call_row *row)
{
	code_value to = argument(flow, call, row->a), from = argument(flow, call, row->b);
	const struct code_atom *atom;
	struct code_place place;
	uint64_t size = 0, at = 0;
	code_value text = CODE_VALUE_NONE;

	if (!code_value_number(&flow->values, argument(flow, call, row->c), &size))
		size = 0;
	atom = code_value_single(&flow->values, from);
	if (atom) {
		struct code_atom copy = *atom;

		place = code_state_place(&flow->memory, &copy);
		if (place.base != BASE_NONE)
			text = code_state_text(call->state, place);
	}
	code_state_store_text(state, &flow->memory, to, size, text);
	if (text != CODE_VALUE_NONE || !size)
		return;
	for (; at + 8 <= size && at < COPY_WORDS * 8; at += 8)
		code_state_store(state, &flow->memory, at_offset(flow, to, at), 8,
				 code_state_load(call->state, &flow->memory,
						 at_offset(flow, from, at), 8, false));
	for (; at < size && at < COPY_WORDS * 8; at++)
		code_state_store(state, &flow->memory, at_offset(flow, to, at), 1,
				 code_state_load(call->state, &flow->memory,
						 at_offset(flow, from, at), 1, false));
}

static void fill(struct code_flow *flow, struct code_state *state, const struct code_call *call,
		 const struct call_row *row)
{
	code_value to = argument(flow, call, row->a);
	uint64_t byte = 0, size = 0;

	if (row->b >= 0 && !code_value_number(&flow->values, argument(flow, call, row->b), &byte))
		byte = 1;
	if (!code_value_number(&flow->values, argument(flow, call, row->c), &size))
		size = 0;
	code_state_store_text(state, &flow->memory, to, size, CODE_VALUE_NONE);
	for (uint64_t at = 0; !byte && at + 8 <= size && at < COPY_WORDS * 8; at += 8)
		code_state_store(state, &flow->memory, at_offset(flow, to, at), 8,
				 code_value_constant(&flow->values, 0));
}

static code_value environment(struct code_flow *flow, const struct code_call *call,
			      const struct call_row *row)
{
	struct code_value_set set = code_value_set(&flow->values, argument(flow, call, row->a));
	code_value result = CODE_VALUE_NONE;
	struct slice text;

	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(&flow->values, set, i);

		if (atom.kind == ATOM_CONSTANT &&
		    code_image_text(flow->image, (uint64_t)atom.a, &text))
			atom = (struct code_atom){.kind = ATOM_ENVIRONMENT, .a = atom.a};
		else
			atom =
			    (struct code_atom){.kind = ATOM_UNKNOWN, .a = FACTS_REASON_ENVIRONMENT};
		result =
		    code_value_join(&flow->values, result, code_value_atom(&flow->values, atom));
	}
	return result;
}

/* The same text is as good as a copy of it, unless it is in a buffer that may change. */
static code_value duplicate(struct code_flow *flow, const struct code_call *call,
			    const struct call_row *row)
{
	code_value value = argument(flow, call, row->a);
	struct code_value_set set = code_value_set(&flow->values, value);
	struct code_founds founds;

	for (uint32_t i = 0; i < set.count; i++) {
		uint32_t kind = code_value_at(&flow->values, set, i)->kind;

		if (kind == ATOM_STACK || kind == ATOM_RESULT) {
			code_find_texts(flow, call->state, value, &founds);
			return code_found_value(flow, &founds);
		}
	}
	return value;
}

/* A std::string of the text: its pointer comes first. */
static void make_string(struct code_flow *flow, struct code_state *state,
			const struct code_call *call, const struct call_row *row)
{
	struct code_founds founds;

	code_find_texts(flow, call->state, argument(flow, call, row->b), &founds);
	code_state_store_text(state, &flow->memory, argument(flow, call, row->a), 32,
			      CODE_VALUE_NONE);
	code_state_store(state, &flow->memory, argument(flow, call, row->a), 8,
			 code_found_value(flow, &founds));
}

/* Effects on memory; gives what is returned, or CODE_VALUE_NONE: some result of this call. */
static code_value known_effect(struct code_flow *flow, struct code_state *state,
			       const struct code_call *call, const struct call_row *row)
{
	struct code_founds founds;
	code_value value;

	switch ((enum call_effect)row->effect) {
	case EFFECT_FORMAT:
	case EFFECT_FORMAT_POINTER:
	case EFFECT_FORMAT_RESULT:
		if (row->text)
			code_format_at(flow, call, row->text, (unsigned)row->b + 1, &founds);
		else
			code_format(flow, call, (unsigned)row->b, &founds);
		if (row->effect == EFFECT_FORMAT_RESULT)
			return code_found_value(flow, &founds);
		value = argument(flow, call, row->a);
		if (row->effect == EFFECT_FORMAT) {
			cut_texts(flow, &founds, size_argument(flow, call, row->c));
			store_found(flow, state, value, size_argument(flow, call, row->c), &founds);
		} else {
			code_state_store(state, &flow->memory, value, 8,
					 code_found_value(flow, &founds));
		}
		break;
	case EFFECT_FORMAT_LIST:
		code_state_store_text(state, &flow->memory, argument(flow, call, row->a), 0,
				      CODE_VALUE_NONE);
		break;
	case EFFECT_FORMAT_LIST_POINTER:
		code_state_store(
		    state, &flow->memory, argument(flow, call, row->a), 8,
		    code_value_atom(
			&flow->values,
			(struct code_atom){.kind = ATOM_RESULT, .a = (int64_t)call->op->address}));
		break;
	case EFFECT_COPY:
		copy_text(flow, state, call, row);
		return argument(flow, call, row->a);
	case EFFECT_COPY_END:
		copy_text(flow, state, call, row);
		break;
	case EFFECT_APPEND:
		append(flow, state, call, row);
		return argument(flow, call, row->a);
	case EFFECT_COPY_BYTES:
		copy_bytes(flow, state, call, row);
		return argument(flow, call, row->a);
	case EFFECT_FILL:
	case EFFECT_CLEAR:
		fill(flow, state, call, row);
		return argument(flow, call, row->a);
	case EFFECT_DUPLICATE:
		return duplicate(flow, call, row);
	case EFFECT_CONCATENATE:
		return concatenate(flow, call, row, "");
	case EFFECT_BUILD_PATH:
		return concatenate(flow, call, row, "/");
	case EFFECT_ENVIRONMENT:
		return environment(flow, call, row);
	case EFFECT_STRING:
		make_string(flow, state, call, row);
		break;
	case EFFECT_LENGTH:
		code_find_texts(flow, call->state, argument(flow, call, row->a), &founds);
		if (!code_founds_open(&founds) && founds.count == 1 &&
		    !code_text_has_holes(code_texts_get(flow->texts, founds.items[0].text)))
			return code_value_constant(
			    &flow->values, code_texts_get(flow->texts, founds.items[0].text).len);
		break;
	case EFFECT_WRITE:
		code_state_store_text(state, &flow->memory, argument(flow, call, row->a),
				      (uint64_t)row->b, CODE_VALUE_NONE);
		break;
	case EFFECT_PURE:
	case EFFECT_STOP:
		break;
	}
	return CODE_VALUE_NONE;
}

/* A function that nothing is known of may keep, and write through, every address it is given. */
static code_value unknown_effect(struct code_flow *flow, struct code_state *state,
				 const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value result = code_results_value(flow, call);

	for (unsigned i = 0; i < machine->argument_count; i++)
		code_state_escape(state, &flow->memory,
				  call->state->registers[machine->arguments[i]]);
	code_state_call(state, &flow->memory);
	return result;
}

void code_flow_effect(struct code_flow *flow, struct code_state *state,
		      const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value clobbered = code_value_unknown(&flow->values, FACTS_REASON_COMPUTED);
	code_value result = CODE_VALUE_NONE;

	if (call->callee.row)
		result = known_effect(flow, state, call, call->callee.row);
	else
		result = unknown_effect(flow, state, call);
	for (unsigned i = 0; i < CODE_REGISTERS; i++)
		if (i >= CODE_VECTOR || !(machine->preserved >> i & 1))
			state->registers[i] = clobbered;
	if (result == CODE_VALUE_NONE)
		result = code_value_atom(
		    &flow->values,
		    (struct code_atom){.kind = ATOM_RESULT, .a = (int64_t)call->op->address});
	state->registers[machine->result] = result;
}
