/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds containers anywhere in a file, and puts what their readers find into the record. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "binary/device.h"
#include "util/budget.h"

#define DEVICE_ALIGN 8u /* every container seen begins on such an offset (fatbin.md 1.5) */

#define RELOCATABLE "__nv_relfatbin" /* code of separate compilation (nvcc -rdc) */

static const struct device_container_reader readers[] = {
#define DEVICE_CONTAINER(magic, function) {magic, function},
#include "binary/device_containers.def"
#undef DEVICE_CONTAINER
};
#define READERS (sizeof(readers) / sizeof(readers[0]))

static void report(struct device *device, enum diag_id id, uint64_t offset, const char *format,
		   va_list args) printf_format(4, 0);
static void report(struct device *device, enum diag_id id, uint64_t offset, const char *format,
		   va_list args)
{
	char message[256];

	if (device->diagnostics++ >= BUDGET_DEVICE_DIAGNOSTICS)
		return;
	vsnprintf(message, sizeof(message), format, args);
	facts_builder_diag(device->builder, id, offset, "%s", message);
}

void device_damage(struct device *device, uint64_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(device, DIAG_DEVICE_DAMAGED, offset, format, args);
	va_end(args);
}

void device_limit(struct device *device, uint64_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(device, DIAG_LIMIT_REACHED, offset, format, args);
	va_end(args);
}

struct facts_text device_text(struct device *device, struct slice text)
{
	const struct map_entry *entry;
	struct slice copy;

	if (!text.len)
		return (struct facts_text){0, 0};
	entry = map_get(&device->texts, text);
	if (entry)
		return device->offsets.ptr[entry->value];
	copy = slice_of(arena_copy(&device->arena, text.ptr, text.len), text.len);
	map_put(&device->texts, copy, (uint32_t)device->offsets.len, NULL);
	vec_push(&device->offsets, facts_builder_text(device->builder, copy));
	return device->offsets.ptr[device->offsets.len - 1];
}

static bool has_room(struct device *device, size_t count, size_t budget, const char *what)
{
	if (count < budget)
		return true;
	if (!device->full)
		facts_builder_diag(device->builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "more than %zu %s of device code", budget, what);
	device->full = true;
	return false;
}

/* Sections that tools of the vendors look into. */
static bool is_usual(const char *section)
{
	static const char *const usual[] = {".nv_fatbin", RELOCATABLE, ".hip_fatbin"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(section, usual[i]) == 0)
			return true;
	return false;
}

/* The address that an offset of the file is loaded to; else as it was. */
static void find_address(const struct elf_input *in, uint64_t offset, uint64_t *place)
{
	for (size_t i = 0; in && i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];

		if (segment->p_type != PT_LOAD || offset < segment->p_offset ||
		    offset - segment->p_offset >= segment->p_filesz)
			continue;
		*place = segment->p_vaddr + (offset - segment->p_offset);
		return;
	}
}

static void attribute(struct device *device, struct facts_device_container *container)
{
	struct facts_builder *builder = device->builder;

	find_address(device->in, container->offset, &container->place);
	container->flags |= FACTS_DEVICE_UNUSUAL_PLACE;
	vec_each (section, &builder->sections) {
		if (section->type == SHT_NOBITS || section->type == SHT_NULL ||
		    container->offset < section->offset ||
		    container->offset - section->offset >= section->size)
			continue;
		container->section = section->name;
		if (!container->place)
			container->place = container->offset - section->offset;
		if (strcmp(builder->strings.ptr + section->name.offset, RELOCATABLE) == 0)
			container->flags |= FACTS_DEVICE_LINKED_PART;
		if (is_usual(builder->strings.ptr + section->name.offset))
			container->flags &= ~(uint32_t)FACTS_DEVICE_UNUSUAL_PLACE;
		return;
	}
}

bool device_add_container(struct device *device, struct facts_device_container container)
{
	struct facts_builder *builder = device->builder;

	if (!has_room(device, builder->device_containers.len, BUDGET_DEVICE_CONTAINERS,
		      "containers"))
		return false;
	container.entry_first = (uint32_t)builder->device_entries.len;
	attribute(device, &container);
	vec_push(&builder->device_containers, container);
	return true;
}

struct facts_device_entry *device_add_entry(struct device *device, enum facts_device_kind kind,
					    uint64_t offset)
{
	struct facts_builder *builder = device->builder;

	if (!has_room(device, builder->device_entries.len, BUDGET_DEVICE_ENTRIES, "images"))
		return NULL;
	builder->device_containers.ptr[builder->device_containers.len - 1].entry_count++;
	vec_push(&builder->device_entries,
		 ((struct facts_device_entry){
		     .offset = offset,
		     .container = (uint32_t)builder->device_containers.len - 1,
		     .tool = FACTS_NO_TOOL,
		     .kernel_first = (uint32_t)builder->kernels.len,
		     .kind = (uint16_t)kind,
		     .state = FACTS_DEVICE_STATE_DAMAGED,
		 }));
	return device_entry(device);
}

bool device_add_kernel(struct device *device, struct facts_kernel kernel)
{
	struct facts_builder *builder = device->builder;

	if (!has_room(device, builder->kernels.len, BUDGET_DEVICE_KERNELS, "kernels"))
		return false;
	kernel.entry = (uint32_t)builder->device_entries.len - 1;
	vec_push(&builder->kernels, kernel);
	device_entry(device)->kernel_count++;
	return true;
}

bool device_add_wrapper(struct device *device, struct facts_device_wrapper wrapper)
{
	if (!has_room(device, device->builder->device_wrappers.len, BUDGET_DEVICE_CONTAINERS,
		      "registrations"))
		return false;
	vec_push(&device->builder->device_wrappers, wrapper);
	return true;
}

void device_add_tool(struct device *device, struct slice name, struct slice version,
		     struct slice build, struct slice options)
{
	const struct slice parts[] = {name, version, build, options};
	struct facts_builder *builder = device->builder;
	size_t length = 0;
	const struct map_entry *entry;
	uint32_t index;
	char key[4096];

	for (size_t i = 0; i < 4; i++) {
		if (parts[i].len + 1 > sizeof(key) - length)
			return; /* no tool writes such a note */
		if (parts[i].len)
			memcpy(key + length, parts[i].ptr, parts[i].len);
		length += parts[i].len;
		key[length++] = '\0';
	}
	entry = map_get(&device->tools, slice_of(key, length));
	index = entry ? entry->value : (uint32_t)builder->device_tools.len;
	if (!entry) {
		map_put(&device->tools, slice_of(arena_copy(&device->arena, key, length), length),
			index, NULL);
		vec_push(&builder->device_tools, ((struct facts_device_tool){
						     .name = device_text(device, name),
						     .version = device_text(device, version),
						     .build = device_text(device, build),
						     .options = device_text(device, options),
						 }));
	}
	builder->device_tools.ptr[index].images++;
	device_entry(device)->tool = index;
}

static const struct device_container_reader *reader_at(uint32_t word, const uint32_t *magics)
{
	for (size_t i = 0; i < READERS; i++)
		if (word == magics[i])
			return &readers[i];
	return NULL;
}

static void search(struct device *device)
{
	struct slice file = device->file;
	uint32_t magics[READERS];
	uint64_t at = 0, passed = 0;

	for (size_t i = 0; i < READERS; i++)
		magics[i] = device_u32((const uint8_t *)readers[i].magic);
	while (at + sizeof(uint64_t) <= file.len && !device->full) {
		const struct device_container_reader *reader =
		    reader_at(device_u32(file.ptr + at), magics);
		uint64_t size = reader ? reader->read(device, at) : 0;

		if (size)
			vec_push(&device->understood, ((struct device_range){at, at + size}));
		/* A reader gives at most what is left of the file. */
		at +=
		    size ? (size + DEVICE_ALIGN - 1) & ~(uint64_t)(DEVICE_ALIGN - 1) : DEVICE_ALIGN;
		if (device->in)
			elf_input_went_to(device->in, at, &passed);
	}
}

static void finish(struct device *device)
{
	if (device->diagnostics > BUDGET_DEVICE_DIAGNOSTICS)
		facts_builder_diag(device->builder, DIAG_DEVICE_DAMAGED, DIAG_NO_OFFSET,
				   "%u more of these",
				   device->diagnostics - BUDGET_DEVICE_DIAGNOSTICS);
	if (device->opaque)
		facts_builder_diag(device->builder, DIAG_DEVICE_OPAQUE, DIAG_NO_OFFSET,
				   "%u images of LTO-IR or of an unknown kind, not inspected",
				   device->opaque);
	free(device->decoded.ptr);
	map_release(&device->texts);
	map_release(&device->tools);
	map_release(&device->sources);
	vec_release(&device->offsets);
	vec_release(&device->understood);
	arena_release(&device->arena);
}

static void begin(struct device *device, const struct elf_input *in, struct slice file,
		  struct facts_builder *builder)
{
	*device = (struct device){.in = in, .file = file, .builder = builder};
	arena_init(&device->arena);
	search(device);
	if (builder->device_sources.len)
		device_sources_prove(device);
}

void device_search(struct slice file, struct facts_builder *builder)
{
	struct device device;

	begin(&device, NULL, file, builder);
	finish(&device);
}

void device_run(struct elf_input *in, struct facts_builder *builder)
{
	struct device device;

	begin(&device, in, in->bytes, builder);
	if (builder->device_containers.len)
		device_wrappers(&device, in);
	device_outside(&device, in);
	if (builder->device_sources.len)
		device_named(&device, in);
	finish(&device);
}
