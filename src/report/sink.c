/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sink.h"

#include <stdio.h>
#include <string.h>

#define ESCAPE_SIZE 16 /* "\\u{10ffff}" and its NUL */

void sink_init(struct sink *sink, sink_write_fn *write, void *context)
{
	sink->write = write;
	sink->context = context;
	sink->failed = false;
	sink->used = 0;
}

bool sink_flush(struct sink *sink)
{
	if (sink->used && !sink->failed)
		sink->failed = !sink->write(sink->context, sink->buffer, sink->used);
	sink->used = 0;
	return !sink->failed;
}

void sink_bytes(struct sink *sink, const void *bytes, size_t size)
{
	if (size > sizeof(sink->buffer) - sink->used)
		sink_flush(sink);
	if (size > sizeof(sink->buffer)) {
		if (!sink->failed)
			sink->failed = !sink->write(sink->context, bytes, size);
		return;
	}
	memcpy(sink->buffer + sink->used, bytes, size);
	sink->used += size;
}

void sink_text(struct sink *sink, const char *text)
{
	sink_bytes(sink, text, strlen(text));
}

void sink_printf(struct sink *sink, const char *format, ...)
{
	char text[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Only our own short texts go this way; a cut one would be a mistake of ours. */
	if (length < 0 || (size_t)length >= sizeof(text))
		sink->failed = true;
	else
		sink_bytes(sink, text, (size_t)length);
}

/* The character at text: its bytes, 0 when they are no UTF-8 (RFC 3629: no surrogates, shortest).
 */
static size_t decode(const unsigned char *text, uint32_t *ret_character)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = text[0] < 0x80	 ? 1
			: text[0] < 0xc2 ? 0
			: text[0] < 0xe0 ? 2
			: text[0] < 0xf0 ? 3
			: text[0] < 0xf5 ? 4
					 : 0;
	uint32_t character = length == 1 ? text[0] : text[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80) /* also at the NUL */
			return 0;
		character = character << 6 | (text[i] & 0x3fu);
	}
	if (length > 1 && (character < lowest[length] || character > 0x10ffff ||
			   (character >= 0xd800 && character < 0xe000)))
		return 0;
	*ret_character = character;
	return length;
}

/* Characters that turn the direction of text, or that show nothing where something stands. */
static bool is_deceptive(uint32_t character)
{
	return (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2060 && character <= 0x206f) ||
	       (character >= 0xfff9 && character <= 0xfffb) ||
	       (character >= 0xe0000 && character <= 0xe0fff) || character == 0xad ||
	       character == 0x034f || character == 0x061c || character == 0x180e ||
	       character == 0x3164 || character == 0xfeff;
}

/* The escape that stands for the character at *at, "" when it is shown as it is; moves on. */
static void next_shown(const unsigned char **at, char ret_escape[static ESCAPE_SIZE])
{
	uint32_t character = 0;
	size_t length = decode(*at, &character);

	ret_escape[0] = '\0';
	if (!length || character < 0x20 || character == 0x7f)
		snprintf(ret_escape, ESCAPE_SIZE, "\\x%02x", **at);
	else if ((character >= 0x80 && character < 0xa0) || is_deceptive(character))
		snprintf(ret_escape, ESCAPE_SIZE, "\\u{%04x}", character);
	*at += length ? length : 1;
}

/* Most text: printable ASCII, which is shown as it is. */
static const unsigned char *plain_end(const unsigned char *at, const unsigned char *end)
{
	while (at < end && *at >= 0x20 && *at < 0x7f)
		at++;
	return at;
}

void sink_terminal_part(struct sink *sink, const char *text, const char *end)
{
	const unsigned char *at = (const unsigned char *)text;
	char escape[ESCAPE_SIZE];

	while (at < (const unsigned char *)end) {
		const unsigned char *start = at;

		at = plain_end(at, (const unsigned char *)end);
		if (at != start) {
			sink_bytes(sink, start, (size_t)(at - start));
			continue;
		}
		next_shown(&at, escape);
		if (*escape)
			sink_text(sink, escape);
		else
			sink_bytes(sink, start, (size_t)(at - start));
	}
}

void sink_terminal(struct sink *sink, const char *text)
{
	sink_terminal_part(sink, text, text + strlen(text));
}

size_t sink_terminal_columns(const char *text, const char *end)
{
	const unsigned char *at = (const unsigned char *)text;
	char escape[ESCAPE_SIZE];
	size_t columns = 0;

	while (at < (const unsigned char *)end) {
		const unsigned char *start = at;

		at = plain_end(at, (const unsigned char *)end);
		columns += (size_t)(at - start);
		if (at != start)
			continue;
		next_shown(&at, escape);
		columns += *escape ? strlen(escape) : 1;
	}
	return columns;
}

void sink_json_string(struct sink *sink, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	sink_bytes(sink, "\"", 1);
	while (*at) {
		uint32_t character = 0;
		size_t length = decode(at, &character);

		if (!length) {
			sink_text(sink, "\xef\xbf\xbd");
			at++;
			continue;
		}
		if (character == '"' || character == '\\')
			sink_printf(sink, "\\%c", (int)character);
		else if (character < 0x20 || character == 0x7f)
			sink_printf(sink, "\\u%04x", (unsigned)character);
		else
			sink_bytes(sink, at, length);
		at += length;
	}
	sink_bytes(sink, "\"", 1);
}
