/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_scan.h"

#include <stdlib.h>

#include "util/budget.h"

#define ADRP_WINDOW 16 /* instructions after an ADRP that may use its page */

struct scan {
	const struct code_image *image;
	const struct code_targets *targets;
	const struct code_function *ranges;
	size_t range_count;
	uint64_t ranges_low, ranges_high;
	struct code_references *references;
};

bool code_targets_find(const struct code_targets *targets, uint64_t address)
{
	size_t mask = targets->slot_count - 1, at;

	if (!targets->len || !address)
		return false;
	for (at = (size_t)code_targets_bit(address) & mask; targets->slots[at];
	     at = (at + 1) & mask)
		if (targets->slots[at] == address)
			return true;
	return false;
}

static void insert(struct code_targets *targets, uint64_t address)
{
	size_t mask = targets->slot_count - 1, at = (size_t)code_targets_bit(address) & mask;

	while (targets->slots[at])
		at = (at + 1) & mask;
	targets->slots[at] = address;
}

static void grow(struct code_targets *targets)
{
	uint64_t *old = targets->slots;
	size_t old_count = targets->slot_count;

	targets->slot_count = old_count ? old_count * 2 : 64;
	targets->slots = memory_calloc(targets->slot_count, sizeof(*targets->slots));
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			insert(targets, old[i]);
	free(old);
}

void code_targets_add(struct code_targets *targets, uint64_t address)
{
	uint32_t bit = code_targets_bit(address), page = code_targets_bit(address >> 12);

	if (!address || code_targets_find(targets, address))
		return;
	if ((targets->len + 1) * 2 >= targets->slot_count)
		grow(targets);
	insert(targets, address);
	targets->len++;
	targets->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
	targets->page_filter[page / 64] |= UINT64_C(1) << (page % 64);
}

void code_targets_release(struct code_targets *targets)
{
	free(targets->slots);
	*targets = (struct code_targets){0};
}

static void add(struct scan *scan, uint64_t from, uint64_t target, enum code_reference_kind kind)
{
	if (scan->references->len >= BUDGET_CODE_REFERENCES) {
		scan->references->limited = true;
		return;
	}
	vec_push(scan->references, ((struct code_reference){from, target, kind}));
}

static bool enters_range(const struct scan *scan, uint64_t from, uint64_t target)
{
	size_t low = 0, high = scan->range_count;

	if (target - scan->ranges_low >= scan->ranges_high - scan->ranges_low)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_function *range = &scan->ranges[middle];

		if (target < range->start)
			high = middle;
		else if (target >= range->end)
			low = middle + 1;
		else
			return from < range->start || from >= range->end;
	}
	return false;
}

static void branch(struct scan *scan, uint64_t from, uint64_t target,
		   enum code_reference_kind kind)
{
	if (code_targets_hold(scan->targets, target) ||
	    (kind != REFERENCE_CALL && scan->range_count && enters_range(scan, from, target)))
		add(scan, from, target, kind);
}

/* What one opcode byte starts, so that most bytes cost one look-up. */
enum opcode_class {
	OPCODE_OTHER,
	OPCODE_CALL,
	OPCODE_JUMP,
	OPCODE_ESCAPE,
	OPCODE_GROUP5,
	OPCODE_MOV,
	OPCODE_LEA,
	OPCODE_MOV_IMMEDIATE,
};

static const uint8_t opcodes[256] = {
    [0xe8] = OPCODE_CALL,	   [0xe9] = OPCODE_JUMP,
    [0x0f] = OPCODE_ESCAPE,	   [0xff] = OPCODE_GROUP5,
    [0x8b] = OPCODE_MOV,	   [0x8d] = OPCODE_LEA,
    [0xb8] = OPCODE_MOV_IMMEDIATE, [0xb9] = OPCODE_MOV_IMMEDIATE,
    [0xba] = OPCODE_MOV_IMMEDIATE, [0xbb] = OPCODE_MOV_IMMEDIATE,
    [0xbd] = OPCODE_MOV_IMMEDIATE, [0xbe] = OPCODE_MOV_IMMEDIATE,
    [0xbf] = OPCODE_MOV_IMMEDIATE,
};

static uint64_t relative(const uint8_t *bytes, uint64_t end)
{
	return end + (uint64_t)(int64_t)(int32_t)code_read32(bytes);
}

static void memory_reference(struct scan *scan, const uint8_t *at, uint64_t address,
			     enum code_reference_kind kind)
{
	uint64_t target = relative(at + 2, address + 6);

	if (code_targets_hold(scan->targets, target))
		add(scan, address, target, kind);
}

/* One opcode of x86-64 with at least six bytes behind at. */
static void scan_opcode(struct scan *scan, enum opcode_class class, const uint8_t *at,
			uint64_t address)
{
	switch (class) {
	case OPCODE_CALL:
		branch(scan, address, relative(at + 1, address + 5), REFERENCE_CALL);
		break;
	case OPCODE_JUMP:
		branch(scan, address, relative(at + 1, address + 5), REFERENCE_JUMP);
		break;
	case OPCODE_ESCAPE:
		if ((at[1] & 0xf0) == 0x80)
			branch(scan, address, relative(at + 2, address + 6), REFERENCE_BRANCH);
		break;
	case OPCODE_GROUP5:
		if (at[1] == 0x15)
			memory_reference(scan, at, address, REFERENCE_SLOT_CALL);
		else if (at[1] == 0x25)
			memory_reference(scan, at, address, REFERENCE_SLOT_JUMP);
		break;
	case OPCODE_MOV:
		if ((at[1] & 0xc7) == 5)
			memory_reference(scan, at, address, REFERENCE_LOAD);
		break;
	case OPCODE_LEA:
		if ((at[1] & 0xc7) == 5)
			memory_reference(scan, at, address, REFERENCE_ADDRESS);
		break;
	case OPCODE_MOV_IMMEDIATE:
		if (scan->image->fixed_address &&
		    code_targets_hold(scan->targets, code_read32(at + 1)))
			add(scan, address, code_read32(at + 1), REFERENCE_ADDRESS);
		break;
	case OPCODE_OTHER:
		break;
	}
}

static void scan_x86(struct scan *scan, const struct code_range *range)
{
	uint8_t tail[16] = {0};
	size_t len = range->bytes.len, safe = len > 6 ? len - 6 : 0;

	for (size_t i = 0; i < safe; i++) {
		enum opcode_class class = opcodes[range->bytes.ptr[i]];

		if (class != OPCODE_OTHER)
			scan_opcode(scan, class, range->bytes.ptr + i, range->address + i);
	}
	/* The last bytes are looked at in a copy that has room behind them. */
	memcpy(tail, range->bytes.ptr + safe, len - safe);
	for (size_t i = 0; i + 5 <= len - safe; i++)
		scan_opcode(scan, opcodes[tail[i]], tail + i, range->address + safe + i);
}

static int64_t signed_bits(uint32_t word, unsigned low, unsigned count)
{
	uint64_t value = (uint64_t)word >> low & ((UINT64_C(1) << count) - 1);
	uint64_t sign = UINT64_C(1) << (count - 1);

	return (int64_t)((value ^ sign) - sign);
}

/* ADRP: the uses of its page in the instructions behind it, until its register is written anew. */
static void scan_page(struct scan *scan, const uint8_t *at, size_t room, uint64_t address)
{
	uint32_t word = code_read32(at);
	unsigned page_register = word & 31;
	int64_t high = signed_bits(word, 5, 19);
	uint64_t page = (address & ~UINT64_C(0xfff)) +
			((uint64_t)(high * 4 + (int64_t)(word >> 29 & 3)) << 12);
	uint32_t bit = code_targets_bit(page >> 12);

	if (!(scan->targets->page_filter[bit / 64] >> (bit % 64) & 1))
		return;
	for (size_t i = 4; i < ADRP_WINDOW * 4 && i + 4 <= room; i += 4) {
		uint32_t next = code_read32(at + i);
		uint64_t immediate = next >> 10 & 0xfff;

		if ((next >> 5 & 31) != page_register) {
			if ((next & 0x9f00001f) == (0x90000000u | page_register))
				return;
			continue;
		}
		if ((next & 0xffc00000) == 0x91000000 &&
		    code_targets_hold(scan->targets, page + immediate))
			add(scan, address + i, page + immediate, REFERENCE_ADDRESS);
		else if ((next & 0xffc00000) == 0xf9400000 &&
			 code_targets_hold(scan->targets, page + immediate * 8))
			add(scan, address + i, page + immediate * 8, REFERENCE_LOAD);
	}
}

static void scan_arm64(struct scan *scan, const struct code_range *range)
{
	for (size_t i = 0; i + 4 <= range->bytes.len; i += 4) {
		const uint8_t *at = range->bytes.ptr + i;
		uint32_t word = code_read32(at);
		uint64_t address = range->address + i;

		if ((word & 0x7c000000) == 0x14000000) /* B, BL */
			branch(scan, address, address + (uint64_t)(signed_bits(word, 0, 26) * 4),
			       word >> 31 ? REFERENCE_CALL : REFERENCE_JUMP);
		else if ((word & 0xff000010) == 0x54000000 || /* B.cond, CBZ, CBNZ */
			 (word & 0x7e000000) == 0x34000000)
			branch(scan, address, address + (uint64_t)(signed_bits(word, 5, 19) * 4),
			       REFERENCE_BRANCH);
		else if ((word & 0x7e000000) == 0x36000000) /* TBZ, TBNZ */
			branch(scan, address, address + (uint64_t)(signed_bits(word, 5, 14) * 4),
			       REFERENCE_BRANCH);
		else if ((word & 0x9f000000) == 0x90000000) /* ADRP */
			scan_page(scan, at, range->bytes.len - i, address);
		else if ((word & 0x9f000000) == 0x10000000) { /* ADR */
			uint64_t target =
			    address + (uint64_t)(signed_bits(word, 5, 19) * 4 +
						 (int64_t)(word >> 29 & 3));
			if (code_targets_hold(scan->targets, target))
				add(scan, address, target, REFERENCE_ADDRESS);
		}
	}
}

void code_scan(const struct code_image *image, const struct code_targets *targets,
	       const struct code_function *ranges, size_t range_count,
	       struct code_references *references)
{
	struct scan scan = {image, targets, ranges, range_count, 0, 0, references};

	if (range_count) {
		scan.ranges_low = ranges[0].start;
		scan.ranges_high = ranges[range_count - 1].end;
	}
	vec_each (range, &image->code) {
		if (range->is_plt)
			continue;
		if (image->in->header.e_machine == EM_X86_64)
			scan_x86(&scan, range);
		else
			scan_arm64(&scan, range);
	}
}

void code_scan_starts(const struct code_image *image, uint64_t from, uint64_t to,
		      struct code_references *references)
{
	bool x86 = image->in->header.e_machine == EM_X86_64;

	vec_each (range, &image->code)
		for (size_t i = 0; i + 5 <= range->bytes.len && !range->is_plt; i += x86 ? 1 : 4) {
			const uint8_t *at = range->bytes.ptr + i;
			uint64_t address = range->address + i, target;

			if (x86 ? *at != 0xe8 : (code_read32(at) & 0xfc000000) != 0x94000000)
				continue;
			target = x86 ? relative(at + 1, address + 5)
				     : address + (uint64_t)(signed_bits(code_read32(at), 0, 26) * 4);
			if (target < from || target >= to)
				continue;
			if (references->len >= BUDGET_CODE_REFERENCES) {
				references->limited = true;
				return;
			}
			vec_push(references,
				 ((struct code_reference){address, target, REFERENCE_CALL}));
		}
}

/* FF 25 with ENDBR64 or a BND or NOTRACK prefix before it; the stub starts at the first of them. */
static void stub_x86(const struct code_range *range, const struct code_targets *slots, size_t i,
		     struct code_stubs *stubs)
{
	const uint8_t *at = range->bytes.ptr + i;
	uint64_t slot;

	if (range->bytes.len - i < 6 || at[0] != 0xff || at[1] != 0x25)
		return;
	slot = relative(at + 2, range->address + i + 6);
	if (!code_targets_hold(slots, slot))
		return;
	if (i && (at[-1] == 0xf2 || at[-1] == 0x3e))
		i--, at--;
	vec_push(stubs, ((struct code_stub){range->address + i, slot}));
	if (i >= 4 && code_read32(at - 4) == 0xfa1e0ff3)
		vec_push(stubs, ((struct code_stub){range->address + i - 4, slot}));
}

/* ADRP x16; LDR x17, [x16, #..]; then ADD and BR, perhaps with a BTI before and an AUT before BR. */
static void stub_arm64(const struct code_range *range, const struct code_targets *slots, size_t i,
		       struct code_stubs *stubs)
{
	const uint8_t *at = range->bytes.ptr + i;
	uint64_t address = range->address + i, page, slot;
	uint32_t adrp, load;

	if (i % 4 || range->bytes.len - i < 16)
		return;
	adrp = code_read32(at);
	load = code_read32(at + 4);
	if ((adrp & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
		return;
	page = (address & ~UINT64_C(0xfff)) +
	       ((uint64_t)(signed_bits(adrp, 5, 19) * 4 + (int64_t)(adrp >> 29 & 3)) << 12);
	slot = page + (load >> 10 & 0xfff) * UINT64_C(8);
	if (!code_targets_hold(slots, slot))
		return;
	vec_push(stubs, ((struct code_stub){address, slot}));
	if (i >= 4 && code_read32(at - 4) == 0xd503245f)
		vec_push(stubs, ((struct code_stub){address - 4, slot}));
}

static int by_start(const void *left, const void *right)
{
	const struct code_stub *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void code_scan_stubs(const struct code_image *image, const struct code_targets *slots,
		     struct code_stubs *stubs)
{
	bool with_sections = false;

	vec_each (range, &image->code)
		with_sections |= range->is_plt;
	vec_each (range, &image->code) {
		if (range->is_plt != with_sections)
			continue;
		for (size_t i = 0; i < range->bytes.len; i++) {
			if (image->in->header.e_machine == EM_X86_64)
				stub_x86(range, slots, i, stubs);
			else
				stub_arm64(range, slots, i, stubs);
		}
	}
	if (stubs->len)
		qsort(stubs->ptr, stubs->len, sizeof(*stubs->ptr), by_start);
}
