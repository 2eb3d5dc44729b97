/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts with holes: what snprintf() and its like make of arguments that are known in part. A hole is
 * a byte below 8, which no valid text holds, and perhaps bytes behind it. Private to src/binary.
 */
#ifndef BINARY_CODE_TEXT_H
#define BINARY_CODE_TEXT_H

#include "util/arena.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/vec.h"

enum code_hole {
	HOLE_NONE,	   /* a literal part */
	HOLE_ANY,	   /* any text */
	HOLE_NUMBER,	   /* a number */
	HOLE_CHARACTER,	   /* one character */
	HOLE_PARAMETER,	   /* parameter as text; one byte: its number + HOLE_BIAS */
	HOLE_PARAMETER_NUMBER, /* parameter as number; the same */
	HOLE_FIELD,	   /* pointer at parameter + offset; its number, offset in three bytes */
};

#define HOLE_BIAS 0x20 /* so that no operand is zero or below 8 */

struct code_texts {
	struct arena *arena;
	struct map map;
	VEC(struct slice) list;
};

/* A text being put together. */
struct code_buffer {
	uint8_t bytes[BUDGET_CODE_TEXT];
	size_t len;
	bool full; /* it did not fit: whoever takes it must not */
};

void code_texts_init(struct code_texts *texts, struct arena *arena);
void code_texts_release(struct code_texts *texts);
uint32_t code_texts_add(struct code_texts *texts, struct slice text);
static inline struct slice code_texts_get(const struct code_texts *texts, uint32_t number)
{
	return texts->list.ptr[number];
}

void code_buffer_add(struct code_buffer *buffer, struct slice bytes);
void code_buffer_byte(struct code_buffer *buffer, uint8_t byte);
void code_buffer_number(struct code_buffer *buffer, int64_t number);
void code_buffer_parameter(struct code_buffer *buffer, enum code_hole hole, unsigned parameter);
void code_buffer_field(struct code_buffer *buffer, unsigned parameter, int32_t offset);
static inline struct slice code_buffer_slice(const struct code_buffer *buffer)
{
	return slice_of(buffer->bytes, buffer->len);
}

/* One part of a text: a run of literal bytes, or a hole. */
struct code_part {
	enum code_hole hole;
	struct slice literal;
	unsigned parameter;
	int32_t offset; /* of a FIELD */
};

/* Takes the next part off the front; false at the end. */
bool code_text_next(struct slice *rest, struct code_part *ret);
bool code_text_has_holes(struct slice text);
/* The lowest parameter in a hole, or -1. */
int code_text_parameter(struct slice text);
/* Whether it is one hole for a parameter and nothing else. */
bool code_text_is_parameter(struct slice text);
/* Whether any literal byte is in it. */
bool code_text_has_literal(struct slice text);
/*
 * As in a record: "%s", "%d", "%c" for holes and "%%" for per cent signs, when there are holes.
 * Parameters become "%{N}" when named, else "%s" and "%d".
 */
void code_text_pattern(struct slice text, bool named, struct code_buffer *ret);

#endif
