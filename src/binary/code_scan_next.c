/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the next object in memory starts, by what refers to it. */
#include "binary/code_scan.h"

static int64_t signed_bits(uint32_t word, unsigned low, unsigned count)
{
	uint64_t value = (uint64_t)word >> low & ((UINT64_C(1) << count) - 1);
	uint64_t sign = UINT64_C(1) << (count - 1);

	return (int64_t)((value ^ sign) - sign);
}

/* Opcodes whose operand may be memory behind the instruction pointer; bytes of an immediate. */
static bool is_operand_opcode(const uint8_t *at, unsigned *ret_immediate)
{
	static const uint8_t plain[] = {0x8d, 0x8b, 0x89, 0x3b, 0x39, 0x63, 0xff, 0x03, 0x2b};
	static const uint8_t escaped[] = {0x10, 0x11, 0x12, 0x13, 0x16, 0x17, 0x28, 0x29,
					  0x6f, 0x7f, 0x7e, 0xd6, 0xb6, 0xb7, 0xbe, 0xbf};

	*ret_immediate = at[0] == 0x83 || at[0] == 0x80 || at[0] == 0xc6 ? 1
			 : at[0] == 0xc7 || at[0] == 0x81		 ? 4
									 : 0;
	if (*ret_immediate)
		return true;
	for (size_t i = 0; i < sizeof(plain); i++)
		if (at[0] == plain[i])
			return true;
	for (size_t i = 0; at[-1] == 0x0f && i < sizeof(escaped); i++)
		if (at[0] == escaped[i])
			return true;
	return false;
}

static void look_x86(const struct code_image *image, const struct code_range *range, uint64_t low,
		     uint64_t *next)
{
	for (size_t i = 3; i + 4 <= range->bytes.len; i++) {
		const uint8_t *at = range->bytes.ptr + i;
		uint32_t number = code_read32(at);
		uint64_t target = range->address + i + 4 + (uint64_t)(int64_t)(int32_t)number;
		unsigned immediate;

		/* An immediate behind the displacement adds up to four bytes. */
		if (target - (low - 4) < *next - (low - 4) && (at[-1] & 0xc7) == 5 &&
		    is_operand_opcode(at - 2, &immediate) && target + immediate - low < *next - low)
			*next = target + immediate;
		if (image->fixed_address && number - low < *next - low)
			*next = number;
	}
}

static void look_arm64(const struct code_range *range, uint64_t low, uint64_t *next)
{
	uint64_t pages[32] = {0};

	for (size_t i = 0; i + 4 <= range->bytes.len; i += 4) {
		uint32_t word = code_read32(range->bytes.ptr + i);
		uint64_t here = range->address + i, target = 0;
		uint64_t number = (uint64_t)(signed_bits(word, 5, 19) * 4) + (word >> 29 & 3);

		if ((word & 0x9f000000) == 0x90000000)
			pages[word & 31] = (here & ~UINT64_C(0xfff)) + (number << 12);
		else if ((word & 0x9f000000) == 0x10000000)
			target = here + number;
		else if ((word & 0xffc00000) == 0x91000000)
			target = pages[word >> 5 & 31] + (word >> 10 & 0xfff);
		else if ((word & 0x3b000000) == 0x39000000)
			target = pages[word >> 5 & 31] +
				 ((uint64_t)(word >> 10 & 0xfff) << (word >> 30));
		if (target - low < *next - low)
			*next = target;
	}
}

uint64_t code_scan_next(const struct code_image *image, uint64_t low, uint64_t high)
{
	uint64_t next = high;

	vec_each (range, &image->code) {
		if (range->is_plt)
			continue;
		if (image->in->header.e_machine == EM_X86_64)
			look_x86(image, range, low, &next);
		else
			look_arm64(range, low, &next);
	}
	vec_each (relocation, &image->relocations)
		if (!relocation->symbol && (uint64_t)relocation->addend - low < next - low)
			next = (uint64_t)relocation->addend;
	return next;
}
