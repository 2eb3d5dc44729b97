/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sections of the host in which names of kernels stand: CUDA's registration passes them as texts.
 * Those with internal linkage carry a hash of the path of their source, so that a build in another
 * folder differs there in eight digits for each. The hash counts as its number by first use; all
 * other bytes as they are. Only hashes that device code of the file has are looked for.
 */
#include <stdlib.h>

#include "binary/device_names.h"
#include "binary/device_rest.h"
#include "util/budget.h"

#define DIGITS 8u
#define LONGEST 48u /* of what leads to the digits: "__nv_static_<length>__" */

struct naming {
	struct device *device;
	const struct elf_input *in;
	uint32_t *numbers; /* of each device source, by first use; 0: none yet */
	uint32_t count;
	struct device_rest rest;
	uint64_t names;
};

/* The number of a hash; 0: no source of the file has it. Sources are sorted by it. */
static uint32_t number_of(struct naming *naming, uint32_t crc)
{
	const struct facts_builder *builder = naming->device->builder;
	size_t low = 0, high = builder->device_sources.len;

	/* Two files may share a hash: the first answers for both. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (builder->device_sources.ptr[middle].crc < crc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == builder->device_sources.len || builder->device_sources.ptr[low].crc != crc)
		return 0;
	if (!naming->numbers[low])
		naming->numbers[low] = ++naming->count;
	return naming->numbers[low];
}

/* What begins a name; where each is next. */
static const char *const words[] = {"_INTERNAL_", "_GLOBAL__N__", "__nv_static_"};
#define WORDS (sizeof(words) / sizeof(words[0]))
#define NOT_KNOWN SIZE_MAX

/* The nearest of them at or behind an offset, or where the bytes end. */
static size_t next_word(struct slice bytes, size_t at, size_t next[static WORDS])
{
	size_t nearest = bytes.len;

	for (size_t i = 0; i < WORDS; i++) {
		const uint8_t *found;

		if (next[i] == NOT_KNOWN || next[i] < at) {
			found = memmem(bytes.ptr + at, bytes.len - at, words[i], strlen(words[i]));
			next[i] = found ? (size_t)(found - bytes.ptr) : bytes.len;
		}
		if (next[i] < nearest)
			nearest = next[i];
	}
	return nearest;
}

/* The digits of a known hash in a name that begins there; false: there are none. */
static bool find_digits(struct naming *naming, struct slice bytes, size_t at, size_t *ret_digits,
			uint32_t *ret_number)
{
	size_t left = bytes.len - at, inside = 0;
	struct device_unit unit;

	if (!device_name_unit(slice_of(bytes.ptr + at, left < LONGEST ? left : LONGEST), &inside,
			      &unit))
		return false;
	*ret_digits = at + unit.digits;
	*ret_number = number_of(naming, unit.crc);
	return *ret_number != 0;
}

/* Adds the names that begin in a part of a section; *from: what was added of it before. */
static void add_names(struct naming *naming, struct slice bytes, size_t at, size_t end,
		      size_t *from)
{
	struct slice part = slice_of(bytes.ptr, end);
	size_t next[WORDS], digits;
	uint32_t number;

	for (size_t i = 0; i < WORDS; i++)
		next[i] = NOT_KNOWN;
	for (at = next_word(part, at, next); at < end; at = next_word(part, at + 1, next)) {
		if (at < *from || !find_digits(naming, bytes, at, &digits, &number) ||
		    digits < *from)
			continue;
		number = htole32(number);
		device_rest_add(&naming->rest, slice_of(bytes.ptr + *from, digits - *from));
		device_rest_add(&naming->rest, slice_of(&number, sizeof(number)));
		*from = digits + DIGITS;
		naming->names++;
	}
}

/* A step at a time: a library may have gigabytes. */
static void add_bytes(struct naming *naming, struct slice bytes, uint64_t offset)
{
	uint64_t passed = offset;
	size_t at = 0, from = 0;

	while (at < bytes.len) {
		size_t left = bytes.len - at;
		size_t end = at + (left < ELF_INPUT_STEP ? left : (size_t)ELF_INPUT_STEP);
		/* A word may begin at the end of a step. */
		size_t overlap = bytes.len - end < LONGEST ? bytes.len - end : LONGEST;

		add_names(naming, bytes, at, end + overlap, &from);
		if (from < end) {
			device_rest_add(&naming->rest, slice_of(bytes.ptr + from, end - from));
			from = end;
		}
		at = end;
		elf_input_went_to(naming->in, offset + at, &passed);
	}
}

static void add_section(struct naming *naming, const struct facts_section *section)
{
	struct slice bytes;
	uint64_t offset;

	if (!device_section_bytes(naming->in, section, &bytes, &offset) || !bytes.len)
		return;
	device_rest_begin(&naming->rest);
	naming->names = 0;
	add_bytes(naming, bytes, offset);
	if (naming->names)
		vec_push(&naming->device->builder->device_named,
			 ((struct facts_device_named){.section = section->name,
						      .size = section->size,
						      .names = naming->names,
						      .content = device_rest_end(&naming->rest)}));
}

void device_named(struct device *device, const struct elf_input *in)
{
	struct facts_builder *builder = device->builder;
	struct naming naming = {.device = device, .in = in};
	unsigned count = 0;

	naming.numbers = memory_calloc(builder->device_sources.len, sizeof(*naming.numbers));
	vec_each (section, &builder->sections) {
		const char *name = builder->strings.ptr + section->name.offset;

		if (section->type != SHT_PROGBITS || !(section->flags & SHF_ALLOC) ||
		    section->flags & SHF_EXECINSTR || device_holds_containers(name) ||
		    device_is_wrapper_section(name) || count >= BUDGET_DEVICE_SECTIONS)
			continue;
		count++;
		add_section(&naming, section);
	}
	free(naming.numbers);
}
