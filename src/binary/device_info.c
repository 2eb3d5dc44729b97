/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes (.nv.info) and toolchain notes of a cubin. */
#include <stdio.h>

#include "binary/device.h"
#include "binary/device_hash.h"
#include "binary/device_symbols.h"
#include "util/budget.h"

enum info_form { FORM_SIZED = 4 }; /* the other forms hold two bytes in place */

/* Attributes that are looked at (fatbin.md 3.3). */
enum info_attribute {
	INFO_PARAM_CBANK = 0x0a, /* symbol, then offset and size */
	INFO_EXTERNS = 0x0f,	 /* symbols */
	INFO_FRAME_SIZE = 0x11,	 /* symbol and number, like the next three */
	INFO_MIN_STACK_SIZE = 0x12,
	INFO_MAX_STACK_SIZE = 0x23,
	INFO_REGCOUNT = 0x2f,
	INFO_API_VERSION = 0x37, /* of the toolkit: no property of the kernel */
};

#define NOTE_HEADER 12u
#define NOTE_TOOLKIT 1000u
#define NOTE_TOOL 2000u
#define TOOL_TEXTS 24u /* version, then five offsets; the texts behind them */

bool device_info_next(struct slice info, struct device_info_cursor *cursor)
{
	struct slice head;
	uint16_t size;

	if (!device_take(info, cursor->at, 4, &head))
		return false;
	cursor->form = head.ptr[0];
	cursor->attribute = head.ptr[1];
	size = device_u16(head.ptr + 2);
	if (cursor->form != FORM_SIZED) {
		cursor->value = slice_of(head.ptr + 2, 2);
		cursor->at += 4;
		return true;
	}
	if (!device_take(info, cursor->at + 4, size, &cursor->value))
		return false;
	cursor->at += 4 + (size_t)size;
	return true;
}

bool device_info_is_resource(const struct device_info_cursor *cursor)
{
	if (cursor->form != FORM_SIZED || cursor->value.len != 8)
		return false;
	switch (cursor->attribute) {
	case INFO_FRAME_SIZE:
	case INFO_MIN_STACK_SIZE:
	case INFO_MAX_STACK_SIZE:
	case INFO_REGCOUNT:
		return true;
	default:
		return false;
	}
}

void device_info_version(struct device *device, uint32_t major, uint32_t minor)
{
	char text[32];

	if (device_entry(device)->version.length)
		return;
	snprintf(text, sizeof(text), "%u.%u", major, minor);
	device_entry(device)->version = device_text(device, slice_text(text));
}

static uint64_t hash_attribute(const struct device_elf *elf, const struct device_symbols *symbols,
			       const struct device_info_cursor *at)
{
	uint64_t hash = at->attribute;

	if (at->attribute == INFO_PARAM_CBANK && at->value.len == 8)
		return XXH3_64bits_withSeed(at->value.ptr + 4, 4, hash);
	if (at->attribute == INFO_EXTERNS) {
		for (size_t i = 0; i + 4 <= at->value.len; i += 4)
			hash += device_symbol_hash(elf, symbols, device_u32(at->value.ptr + i));
		return hash * UINT64_C(0x9e3779b97f4a7c15);
	}
	return XXH3_64bits_withSeed(at->value.ptr, at->value.len, hash);
}

uint64_t device_info_kernel(struct device *device, const struct device_elf *elf,
			    const struct device_symbols *symbols, struct slice info)
{
	struct device_info_cursor at = {0};
	uint64_t sum = 0;

	while (device_info_next(info, &at)) {
		if (at.attribute != INFO_API_VERSION)
			sum += hash_attribute(elf, symbols, &at);
		else if (at.value.len >= 4)
			device_info_version(device, device_u32(at.value.ptr) / 10,
					    device_u32(at.value.ptr) % 10);
	}
	return sum;
}

/* Object, tool, version, build and options: offsets into the texts behind them. */
static void read_tool(struct device *device, struct slice description)
{
	struct slice texts, parts[5];

	if (!device_take(description, TOOL_TEXTS, description.len - TOOL_TEXTS, &texts))
		return;
	for (size_t i = 0; i < 5; i++) {
		const char *text;
		size_t length;

		if (!slice_cstr(texts, device_u32(description.ptr + 4 + 4 * i), &text, &length))
			return;
		parts[i] = slice_of(text, length);
	}
	/* The object's name is that of a temporary file, which changes with each run. */
	device_add_tool(device, parts[1], parts[2], parts[3], parts[4]);
}

static void read_note(struct device *device, struct slice bytes)
{
	uint32_t owner, size, type;
	struct slice description;

	if (bytes.len < NOTE_HEADER)
		return;
	owner = device_u32(bytes.ptr);
	size = device_u32(bytes.ptr + 4);
	type = device_u32(bytes.ptr + 8);
	if (owner > 64 ||
	    !device_take(bytes, NOTE_HEADER + ((uint64_t)owner + 3) / 4 * 4, size, &description))
		return;
	if (type == NOTE_TOOL && description.len > TOOL_TEXTS)
		read_tool(device, description);
	if (type == NOTE_TOOLKIT && description.len >= 6)
		device_info_version(device, device_u16(description.ptr + 4) / 10,
				    device_u16(description.ptr + 4) % 10);
}

void device_info_notes(struct device *device, const struct device_elf *elf)
{
	struct device_section section;
	struct slice bytes;

	for (uint32_t i = 1; i < elf->section_count; i++)
		if (device_elf_section(elf, i, &section) &&
		    slice_starts_with(section.name, ".note.nv.") &&
		    device_elf_bytes(elf, &section, &bytes))
			read_note(device, bytes);
}
