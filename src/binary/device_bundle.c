/* SPDX-License-Identifier: BSD-2-Clause */
/* clang's offload bundles, plain and compressed, as HIP puts them into .hip_fatbin (fatbin.md 6).
 */
#include <zstd.h>

#include "binary/device_rest.h"
#include "util/budget.h"

#define BUNDLE_MAGIC "__CLANG_OFFLOAD_BUNDLE__"
#define BUNDLE_MAGIC_SIZE 24u
#define BUNDLE_HEADER (BUNDLE_MAGIC_SIZE + 8u)
#define BUNDLE_ENTRY 24u      /* without its name */
#define BUNDLE_ENTRIES 10000u /* one per machine: dozens are many */
#define OPEN_ROOM 65536u      /* bytes of zlib's own around a small bundle */

struct bundle_entry {
	uint64_t offset, size;
	struct slice id;
};

static bool next_entry(struct cursor *cursor, struct bundle_entry *ret)
{
	uint64_t length;

	ret->offset = cursor_u64(cursor);
	ret->size = cursor_u64(cursor);
	length = cursor_u64(cursor);
	if (cursor->bad || length > BUDGET_DEVICE_NAME)
		return false;
	ret->id = cursor_bytes(cursor, length);
	return !cursor->bad;
}

/* How many entries follow; false when it is no bundle. */
static bool open_bundle(struct slice bytes, struct cursor *ret, uint64_t *ret_count)
{
	if (bytes.len < BUNDLE_HEADER || memcmp(bytes.ptr, BUNDLE_MAGIC, BUNDLE_MAGIC_SIZE) != 0)
		return false;
	*ret = cursor_of(bytes, false);
	cursor_seek(ret, BUNDLE_MAGIC_SIZE);
	*ret_count = cursor_u64(ret);
	return *ret_count && *ret_count <= BUNDLE_ENTRIES;
}

/* Where its last image ends; 0 when its table does not hold together. */
static uint64_t bundle_size(struct slice bytes)
{
	struct cursor cursor;
	uint64_t count, size;
	struct bundle_entry entry;

	if (!open_bundle(bytes, &cursor, &count))
		return 0;
	size = BUNDLE_HEADER;
	for (uint64_t i = 0; i < count; i++) {
		struct slice image;

		if (!next_entry(&cursor, &entry))
			return 0;
		if (slice_sub(bytes, entry.offset, entry.size, &image) &&
		    entry.offset + entry.size > size)
			size = entry.offset + entry.size;
	}
	return cursor.pos > size ? cursor.pos : size;
}

/* "hipv4-amdgcn-amd-amdhsa--gfx90a:xnack+" */
static enum facts_device_kind kind_of(struct slice id)
{
	if (slice_starts_with(id, "host-"))
		return FACTS_DEVICE_KIND_HOST;
	return id.len && memmem(id.ptr, id.len, "amdgcn", 6) ? FACTS_DEVICE_KIND_CODE_OBJECT
							     : FACTS_DEVICE_KIND_OTHER;
}

static struct slice architecture_of(struct slice id)
{
	const uint8_t *at = id.len ? memmem(id.ptr, id.len, "gfx", 3) : NULL;

	return at ? slice_of(at, id.len - (size_t)(at - id.ptr)) : id;
}

static void read_entry(struct device *device, struct slice bundle,
		       const struct bundle_entry *bundled, uint64_t offset)
{
	enum facts_device_kind kind = kind_of(bundled->id);
	struct facts_device_entry *entry = device_add_entry(device, kind, offset);
	struct slice image;

	if (!entry)
		return;
	entry->architecture = device_text(device, architecture_of(bundled->id));
	entry->header = device_hash_of(bundled->id);
	entry->stored = entry->size = bundled->size;
	if (!slice_sub(bundle, bundled->offset, bundled->size, &image)) {
		device_damage(device, offset, "an image of %llu bytes is not inside its bundle",
			      (unsigned long long)bundled->size);
		return;
	}
	if (kind == FACTS_DEVICE_KIND_OTHER)
		device->opaque++;
	if (image.len && kind != FACTS_DEVICE_KIND_OTHER)
		device_image(device, image);
	else
		entry->state = kind == FACTS_DEVICE_KIND_OTHER ? FACTS_DEVICE_STATE_OPAQUE
							       : FACTS_DEVICE_STATE_READ;
}

/* What stands between the images of a bundle, and behind its table. */
static void read_rest(struct device_rest *rest, struct slice bundle)
{
	VEC(struct device_range) ranges = {0};
	struct bundle_entry entry;
	struct cursor cursor;
	uint64_t count;

	if (!open_bundle(bundle, &cursor, &count))
		return;
	for (uint64_t i = 0; i < count && next_entry(&cursor, &entry); i++) {
		uint64_t end;

		if (!__builtin_add_overflow(entry.offset, entry.size, &end))
			vec_push(&ranges, ((struct device_range){entry.offset, end}));
	}
	vec_push(&ranges, ((struct device_range){0, cursor.pos}));
	device_rest_gaps(rest, bundle, ranges.ptr, ranges.len);
	vec_release(&ranges);
}

/*
 * The images of a bundle; in a compressed one they have no place of their own in the file. loose:
 * bytes around the bundle.
 */
static void read_entries(struct device *device, struct slice bundle, uint64_t offset,
			 bool compressed, struct slice loose)
{
	struct bundle_entry entry;
	struct device_rest rest;
	struct cursor cursor;
	uint64_t count;

	device_rest_begin(&rest);
	read_rest(&rest, bundle);
	if (loose.len)
		device_rest_add(&rest, slice_text("stored"));
	device_rest_add(&rest, loose);
	device_container(device)->rest = device_rest_end(&rest);
	if (!open_bundle(bundle, &cursor, &count)) {
		device_damage(device, offset, "no bundle inside a compressed one");
		return;
	}
	for (uint64_t i = 0; i < count && !device->full; i++) {
		uint64_t place;

		if (!next_entry(&cursor, &entry)) {
			device_damage(device, offset, "the table of a bundle leaves it");
			return;
		}
		if (compressed || __builtin_add_overflow(offset, entry.offset, &place))
			place = offset;
		read_entry(device, bundle, &entry, place);
	}
}

uint64_t device_bundle_read(struct device *device, uint64_t offset)
{
	struct slice bytes = slice_of(device->file.ptr + offset, device->file.len - (size_t)offset);
	uint64_t size = bundle_size(bytes);

	if (!size || !device_add_container(device, (struct facts_device_container){
						       .offset = offset,
						       .size = size,
						       .kind = FACTS_DEVICE_CONTAINER_BUNDLE,
						   }))
		return 0;
	read_entries(device, slice_of(bytes.ptr, (size_t)size), offset, false, (struct slice){0});
	return size;
}

struct ccob {
	uint16_t version, method;
	uint64_t total, uncompressed, hash;
	size_t header;
	bool open; /* only the end of its data tells where it ends: version 1 of zlib */
};

enum ccob_method { CCOB_ZLIB, CCOB_ZSTD };

static bool read_ccob_header(struct slice bytes, struct ccob *ret)
{
	struct cursor cursor = cursor_of(bytes, false);

	cursor_u32(&cursor);
	ret->version = cursor_u16(&cursor);
	ret->method = cursor_u16(&cursor);
	ret->total = 0;
	if (ret->version == 2)
		ret->total = cursor_u32(&cursor);
	else if (ret->version == 3)
		ret->total = cursor_u64(&cursor);
	ret->uncompressed = ret->version == 3 ? cursor_u64(&cursor) : cursor_u32(&cursor);
	ret->hash = cursor_u64(&cursor);
	ret->header = cursor.pos;
	ret->open = ret->version == 1 && ret->method == CCOB_ZLIB;
	if (cursor.bad || ret->version < 1 || ret->version > 3 || ret->method > CCOB_ZSTD)
		return false;
	if (ret->version == 1 && !ret->open) {
		size_t size =
		    ZSTD_findFrameCompressedSize(bytes.ptr + cursor.pos, bytes.len - cursor.pos);

		ret->total = ZSTD_isError(size) ? 0 : cursor.pos + size;
	}
	return true;
}

/*
 * Its data. Without an end, what any packer would need at most: a stream may go on for ever and
 * give no byte.
 */
static struct slice ccob_data(const struct ccob *ccob, struct slice bytes)
{
	struct slice data = slice_of(bytes.ptr + ccob->header, bytes.len - ccob->header);
	uint64_t most = 2 * ccob->uncompressed + OPEN_ROOM;

	if (!ccob->open)
		data.len = (size_t)ccob->total - ccob->header;
	else if (data.len > most)
		data.len = (size_t)most;
	return data;
}

/*
 * It counts as one image. Without an end, none of the bytes is surely its own, and device_outside.c
 * has them too.
 */
static void add_unread(struct device *device, uint64_t offset, const struct ccob *ccob,
		       struct slice stored, enum facts_device_state state)
{
	struct facts_device_entry *entry =
	    device_add_entry(device, FACTS_DEVICE_KIND_OTHER, offset);

	if (!entry)
		return;
	entry->state = (uint16_t)state;
	entry->size = ccob->uncompressed;
	entry->stored = ccob->open ? 0 : stored.len;
	entry->content = device_hash_of(stored);
}

/* Gives how many bytes it takes. */
static uint64_t read_ccob(struct device *device, uint64_t offset, const struct ccob *ccob,
			  struct slice stored)
{
	enum facts_device_compression compression = ccob->method == CCOB_ZSTD
							? FACTS_DEVICE_COMPRESSION_ZSTD
							: FACTS_DEVICE_COMPRESSION_ZLIB;
	size_t first = device->builder->device_entries.len, used;
	struct slice bundle, loose = {0};
	enum facts_device_state state =
	    device_decode(device, compression, stored, ccob->uncompressed, offset, &bundle, &used);

	if (state != FACTS_DEVICE_STATE_READ) {
		add_unread(device, offset, ccob, stored, state);
		return ccob->open ? ccob->header : ccob->total;
	}
	if (ccob->open)
		stored.len = used;
	else if (used != stored.len)
		loose = stored;
	read_entries(device, bundle, offset, true, loose);
	for (size_t i = first; i < device->builder->device_entries.len; i++)
		device->builder->device_entries.ptr[i].compression = (uint16_t)compression;
	return ccob->header + stored.len;
}

uint64_t device_ccob_read(struct device *device, uint64_t offset)
{
	struct slice bytes = slice_of(device->file.ptr + offset, device->file.len - (size_t)offset);
	struct ccob ccob;
	uint64_t size;

	if (!read_ccob_header(bytes, &ccob))
		return 0;
	if (!ccob.open && (ccob.total < ccob.header || ccob.total > bytes.len)) {
		device_damage(device, offset, "a compressed bundle of %llu bytes, the file has %zu",
			      (unsigned long long)ccob.total, bytes.len);
		return 0;
	}
	if (!device_add_container(device, (struct facts_device_container){
					      .offset = offset,
					      .size = ccob.total,
					      .checksum = ccob.hash,
					      .kind = FACTS_DEVICE_CONTAINER_COMPRESSED_BUNDLE,
					  }))
		return 0;
	size = read_ccob(device, offset, &ccob, ccob_data(&ccob, bytes));
	device_container(device)->size = size;
	return size;
}
