/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/slice.h"

int slice_compare(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool slice_line(struct slice *rest, struct slice *ret_line)
{
	const uint8_t *end;
	struct slice line;
	size_t taken;

	if (!rest->len)
		return false;
	end = memchr(rest->ptr, '\n', rest->len);
	line = *rest;
	if (end)
		line.len = (size_t)(end - rest->ptr);
	taken = line.len + (end ? 1 : 0);
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	rest->ptr += taken;
	rest->len -= taken;
	*ret_line = line;
	return true;
}

bool slice_token(struct slice *rest, const char *separators, struct slice *ret_token)
{
	size_t start = 0, end;

	*ret_token = (struct slice){0};
	if (!rest->len)
		return false; /* and ptr may be NULL, to which nothing may be added */
	while (start < rest->len && rest->ptr[start] && strchr(separators, rest->ptr[start]))
		start++;
	end = start;
	while (end < rest->len && !(rest->ptr[end] && strchr(separators, rest->ptr[end])))
		end++;
	*ret_token = slice_of(rest->ptr + start, end - start);
	rest->ptr += end;
	rest->len -= end;
	return end > start;
}

struct slice cursor_bytes(struct cursor *cursor, uint64_t len)
{
	struct slice bytes = {0};

	if (cursor->bad || !slice_sub(cursor->in, cursor->pos, len, &bytes)) {
		cursor->bad = true;
		return (struct slice){0};
	}
	cursor->pos += (size_t)len;
	return bytes;
}

static uint64_t read_integer(struct cursor *cursor, unsigned width)
{
	struct slice bytes = cursor_bytes(cursor, width);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned shift = (unsigned)(cursor->big_endian ? width - 1 - i : i) * 8;
		value |= (uint64_t)bytes.ptr[i] << shift;
	}
	return value;
}

uint8_t cursor_u8(struct cursor *cursor)
{
	return (uint8_t)read_integer(cursor, 1);
}

uint16_t cursor_u16(struct cursor *cursor)
{
	return (uint16_t)read_integer(cursor, 2);
}

uint32_t cursor_u32(struct cursor *cursor)
{
	return (uint32_t)read_integer(cursor, 4);
}

uint64_t cursor_u64(struct cursor *cursor)
{
	return read_integer(cursor, 8);
}

void cursor_seek(struct cursor *cursor, uint64_t offset)
{
	if (offset > cursor->in.len)
		cursor->bad = true;
	else
		cursor->pos = (size_t)offset;
}
