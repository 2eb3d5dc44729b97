/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/mangled.h"

#define PART_LENGTH 256 /* a longer identifier names no namespace */

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static bool take(struct slice *rest, const char *prefix)
{
	size_t length = strlen(prefix);

	if (!slice_starts_with(*rest, prefix))
		return false;
	rest->ptr += length;
	rest->len -= length;
	return true;
}

static void skip_any(struct slice *rest, const char *bytes)
{
	while (rest->len && memchr(bytes, rest->ptr[0], strlen(bytes))) {
		rest->ptr++;
		rest->len--;
	}
}

/* <source-name>: its length, then its bytes. */
static bool take_part(struct slice *rest, struct slice *ret)
{
	size_t length = 0;

	while (rest->len && is_digit(rest->ptr[0]) && length <= PART_LENGTH) {
		length = length * 10 + (size_t)(rest->ptr[0] - '0');
		rest->ptr++;
		rest->len--;
	}
	if (!length || length > PART_LENGTH || length > rest->len)
		return false;
	*ret = slice_of(rest->ptr, length);
	rest->ptr += length;
	rest->len -= length;
	return true;
}

/* "_ZN4core3fmt...17h0123456789abcdefE": the last part of Rust's names is a hash. */
static bool is_rust(struct slice name)
{
	return name.len > 20 && name.ptr[name.len - 1] == 'E' &&
	       memcmp(name.ptr + name.len - 20, "17h", 3) == 0;
}

/* "v9", "json_abi_v3_11_2", "v1_2": an inline namespace that tells versions apart. */
static bool is_version(struct slice part)
{
	for (size_t i = 0; i + 1 < part.len; i++)
		if (part.ptr[i] == 'v' && is_digit(part.ptr[i + 1]) &&
		    (i == 0 || part.ptr[i - 1] == '_'))
			return true;
	return false;
}

bool mangled_scope(struct slice name, struct slice *ret_first, struct slice *ret_second)
{
	struct slice rest = name, next;

	*ret_second = slice_of(NULL, 0);
	if (is_rust(name) || !take(&rest, "_Z"))
		return false;
	/* Thunks are code of the class, with offsets before the name. */
	if (take(&rest, "Th") || take(&rest, "Tv") || take(&rest, "Tc"))
		skip_any(&rest, "hvcn0123456789_");
	skip_any(&rest, "Z"); /* what is local to a function belongs to it */
	if (!take(&rest, "N"))
		return false;
	skip_any(&rest, "rVK");
	skip_any(&rest, "RO");
	if (!take_part(&rest, ret_first))
		return false;
	if (take_part(&rest, &next) && is_version(next))
		*ret_second = next;
	/* Anonymous namespaces belong to nobody. */
	return !slice_starts_with(*ret_first, "_GLOBAL__N");
}
