/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_text.h"

#include <stdio.h>
#include <string.h>

void code_texts_init(struct code_texts *texts, struct arena *arena)
{
	*texts = (struct code_texts){.arena = arena};
}

void code_texts_release(struct code_texts *texts)
{
	map_release(&texts->map);
	vec_release(&texts->list);
}

uint32_t code_texts_add(struct code_texts *texts, struct slice text)
{
	const struct map_entry *entry = map_get(&texts->map, text);
	struct slice copy;

	if (entry)
		return entry->value;
	copy = slice_of(arena_copy(texts->arena, text.ptr, text.len), text.len);
	map_put(&texts->map, copy, (uint32_t)texts->list.len, NULL);
	vec_push(&texts->list, copy);
	return (uint32_t)texts->list.len - 1;
}

void code_buffer_add(struct code_buffer *buffer, struct slice bytes)
{
	if (bytes.len > sizeof(buffer->bytes) - buffer->len) {
		buffer->full = true;
		return;
	}
	if (bytes.len)
		memcpy(buffer->bytes + buffer->len, bytes.ptr, bytes.len);
	buffer->len += bytes.len;
}

void code_buffer_byte(struct code_buffer *buffer, uint8_t byte)
{
	code_buffer_add(buffer, slice_of(&byte, 1));
}

void code_buffer_number(struct code_buffer *buffer, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	code_buffer_add(buffer, slice_text(text));
}

void code_buffer_parameter(struct code_buffer *buffer, enum code_hole hole, unsigned parameter)
{
	uint8_t bytes[2] = {(uint8_t)hole, (uint8_t)(parameter + HOLE_BIAS)};

	code_buffer_add(buffer, slice_of(bytes, 2));
}

void code_buffer_field(struct code_buffer *buffer, unsigned parameter, int32_t offset)
{
	uint32_t bits = (uint32_t)offset;
	uint8_t bytes[5] = {HOLE_FIELD, (uint8_t)(parameter + HOLE_BIAS),
			    (uint8_t)((bits & 63) + HOLE_BIAS),
			    (uint8_t)((bits >> 6 & 63) + HOLE_BIAS),
			    (uint8_t)((bits >> 12 & 63) + HOLE_BIAS)};

	if (offset < 0 || offset >= 1 << 18)
		code_buffer_byte(buffer, HOLE_ANY);
	else
		code_buffer_add(buffer, slice_of(bytes, 5));
}

bool code_text_next(struct slice *rest, struct code_part *ret)
{
	size_t length = 1;

	if (!rest->len)
		return false;
	*ret = (struct code_part){.hole = HOLE_NONE};
	if (rest->ptr[0] >= 8) {
		while (length < rest->len && rest->ptr[length] >= 8)
			length++;
		ret->literal = slice_of(rest->ptr, length);
	} else {
		ret->hole = (enum code_hole)rest->ptr[0];
		if (ret->hole >= HOLE_PARAMETER && rest->len > 1) {
			ret->parameter = rest->ptr[1] - (unsigned)HOLE_BIAS;
			length = 2;
		}
		if (ret->hole == HOLE_FIELD && rest->len > 4) {
			ret->offset = (rest->ptr[2] - HOLE_BIAS) |
				      (rest->ptr[3] - HOLE_BIAS) << 6 |
				      (rest->ptr[4] - HOLE_BIAS) << 12;
			length = 5;
		}
	}
	rest->ptr += length;
	rest->len -= length;
	return true;
}

bool code_text_has_holes(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 8)
			return true;
	return false;
}

int code_text_parameter(struct slice text)
{
	struct code_part part;
	int lowest = -1;

	while (code_text_next(&text, &part))
		if (part.hole >= HOLE_PARAMETER && (lowest < 0 || (int)part.parameter < lowest))
			lowest = (int)part.parameter;
	return lowest;
}

bool code_text_is_parameter(struct slice text)
{
	struct code_part part;

	return code_text_next(&text, &part) && part.hole >= HOLE_PARAMETER && !text.len;
}

bool code_text_has_literal(struct slice text)
{
	struct code_part part;

	while (code_text_next(&text, &part))
		if (!part.hole)
			return true;
	return false;
}

static void add_literal(struct code_buffer *buffer, struct slice literal)
{
	for (size_t i = 0; i < literal.len; i++) {
		if (literal.ptr[i] == '%')
			code_buffer_byte(buffer, '%');
		code_buffer_byte(buffer, literal.ptr[i]);
	}
}

void code_text_pattern(struct slice text, bool named, struct code_buffer *ret)
{
	struct code_part part;
	char name[32];

	ret->len = 0;
	ret->full = false;
	if (!code_text_has_holes(text)) {
		code_buffer_add(ret, text);
		return;
	}
	while (code_text_next(&text, &part)) {
		switch (part.hole) {
		case HOLE_NONE:
			add_literal(ret, part.literal);
			break;
		case HOLE_NUMBER:
			code_buffer_add(ret, slice_text("%d"));
			break;
		case HOLE_CHARACTER:
			code_buffer_add(ret, slice_text("%c"));
			break;
		case HOLE_PARAMETER:
		case HOLE_PARAMETER_NUMBER:
			snprintf(name, sizeof(name), "%%{%u}", part.parameter);
			code_buffer_add(ret, slice_text(named ? name
							: part.hole == HOLE_PARAMETER ? "%s"
										      : "%d"));
			break;
		case HOLE_FIELD:
			snprintf(name, sizeof(name), "%%{%u+%d}", part.parameter, part.offset);
			code_buffer_add(ret, slice_text(named ? name : "%s"));
			break;
		case HOLE_ANY:
			code_buffer_add(ret, slice_text("%s"));
			break;
		}
	}
}
