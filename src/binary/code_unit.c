/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_unit.h"

#include <stdlib.h>

#include "util/budget.h"

static bool ends_block(const struct code_op *op)
{
	switch (op->kind) {
	case OP_JUMP:
	case OP_BRANCH:
	case OP_RETURN:
	case OP_STOP:
		return true;
	default:
		return false;
	}
}

bool code_name_is_cold(const struct code_name *name)
{
	return name && memmem(name->text, name->length, ".cold", 5) != NULL;
}

static bool decode_range(struct code_unit *unit, struct code_decoder *decoder,
			 const struct code_image *image, const struct code_function *function)
{
	const struct code_range *range = code_image_code(image, function->start);
	struct code_unit_range *added = &unit->ranges[unit->range_count];
	struct slice bytes;

	if (!range || function->end - function->start > BUDGET_CODE_FUNCTION)
		return false;
	bytes = slice_of(range->bytes.ptr + (function->start - range->address),
			 range->bytes.len - (size_t)(function->start - range->address));
	if (bytes.len > function->end - function->start)
		bytes.len = (size_t)(function->end - function->start);
	added->function = *function;
	added->first = unit->ops.len;
	code_decode(decoder, bytes, function->start, &unit->ops, &unit->counts);
	added->last = unit->ops.len;
	added->truncated = added->last == added->first ||
			   (unit->ops.ptr[added->last - 1].kind == OP_STOP &&
			    unit->ops.ptr[added->last - 1].number == CODE_STOP_UNDECODED);
	unit->range_count++;
	return true;
}

const struct code_unit_range *code_unit_range(const struct code_unit *unit, uint64_t address)
{
	for (size_t i = 0; i < unit->range_count; i++)
		if (address >= unit->ranges[i].function.start &&
		    address < unit->ranges[i].function.end)
			return &unit->ranges[i];
	return NULL;
}

size_t code_unit_operation(const struct code_unit *unit, uint64_t address)
{
	const struct code_unit_range *range = code_unit_range(unit, address);
	size_t low, high;

	if (!range)
		return SIZE_MAX;
	/* The last operation that starts at or before address, then the first of its instruction.
	 */
	low = range->first;
	high = range->last;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->ops.ptr[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == range->first ||
	    address - unit->ops.ptr[low - 1].address >= unit->ops.ptr[low - 1].length)
		return SIZE_MAX;
	low--;
	while (low > range->first && unit->ops.ptr[low - 1].address == unit->ops.ptr[low].address)
		low--;
	return low;
}

/* The first operation at exactly this address or, when that one makes none, behind it. */
static size_t target_operation(const struct code_unit *unit, uint64_t address)
{
	const struct code_unit_range *range = code_unit_range(unit, address);
	size_t low, high;

	if (!range)
		return SIZE_MAX;
	low = range->first;
	high = range->last;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->ops.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < range->last ? low : SIZE_MAX;
}

/* Whether a jump there stays in this function, so that its range belongs to the unit. */
static bool belongs(const struct code_functions *functions, const struct code_op *op,
		    const struct code_function *function)
{
	const struct code_name *name = code_functions_name(functions, function->start);

	if ((uint64_t)op->number != function->start)
		return true;
	if (name)
		return code_name_is_cold(name);
	return op->kind == OP_BRANCH;
}

static void decode_fragments(struct code_unit *unit, struct code_decoder *decoder,
			     const struct code_image *image, const struct code_functions *functions)
{
	for (size_t i = 0; i < unit->ops.len; i++) {
		const struct code_op *op = &unit->ops.ptr[i];
		const struct code_function *function;

		if ((op->kind != OP_BRANCH && op->kind != OP_JUMP) ||
		    op->left != CODE_NO_REGISTER ||
		    code_unit_range(unit, (uint64_t)op->number) ||
		    unit->range_count == CODE_UNIT_RANGES)
			continue;
		function = code_functions_find(functions, (uint64_t)op->number);
		if (function && belongs(functions, op, function))
			decode_range(unit, decoder, image, function);
	}
}

static void mark(const struct code_unit *unit, uint8_t *leaders, uint64_t address)
{
	size_t operation = target_operation(unit, address);

	if (operation != SIZE_MAX)
		leaders[operation] = 1;
}

static void make_blocks(struct code_unit *unit, const uint64_t *more, size_t more_count)
{
	uint8_t *leaders = memory_calloc(unit->ops.len + 1, 1);

	unit->blocks.len = 0;
	for (size_t i = 0; i < more_count; i++)
		mark(unit, leaders, more[i]);
	for (size_t i = 0; i < unit->range_count; i++)
		leaders[unit->ranges[i].first] = 1;
	for (size_t i = 0; i < unit->ops.len; i++) {
		const struct code_op *op = &unit->ops.ptr[i];

		if (!ends_block(op))
			continue;
		leaders[i + 1] = 1;
		if ((op->kind == OP_JUMP || op->kind == OP_BRANCH) &&
		    op->left == CODE_NO_REGISTER)
			mark(unit, leaders, (uint64_t)op->number);
	}
	for (size_t i = 0; i < unit->ops.len; i++) {
		if (leaders[i])
			vec_push(&unit->blocks,
				 ((struct code_block){
				     .first = (uint32_t)i,
				     .last = (uint32_t)i,
				     .successors = {CODE_NO_BLOCK, CODE_NO_BLOCK}}));
		unit->blocks.ptr[unit->blocks.len - 1].last = (uint32_t)i + 1;
	}
	free(leaders);
}

uint32_t code_unit_block_of(const struct code_unit *unit, size_t operation)
{
	size_t low = 0, high = unit->blocks.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->blocks.ptr[middle].last <= operation)
			low = middle + 1;
		else
			high = middle;
	}
	return low < unit->blocks.len ? (uint32_t)low : CODE_NO_BLOCK;
}

uint32_t code_unit_block_at(const struct code_unit *unit, uint64_t address)
{
	size_t operation = target_operation(unit, address);
	uint32_t block;

	if (operation == SIZE_MAX)
		return CODE_NO_BLOCK;
	block = code_unit_block_of(unit, operation);
	return unit->blocks.ptr[block].first == operation ? block : CODE_NO_BLOCK;
}

static void connect(struct code_unit *unit)
{
	for (uint32_t i = 0; i < unit->blocks.len; i++) {
		struct code_block *block = &unit->blocks.ptr[i];
		const struct code_op *op = &unit->ops.ptr[block->last - 1];
		bool falls = op->kind == OP_BRANCH || !ends_block(op);

		if (op->kind == OP_JUMP && op->left != CODE_NO_REGISTER)
			block->indirect = true;
		else if (op->kind == OP_JUMP || op->kind == OP_BRANCH)
			block->successors[0] = code_unit_block_at(unit, (uint64_t)op->number);
		/* Not into the next range: what ends there does not return. */
		if (falls && i + 1 < unit->blocks.len &&
		    code_unit_range(unit, op->address) ==
			code_unit_range(unit, unit->ops.ptr[block->last].address))
			block->successors[1] = i + 1;
	}
}

bool code_unit_decode(struct code_unit *unit, struct code_decoder *decoder,
		      const struct code_image *image, const struct code_functions *functions,
		      const struct code_function *function)
{
	unit->ops.len = 0;
	unit->range_count = 0;
	unit->counts = (struct code_decoded){0};
	unit->start = function->start;
	if (!decode_range(unit, decoder, image, function) || !unit->ops.len)
		return false;
	decode_fragments(unit, decoder, image, functions);
	make_blocks(unit, NULL, 0);
	connect(unit);
	return true;
}

void code_unit_split(struct code_unit *unit, const uint64_t *addresses, size_t count)
{
	make_blocks(unit, addresses, count);
	connect(unit);
}

void code_unit_release(struct code_unit *unit)
{
	vec_release(&unit->ops);
	vec_release(&unit->blocks);
}

void code_unit_want(struct code_unit *unit, const uint32_t *targets, size_t count)
{
	bool changed = true;

	vec_each (block, &unit->blocks)
		block->wanted = false;
	for (size_t i = 0; i < count; i++)
		unit->blocks.ptr[targets[i]].wanted = true;
	/* Blocks are in address order and most edges lead forward: few rounds from the end. */
	while (changed) {
		changed = false;
		for (size_t i = unit->blocks.len; i-- > 0;) {
			struct code_block *block = &unit->blocks.ptr[i];
			bool wanted = block->wanted || block->indirect;

			for (size_t s = 0; s < 2 && !wanted; s++)
				wanted = block->successors[s] != CODE_NO_BLOCK &&
					 unit->blocks.ptr[block->successors[s]].wanted;
			if (wanted && !block->wanted)
				changed = block->wanted = true;
		}
	}
}
