/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The length of x86-64 instructions that capstone 4 does not know: VEX and EVEX encodings and the
 * two-byte opcode maps. Intel SDM volume 2, chapter 2 and appendix A.
 */
#include "binary/code_image.h"
#include "binary/code_ops.h"

struct encoding {
	size_t at; /* next byte */
	unsigned map;
	uint8_t reg_high, other; /* bit 3 of ModRM.reg; the register in VEX.vvvv */
	bool is_vector;
};

static bool take_prefixes(struct slice code, struct encoding *e)
{
	while (e->at < code.len && e->at < 14) {
		uint8_t byte = code.ptr[e->at];

		if ((byte & 0xf0) == 0x40) {
			e->reg_high = byte & 4 ? 8 : 0;
			e->at++;
			return e->at < code.len;
		}
		if (byte != 0x66 && byte != 0xf2 && byte != 0xf3 && byte != 0x2e && byte != 0x3e &&
		    byte != 0x26 && byte != 0x36 && byte != 0x64 && byte != 0x65 && byte != 0x67)
			return true;
		e->at++;
	}
	return false;
}

/* Everything up to the opcode byte; false when it is none of the encodings handled here. */
static bool take_map(struct slice code, struct encoding *e)
{
	const uint8_t *at = code.ptr + e->at;
	size_t left = code.len - e->at;

	if (at[0] == 0xc5 && left > 2) {
		*e = (struct encoding){e->at + 2, 1, at[1] & 0x80 ? 0 : 8,
				       (uint8_t)(~at[1] >> 3 & 15), true};
		return true;
	}
	if (at[0] == 0xc4 && left > 3) {
		*e = (struct encoding){e->at + 3, at[1] & 31u, at[1] & 0x80 ? 0 : 8,
				       (uint8_t)(~at[2] >> 3 & 15), true};
		return e->map >= 1 && e->map <= 3;
	}
	if (at[0] == 0x62 && left > 4) {
		*e = (struct encoding){e->at + 4, at[1] & 7u, at[1] & 0x80 ? 0 : 8,
				       (uint8_t)(~at[2] >> 3 & 15), true};
		return e->map && e->map != 4 && e->map != 7;
	}
	if (at[0] != 0x0f || left < 2)
		return false;
	e->map = at[1] == 0x38 ? 2 : at[1] == 0x3a ? 3 : 1;
	e->at += e->map == 1 ? 1 : 2;
	return true;
}

static bool has_immediate(const struct encoding *e, uint8_t opcode)
{
	return e->map == 3 ||
	       (e->map == 1 && ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xa4 ||
				opcode == 0xac || opcode == 0xba || opcode == 0xc2 ||
				(opcode >= 0xc4 && opcode <= 0xc6)));
}

/* ModRM, SIB and displacement. */
static size_t operand_length(struct slice code, size_t at)
{
	uint8_t modrm = code.ptr[at];
	size_t length = 1, displacement = modrm >> 6 == 1 ? 1 : modrm >> 6 == 2 ? 4 : 0;

	if (modrm >> 6 == 3)
		return 1;
	if ((modrm & 7) == 4) {
		if (at + 1 >= code.len)
			return 0;
		length = 2;
		if (modrm >> 6 == 0 && (code.ptr[at + 1] & 7) == 5)
			displacement = 4;
	} else if (modrm >> 6 == 0 && (modrm & 7) == 5) {
		displacement = 4;
	}
	return length + displacement;
}

static void forget(struct code_ops *ops, unsigned reg)
{
	code_op_add(ops, OP_UNKNOWN)->target = (uint8_t)(reg & 15);
	code_op_add(ops, OP_UNKNOWN)->target = (uint8_t)(CODE_VECTOR + 2 * (reg & 15));
	code_op_add(ops, OP_UNKNOWN)->target = (uint8_t)(CODE_VECTOR + 2 * (reg & 15) + 1);
}

size_t code_x86_skip(struct slice code, uint64_t address, struct code_ops *ops)
{
	struct encoding e = {0};
	size_t length;
	uint8_t opcode, modrm;

	(void)address;
	if (!take_prefixes(code, &e) || !take_map(code, &e) || e.at + 1 >= code.len)
		return 0;
	opcode = code.ptr[e.at++];
	modrm = code.ptr[e.at];
	length = operand_length(code, e.at);
	if (!length)
		return 0;
	length += e.at + has_immediate(&e, opcode);
	if (length > 15 || length > code.len)
		return 0;
	/* The stack pointer (4) is never the target of one of these. */
	if ((e.reg_high | (modrm >> 3 & 7)) != 4)
		forget(ops, e.reg_high | (modrm >> 3 & 7u));
	if (e.is_vector && e.other != 4)
		forget(ops, e.other);
	if (modrm >> 6 != 3)
		code_op_add(ops, OP_CLOBBER_MEMORY);
	else if ((modrm & 7) != 4)
		forget(ops, modrm & 7u);
	return length;
}
