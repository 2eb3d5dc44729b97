/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 code without frames and symbols, as OpenSSL's and gmp's. A function ends behind an
 * instruction that goes elsewhere for good when no branch crosses that place, whatever follows: the
 * next function, or tables. Instructions are Arm's, DDI 0487, C4.1.
 */
#include <stdlib.h>

#include "binary/function_list_gaps.h"

#define NOP 0xd503201fu
#define PACIASP 0xd503233fu
#define BTI_C 0xd503245fu
/* Instructions that a branch spans inside a function; without a condition it may be a last call. */
#define NEAR 1024
#define FAR 8192
#define ALIGNMENT 4 /* instructions; behind a jump through a register, which may be a table's */

enum kind {
	KIND_OTHER,
	KIND_CONDITIONAL,
	KIND_BRANCH,
	KIND_RETURN,   /* or a trap */
	KIND_REGISTER, /* a jump */
};

/* A branch back, or the lowest place that it and those behind it lead to. */
struct back {
	uint32_t at, low;
};

struct sweep {
	struct gaps *gaps;
	size_t known;
	uint64_t address; /* of the first word */
	const uint8_t *bytes;
	uint32_t count; /* of words */
	VEC(struct back) backs;
};

static uint32_t word_at(const struct sweep *sweep, uint32_t index)
{
	return code_read32(sweep->bytes + (size_t)index * 4);
}

static int64_t field(uint32_t word, unsigned low, unsigned width)
{
	return (int64_t)((uint64_t)word << (64 - low - width)) >> (64 - width);
}

/* *ret_distance is in instructions. */
static enum kind kind_of(uint32_t word, int64_t *ret_distance)
{
	if ((word & 0xfc000000) == 0x14000000) {
		*ret_distance = field(word, 0, 26);
		return KIND_BRANCH;
	}
	/* B.cond, CBZ, CBNZ */
	if ((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000) {
		*ret_distance = field(word, 5, 19);
		return KIND_CONDITIONAL;
	}
	if ((word & 0x7e000000) == 0x36000000) { /* TBZ, TBNZ */
		*ret_distance = field(word, 5, 14);
		return KIND_CONDITIONAL;
	}
	if ((word & 0xfffffc1f) == 0xd65f0000 || (word & 0xfffffbff) == 0xd65f0bff ||
	    (word & 0xffe0001f) == 0xd4200000)
		return KIND_RETURN; /* RET, RETAA, RETAB, BRK */
	if ((word & 0xfffffc1f) == 0xd61f0000)
		return KIND_REGISTER;
	return KIND_OTHER;
}

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static bool is_known(const struct sweep *sweep, int64_t index)
{
	uint64_t address = sweep->address + (uint64_t)index * 4;

	return sweep->known &&
	       bsearch(&address, sweep->gaps->starts.ptr, sweep->known, sizeof(address), by_value);
}

static enum kind kind_at(const struct sweep *sweep, uint32_t index)
{
	int64_t distance;

	return kind_of(word_at(sweep, index), &distance);
}

static uint32_t before_padding(const struct sweep *sweep, uint32_t index)
{
	while (index && (word_at(sweep, index - 1) == NOP || !word_at(sweep, index - 1)))
		index--;
	return index;
}

/* Marked as what may be called, or behind a return and padding: branches lead there from afar. */
static bool looks_like_start(const struct sweep *sweep, uint32_t index)
{
	uint32_t word = word_at(sweep, index), end = before_padding(sweep, index);
	enum kind before = end ? kind_at(sweep, end - 1) : KIND_RETURN;

	if (word == PACIASP || word == BTI_C)
		return before != KIND_OTHER && before != KIND_CONDITIONAL;
	return before == KIND_RETURN && end < index &&
	       (sweep->address / 4 + index) % ALIGNMENT == 0;
}

/* Whether a branch says that both of its ends lie in one function. */
static bool joins(const struct sweep *sweep, enum kind kind, uint32_t at, int64_t target)
{
	int64_t distance = target - (int64_t)at, most = kind == KIND_BRANCH ? NEAR : FAR;

	if (kind != KIND_CONDITIONAL && kind != KIND_BRANCH)
		return false;
	return target >= 0 && target < sweep->count && distance < most && distance > -most &&
	       !is_known(sweep, target) && !looks_like_start(sweep, (uint32_t)target);
}

static void find_backs(struct sweep *sweep)
{
	uint32_t low = UINT32_MAX;

	for (uint32_t i = 0; i < sweep->count; i++) {
		int64_t distance = 0, target;
		enum kind kind = kind_of(word_at(sweep, i), &distance);

		target = (int64_t)i + distance;
		if (distance < 0 && joins(sweep, kind, i, target))
			vec_push(&sweep->backs, ((struct back){i, (uint32_t)target}));
	}
	for (size_t i = sweep->backs.len; i-- > 0;) {
		if (sweep->backs.ptr[i].low < low)
			low = sweep->backs.ptr[i].low;
		sweep->backs.ptr[i].low = low;
	}
}

static uint32_t skip_padding(const struct sweep *sweep, uint32_t index)
{
	while (index < sweep->count && (word_at(sweep, index) == NOP || !word_at(sweep, index)))
		index++;
	return index;
}

static void add_start(struct sweep *sweep, uint32_t index)
{
	if (index < sweep->count)
		vec_push(&sweep->gaps->starts, sweep->address + (uint64_t)index * 4);
}

static void find_ends(struct sweep *sweep)
{
	uint32_t reach = 0; /* the farthest place that a branch before leads to */
	size_t back = 0;

	for (uint32_t i = 0; i < sweep->count; i++) {
		int64_t distance = 0, target;
		enum kind kind = kind_of(word_at(sweep, i), &distance);
		uint32_t next;

		if (is_known(sweep, i))
			reach = i;
		target = (int64_t)i + distance;
		if (target > reach && joins(sweep, kind, i, target))
			reach = (uint32_t)target;
		if (kind == KIND_OTHER || kind == KIND_CONDITIONAL)
			continue;
		while (back < sweep->backs.len && sweep->backs.ptr[back].at <= i)
			back++;
		next = skip_padding(sweep, i + 1);
		if (reach > i || (back < sweep->backs.len && sweep->backs.ptr[back].low <= i))
			continue;
		if (kind == KIND_REGISTER &&
		    (next == i + 1 || (sweep->address / 4 + next) % ALIGNMENT))
			continue;
		add_start(sweep, next);
	}
}

bool function_list_is_inner_arm64(const struct gap *gap, uint64_t address)
{
	struct slice word;
	int64_t distance;

	return address >= gap->from + 4 && address % 4 == 0 &&
	       slice_sub(gap->range->bytes, address - 4 - gap->range->address, 4, &word) &&
	       word.ptr && kind_of(code_read32(word.ptr), &distance) == KIND_CONDITIONAL;
}

void function_list_sweep_arm64(struct gaps *gaps, const struct gap *gap, size_t known)
{
	struct sweep sweep = {.gaps = gaps, .known = known, .address = gap->from};
	struct slice bytes;

	if (gap->from % 4 || !slice_sub(gap->range->bytes, gap->from - gap->range->address,
					gap->to - gap->from, &bytes))
		return;
	sweep.bytes = bytes.ptr;
	sweep.count = bytes.len / 4 < UINT32_MAX ? (uint32_t)(bytes.len / 4) : UINT32_MAX - 1;
	/* What follows the end of a known function is another one, or no code. */
	add_start(&sweep, skip_padding(&sweep, 0));
	find_backs(&sweep);
	find_ends(&sweep);
	vec_release(&sweep.backs);
}
