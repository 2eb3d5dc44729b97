/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that no frame and no symbol describes: hand-written functions, and whole programs of C
 * libraries that drop .eh_frame. A match of the scan for calls may be no instruction, but its
 * target then hits a gap only by chance; jumps are not followed, since parts of functions jump back
 * into the middle of others.
 */
#include <stdlib.h>

#include "binary/function_list_gaps.h"
#include "binary/length_x86.h"
#include "util/budget.h"

#define GAP_SMALLEST 16 /* bytes; less is padding and stubs */
#define FILTER_BLOCK 64 /* bytes */
#define FILTER_LARGEST (UINT64_C(1) << 26)
#define ALIGNMENT 16 /* that compilers give to functions */

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void add_gap(struct gaps *gaps, const struct code_range *range, uint64_t from, uint64_t to)
{
	if (to > from && to - from >= GAP_SMALLEST)
		vec_push(&gaps->gaps, ((struct gap){from, to, range}));
}

/* What the list leaves of each range of code; entries are sorted by section, so by address there.
 */
static void find_gaps(struct gaps *gaps)
{
	VEC(struct gap) known = {0};
	size_t next = 0;
	bool sorted = true;

	vec_each (entry, &gaps->list->entries)
		vec_push(&known, ((struct gap){entry->start, entry->end, NULL}));
	for (size_t i = 1; i < known.len && sorted; i++)
		sorted = known.ptr[i - 1].from <= known.ptr[i].from;
	if (!sorted)
		qsort(known.ptr, known.len, sizeof(*known.ptr), by_value);
	vec_each (range, &gaps->image->code) {
		uint64_t at = range->address, end = range->address + range->bytes.len;

		while (next < known.len && known.ptr[next].from < at)
			next++;
		for (; next < known.len && known.ptr[next].from < end; next++) {
			if (!range->is_plt)
				add_gap(gaps, range, at, known.ptr[next].from);
			if (known.ptr[next].to > at)
				at = known.ptr[next].to;
		}
		if (!range->is_plt)
			add_gap(gaps, range, at, end);
	}
	vec_release(&known);
}

static const struct gap *gap_of(const struct gaps *gaps, uint64_t address)
{
	size_t low = 0, high = gaps->gaps.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct gap *gap = &gaps->gaps.ptr[middle];

		if (address < gap->from)
			high = middle;
		else if (address >= gap->to)
			low = middle + 1;
		else
			return gap;
	}
	return NULL;
}

/* One bit for each block of addresses that a gap lies in: most calls lead elsewhere. */
static void make_filter(struct gaps *gaps)
{
	uint64_t low = gaps->gaps.ptr[0].from, high = gaps->gaps.ptr[gaps->gaps.len - 1].to;

	gaps->low = low;
	gaps->blocks = (high - low) / FILTER_BLOCK + 1;
	if (gaps->blocks > FILTER_LARGEST)
		return;
	gaps->filter = memory_calloc((size_t)(gaps->blocks / 64 + 1), sizeof(*gaps->filter));
	vec_each (gap, &gaps->gaps)
		for (uint64_t block = (gap->from - low) / FILTER_BLOCK;
		     block <= (gap->to - 1 - low) / FILTER_BLOCK; block++)
			gaps->filter[block / 64] |= UINT64_C(1) << (block % 64);
}

static void add_target(struct gaps *gaps, uint64_t target)
{
	uint64_t block = (target - gaps->low) / FILTER_BLOCK;

	if (block < gaps->blocks &&
	    (!gaps->filter || gaps->filter[block / 64] >> (block % 64) & 1) &&
	    gap_of(gaps, target) && gaps->starts.len < BUDGET_CODE_REFERENCES)
		vec_push(&gaps->starts, target);
}

static void scan_calls_x86(struct gaps *gaps, const struct code_range *range)
{
	const uint8_t *at = range->bytes.ptr, *end = at + range->bytes.len;
	uint64_t passed = (uint64_t)(at - gaps->in->bytes.ptr);

	while (end - at >= 5 && (at = memchr(at, 0xe8, (size_t)(end - at - 4))) != NULL) {
		uint64_t next = range->address + (uint64_t)(at - range->bytes.ptr) + 5;

		add_target(gaps, next + (uint64_t)(int64_t)(int32_t)code_read32(at + 1));
		elf_input_went_to(gaps->in, (uint64_t)(at - gaps->in->bytes.ptr), &passed);
		at++;
	}
}

static void scan_calls_arm64(struct gaps *gaps, const struct code_range *range)
{
	for (size_t i = 0; i + 4 <= range->bytes.len; i += 4) {
		uint32_t word = code_read32(range->bytes.ptr + i);

		if ((word & 0xfc000000) == 0x94000000)
			add_target(gaps, range->address + i +
					     (uint64_t)((int64_t)(int32_t)(word << 6) >> 4));
	}
}

static void find_calls(struct gaps *gaps)
{
	make_filter(gaps);
	add_target(gaps, gaps->in->header.e_entry);
	vec_each (range, &gaps->image->code) {
		if (range->is_plt)
			continue;
		if (gaps->in->header.e_machine == EM_X86_64)
			scan_calls_x86(gaps, range);
		else if (gaps->in->header.e_machine == EM_AARCH64 && !gaps->in->big_endian)
			scan_calls_arm64(gaps, range);
	}
	free(gaps->filter);
}

/* RET, JMP, UD2, HLT: what a function may end with. */
static bool ends_x86(const struct x86_instruction *in)
{
	if (in->map == 1)
		return in->opcode == 0x0b;
	return in->map == 0 && (in->opcode == 0xc3 || in->opcode == 0xc2 || in->opcode == 0xe9 ||
				in->opcode == 0xeb || in->opcode == 0xf4 ||
				(in->opcode == 0xff && (in->modrm & 0x38) == 0x20));
}

/* The end of the padding at an offset: NOP of any length, INT3, zeros. */
static size_t skip_padding(struct slice bytes, size_t at)
{
	while (at < bytes.len) {
		struct x86_instruction in;
		unsigned length = length_x86(bytes.ptr + at, bytes.len - at, &in);

		if (bytes.ptr[at] == 0xcc || bytes.ptr[at] == 0)
			at++;
		else if (length &&
			 ((in.map == 0 && in.opcode == 0x90) || (in.map == 1 && in.opcode == 0x1f)))
			at += length;
		else
			break;
	}
	return at;
}

/* Where a jump leads, as an offset like that of the instruction; 0 for everything else. */
static uint64_t branch_target(const uint8_t *at, const struct x86_instruction *in, size_t offset)
{
	int64_t distance;

	if (!(in->flags & X86_BRANCH) || (in->map == 0 && in->opcode == 0xe8))
		return 0;
	distance = in->immediate_size == 1 ? (int8_t)at[in->immediate_at]
					   : (int32_t)code_read32(at + in->immediate_at);
	return offset + in->length + (uint64_t)distance;
}

/* Aligned code behind padding behind the end of a function, unless code before jumps past it. */
static void find_aligned(struct gaps *gaps, uint64_t from, uint64_t to,
			 const struct code_range *range)
{
	struct slice bytes;
	size_t at = 0, reach = 0; /* reach: the farthest place that code before branches to */

	if (!slice_sub(range->bytes, from - range->address, to - from, &bytes))
		return;
	while (at < bytes.len) {
		struct x86_instruction in;
		unsigned length = length_x86(bytes.ptr + at, bytes.len - at, &in);
		uint64_t target;
		size_t next;

		if (!length)
			return; /* a table, or no code at all */
		target = branch_target(bytes.ptr + at, &in, at);
		if (target > reach && target < bytes.len)
			reach = (size_t)target;
		at += length;
		if (!ends_x86(&in))
			continue;
		next = skip_padding(bytes, at);
		if (next > at && next < bytes.len && reach < next &&
		    (from + next) % ALIGNMENT == 0) {
			vec_push(&gaps->starts, from + next);
			reach = 0;
		}
		at = next;
	}
}

static void settle_starts(struct gaps *gaps)
{
	size_t kept = 0;

	if (gaps->starts.len)
		qsort(gaps->starts.ptr, gaps->starts.len, sizeof(*gaps->starts.ptr), by_value);
	for (size_t i = 0; i < gaps->starts.len; i++)
		if (!kept || gaps->starts.ptr[kept - 1] != gaps->starts.ptr[i])
			gaps->starts.ptr[kept++] = gaps->starts.ptr[i];
	gaps->starts.len = kept;
}

/* Where code from this start must end. */
static uint64_t start_end(const struct gaps *gaps, size_t index, const struct gap *gap)
{
	if (index + 1 < gaps->starts.len && gaps->starts.ptr[index + 1] < gap->to)
		return gaps->starts.ptr[index + 1];
	return gap->to;
}

static bool is_start(const struct gaps *gaps, uint64_t address, size_t count)
{
	return count && bsearch(&address, gaps->starts.ptr, count, sizeof(address), by_value);
}

static void sweep_starts(struct gaps *gaps)
{
	size_t count = gaps->starts.len;

	/* What follows the end of a known function is another one, or no code. */
	vec_each (gap, &gaps->gaps) {
		struct slice bytes;
		uint64_t at;

		if (!slice_sub(gap->range->bytes, gap->from - gap->range->address,
			       gap->to - gap->from, &bytes))
			continue;
		at = gap->from + skip_padding(bytes, 0);
		if (at < gap->to && at % ALIGNMENT == 0 && !is_start(gaps, at, count))
			vec_push(&gaps->starts, at);
	}
	settle_starts(gaps);
	count = gaps->starts.len;
	for (size_t i = 0; i < count; i++) {
		const struct gap *gap = gap_of(gaps, gaps->starts.ptr[i]);
		uint64_t end = i + 1 < count && gaps->starts.ptr[i + 1] < gap->to
				   ? gaps->starts.ptr[i + 1]
				   : gap->to;

		find_aligned(gaps, gaps->starts.ptr[i], end, gap->range);
	}
}

static void sweep_arm64(struct gaps *gaps)
{
	size_t known = 0;

	for (size_t i = 0; i < gaps->starts.len; i++)
		if (!function_list_is_inner_arm64(gap_of(gaps, gaps->starts.ptr[i]),
						  gaps->starts.ptr[i]))
			gaps->starts.ptr[known++] = gaps->starts.ptr[i];
	gaps->starts.len = known;
	vec_each (gap, &gaps->gaps)
		function_list_sweep_arm64(gaps, gap, known);
}

bool function_list_gaps(struct elf_input *in, const struct code_image *image,
			struct function_list *list)
{
	struct gaps gaps = {.in = in, .image = image, .list = list};
	bool found;

	find_gaps(&gaps);
	if (gaps.gaps.len)
		find_calls(&gaps);
	settle_starts(&gaps);
	if (in->header.e_machine == EM_X86_64) {
		sweep_starts(&gaps);
		settle_starts(&gaps);
	} else if (in->header.e_machine == EM_AARCH64 && !in->big_endian) {
		sweep_arm64(&gaps);
		settle_starts(&gaps);
	}
	for (size_t i = 0; i < gaps.starts.len; i++) {
		const struct gap *gap = gap_of(&gaps, gaps.starts.ptr[i]);

		function_list_add(list, (struct function_entry){
					    .start = gaps.starts.ptr[i],
					    .end = start_end(&gaps, i, gap),
					    .section = gap->range->section,
					    .sources = FACTS_FUNCTION_GAP,
					    .guessed = true,
					});
	}
	found = gaps.starts.len != 0;
	vec_release(&gaps.gaps);
	vec_release(&gaps.starts);
	return found;
}
