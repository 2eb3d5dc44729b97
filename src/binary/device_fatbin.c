/* SPDX-License-Identifier: BSD-2-Clause */
/* NVIDIA's container and its entries; offsets and flags are those of fatbin.md 1.2 and 1.3. */
#include <stdio.h>

#include "binary/device.h"
#include "binary/device_hash.h"
#include "util/budget.h"

#define CONTAINER_HEADER 16u
#define ENTRY_HEADER 64u /* at least */
#define ENTRY_HEADER_LIMIT 65536u
#define ENTRY_VERSION 0x0101u

enum entry_flag {
	ENTRY_LZ4 = 0x2000,
	ENTRY_LZ4_FRAME = 0x4000,
	ENTRY_ZSTD = 0x8000,
	ENTRY_COMPRESSED = ENTRY_LZ4 | ENTRY_LZ4_FRAME | ENTRY_ZSTD,
	ENTRY_OBFUSCATED = 0x10000,
	ENTRY_SPECIFIC = 0x100000, /* sm_90a */
	ENTRY_FAMILY = 0x200000,   /* sm_100f */
	ENTRY_COMPATIBILITY = 0x1000000,
};

struct header {
	uint16_t kind, version, minor, major;
	uint32_t size, compressed, extra, architecture, source, source_length;
	uint64_t payload, flags, uncompressed;
};

static bool read_header(struct slice bytes, struct header *ret)
{
	struct cursor cursor = cursor_of(bytes, false);

	*ret = (struct header){0};
	ret->kind = cursor_u16(&cursor);
	ret->version = cursor_u16(&cursor);
	ret->size = cursor_u32(&cursor);
	ret->payload = cursor_u64(&cursor);
	ret->compressed = cursor_u32(&cursor);
	ret->extra = cursor_u32(&cursor);
	ret->minor = cursor_u16(&cursor);
	ret->major = cursor_u16(&cursor);
	ret->architecture = cursor_u32(&cursor);
	ret->source = cursor_u32(&cursor);
	ret->source_length = cursor_u32(&cursor);
	ret->flags = cursor_u64(&cursor);
	cursor_u64(&cursor); /* a key, of which nothing is known */
	ret->uncompressed = cursor_u64(&cursor);
	return !cursor.bad && ret->version == ENTRY_VERSION && ret->size >= ENTRY_HEADER &&
	       ret->size <= ENTRY_HEADER_LIMIT && ret->size % 8 == 0 && ret->payload % 8 == 0 &&
	       ret->compressed <= ret->payload;
}

static enum facts_device_kind kind_of(const struct header *header)
{
	switch (header->kind) {
	case 1:
		return FACTS_DEVICE_KIND_PTX;
	case 2:
		return FACTS_DEVICE_KIND_CUBIN;
	case 8:
		return FACTS_DEVICE_KIND_LTO;
	default:
		return FACTS_DEVICE_KIND_OTHER;
	}
}

static enum facts_device_compression compression_of(const struct header *header)
{
	switch (header->flags & ENTRY_COMPRESSED) {
	case 0:
		return FACTS_DEVICE_COMPRESSION_NONE;
	case ENTRY_LZ4:
		return FACTS_DEVICE_COMPRESSION_LZ4;
	case ENTRY_LZ4_FRAME:
		return FACTS_DEVICE_COMPRESSION_LZ4_FRAME;
	case ENTRY_ZSTD:
		return FACTS_DEVICE_COMPRESSION_ZSTD;
	default:
		return FACTS_DEVICE_COMPRESSION_COUNT;
	}
}

static struct facts_text architecture_of(struct device *device, const struct header *header)
{
	const char *prefix = header->kind == 1 ? "compute" : header->kind == 8 ? "lto" : "sm";
	const char *suffix = header->flags & ENTRY_SPECIFIC ? "a"
			     : header->flags & ENTRY_FAMILY ? "f"
							    : "";
	char text[32];

	snprintf(text, sizeof(text), "%s_%u%s", prefix, header->architecture, suffix);
	return device_text(device, slice_text(text));
}

/* Without NULs and blanks at its end. */
static struct slice trim(struct slice text)
{
	while (text.len && (text.ptr[text.len - 1] == 0 || text.ptr[text.len - 1] == ' '))
		text.len--;
	return text;
}

/* The name of the source file and the options of the compiler, where the header has room. */
static void read_extra(struct device *device, const struct header *header, struct slice bytes,
		       uint64_t offset)
{
	struct slice text, descriptor;

	if (header->source_length) {
		if (device_take(bytes, header->source, header->source_length, &text))
			device_entry(device)->source = device_text(device, trim(text));
		else
			device_damage(device, offset, "the name of its source is not inside it");
	}
	if (!header->extra || (header->flags & ENTRY_COMPATIBILITY))
		return; /* compatibility attributes, a copy of those of the image */
	if (device_take(bytes, header->extra, 8, &descriptor) &&
	    device_take(bytes, device_u32(descriptor.ptr), device_u32(descriptor.ptr + 4), &text))
		device_entry(device)->options = device_text(device, trim(text));
	else
		device_damage(device, offset, "its options are not inside its header");
}

static void hash_stored(struct device *device, struct slice stored)
{

	device_entry(device)->content = device_hash_of(stored);
}

static void read_image(struct device *device, const struct header *header, struct slice stored,
		       uint64_t offset)
{
	enum facts_device_compression compression = compression_of(header);
	enum facts_device_state state = FACTS_DEVICE_STATE_READ;
	struct facts_device_entry *entry = device_entry(device);
	struct slice image = stored;

	hash_stored(device, stored);
	if (compression == FACTS_DEVICE_COMPRESSION_COUNT) {
		device_damage(device, offset, "several compressions at once");
		return;
	}
	entry->compression = (uint16_t)compression;
	if (entry->kind == FACTS_DEVICE_KIND_OTHER || entry->kind == FACTS_DEVICE_KIND_LTO) {
		entry->state = FACTS_DEVICE_STATE_OPAQUE;
		device->opaque++;
		return;
	}
	if (compression != FACTS_DEVICE_COMPRESSION_NONE)
		state = device_decode(device, compression, stored, header->uncompressed, offset,
				      &image);
	entry->state = (uint16_t)state;
	if (state == FACTS_DEVICE_STATE_READ)
		device_image(device, image);
}

/* Reads one entry of what is left of the container; 0 when it is malformed. */
static uint64_t read_entry(struct device *device, struct slice rest, uint64_t offset)
{
	struct facts_device_entry *entry;
	struct slice bytes, payload;
	struct header header;

	if (!read_header(rest, &header) || !device_take(rest, 0, header.size, &bytes)) {
		device_damage(device, offset, "malformed header of an image in a fatbin");
		return 0;
	}
	if (!device_take(rest, header.size, header.payload, &payload)) {
		device_damage(device, offset, "an image of %llu bytes, its container has %zu left",
			      (unsigned long long)header.payload, rest.len - header.size);
		return 0;
	}
	entry = device_add_entry(device, kind_of(&header), offset);
	if (!entry)
		return 0;
	entry->architecture = architecture_of(device, &header);
	entry->header_flags = header.flags;
	entry->stored = header.compressed ? header.compressed : header.payload;
	entry->size = header.uncompressed ? header.uncompressed : entry->stored;
	if (header.kind == 1)
		device_info_version(device, header.major, header.minor);
	read_extra(device, &header, bytes, offset);
	read_image(device, &header, slice_of(payload.ptr, (size_t)device_entry(device)->stored),
		   offset);
	return header.size + header.payload;
}

uint64_t device_fatbin_read(struct device *device, uint64_t offset)
{
	struct facts_device_container container = {.offset = offset,
						   .kind = FACTS_DEVICE_CONTAINER_FATBIN};
	struct slice header, body;
	uint64_t at = 0, size, available;

	if (!device_take(device->file, offset, CONTAINER_HEADER, &header) ||
	    device_u16(header.ptr + 4) != 1 || device_u16(header.ptr + 6) != CONTAINER_HEADER)
		return 0; /* four bytes that happen to look like it */
	size = device_u64(header.ptr + 8);
	available = device->file.len - offset - CONTAINER_HEADER;
	if (size > available)
		device_damage(device, offset, "a fatbin of %llu bytes, the file has %llu left",
			      (unsigned long long)size, (unsigned long long)available);
	body =
	    slice_of(header.ptr + CONTAINER_HEADER, (size_t)(size < available ? size : available));
	container.size = CONTAINER_HEADER + body.len;
	if (!device_add_container(device, container))
		return 0;
	while (at < body.len && !device->full) {
		struct slice rest = slice_of(body.ptr + at, body.len - (size_t)at);
		uint64_t taken = read_entry(device, rest, offset + CONTAINER_HEADER + at);

		/* A wrong size must not hide what is behind: the search goes on right here. */
		if (!taken)
			return CONTAINER_HEADER + at;
		at += taken;
	}
	return container.size;
}
