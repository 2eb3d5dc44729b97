/* SPDX-License-Identifier: BSD-2-Clause */
/* NVIDIA's container and its entries; offsets and flags are those of fatbin.md 1.2 and 1.3. */
#include <stdio.h>

#include "binary/device.h"
#include "binary/device_rest.h"
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
	uint64_t payload, flags, key, uncompressed;
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
	ret->key = cursor_u64(&cursor); /* of which nothing is known */
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

/* Even an empty one is there, and cannot be taken for bytes that stand elsewhere. */
static void add_text(struct device_rest *rest, const char *what, struct slice text)
{
	uint64_t length = htole64(text.len);

	device_rest_add(rest, slice_text(what));
	device_rest_add(rest, slice_of(&length, sizeof(length)));
	device_rest_add(rest, text);
}

/* Where the header has texts, which count without what is behind them. */
static size_t list_texts(struct device_rest *rest, const struct header *header, struct slice bytes,
			 struct device_range ranges[static 3])
{
	struct slice descriptor, text;
	uint64_t at;
	size_t count = 0;

	if (header->source_length &&
	    device_take(bytes, header->source, header->source_length, &text)) {
		add_text(rest, "source", trim(text));
		ranges[count++] = (struct device_range){header->source, (uint64_t)header->source +
									    header->source_length};
	}
	if (!header->extra || !device_take(bytes, header->extra, 8, &descriptor))
		return count;
	at = device_u32(descriptor.ptr);
	if (!device_take(bytes, at, device_u32(descriptor.ptr + 4), &text))
		return count;
	add_text(rest, "extra", trim(text));
	ranges[count++] = (struct device_range){header->extra, (uint64_t)header->extra + 8};
	ranges[count++] = (struct device_range){at, at + text.len};
	return count;
}

/*
 * What of an entry no image answers for. How an image is compressed, and how large the header is,
 * differs from packer to packer.
 */
static void hash_header(struct device *device, const struct header *header, struct slice bytes,
			struct slice padding, struct slice loose)
{
	bool packed = (header->flags & ENTRY_COMPRESSED) != 0;
	uint64_t fields[] = {
	    header->kind,
	    header->major,
	    header->minor,
	    header->architecture,
	    header->flags & ~(uint64_t)ENTRY_COMPRESSED,
	    header->key,
	    header->source_length ? 0 : header->source,
	    packed ? 0 : header->compressed,
	    packed ? 0 : header->uncompressed,
	};
	struct device_range ranges[4];
	struct device_rest rest;
	size_t count;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fields[i] = htole64(fields[i]);
	device_rest_begin(&rest);
	device_rest_add(&rest, slice_of(fields, sizeof(fields)));
	count = list_texts(&rest, header, bytes, ranges);
	ranges[count++] = (struct device_range){0, ENTRY_HEADER};
	device_rest_add(&rest, slice_text("header"));
	device_rest_gaps(&rest, bytes, ranges, count);
	device_rest_add(&rest, slice_text("padding"));
	device_rest_gap(&rest, padding);
	device_rest_add(&rest, slice_text("stored"));
	device_rest_add(&rest, loose);
	device_entry(device)->header = device_rest_end(&rest);
}

/* Gives how many of the stored bytes the image is made of. */
static size_t read_image(struct device *device, const struct header *header, struct slice stored,
			 uint64_t offset)
{
	enum facts_device_compression compression = compression_of(header);
	enum facts_device_state state = FACTS_DEVICE_STATE_READ;
	struct facts_device_entry *entry = device_entry(device);
	struct slice image = stored;
	size_t used = stored.len;

	entry->content = device_hash_of(stored);
	if (compression == FACTS_DEVICE_COMPRESSION_COUNT) {
		device_damage(device, offset, "several compressions at once");
		return used;
	}
	entry->compression = (uint16_t)compression;
	if (entry->kind == FACTS_DEVICE_KIND_OTHER || entry->kind == FACTS_DEVICE_KIND_LTO) {
		entry->state = FACTS_DEVICE_STATE_OPAQUE;
		device->opaque++;
		return used;
	}
	if (compression != FACTS_DEVICE_COMPRESSION_NONE)
		state = device_decode(device, compression, stored, header->uncompressed, offset,
				      &image, &used);
	entry->state = (uint16_t)state;
	if (state != FACTS_DEVICE_STATE_READ)
		return stored.len;
	device_image(device, image);
	return used;
}

/* Reads one entry of what is left of the container; 0 when it is malformed. */
static uint64_t read_entry(struct device *device, struct slice rest, uint64_t offset)
{
	struct facts_device_entry *entry;
	struct slice bytes, payload, stored;
	struct header header;
	size_t used;

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
	stored = slice_of(payload.ptr, (size_t)device_entry(device)->stored);
	used = read_image(device, &header, stored, offset);
	hash_header(device, &header, bytes,
		    slice_of(payload.ptr + stored.len, payload.len - stored.len),
		    used == stored.len ? (struct slice){0} : stored);
	return header.size + header.payload;
}

static bool is_zero(struct slice bytes)
{
	return !bytes.len || (!*bytes.ptr && !memcmp(bytes.ptr, bytes.ptr + 1, bytes.len - 1));
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
		uint64_t taken;

		if (is_zero(rest))
			break; /* room at its end */
		taken = read_entry(device, rest, offset + CONTAINER_HEADER + at);
		/* A wrong size must not hide what is behind: the search goes on right here. */
		if (!taken)
			return CONTAINER_HEADER + at;
		at += taken;
	}
	return container.size;
}
