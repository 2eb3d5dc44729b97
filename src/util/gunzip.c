/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/gunzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "util/memory.h"

#define FIRST_SIZE 65536
#define EITHER_HEADER 32 /* of gzip or of zlib: inflateInit2(3) */

bool gunzip_is(struct slice bytes)
{
	return bytes.len > 2 && memcmp(bytes.ptr, "\x1f\x8b\x08", 3) == 0;
}

/* Inflates all of it into a buffer that grows up to limit bytes. */
static enum status inflate_all(z_stream *stream, uint64_t limit, uint8_t **buffer, size_t *used)
{
	size_t size = 0;
	int result;

	do {
		if (*used == size) {
			if (size > limit)
				return STATUS_LIMIT;
			size = size ? size * 2 : FIRST_SIZE;
			*buffer = memory_realloc_array(*buffer, size, 1);
		}
		stream->next_out = *buffer + *used;
		stream->avail_out = (uInt)(size - *used);
		result = inflate(stream, Z_NO_FLUSH);
		*used = size - stream->avail_out;
	} while (result == Z_OK && (stream->avail_in || !stream->avail_out));
	if (result != Z_STREAM_END)
		return STATUS_FORMAT;
	return *used > limit ? STATUS_LIMIT : STATUS_OK;
}

enum status inflate_text(struct slice *bytes, uint64_t limit, struct arena *arena)
{
	z_stream stream = {.zalloc = Z_NULL};
	uint8_t *buffer = NULL;
	enum status status;
	size_t used = 0;

	if (bytes->len > UINT32_MAX || limit > UINT32_MAX / 4)
		return STATUS_LIMIT;
	if (inflateInit2(&stream, EITHER_HEADER + MAX_WBITS) != Z_OK)
		return STATUS_FORMAT;
	/* zlib takes its input without const, and does not write to it. */
	memcpy(&stream.next_in, &bytes->ptr, sizeof(stream.next_in));
	stream.avail_in = (uInt)bytes->len;
	status = inflate_all(&stream, limit, &buffer, &used);
	inflateEnd(&stream);
	if (status == STATUS_OK) {
		uint8_t *text = arena_alloc(arena, used + 1);

		memcpy(text, buffer, used);
		*bytes = slice_of(text, used);
	}
	free(buffer);
	return status;
}

enum status gunzip(struct slice *bytes, uint64_t limit, struct arena *arena)
{
	return gunzip_is(*bytes) ? inflate_text(bytes, limit, arena) : STATUS_OK;
}
