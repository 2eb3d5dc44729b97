/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_flow.h"

#include <stdlib.h>

#include "util/budget.h"

#define FUNCTION_STEPS UINT64_C(4000000) /* operations followed in one function */
#define COMPARE_WINDOW 64		 /* operations between a bounds check and its jump */
#define TABLE_RESTARTS 4
#define STRING_WORDS 64 /* words that rep stos and rep movs are followed for */

void code_flow_init(struct code_flow *flow, const struct code_image *image,
		    const struct code_callees *callees, const struct code_functions *functions,
		    struct code_decoder *decoder, struct code_texts *texts)
{
	*flow = (struct code_flow){.image = image,
				   .callees = callees,
				   .functions = functions,
				   .decoder = decoder,
				   .texts = texts};
	flow->memory.image = image;
	flow->memory.machine = code_decoder_machine(decoder);
}

static void drop_states(struct code_flow *flow)
{
	for (size_t i = 0; i < flow->state_count; i++) {
		if (!flow->states[i])
			continue;
		code_state_release(flow->states[i]);
		free(flow->states[i]);
	}
	free(flow->states);
	free(flow->pending);
	free(flow->seeded);
	flow->states = NULL;
	flow->pending = flow->seeded = NULL;
	flow->state_count = 0;
}

void code_flow_release(struct code_flow *flow)
{
	drop_states(flow);
	code_unit_release(&flow->unit);
	vec_release(&flow->leaders);
	vec_release(&flow->memory.objects);
}

static code_value reg(const struct code_flow *flow, const struct code_state *state, uint8_t number)
{
	(void)flow;
	return state->registers[number];
}

static code_value constant(struct code_flow *flow, int64_t number)
{
	return code_value_constant(&flow->values, (uint64_t)number);
}

static code_value address_of(struct code_flow *flow, const struct code_state *state,
			     const struct code_op *op)
{
	code_value address = constant(flow, op->number), index;

	if (op->left != CODE_NO_REGISTER)
		address = code_value_add(&flow->values, reg(flow, state, op->left), address, 8);
	if (op->right == CODE_NO_REGISTER)
		return address;
	index = code_value_scale(&flow->values, reg(flow, state, op->right), op->scale);
	return code_value_add(&flow->values, address, index, 8);
}

/* rep stos and rep movs: word by word as far as it is worth it, the rest of the object unknown. */
static void string_operation(struct code_flow *flow, struct code_state *state,
			     const struct code_op *op)
{
	code_value to = state->registers[7], from = state->registers[6], step;
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

	if (!code_value_number(&flow->values, reg(flow, state, op->target), &old))
		return code_value_unknown(&flow->values, FACTS_REASON_COMPUTED);
	old = (old & ~(UINT64_C(0xffff) << bit)) | part;
	return code_value_constant(&flow->values, op->size == 4 ? old & UINT32_MAX : old);
}

static code_value logic(struct code_flow *flow, const struct code_state *state,
			const struct code_op *op)
{
	static const enum code_logic logics[] = {[OP_AND - OP_AND] = LOGIC_AND,
						 [OP_OR - OP_AND] = LOGIC_OR,
						 [OP_XOR - OP_AND] = LOGIC_XOR,
						 [OP_SHIFT_RIGHT - OP_AND] = LOGIC_SHIFT_RIGHT};

	return code_value_logic(&flow->values, logics[op->kind - OP_AND],
				reg(flow, state, op->left), reg(flow, state, op->right), op->size);
}

/* The new value of the target register. */
static code_value compute(struct code_flow *flow, const struct code_state *state,
			  const struct code_op *op)
{
	struct code_values *values = &flow->values;
	code_value right;

	switch (op->kind) {
	case OP_NUMBER:
		return constant(flow, op->number);
	case OP_MOVE:
		return code_value_extend(values, reg(flow, state, op->left), op->size, false);
	case OP_EXTEND:
		return code_value_extend(values, reg(flow, state, op->left), op->size, true);
	case OP_ADD:
		right = op->right == CODE_NO_REGISTER ? constant(flow, op->number)
						      : reg(flow, state, op->right);
		return code_value_add(values, reg(flow, state, op->left), right, op->size);
	case OP_SUBTRACT:
		return code_value_subtract(values, reg(flow, state, op->left),
					   reg(flow, state, op->right), op->size);
	case OP_SCALE:
		return code_value_extend(values,
					 code_value_scale(values, reg(flow, state, op->left),
							  (uint64_t)op->number),
					 op->size, false);
	case OP_AND:
	case OP_OR:
	case OP_XOR:
	case OP_SHIFT_RIGHT:
		return logic(flow, state, op);
	case OP_INSERT:
		return insert(flow, state, op);
	case OP_ADDRESS:
		return address_of(flow, state, op);
	case OP_LOAD:
		return code_state_load(state, &flow->memory, address_of(flow, state, op), op->size,
				       op->is_signed);
	case OP_CHOOSE:
		return code_value_join(values, reg(flow, state, op->left),
				       reg(flow, state, op->right));
	default:
		return code_value_unknown(values, FACTS_REASON_COMPUTED);
	}
}

static void step(struct code_flow *flow, struct code_state *state, const struct code_op *op)
{
	switch (op->kind) {
	case OP_STORE:
		code_state_store(state, &flow->memory, address_of(flow, state, op), op->size,
				 reg(flow, state, op->target));
		break;
	case OP_FILL:
	case OP_COPY:
		string_operation(flow, state, op);
		break;
	case OP_CLOBBER_MEMORY:
		state->slots.len = 0;
		break;
	case OP_COMPARE:
	case OP_CALL:
	case OP_JUMP:
	case OP_BRANCH:
	case OP_RETURN:
	case OP_STOP:
		break;
	default:
		state->registers[op->target] = compute(flow, state, op);
		break;
	}
}

code_value code_flow_argument(struct code_flow *flow, const struct code_call *call, unsigned index)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value address;
	int64_t offset;

	if (index < machine->argument_count)
		return call->state->registers[machine->arguments[index]];
	offset = (int64_t)(index - machine->argument_count) * 8 +
		 (call->is_tail ? machine->stack_arguments : 0);
	address = code_value_add(&flow->values, call->state->registers[machine->stack_pointer],
				 constant(flow, offset), 8);
	return code_state_load(call->state, &flow->memory, address, 8, false);
}

/* What an address in a register or a slot leads to. */
static struct code_callee callee_of(const struct code_flow *flow, const struct code_atom *atom)
{
	struct code_callee none = {.symbol = CODE_NO_SYMBOL};

	if (atom->kind == ATOM_CONSTANT && code_image_code(flow->image, (uint64_t)atom->a))
		return code_callees_at(flow->callees, (uint64_t)atom->a);
	if (atom->kind == ATOM_SYMBOL && !atom->b) {
		none.symbol = (uint32_t)atom->a;
		none.row = none.symbol < flow->callees->row_count
			       ? flow->callees->rows[none.symbol]
			       : NULL;
	}
	return none;
}

/* Values that are the same at every call: what a seeded block may rely on. */
static void note_frame(struct code_flow *flow, const struct code_state *state)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value stack = state->registers[machine->stack_pointer];
	code_value frame = state->registers[machine->frame_pointer];
	code_value unknown = code_value_unknown(&flow->values, FACTS_REASON_NOT_REACHED);

	if (flow->call_stack == CODE_VALUE_NONE)
		flow->call_stack = stack;
	if (flow->call_frame == CODE_VALUE_NONE)
		flow->call_frame = frame;
	if (flow->call_stack != stack)
		flow->call_stack = unknown;
	if (flow->call_frame != frame)
		flow->call_frame = unknown;
}

struct walk {
	struct code_flow *flow;
	struct code_state *state; /* works on this one */
	uint32_t block;
	code_call_handler *handler; /* NULL while values are still followed */
	void *context;
};

/* One call or tail jump; false when it does not return. */
static bool walk_call(struct walk *walk, const struct code_op *op, bool is_tail)
{
	struct code_flow *flow = walk->flow;
	struct code_call call = {.op = op,
				 .state = walk->state,
				 .callee = {.symbol = CODE_NO_SYMBOL},
				 .is_tail = is_tail,
				 .is_indirect = op->left != CODE_NO_REGISTER,
				 .is_seeded = flow->seeded[walk->block]};
	struct code_value_set set;

	if (!is_tail)
		note_frame(flow, walk->state);
	if (!call.is_indirect) {
		call.callee = code_callees_at(flow->callees, (uint64_t)op->number);
		if (walk->handler)
			walk->handler(walk->context, flow, &call);
	} else {
		set = code_value_set(&flow->values, reg(flow, walk->state, op->left));
		for (uint32_t i = 0; i < set.count; i++) {
			struct code_atom atom = *code_value_at(&flow->values, set, i);

			call.callee = callee_of(flow, &atom);
			if (walk->handler)
				walk->handler(walk->context, flow, &call);
		}
		if (set.count != 1)
			call.callee = (struct code_callee){.symbol = CODE_NO_SYMBOL};
	}
	if (is_tail || (call.callee.row && call.callee.row->effect == EFFECT_STOP))
		return false;
	code_flow_effect(flow, walk->state, &call);
	return true;
}

static void set_pending(struct code_flow *flow, uint32_t block)
{
	flow->pending[block] = 1;
	if (block < flow->lowest)
		flow->lowest = block;
}

static void propagate(struct code_flow *flow, uint32_t from, uint32_t to,
		      const struct code_state *state)
{
	struct code_block *block = &flow->unit.blocks.ptr[to];

	if (!block->wanted)
		return;
	if (!flow->states[to]) {
		flow->states[to] = memory_calloc(1, sizeof(*flow->states[to]));
		code_state_copy(flow->states[to], state);
		flow->seeded[to] = flow->seeded[from];
		set_pending(flow, to);
		return;
	}
	flow->seeded[to] = flow->seeded[to] && flow->seeded[from];
	if (code_state_join(flow->states[to], state, &flow->memory, block->visits)) {
		block->visits++;
		set_pending(flow, to);
	}
}

static void jump_to(struct walk *walk, uint64_t address)
{
	struct code_flow *flow = walk->flow;
	uint32_t to = code_unit_block_at(&flow->unit, address);

	if (walk->handler || !code_unit_range(&flow->unit, address))
		return;
	if (to != CODE_NO_BLOCK) {
		propagate(flow, walk->block, to, walk->state);
		return;
	}
	for (size_t i = 0; i < flow->leaders.len; i++)
		if (flow->leaders.ptr[i] == address)
			return;
	if (code_unit_operation(&flow->unit, address) != SIZE_MAX)
		vec_push(&flow->leaders, address);
}

/* How many entries the jump's table has, by the comparison before it. */
static unsigned table_size(const struct code_flow *flow, size_t jump)
{
	for (size_t i = jump; i-- > 0 && jump - i < COMPARE_WINDOW;) {
		const struct code_op *op = &flow->unit.ops.ptr[i];

		if (op->kind == OP_COMPARE && op->number > 0 && op->number < BUDGET_CODE_TABLE)
			return (unsigned)op->number + 1;
	}
	return BUDGET_CODE_TABLE;
}

static bool table_entry(const struct code_flow *flow, const struct code_atom *atom, unsigned index,
			uint64_t *ret)
{
	unsigned size = atom->kind == ATOM_JUMP ? (unsigned)atom->b & 15 : 8;
	unsigned stride = atom->kind == ATOM_JUMP || atom->b <= 0 ? size : (unsigned)atom->b;
	uint64_t address = (uint64_t)atom->a + (uint64_t)index * stride, number;
	struct code_word word = code_image_word(flow->image, address, size);

	if (word.kind != CODE_WORD_NUMBER || !code_image_constant(flow->image, address, size))
		return false;
	number = word.number;
	if (atom->kind == ATOM_JUMP) {
		uint64_t sign = UINT64_C(1) << (size * 8 - 1);

		if ((atom->b & CODE_ENTRY_SIGNED) || size == 4)
			number = (number ^ sign) - sign;
		number = (number << (atom->b >> CODE_ENTRY_SHIFT & 15)) + (uint64_t)atom->c;
	}
	*ret = number;
	return code_unit_range(&flow->unit, number) != NULL;
}

static void walk_jump(struct walk *walk, const struct code_op *op)
{
	struct code_flow *flow = walk->flow;
	struct code_value_set set;
	uint64_t target;

	if (op->left == CODE_NO_REGISTER) {
		if (!code_unit_range(&flow->unit, (uint64_t)op->number))
			walk_call(walk, op, true);
		return;
	}
	set = code_value_set(&flow->values, reg(flow, walk->state, op->left));
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(&flow->values, set, i);
		unsigned count = table_size(flow, (size_t)(op - flow->unit.ops.ptr));

		if (atom.kind == ATOM_CONSTANT)
			jump_to(walk, (uint64_t)atom.a);
		if (atom.kind != ATOM_JUMP && atom.kind != ATOM_ELEMENT)
			continue;
		for (unsigned n = 0; n < count && table_entry(flow, &atom, n, &target); n++)
			jump_to(walk, target);
	}
	walk_call(walk, op, true);
}

static void walk_block(struct walk *walk)
{
	struct code_flow *flow = walk->flow;
	const struct code_block block = flow->unit.blocks.ptr[walk->block];

	for (uint32_t i = block.first; i < block.last; i++) {
		const struct code_op *op = &flow->unit.ops.ptr[i];

		flow->steps++;
		if (op->kind == OP_CALL) {
			if (!walk_call(walk, op, false))
				return;
		} else if (op->kind == OP_JUMP) {
			walk_jump(walk, op);
		} else if (op->kind == OP_BRANCH) {
			if (!code_unit_range(&flow->unit, (uint64_t)op->number))
				walk_call(walk, op, true);
		} else {
			step(flow, walk->state, op);
		}
	}
	for (size_t s = 0; s < 2 && !walk->handler; s++)
		if (block.successors[s] != CODE_NO_BLOCK)
			propagate(flow, walk->block, block.successors[s], walk->state);
}

static void settle(struct code_flow *flow)
{
	uint64_t limit = flow->steps + FUNCTION_STEPS;
	struct code_state current = {0};

	for (flow->lowest = 0; flow->lowest < flow->state_count;) {
		uint32_t next = flow->lowest;
		struct walk walk = {.flow = flow, .state = &current, .block = next};

		if (!flow->pending[next]) {
			flow->lowest++;
			continue;
		}
		if (flow->steps > limit || flow->steps > BUDGET_CODE_STEPS) {
			flow->limited = true;
			break;
		}
		flow->pending[next] = 0;
		code_state_copy(&current, flow->states[next]);
		walk_block(&walk);
	}
	code_state_release(&current);
}

static void seed(struct code_flow *flow, uint32_t block)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value unknown = code_value_unknown(&flow->values, FACTS_REASON_NOT_REACHED);
	struct code_state *state = memory_calloc(1, sizeof(*state));

	for (size_t i = 0; i < CODE_REGISTERS; i++)
		state->registers[i] = unknown;
	if (flow->call_stack != CODE_VALUE_NONE)
		state->registers[machine->stack_pointer] = flow->call_stack;
	if (flow->call_frame != CODE_VALUE_NONE)
		state->registers[machine->frame_pointer] = flow->call_frame;
	flow->states[block] = state;
	flow->pending[block] = flow->seeded[block] = 1;
}

/* Landing pads, and targets of jumps that were not understood. */
static void reach_rest(struct code_flow *flow, const uint32_t *targets, size_t count)
{
	for (size_t t = 0; t < count && !flow->limited; t++) {
		while (!flow->states[targets[t]] && !flow->limited) {
			uint32_t block = 0;

			while (block < targets[t] &&
			       (flow->states[block] || !flow->unit.blocks.ptr[block].wanted))
				block++;
			seed(flow, block);
			settle(flow);
		}
	}
}

static void start(struct code_flow *flow)
{
	uint32_t entry = code_unit_block_at(&flow->unit, flow->unit.start);
	size_t count = flow->unit.blocks.len;

	drop_states(flow);
	flow->states = memory_calloc(count, sizeof(*flow->states));
	flow->pending = memory_calloc(count, 1);
	flow->seeded = memory_calloc(count, 1);
	flow->state_count = count;
	flow->call_stack = flow->call_frame = CODE_VALUE_NONE;
	flow->memory.objects.len = 0;
	if (entry == CODE_NO_BLOCK)
		return;
	flow->states[entry] = memory_calloc(1, sizeof(*flow->states[entry]));
	code_state_entry(flow->states[entry], &flow->memory);
	flow->pending[entry] = 1;
}

static void show(struct code_flow *flow, code_call_handler *handler, void *context)
{
	struct code_state current = {0};

	for (size_t i = 0; i < flow->state_count; i++) {
		struct walk walk = {flow, &current, (uint32_t)i, handler, context};

		if (!flow->states[i])
			continue;
		code_state_copy(&current, flow->states[i]);
		walk_block(&walk);
	}
	code_state_release(&current);
}

static size_t find_targets(struct code_flow *flow, const uint64_t *sites, size_t site_count,
			   uint32_t *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < site_count; i++) {
		size_t operation = code_unit_operation(&flow->unit, sites[i]);

		if (operation != SIZE_MAX)
			ret[count++] = code_unit_block_of(&flow->unit, operation);
	}
	return count;
}

bool code_flow_function(struct code_flow *flow, const struct code_function *function,
			const uint64_t *sites, size_t site_count, code_call_handler *handler,
			void *context)
{
	uint32_t *targets = memory_calloc(site_count + 1, sizeof(*targets));
	bool decoded = code_unit_decode(&flow->unit, flow->decoder, flow->image, flow->functions,
					function);

	arena_init(&flow->arena);
	code_values_init(&flow->values, &flow->arena);
	flow->memory.values = &flow->values;
	flow->leaders.len = 0;
	for (unsigned round = 0; decoded && round < TABLE_RESTARTS; round++) {
		size_t known = flow->leaders.len;
		size_t count = find_targets(flow, sites, site_count, targets);

		if (!count)
			break;
		code_unit_want(&flow->unit, targets, count);
		start(flow);
		settle(flow);
		if (flow->leaders.len > known && round + 1 < TABLE_RESTARTS) {
			code_unit_split(&flow->unit, flow->leaders.ptr, flow->leaders.len);
			continue;
		}
		reach_rest(flow, targets, count);
		show(flow, handler, context);
		break;
	}
	drop_states(flow);
	code_values_release(&flow->values);
	arena_release(&flow->arena);
	free(targets);
	return decoded;
}
