/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads, stores and vector moves of AArch64. */
#include "binary/code_arm64.h"

#define STACK_POINTER 31

/* Where an access goes: [base + index * 2^shift + offset], with the base written before or after.
 */
struct access {
	uint8_t base, index;
	int64_t offset;
};

void arm64_vector_unknown(const struct arm64 *a, unsigned vector)
{
	arm64_unknown(a, ARM64_LANE(vector, 0));
	arm64_unknown(a, ARM64_LANE(vector, 1));
}

static void transfer(const struct arm64 *a, bool load, uint8_t reg, const struct access *access,
		     int64_t offset, unsigned size, bool is_signed)
{
	struct code_op *op = code_op_add(a->ops, load ? OP_LOAD : OP_STORE);

	op->target = reg;
	op->left = access->base;
	op->right = access->index;
	op->number = (int64_t)((uint64_t)access->offset + (uint64_t)offset);
	op->size = (uint8_t)size;
	op->is_signed = is_signed;
}

/* One register of up to 16 bytes. */
static void transfer_vector(const struct arm64 *a, bool load, unsigned vector,
			    const struct access *access, int64_t offset, unsigned size)
{
	transfer(a, load, ARM64_LANE(vector, 0), access, offset, size > 8 ? 8 : size, false);
	if (size > 8)
		transfer(a, load, ARM64_LANE(vector, 1), access, offset + 8, 8, false);
	else if (load)
		arm64_number(a, ARM64_LANE(vector, 1), 0);
}

static void write_back(const struct arm64 *a, unsigned base, int64_t offset)
{
	struct code_op *op = code_op_add(a->ops, OP_ADD);

	op->target = op->left = (uint8_t)base;
	op->number = offset;
}

static void forget_store(const struct arm64 *a, unsigned base, unsigned bytes)
{
	struct access access = {(uint8_t)base, CODE_NO_REGISTER, 0};

	arm64_unknown(a, ARM64_TEMPORARY(6));
	for (unsigned at = 0; at < bytes; at += 8)
		transfer(a, false, ARM64_TEMPORARY(6), &access, at, 8, false);
}

static void load_literal(const struct arm64 *a)
{
	unsigned kind = a->word >> 30, target = a->word & 31;
	struct access access = {
	    CODE_NO_REGISTER, CODE_NO_REGISTER,
	    (int64_t)(a->address + (uint64_t)(arm64_signed(a->word, 5, 19) * 4))};

	if (a->word >> 26 & 1)
		transfer_vector(a, true, target, &access, 0, 4u << (kind > 2 ? 2 : kind));
	else if (kind != 3)
		transfer(a, true, arm64_target(target), &access, 0, kind == 1 ? 8 : 4, kind == 2);
}

static void pair(const struct arm64 *a)
{
	unsigned kind = a->word >> 30, mode = a->word >> 23 & 3, base = a->word >> 5 & 31;
	unsigned first = a->word & 31, second = a->word >> 10 & 31;
	bool vector = a->word >> 26 & 1, load = a->word >> 22 & 1;
	unsigned size = vector ? 4u << (kind > 2 ? 2 : kind) : kind == 2 ? 8 : 4;
	int64_t offset = arm64_signed(a->word, 15, 7) * (int64_t)size;
	struct access access = {(uint8_t)base, CODE_NO_REGISTER, mode == 1 ? 0 : offset};

	if (mode == 3) {
		write_back(a, base, offset);
		access.offset = 0;
	}
	if (vector) {
		transfer_vector(a, load, first, &access, 0, size);
		transfer_vector(a, load, second, &access, size, size);
	} else {
		/* The base may be the first register loaded. */
		arm64_move(a, ARM64_TEMPORARY(5), (uint8_t)base, 8);
		access.base = ARM64_TEMPORARY(5);
		transfer(a, load, load ? arm64_target(first) : arm64_read(a, first, 0), &access, 0,
			 size, kind == 1);
		transfer(a, load, load ? arm64_target(second) : arm64_read(a, second, 1), &access,
			 size, size, kind == 1);
	}
	if (mode == 1)
		write_back(a, base, offset);
}

static void single(const struct arm64 *a, const struct access *access)
{
	unsigned reg = a->word & 31, kind = a->word >> 22 & 3, size = a->word >> 30;

	if (a->word >> 26 & 1) {
		transfer_vector(a, kind & 1, reg, access, 0, 1u << (size | (kind & 2) << 1));
		return;
	}
	if (size == 3 && kind > 1)
		return; /* PRFM */
	if (kind)
		transfer(a, true, arm64_target(reg), access, 0, 1u << size, kind > 1);
	else
		transfer(a, false, arm64_read(a, reg, 0), access, 0, 1u << size, false);
	if (kind == 3) /* sign-extended to 32 bits only */
		arm64_move(a, arm64_target(reg), arm64_target(reg), 4);
}

static unsigned scale_of(uint32_t word)
{
	return word >> 30 | (word >> 26 & 1 ? (word >> 23 & 1) << 2 : 0);
}

static void single_register(const struct arm64 *a)
{
	unsigned base = a->word >> 5 & 31, mode = a->word >> 10 & 3;
	int64_t offset = arm64_signed(a->word, 12, 9);
	struct access access = {(uint8_t)base, CODE_NO_REGISTER, offset};

	if (a->word >> 24 & 1) { /* unsigned offset */
		access.offset = (int64_t)(a->word >> 10 & 0xfff) << scale_of(a->word);
		single(a, &access);
	} else if (!(a->word >> 21 & 1)) {
		if (mode == 3)
			write_back(a, base, offset);
		if (mode == 1 || mode == 3)
			access.offset = 0;
		single(a, &access);
		if (mode == 1)
			write_back(a, base, offset);
	} else if (mode == 2) { /* register offset */
		access.offset = 0;
		access.index = arm64_extended(a, a->word >> 16 & 31, a->word >> 13 & 7,
					      a->word >> 12 & 1 ? scale_of(a->word) : 0, 1);
		single(a, &access);
	} else { /* atomic memory operations, LDRAA */
		arm64_unknown(a, arm64_target(a->word & 31));
		forget_store(a, base, 8);
		if (mode == 3 && base != STACK_POINTER)
			arm64_unknown(a, (uint8_t)base);
	}
}

/* LDXR, STXR, CAS and their like; LDAR and STLR are plain accesses here. */
static void exclusive(const struct arm64 *a)
{
	unsigned reg = a->word & 31, base = a->word >> 5 & 31, size = 1u << (a->word >> 30);
	struct access access = {(uint8_t)base, CODE_NO_REGISTER, 0};

	if ((a->word & 0x00a00000) == 0x00800000) {
		bool load = a->word >> 22 & 1;

		transfer(a, load, load ? arm64_target(reg) : arm64_read(a, reg, 0), &access, 0,
			 size, false);
		return;
	}
	arm64_unknown(a, arm64_target(reg));
	arm64_unknown(a, arm64_target(a->word >> 10 & 31));
	arm64_unknown(a, arm64_target(a->word >> 16 & 31));
	forget_store(a, base, 16);
}

/* How many whole registers LD1 and ST1 move one after the other; 0: another instruction. */
static unsigned registers_in_order(uint32_t word)
{
	if (word >> 24 & 1) /* single elements */
		return 0;
	switch (word >> 12 & 15) {
	case 7:
		return 1;
	case 10:
		return 2;
	case 6:
		return 3;
	case 2:
		return 4;
	default:
		return 0; /* elements of several registers, interleaved */
	}
}

/* LD1 to LD4, ST1 to ST4: up to four registers. */
static void structures(const struct arm64 *a)
{
	unsigned base = a->word >> 5 & 31, count = registers_in_order(a->word);
	unsigned size = a->word >> 30 & 1 ? 16 : 8;
	bool load = a->word >> 22 & 1, by_register = (a->word >> 16 & 31) != 31;
	struct access access = {(uint8_t)base, CODE_NO_REGISTER, 0};

	for (unsigned i = 0; i < count; i++)
		transfer_vector(a, load, (a->word + i) & 31, &access, (int64_t)(i * size), size);
	if (!count && load)
		for (unsigned i = 0; i < 4; i++)
			arm64_vector_unknown(a, (a->word + i) & 31);
	else if (!count)
		forget_store(a, base, 64);
	if (!(a->word >> 23 & 1))
		return;
	if (count && !by_register)
		write_back(a, base, (int64_t)(count * size));
	else
		arm64_unknown(a, (uint8_t)base);
}

void arm64_memory(const struct arm64 *a)
{
	if ((a->word & 0x3b000000) == 0x18000000) {
		load_literal(a);
	} else if ((a->word & 0x3a000000) == 0x28000000) {
		pair(a);
	} else if ((a->word & 0x3a000000) == 0x38000000) {
		single_register(a);
	} else if ((a->word & 0x3f000000) == 0x08000000) {
		exclusive(a);
	} else if ((a->word & 0xbe000000) == 0x0c000000) {
		structures(a);
	} else { /* RCPC, memory tagging, memory copies */
		arm64_unknown(a, arm64_target(a->word & 31));
		arm64_unknown(a, arm64_target(a->word >> 16 & 31));
		code_op_add(a->ops, OP_CLOBBER_MEMORY);
	}
}

/* Between a general register and a vector register; true when it was one of these. */
static bool vector_general(const struct arm64 *a)
{
	unsigned target = a->word & 31, from = a->word >> 5 & 31;
	unsigned index = a->word >> 20 & 1;

	switch (a->word & 0xfffffc00) {
	case 0x9e670000: /* FMOV Dd, Xn */
	case 0x1e270000: /* FMOV Sd, Wn */
		arm64_move(a, ARM64_LANE(target, 0), arm64_read(a, from, 0), a->word >> 31 ? 8 : 4);
		arm64_number(a, ARM64_LANE(target, 1), 0);
		return true;
	case 0x9e660000: /* FMOV Xd, Dn */
	case 0x1e260000: /* FMOV Wd, Sn */
		arm64_move(a, arm64_target(target), ARM64_LANE(from, 0), a->word >> 31 ? 8 : 4);
		return true;
	case 0x9eaf0000: /* FMOV Vd.D[1], Xn */
		arm64_move(a, ARM64_LANE(target, 1), arm64_read(a, from, 0), 8);
		return true;
	case 0x4e080c00: /* DUP Vd.2D, Xn */
		arm64_move(a, ARM64_LANE(target, 0), arm64_read(a, from, 0), 8);
		arm64_move(a, ARM64_LANE(target, 1), ARM64_LANE(target, 0), 8);
		return true;
	case 0x4e081c00: /* INS Vd.D[n], Xn */
	case 0x4e181c00:
		arm64_move(a, ARM64_LANE(target, index), arm64_read(a, from, 0), 8);
		return true;
	case 0x6e080400: /* INS Vd.D[n], Vn.D[0] */
	case 0x6e180400:
		arm64_move(a, ARM64_LANE(target, index), ARM64_LANE(from, 0), 8);
		return true;
	case 0x4e083c00: /* UMOV Xd, Vn.D[n] */
	case 0x4e183c00:
		arm64_move(a, arm64_target(target), ARM64_LANE(from, index), 8);
		return true;
	default:
		return false;
	}
}

void arm64_vector(const struct arm64 *a)
{
	unsigned target = a->word & 31, left = a->word >> 5 & 31, right = a->word >> 16 & 31;
	unsigned number = (a->word >> 16 & 7) << 5 | (a->word >> 5 & 31);
	bool same = left == right;

	if (vector_general(a))
		return;
	if ((a->word & 0xffe0fc00) == 0x4ea01c00 && same) { /* MOV Vd.16B, Vn.16B */
		arm64_move(a, ARM64_LANE(target, 0), ARM64_LANE(left, 0), 8);
		arm64_move(a, ARM64_LANE(target, 1), ARM64_LANE(left, 1), 8);
	} else if (((a->word & 0xffe0fc00) == 0x6e201c00 && same) ||   /* EOR with itself */
		   ((a->word & 0x9ff80c00) == 0x0f000400 && !number && /* MOVI #0 */
		    (!(a->word >> 29 & 1) || (a->word >> 12 & 15) == 14))) {
		arm64_number(a, ARM64_LANE(target, 0), 0);
		arm64_number(a, ARM64_LANE(target, 1), 0);
	} else {
		/* Conversions to integers, UMOV and SMOV write a general register. */
		if ((a->word & 0x5f20fc00) == 0x1e200000 || (a->word & 0x5f200000) == 0x1e000000 ||
		    (a->word & 0xbfe0fc00) == 0x0e003c00 || (a->word & 0xbfe0fc00) == 0x0e002c00)
			arm64_unknown(a, arm64_target(target));
		arm64_vector_unknown(a, target);
	}
}
