/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fingerprints of instructions of NVIDIA's machines. From sm_70 on they have 128 bits each: 0..11
 * the operation, of which 9..11 the form of its operands; 24..31 the first source register; 32..63
 * an immediate, or 38..53 the offset and 54..58 the number of a constant bank; 64..71 a register.
 * Before that they have 64, and every fourth word controls the three behind it.
 *
 * Left out of the masked fingerprint are the immediate of a plain move, and offsets into banks 3
 * and 4: what changes in a kernel when a line or a variable is added elsewhere (fatbin.md 3, 3.1).
 */
#include "binary/device.h"
#include "binary/device_hash.h"

#define WIDE_ARCHITECTURE 70u
#define WIDE 16u
#define CHUNK 4096u

#define IMMEDIATE_MASK (UINT64_C(0xffffffff) << 32)
#define OFFSET_MASK (UINT64_C(0xffff) << 38)
#define UNIFORM_OFFSET_MASK (UINT64_C(0x1ffff) << 37)
#define NO_REGISTER 0xffu

/* Moves of a constant, in the words that assemblers have for them. */
enum operation {
	OPERATION_MOV = 0x802,
	OPERATION_UMOV = 0x882,
	OPERATION_IMAD_MOV = 0x424,  /* d = RZ * RZ + immediate */
	OPERATION_HFMA2_MOV = 0x431, /* the same on half floats */
	OPERATION_HFMA2_MMA_MOV = 0x435,
	OPERATION_LDC = 0x182,	/* without its form */
	OPERATION_LDCU = 0x7ac, /* from sm_100 on: its offset begins one bit earlier */
};

static bool is_move(uint64_t low, uint64_t high)
{
	switch (low & 0xfff) {
	case OPERATION_MOV:
	case OPERATION_UMOV:
		return true;
	case OPERATION_IMAD_MOV:
	case OPERATION_HFMA2_MOV:
	case OPERATION_HFMA2_MMA_MOV:
		return (low >> 24 & 0xff) == NO_REGISTER && (high & 0xff) == NO_REGISTER;
	default:
		return false;
	}
}

/* Arithmetic with a constant as operand, or a load of one. */
static bool is_module_constant(uint64_t low)
{
	unsigned form = low >> 9 & 7, operation = low & 0x1ff, bank = low >> 54 & 0x1f;
	bool reads_bank =
	    (low & 0xfff) == OPERATION_LDCU ||
	    ((form == 3 || form == 5) && (operation < 0x100 || operation == OPERATION_LDC));

	return reads_bank && (bank == 3 || bank == 4);
}

static uint64_t mask_of(uint64_t low, uint64_t high)
{
	if (is_move(low, high))
		return IMMEDIATE_MASK;
	if (!is_module_constant(low))
		return 0;
	return (low & 0xfff) == OPERATION_LDCU ? UNIFORM_OFFSET_MASK : OFFSET_MASK;
}

static uint16_t checksum(uint64_t value, uint32_t index)
{
	uint64_t mixed = (value ^ (uint64_t)index << 1 ^ 1) * UINT64_C(0x9e3779b97f4a7c15);

	mixed ^= mixed >> 29;
	return (uint16_t)(mixed * UINT64_C(0xbf58476d1ce4e5b9) >> 48);
}

/* Masks the instructions of one chunk in place. */
static void mask_chunk(uint8_t *bytes, size_t length, struct device_code *code)
{
	for (size_t at = 0; at + WIDE <= length; at += WIDE) {
		uint64_t low = device_u64(bytes + at), high = device_u64(bytes + at + 8);
		uint64_t mask = mask_of(low, high);
		uint32_t index = code->instructions++;

		if (!mask)
			continue;
		code->masked_count++;
		code->parts[index % FACTS_KERNEL_PARTS] =
		    (uint16_t)(code->parts[index % FACTS_KERNEL_PARTS] +
			       checksum(low & mask, index));
		low = htole64(low & ~mask);
		memcpy(bytes + at, &low, sizeof(low));
	}
}

void device_sass(struct slice text, uint32_t architecture, struct device_code *ret)
{
	uint8_t chunk[CHUNK];
	XXH3_state_t state;

	*ret = (struct device_code){0};
	if (architecture && architecture < WIDE_ARCHITECTURE) {
		ret->instructions = (uint32_t)(text.len / 32 * 3);
		ret->masked = device_hash_of(text);
		return;
	}
	device_hash_begin(&state);
	for (size_t at = 0; at < text.len; at += CHUNK) {
		size_t length = text.len - at < CHUNK ? text.len - at : CHUNK;

		memcpy(chunk, text.ptr + at, length);
		mask_chunk(chunk, length, ret);
		XXH3_128bits_update(&state, chunk, length);
	}
	ret->masked = device_hash_end(&state);
}
