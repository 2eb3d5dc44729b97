/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/json_read.h"

#include <ctype.h>
#include <string.h>

struct json_read json_read_of(struct slice bytes, struct arena *arena)
{
	/* A note ends in zeros; a file may begin with a byte order mark. */
	while (bytes.len && bytes.ptr[bytes.len - 1] == '\0')
		bytes.len--;
	if (slice_starts_with(bytes, "\xef\xbb\xbf"))
		bytes = slice_of(bytes.ptr + 3, bytes.len - 3);
	return (struct json_read){.rest = bytes, .arena = arena};
}

static void advance(struct json_read *json, size_t count)
{
	json->rest = slice_of(json->rest.ptr + count, json->rest.len - count);
}

char json_read_peek(struct json_read *json)
{
	if (json->bad)
		return '\0';
	while (json->rest.len && memchr(" \t\r\n", json->rest.ptr[0], 4))
		advance(json, 1);
	return json->rest.len ? (char)json->rest.ptr[0] : '\0';
}

static bool take(struct json_read *json, char wanted)
{
	if (json_read_peek(json) != wanted)
		return false;
	advance(json, 1);
	return true;
}

/* The length of a text up to its closing quote, which is there; SIZE_MAX when it is not. */
static size_t text_length(struct slice rest)
{
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] == '"')
			return i;
		i += rest.ptr[i] == '\\';
	}
	return SIZE_MAX;
}

static uint32_t digit_value(uint8_t digit)
{
	return digit <= '9' ? (uint32_t)digit - '0' : ((uint32_t)digit | 0x20) - 'a' + 10;
}

/* Four hexadecimal digits; UINT32_MAX when they are none. */
static uint32_t code_unit(struct slice text, size_t at)
{
	uint32_t unit = 0;

	if (text.len < at + 4)
		return UINT32_MAX;
	for (size_t i = at; i < at + 4; i++) {
		if (!isxdigit(text.ptr[i]))
			return UINT32_MAX;
		unit = unit * 16 + digit_value(text.ptr[i]);
	}
	return unit;
}

static char *put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/*
 * What "\\u" stands for; at is behind the "u" and moves behind the digits, of a pair of surrogates
 * behind those of both. A NUL or half of a pair has no place in our texts: U+FFFD.
 */
static uint32_t escaped_code(struct slice text, size_t *at, bool *bad)
{
	uint32_t code = code_unit(text, *at), low;

	if (code == UINT32_MAX) {
		*bad = true;
		return 0xfffd;
	}
	*at += 4;
	if (code >= 0xd800 && code < 0xdc00 && text.len > *at + 1 && text.ptr[*at] == '\\' &&
	    text.ptr[*at + 1] == 'u') {
		low = code_unit(text, *at + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			*at += 6;
			return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return code == 0 || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code;
}

/* No escape is longer as UTF-8 than as it is written. */
static char *unescape(struct json_read *json, struct slice text)
{
	static const char letters[] = "bfnrt";
	char *result = arena_alloc(json->arena, text.len + 1), *to = result;

	for (size_t i = 0; i < text.len;) {
		uint8_t byte = text.ptr[i++];
		const char *known;

		if (byte != '\\') {
			if (byte)
				*to++ = (char)byte;
			continue;
		}
		byte = text.ptr[i++]; /* text_length() saw that there is one */
		known = byte ? strchr(letters, byte) : NULL;
		if (byte == 'u')
			to = put_utf8(to, escaped_code(text, &i, &json->bad));
		else
			*to++ = known ? "\b\f\n\r\t"[known - letters] : (char)byte;
	}
	*to = '\0';
	return result;
}

/* Moves behind a text without keeping it. */
static struct slice pass_text(struct json_read *json)
{
	struct slice text = {json->rest.ptr, 0};
	size_t length;

	if (!take(json, '"')) {
		json->bad = true;
		return text;
	}
	length = text_length(json->rest);
	if (length == SIZE_MAX) {
		json->bad = true;
		return text;
	}
	text = slice_of(json->rest.ptr, length);
	advance(json, length + 1);
	return text;
}

const char *json_read_text(struct json_read *json)
{
	struct slice text;

	if (json_read_peek(json) != '"') {
		json_read_skip(json);
		return NULL;
	}
	text = pass_text(json);
	return json->bad ? NULL : unescape(json, text);
}

bool json_read_enter(struct json_read *json, char bracket)
{
	if (!take(json, bracket)) {
		json_read_skip(json);
		return false;
	}
	json->fresh = true;
	return true;
}

/* Behind the comma before the next thing in a bracket; no at its end. */
static bool goes_on(struct json_read *json, char close)
{
	bool fresh = json->fresh;

	json->fresh = false;
	if (json->bad || take(json, close))
		return false;
	if (!fresh && !take(json, ','))
		json->bad = true;
	return !json->bad;
}

bool json_read_key(struct json_read *json, const char **ret)
{
	struct slice key;

	if (!goes_on(json, '}'))
		return false;
	key = pass_text(json);
	if (!take(json, ':'))
		json->bad = true;
	*ret = json->bad ? "" : unescape(json, key);
	return !json->bad;
}

bool json_read_item(struct json_read *json)
{
	return goes_on(json, ']');
}

/* Brackets are counted, not matched by kind: what is skipped is nobody's concern. */
void json_read_skip(struct json_read *json)
{
	uint64_t depth = 0;

	do {
		char next = json_read_peek(json);

		if (next == '"') {
			(void)pass_text(json);
		} else if (next == '{' || next == '[') {
			depth++;
			advance(json, 1);
		} else if (next == '}' || next == ']') {
			if (!depth) {
				json->bad = true;
				return;
			}
			depth--;
			advance(json, 1);
		} else if (next == ',' || next == ':') {
			if (!depth)
				json->bad = true;
			else
				advance(json, 1);
		} else if (next && !isspace((unsigned char)next)) {
			size_t word = 0; /* a number, true, false, null */

			while (word < json->rest.len &&
			       !memchr(" \t\r\n,:{}[]\"", json->rest.ptr[word], 11))
				word++;
			advance(json, word);
		} else {
			json->bad = true;
		}
	} while (!json->bad && depth);
	json->fresh = false;
}
