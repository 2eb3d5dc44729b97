/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels of AMD's code objects: a function K with a descriptor "K.kd" is a kernel. Places in code
 * are relative and vary with the layout of an object; nothing is masked, so equal means equal bytes
 * and different may be less than a change of the source.
 */
#include <stdlib.h>

#include "binary/device.h"
#include "binary/device_hash.h"
#include "util/budget.h"
#include "util/map.h"

#ifndef EM_AMDGPU
#define EM_AMDGPU 224
#endif
#define DESCRIPTOR_SUFFIX ".kd"
#define DESCRIPTOR_SIZE 64u
#define DESCRIPTOR_ENTRY 16u /* offset of the distance to the code: eight bytes that are masked */

struct object {
	struct device *device;
	struct device_elf elf;
	struct slice table, names;
	struct map descriptors; /* "K.kd": index of its symbol */
};

static bool find_symbols(struct object *object, uint32_t type)
{
	struct device_section section, strings;

	for (uint32_t i = 1; i < object->elf.section_count; i++)
		if (device_elf_section(&object->elf, i, &section) && section.type == type &&
		    device_elf_bytes(&object->elf, &section, &object->table) &&
		    device_elf_section(&object->elf, section.link, &strings) &&
		    device_elf_bytes(&object->elf, &strings, &object->names))
			return true;
	return false;
}

/* The bytes of a symbol, found through its section; values are addresses. */
static bool symbol_bytes(const struct object *object, const struct device_symbol *symbol,
			 struct slice *ret)
{
	struct device_section section;
	struct slice bytes;

	return symbol->section && symbol->section < SHN_LORESERVE &&
	       device_elf_section(&object->elf, symbol->section, &section) &&
	       device_elf_bytes(&object->elf, &section, &bytes) &&
	       symbol->value >= section.address &&
	       slice_sub(bytes, symbol->value - section.address, symbol->size, ret);
}

static void find_descriptors(struct object *object)
{
	uint64_t count = object->table.len / sizeof(Elf64_Sym);
	struct device_symbol symbol;

	for (uint64_t i = 0; i < count && i < BUDGET_SYMBOLS; i++)
		if (device_elf_symbol(object->table, object->names, i, &symbol) &&
		    symbol.type == STT_OBJECT && symbol.name.len > strlen(DESCRIPTOR_SUFFIX) &&
		    memcmp(symbol.name.ptr + symbol.name.len - strlen(DESCRIPTOR_SUFFIX),
			   DESCRIPTOR_SUFFIX, strlen(DESCRIPTOR_SUFFIX)) == 0)
			map_put(
			    &object->descriptors,
			    slice_of(symbol.name.ptr, symbol.name.len - strlen(DESCRIPTOR_SUFFIX)),
			    (uint32_t)i, NULL);
}

static void hash_descriptor(struct object *object, uint32_t index, XXH3_state_t *state)
{
	uint8_t copy[DESCRIPTOR_SIZE];
	struct device_symbol symbol;
	struct slice bytes;

	if (!device_elf_symbol(object->table, object->names, index, &symbol) ||
	    !symbol_bytes(object, &symbol, &bytes) || bytes.len != sizeof(copy))
		return;
	memcpy(copy, bytes.ptr, sizeof(copy));
	memset(copy + DESCRIPTOR_ENTRY, 0, 8);
	XXH3_128bits_update(state, copy, sizeof(copy));
}

static bool add_kernel(struct object *object, const struct device_symbol *symbol)
{
	const struct map_entry *descriptor = map_get(&object->descriptors, symbol->name);
	struct facts_kernel kernel = {.flags = descriptor ? 0 : FACTS_KERNEL_FUNCTION};
	XXH3_state_t state;
	struct slice code;

	if (!symbol_bytes(object, symbol, &code)) {
		device_damage(object->device, device_entry(object->device)->offset,
			      "the code of a kernel is outside of its code object");
		return true;
	}
	kernel.masked = device_hash_of(code);
	device_hash_begin(&state);
	XXH3_128bits_update(&state, code.ptr, code.len);
	if (descriptor)
		hash_descriptor(object, descriptor->value, &state);
	kernel.raw = device_hash_end(&state);
	kernel.name = device_text(object->device, symbol->name);
	kernel.size = code.len;
	return device_add_kernel(object->device, kernel);
}

static void read_comment(struct object *object)
{
	struct device_section section;
	struct slice bytes;
	const char *text;
	size_t length;

	for (uint32_t i = 1; i < object->elf.section_count; i++)
		if (device_elf_section(&object->elf, i, &section) &&
		    slice_equal_text(section.name, ".comment") &&
		    device_elf_bytes(&object->elf, &section, &bytes) &&
		    slice_cstr(bytes, 0, &text, &length) && length)
			device_add_tool(object->device, slice_of(text, length), (struct slice){0},
					(struct slice){0}, (struct slice){0});
}

bool device_object(struct device *device, struct slice image)
{
	struct object object = {.device = device};
	struct device_symbol symbol;
	uint64_t count;

	if (!device_elf_open(image, &object.elf) || object.elf.machine != EM_AMDGPU)
		return false;
	read_comment(&object);
	if (!find_symbols(&object, SHT_SYMTAB) && !find_symbols(&object, SHT_DYNSYM))
		return true;
	find_descriptors(&object);
	count = object.table.len / sizeof(Elf64_Sym);
	for (uint64_t i = 0; i < count && i < BUDGET_SYMBOLS; i++)
		if (device_elf_symbol(object.table, object.names, i, &symbol) &&
		    symbol.type == STT_FUNC && symbol.section && symbol.size &&
		    !add_kernel(&object, &symbol))
			break;
	map_release(&object.descriptors);
	return true;
}
