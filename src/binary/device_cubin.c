/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels of a cubin. What is hashed, and what is left out since it changes from build to build, is
 * fatbin.md 3.3: symbols count by name, never by index, and the order of sections does not matter.
 */
#include <stdio.h>
#include <stdlib.h>

#include "binary/device.h"
#include "binary/device_hash.h"
#include "binary/device_names.h"
#include "binary/device_symbols.h"
#include "util/budget.h"

#define OTHER_KERNEL 0x10 /* bit of st_other: a kernel, not a function (fatbin.md 1.6) */
#define OSABI_ABI8 0x41
#define TEXT ".text."
#define CAPSULE ".nv.capmerc.text." /* the same kernel for machines to come, from sm_100 on */
#define CAPSULE_TAG UINT64_C(0x4341)
#define SHARED_MEMORY_TAG UINT64_C(0x5348)

/* What belongs to one section of instructions; indexed like the sections. */
struct part {
	bool is_text, is_kernel;
	uint32_t info, constants; /* sections; 0: none */
	uint64_t attributes;	  /* sum of hashes: their order does not matter */
};

struct cubin {
	struct device *device;
	struct device_elf elf;
	struct device_symbols symbols;
	struct part *parts;
	struct map texts; /* name of a kernel: its section */
	uint32_t architecture;
	uint64_t module; /* sum of the hashes of module data; 0: none */
};

static uint64_t hash_tagged(struct slice bytes, uint64_t tag)
{
	return XXH3_64bits_withSeed(bytes.ptr, bytes.len, tag);
}

static struct slice behind(struct slice name, const char *prefix)
{
	size_t length = strlen(prefix);

	return slice_of(name.ptr + length, name.len - length);
}

static uint32_t architecture_of(const struct device_elf *elf)
{
	return elf->osabi == OSABI_ABI8 ? elf->flags >> 8 & 0xff : elf->flags & 0xff;
}

static void find_symbols(struct cubin *cubin)
{
	struct device_section section, strings;

	for (uint32_t i = 1; i < cubin->elf.section_count; i++) {
		if (!device_elf_section(&cubin->elf, i, &section) || section.type != SHT_SYMTAB)
			continue;
		if (device_elf_bytes(&cubin->elf, &section, &cubin->symbols.table) &&
		    device_elf_section(&cubin->elf, section.link, &strings) &&
		    device_elf_bytes(&cubin->elf, &strings, &cubin->symbols.names))
			return;
		device_damage(cubin->device, device_entry(cubin->device)->offset,
			      "a symbol table outside of its cubin");
		cubin->symbols = (struct device_symbols){0};
	}
}

/* Its name with what changes from build to build masked; of a section symbol that of the section.
 */
uint64_t device_symbol_hash(const struct device_elf *elf, const struct device_symbols *symbols,
			    uint64_t index)
{
	uint8_t key[1024];
	struct device_symbol symbol;
	struct device_section section;

	if (!device_elf_symbol(symbols->table, symbols->names, index, &symbol))
		return index;
	if (symbol.type == STT_SECTION && !symbol.name.len &&
	    device_elf_section(elf, symbol.section, &section))
		symbol.name = section.name;
	if (symbol.name.len > sizeof(key))
		return XXH3_64bits(symbol.name.ptr, symbol.name.len);
	return XXH3_64bits(key, device_name_key(symbol.name, key));
}

/* Each relocation by offset, type, addend and the name of its symbol. */
static uint64_t hash_relocations(const struct cubin *cubin, const struct device_section *section)
{
	size_t size = section->type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
	uint64_t sum = 0;
	struct slice bytes;

	if (!device_elf_bytes(&cubin->elf, section, &bytes))
		return 0;
	for (size_t at = 0; at + size <= bytes.len; at += size) {
		uint64_t info = device_u64(bytes.ptr + at + 8);
		uint64_t fields[4] = {
		    htole64(device_u64(bytes.ptr + at)),
		    htole64(ELF64_R_TYPE(info)),
		    htole64(section->type == SHT_RELA ? device_u64(bytes.ptr + at + 16) : 0),
		    htole64(device_symbol_hash(&cubin->elf, &cubin->symbols, info >> 32)),
		};

		sum += XXH3_64bits(fields, sizeof(fields));
	}
	return sum;
}

static bool is_module_data(struct slice name)
{
	return slice_equal_text(name, ".nv.constant3") || slice_equal_text(name, ".nv.global.init");
}

/* Variables with what they hold at the start: by name, wherever the compiler put them. */
static void read_variable(struct cubin *cubin, const struct device_symbol *symbol)
{
	struct slice name = device_variable_name(symbol->name), bytes;
	struct device_section section;
	uint64_t seed;

	if (!device_elf_section(&cubin->elf, symbol->section, &section) ||
	    !is_module_data(section.name) || !device_elf_bytes(&cubin->elf, &section, &bytes))
		return;
	if (!slice_sub(bytes, symbol->value, symbol->size, &bytes)) {
		device_damage(cubin->device, device_entry(cubin->device)->offset,
			      "a variable is outside of its section");
		return;
	}
	seed = XXH3_64bits(name.ptr, name.len);
	cubin->module +=
	    hash_tagged(device_is_literal(symbol->name) ? device_literal(bytes) : bytes, seed);
}

static void read_symbols(struct cubin *cubin)
{
	uint64_t count = cubin->symbols.table.len / sizeof(Elf64_Sym);
	struct device_symbol symbol;

	for (uint64_t i = 0; i < count; i++) {
		if (!device_elf_symbol(cubin->symbols.table, cubin->symbols.names, i, &symbol))
			return;
		if (symbol.type == STT_OBJECT && symbol.size && symbol.section)
			read_variable(cubin, &symbol);
		if (symbol.type == STT_FUNC && symbol.section &&
		    symbol.section < cubin->elf.section_count && (symbol.other & OTHER_KERNEL) &&
		    cubin->parts[symbol.section].is_text)
			cubin->parts[symbol.section].is_kernel = true;
	}
}

/* A section that belongs to the section of instructions that its sh_info names. */
static void read_owned(struct cubin *cubin, uint32_t index, const struct device_section *section)
{
	struct part *part = &cubin->parts[section->info];

	if (slice_starts_with(section->name, ".nv.info."))
		part->info = index;
	else if (slice_starts_with(section->name, ".nv.constant2."))
		part->constants = index;
	else if (slice_starts_with(section->name, ".nv.shared."))
		part->attributes +=
		    XXH3_64bits_withSeed(&section->size, sizeof(section->size), SHARED_MEMORY_TAG);
	else if (slice_starts_with(section->name, ".rel"))
		part->attributes += hash_relocations(cubin, section);
}

/* Its sh_info is a symbol: the name tells whose it is. */
static void read_capsule(struct cubin *cubin, const struct device_section *section)
{
	const struct map_entry *text = map_get(&cubin->texts, behind(section->name, CAPSULE));
	struct slice bytes;

	if (text && device_elf_bytes(&cubin->elf, section, &bytes))
		cubin->parts[text->value].attributes += hash_tagged(bytes, CAPSULE_TAG);
}

static void read_section(struct cubin *cubin, uint32_t index)
{
	struct device_section section;

	if (!device_elf_section(&cubin->elf, index, &section))
		return;
	if (slice_starts_with(section.name, CAPSULE))
		read_capsule(cubin, &section);
	else if (section.info < cubin->elf.section_count && cubin->parts[section.info].is_text)
		read_owned(cubin, index, &section);
}

static void find_texts(struct cubin *cubin)
{
	struct device_section section;

	for (uint32_t i = 1; i < cubin->elf.section_count; i++)
		if (device_elf_section(&cubin->elf, i, &section) && section.type == SHT_PROGBITS &&
		    slice_starts_with(section.name, ".text."))
			cubin->parts[i].is_text = true;
}

/* Attributes of all kernels in one section: registers and stack that each takes. */
static void read_module_info(struct cubin *cubin)
{
	struct device_section section;
	struct slice bytes;

	for (uint32_t i = 1; i < cubin->elf.section_count; i++) {
		struct device_info_cursor at = {0};
		struct device_symbol symbol;

		if (!device_elf_section(&cubin->elf, i, &section) ||
		    !slice_equal_text(section.name, ".nv.info") ||
		    !device_elf_bytes(&cubin->elf, &section, &bytes))
			continue;
		while (device_info_next(bytes, &at)) {
			uint32_t pair[2] = {at.attribute};

			if (!device_info_is_resource(&at) ||
			    !device_elf_symbol(cubin->symbols.table, cubin->symbols.names,
					       device_u32(at.value.ptr), &symbol) ||
			    symbol.section >= cubin->elf.section_count)
				continue;
			pair[1] = device_u32(at.value.ptr + 4);
			cubin->parts[symbol.section].attributes += XXH3_64bits(pair, sizeof(pair));
		}
	}
}

static struct facts_fingerprint raw_fingerprint(const struct cubin *cubin, struct slice text,
						const struct part *part)
{
	struct device_section section;
	struct slice info = {0}, constants = {0};
	uint64_t rest[3] = {part->attributes};
	XXH3_state_t state;

	if (part->info && device_elf_section(&cubin->elf, part->info, &section) &&
	    device_elf_bytes(&cubin->elf, &section, &info))
		rest[1] = device_info_kernel(cubin->device, &cubin->elf, &cubin->symbols, info);
	if (part->constants && device_elf_section(&cubin->elf, part->constants, &section) &&
	    device_elf_bytes(&cubin->elf, &section, &constants))
		rest[2] = XXH3_64bits(constants.ptr, constants.len);
	for (size_t i = 0; i < 3; i++)
		rest[i] = htole64(rest[i]);
	device_hash_begin(&state);
	XXH3_128bits_update(&state, text.ptr, text.len);
	XXH3_128bits_update(&state, rest, sizeof(rest));
	return device_hash_end(&state);
}

static bool add_kernel(struct cubin *cubin, uint32_t index)
{
	const struct part *part = &cubin->parts[index];
	struct facts_kernel kernel = {.flags = part->is_kernel ? 0 : FACTS_KERNEL_FUNCTION};
	struct device_section section;
	struct device_code code;
	struct slice name, text;

	if (!device_elf_section(&cubin->elf, index, &section))
		return true;
	name = behind(section.name, TEXT);
	if (!device_elf_bytes(&cubin->elf, &section, &text)) {
		device_damage(cubin->device, device_entry(cubin->device)->offset,
			      "the code of a kernel is outside of its cubin");
		device_entry(cubin->device)->state = FACTS_DEVICE_STATE_DAMAGED;
		return true;
	}
	device_sass(text, cubin->architecture, &code);
	kernel.name = device_text(cubin->device, name);
	kernel.size = text.len;
	kernel.instructions = code.instructions;
	kernel.masked_count = code.masked_count;
	kernel.masked = code.masked;
	memcpy(kernel.parts, code.parts, sizeof(kernel.parts));
	kernel.raw = raw_fingerprint(cubin, text, part);
	device_sources_note(cubin->device, name);
	return device_add_kernel(cubin->device, kernel);
}

static void name_architecture(struct cubin *cubin)
{
	struct facts_device_entry *entry = device_entry(cubin->device);
	char text[16];

	if (entry->architecture.length)
		return; /* that of the entry tells more: it has the suffix */
	snprintf(text, sizeof(text), "sm_%u", cubin->architecture);
	entry->architecture = device_text(cubin->device, slice_text(text));
}

bool device_cubin(struct device *device, struct slice image)
{
	struct cubin cubin = {.device = device};

	if (!device_elf_open(image, &cubin.elf) || cubin.elf.machine != EM_CUDA)
		return false;
	cubin.architecture = architecture_of(&cubin.elf);
	device_info_notes(device, &cubin.elf);
	name_architecture(&cubin);
	cubin.parts = memory_calloc(cubin.elf.section_count, sizeof(*cubin.parts));
	find_symbols(&cubin);
	find_texts(&cubin);
	read_symbols(&cubin);
	for (uint32_t i = 1; i < cubin.elf.section_count; i++)
		read_section(&cubin, i);
	read_module_info(&cubin);
	for (uint32_t i = 1; i < cubin.elf.section_count; i++)
		if (cubin.parts[i].is_text && !add_kernel(&cubin, i))
			break;
	if (cubin.module)
		device_entry(device)->module =
		    (struct facts_fingerprint){cubin.module, device_entry(device)->kind};
	map_release(&cubin.texts);
	free(cubin.parts);
	return true;
}
