/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that no frame and no symbol describes: hand-written functions, and whole programs of C
 * libraries that drop .eh_frame. A match of the scan for calls may be no instruction, but its
 * target then hits a gap only by chance; jumps are not followed, since parts of functions jump back
 * into the middle of others.
 */
#include <stdlib.h>

#include "binary/code_scan.h"
#include "binary/function_list.h"
#include "binary/length_x86.h"
#include "util/budget.h"

#define GAP_SMALLEST 16 /* bytes; less is padding and stubs */
#define ALIGNMENT 16	/* that compilers give to functions */

struct gap {
	uint64_t from, to;
	const struct code_range *range;
};

struct gaps {
	struct elf_input *in;
	const struct code_image *image;
	struct function_list *list;
	VEC(struct gap) gaps; /* sorted */
	VEC(uint64_t) starts;
};

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

	vec_each (entry, &gaps->list->entries)
		vec_push(&known, ((struct gap){entry->start, entry->end, NULL}));
	if (known.len)
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

static void find_calls(struct gaps *gaps)
{
	struct code_references calls = {0};

	if (gap_of(gaps, gaps->in->header.e_entry))
		vec_push(&gaps->starts, gaps->in->header.e_entry);
	if (gaps->in->header.e_machine == EM_X86_64 ||
	    (gaps->in->header.e_machine == EM_AARCH64 && !gaps->in->big_endian))
		code_scan_starts(gaps->image, gaps->gaps.ptr[0].from,
				 gaps->gaps.ptr[gaps->gaps.len - 1].to, &calls);
	vec_each (call, &calls)
		if (gap_of(gaps, call->target))
			vec_push(&gaps->starts, call->target);
	vec_release(&calls);
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

/* Aligned code behind padding behind the end of a function. */
static void find_aligned(struct gaps *gaps, uint64_t from, uint64_t to,
			 const struct code_range *range)
{
	struct slice bytes;
	size_t at = 0;

	if (!slice_sub(range->bytes, from - range->address, to - from, &bytes))
		return;
	while (at < bytes.len) {
		struct x86_instruction in;
		unsigned length = length_x86(bytes.ptr + at, bytes.len - at, &in);
		size_t next;

		if (!length)
			return; /* a table, or no code at all */
		at += length;
		if (!ends_x86(&in))
			continue;
		next = skip_padding(bytes, at);
		if (next > at && next < bytes.len && (from + next) % ALIGNMENT == 0)
			vec_push(&gaps->starts, from + next);
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

static void sweep_starts(struct gaps *gaps)
{
	size_t count = gaps->starts.len;

	for (size_t i = 0; i < count; i++) {
		const struct gap *gap = gap_of(gaps, gaps->starts.ptr[i]);
		uint64_t end = i + 1 < count && gaps->starts.ptr[i + 1] < gap->to
				   ? gaps->starts.ptr[i + 1]
				   : gap->to;

		find_aligned(gaps, gaps->starts.ptr[i], end, gap->range);
	}
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
