/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions of x86-64 and AArch64 as a few simple operations: what moves values between
 * registers and memory, and where control goes. Everything else only makes its destinations
 * unknown. Private to src/binary.
 */
#ifndef BINARY_CODE_OPS_H
#define BINARY_CODE_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/slice.h"
#include "util/vec.h"

/* Registers: 0..31 general, then two 8-byte lanes of each of 32 vector registers, then temporaries
 * of one instruction. */
enum code_register {
	CODE_VECTOR = 32,
	CODE_TEMPORARY = 96,
	CODE_REGISTERS = 104,
	CODE_NO_REGISTER = 255,
};

#define CODE_STRING_TARGET 7 /* where rep stos and rep movs write */

enum code_op_kind {
	OP_NUMBER, /* target = number */
	OP_MOVE,   /* target = left, its lowest size bytes, zero-extended */
	OP_EXTEND, /* the same, sign-extended */
	OP_ADD,	   /* target = left + right (registers), + number where right is none */
	OP_SUBTRACT,
	OP_SCALE,    /* target = left * number */
	OP_MULTIPLY, /* target = left * right */
	OP_AND,
	OP_OR,
	OP_XOR,
	OP_SHIFT_RIGHT,
	OP_INSERT,  /* target: its 16 bits from bit number >> 16 on become number & 0xffff */
	OP_ADDRESS, /* target = left + right * scale + number */
	OP_LOAD,    /* target = size bytes there, zero-extended; is_signed: sign-extended */
	OP_STORE,   /* size bytes there = source (in target) */
	OP_CHOOSE,  /* target = left or right: which is not known */
	OP_UNKNOWN, /* target = something */
	OP_FILL,    /* rep stos: register 7 onwards, 1's counter, 0's value, in steps of size */
	OP_COPY,    /* rep movs */
	OP_CLOBBER_MEMORY, /* a store that was not understood */
	OP_COMPARE,	   /* left with right, or with number: bounds of tables */
	OP_CALL,	   /* to number, or where left is a register, to what it holds */
	OP_JUMP,	   /* the same */
	OP_BRANCH,	   /* to number, or on */
	OP_RETURN,
	OP_STOP, /* no way on: ud2, hlt, brk; number CODE_STOP_UNDECODED: the decoder gave up */
};

#define CODE_STOP_UNDECODED 1
#define CODE_SCALE_PAGE 2 /* scale of a NUMBER that is an address once the rest is added */

struct code_op {
	uint8_t kind; /* enum code_op_kind */
	uint8_t size; /* bytes, 1 2 4 8 */
	uint8_t target, left, right, scale;
	bool is_signed;
	bool last;	  /* of its instruction */
	uint32_t length;  /* of the instruction */
	uint64_t address; /* of the instruction */
	int64_t number;
};

struct code_ops {
	struct code_op *ptr;
	size_t len, cap;
};

/* What the calling convention says. */
struct code_machine {
	uint8_t stack_pointer, frame_pointer, result, link;
	uint8_t arguments[8], argument_count;
	uint32_t preserved;	 /* bit per general register a call keeps */
	int64_t entry_stack;	 /* stack pointer at entry: 8 past a 16-byte boundary on x86-64 */
	int64_t stack_arguments; /* from the stack pointer at entry to the first one there */
	bool fixed_width;	 /* every instruction has four bytes */
};

struct code_decoder;

/* machine: EM_X86_64 or EM_AARCH64. NULL when capstone has no such decoder. */
struct code_decoder *code_decoder_new(uint16_t machine);
void code_decoder_free(struct code_decoder *decoder);
const struct code_machine *code_decoder_machine(const struct code_decoder *decoder);

struct code_decoded {
	uint64_t decoded, undecoded; /* bytes */
	uint64_t instructions;
};

/*
 * Appends the operations of the code at address from its first byte to its last. After what cannot
 * be decoded it goes on behind it where its length is known, else it stops. Counts are added to.
 */
void code_decode(struct code_decoder *decoder, struct slice code, uint64_t address,
		 struct code_ops *ops, struct code_decoded *counts);

/* One instruction, for each machine (code_x86.c, code_arm64.c). */
struct cs_insn;
void code_x86_translate(const struct cs_insn *instruction, struct code_ops *ops);
void code_arm64_translate(const struct cs_insn *instruction, struct code_ops *ops);
/*
 * What capstone cannot decode: the length, with operations that make what it may write unknown; 0
 * when not even the length is known.
 */
size_t code_x86_skip(struct slice code, uint64_t address, struct code_ops *ops);
size_t code_arm64_skip(struct slice code, uint64_t address, struct code_ops *ops);

static inline struct code_op *code_op_add(struct code_ops *ops, enum code_op_kind kind)
{
	struct code_op *op = vec_add(ops);

	*op = (struct code_op){.kind = (uint8_t)kind,
			       .size = 8,
			       .target = CODE_NO_REGISTER,
			       .left = CODE_NO_REGISTER,
			       .right = CODE_NO_REGISTER,
			       .scale = 1};
	return op;
}

#endif
