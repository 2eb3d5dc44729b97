/* SPDX-License-Identifier: BSD-2-Clause */
/* Which fields of x86-64 instructions linkers set. */
#include <string.h>

#include "binary/fingerprint_x86.h"

/* Blocks of thread variables are not larger: a distance in it is negative and not below this. */
#define THREAD_DISTANCE (-(INT32_C(1) << 20))

static enum fingerprint_pointer pointer(const struct x86_run *run, int64_t value)
{
	return run->file->pointer ? run->file->pointer(run->file->context, (uint64_t)value)
				  : POINTER_NO;
}

/* A number where code that may lie anywhere has none of the linker's. */
static bool is_absolute(struct x86_run *run, int64_t value)
{
	enum fingerprint_pointer sign = pointer(run, value);

	if (sign > run->scratch->absolute_sign)
		run->scratch->absolute_sign = sign;
	return sign != POINTER_NO && run->code->absolute;
}

static bool fits_byte(int32_t value)
{
	return value >= -128 && value <= 127;
}

/* The distance of a thread variable from the end of the block, where it may be one. */
bool x86_thread_distance(struct x86_run *run, int32_t value)
{
	if (value >= 0 || value < THREAD_DISTANCE)
		return false;
	run->thread_missed |= !run->thread;
	return run->thread;
}

/* Any distance may be one from the start of the module's block, where the function asks for it. */
bool x86_dynamic_block(struct x86_run *run)
{
	run->dynamic_missed |= !run->dynamic;
	return run->dynamic;
}

void x86_mask(struct x86_run *run, struct x86_token *token, unsigned at, unsigned size)
{
	if (size == 4)
		memset(token->bytes + at, 0, 4); /* of a fixed size: no call */
	else
		memset(token->bytes + at, 0, size);
	run->scratch->masked++;
}

/* Zeroes what relocations of an object file fill in this instruction. */
void x86_relocations(struct x86_run *run, struct x86_token *token)
{
	const struct fingerprint_code *code = run->code;
	uint64_t start = code->address + token->offset;

	while (run->relocation < code->relocation_count &&
	       code->relocations[run->relocation].offset < start + token->in.length) {
		const struct fingerprint_relocation *relocation =
		    &code->relocations[run->relocation++];
		unsigned width = fingerprint_width(run->file->machine, relocation->type), at;

		if (relocation->offset < start || !width)
			continue;
		at = (unsigned)(relocation->offset - start);
		for (unsigned i = at; i < at + width && i < token->in.length; i++)
			token->bytes[i] = 0;
		if (token->in.displacement_size && at >= token->in.displacement_at &&
		    at < token->in.displacement_at + token->in.displacement_size)
			token->displacement_relocated = true;
		else
			token->immediate_relocated = true;
		token->helper_relocated |= relocation->thread_helper;
	}
}

/* Whether the base may be the address of a block of thread variables: any register but RSP. */
static bool has_general_base(const struct x86_token *token)
{
	uint8_t base = token->in.modrm & 7;

	if (base == 4)
		base = token->at[token->in.modrm_at + 1] & 7;
	return token->in.modrm >> 6 == 2 && (token->in.rex & 1 || base != 4);
}

static bool is_masked_displacement(struct x86_run *run, const struct x86_token *token)
{
	int32_t value = read32(token->at + token->in.displacement_at);
	bool based = token->in.modrm >> 6 == 2;

	if (token->in.flags & X86_RIP_RELATIVE || token->displacement_relocated)
		return true;
	/* From the thread pointer: variables lie below it, the stack protector's word above. */
	if (token->in.flags & X86_SEGMENT_FS)
		return value < 0;
	/* One byte would have done: a linker, and no compiler, wrote the value. */
	if (based && fits_byte(value))
		return true;
	if (is_absolute(run, value))
		return true;
	if (pointer(run, value) != POINTER_NO && token->in.opcode != 0x8d)
		run->scratch->absolute_memory = true;
	if (!has_general_base(token))
		return false;
	if (x86_thread_distance(run, value))
		return true;
	return x86_dynamic_block(run);
}

void x86_displacement(struct x86_run *run, struct x86_token *token)
{
	if (token->in.displacement_size == 4 && is_masked_displacement(run, token))
		x86_mask(run, token, token->in.displacement_at, 4);
	if (!(token->in.flags & X86_SEGMENT_FS) || token->in.displacement_size != 4)
		run->thread |= (token->in.flags & X86_SEGMENT_FS) != 0;
	else if (token->displacement_relocated ||
		 read32(token->at + token->in.displacement_at) <= 0)
		run->thread = true;
}

/* Which immediates of four bytes may hold an address: not those of bit operations. */
static bool may_hold_pointer(const struct x86_token *token)
{
	unsigned group = token->in.modrm >> 3 & 7;

	switch (token->in.opcode) {
	case 0x05: /* ADD */
	case 0x2d: /* SUB */
	case 0x3d: /* CMP */
	case 0x68: /* PUSH */
	case 0xc7: /* MOV */
		return true;
	case 0x81:
		return group == 0 || group == 5 || group == 7; /* the same */
	default:
		return token->in.opcode >= 0xb8 && token->in.opcode <= 0xbf;
	}
}

/* An operation on a register with what may have been an entry of the GOT before. */
static bool was_load(const struct x86_token *token)
{
	uint8_t modrm = token->in.modrm;

	return token->in.rex & REX_W && modrm >= 0xc0 &&
	       (token->in.opcode == 0x81 || (token->in.opcode == 0xf7 && modrm < 0xc8));
}

static bool is_masked_immediate(struct x86_run *run, const struct x86_token *token)
{
	int32_t value = read32(token->at + token->in.immediate_at);

	if (token->immediate_relocated)
		return true;
	if (token->in.opcode == 0x81 && fits_byte(value))
		return true; /* opcode 83 would have done */
	if (was_load(token) && (pointer(run, value) == POINTER_FUNCTION ||
				(value % 4 == 0 && pointer(run, value) != POINTER_NO)))
		return true;
	if (may_hold_pointer(token) &&
	    is_absolute(run, token->in.rex & REX_W ? value : (int64_t)(uint32_t)value))
		return true;
	if (!(token->in.rex & REX_W) ||
	    (token->in.opcode != 0x05 &&
	     !(token->in.opcode == 0x81 && (token->in.modrm & 0xf8) == 0xc0)))
		return false;
	return x86_thread_distance(run, value) || x86_dynamic_block(run);
}

void x86_immediate(struct x86_run *run, struct x86_token *token)
{
	if (token->in.immediate_size == 4) {
		if (is_masked_immediate(run, token))
			x86_mask(run, token, token->in.immediate_at, 4);
	} else if (token->in.immediate_size == 8) {
		int64_t value =
		    (int64_t)((uint32_t)read32(token->at + token->in.immediate_at) |
			      (uint64_t)(uint32_t)read32(token->at + token->in.immediate_at + 4)
				  << 32);

		if (token->immediate_relocated || is_absolute(run, value))
			x86_mask(run, token, token->in.immediate_at, 8);
	}
}
