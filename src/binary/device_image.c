/* SPDX-License-Identifier: BSD-2-Clause */
/* One image, whatever holds it; and images that nothing holds. */
#include <stdio.h>

#include "binary/device.h"
#include "binary/device_hash.h"
#include "util/budget.h"

#ifndef EM_AMDGPU
#define EM_AMDGPU 224
#endif

void device_image(struct device *device, struct slice image)
{
	struct facts_device_entry *entry = device_entry(device);
	bool sound = true;

	entry->content = device_hash_of(device_trim_end(image));
	entry->state = FACTS_DEVICE_STATE_READ;
	switch ((enum facts_device_kind)entry->kind) {
	case FACTS_DEVICE_KIND_PTX:
		device_ptx(device, image);
		break;
	case FACTS_DEVICE_KIND_CUBIN:
		sound = device_cubin(device, image);
		break;
	case FACTS_DEVICE_KIND_CODE_OBJECT:
		sound = device_object(device, image);
		break;
	case FACTS_DEVICE_KIND_HOST:
	case FACTS_DEVICE_KIND_LTO:
	case FACTS_DEVICE_KIND_OTHER:
	case FACTS_DEVICE_KIND_COUNT:
		break;
	}
	if (sound)
		return;
	entry = device_entry(device);
	entry->state = FACTS_DEVICE_STATE_DAMAGED;
	device_damage(device, entry->offset, "an image that is no sound ELF file of %s",
		      entry->kind == FACTS_DEVICE_KIND_CUBIN ? "EM_CUDA" : "EM_AMDGPU");
}

/* Where the last of its parts ends: ELF does not tell the size of a file. */
static uint64_t extent(const struct device_elf *elf, uint64_t table_end)
{
	uint64_t end = table_end;

	for (uint32_t i = 0; i < elf->section_count; i++) {
		struct device_section section;
		uint64_t section_end;

		if (!device_elf_section(elf, i, &section) || section.type == SHT_NOBITS ||
		    section.type == SHT_NULL)
			continue;
		if (!__builtin_add_overflow(section.offset, section.size, &section_end) &&
		    section_end <= elf->image.len && section_end > end)
			end = section_end;
	}
	return end;
}

static uint64_t program_headers_end(struct slice bytes)
{
	uint64_t offset = device_u64(bytes.ptr + offsetof(Elf64_Ehdr, e_phoff));
	uint64_t size = (uint64_t)device_u16(bytes.ptr + offsetof(Elf64_Ehdr, e_phnum)) *
			device_u16(bytes.ptr + offsetof(Elf64_Ehdr, e_phentsize));

	return offset <= bytes.len && size <= bytes.len - offset && size ? offset + size : 0;
}

uint64_t device_bare_size(struct slice bytes)
{
	struct device_elf elf;
	uint64_t table_end, headers_end, end;

	/* The machine first: most of what begins like ELF is the host's. */
	if (bytes.len < sizeof(Elf64_Ehdr) ||
	    (device_u16(bytes.ptr + offsetof(Elf64_Ehdr, e_machine)) != EM_CUDA &&
	     device_u16(bytes.ptr + offsetof(Elf64_Ehdr, e_machine)) != EM_AMDGPU) ||
	    !device_elf_open(bytes, &elf))
		return 0;
	table_end = (uint64_t)(elf.headers.ptr - bytes.ptr) + elf.headers.len;
	headers_end = program_headers_end(bytes);
	end = extent(&elf, table_end);
	return end > headers_end ? end : headers_end;
}

uint64_t device_bare_read(struct device *device, uint64_t offset)
{
	struct slice bytes = slice_of(device->file.ptr + offset, device->file.len - (size_t)offset);
	uint64_t size = device_bare_size(bytes);
	enum facts_device_kind kind;

	if (!size)
		return 0;
	kind = device_u16(bytes.ptr + offsetof(Elf64_Ehdr, e_machine)) == EM_CUDA
		   ? FACTS_DEVICE_KIND_CUBIN
		   : FACTS_DEVICE_KIND_CODE_OBJECT;
	if (!device_add_container(device,
				  (struct facts_device_container){
				      .offset = offset,
				      .size = size,
				      .kind = FACTS_DEVICE_CONTAINER_BARE,
				  }) ||
	    !device_add_entry(device, kind, offset))
		return 0;
	device_entry(device)->stored = device_entry(device)->size = size;
	device_image(device, slice_of(bytes.ptr, (size_t)size));
	return size;
}
