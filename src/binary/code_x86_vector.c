/* SPDX-License-Identifier: BSD-2-Clause */
/* Vector moves of x86-64: two lanes of eight bytes, which is how arrays of pointers are set up. */
#include "binary/code_x86.h"

static void vector_unknown(const struct x86 *x)
{
	if (x->detail->op_count)
		x86_forget(x, 0);
}

void x86_whole_vector(const struct x86 *x)
{
	const cs_x86_op *to = &x->detail->operands[0], *from = &x->detail->operands[1];
	uint8_t a, b;

	if (x->detail->op_count != 2) {
		vector_unknown(x); /* masked */
	} else if (to->type == X86_OP_REG && from->type == X86_OP_MEM && x86_vector(to->reg, &a)) {
		x86_load(x, X86_LANE(a, 0), &from->mem, 8, 0);
		x86_load(x, X86_LANE(a, 1), &from->mem, 8, 8);
	} else if (to->type == X86_OP_MEM && from->type == X86_OP_REG && x86_vector(from->reg, &b)) {
		x86_store(x, X86_LANE(b, 0), &to->mem, 8, 0);
		x86_store(x, X86_LANE(b, 1), &to->mem, 8, 8);
		x86_unknown(x, X86_TEMPORARY(7));
		for (unsigned at = 16; at < to->size; at += 8)
			x86_store(x, X86_TEMPORARY(7), &to->mem, 8, at);
	} else if (to->type == X86_OP_REG && from->type == X86_OP_REG && x86_vector(to->reg, &a) &&
		   x86_vector(from->reg, &b)) {
		x86_move(x, X86_LANE(a, 0), X86_LANE(b, 0), 8);
		x86_move(x, X86_LANE(a, 1), X86_LANE(b, 1), 8);
	} else {
		vector_unknown(x);
	}
}

/* MOVQ, MOVD, and MOVSD of memory: the low lane; a register's high lane becomes zero. */
void x86_low_lane(const struct x86 *x, unsigned size)
{
	const cs_x86_op *to = &x->detail->operands[0], *from = &x->detail->operands[1];
	uint8_t a, b;

	if (x->detail->op_count != 2) {
		vector_unknown(x);
	} else if (to->type == X86_OP_REG && x86_vector(to->reg, &a)) {
		if (from->type == X86_OP_REG && x86_vector(from->reg, &b))
			x86_move(x, X86_LANE(a, 0), X86_LANE(b, 0), size);
		else if (from->type == X86_OP_MEM)
			x86_load(x, X86_LANE(a, 0), &from->mem, size, 0);
		else
			x86_move(x, X86_LANE(a, 0), x86_value(x, 1, X86_TEMPORARY(0)), size);
		x86_number(x, X86_LANE(a, 1), 0);
	} else if (from->type == X86_OP_REG && x86_vector(from->reg, &b)) {
		if (to->type == X86_OP_MEM)
			x86_store(x, X86_LANE(b, 0), &to->mem, size, 0);
		else
			x86_write(x, 0, X86_LANE(b, 0));
	} else {
		vector_unknown(x);
	}
}

/* MOVHPS and MOVLPS: one lane of a vector and memory. */
void x86_one_lane(const struct x86 *x, unsigned lane)
{
	const cs_x86_op *to = &x->detail->operands[0], *from = &x->detail->operands[1];
	uint8_t a, b;

	if (x->detail->op_count == 2 && to->type == X86_OP_REG && from->type == X86_OP_MEM &&
	    x86_vector(to->reg, &a))
		x86_load(x, X86_LANE(a, lane), &from->mem, 8, 0);
	else if (x->detail->op_count == 2 && to->type == X86_OP_MEM && from->type == X86_OP_REG &&
		 x86_vector(from->reg, &b))
		x86_store(x, X86_LANE(b, lane), &to->mem, 8, 0);
	else
		vector_unknown(x);
}

/* PUNPCKLQDQ and its like: the low lanes of two become both lanes. */
void x86_low_lanes(const struct x86 *x)
{
	unsigned count = x->detail->op_count;
	const cs_x86_op *ops = x->detail->operands;
	uint8_t a, b, c;

	if (count < 2 || count > 3 || ops[0].type != X86_OP_REG || !x86_vector(ops[0].reg, &a) ||
	    ops[count - 2].type != X86_OP_REG || !x86_vector(ops[count - 2].reg, &b)) {
		vector_unknown(x);
		return;
	}
	if (ops[count - 1].type == X86_OP_MEM)
		x86_load(x, X86_TEMPORARY(1), &ops[count - 1].mem, 8, 0);
	else if (x86_vector(ops[count - 1].reg, &c))
		x86_move(x, X86_TEMPORARY(1), X86_LANE(c, 0), 8);
	else
		x86_unknown(x, X86_TEMPORARY(1));
	x86_move(x, X86_LANE(a, 0), X86_LANE(b, 0), 8);
	x86_move(x, X86_LANE(a, 1), X86_TEMPORARY(1), 8);
}

void x86_insert_lane(const struct x86 *x)
{
	unsigned count = x->detail->op_count;
	const cs_x86_op *ops = x->detail->operands;
	uint8_t a, b, from;

	if (count < 3 || ops[count - 1].type != X86_OP_IMM || !x86_vector(ops[0].reg, &a) ||
	    ops[count - 3].type != X86_OP_REG || !x86_vector(ops[count - 3].reg, &b)) {
		vector_unknown(x);
		return;
	}
	from = x86_value(x, count - 2, X86_TEMPORARY(0));
	x86_move(x, X86_TEMPORARY(1), from, 8);
	x86_move(x, X86_LANE(a, 0), X86_LANE(b, 0), 8);
	x86_move(x, X86_LANE(a, 1), X86_LANE(b, 1), 8);
	x86_move(x, X86_LANE(a, (unsigned)(ops[count - 1].imm & 1)), X86_TEMPORARY(1), 8);
}

void x86_vector_xor(const struct x86 *x)
{
	unsigned count = x->detail->op_count;
	const cs_x86_op *ops = x->detail->operands;
	uint8_t a;

	if (count < 2 || ops[0].type != X86_OP_REG || ops[count - 1].type != X86_OP_REG ||
	    ops[count - 2].type != X86_OP_REG || ops[count - 1].reg != ops[count - 2].reg ||
	    !x86_vector(ops[0].reg, &a)) {
		vector_unknown(x);
		return;
	}
	x86_number(x, X86_LANE(a, 0), 0);
	x86_number(x, X86_LANE(a, 1), 0);
}
