/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_x86.h"

/* Registers by width in the order of their numbers; 0xff: none. */
uint8_t x86_general(x86_reg reg, unsigned *ret_size)
{
	static const x86_reg tables[4][16] = {
	    {X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP,
	     X86_REG_RSI, X86_REG_RDI, X86_REG_R8, X86_REG_R9, X86_REG_R10, X86_REG_R11,
	     X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15},
	    {X86_REG_EAX, X86_REG_ECX, X86_REG_EDX, X86_REG_EBX, X86_REG_ESP, X86_REG_EBP,
	     X86_REG_ESI, X86_REG_EDI, X86_REG_R8D, X86_REG_R9D, X86_REG_R10D, X86_REG_R11D,
	     X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D},
	    {X86_REG_AX, X86_REG_CX, X86_REG_DX, X86_REG_BX, X86_REG_SP, X86_REG_BP, X86_REG_SI,
	     X86_REG_DI, X86_REG_R8W, X86_REG_R9W, X86_REG_R10W, X86_REG_R11W, X86_REG_R12W,
	     X86_REG_R13W, X86_REG_R14W, X86_REG_R15W},
	    {X86_REG_AL, X86_REG_CL, X86_REG_DL, X86_REG_BL, X86_REG_SPL, X86_REG_BPL,
	     X86_REG_SIL, X86_REG_DIL, X86_REG_R8B, X86_REG_R9B, X86_REG_R10B, X86_REG_R11B,
	     X86_REG_R12B, X86_REG_R13B, X86_REG_R14B, X86_REG_R15B},
	};
	static uint8_t numbers[X86_REG_ENDING], sizes[X86_REG_ENDING];
	static bool filled;

	if (!filled) {
		for (size_t i = 0; i < X86_REG_ENDING; i++)
			numbers[i] = CODE_NO_REGISTER;
		for (size_t i = 0; i < 64; i++) {
			numbers[tables[i / 16][i % 16]] = (uint8_t)(i % 16);
			sizes[tables[i / 16][i % 16]] = (uint8_t)(8u >> (i / 16));
		}
		/* The second bytes of four registers: written, they change the register. */
		numbers[X86_REG_AH] = 0, numbers[X86_REG_CH] = 1;
		numbers[X86_REG_DH] = 2, numbers[X86_REG_BH] = 3;
		filled = true;
	}
	if (reg >= X86_REG_ENDING)
		return CODE_NO_REGISTER;
	*ret_size = sizes[reg];
	return numbers[reg];
}

bool x86_vector(x86_reg reg, uint8_t *ret)
{
	static const x86_reg first[] = {X86_REG_XMM0, X86_REG_YMM0, X86_REG_ZMM0};

	for (size_t i = 0; i < 3; i++)
		if (reg >= first[i] && reg < first[i] + 32) {
			*ret = (uint8_t)(reg - first[i]);
			return true;
		}
	return false;
}

void x86_unknown(const struct x86 *x, uint8_t reg)
{
	code_op_add(x->ops, OP_UNKNOWN)->target = reg;
}

void x86_number(const struct x86 *x, uint8_t target, int64_t value)
{
	struct code_op *op = code_op_add(x->ops, OP_NUMBER);

	op->target = target;
	op->number = value;
}

void x86_move(const struct x86 *x, uint8_t target, uint8_t from, unsigned size)
{
	struct code_op *op = code_op_add(x->ops, OP_MOVE);

	op->target = target;
	op->left = from;
	op->size = (uint8_t)size;
}

bool x86_address(const struct x86 *x, const x86_op_mem *mem, struct code_op *op)
{
	unsigned size = 8;

	if (mem->segment == X86_REG_FS || mem->segment == X86_REG_GS)
		return false;
	op->number = mem->disp;
	if (mem->base == X86_REG_RIP)
		op->number =
		    (int64_t)(x->instruction->address + x->instruction->size + (uint64_t)mem->disp);
	else if (mem->base != X86_REG_INVALID)
		op->left = x86_general(mem->base, &size);
	if (mem->index != X86_REG_INVALID && mem->index != X86_REG_RIZ) {
		op->right = x86_general(mem->index, &size);
		op->scale = (uint8_t)mem->scale;
		if (op->right == CODE_NO_REGISTER) /* a vector of indexes */
			return false;
	}
	if (mem->base != X86_REG_INVALID && mem->base != X86_REG_RIP &&
	    op->left == CODE_NO_REGISTER)
		return false;
	return size == 8;
}

void x86_load(const struct x86 *x, uint8_t target, const x86_op_mem *mem, unsigned size,
		    int64_t offset)
{
	struct code_op op = {0}, *added;

	op.left = op.right = CODE_NO_REGISTER;
	op.scale = 1;
	if (!x86_address(x, mem, &op)) {
		x86_unknown(x, target);
		return;
	}
	added = code_op_add(x->ops, OP_LOAD);
	added->target = target;
	added->left = op.left;
	added->right = op.right;
	added->scale = op.scale;
	added->number = op.number + offset;
	added->size = (uint8_t)size;
}

void x86_store(const struct x86 *x, uint8_t from, const x86_op_mem *mem, unsigned size,
		     int64_t offset)
{
	struct code_op op = {0}, *added;

	op.left = op.right = CODE_NO_REGISTER;
	op.scale = 1;
	if (!x86_address(x, mem, &op)) {
		/* Thread-local memory is not followed, and a scatter is anywhere. */
		if (mem->segment != X86_REG_FS && mem->segment != X86_REG_GS)
			code_op_add(x->ops, OP_CLOBBER_MEMORY);
		return;
	}
	added = code_op_add(x->ops, OP_STORE);
	added->target = from;
	added->left = op.left;
	added->right = op.right;
	added->scale = op.scale;
	added->number = op.number + offset;
	added->size = (uint8_t)size;
}

uint8_t x86_value(const struct x86 *x, unsigned index, uint8_t temporary)
{
	const cs_x86_op *operand = &x->detail->operands[index];
	unsigned size = operand->size > 8 ? 8 : operand->size;
	uint8_t reg;

	if (operand->type == X86_OP_IMM) {
		x86_number(x, temporary, operand->imm);
		return temporary;
	}
	if (operand->type == X86_OP_MEM) {
		x86_load(x, temporary, &operand->mem, size, 0);
		return temporary;
	}
	reg = x86_general(operand->reg, &size);
	if (reg == CODE_NO_REGISTER || operand->reg == X86_REG_AH || operand->reg == X86_REG_BH ||
	    operand->reg == X86_REG_CH || operand->reg == X86_REG_DH) {
		x86_unknown(x, temporary);
		return temporary;
	}
	if (size == 8)
		return reg;
	x86_move(x, temporary, reg, size);
	return temporary;
}

void x86_write(const struct x86 *x, unsigned index, uint8_t from)
{
	const cs_x86_op *operand = &x->detail->operands[index];
	unsigned size = operand->size;
	uint8_t reg;

	if (operand->type == X86_OP_MEM) {
		x86_store(x, from, &operand->mem, size > 8 ? 8 : size, 0);
		return;
	}
	reg = x86_general(operand->reg, &size);
	if (reg == CODE_NO_REGISTER)
		return;
	if (size >= 4)
		x86_move(x, reg, from, size);
	else
		x86_unknown(x, reg); /* part of a register */
}

void x86_forget(const struct x86 *x, unsigned index)
{
	const cs_x86_op *operand = &x->detail->operands[index];
	unsigned size = 0;
	uint8_t reg;

	if (operand->type == X86_OP_REG) {
		reg = x86_general(operand->reg, &size);
		if (reg != CODE_NO_REGISTER) {
			x86_unknown(x, reg);
		} else if (x86_vector(operand->reg, &reg)) {
			x86_unknown(x, X86_LANE(reg, 0));
			x86_unknown(x, X86_LANE(reg, 1));
		}
	} else if (operand->type == X86_OP_MEM) {
		x86_unknown(x, X86_TEMPORARY(7));
		for (unsigned at = 0; at < (operand->size ? operand->size : 8u); at += 8)
			x86_store(x, X86_TEMPORARY(7), &operand->mem, operand->size < 8 && operand->size
								     ? operand->size
								     : 8u,
				 at);
	}
}
