/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/device_names.h"

#include <zlib.h>

#define CRC_DIGITS 8u

static int hex_value(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return -1;
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* Eight digits and '_' at that place. */
static bool read_crc(struct slice name, size_t at, uint32_t *ret)
{
	uint32_t value = 0;

	if (at > name.len || name.len - at <= CRC_DIGITS || name.ptr[at + CRC_DIGITS] != '_')
		return false;
	for (size_t i = 0; i < CRC_DIGITS; i++) {
		int digit = hex_value(name.ptr[at + i]);

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return true;
}

/* "<length>_<file>" behind the CRC. */
static struct slice read_file(struct slice name, size_t at)
{
	struct slice file = {0};
	uint64_t length = 0;
	size_t digits = 0;

	while (at < name.len && is_digit(name.ptr[at]) && digits++ < 6)
		length = length * 10 + (uint64_t)(name.ptr[at++] - '0');
	if (!digits || !length || at >= name.len || name.ptr[at] != '_' ||
	    !slice_sub(name, at + 1, length, &file))
		return (struct slice){0};
	return file;
}

/* "_<hash>" or "_<hash>_<process>": what stands behind a file without external names. */
static bool is_hash(struct slice rest)
{
	uint32_t hash;
	size_t at = 1 + CRC_DIGITS;
	uint8_t copy[CRC_DIGITS + 2];

	if (rest.len < at || rest.ptr[0] != '_')
		return false;
	memcpy(copy, rest.ptr, at);
	copy[at] = '_';
	if (!read_crc(slice_of(copy, at + 1), 1, &hash))
		return false;
	if (rest.len == at)
		return true;
	if (rest.ptr[at++] != '_' || at == rest.len)
		return false;
	while (at < rest.len && is_digit(rest.ptr[at]))
		at++;
	return at == rest.len;
}

/*
 * The length in front of an identifier that begins at unit->prefix. Digits may belong to the name
 * before, so the number that makes sense of the end is taken. from: where those may begin.
 */
static void read_length(struct slice name, size_t from, struct device_unit *unit)
{
	size_t file_end = (size_t)(unit->file.ptr - name.ptr) + unit->file.len;
	uint64_t length = 0, scale = 1;

	for (size_t at = unit->prefix; at > from && is_digit(name.ptr[at - 1]) && scale < 10000;) {
		length += (uint64_t)(name.ptr[--at] - '0') * scale;
		scale *= 10;
		if (length < file_end - unit->prefix || length > name.len - unit->prefix)
			continue;
		unit->start = at;
		unit->end = unit->prefix + (size_t)length;
		if (is_hash(slice_of(name.ptr + file_end, unit->end - file_end)))
			return;
	}
}

/* Fills prefix and digits when a word that leads to a CRC is there. */
static bool read_prefix(struct slice name, size_t at, struct device_unit *unit)
{
	static const char *const prefixes[] = {"_INTERNAL_", "_GLOBAL__N__"};
	struct slice rest = slice_of(name.ptr + at, name.len - at);

	unit->start = unit->prefix = at;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		unit->digits = at + strlen(prefixes[i]);
		if (slice_starts_with(rest, prefixes[i]))
			return read_crc(name, unit->digits, &unit->crc);
	}
	return false;
}

static bool read_static(struct slice name, size_t at, struct device_unit *unit)
{
	static const char prefix[] = "__nv_static_";
	size_t digits = at + sizeof(prefix) - 1;
	uint64_t length = 0;

	if (!slice_starts_with(slice_of(name.ptr + at, name.len - at), prefix))
		return false;
	while (digits < name.len && is_digit(name.ptr[digits]) && length < 100000)
		length = length * 10 + (uint64_t)(name.ptr[digits++] - '0');
	if (name.len - digits < 2 || name.ptr[digits] != '_' || name.ptr[digits + 1] != '_' ||
	    !read_crc(name, digits + 2, &unit->crc))
		return false;
	unit->start = at + sizeof(prefix) - 1;
	unit->prefix = digits;
	unit->digits = digits + 2;
	unit->end = length <= name.len - digits - 1 ? digits + 1 + (size_t)length : 0;
	return true;
}

bool device_name_unit(struct slice name, size_t *at, struct device_unit *ret)
{
	size_t from = *at;

	while (*at < name.len) {
		const uint8_t *next = memchr(name.ptr + *at, '_', name.len - *at);
		size_t least;
		bool is_static;

		if (!next)
			break;
		*at = (size_t)(next - name.ptr);
		*ret = (struct device_unit){0};
		is_static = read_static(name, *at, ret);
		if (!is_static && !read_prefix(name, *at, ret)) {
			(*at)++;
			continue;
		}
		ret->file = read_file(name, ret->digits + CRC_DIGITS + 1);
		if (ret->file.len && !is_static)
			read_length(name, from, ret);
		least = ret->file.len ? (size_t)(ret->file.ptr - name.ptr) + ret->file.len
				      : ret->digits + CRC_DIGITS;
		if (ret->end < least)
			ret->end = least;
		*at = ret->end;
		return true;
	}
	*at = name.len;
	return false;
}

size_t device_name_key(struct slice name, uint8_t *to)
{
	struct device_unit unit;
	size_t at = 0, copied = 0, length = 0, file_end;

	if (!name.len)
		return 0;
	while (device_name_unit(name, &at, &unit)) {
		memcpy(to + length, name.ptr + copied, unit.start - copied);
		length += unit.start - copied;
		memcpy(to + length, name.ptr + unit.prefix, unit.digits - unit.prefix);
		length += unit.digits - unit.prefix;
		memset(to + length, '0', CRC_DIGITS);
		length += CRC_DIGITS;
		file_end = unit.digits + CRC_DIGITS;
		if (unit.file.len) {
			size_t end = (size_t)(unit.file.ptr - name.ptr) + unit.file.len;

			memcpy(to + length, name.ptr + file_end, end - file_end);
			length += end - file_end;
		}
		copied = unit.end;
	}
	memcpy(to + length, name.ptr + copied, name.len - copied);
	length += name.len - copied;
	/* "$___ZZ4kernelE6shared__37": numbered in the order of the whole unit. */
	if (memmem(to, length, "$___ZZ", 6)) {
		size_t end = length;

		while (end && is_digit(to[end - 1]))
			end--;
		if (end >= 2 && to[end - 1] == '_' && to[end - 2] == '_')
			length = end;
	}
	return length;
}

bool device_is_literal(struct slice name)
{
	return slice_starts_with(name, "$str") || slice_starts_with(name, "__unnamed_");
}

struct slice device_variable_name(struct slice name)
{
	if (device_is_literal(name))
		name.len = strlen("$str");
	return name;
}

struct slice device_literal(struct slice bytes)
{
	static const char *const suffixes[] = {".cu",  ".cuh", ".h",   ".hpp",
					       ".inl", ".cpp", ".inc", ".hh"};
	size_t length = bytes.len, start;

	while (length && !bytes.ptr[length - 1])
		length--;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (length <= suffix ||
		    memcmp(bytes.ptr + length - suffix, suffixes[i], suffix) != 0)
			continue;
		for (start = length; start && bytes.ptr[start - 1] != '/';)
			start--;
		return slice_of(bytes.ptr + start, length - start);
	}
	return bytes;
}

uint32_t device_path_crc(struct slice path)
{
	uLong crc = crc32(0, NULL, 0);

	return path.len ? (uint32_t)crc32_z(crc, path.ptr, path.len) : (uint32_t)crc;
}
