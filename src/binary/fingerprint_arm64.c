/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canonical forms of AArch64 code. Instructions have one length; the fields are those of the
 * Arm Architecture Reference Manual, C4.1. Which immediates belong to an address in two parts is
 * told by registers: those that an ADRP or its like writes anywhere in the function. Following
 * them through the code finds less.
 */
#include <string.h>

#include "binary/fingerprint.h"

#define ADRP UINT32_C(0x90000000)
#define ADD_64 UINT32_C(0x91000000)
#define LDR_64 UINT32_C(0xf9400000)
#define STR_64 UINT32_C(0xf9000000)
#define STP_64 UINT32_C(0xa9000000)
#define LDP_64 UINT32_C(0xa9400000)
#define PLACES 0x1000u /* of the stack, in units of eight bytes: as far as STR reaches */
#define CALL UINT32_C(0x94000000)
#define NOP UINT32_C(0xd503201f)

struct run {
	const struct fingerprint_file *file;
	const struct fingerprint_code *code;
	struct fingerprint_scratch *scratch;
	size_t relocation;
	size_t count;	     /* instructions in the function */
	uint32_t pages;	     /* registers that hold the page of an address somewhere */
	uint32_t low_halves; /* and those with a distance in two halves */
};

static uint32_t read_word(const struct run *run, size_t index)
{
	const uint8_t *at = run->code->bytes.ptr + index * 4;

	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void write_word(uint8_t *at, uint32_t word)
{
	at[0] = (uint8_t)word;
	at[1] = (uint8_t)(word >> 8);
	at[2] = (uint8_t)(word >> 16);
	at[3] = (uint8_t)(word >> 24);
}

static bool is_adr(uint32_t word)
{
	return (word & 0x1f000000) == 0x10000000; /* ADR and ADRP */
}

/*
 * MOVZ Xd, #high, LSL #16 and MOVK Xd, #low: the distance of a thread variable, as linkers write
 * it. Compilers begin with the low half.
 */
static bool is_high_half(uint32_t word)
{
	return (word & 0xffe00000) == 0xd2a00000;
}

static bool is_low_half(uint32_t word)
{
	return (word & 0xffe00000) == 0xf2800000;
}

/* ADD Xd, Xn, #high, LSL #12: the first half of a thread variable's distance. */
static bool is_high_addition(uint32_t word)
{
	return (word & 0xffc00000) == 0x91400000;
}

/* MRS X1, TPIDR_EL0; ADD X0, X1, X0: what a linker may put for a call of __tls_get_addr. */
static bool is_thread_addition(const struct run *run, size_t index)
{
	uint32_t word;

	if (index < 2 || index + 1 >= run->count || read_word(run, index) != 0xd53bd041 ||
	    read_word(run, index + 1) != 0x8b000020)
		return false;
	word = read_word(run, index - 1);
	return word == (LDR_64 | (word & 0x3ffc00)) ||
	       (is_low_half(word) && (word & 31) == 0 && is_high_half(read_word(run, index - 2)));
}

/* How far apart the two halves of an address are looked for, in instructions. */
#define APART 64u

/* The last instruction before index that writes a register; 0: none near. */
static uint32_t last_write(const struct run *run, size_t index, uint32_t which)
{
	for (size_t i = index; i > 0 && index - i < APART; i--) {
		uint32_t word = read_word(run, i - 1);

		/* Stores and branches have another register there, or none. */
		if ((word & 31) == which && (word & 0x0a400000) != 0x08000000 &&
		    (word & 0x1c000000) != 0x14000000)
			return word;
	}
	return 0;
}

static bool holds_page(const struct run *run, size_t index, uint32_t which)
{
	return is_adr(last_write(run, index, which));
}

/* MOVK of the low half behind MOVZ of the high one; else it ends a constant of other parts. */
static bool is_second_of_pair(const struct run *run, size_t index)
{
	return is_high_half(last_write(run, index, read_word(run, index) & 31));
}

/*
 * STR, STP, LDR and LDP of 64 bits at SP or the frame pointer, X29: a page may be kept on the stack
 * for a use far away. Gives how many registers, and the place in units of eight bytes.
 */
static unsigned spilled(uint32_t word, bool load, uint32_t *ret_place)
{
	uint32_t base = word >> 5 & 31, frame = base == 29 ? PLACES : 0;

	if (base != 29 && base != 31)
		return 0;
	*ret_place = frame + (word >> 10 & 0xfff);
	if ((word & 0xffc00000) == (load ? LDR_64 : STR_64))
		return 1;
	*ret_place = frame + (word >> 15 & 0x3f); /* of the seven bits, those above zero */
	return (word & 0xffe00000) == (load ? LDP_64 : STP_64) ? 2 : 0;
}

static uint32_t register_of(uint32_t word, unsigned which)
{
	return which ? word >> 10 & 31 : word & 31;
}

/* Registers that get a page by MOV, or back from the stack. */
static uint32_t find_copied_pages(const struct run *run)
{
	uint8_t kept[2 * PLACES + 1] = {0};
	uint32_t place, copies = 0;

	for (size_t i = 0; run->pages && i < run->count; i++) {
		uint32_t word = read_word(run, i), from = word >> 16 & 31;

		for (unsigned j = 0, count = spilled(word, false, &place); j < count; j++)
			kept[place + j] |= run->pages >> register_of(word, j) & 1 &&
					   holds_page(run, i, register_of(word, j));
		if ((word & 0xffe0ffe0) == 0xaa0003e0 && run->pages >> from & 1 &&
		    holds_page(run, i, from)) /* MOV Xd, Xm */
			copies |= UINT32_C(1) << (word & 31);
	}
	for (size_t i = 0; run->pages && i < run->count; i++) {
		uint32_t word = read_word(run, i);

		for (unsigned j = 0, count = spilled(word, true, &place); j < count; j++)
			if (kept[place + j])
				copies |= UINT32_C(1) << register_of(word, j);
	}
	return copies;
}

/* Whether MOVZ of a high half is one of a pair: MOVK of the low half to the same register follows,
 * before anything else is put there. Alone it is a constant. */
static bool is_first_of_pair(const struct run *run, size_t index)
{
	uint32_t which = read_word(run, index) & 31;

	for (size_t i = index + 1; i < run->count && i - index < APART; i++) {
		uint32_t word = read_word(run, i);

		if ((word & 31) != which)
			continue;
		if (is_low_half(word))
			return true;
		if (is_high_half(word) || is_adr(word))
			return false;
	}
	return false;
}

/* Which registers hold the first part of an address, or of a thread variable's distance. */
static void find_pages(struct run *run)
{
	uint32_t high = 0, thread = 0;

	for (size_t i = 0; i < run->count; i++) {
		uint32_t word = read_word(run, i), bit = UINT32_C(1) << (word & 31);

		if (is_adr(word))
			run->pages |= bit;
		else if (is_high_half(word))
			high |= is_first_of_pair(run, i) ? bit : 0;
		else if (is_low_half(word))
			run->low_halves |= bit;
		else if ((word & 0xffffffe0) == 0xd53bd040 && /* MRS Xt, TPIDR_EL0 */
			 !is_thread_addition(run, i))
			thread |= bit;
	}
	for (size_t i = 0; thread && i < run->count; i++) {
		uint32_t word = read_word(run, i);

		if (is_high_addition(word) && thread >> (word >> 5 & 31) & 1)
			run->pages |= UINT32_C(1) << (word & 31);
	}
	run->pages |= thread | (high & run->low_halves);
	run->pages |= find_copied_pages(run);
	run->pages &= ~(UINT32_C(1) << 31);
	run->low_halves &= high;
}

/* Encodings of the first level that are not allocated; bit 31 set there are SME's. */
static bool is_unallocated(uint32_t word)
{
	uint32_t group = word >> 25 & 15;

	return group == 1 || group == 3 || (group == 0 && !(word >> 31));
}

/* Branches that hold a distance: its width and place, or a width of 0. */
static unsigned distance_field(uint32_t word, unsigned *ret_low)
{
	*ret_low = 5;
	if ((word & 0x7c000000) == 0x14000000) { /* B, BL */
		*ret_low = 0;
		return 26;
	}
	if ((word & 0xff000000) == 0x54000000 || /* B.cond, BC.cond */
	    (word & 0x7e000000) == 0x34000000)	 /* CBZ, CBNZ */
		return 19;
	return (word & 0x7e000000) == 0x36000000 ? 14 : 0; /* TBZ, TBNZ */
}

/* Dropped from the loose form: NOP, BTI, PACIASP, AUTIASP and those with the B key. */
static bool is_dropped(uint32_t word)
{
	return word == NOP || (word & 0xffffff3f) == 0xd503241f || word == 0xd503233f ||
	       word == 0xd50323bf || word == 0xd503237f || word == 0xd50323ff;
}

static void emit(struct run *run, size_t index, uint32_t word)
{
	struct fingerprint_scratch *scratch = run->scratch;
	bool counted = !is_dropped(word);

	fingerprint_count(scratch, (uint32_t)index * 4, counted);
	write_word(scratch->strict.ptr + scratch->strict.len, word);
	scratch->strict.len += 4;
	if (counted) {
		write_word(scratch->loose.ptr + scratch->loose.len, word);
		scratch->loose.len += 4;
	}
}

static bool is_relocated(struct run *run, size_t index)
{
	const struct fingerprint_code *code = run->code;
	uint64_t start = code->address + index * 4;
	bool found = false;

	while (run->relocation < code->relocation_count &&
	       code->relocations[run->relocation].offset < start + 4) {
		const struct fingerprint_relocation *relocation =
		    &code->relocations[run->relocation++];

		found |= relocation->offset >= start &&
			 fingerprint_width(EM_AARCH64, relocation->type) != 0;
	}
	return found;
}

static void branch(struct run *run, size_t index, uint32_t word, unsigned low, unsigned width,
		   bool relocated)
{
	struct fingerprint_scratch *scratch = run->scratch;
	uint32_t field = ((UINT32_C(1) << width) - 1) << low;
	int64_t distance =
	    (int64_t)(int32_t)(word << (32 - low - width)) >> (32 - width); /* in instructions */
	int64_t target = (int64_t)index + distance;
	bool is_call = (word & 0xfc000000) == 0x94000000;
	bool outside = relocated || is_call || target <= 0 || (uint64_t)target >= run->count;

	if (!outside) {
		emit(run, index, word);
	} else {
		scratch->masked++;
		if (!is_call && !run->file->relocatable && target != 0)
			vec_push(&scratch->targets, run->code->address + (uint64_t)(target * 4));
		emit(run, index, word & ~field);
	}
	if (is_call)
		return;
	write_word(scratch->loose.ptr + scratch->loose.len - 4, word & ~field);
	vec_push(&scratch->branches,
		 ((struct fingerprint_branch){scratch->loose.len,
					      outside ? UINT32_MAX : (uint32_t)target * 4}));
	scratch->loose.len += 4;
}

/* What two parts of an address and loads of literals leave when their distances are out. */
static uint32_t mask_data(struct run *run, size_t index, uint32_t word, bool relocated)
{
	uint32_t base = word >> 5 & 31, masked = word;
	bool on_page = run->pages >> base & 1;

	if (is_adr(word) || (is_high_half(word) && run->low_halves >> (word & 31) & 1 &&
			     is_first_of_pair(run, index)))
		masked = ADRP | (word & 31);
	else if (is_low_half(word) && run->low_halves >> (word & 31) & 1 &&
		 is_second_of_pair(run, index))
		masked = ADD_64 | (word & 31) << 5 | (word & 31);
	else if ((word & 0x3b000000) == 0x18000000) /* LDR (literal) */
		masked &= ~UINT32_C(0x00ffffe0);
	else if ((word & 0xff800000) == ADD_64 && (on_page || relocated))
		masked &= ~UINT32_C(0x007ffc00);
	else if ((word & 0x3b000000) == 0x39000000 && (on_page || relocated)) {
		masked &= ~UINT32_C(0x003ffc00);
		/* From the GOT; linkers that need no slot make it an addition. */
		if ((masked & 0xffc00000) == LDR_64 && base == (word & 31))
			masked = ADD_64 | (masked & 0x3ff);
	} else if ((word & 0x1f800000) == 0x12800000 && relocated) { /* MOVN, MOVZ, MOVK */
		masked &= ~UINT32_C(0x001fffe0);
	} else {
		return word;
	}
	run->scratch->masked++;
	return masked;
}

static bool is_page(uint32_t word)
{
	return (word & 0x9f000000) == ADRP;
}

/* ADRP x0; LDR xN, [x0]; ADD x0, x0; BLR xN: a thread variable's descriptor. */
static bool is_descriptor_call(const struct run *run, size_t index)
{
	uint32_t load, call;

	if (run->count - index < 4)
		return false;
	load = read_word(run, index + 1);
	call = read_word(run, index + 3);
	return (read_word(run, index) & 0x9f00001f) == ADRP && (load & 0xffc003e0) == LDR_64 &&
	       (read_word(run, index + 2) & 0xffc003ff) == ADD_64 &&
	       call == (0xd63f0000 | (load & 31) << 5);
}

static void skip_relocations(struct run *run, size_t index, size_t count)
{
	for (size_t i = 0; i < count; i++)
		is_relocated(run, index + i);
}

/* MRS X0, TPIDR_EL0; ADD X0, X0, #high, LSL #12; ADD X0, X0, #low; NOP: the same by gold. */
static bool is_local_block(const struct run *run, size_t index)
{
	return run->count - index >= 4 && read_word(run, index) == 0xd53bd040 &&
	       (read_word(run, index + 1) & 0xffc003ff) == 0x91400000 &&
	       (read_word(run, index + 2) & 0xffc003ff) == ADD_64 &&
	       read_word(run, index + 3) == NOP;
}

/* A load of an address from the GOT, and of a thread variable's distance: ADRP and ADD. */
static void emit_page_pair(struct run *run, size_t index, uint32_t reg)
{
	emit(run, index, ADRP | reg);
	emit(run, index + 1, ADD_64 | reg << 5 | reg);
	run->scratch->masked += 2;
}

/*
 * Groups that linkers rewrite as a whole: thread descriptors (AAELF64, "Relaxing TLS descriptors"),
 * calls of __tls_get_addr, and addresses in reach of one ADR. Returns the instructions taken.
 */
static size_t group(struct run *run, size_t index)
{
	uint32_t word = read_word(run, index), next;

	if (is_page(word) && is_descriptor_call(run, index)) {
		emit_page_pair(run, index, 0);
		emit(run, index + 2, NOP);
		emit(run, index + 3, NOP);
		skip_relocations(run, index, 4);
		return 4;
	}
	if (index + 1 >= run->count)
		return 0;
	next = read_word(run, index + 1);
	if (is_local_block(run, index)) {
		emit_page_pair(run, index, 0);
		emit(run, index + 2, CALL);
		emit(run, index + 3, NOP);
		skip_relocations(run, index, 4);
		return 4;
	}
	if (is_thread_addition(run, index)) {
		emit(run, index, CALL);
		emit(run, index + 1, NOP);
		skip_relocations(run, index, 2);
		return 2;
	}
	if (word == NOP && (next & 0x9f000000) == 0x10000000) {
		emit_page_pair(run, index, next & 31);
		skip_relocations(run, index, 2);
		return 2;
	}
	return 0;
}

bool fingerprint_arm64(const struct fingerprint_file *file, const struct fingerprint_code *code,
		       struct fingerprint_scratch *scratch)
{
	struct run run = {
	    .file = file, .code = code, .scratch = scratch, .count = code->bytes.len / 4};
	size_t index = 0;

	if (code->bytes.len % 4 != 0)
		return false;
	find_pages(&run);
	while (index < run.count) {
		uint32_t word = read_word(&run, index);
		size_t taken;
		unsigned low, width;
		bool relocated;

		if (is_unallocated(word))
			return false;
		taken = group(&run, index);
		if (taken) {
			index += taken;
			continue;
		}
		relocated = is_relocated(&run, index);
		width = distance_field(word, &low);
		if (width)
			branch(&run, index, word, low, width, relocated);
		else
			emit(&run, index, mask_data(&run, index, word, relocated));
		index++;
	}
	return true;
}
