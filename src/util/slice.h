/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slice is a range of bytes somebody else owns. slice_sub() is the one bounds check of the
 * project: every offset and length that comes from a file goes through it.
 */
#ifndef UTIL_SLICE_H
#define UTIL_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *ptr;
	size_t len;
};

static inline struct slice slice_of(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline struct slice slice_text(const char *text)
{
	return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* The sub-range [offset, offset + len), or false (and ret untouched) when it is not inside s. */
static inline bool slice_sub(struct slice s, uint64_t offset, uint64_t len, struct slice *ret)
{
	if (offset > s.len || len > s.len - offset)
		return false;
	ret->ptr = s.ptr ? s.ptr + offset : NULL;
	ret->len = (size_t)len;
	return true;
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_equal_text(struct slice a, const char *text)
{
	return slice_equal(a, slice_text(text));
}

static inline bool slice_starts_with(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.ptr, prefix, len) == 0;
}

/* The string at offset, bounded by s; false when it does not end in NUL inside s. */
static inline bool slice_cstr(struct slice s, uint64_t offset, const char **ret, size_t *ret_len)
{
	const uint8_t *end;

	if (offset >= s.len)
		return false;
	end = memchr(s.ptr + offset, 0, s.len - (size_t)offset);
	if (!end)
		return false;
	*ret = (const char *)s.ptr + offset;
	*ret_len = (size_t)(end - (s.ptr + offset));
	return true;
}

/* Order by bytes, shorter first on a tie. */
int slice_compare(struct slice a, struct slice b);

/* Without leading and trailing ASCII white space. */
struct slice slice_trim(struct slice s);

/*
 * Takes the next line (without its newline, and without a carriage return before it) from *rest;
 * false at the end.
 */
bool slice_line(struct slice *rest, struct slice *ret_line);

/* Takes the next run of bytes that are not in separators; false when only separators are left. */
bool slice_token(struct slice *rest, const char *separators, struct slice *ret_token);

/*
 * Reads of fixed width. A cursor never leaves its slice: a failed read gives 0 and makes the cursor
 * bad for good, so that a parser reads on and checks once.
 */
struct cursor {
	struct slice in;
	size_t pos;
	bool bad;
	bool big_endian;
};

static inline struct cursor cursor_of(struct slice in, bool big_endian)
{
	return (struct cursor){.in = in, .big_endian = big_endian};
}

uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
uint64_t cursor_u64(struct cursor *cursor);
struct slice cursor_bytes(struct cursor *cursor, uint64_t len);
void cursor_seek(struct cursor *cursor, uint64_t offset);

#endif
