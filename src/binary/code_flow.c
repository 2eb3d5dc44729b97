/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_flow.h"

#include <stdlib.h>

#include "util/budget.h"

#define FUNCTION_STEPS UINT64_C(4000000) /* operations followed in one function */
#define COMPARE_WINDOW 64		 /* operations between a bounds check and its jump */
#define NORETURN_BYTES 4096		 /* of a function that is checked for a way back */
#define TABLE_RESTARTS 4

void code_flow_init(struct code_flow *flow, const struct code_image *image,
		    const struct code_callees *callees, const struct code_functions *functions,
		    struct code_decoder *decoder, struct code_texts *texts)
{
	*flow = (struct code_flow){.image = image,
				   .callees = callees,
				   .functions = functions,
				   .decoder = decoder,
				   .texts = texts};
	arena_init(&flow->known);
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
	vec_release(&flow->bounds);
	vec_release(&flow->tables);
	map_release(&flow->noreturn);
	arena_release(&flow->known);
	free(flow->scratch.ptr);
	vec_release(&flow->memory.objects);
}

code_value code_flow_argument(struct code_flow *flow, const struct code_call *call, unsigned index)
{
	return code_flow_small_argument(flow, call, index, 8);
}

code_value code_flow_small_argument(struct code_flow *flow, const struct code_call *call,
				    unsigned index, unsigned size)
{
	const struct code_machine *machine = flow->memory.machine;
	code_value address;
	int64_t offset;

	if (index < machine->argument_count)
		return call->state->registers[machine->arguments[index]];
	offset = (int64_t)(index - machine->argument_count) * 8 +
		 (call->is_tail ? machine->stack_arguments : 0);
	address = code_value_add(&flow->values, call->state->registers[machine->stack_pointer],
				 code_value_constant(&flow->values, (uint64_t)offset), 8);
	return code_state_load(call->state, &flow->memory, address, size, false);
}

/* What an address in a register or a slot leads to. */
static struct code_callee callee_of(const struct code_flow *flow, const struct code_atom *atom)
{
	struct code_callee none = {.symbol = CODE_NO_SYMBOL};

	if (atom->kind == ATOM_CONSTANT && code_image_code(flow->image, (uint64_t)atom->a))
		return code_callees_at(flow->callees, (uint64_t)atom->a);
	if (atom->kind == ATOM_SYMBOL && !atom->b) {
		none.symbol = (uint32_t)atom->a;
		none.row = none.symbol < flow->callees->row_count ? flow->callees->rows[none.symbol]
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
	const struct code_question *question; /* NULL while values are still followed */
};

static void show_call(const struct walk *walk, const struct code_call *call)
{
	if (walk->question && walk->question->on_call)
		walk->question->on_call(walk->question->context, walk->flow, call);
}

/* What a tail call returns is what the function returns. */
static void show_tail_return(const struct walk *walk, const struct code_call *call)
{
	struct code_state after = {0};

	if (!walk->question || !walk->question->on_return ||
	    (call->callee.row && call->callee.row->effect == EFFECT_STOP))
		return;
	code_state_copy(&after, walk->state);
	code_flow_effect(walk->flow, &after, call);
	walk->question->on_return(walk->question->context, walk->flow, &after);
	code_state_release(&after);
}

static void show_change(const struct walk *walk, const struct code_op *op)
{
	const struct code_question *question = walk->question;
	code_value address = CODE_VALUE_NONE;

	if (!question || !question->on_change)
		return;
	if (op->kind == OP_STORE)
		address = code_step_address(walk->flow, walk->state, op);
	else if (op->kind == OP_FILL || op->kind == OP_COPY)
		address = walk->state->registers[CODE_STRING_TARGET];
	question->on_change(question->context, walk->flow, walk->state, op, address);
}

static void show_store(const struct walk *walk, const struct code_op *op)
{
	struct code_flow *flow = walk->flow;
	const struct code_question *question = walk->question;
	code_value value;
	uint64_t address;

	show_change(walk, op);
	if (!question || op->kind != OP_STORE || op->size != 8 ||
	    (!question->on_store && !question->on_write))
		return;
	value = code_step_address(flow, walk->state, op);
	if (question->on_write)
		question->on_write(question->context, flow, walk->state, op, value);
	if (question->on_store && code_value_number(&flow->values, value, &address))
		question->on_store(question->context, flow, walk->state, op->address, address,
				   walk->state->registers[op->target]);
}

/* Whether a function has no way back: no return, and no jump to another function. */
static bool never_returns(struct code_flow *flow, uint64_t address)
{
	const struct map_entry *entry =
	    map_get(&flow->noreturn, slice_of(&address, sizeof(address)));
	const struct code_function *function = code_functions_find(flow->functions, address);
	const struct code_range *range = code_image_code(flow->image, address);
	struct code_decoded counts = {0};
	bool returns = true;
	const void *key;
	size_t size;

	if (entry)
		return entry->value;
	if (function && range && function->start == address &&
	    function->end - address <= NORETURN_BYTES &&
	    function->end - range->address <= range->bytes.len) {
		size = (size_t)(function->end - address);
		flow->scratch.len = 0;
		code_decode(flow->decoder,
			    slice_of(range->bytes.ptr + (address - range->address), size), address,
			    &flow->scratch, &counts);
		returns = counts.undecoded != 0;
		for (size_t i = 0; i < flow->scratch.len && !returns; i++) {
			const struct code_op *op = &flow->scratch.ptr[i];

			returns = op->kind == OP_RETURN ||
				  ((op->kind == OP_JUMP || op->kind == OP_BRANCH) &&
				   (op->left != CODE_NO_REGISTER ||
				    (uint64_t)op->number - address >= size));
		}
	}
	key = arena_copy(&flow->known, &address, sizeof(address));
	map_put(&flow->noreturn, slice_of(key, sizeof(address)), !returns, NULL);
	return !returns;
}

/* Behind a call that does not return, other code starts, which is jumped to. */
static bool may_not_return(struct code_flow *flow, uint32_t block, const struct code_op *op,
			   const struct code_callee *callee)
{
	const struct code_block *around = &flow->unit.blocks.ptr[block];

	return callee->target && !callee->row && op == &flow->unit.ops.ptr[around->last - 1] &&
	       never_returns(flow, callee->target);
}

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
		show_call(walk, &call);
	} else {
		set = code_value_set(&flow->values, walk->state->registers[op->left]);
		for (uint32_t i = 0; i < set.count; i++) {
			struct code_atom atom = *code_value_at(&flow->values, set, i);

			call.callee = callee_of(flow, &atom);
			show_call(walk, &call);
		}
		if (set.count != 1)
			call.callee = (struct code_callee){.symbol = CODE_NO_SYMBOL};
	}
	if (is_tail)
		show_tail_return(walk, &call);
	if (is_tail || (call.callee.row && call.callee.row->effect == EFFECT_STOP) ||
	    may_not_return(flow, walk->block, op, &call.callee))
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

	if (walk->question || !code_unit_range(&flow->unit, address))
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

		if (op->kind == OP_COMPARE && op->right == CODE_NO_REGISTER && op->number > 0 &&
		    op->number < BUDGET_CODE_TABLE)
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
	set = code_value_set(&flow->values, walk->state->registers[op->left]);
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

	flow->in_loop = block.in_loop;
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
			if (op->kind == OP_STORE || op->kind == OP_FILL || op->kind == OP_COPY ||
			    op->kind == OP_CLOBBER_MEMORY)
				show_store(walk, op);
			else if (op->kind == OP_RETURN && walk->question &&
				 walk->question->on_return)
				walk->question->on_return(walk->question->context, flow,
							  walk->state);
			code_step(flow, walk->state, op);
		}
	}
	for (size_t s = 0; s < 2 && !walk->question; s++)
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
			flow->limited = flow->function_limited = true;
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
	for (size_t t = 0; t < count && !flow->function_limited; t++) {
		while (!flow->states[targets[t]] && !flow->function_limited) {
			uint32_t block = 0;

			while (block < targets[t] &&
			       (flow->states[block] || !flow->unit.blocks.ptr[block].wanted))
				block++;
			seed(flow, block);
			settle(flow);
		}
	}
}

static void start(struct code_flow *flow, const struct code_question *question)
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
	if (question->has_first)
		flow->states[entry]->registers[flow->memory.machine->arguments[0]] =
		    code_value_constant(&flow->values, question->first);
	flow->pending[entry] = 1;
}

static void show(struct code_flow *flow, const struct code_question *question)
{
	struct code_state current = {0};

	for (size_t i = 0; i < flow->state_count; i++) {
		struct walk walk = {flow, &current, (uint32_t)i, question};

		if (!flow->states[i])
			continue;
		code_state_copy(&current, flow->states[i]);
		walk_block(&walk);
	}
	code_state_release(&current);
}

/* The blocks that hold the sites, or all that end in a return. */
static size_t find_targets(const struct code_flow *flow, const struct code_question *question,
			   uint32_t *ret)
{
	const struct code_unit *unit = &flow->unit;
	size_t count = 0;

	for (size_t i = 0; i < question->site_count; i++) {
		size_t operation = code_unit_operation(unit, question->sites[i]);

		if (operation != SIZE_MAX)
			ret[count++] = code_unit_block_of(unit, operation);
	}
	for (uint32_t i = 0; question->indirect_calls && i < unit->blocks.len; i++)
		for (uint32_t n = unit->blocks.ptr[i].first; n < unit->blocks.ptr[i].last; n++)
			if (unit->ops.ptr[n].kind == OP_CALL &&
			    unit->ops.ptr[n].left != CODE_NO_REGISTER) {
				ret[count++] = i;
				break;
			}
	for (uint32_t i = 0; question->on_return && i < unit->blocks.len; i++) {
		const struct code_op *op = &unit->ops.ptr[unit->blocks.ptr[i].last - 1];

		if (op->kind == OP_RETURN ||
		    (op->kind == OP_JUMP && (op->left != CODE_NO_REGISTER ||
					     !code_unit_range(unit, (uint64_t)op->number))))
			ret[count++] = i;
	}
	return count;
}

static void follow(struct code_flow *flow, const struct code_question *question)
{
	uint32_t *targets = NULL;

	for (unsigned round = 0; round < TABLE_RESTARTS; round++) {
		size_t known = flow->leaders.len, count;

		targets = memory_realloc_array(targets,
					       question->site_count + 2 * flow->unit.blocks.len + 1,
					       sizeof(*targets));
		count = find_targets(flow, question, targets);
		if (!count)
			break;
		code_unit_want(&flow->unit, targets, count);
		start(flow, question);
		settle(flow);
		if (flow->leaders.len > known && round + 1 < TABLE_RESTARTS) {
			code_unit_split(&flow->unit, flow->leaders.ptr, flow->leaders.len);
			continue;
		}
		if (!question->on_return)
			reach_rest(flow, targets, count);
		show(flow, question);
		break;
	}
	free(targets);
}

bool code_flow_function(struct code_flow *flow, const struct code_function *function,
			const struct code_question *question)
{
	bool decoded =
	    code_unit_decode(&flow->unit, flow->decoder, flow->image, flow->functions, function);

	arena_init(&flow->arena);
	code_values_init(&flow->values, &flow->arena);
	flow->memory.values = &flow->values;
	flow->leaders.len = flow->bounds.len = 0;
	flow->function_limited = false;
	if (decoded)
		follow(flow, question);
	drop_states(flow);
	code_values_release(&flow->values);
	arena_release(&flow->arena);
	return decoded;
}
