/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long an x86-64 instruction is and where its fields lie; not what it does. Tables after the
 * opcode maps of Intel's manual, volume 2, appendix A, and AMD's, volume 3. Private to src/binary.
 */
#ifndef BINARY_LENGTH_X86_H
#define BINARY_LENGTH_X86_H

#include <stddef.h>
#include <stdint.h>

#define X86_LENGTH_MAX 15u /* the processor's own bound */

enum x86_encoding {
	X86_LEGACY, /* REX or none */
	X86_REX2,   /* D5, of APX */
	X86_VEX,    /* C4, C5 */
	X86_EVEX,   /* 62 */
	X86_XOP,    /* 8F, of AMD */
};

enum x86_flag {
	X86_OPERAND_SIZE = 1u << 0, /* prefix 66 */
	X86_ADDRESS_SIZE = 1u << 1, /* prefix 67 */
	X86_SEGMENT_FS = 1u << 2,
	X86_REPNE = 1u << 3,	    /* prefix F2 */
	X86_REP = 1u << 4,	    /* prefix F3 */
	X86_RIP_RELATIVE = 1u << 5, /* the displacement counts from the next instruction */
	X86_BRANCH = 1u << 6,	    /* the immediate is the distance to a target */
	X86_NOTRACK = 1u << 7,	    /* prefix 3E */
};

/* Offsets count from the first byte; a size of 0 means that there is no such field. */
struct x86_instruction {
	uint8_t length;
	uint8_t encoding; /* enum x86_encoding */
	uint8_t map; /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A, 4 and up: of VEX, EVEX and XOP */
	uint8_t opcode, opcode_at; /* opcode_at: of the first opcode byte (escapes included) or of
				      the VEX, EVEX, XOP or REX2 prefix */
	uint8_t rex;		   /* the byte, or 0 */
	uint8_t modrm, modrm_at;   /* modrm_at 0: there is none */
	uint8_t displacement_at, displacement_size;
	uint8_t immediate_at, immediate_size; /* of two immediates: both together */
	uint8_t flags;			      /* enum x86_flag */
};

/* The length, or 0 when these bytes are no instruction or it does not end within room bytes. */
unsigned length_x86(const uint8_t *at, size_t room, struct x86_instruction *ret);

#endif
