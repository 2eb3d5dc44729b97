/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/words.h"

#include <string.h>

/* One word while it grows. */
typedef VEC(char) growing;

static void put(growing *word, uint8_t byte)
{
	vec_push(word, (char)byte);
}

static bool take(struct slice *rest, uint8_t *ret)
{
	if (!rest->len)
		return false;
	*ret = *rest->ptr++;
	rest->len--;
	return true;
}

static int digit_value(uint8_t byte, int base)
{
	int value = byte >= '0' && byte <= '9'	 ? byte - '0'
		    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
		    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
						 : 99;

	return value < base ? value : -1;
}

/* \xHH and \NNN, exactly that many digits; false leaves *rest as it was. */
static bool numeric_escape(struct slice *rest, size_t digits, int base, uint8_t *ret)
{
	int value = 0;

	if (rest->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int digit = digit_value(rest->ptr[i], base);

		if (digit < 0)
			return false;
		value = value * base + digit;
	}
	if (value == 0 || value > 255)
		return false;
	rest->ptr += digits;
	rest->len -= digits;
	*ret = (uint8_t)value;
	return true;
}

/* What follows a backslash in a unit file; an unknown escape stays as it is. */
static void unit_escape(struct slice *rest, growing *word)
{
	static const char from[] = "abfnrtvs", to[] = "\a\b\f\n\r\t\v ";
	const char *known;
	uint8_t byte, value;

	if (rest->len >= 4 && rest->ptr[0] == 'x') {
		struct slice digits = slice_of(rest->ptr + 1, rest->len - 1);

		if (numeric_escape(&digits, 2, 16, &value)) {
			put(word, value);
			*rest = digits;
			return;
		}
	}
	if (numeric_escape(rest, 3, 8, &value)) {
		put(word, value);
		return;
	}
	if (!take(rest, &byte))
		return;
	known = byte ? strchr(from, byte) : NULL;
	if (known) {
		put(word, (uint8_t)to[known - from]);
		return;
	}
	if (!strchr("\\\"';", byte))
		put(word, '\\');
	put(word, byte);
}

static void escape(struct slice *rest, enum words_dialect dialect, bool in_double, growing *word)
{
	uint8_t byte;

	if (dialect == WORDS_UNIT) {
		unit_escape(rest, word);
		return;
	}
	if (!take(rest, &byte))
		return;
	if (in_double && !(byte && strchr("$`\"\\\n", byte)))
		put(word, '\\');
	if (byte != '\n')
		put(word, byte);
}

enum status words_next(struct slice *rest, enum words_dialect dialect, struct arena *arena,
		       const char **ret)
{
	growing word = {0};
	uint8_t quote = 0, byte;

	while (rest->len && strchr(" \t\r\n", rest->ptr[0]) && rest->ptr[0]) {
		rest->ptr++;
		rest->len--;
	}
	if (!rest->len || (dialect == WORDS_SHELL && rest->ptr[0] == '#'))
		return STATUS_END;
	while (take(rest, &byte)) {
		if (!quote && byte && strchr(" \t\r\n", byte))
			break;
		if (byte == '\\' && !(quote == '\'' && dialect == WORDS_SHELL))
			escape(rest, dialect, quote == '"', &word);
		else if (quote && byte == quote)
			quote = 0;
		else if (!quote && (byte == '"' || byte == '\''))
			quote = byte;
		else
			put(&word, byte);
	}
	if (!quote)
		*ret = arena_slice(arena, slice_of(word.ptr, word.len));
	vec_release(&word);
	return quote ? STATUS_FORMAT : STATUS_OK;
}
