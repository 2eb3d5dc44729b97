/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 instructions as operations, from the instruction word itself: "Arm Architecture Reference
 * Manual for A-profile", C4 "A64 Instruction Set Encoding". Loads and stores: code_arm64_memory.c.
 */
#include <capstone/capstone.h>

#include "binary/code_arm64.h"
#include "binary/code_image.h"

uint8_t arm64_read(const struct arm64 *a, unsigned reg, unsigned temporary)
{
	struct code_op *op;

	if (reg != 31)
		return (uint8_t)reg;
	op = code_op_add(a->ops, OP_NUMBER);
	op->target = ARM64_TEMPORARY(temporary);
	return ARM64_TEMPORARY(temporary);
}

uint8_t arm64_target(unsigned reg)
{
	return reg == 31 ? ARM64_TEMPORARY(7) : (uint8_t)reg;
}

void arm64_unknown(const struct arm64 *a, uint8_t reg)
{
	code_op_add(a->ops, OP_UNKNOWN)->target = reg;
}

void arm64_move(const struct arm64 *a, uint8_t target, uint8_t from, unsigned size)
{
	struct code_op *op = code_op_add(a->ops, OP_MOVE);

	op->target = target;
	op->left = from;
	op->size = (uint8_t)size;
}

void arm64_number(const struct arm64 *a, uint8_t target, uint64_t number)
{
	struct code_op *op = code_op_add(a->ops, OP_NUMBER);

	op->target = target;
	op->number = (int64_t)number;
}

int64_t arm64_signed(uint32_t word, unsigned low, unsigned count)
{
	uint64_t value = (uint64_t)word >> low & ((UINT64_C(1) << count) - 1);
	uint64_t sign = UINT64_C(1) << (count - 1);

	return (int64_t)((value ^ sign) - sign);
}

static uint8_t scaled(const struct arm64 *a, uint8_t from, unsigned shift, unsigned temporary)
{
	struct code_op *op;

	if (!shift)
		return from;
	op = code_op_add(a->ops, OP_SCALE);
	op->target = ARM64_TEMPORARY(temporary);
	op->left = from;
	op->number = (int64_t)(UINT64_C(1) << shift);
	return op->target;
}

uint8_t arm64_extended(const struct arm64 *a, unsigned reg, unsigned option, unsigned shift,
		       unsigned temporary)
{
	uint8_t from = arm64_read(a, reg, temporary);
	unsigned size = 1u << (option & 3);
	struct code_op *op;

	if (size < 8) {
		op = code_op_add(a->ops, option & 4 ? OP_EXTEND : OP_MOVE);
		op->target = ARM64_TEMPORARY(temporary);
		op->left = from;
		op->size = (uint8_t)size;
		from = op->target;
	}
	return scaled(a, from, shift, temporary);
}

static void compute(const struct arm64 *a, enum code_op_kind kind, uint8_t target, uint8_t left,
		    uint8_t right, uint64_t number)
{
	struct code_op *op = code_op_add(a->ops, kind);

	op->target = target;
	op->left = left;
	op->right = right;
	op->number = (int64_t)number;
	op->size = a->word >> 31 ? 8 : 4;
}

static void add_immediate(const struct arm64 *a)
{
	bool subtract = a->word >> 30 & 1, flags = a->word >> 29 & 1;
	uint64_t number = (uint64_t)(a->word >> 10 & 0xfff) << (a->word >> 22 & 1 ? 12 : 0);
	unsigned target = a->word & 31;

	if (flags && target == 31) {
		code_op_add(a->ops, OP_COMPARE)->number = (int64_t)number;
		return;
	}
	/* 31 is the stack pointer here. */
	compute(a, OP_ADD, (uint8_t)target, a->word >> 5 & 31, CODE_NO_REGISTER,
		subtract ? UINT64_C(0) - number : number);
}

/* DecodeBitMasks() of the manual: an element of 2..64 bits, rotated, repeated. */
static bool mask_number(uint32_t word, uint64_t *ret)
{
	unsigned n = word >> 22 & 1, rotate = word >> 16 & 63, ones = word >> 10 & 63;
	unsigned combined = n << 6 | (~ones & 63), length = 6, size;
	uint64_t element, mask;

	while (length && !(combined >> length & 1))
		length--;
	if (!length)
		return false;
	size = 1u << length;
	ones &= size - 1;
	rotate &= size - 1;
	if (ones == size - 1)
		return false;
	mask = size == 64 ? UINT64_MAX : (UINT64_C(1) << size) - 1;
	element = (UINT64_C(1) << (ones + 1)) - 1;
	if (rotate)
		element = (element >> rotate | element << (size - rotate)) & mask;
	for (; size < 64; size *= 2)
		element |= element << size;
	*ret = element;
	return true;
}

static void logical(const struct arm64 *a, uint8_t right, bool negated)
{
	static const enum code_op_kind kinds[] = {OP_AND, OP_OR, OP_XOR, OP_AND};
	unsigned operation = a->word >> 29 & 3, left = a->word >> 5 & 31;
	bool immediate = (a->word >> 24 & 0x1f) == 0x12;
	/* AND, ORR and EOR with an immediate may write the stack pointer. */
	uint8_t target = immediate && operation != 3 ? (uint8_t)(a->word & 31)
						     : arm64_target(a->word & 31);

	if (negated)
		arm64_unknown(a, target);
	else if (operation == 1 && left == 31)
		arm64_move(a, target, right, a->word >> 31 ? 8 : 4);
	else
		compute(a, kinds[operation], target, arm64_read(a, left, 0), right, 0);
}

static void move_wide(const struct arm64 *a)
{
	uint64_t number = a->word >> 5 & 0xffff;
	unsigned shift = (a->word >> 21 & 3) * 16, operation = a->word >> 29 & 3;
	uint8_t target = arm64_target(a->word & 31);
	struct code_op *op;

	if (operation == 3) {
		op = code_op_add(a->ops, OP_INSERT);
		op->target = target;
		op->number = (int64_t)(number | (uint64_t)shift << 16);
		op->size = a->word >> 31 ? 8 : 4;
		return;
	}
	number <<= shift;
	if (operation == 0)
		number = ~number;
	arm64_number(a, target, a->word >> 31 ? number : number & UINT32_MAX);
}

/* SBFM and UBFM: shifts, extensions, and fields moved upwards, which scale an index. */
static void bit_field(const struct arm64 *a)
{
	unsigned rotate = a->word >> 16 & 63, top = a->word >> 10 & 63;
	unsigned width = a->word >> 31 ? 64 : 32, operation = a->word >> 29 & 3;
	uint8_t target = arm64_target(a->word & 31), from;
	struct code_op *op;

	if (operation != 0 && operation != 2) {
		arm64_unknown(a, target);
		return;
	}
	from = arm64_read(a, a->word >> 5 & 31, 0);
	if (rotate == 0 && (top == 7 || top == 15 || top == 31)) {
		op = code_op_add(a->ops, operation ? OP_MOVE : OP_EXTEND);
		op->target = target;
		op->left = from;
		op->size = (uint8_t)((top + 1) / 8);
	} else if (top < rotate) {
		if (top + 1 + (width - rotate) < width) { /* not all bits: an index of top + 1 bits */
			op = code_op_add(a->ops, operation ? OP_MOVE : OP_EXTEND);
			op->target = ARM64_TEMPORARY(1);
			op->left = from;
			op->size = top >= 31 ? 4 : 8;
			from = op->target;
		}
		arm64_move(a, target, scaled(a, from, width - rotate, 1), width / 8);
	} else if (operation == 2 && top == width - 1) {
		op = code_op_add(a->ops, OP_NUMBER);
		op->target = ARM64_TEMPORARY(1);
		op->number = rotate;
		compute(a, OP_SHIFT_RIGHT, target, from, ARM64_TEMPORARY(1), 0);
	} else {
		arm64_unknown(a, target);
	}
}

static void data_immediate(const struct arm64 *a)
{
	uint64_t number = (uint64_t)(arm64_signed(a->word, 5, 19) * 4) + (a->word >> 29 & 3);
	uint8_t target = arm64_target(a->word & 31);

	switch (a->word >> 23 & 7) {
	case 0:
	case 1: /* ADR, ADRP */
		if (a->word >> 31)
			arm64_number(a, target, (a->address & ~UINT64_C(0xfff)) + (number << 12));
		else
			arm64_number(a, target, a->address + number);
		break;
	case 2:
		add_immediate(a);
		break;
	case 4:
		if (mask_number(a->word, &number)) {
			arm64_number(a, ARM64_TEMPORARY(1), number);
			logical(a, ARM64_TEMPORARY(1), false);
		} else {
			arm64_unknown(a, target);
		}
		break;
	case 5:
		move_wide(a);
		break;
	case 6:
		bit_field(a);
		break;
	default: /* ADDG, SUBG, EXTR */
		arm64_unknown(a, target);
		break;
	}
}

static void add_registers(const struct arm64 *a)
{
	bool is_extended = a->word >> 21 & 1, flags = a->word >> 29 & 1;
	unsigned kind = a->word >> 22 & 3, reg = a->word >> 16 & 31;
	unsigned target = a->word & 31, left = a->word >> 5 & 31;
	uint8_t right;

	if (!is_extended && kind) {
		arm64_unknown(a, arm64_target(target)); /* LSR, ASR */
		return;
	}
	right = is_extended ? arm64_extended(a, reg, a->word >> 13 & 7, a->word >> 10 & 7, 1)
			    : scaled(a, arm64_read(a, reg, 1), a->word >> 10 & 63, 1);
	compute(a, a->word >> 30 & 1 ? OP_SUBTRACT : OP_ADD,
		is_extended && !flags ? (uint8_t)target : arm64_target(target),
		is_extended ? (uint8_t)left : arm64_read(a, left, 0), right, 0);
}

static void choose(const struct arm64 *a)
{
	uint8_t left = arm64_read(a, a->word >> 5 & 31, 0), right;
	struct code_op *op;

	if (a->word & 0x40000c00) { /* CSINC, CSINV, CSNEG change the second one */
		right = ARM64_TEMPORARY(1);
		arm64_unknown(a, right);
	} else {
		right = arm64_read(a, a->word >> 16 & 31, 1);
	}
	op = code_op_add(a->ops, OP_CHOOSE);
	op->target = arm64_target(a->word & 31);
	op->left = left;
	op->right = right;
}

static void data_register(const struct arm64 *a)
{
	if ((a->word & 0x1f000000) == 0x0a000000) {
		uint8_t right = arm64_read(a, a->word >> 16 & 31, 1);
		bool left_shift = (a->word >> 22 & 3) == 0;

		if (left_shift)
			right = scaled(a, right, a->word >> 10 & 63, 1);
		logical(a, right, !left_shift || (a->word >> 21 & 1));
	} else if ((a->word & 0x1f000000) == 0x0b000000) {
		add_registers(a);
	} else if ((a->word & 0x1fe00000) == 0x1a800000) {
		choose(a);
	} else if ((a->word & 0x1fe00000) != 0x1a400000) { /* not a conditional compare */
		arm64_unknown(a, arm64_target(a->word & 31));
	}
}

static void jump(const struct arm64 *a, enum code_op_kind kind, unsigned low, unsigned count)
{
	code_op_add(a->ops, kind)->number =
	    (int64_t)(a->address + (uint64_t)(arm64_signed(a->word, low, count) * 4));
}

static void jump_register(const struct arm64 *a)
{
	static const enum code_op_kind kinds[] = {OP_JUMP, OP_CALL, OP_RETURN};
	unsigned operation = a->word >> 21 & 7; /* bit 24 only adds authentication */

	if (operation > 2)
		code_op_add(a->ops, OP_STOP);
	else
		code_op_add(a->ops, kinds[operation])->left =
		    operation == 2 ? CODE_NO_REGISTER : (uint8_t)(a->word >> 5 & 31);
}

static void branches(const struct arm64 *a)
{
	if ((a->word & 0x7c000000) == 0x14000000) {
		jump(a, a->word >> 31 ? OP_CALL : OP_JUMP, 0, 26);
	} else if ((a->word & 0xfe000000) == 0x54000000 || (a->word & 0x7e000000) == 0x34000000) {
		jump(a, OP_BRANCH, 5, 19);
	} else if ((a->word & 0x7e000000) == 0x36000000) {
		jump(a, OP_BRANCH, 5, 14);
	} else if ((a->word & 0xfe000000) == 0xd6000000) {
		jump_register(a);
	} else if ((a->word & 0xff000000) == 0xd4000000) {
		if ((a->word & 0x1f) != 1) { /* not SVC */
			code_op_add(a->ops, OP_STOP);
			return;
		}
		arm64_unknown(a, 0);
		code_op_add(a->ops, OP_CLOBBER_MEMORY);
	} else if (a->word >> 21 & 1) { /* MRS, SYSL */
		arm64_unknown(a, arm64_target(a->word & 31));
	}
}

static void translate(const struct arm64 *a)
{
	switch (a->word >> 25 & 15) {
	case 8:
	case 9:
		data_immediate(a);
		break;
	case 10:
	case 11:
		branches(a);
		break;
	case 4:
	case 6:
	case 12:
	case 14:
		arm64_memory(a);
		break;
	case 5:
	case 13:
		data_register(a);
		break;
	case 7:
	case 15:
		arm64_vector(a);
		break;
	default: /* UDF, SVE, SME, reserved */
		if (!(a->word >> 16))
			code_op_add(a->ops, OP_STOP);
		arm64_unknown(a, arm64_target(a->word & 31));
		arm64_vector_unknown(a, a->word & 31);
		code_op_add(a->ops, OP_CLOBBER_MEMORY);
		break;
	}
}

void code_arm64_translate(const struct cs_insn *instruction, struct code_ops *ops)
{
	struct arm64 a = {ops, instruction->address, code_read32(instruction->bytes)};

	translate(&a);
}

size_t code_arm64_skip(struct slice code, uint64_t address, struct code_ops *ops)
{
	struct arm64 a = {ops, address, 0};

	if (code.len < 4)
		return 0;
	a.word = code_read32(code.ptr);
	translate(&a);
	return 4;
}
