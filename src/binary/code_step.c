/* SPDX-License-Identifier: BSD-2-Clause */
/* What one operation does to registers and memory. */
#include "binary/code_flow.h"

#define STRING_WORDS 64 /* words that rep stos and rep movs are followed for */

static code_value constant(struct code_flow *flow, int64_t number)
{
	return code_value_constant(&flow->values, (uint64_t)number);
}

/*
 * Of two registers, either may be the base: it is the one that holds an address of the file. -O0
 * computes the index first and has it on the left.
 */
static bool is_base(const struct code_flow *flow, code_value value)
{
	uint64_t number;

	return code_value_number(&flow->values, value, &number) &&
	       code_image_mapped(flow->image, number);
}

code_value code_step_address(struct code_flow *flow, const struct code_state *state,
			     const struct code_op *op)
{
	code_value address = constant(flow, op->number), index, base;

	if (op->left != CODE_NO_REGISTER && op->right != CODE_NO_REGISTER && op->scale == 1 &&
	    is_base(flow, state->registers[op->right]) &&
	    !is_base(flow, state->registers[op->left]))
		return code_value_index(
		    &flow->values,
		    code_value_add(&flow->values, state->registers[op->right], address, 8),
		    state->registers[op->left]);
	if (op->left != CODE_NO_REGISTER) {
		base = state->registers[op->left];
		/* Nobody reads through a null pointer; ADRP may well make page 0, though. */
		if (op->kind != OP_ADDRESS && !flow->memory.machine->fixed_width)
			base = code_value_without_null(&flow->values, base);
		address = code_value_add(&flow->values, base, address, 8);
	}
	if (op->right == CODE_NO_REGISTER)
		return address;
	index = code_value_scale(&flow->values, state->registers[op->right], op->scale);
	return code_value_index(&flow->values, address, index);
}

/* rep stos and rep movs: word by word as far as it is worth it, the rest of the object unknown. */
static void string_operation(struct code_flow *flow, struct code_state *state,
			     const struct code_op *op)
{
	code_value to = state->registers[CODE_STRING_TARGET], from = state->registers[6], step;
	struct code_values *values = &flow->values;
	uint64_t count, bytes = 0;

	if (code_value_number(values, state->registers[1], &count) && count < UINT32_MAX)
		bytes = count * op->size;
	code_state_store_text(state, &flow->memory, to, bytes, CODE_VALUE_NONE);
	for (uint64_t at = 0; at + 8 <= bytes && at < STRING_WORDS * 8; at += 8) {
		code_value value = state->registers[0];
		uint64_t number;

		step = code_value_constant(values, at);
		if (op->kind == OP_COPY)
			value = code_state_load(state, &flow->memory,
						code_value_add(values, from, step, 8), 8, false);
		else if (!code_value_number(values, value, &number) || number)
			break; /* only zeros are worth keeping */
		code_state_store(state, &flow->memory, code_value_add(values, to, step, 8), 8,
				 value);
	}
}

static code_value insert(struct code_flow *flow, const struct code_state *state,
			 const struct code_op *op)
{
	unsigned bit = (unsigned)(op->number >> 16 & 63);
	uint64_t part = (uint64_t)(op->number & 0xffff) << bit, old;

	if (!code_value_number(&flow->values, state->registers[op->target], &old))
		return code_value_unknown(&flow->values, FACTS_REASON_COMPUTED);
	old = (old & ~(UINT64_C(0xffff) << bit)) | part;
	return code_value_constant(&flow->values, op->size == 4 ? old & UINT32_MAX : old);
}

static code_value logic(struct code_flow *flow, const struct code_state *state,
			const struct code_op *op)
{
	static const enum code_logic logics[] = {[OP_AND] = LOGIC_AND,
						 [OP_OR] = LOGIC_OR,
						 [OP_XOR] = LOGIC_XOR,
						 [OP_SHIFT_RIGHT] = LOGIC_SHIFT_RIGHT};

	return code_value_logic(&flow->values, logics[op->kind], state->registers[op->left],
				state->registers[op->right], op->size);
}

/* The new value of the target register. */
static code_value compute(struct code_flow *flow, const struct code_state *state,
			  const struct code_op *op)
{
	struct code_values *values = &flow->values;
	code_value right;

	switch (op->kind) {
	case OP_NUMBER:
		if (op->scale == CODE_SCALE_PAGE)
			return code_value_atom(values, (struct code_atom){.kind = ATOM_CONSTANT,
									  .a = op->number,
									  .c = CODE_PAGE});
		return constant(flow, op->number);
	case OP_MOVE:
		return code_value_extend(values, state->registers[op->left], op->size, false);
	case OP_EXTEND:
		return code_value_extend(values, state->registers[op->left], op->size, true);
	case OP_ADD:
		right = op->right == CODE_NO_REGISTER ? constant(flow, op->number)
						      : state->registers[op->right];
		return code_value_add(values, state->registers[op->left], right, op->size);
	case OP_SUBTRACT:
		return code_value_subtract(values, state->registers[op->left],
					   state->registers[op->right], op->size);
	case OP_SCALE:
		return code_value_extend(
		    values,
		    code_value_scale(values, state->registers[op->left], (uint64_t)op->number),
		    op->size, false);
	case OP_MULTIPLY:
		return code_value_extend(values,
					 code_value_multiply(values, state->registers[op->left],
							     state->registers[op->right]),
					 op->size, false);
	case OP_AND:
	case OP_OR:
	case OP_XOR:
	case OP_SHIFT_RIGHT:
		return logic(flow, state, op);
	case OP_INSERT:
		return insert(flow, state, op);
	case OP_ADDRESS:
		return code_step_address(flow, state, op);
	case OP_LOAD:
		return code_state_load(state, &flow->memory, code_step_address(flow, state, op),
				       op->size, op->is_signed);
	case OP_CHOOSE:
		return code_value_join(values, state->registers[op->left],
				       state->registers[op->right]);
	default:
		return code_value_unknown(values, FACTS_REASON_COMPUTED);
	}
}

/* What a loop compares its address with is where its table ends. */
static void note_bound(struct code_flow *flow, const struct code_state *state,
		       const struct code_op *op)
{
	struct code_values *values = &flow->values;
	uint64_t bound;

	if (op->left == CODE_NO_REGISTER || op->right == CODE_NO_REGISTER ||
	    (!code_value_number(values, state->registers[op->left], &bound) &&
	     !code_value_number(values, state->registers[op->right], &bound)) ||
	    !code_image_mapped(flow->image, bound - 1))
		return;
	for (size_t i = 0; i < flow->bounds.len; i++)
		if (flow->bounds.ptr[i] == bound)
			return;
	vec_push(&flow->bounds, bound);
}

/* An addition to a register that is no frame: what loops step with. */
static bool is_addition(const struct code_flow *flow, const struct code_op *op)
{
	const struct code_machine *machine = flow->memory.machine;

	return (op->kind == OP_ADD || op->kind == OP_SUBTRACT || op->kind == OP_ADDRESS) &&
	       op->left != CODE_NO_REGISTER && op->left != machine->stack_pointer &&
	       op->left != machine->frame_pointer;
}

/* One of a positive number, as in a loop over a table. */
static bool is_counting(const struct code_flow *flow, const struct code_op *op)
{
	return is_addition(flow, op) && op->kind != OP_SUBTRACT && op->right == CODE_NO_REGISTER &&
	       op->number > 0 && op->number <= INT32_MAX;
}

void code_step(struct code_flow *flow, struct code_state *state, const struct code_op *op)
{
	switch (op->kind) {
	case OP_STORE:
		code_state_store(state, &flow->memory, code_step_address(flow, state, op), op->size,
				 state->registers[op->target]);
		break;
	case OP_FILL:
	case OP_COPY:
		string_operation(flow, state, op);
		break;
	case OP_CLOBBER_MEMORY:
		state->slots.len = 0;
		break;
	case OP_COMPARE:
		note_bound(flow, state, op);
		break;
	case OP_CALL:
	case OP_JUMP:
	case OP_BRANCH:
	case OP_RETURN:
	case OP_STOP:
		break;
	default:
		if (flow->in_loop && is_counting(flow, op))
			state->registers[op->target] =
			    code_value_count(&flow->values, state->registers[op->left], op->number,
					     (int64_t)op->address, op->size);
		else
			state->registers[op->target] = compute(flow, state, op);
		if (is_addition(flow, op))
			state->registers[op->target] =
			    code_value_moved(&flow->values, state->registers[op->target]);
		break;
	}
}
