/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_string.h"

/*
 * Replacement fields of f-strings hold expressions, and since PEP 701 (3.12) these may hold any
 * string, one of the same quotes and f-strings too. An explicit stack follows them.
 */
#define FRAMES 32 /* deeper than any compiler accepts */

enum frame_type {
	FRAME_TEXT,  /* of an f-string, between its quotes */
	FRAME_FIELD, /* expression in { } */
	FRAME_SPEC,  /* behind the colon of a field */
};

struct frame {
	enum frame_type type;
	uint8_t quote; /* of the string around */
	bool triple, raw;
	uint32_t brackets; /* open inside of the expression */
};

struct scan {
	struct slice text;
	size_t at;
	struct frame frames[FRAMES];
	size_t depth;
};

bool python_is_prefix(struct slice name)
{
	bool format = false;

	if (!name.len || name.len > 2)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!memchr("rRbBuUfFtT", name.ptr[i], 10))
			return false;
		format |= name.ptr[i] != 'r' && name.ptr[i] != 'R';
	}
	/* Two letters: one of them is r. Python 2's ur is let pass. */
	return name.len == 1 || !format || memchr("rR", name.ptr[0], 2) ||
	       memchr("rR", name.ptr[1], 2);
}

static bool has_letter(struct slice prefix, uint8_t lower)
{
	for (size_t i = 0; i < prefix.len; i++)
		if ((prefix.ptr[i] | 0x20) == lower)
			return true;
	return false;
}

static uint8_t byte_at(struct slice text, size_t at)
{
	return at < text.len ? text.ptr[at] : 0;
}

static bool is_triple(struct slice text, size_t at)
{
	uint8_t quote = byte_at(text, at);

	return quote && byte_at(text, at + 1) == quote && byte_at(text, at + 2) == quote;
}

static bool is_newline(uint8_t byte)
{
	return byte == '\n' || byte == '\r';
}

/* Whether the string of the frame ends at scan->at; width of its closing quotes, or 0. */
static size_t closing(const struct scan *scan, const struct frame *frame)
{
	if (byte_at(scan->text, scan->at) != frame->quote || scan->at >= scan->text.len)
		return 0;
	if (!frame->triple)
		return 1;
	return is_triple(scan->text, scan->at) ? 3 : 0;
}

/* Offset of the closing quotes of a literal without fields, or of where it breaks off. */
static size_t plain_end(struct slice text, size_t at, uint8_t quote, bool triple)
{
	struct scan scan = {.text = text, .at = at};
	const struct frame frame = {.quote = quote, .triple = triple};

	while (scan.at < text.len) {
		uint8_t byte = text.ptr[scan.at];

		if (byte == quote && closing(&scan, &frame))
			break;
		if (!triple && is_newline(byte))
			break;
		/* Backslash, carriage return and newline are one escape. */
		if (byte == '\\')
			scan.at +=
			    byte_at(text, scan.at + 1) == '\r' && byte_at(text, scan.at + 2) == '\n'
				? 2
				: 1;
		scan.at++;
	}
	return scan.at < text.len ? scan.at : text.len;
}

static void push(struct scan *scan, struct frame frame)
{
	if (scan->depth < FRAMES)
		scan->frames[scan->depth++] = frame;
}

/* Inside of the text of an f-string: one step. Returns the width of quotes that end it, or 0. */
static size_t step_text(struct scan *scan, struct frame *frame)
{
	uint8_t byte = scan->text.ptr[scan->at], next = byte_at(scan->text, scan->at + 1);
	size_t width = closing(scan, frame);

	if (width) {
		scan->at += width;
		scan->depth--;
		return width;
	}
	if (byte == '\\' && next == 'N' && !frame->raw &&
	    byte_at(scan->text, scan->at + 2) == '{') {
		while (scan->at < scan->text.len && scan->text.ptr[scan->at] != '}' &&
		       !is_newline(scan->text.ptr[scan->at]))
			scan->at++;
		return 0;
	}
	if (byte == '\\' && next != '{') {
		scan->at += next == '\r' && byte_at(scan->text, scan->at + 2) == '\n' ? 3 : 2;
		return 0;
	}
	if (byte == '{' && next == '{') {
		scan->at += 2;
		return 0;
	}
	if (!frame->triple && is_newline(byte)) {
		scan->depth = 0; /* broken off */
		return 0;
	}
	scan->at++;
	if (byte == '{') {
		struct frame field = *frame;

		field.type = FRAME_FIELD;
		field.brackets = 0;
		push(scan, field);
	}
	return 0;
}

/* At a quote inside of an expression: a literal of its own. */
static void enter_literal(struct scan *scan)
{
	size_t start = scan->at;
	bool triple = is_triple(scan->text, scan->at);
	uint8_t quote = scan->text.ptr[scan->at];
	struct frame inner = {.type = FRAME_TEXT, .quote = quote, .triple = triple};
	struct slice prefix;
	size_t body = scan->at + (triple ? 3 : 1);

	while (start && memchr("rRbBuUfFtT", scan->text.ptr[start - 1], 10) && scan->at - start < 2)
		start--;
	prefix = slice_of(scan->text.ptr + start, scan->at - start);
	if (has_letter(prefix, 'f') || has_letter(prefix, 't')) {
		inner.raw = has_letter(prefix, 'r');
		scan->at = body;
		push(scan, inner);
		return;
	}
	scan->at = plain_end(scan->text, body, quote, triple);
	if (closing(scan, &inner))
		scan->at += triple ? 3 : 1;
	else
		scan->depth = 0;
}

static void step_field(struct scan *scan, struct frame *frame)
{
	uint8_t byte = scan->text.ptr[scan->at];

	switch (byte) {
	case '\'':
	case '"':
		enter_literal(scan);
		return;
	case '#':
		while (scan->at < scan->text.len && !is_newline(scan->text.ptr[scan->at]))
			scan->at++;
		return;
	case '(':
	case '[':
	case '{':
		frame->brackets++;
		break;
	case ')':
	case ']':
		frame->brackets -= frame->brackets > 0;
		break;
	case '}':
		if (frame->brackets)
			frame->brackets--;
		else
			scan->depth--;
		break;
	case ':':
		if (!frame->brackets)
			frame->type = FRAME_SPEC;
		break;
	default:
		break;
	}
	scan->at++;
}

static void step_spec(struct scan *scan, struct frame *frame)
{
	uint8_t byte = scan->text.ptr[scan->at];
	size_t width = closing(scan, frame);

	if (width || (!frame->triple && is_newline(byte))) {
		/* The field is not closed: the string ends all the same. */
		scan->depth--;
		return;
	}
	scan->at++;
	if (byte == '}') {
		scan->depth--;
	} else if (byte == '{') {
		struct frame field = *frame;

		field.type = FRAME_FIELD;
		field.brackets = 0;
		push(scan, field);
	}
}

/* Offset behind the closing quotes of an f-string, whose body begins at scan->at. */
static size_t formatted_end(struct scan *scan, size_t *ret_width)
{
	*ret_width = 0;
	while (scan->depth && scan->at < scan->text.len) {
		struct frame *frame = &scan->frames[scan->depth - 1];

		if (frame->type == FRAME_TEXT)
			*ret_width = step_text(scan, frame);
		else if (frame->type == FRAME_FIELD)
			step_field(scan, frame);
		else
			step_spec(scan, frame);
	}
	if (scan->depth) /* the text ends first */
		*ret_width = 0;
	return scan->at < scan->text.len ? scan->at : scan->text.len;
}

struct python_literal python_literal_at(struct slice text, size_t at, struct slice prefix)
{
	bool triple = is_triple(text, at);
	uint8_t quote = text.ptr[at];
	struct python_literal literal = {
	    .body = at + (triple ? 3 : 1),
	    .raw = has_letter(prefix, 'r'),
	    .formatted = has_letter(prefix, 'f') || has_letter(prefix, 't'),
	};
	size_t width = triple ? 3 : 1;

	if (literal.formatted) {
		struct scan scan = {.text = text, .at = literal.body};

		push(&scan, (struct frame){FRAME_TEXT, quote, triple, literal.raw, 0});
		literal.end = formatted_end(&scan, &width);
		literal.body_end = literal.end - width;
		return literal;
	}
	literal.body_end = plain_end(text, literal.body, quote, triple);
	literal.end = literal.body_end;
	if (byte_at(text, literal.end) == quote && literal.end < text.len)
		literal.end += width;
	return literal;
}

static int digit(uint8_t byte, int base)
{
	int value = byte >= '0' && byte <= '9'	 ? byte - '0'
		    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
		    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
						 : base;

	return value < base ? value : -1;
}

/* Up to max digits; returns how many there are. */
static size_t take_digits(struct slice rest, int base, size_t max, int *ret)
{
	size_t count = 0;

	*ret = 0;
	while (count < max && count < rest.len && digit(rest.ptr[count], base) >= 0)
		*ret = *ret * base + digit(rest.ptr[count++], base);
	return count;
}

/* What follows a backslash: *ret_width bytes that stand for *ret, -1 for nothing at all. */
static bool take_escape(struct slice rest, size_t *ret_width, int *ret)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *known = rest.len && rest.ptr[0] ? strchr(from, rest.ptr[0]) : NULL;
	size_t digits;

	*ret_width = 1;
	if (known) {
		*ret = to[known - from];
	} else if (rest.len && rest.ptr[0] == '\n') {
		*ret = -1;
	} else if ((digits = take_digits(rest, 8, 3, ret))) {
		*ret_width = digits;
	} else if (rest.len && rest.ptr[0] == 'x') {
		*ret_width = 3;
		return take_digits(slice_of(rest.ptr + 1, rest.len - 1), 16, 2, ret) == 2;
	} else if (rest.len && memchr("NuU\r", rest.ptr[0], 4)) {
		return false;
	} else {
		*ret_width = 0; /* an unknown escape stays as it is */
		*ret = '\\';
	}
	return true;
}

bool python_append_value(struct slice body, bool raw, python_text *out)
{
	for (size_t i = 0; i < body.len; i++) {
		int value = body.ptr[i];
		size_t width = 0;

		if (value == '\\' && !raw &&
		    !take_escape(slice_of(body.ptr + i + 1, body.len - i - 1), &width, &value))
			return false;
		i += width;
		if (value == 0)
			return false;
		if (value > 0)
			vec_push(out, (char)value);
	}
	return true;
}
