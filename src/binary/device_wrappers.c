/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which containers the host code registers: arrays of 24-byte wrappers with the address of one
 * (fatbin.md 1.1, 6). Linkers differ: the address stands in place, or in the addend of a relative
 * relocation; in an object file in a relocation of the section. (The list of parts that a linked
 * image of separate compilation has is filled at run time: those are told by their section.)
 */
#include <stdlib.h>

#include "binary/device_rest.h"
#include "util/budget.h"

#define WRAPPER_CUDA 0x466243b1u
#define WRAPPER_HIP 0x48495046u

/* The pointer of one wrapper. */
struct slot {
	uint64_t address; /* in memory; in an object file its offset in the section */
	uint64_t value;	  /* what will stand there */
	uint64_t offset;  /* in the file, of what it points to; 0: nothing in it */
	bool relocated;
};

struct wrappers {
	struct device *device;
	struct elf_input *in;
	VEC(struct slot) slots; /* in the order of the file; of one section in an object file */
	VEC(uint32_t) order;	/* of them, by address */
	uint64_t relocations;	/* of object files, that were looked at */
};

bool device_is_wrapper_section(const char *name)
{
	return strcmp(name, ".nvFatBinSegment") == 0 || strcmp(name, ".hipFatBinSegment") == 0;
}

bool device_is_wrapper(const uint8_t *at)
{
	uint32_t magic = device_u32(at);

	return magic == WRAPPER_CUDA || magic == WRAPPER_HIP;
}

static void list_slots(struct wrappers *wrappers, struct slice bytes, uint64_t address)
{
	for (size_t at = 0; at + WRAPPER_SIZE <= bytes.len; at += WRAPPER_SIZE)
		if (device_is_wrapper(bytes.ptr + at) &&
		    wrappers->slots.len < BUDGET_DEVICE_CONTAINERS)
			vec_push(
			    &wrappers->slots,
			    ((struct slot){.address = address + at + WRAPPER_POINTER,
					   .value = device_u64(bytes.ptr + at + WRAPPER_POINTER)}));
}

struct by_address {
	uint64_t address;
	uint32_t index;
};

static int compare_addresses(const void *left, const void *right)
{
	const struct by_address *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* Sections lie in any order. */
static void sort_slots(struct wrappers *wrappers)
{
	size_t count = wrappers->slots.len;
	struct by_address *list = memory_calloc(count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct by_address){wrappers->slots.ptr[i].address, (uint32_t)i};
	qsort(list, count, sizeof(*list), compare_addresses);
	wrappers->order.len = 0;
	for (size_t i = 0; i < count; i++)
		vec_push(&wrappers->order, list[i].index);
	free(list);
}

static struct slot *find_slot(struct wrappers *wrappers, uint64_t address)
{
	size_t low = 0, high = wrappers->order.len;
	struct slot *slot;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (wrappers->slots.ptr[wrappers->order.ptr[middle]].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == wrappers->order.len)
		return NULL;
	slot = &wrappers->slots.ptr[wrappers->order.ptr[low]];
	return slot->address == address ? slot : NULL;
}

/* ---- linked files ---- */

static bool is_relative(uint16_t machine, uint32_t type)
{
	return machine == EM_AARCH64 ? type == R_AARCH64_RELATIVE : type == R_X86_64_RELATIVE;
}

static struct slice dynamic_table(const struct wrappers *wrappers, int64_t tag, int64_t size_tag)
{
	const struct facts_builder *builder = wrappers->device->builder;
	uint64_t address, size, offset;
	struct slice bytes;

	if (!elf_input_dynamic(builder, tag, &address) ||
	    !elf_input_dynamic(builder, size_tag, &size) ||
	    !elf_input_at_address(wrappers->in, address, &bytes, &offset))
		return (struct slice){0};
	if (size < bytes.len)
		bytes.len = (size_t)size;
	return bytes;
}

/*
 * Takes the relocations of slots from the table; all others go into rest, with the number of those
 * that were taken: none may be hidden behind another one of the same slot.
 */
static uint64_t read_relocations(struct wrappers *wrappers, struct device_rest *rest)
{
	struct slice bytes = dynamic_table(wrappers, DT_RELA, DT_RELASZ);
	size_t from = 0, at;
	uint64_t taken = 0, number;

	for (at = 0; at + sizeof(Elf64_Rela) <= bytes.len; at += sizeof(Elf64_Rela)) {
		struct slot *slot;

		if (!is_relative(wrappers->in->header.e_machine, device_u32(bytes.ptr + at + 8)))
			continue;
		slot = find_slot(wrappers, device_u64(bytes.ptr + at));
		if (!slot)
			continue;
		slot->value = device_u64(bytes.ptr + at + 16);
		slot->relocated = true;
		device_rest_add(rest, slice_of(bytes.ptr + from, at - from));
		from = at + sizeof(Elf64_Rela);
		taken++;
	}
	if (bytes.len)
		device_rest_add(rest, slice_of(bytes.ptr + from, bytes.len - from));
	number = htole64(taken);
	device_rest_add(rest, slice_of(&number, sizeof(number)));
	return at / sizeof(Elf64_Rela);
}

/* What relocations say beside wrappers, so that these may differ alone. */
static void read_linked(struct wrappers *wrappers)
{
	struct facts_device_outside outside = {0};
	struct device_rest rest;

	device_rest_begin(&rest);
	outside.size = read_relocations(wrappers, &rest);
	device_rest_add(&rest, dynamic_table(wrappers, DT_REL, DT_RELSZ));
	device_rest_add(&rest, dynamic_table(wrappers, DT_JMPREL, DT_PLTRELSZ));
	device_rest_add(&rest, dynamic_table(wrappers, DT_RELR, DT_RELRSZ));
	outside.content = device_rest_end(&rest);
	vec_push(&wrappers->device->builder->device_outside, outside);
	vec_each (slot, &wrappers->slots) {
		struct slice bytes;
		uint64_t offset;

		if (slot->value && elf_input_at_address(wrappers->in, slot->value, &bytes, &offset))
			slot->offset = offset;
	}
}

/* ---- object files ---- */

/* The place in the file of a symbol that is defined in a section; 0: of no other. */
static uint64_t symbol_offset(const struct wrappers *wrappers, struct slice symbols, uint64_t index)
{
	const struct facts_builder *builder = wrappers->device->builder;
	struct slice symbol;
	uint16_t section;

	if (index > symbols.len / sizeof(Elf64_Sym) ||
	    !device_take(symbols, index * sizeof(Elf64_Sym), sizeof(Elf64_Sym), &symbol))
		return 0;
	section = device_u16(symbol.ptr + offsetof(Elf64_Sym, st_shndx));
	if (!section || section >= SHN_LORESERVE || section >= builder->sections.len)
		return 0;
	return builder->sections.ptr[section].offset +
	       device_u64(symbol.ptr + offsetof(Elf64_Sym, st_value));
}

static void read_object_table(struct wrappers *wrappers, const struct facts_section *table)
{
	const struct facts_builder *builder = wrappers->device->builder;
	struct slice bytes, symbols;

	if (table->link >= builder->sections.len ||
	    !slice_sub(wrappers->in->bytes, table->offset, table->size, &bytes) ||
	    !slice_sub(wrappers->in->bytes, builder->sections.ptr[table->link].offset,
		       builder->sections.ptr[table->link].size, &symbols))
		return;
	for (size_t at = 0; at + sizeof(Elf64_Rela) <= bytes.len; at += sizeof(Elf64_Rela)) {
		struct slot *slot;
		uint64_t start;

		if (wrappers->relocations++ >= BUDGET_RELOCATIONS)
			return;
		slot = find_slot(wrappers, device_u64(bytes.ptr + at));
		if (!slot)
			continue;
		start = symbol_offset(wrappers, symbols, device_u64(bytes.ptr + at + 8) >> 32);
		/* Two of one place lead nowhere that could be told. */
		slot->offset =
		    start && !slot->relocated ? start + device_u64(bytes.ptr + at + 16) : 0;
		slot->relocated = true;
	}
}

static void read_object(struct wrappers *wrappers, uint32_t section)
{
	vec_each (table, &wrappers->device->builder->sections)
		if (table->type == SHT_RELA && table->info == section)
			read_object_table(wrappers, table);
	vec_each (slot, &wrappers->slots)
		slot->value = 0;
}

/* ---- what they lead to ---- */

/* The container that begins at an offset; they are sorted. */
static uint32_t find_container(const struct facts_builder *builder, uint64_t offset)
{
	size_t low = 0, high = builder->device_containers.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (builder->device_containers.ptr[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < builder->device_containers.len &&
		       builder->device_containers.ptr[low].offset == offset
		   ? (uint32_t)low
		   : FACTS_DEVICE_NO_CONTAINER;
}

static void add_slots(struct wrappers *wrappers)
{
	struct facts_builder *builder = wrappers->device->builder;

	vec_each (slot, &wrappers->slots) {
		uint32_t container = slot->offset ? find_container(builder, slot->offset)
						  : FACTS_DEVICE_NO_CONTAINER;

		if (container != FACTS_DEVICE_NO_CONTAINER)
			builder->device_containers.ptr[container].flags |= FACTS_DEVICE_REGISTERED;
		if (!device_add_wrapper(wrappers->device,
					(struct facts_device_wrapper){
					    .address = slot->address - WRAPPER_POINTER,
					    .target = slot->value,
					    .container = container,
					    .flags = slot->relocated ? FACTS_DEVICE_RELOCATED : 0,
					}))
			return;
	}
}

void device_wrappers(struct device *device, struct elf_input *in)
{
	struct facts_builder *builder = device->builder;
	struct wrappers wrappers = {.device = device, .in = in};
	bool is_object = in->header.e_type == ET_REL;
	unsigned count = 0;

	if (!in->is_64 || in->big_endian ||
	    (!is_object && in->header.e_type != ET_DYN && in->header.e_type != ET_EXEC))
		return;
	for (uint32_t i = 0; i < builder->sections.len && count < BUDGET_DEVICE_SECTIONS; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];
		struct slice bytes;
		uint64_t offset;

		if (!device_is_wrapper_section(builder->strings.ptr + section->name.offset) ||
		    section->type == SHT_NOBITS ||
		    !device_section_bytes(in, section, &bytes, &offset))
			continue;
		count++; /* device_outside.c says when there are more */
		list_slots(&wrappers, bytes, is_object ? 0 : section->address);
		if (!is_object || !wrappers.slots.len)
			continue;
		sort_slots(&wrappers);
		read_object(&wrappers, i);
		add_slots(&wrappers);
		wrappers.slots.len = 0;
	}
	if (wrappers.slots.len) {
		sort_slots(&wrappers);
		read_linked(&wrappers);
		add_slots(&wrappers);
	}
	vec_release(&wrappers.slots);
	vec_release(&wrappers.order);
}
