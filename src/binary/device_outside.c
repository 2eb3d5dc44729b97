/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sections for device code hold outside of containers. Whoever packs containers anew moves
 * them, and with them the zeros between them: those say nothing. All other bytes do.
 */
#include "binary/device.h"
#include "binary/device_hash.h"
#include "util/budget.h"

static bool holds_containers(const char *name)
{
	static const char *const names[] = {".nv_fatbin", "__nv_relfatbin", ".hip_fatbin",
					    "__CLANG_OFFLOAD_BUNDLE__"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* As a loader sees it, and where that lies in the file. */
static bool section_bytes(const struct elf_input *in, const struct facts_section *section,
			  struct slice *ret, uint64_t *ret_offset)
{
	if (in->segment_count && section->flags & SHF_ALLOC)
		return elf_input_at_address(in, section->address, ret, ret_offset) &&
		       slice_sub(*ret, 0, section->size, ret);
	*ret_offset = section->offset;
	return slice_sub(in->bytes, section->offset, section->size, ret);
}

static struct slice trim_zeros(struct slice bytes)
{
	while (bytes.len && !bytes.ptr[bytes.len - 1])
		bytes.len--;
	while (bytes.len && !*bytes.ptr) {
		bytes.ptr++;
		bytes.len--;
	}
	return bytes;
}

static void add_run(XXH3_state_t *state, struct slice run, uint64_t *size)
{
	uint64_t length = htole64(run.len);

	if (!run.len)
		return;
	XXH3_128bits_update(state, &length, sizeof(length));
	XXH3_128bits_update(state, run.ptr, run.len);
	*size += run.len;
}

/* Between the containers of a section, which begins at that offset. */
static void add_gaps(struct device *device, struct slice bytes, uint64_t offset,
		     XXH3_state_t *state, uint64_t *size)
{
	uint64_t at = offset, end = offset + bytes.len, passed = offset;

	for (size_t i = 0; i <= device->understood.len && at < end; i++) {
		bool last = i == device->understood.len;
		uint64_t next = last ? end : device->understood.ptr[i].start;
		struct slice gap;

		if (next > end)
			next = end;
		if (next > at && slice_sub(bytes, at - offset, next - at, &gap))
			add_run(state, trim_zeros(gap), size);
		if (!last && device->understood.ptr[i].end > at)
			at = device->understood.ptr[i].end;
		elf_input_went_to(device->in, at < end ? at : end, &passed);
	}
}

/* Where a container lies may change; that something points to it may not. */
static void add_wrappers(struct slice bytes, XXH3_state_t *state, uint64_t *size)
{
	size_t at = 0;

	while (bytes.len - at >= WRAPPER_SIZE) {
		size_t behind = WRAPPER_POINTER + sizeof(uint64_t);
		struct slice wrapper = slice_of(bytes.ptr + at, WRAPPER_SIZE);

		if (device_is_wrapper(wrapper.ptr)) {
			add_run(state, slice_of(wrapper.ptr, WRAPPER_POINTER), size);
			wrapper = slice_of(wrapper.ptr + behind, WRAPPER_SIZE - behind);
		}
		add_run(state, wrapper, size);
		at += WRAPPER_SIZE;
	}
	add_run(state, slice_of(bytes.ptr + at, bytes.len - at), size);
}

static void add_section(struct device *device, const struct elf_input *in,
			const struct facts_section *section, bool wrappers)
{
	struct facts_device_outside outside = {.section = section->name};
	XXH3_state_t state;
	struct slice bytes;
	uint64_t offset;

	if (!section_bytes(in, section, &bytes, &offset))
		return;
	device_hash_begin(&state);
	if (wrappers)
		add_wrappers(bytes, &state, &outside.size);
	else
		add_gaps(device, bytes, offset, &state, &outside.size);
	if (!outside.size)
		return;
	outside.content = device_hash_end(&state);
	vec_push(&device->builder->device_outside, outside);
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
		if (!wrappers && !holds_containers(name))
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
