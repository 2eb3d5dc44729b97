/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decompression of one image. The size is what the container declares: it passes the budget before
 * memory is taken, and the result must have it exactly. A small file can unfold to gigabytes
 * (fatbin.md 2: 73 KB to 2.3 GB), so the ratio is bounded too.
 */
#include <lz4.h>
#include <lz4frame.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "binary/device.h"
#include "util/budget.h"

static bool decode_lz4(struct slice stored, uint8_t *to, size_t size)
{
	if (stored.len > INT32_MAX || size > INT32_MAX)
		return false;
	return LZ4_decompress_safe((const char *)stored.ptr, (char *)to, (int)stored.len,
				   (int)size) == (int)size;
}

static bool decode_lz4_frame(struct slice stored, uint8_t *to, size_t size, size_t *ret_used)
{
	LZ4F_dctx *context;
	size_t read = 0, written = 0, hint = 1;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return false;
	while (hint && read < stored.len) {
		size_t in = stored.len - read, out = size - written;

		hint = LZ4F_decompress(context, to + written, &out, stored.ptr + read, &in, NULL);
		if (LZ4F_isError(hint) || (!in && !out))
			break; /* an error, or more to write than there is room */
		read += in;
		written += out;
	}
	LZ4F_freeDecompressionContext(context);
	*ret_used = read;
	return hint == 0 && written == size;
}

static bool decode_zlib(struct slice stored, uint8_t *to, size_t size, size_t *ret_used)
{
	uLongf written = size;
	uLong read = (uLong)stored.len;
	int result = uncompress2(to, &written, stored.ptr, &read);

	*ret_used = read;
	return result == Z_OK && written == size;
}

/* Frames that hold nothing may stand around the one of an image: only a single frame is all of it.
 */
static bool decode_zstd(struct slice stored, uint8_t *to, size_t size, size_t *ret_used)
{
	size_t first = ZSTD_findFrameCompressedSize(stored.ptr, stored.len);

	*ret_used = ZSTD_isError(first) ? 0 : first;
	return ZSTD_decompress(to, size, stored.ptr, stored.len) == size;
}

static bool decode(enum facts_device_compression compression, struct slice stored, uint8_t *to,
		   size_t size, size_t *ret_used)
{
	*ret_used = stored.len;
	switch (compression) {
	case FACTS_DEVICE_COMPRESSION_LZ4:
		return decode_lz4(stored, to, size);
	case FACTS_DEVICE_COMPRESSION_LZ4_FRAME:
		return decode_lz4_frame(stored, to, size, ret_used);
	case FACTS_DEVICE_COMPRESSION_ZSTD:
		return decode_zstd(stored, to, size, ret_used);
	case FACTS_DEVICE_COMPRESSION_ZLIB:
		return decode_zlib(stored, to, size, ret_used);
	case FACTS_DEVICE_COMPRESSION_NONE:
	case FACTS_DEVICE_COMPRESSION_COUNT:
		break;
	}
	return false;
}

static bool within_budget(struct device *device, struct slice stored, uint64_t size,
			  uint64_t offset)
{
	if (size > BUDGET_DEVICE_IMAGE) {
		device_limit(device, offset, "an image of %llu bytes is not decoded",
			     (unsigned long long)size);
		return false;
	}
	if (size > BUDGET_DEVICE_RATIO_FLOOR && size / BUDGET_DEVICE_RATIO > stored.len) {
		device_limit(device, offset, "%zu bytes that unfold to %llu are not decoded",
			     stored.len, (unsigned long long)size);
		return false;
	}
	if (size > BUDGET_DEVICE_TOTAL - device->decoded_total) {
		device_limit(device, offset, "more than %llu bytes of images, not decoded",
			     (unsigned long long)BUDGET_DEVICE_TOTAL);
		return false;
	}
	return true;
}

static void make_room(struct device_buffer *buffer, size_t size)
{
	if (size <= buffer->cap)
		return;
	/* Nothing in it is kept: not realloc(), which might hold both. */
	free(buffer->ptr);
	buffer->cap = size;
	buffer->ptr = memory_alloc(size);
}

enum facts_device_state device_decode(struct device *device,
				      enum facts_device_compression compression,
				      struct slice stored, uint64_t size, uint64_t offset,
				      struct slice *ret, size_t *ret_used)
{
	if (!size || !stored.len) {
		device_damage(device, offset, "a compressed image of no size");
		return FACTS_DEVICE_STATE_DAMAGED;
	}
	if (!within_budget(device, stored, size, offset))
		return FACTS_DEVICE_STATE_LIMIT;
	device->decoded_total += size;
	make_room(&device->decoded, (size_t)size);
	if (!decode(compression, stored, device->decoded.ptr, (size_t)size, ret_used)) {
		device_damage(device, offset, "%s data does not decode to %llu bytes",
			      facts_device_compression_text(compression), (unsigned long long)size);
		return FACTS_DEVICE_STATE_DAMAGED;
	}
	*ret = slice_of(device->decoded.ptr, (size_t)size);
	return FACTS_DEVICE_STATE_READ;
}
