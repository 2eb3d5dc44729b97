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

/* Behind the words that lead to a CRC, or 0. */
static size_t behind_prefix(struct slice name, size_t at)
{
	static const char *const prefixes[] = {"_INTERNAL_", "_GLOBAL__N__"};
	struct slice rest = slice_of(name.ptr + at, name.len - at);
	size_t digits = at;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (slice_starts_with(rest, prefixes[i]))
			return at + strlen(prefixes[i]);
	if (!slice_starts_with(rest, "__nv_static_"))
		return 0;
	digits += strlen("__nv_static_");
	while (digits < name.len && is_digit(name.ptr[digits]))
		digits++;
	if (name.len - digits < 2 || name.ptr[digits] != '_' || name.ptr[digits + 1] != '_')
		return 0;
	return digits + 2;
}

bool device_name_unit(struct slice name, size_t *at, struct device_unit *ret)
{
	while (*at < name.len) {
		const uint8_t *next = memchr(name.ptr + *at, '_', name.len - *at);
		size_t digits;

		if (!next)
			break;
		*at = (size_t)(next - name.ptr);
		digits = behind_prefix(name, *at);
		if (digits && read_crc(name, digits, &ret->crc)) {
			ret->digits = digits;
			ret->file = read_file(name, digits + CRC_DIGITS + 1);
			*at = digits + CRC_DIGITS;
			return true;
		}
		(*at)++;
	}
	*at = name.len;
	return false;
}

size_t device_name_key(struct slice name, uint8_t *to)
{
	struct device_unit unit;
	size_t at = 0, length = name.len;

	if (!length)
		return 0;
	memcpy(to, name.ptr, length);
	while (device_name_unit(name, &at, &unit))
		memset(to + unit.digits, '0', CRC_DIGITS);
	/* "$___ZZ4kernelE6shared__37": numbered in the order of the whole unit. */
	if (memmem(to, length, "$___ZZ", 6)) {
		while (length && is_digit(to[length - 1]))
			length--;
		if (length < 2 || to[length - 1] != '_' || to[length - 2] != '_')
			length = name.len;
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
