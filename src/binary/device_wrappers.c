/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which containers the host code registers: arrays of 24-byte wrappers with the address of one
 * (fatbin.md 1.1, 6). Linkers differ: the address stands in place, or in the addend of a relative
 * relocation. (The list of parts that a linked image of separate compilation has is filled at run
 * time: those are told by their section.)
 */
#include <stdlib.h>

#include "binary/device.h"
#include "util/budget.h"

#define WRAPPER_CUDA 0x466243b1u
#define WRAPPER_HIP 0x48495046u

struct slot {
	uint64_t address, value;
};

struct wrappers {
	struct device *device;
	struct elf_input *in;
	VEC(struct slot) slots; /* relative relocations, by address */
};

static int by_address(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

static bool is_relative(uint16_t machine, uint32_t type)
{
	return machine == EM_AARCH64 ? type == R_AARCH64_RELATIVE : type == R_X86_64_RELATIVE;
}

static void read_relocations(struct wrappers *wrappers)
{
	const struct facts_builder *builder = wrappers->device->builder;
	uint64_t address, size, offset;
	struct slice bytes;

	if (!elf_input_dynamic(builder, DT_RELA, &address) ||
	    !elf_input_dynamic(builder, DT_RELASZ, &size) ||
	    !elf_input_at_address(wrappers->in, address, &bytes, &offset))
		return;
	if (size < bytes.len)
		bytes.len = (size_t)size;
	for (size_t at = 0; at + sizeof(Elf64_Rela) <= bytes.len; at += sizeof(Elf64_Rela)) {
		if (!is_relative(wrappers->in->header.e_machine, device_u32(bytes.ptr + at + 8)) ||
		    wrappers->slots.len >= BUDGET_RELOCATIONS)
			continue;
		vec_push(&wrappers->slots, ((struct slot){device_u64(bytes.ptr + at),
							  device_u64(bytes.ptr + at + 16)}));
	}
	if (wrappers->slots.len)
		qsort(wrappers->slots.ptr, wrappers->slots.len, sizeof(struct slot), by_address);
}

/* The pointer at an address, as the loader will have filled it in, relative to the load address. */
static uint64_t pointer_at(const struct wrappers *wrappers, uint64_t address)
{
	size_t low = 0, high = wrappers->slots.len;
	struct slice bytes;
	uint64_t offset;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (wrappers->slots.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < wrappers->slots.len && wrappers->slots.ptr[low].address == address)
		return wrappers->slots.ptr[low].value;
	if (!elf_input_at_address(wrappers->in, address, &bytes, &offset) || bytes.len < 8)
		return 0;
	return device_u64(bytes.ptr);
}

bool device_is_wrapper_section(const char *name)
{
	return strcmp(name, ".nvFatBinSegment") == 0 || strcmp(name, ".hipFatBinSegment") == 0;
}

bool device_is_wrapper(const uint8_t *at)
{
	uint32_t magic = device_u32(at);

	return magic == WRAPPER_CUDA || magic == WRAPPER_HIP;
}

/* Containers are sorted by offset. */
static void mark(const struct wrappers *wrappers, uint64_t address)
{
	struct facts_builder *builder = wrappers->device->builder;
	size_t low = 0, high = builder->device_containers.len;
	struct slice bytes;
	uint64_t offset;

	if (!address || !elf_input_at_address(wrappers->in, address, &bytes, &offset))
		return;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (builder->device_containers.ptr[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < builder->device_containers.len &&
	    builder->device_containers.ptr[low].offset == offset)
		builder->device_containers.ptr[low].flags |= FACTS_DEVICE_REGISTERED;
}

static void read_wrappers(struct wrappers *wrappers, const struct facts_section *section,
			  struct slice bytes)
{
	for (size_t at = 0; at + WRAPPER_SIZE <= bytes.len; at += WRAPPER_SIZE) {
		if (device_is_wrapper(bytes.ptr + at))
			mark(wrappers,
			     pointer_at(wrappers, section->address + at + WRAPPER_POINTER));
	}
}

void device_wrappers(struct device *device, struct elf_input *in)
{
	struct wrappers wrappers = {.device = device, .in = in};

	if (!in->is_64 || in->big_endian ||
	    (in->header.e_type != ET_DYN && in->header.e_type != ET_EXEC))
		return;
	read_relocations(&wrappers);
	vec_each (section, &device->builder->sections) {
		const char *name = device->builder->strings.ptr + section->name.offset;
		struct slice bytes;

		if (device_is_wrapper_section(name) && section->type != SHT_NOBITS &&
		    slice_sub(in->bytes, section->offset, section->size, &bytes))
			read_wrappers(&wrappers, section, bytes);
	}
	vec_release(&wrappers.slots);
}
