/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/purl.h"

#include <ctype.h>
#include <string.h>

const char *purl_encoded(struct arena *arena, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *result = arena_alloc(arena, text.len * 3 + 1), *to = result;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.ptr[i];

		if (byte < 0x80 && (isalnum(byte) || (byte && strchr("-._~:", byte)))) {
			*to++ = (char)byte;
			continue;
		}
		*to++ = '%';
		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	return result;
}

const char *purl_type(struct arena *arena, const char *purl)
{
	size_t length;

	if (strncmp(purl, "pkg:", 4) != 0)
		return "";
	length = strspn(purl + 4, "abcdefghijklmnopqrstuvwxyz0123456789.+-");
	return purl[4 + length] == '/' ? arena_slice(arena, slice_of(purl + 4, length)) : "";
}
