/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sections for device code hold outside of containers. Whoever packs containers anew moves
 * them, and with them the zeros between them: those say nothing. All other bytes do.
 */
#include "binary/device_rest.h"
#include "util/budget.h"

#define LISTS 1024 /* of wrappers, that are looked up; there is one in a file, as a rule */

bool device_holds_containers(const char *section)
{
	static const char *const names[] = {".nv_fatbin", "__nv_relfatbin", ".hip_fatbin",
					    "__CLANG_OFFLOAD_BUNDLE__"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(section, names[i]) == 0)
			return true;
	return false;
}

bool device_section_bytes(const struct elf_input *in, const struct facts_section *section,
			  struct slice *ret, uint64_t *ret_offset)
{
	if (in->segment_count && section->flags & SHF_ALLOC)
		return elf_input_at_address(in, section->address, ret, ret_offset) &&
		       slice_sub(*ret, 0, section->size, ret);
	*ret_offset = section->offset;
	return slice_sub(in->bytes, section->offset, section->size, ret);
}

/* Between the containers of a section, which begins at that offset. */
static void add_gaps(struct device *device, struct slice bytes, uint64_t offset,
		     struct device_rest *rest)
{
	uint64_t at = offset, end = offset + bytes.len, passed = offset;

	for (size_t i = 0; i <= device->understood.len && at < end; i++) {
		bool last = i == device->understood.len;
		uint64_t next = last ? end : device->understood.ptr[i].start;
		struct slice gap;

		if (next > end)
			next = end;
		if (next > at && slice_sub(bytes, at - offset, next - at, &gap))
			device_rest_gap(rest, gap);
		if (!last && device->understood.ptr[i].end > at)
			at = device->understood.ptr[i].end;
		elf_input_went_to(device->in, at < end ? at : end, &passed);
	}
}

/*
 * A wrapper of a linked image leads to a list, too, which is moved with its section: it counts as a
 * place in that one.
 */
static void add_list(struct device *device, const struct elf_input *in, uint64_t address,
		     struct device_rest *rest)
{
	const struct facts_builder *builder = device->builder;
	uint64_t place = htole64(address);

	vec_each (section, &builder->sections) {
		if (!in->segment_count || !(section->flags & SHF_ALLOC) ||
		    address < section->address || address - section->address >= section->size)
			continue;
		place = htole64(address - section->address);
		device_rest_add(rest, slice_text(builder->strings.ptr + section->name.offset));
		break;
	}
	device_rest_add(rest, slice_of(&place, sizeof(place)));
}

/* Where a container lies may change; that something points to it may not. */
static void add_wrappers(struct device *device, const struct elf_input *in, struct slice bytes,
			 struct device_rest *rest)
{
	size_t at = 0, lists = 0;

	while (bytes.len - at >= WRAPPER_SIZE) {
		size_t behind = WRAPPER_POINTER + sizeof(uint64_t);
		struct slice wrapper = slice_of(bytes.ptr + at, WRAPPER_SIZE);

		if (device_is_wrapper(wrapper.ptr)) {
			device_rest_add(rest, slice_of(wrapper.ptr, WRAPPER_POINTER));
			wrapper = slice_of(wrapper.ptr + behind, WRAPPER_SIZE - behind);
			if (device_u64(wrapper.ptr) && lists++ < LISTS)
				add_list(device, in, device_u64(wrapper.ptr), rest);
			else
				device_rest_add(rest, wrapper);
			at += WRAPPER_SIZE;
			continue;
		}
		device_rest_add(rest, wrapper);
		at += WRAPPER_SIZE;
	}
	device_rest_add(rest, slice_of(bytes.ptr + at, bytes.len - at));
}

static void add_section(struct device *device, const struct elf_input *in,
			const struct facts_section *section, bool wrappers)
{
	struct device_rest rest;
	struct slice bytes;
	uint64_t offset;

	if (!device_section_bytes(in, section, &bytes, &offset))
		return;
	device_rest_begin(&rest);
	if (wrappers)
		add_wrappers(device, in, bytes, &rest);
	else
		add_gaps(device, bytes, offset, &rest);
	if (rest.size)
		vec_push(&device->builder->device_outside,
			 ((struct facts_device_outside){.section = section->name,
							.size = rest.size,
							.content = device_rest_end(&rest)}));
}

void device_outside(struct device *device, const struct elf_input *in)
{
	struct facts_builder *builder = device->builder;
	size_t count = 0;

	vec_each (section, &builder->sections) {
		const char *name = builder->strings.ptr + section->name.offset;
		bool wrappers;

		if (!section->name.length || section->type == SHT_NOBITS ||
		    section->type == SHT_NULL)
			continue;
		wrappers = device_is_wrapper_section(name);
		if (!wrappers && !device_holds_containers(name))
			continue;
		if (count++ < BUDGET_DEVICE_SECTIONS) {
			add_section(device, in, section, wrappers);
			continue;
		}
		if (count == BUDGET_DEVICE_SECTIONS + 1)
			facts_builder_diag(builder, DIAG_LIMIT_REACHED, section->offset,
					   "more than %u sections of device code",
					   BUDGET_DEVICE_SECTIONS);
		vec_push(&builder->device_outside,
			 ((struct facts_device_outside){.section = section->name,
							.size = FACTS_DEVICE_OUTSIDE_UNKNOWN}));
	}
}
