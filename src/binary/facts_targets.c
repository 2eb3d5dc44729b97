/* SPDX-License-Identifier: BSD-2-Clause */
/* What functions refer to: target_facts.h says how it is written down. */
#include <stdlib.h>
#include <xxhash.h>

#include "binary/collector.h"
#include "binary/length_x86.h"
#include "util/budget.h"

void facts_targets(struct elf_input *in, struct facts_builder *builder);

#define TEXT_LEAST 4u
#define TEXT_MOST 4096u

/* A word that the loader fills in: with the address of a symbol, or with one in this file. */
struct slot {
	uint64_t address, value;
	uint32_t symbol; /* 0: none, value counts */
};

struct run {
	const struct elf_input *in;
	struct facts_builder *builder;
	VEC(struct slot) slots; /* sorted by address */
	VEC(uint8_t) shape;	/* of the function at hand */
	uint64_t base;		/* the lowest loaded address */
	bool shapes_only;	/* the other functions are not known, so no target can be told */
	bool limited;
};

static int compare_slots(const void *a, const void *b)
{
	const struct slot *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return (left->symbol < right->symbol) - (left->symbol > right->symbol);
}

/* Relocations without a symbol: of them only the table with addends is read. */
static void add_relative(struct run *run)
{
	uint64_t address, size, offset;
	struct slice bytes;
	Elf_Data *data;

	if (!run->in->is_64 || !elf_input_dynamic(run->builder, DT_RELA, &address) ||
	    !elf_input_dynamic(run->builder, DT_RELASZ, &size) ||
	    !elf_input_at_address(run->in, address, &bytes, &offset) ||
	    !slice_sub(bytes, 0, size, &bytes))
		return;
	size = bytes.len / sizeof(Elf64_Rela);
	if (size > BUDGET_RELOCATIONS)
		size = BUDGET_RELOCATIONS;
	data = elf_input_data(run->in, offset, size * sizeof(Elf64_Rela), ELF_T_RELA);
	for (uint64_t i = 0; data && i < size; i++) {
		const Elf64_Rela *relocation = (const Elf64_Rela *)data->d_buf + i;

		if (!ELF64_R_SYM(relocation->r_info))
			vec_push(&run->slots, ((struct slot){relocation->r_offset,
							     (uint64_t)relocation->r_addend, 0}));
	}
}

static void read_slots(struct run *run)
{
	vec_each (relocation, &run->builder->relocations)
		vec_push(&run->slots, ((struct slot){relocation->offset, 0, relocation->symbol}));
	add_relative(run);
	if (run->slots.len)
		qsort(run->slots.ptr, run->slots.len, sizeof(*run->slots.ptr), compare_slots);
}

static const struct slot *slot_at(const struct run *run, uint64_t address)
{
	size_t low = 0, high = run->slots.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (run->slots.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < run->slots.len && run->slots.ptr[low].address == address ? &run->slots.ptr[low]
									      : NULL;
}

facts_target facts_target_of_name(struct slice name)
{
	facts_target hash = (facts_target)XXH3_64bits(name.ptr, name.len) | FACTS_TARGET_NAMED;

	return hash == FACTS_TARGET_DATA ? FACTS_TARGET_DATA - 1 : hash;
}

static bool in_function(const struct run *run, uint64_t address);

/* A function of this very file is what it is, whether it is called by name or directly. */
static facts_target symbol_target(const struct run *run, uint32_t index)
{
	const struct facts_symbol *symbol = &run->builder->symbols.ptr[index];
	struct facts_text name = symbol->name;

	if (!(symbol->flags & FACTS_SYMBOL_UNDEFINED) && in_function(run, symbol->value) &&
	    symbol->value - run->base < FACTS_TARGET_NAMED)
		return (facts_target)(symbol->value - run->base);
	return facts_target_of_name(slice_of(run->builder->strings.ptr + name.offset, name.length));
}

static const GElf_Phdr *segment_of(const struct run *run, uint64_t address)
{
	for (size_t i = 0; i < run->in->segment_count; i++) {
		const GElf_Phdr *segment = &run->in->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_memsz)
			return segment;
	}
	return NULL;
}

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The distance of a pair of ADRP and an offset in bytes of 1, 2, 4 or 8, seen from pc. */
static uint64_t page_of(uint32_t word, uint64_t pc)
{
	int64_t pages =
	    (int64_t)((uint64_t)((word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3)) << 43) >> 43;

	return (pc & ~UINT64_C(4095)) + ((uint64_t)pages << 12);
}

/* The slot a linkage stub at this address jumps through; 0 when there is none. */
static uint64_t stub_slot(const struct run *run, struct slice bytes, uint64_t address)
{
	size_t at = 0;

	if (run->in->header.e_machine == EM_AARCH64) {
		uint32_t page, load;

		at = bytes.len >= 4 && word_at(bytes.ptr) == 0xd503245f ? 4 : 0; /* bti c */
		if (bytes.len < at + 8)
			return 0;
		page = word_at(bytes.ptr + at);
		load = word_at(bytes.ptr + at + 4);
		if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
			return 0;
		return page_of(page, address + at) + (uint64_t)(load >> 10 & 0xfff) * 8;
	}
	if (bytes.len >= 4 && word_at(bytes.ptr) == 0xfa1e0ff3) /* endbr64 */
		at = 4;
	if (bytes.len > at && bytes.ptr[at] == 0xf2) /* bnd */
		at++;
	if (bytes.len < at + 6 || bytes.ptr[at] != 0xff || bytes.ptr[at + 1] != 0x25)
		return 0;
	return address + at + 6 + (uint64_t)(int64_t)(int32_t)word_at(bytes.ptr + at + 2);
}

static bool is_text(struct slice bytes, size_t *ret_length)
{
	size_t length = 0;

	while (length < bytes.len && length <= TEXT_MOST &&
	       ((bytes.ptr[length] >= 0x20 && bytes.ptr[length] < 0x7f) ||
		bytes.ptr[length] == '\n' || bytes.ptr[length] == '\t'))
		length++;
	*ret_length = length;
	return length >= TEXT_LEAST && length < bytes.len && bytes.ptr[length] == 0;
}

/* Whether a known function holds the address: code and data may share a segment. */
static bool in_function(const struct run *run, uint64_t address)
{
	size_t low = 0, high = run->builder->functions.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (run->builder->functions.ptr[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address - run->builder->functions.ptr[low - 1].address <
			  run->builder->functions.ptr[low - 1].size;
}

/* What is at an address. *ret_slot: a pointer is there, to no symbol. */
static facts_target target_at(const struct run *run, uint64_t address, const struct slot **ret_slot)
{
	const GElf_Phdr *segment = segment_of(run, address);
	const struct slot *slot = NULL;
	uint64_t offset;
	struct slice bytes;
	size_t length;

	*ret_slot = NULL;
	if (!segment)
		return FACTS_TARGET_DATA;
	if (segment->p_flags & PF_X) {
		if (!elf_input_at_address(run->in, address, &bytes, &offset))
			return FACTS_TARGET_DATA;
		slot = slot_at(run, stub_slot(run, bytes, address));
		if (slot && slot->symbol)
			return symbol_target(run, slot->symbol);
		if (!in_function(run, address))
			return !(segment->p_flags & PF_W) && is_text(bytes, &length)
				   ? facts_target_of_name(slice_of(bytes.ptr, length))
				   : FACTS_TARGET_DATA;
		return address - run->base < FACTS_TARGET_NAMED
			   ? (facts_target)(address - run->base)
			   : FACTS_TARGET_DATA;
	}
	slot = slot_at(run, address);
	if (slot && slot->symbol)
		return symbol_target(run, slot->symbol);
	*ret_slot = slot;
	if (!(segment->p_flags & PF_W) && elf_input_at_address(run->in, address, &bytes, &offset) &&
	    is_text(bytes, &length))
		return facts_target_of_name(slice_of(bytes.ptr, length));
	return FACTS_TARGET_DATA;
}

/* A pointer is followed once. */
static facts_target target_of(const struct run *run, uint64_t address)
{
	const struct slot *slot, *unused;
	facts_target target = target_at(run, address, &slot);

	return slot ? target_at(run, slot->value, &unused) : target;
}

static void add_target(struct run *run, uint64_t address)
{
	if (run->shapes_only)
		return;
	if (run->builder->targets.len >= BUDGET_TARGETS)
		run->limited = true;
	else
		vec_push(&run->builder->targets, target_of(run, address));
}

/* A shape begins as the code itself; what may differ is cleared in it. */
static uint8_t *begin_shape(struct run *run, struct slice code)
{
	if (run->shape.cap < code.len) {
		run->shape.cap = code.len * 2;
		run->shape.ptr = memory_realloc_array(run->shape.ptr, run->shape.cap, 1);
	}
	memcpy(run->shape.ptr, code.ptr, code.len);
	run->shape.len = code.len;
	return run->shape.ptr;
}

static int64_t signed_field(const uint8_t *at, unsigned size)
{
	return size == 1 ? (int8_t)at[0] : size == 4 ? (int32_t)word_at(at) : 0;
}

static bool walk_x86(struct run *run, const struct facts_function *function, struct slice code)
{
	uint8_t *shape = begin_shape(run, code);
	size_t at = 0;

	while (at < code.len) {
		struct x86_instruction in;
		unsigned length = length_x86(code.ptr + at, code.len - at, &in);
		uint64_t next = function->address + at + length;

		if (!length || length > code.len - at)
			return false;
		if (in.flags & X86_RIP_RELATIVE && in.displacement_size == 4)
			add_target(run, next + (uint64_t)signed_field(
						   code.ptr + at + in.displacement_at, 4));
		if (in.flags & X86_BRANCH) {
			uint64_t target =
			    next + (uint64_t)signed_field(code.ptr + at + in.immediate_at,
							  in.immediate_size);

			if (target < function->address ||
			    target >= function->address + function->size || in.opcode == 0xe8)
				add_target(run, target);
		}
		if (in.displacement_at)
			memset(shape + at + in.displacement_at, 0, in.displacement_size);
		if (in.immediate_at)
			memset(shape + at + in.immediate_at, 0, in.immediate_size);
		at += length;
	}
	return true;
}

/* The fields of an AArch64 instruction that hold constants (Arm ARM C4.1); 0 bits are cleared. */
static uint32_t without_constants(uint32_t word)
{
	if ((word & 0x1f000000) == 0x10000000) /* ADR, ADRP */
		return word & 0x9f00001f;
	if ((word & 0x1f000000) == 0x11000000 || (word & 0x1f800000) == 0x12000000)
		return word & ~UINT32_C(0x003ffc00); /* ADD, SUB, logical */
	if ((word & 0x1f800000) == 0x12800000)
		return word & ~UINT32_C(0x001fffe0); /* MOVZ, MOVN, MOVK */
	if ((word & 0x3b000000) == 0x39000000)
		return word & ~UINT32_C(0x003ffc00); /* loads and stores, unsigned offset */
	if ((word & 0x7c000000) == 0x14000000)
		return word & 0xfc000000; /* B, BL */
	if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
		return word & ~UINT32_C(0x00ffffe0); /* B.cond, CBZ */
	if ((word & 0x7e000000) == 0x36000000)
		return word & ~UINT32_C(0x0007ffe0); /* TBZ */
	return word;
}

static void walk_arm64(struct run *run, const struct facts_function *function, struct slice code)
{
	uint8_t *shape = begin_shape(run, code);
	uint64_t pages[32] = {0};

	run->shape.len = code.len & ~(size_t)3;
	for (size_t at = 0; at + 4 <= code.len; at += 4) {
		uint32_t word = word_at(code.ptr + at), plain = without_constants(word);
		uint64_t pc = function->address + at;
		unsigned base = word >> 5 & 31;

		if ((word & 0x7c000000) == 0x14000000) {
			uint64_t target = pc + (uint64_t)((int64_t)((uint64_t)word << 38) >> 36);

			if (word >> 31 || target < function->address ||
			    target >= function->address + function->size)
				add_target(run, target);
		} else if ((word & 0x9f000000) == 0x90000000) {
			pages[word & 31] = page_of(word, pc);
		} else if ((word & 0xff800000) == 0x91000000 && pages[base]) {
			add_target(run, pages[base] + (word >> 10 & 0xfff));
		} else if ((word & 0xffc00000) == 0xf9400000 && pages[base]) {
			add_target(run, pages[base] + (uint64_t)(word >> 10 & 0xfff) * 8);
		}
		memcpy(shape + at, &plain, sizeof(plain));
	}
}

static void walk(struct run *run, const struct facts_function *function)
{
	struct facts_function_detail detail = {.target_first = (uint32_t)run->builder->targets.len};
	struct slice code;
	bool decoded = false;

	run->shape.len = 0;
	if (function->size && slice_sub(run->in->bytes, function->offset, function->size, &code) &&
	    !(function->flags & FACTS_FUNCTION_UNDECODED)) {
		if (run->in->header.e_machine == EM_X86_64) {
			decoded = walk_x86(run, function, code);
		} else if (run->in->header.e_machine == EM_AARCH64 && !run->in->big_endian) {
			walk_arm64(run, function, code);
			decoded = true;
		}
	}
	if (decoded)
		detail.shape = XXH3_64bits(run->shape.ptr, run->shape.len) | 1;
	detail.target_count = (uint32_t)run->builder->targets.len - detail.target_first;
	vec_push(&run->builder->function_details, detail);
}

void facts_targets(struct elf_input *in, struct facts_builder *builder)
{
	struct run run = {.in = in,
			  .builder = builder,
			  .base = UINT64_MAX,
			  .shapes_only = !(in->groups & FACTS_TARGETS)};
	uint64_t passed = 0;

	/* Of object files relocations say it, and nothing has an address yet. */
	if (in->header.e_type == ET_REL)
		return;
	for (size_t i = 0; i < in->segment_count; i++)
		if (in->segments[i].p_type == PT_LOAD && in->segments[i].p_vaddr < run.base)
			run.base = in->segments[i].p_vaddr;
	if (!run.shapes_only)
		read_slots(&run);
	for (size_t i = 0; i < builder->functions.len; i++) {
		walk(&run, &builder->functions.ptr[i]);
		elf_input_went_to(in, builder->functions.ptr[i].offset, &passed);
	}
	if (run.limited)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "more than %u references in code", (unsigned)BUDGET_TARGETS);
	vec_release(&run.slots);
	vec_release(&run.shape);
}
