/* SPDX-License-Identifier: BSD-2-Clause */
/* Operands of x86-64 instructions; shared by the files that translate them, nobody else. */
#ifndef BINARY_CODE_X86_H
#define BINARY_CODE_X86_H

#include <capstone/capstone.h>

#include "binary/code_ops.h"

#define X86_TEMPORARY(n) ((uint8_t)(CODE_TEMPORARY + (n)))
#define X86_LANE(vector, n) ((uint8_t)(CODE_VECTOR + 2u * (vector) + (n)))

struct x86 {
	struct code_ops *ops;
	const cs_insn *instruction;
	const cs_x86 *detail;
};

/* The number and width of a general register, or CODE_NO_REGISTER. */
uint8_t x86_general(x86_reg reg, unsigned *ret_size);
bool x86_vector(x86_reg reg, uint8_t *ret);
void x86_unknown(const struct x86 *x, uint8_t reg);
void x86_number(const struct x86 *x, uint8_t target, int64_t value);
void x86_move(const struct x86 *x, uint8_t target, uint8_t from, unsigned size);
/* Fills the address part of an operation; false for what cannot be expressed (fs, gs). */
bool x86_address(const struct x86 *x, const x86_op_mem *mem, struct code_op *op);
void x86_load(const struct x86 *x, uint8_t target, const x86_op_mem *mem, unsigned size,
	      int64_t offset);
void x86_store(const struct x86 *x, uint8_t from, const x86_op_mem *mem, unsigned size,
	       int64_t offset);
/* The register that holds an operand's value, perhaps the temporary. */
uint8_t x86_value(const struct x86 *x, unsigned index, uint8_t temporary);
void x86_write(const struct x86 *x, unsigned index, uint8_t from);
/* The operand may hold anything after this. */
void x86_forget(const struct x86 *x, unsigned index);

/* Moves of vector registers (code_x86_vector.c): the two low lanes of eight bytes are followed. */
void x86_whole_vector(const struct x86 *x);
void x86_low_lane(const struct x86 *x, unsigned size);
void x86_one_lane(const struct x86 *x, unsigned lane);
void x86_low_lanes(const struct x86 *x);
void x86_insert_lane(const struct x86 *x);
void x86_vector_xor(const struct x86 *x);

#endif
