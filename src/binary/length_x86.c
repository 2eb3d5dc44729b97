/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/length_x86.h"

#include <stdbool.h>
#include <string.h>

/* What follows an opcode; one letter or two per opcode in the tables below. */
enum follow {
	M = 1u << 0, /* ModRM, perhaps with SIB and displacement */
	B = 1u << 1, /* one byte of immediate */
	Z = 1u << 2, /* four bytes; two with prefix 66 and without REX.W */
	W = 1u << 3, /* two bytes */
	J = 1u << 4, /* distance of one byte */
	K = 1u << 5, /* distance of four bytes: prefix 66 changes nothing, as on Intel's */
	X = 1u << 6, /* no instruction in 64-bit mode */
	P = 1u << 7, /* a prefix */
	S = 1u << 8, /* needs a look: see special() */
	MB = M | B,
	MZ = M | Z,
};

/* clang-format off */
static const uint16_t one_byte[256] = {
/*        0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f */
/* 0 */   M, M, M, M, B, Z, X, X, M, M, M, M, B, Z, X, S,
/* 1 */   M, M, M, M, B, Z, X, X, M, M, M, M, B, Z, X, X,
/* 2 */   M, M, M, M, B, Z, P, X, M, M, M, M, B, Z, P, X,
/* 3 */   M, M, M, M, B, Z, P, X, M, M, M, M, B, Z, P, X,
/* 4 */   P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P,
/* 5 */   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
/* 6 */   X, X, S, M, P, P, P, P, Z,MZ, B,MB, 0, 0, 0, 0,
/* 7 */   J, J, J, J, J, J, J, J, J, J, J, J, J, J, J, J,
/* 8 */  MB,MZ, X,MB, M, M, M, M, M, M, M, M, M, M, M, S,
/* 9 */   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, X, 0, 0, 0, 0, 0,
/* a */   S, S, S, S, 0, 0, 0, 0, B, Z, 0, 0, 0, 0, 0, 0,
/* b */   B, B, B, B, B, B, B, B, S, S, S, S, S, S, S, S,
/* c */  MB,MB, W, 0, S, S,MB, S,W|B,0, W, 0, 0, B, X, 0,
/* d */   M, M, M, M, X, S, X, 0, M, M, M, M, M, M, M, M,
/* e */   J, J, J, J, B, B, B, B, K, K, X, J, 0, 0, 0, 0,
/* f */   P, 0, P, P, 0, 0, S, S, 0, 0, 0, 0, 0, 0, M, M,
};

static const uint16_t two_byte[256] = {
/*        0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f */
/* 0 */   M, M, M, M, X, 0, 0, 0, 0, 0, X, 0, X, M, 0,MB,
/* 1 */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* 2 */   S, S, S, S, X, X, X, X, M, M, M, M, M, M, M, M,
/* 3 */   0, 0, 0, 0, 0, 0, X, 0, S, X, S, X, X, X, X, X,
/* 4 */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* 5 */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* 6 */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* 7 */  MB,MB,MB,MB, M, M, M, 0, S, M, X, X, M, M, M, M,
/* 8 */   K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K,
/* 9 */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* a */   0, 0, 0, M,MB, M, M, M, 0, 0, 0, M,MB, M, M, M,
/* b */   M, M, M, M, M, M, M, M, M, M,MB, M, M, M, M, M,
/* c */   M, M,MB, M,MB,MB,MB, M, 0, 0, 0, 0, 0, 0, 0, 0,
/* d */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* e */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
/* f */   M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
};
/* clang-format on */

#define NO_OPCODE 0x06 /* one that has no meaning in 64-bit mode */

struct decoder {
	const uint8_t *start; /* with DECODER_ROOM bytes that can be read */
	unsigned at, room;    /* room: at most X86_LENGTH_MAX */
	unsigned follow;
	bool wide; /* REX.W or what stands for it */
	struct x86_instruction *instruction;
};

/*
 * Prefixes end within the room, and at most nine bytes lie between them and the last byte that is
 * looked at: so no look needs a check. Whether the instruction ended in time is checked at the end.
 */
#define DECODER_ROOM (X86_LENGTH_MAX + 10u)

static inline uint8_t peek(const struct decoder *decoder, unsigned distance)
{
	return decoder->start[decoder->at + distance];
}

static inline __attribute__((always_inline)) void modrm(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;
	uint8_t byte = peek(decoder, 0), mode = byte >> 6, base = byte & 7;

	instruction->modrm = byte;
	instruction->modrm_at = (uint8_t)decoder->at++;
	if (mode == 3)
		return;
	if (base == 4) {
		base = peek(decoder, 0) & 7;
		decoder->at++;
		/* Without a base: a displacement of four bytes that counts from nothing. */
		instruction->displacement_size = mode == 1 ? 1 : mode == 2 || base == 5 ? 4 : 0;
	} else if (mode == 0 && base == 5) {
		instruction->displacement_size = 4;
		instruction->flags |= X86_RIP_RELATIVE;
	} else {
		instruction->displacement_size = mode == 1 ? 1 : mode == 2 ? 4 : 0;
	}
	if (instruction->displacement_size) {
		instruction->displacement_at = (uint8_t)decoder->at;
		decoder->at += instruction->displacement_size;
	}
}

static inline void immediate(struct decoder *decoder, unsigned size)
{
	struct x86_instruction *instruction = decoder->instruction;

	if (!instruction->immediate_size)
		instruction->immediate_at = (uint8_t)decoder->at;
	instruction->immediate_size = (uint8_t)(instruction->immediate_size + size);
	decoder->at += size;
}

/* The bytes that the flags of an opcode ask for. */
static inline __attribute__((always_inline)) void fields(struct decoder *decoder, unsigned follow)
{
	struct x86_instruction *instruction = decoder->instruction;

	if (follow & M)
		modrm(decoder);
	if (!(follow & (B | Z | W | J | K)))
		return;
	if (follow & (J | K))
		instruction->flags |= X86_BRANCH;
	if (follow & W)
		immediate(decoder, 2);
	if (follow & (B | J))
		immediate(decoder, 1);
	if (follow & K)
		immediate(decoder, 4);
	if (follow & Z)
		immediate(decoder,
			  (instruction->flags & X86_OPERAND_SIZE) && !decoder->wide ? 2 : 4);
}

/* Which opcodes of the map 0F have an immediate in their VEX and EVEX forms. */
static unsigned vector_follow(unsigned map, uint8_t opcode)
{
	switch (map) {
	case 1:
		return (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 ||
			       (opcode >= 0xc4 && opcode <= 0xc6)
			   ? MB
			   : M;
	case 2:
	case 5:
	case 6:
		return M;
	case 3:
		return MB;
	default:
		return X;
	}
}

/* Other prefixes than those of segment and address size are not allowed before VEX and its like. */
static bool is_bare(const struct x86_instruction *instruction)
{
	return !(instruction->flags & (X86_OPERAND_SIZE | X86_REPNE | X86_REP)) &&
	       !instruction->rex;
}

static bool vex(struct decoder *decoder, unsigned size)
{
	struct x86_instruction *instruction = decoder->instruction;
	unsigned map = size == 2 ? 1 : peek(decoder, 1) & 31;
	uint8_t opcode = peek(decoder, size);
	unsigned follow = vector_follow(map, opcode);

	if (!is_bare(instruction) || map > 3)
		return false;
	instruction->encoding = X86_VEX;
	instruction->map = (uint8_t)map;
	instruction->opcode = opcode;
	decoder->at += size + 1;
	if (map == 1 && opcode == 0x77)
		return true; /* VZEROUPPER, VZEROALL */
	fields(decoder, follow);
	return true;
}

/* Map 4 of EVEX holds general instructions of the one-byte map, as APX extends them. */
static unsigned extended_follow(struct decoder *decoder, uint8_t opcode, uint8_t next)
{
	if ((opcode == 0xf6 || opcode == 0xf7) && !(next & 0x30))
		return opcode == 0xf6 ? MB : MZ;
	if (opcode == 0x24 || opcode == 0x2c)
		return MB; /* SHLD, SHRD */
	if ((peek(decoder, 2) & 3) == 1)
		decoder->instruction->flags |= X86_OPERAND_SIZE;
	switch (opcode) {
	case 0x69:
	case 0x6b:
	case 0x80:
	case 0x81:
	case 0x83:
	case 0xc0:
	case 0xc1:
		return one_byte[opcode];
	default:
		return M;
	}
}

static bool evex(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;
	unsigned map = peek(decoder, 1) & 7, follow;
	uint8_t opcode = peek(decoder, 4);

	if (!is_bare(instruction))
		return false;
	instruction->encoding = X86_EVEX;
	instruction->map = (uint8_t)map;
	instruction->opcode = opcode;
	decoder->wide = peek(decoder, 2) >> 7;
	follow = map == 4 ? extended_follow(decoder, opcode, peek(decoder, 5))
			  : vector_follow(map, opcode);
	if (follow & X)
		return false;
	decoder->at += 5;
	fields(decoder, follow);
	return true;
}

/* 8F: POP with a register field of 0, else AMD's XOP, whose map lies where that field is. */
static bool xop(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;
	unsigned map = peek(decoder, 1) & 31;

	if (!(peek(decoder, 1) & 0x38)) {
		instruction->opcode = 0x8f;
		decoder->at++;
		fields(decoder, M);
		return true;
	}
	if (map < 8 || map > 10 || !is_bare(instruction))
		return false;
	instruction->encoding = X86_XOP;
	instruction->map = (uint8_t)map;
	instruction->opcode = peek(decoder, 3);
	decoder->at += 4;
	fields(decoder, map == 8 ? MB : M);
	if (map == 10)
		immediate(decoder, 4);
	return true;
}

/* Opcode of the map 0F at the decoder's place. */
static bool second_map(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;
	uint8_t opcode = peek(decoder, 0);
	unsigned follow = two_byte[opcode];

	instruction->map = 1;
	instruction->opcode = opcode;
	decoder->at++;
	if (follow & X)
		return false;
	if (!(follow & S)) {
		fields(decoder, follow);
		return true;
	}
	if (opcode == 0x38 || opcode == 0x3a) {
		instruction->map = opcode == 0x38 ? 2 : 3;
		instruction->opcode = peek(decoder, 0);
		decoder->at++;
		fields(decoder, opcode == 0x38 ? M : MB);
	} else if (opcode == 0x78) {
		fields(decoder, M);
		if (instruction->flags & (X86_OPERAND_SIZE | X86_REPNE))
			immediate(decoder, 2); /* EXTRQ and INSERTQ: two bytes */
	} else {
		/* Moves of control and debug registers: both operands are registers always. */
		instruction->modrm = peek(decoder, 0);
		instruction->modrm_at = (uint8_t)decoder->at++;
	}
	return true;
}

/* REX2: its payload chooses the map. */
static bool rex2(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;
	uint8_t payload = peek(decoder, 1), opcode;
	unsigned follow;

	if (instruction->rex)
		return false;
	instruction->encoding = X86_REX2;
	decoder->wide = payload >> 3 & 1;
	decoder->at += 2;
	if (payload & 0x80)
		return second_map(decoder);
	opcode = peek(decoder, 0);
	follow = one_byte[opcode];
	if (opcode >= 0xb8 && opcode <= 0xbf)
		follow = Z;
	else if (opcode == 0xf6 || opcode == 0xf7)
		follow = peek(decoder, 1) & 0x30 ? M : opcode == 0xf6 ? MB : MZ;
	else if (opcode == 0xc7)
		follow = MZ;
	if (follow & (X | P | S | J | K))
		return false;
	instruction->opcode = opcode;
	decoder->at++;
	fields(decoder, follow);
	if (opcode >= 0xb8 && opcode <= 0xbf && decoder->wide)
		immediate(decoder, 4);
	return true;
}

/* Opcodes of the first map that flags alone do not describe. */
static bool special(struct decoder *decoder, uint8_t opcode)
{
	struct x86_instruction *instruction = decoder->instruction;

	switch (opcode) {
	case 0x62:
		return evex(decoder);
	case 0x8f:
		return xop(decoder);
	case 0xc4:
		return vex(decoder, 3);
	case 0xc5:
		return vex(decoder, 2);
	case 0xd5:
		return rex2(decoder);
	default:
		break;
	}
	decoder->at++;
	if (opcode == 0x0f)
		return second_map(decoder);
	instruction->opcode = opcode;
	if (opcode >= 0xa0 && opcode <= 0xa3) {
		immediate(decoder, instruction->flags & X86_ADDRESS_SIZE ? 4 : 8);
	} else if (opcode >= 0xb8 && opcode <= 0xbf) {
		immediate(decoder, decoder->wide			   ? 8
				   : instruction->flags & X86_OPERAND_SIZE ? 2
									   : 4);
	} else if (opcode == 0xc7) {
		fields(decoder, MZ);
		if (instruction->modrm == 0xf8)
			instruction->flags |= X86_BRANCH; /* XBEGIN */
	} else { /* F6, F7: only TEST, /0 and /1, has an immediate */
		fields(decoder, peek(decoder, 0) & 0x30 ? M : opcode == 0xf6 ? MB : MZ);
	}
	return true;
}

/* Prefixes in any order; REX counts only right before the opcode. */
static inline uint8_t prefixes(struct decoder *decoder)
{
	struct x86_instruction *instruction = decoder->instruction;

	for (;;) {
		uint8_t byte = peek(decoder, 0);

		if (!(one_byte[byte] & P))
			return byte;
		if (++decoder->at > X86_LENGTH_MAX)
			return NO_OPCODE;
		if ((byte & 0xf0) == 0x40) {
			instruction->rex = byte;
			continue;
		}
		instruction->rex = 0;
		if (byte == 0x66)
			instruction->flags |= X86_OPERAND_SIZE;
		else if (byte == 0x67)
			instruction->flags |= X86_ADDRESS_SIZE;
		else if (byte == 0x64)
			instruction->flags |= X86_SEGMENT_FS;
		else if (byte == 0xf2)
			instruction->flags |= X86_REPNE;
		else if (byte == 0xf3)
			instruction->flags |= X86_REP;
		else if (byte == 0x3e)
			instruction->flags |= X86_NOTRACK;
	}
}

static unsigned decode(const uint8_t *at, unsigned room, struct x86_instruction *ret)
{
	struct decoder decoder = {.start = at, .room = room, .instruction = ret};
	uint8_t opcode;
	unsigned follow;

	*ret = (struct x86_instruction){0};
	opcode = prefixes(&decoder);
	decoder.wide = ret->rex >> 3 & 1;
	ret->opcode_at = (uint8_t)decoder.at;
	follow = one_byte[opcode];
	if (follow & X)
		return 0;
	if (follow & S) {
		if (!special(&decoder, opcode))
			return 0;
	} else {
		ret->opcode = opcode;
		decoder.at++;
		fields(&decoder, follow);
	}
	if (decoder.at > decoder.room)
		return 0;
	ret->length = (uint8_t)decoder.at;
	return decoder.at;
}

unsigned length_x86(const uint8_t *at, size_t room, struct x86_instruction *ret)
{
	uint8_t copy[DECODER_ROOM];
	unsigned limit = X86_LENGTH_MAX;

	if (room < DECODER_ROOM) {
		memset(copy, 0, sizeof(copy));
		memcpy(copy, at, room);
		at = copy;
		limit = room < X86_LENGTH_MAX ? (unsigned)room : X86_LENGTH_MAX;
	}
	return decode(at, limit, ret); /* from one place: so it becomes part of this function */
}
