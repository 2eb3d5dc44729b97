/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What printf() and its like make of a format and arguments that are known in part. Conversions:
 * ISO C 7.21.6.1; what is not known becomes a hole.
 */
#include <stdio.h>

#include "binary/code_flow.h"
#include "util/budget.h"

struct conversion {
	char flags[8];
	unsigned width, precision;
	bool has_width, has_precision, is_long;
	char letter; /* 0: not understood */
};

/* Several texts that grow together: one per combination of what the arguments may be. */
struct variants {
	struct code_flow *flow;
	const struct code_call *call;
	unsigned argument; /* next integer argument */
	struct code_buffer *buffers;
	size_t count;
	uint32_t reasons;
};

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static unsigned take_number(struct slice *rest)
{
	unsigned number = 0;

	while (rest->len && is_digit(rest->ptr[0])) {
		number = number < 10000 ? number * 10 + rest->ptr[0] - '0' : number;
		rest->ptr++, rest->len--;
	}
	return number;
}

static bool take(struct slice *rest, const char *set, char *ret)
{
	if (!rest->len || !rest->ptr[0] || !strchr(set, rest->ptr[0]))
		return false;
	*ret = (char)rest->ptr[0];
	rest->ptr++, rest->len--;
	return true;
}

/* Behind the per cent sign. A star takes an argument, which makes the width unknown. */
static struct conversion take_conversion(struct slice *rest, struct variants *v)
{
	struct conversion c = {.letter = 0};
	size_t flags = 0;
	char byte;

	while (flags < sizeof(c.flags) - 1 && take(rest, "-+ #0", &c.flags[flags]))
		flags++;
	c.flags[flags] = '\0';
	if (take(rest, "*", &byte)) {
		v->argument++;
		c.has_width = true;
		c.width = 10000;
	} else if (rest->len && is_digit(rest->ptr[0])) {
		c.has_width = true;
		c.width = take_number(rest);
	}
	if (take(rest, ".", &byte)) {
		c.has_precision = true;
		if (take(rest, "*", &byte)) {
			v->argument++;
			c.precision = 10000;
		} else {
			c.precision = take_number(rest);
		}
	}
	while (take(rest, "hljztLq", &byte))
		c.is_long |= byte != 'h';
	take(rest, "diouxXcspnmfFeEgGaA%", &c.letter);
	return c;
}

static void add_everywhere(struct variants *v, struct slice bytes)
{
	for (size_t i = 0; i < v->count; i++)
		code_buffer_add(&v->buffers[i], bytes);
}

static void add_hole(struct variants *v, enum code_hole hole)
{
	uint8_t byte = (uint8_t)hole;

	add_everywhere(v, slice_of(&byte, 1));
}

/* Each variant with each of the texts, and with a hole for what else it may be; a hole alone when
 * there would be too many. */
static void add_founds(struct variants *v, struct code_founds *founds)
{
	size_t count = v->count;

	if (code_founds_open(founds) &&
	    founds->count < sizeof(founds->items) / sizeof(founds->items[0]))
		code_find_hole(v->flow, founds);
	if (count * founds->count > BUDGET_CODE_TEXTS) {
		add_hole(v, HOLE_ANY);
		return;
	}
	for (size_t n = 1; n < founds->count; n++)
		for (size_t i = 0; i < count; i++)
			v->buffers[n * count + i] = v->buffers[i];
	v->count = count * founds->count;
	for (size_t n = 0; n < founds->count; n++)
		for (size_t i = 0; i < count; i++)
			code_buffer_add(&v->buffers[n * count + i],
					code_texts_get(v->flow->texts, founds->items[n].text));
}

static void add_text(struct variants *v, const struct conversion *c)
{
	struct code_founds founds;
	code_value value = code_flow_argument(v->flow, v->call, v->argument++);

	code_find_texts(v->flow, v->call->state, value, &founds);
	code_find_only_texts(&founds);
	if (c->has_precision || c->has_width)
		founds.reasons |= FACTS_REASON_FORMATTED;
	add_founds(v, &founds);
}

static void add_integer(struct variants *v, const struct conversion *c)
{
	code_value value =
	    code_flow_small_argument(v->flow, v->call, v->argument++, c->is_long ? 8 : 4);
	const struct code_atom *atom = code_value_single(&v->flow->values, value);
	struct code_buffer buffer = {.len = 0};
	char format[64], text[128];
	int64_t number;

	if (atom && atom->kind == ATOM_PARAMETER && !atom->b && atom->a < 90 && !c->has_width &&
	    (c->letter == 'd' || c->letter == 'i' || c->letter == 'u')) {
		code_buffer_parameter(&buffer, HOLE_PARAMETER_NUMBER, (unsigned)atom->a);
		add_everywhere(v, code_buffer_slice(&buffer));
		return;
	}
	if (!atom || atom->kind != ATOM_CONSTANT || c->width > 32 || c->precision > 32) {
		add_hole(v, HOLE_NUMBER);
		return;
	}
	number = atom->a;
	if (!c->is_long)
		number = c->letter == 'd' || c->letter == 'i' ? (int32_t)number
							      : (int64_t)(uint32_t)number;
	/* The format is ours: flags, two small numbers and one letter out of a fixed set. */
	snprintf(format, sizeof(format), "%%%s%.0u%s%.0u", c->flags, c->width,
		 c->has_precision ? "." : "", c->precision);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(format + strlen(format), 5, "ll%c", c->letter);
	snprintf(text, sizeof(text), format, (long long)number);
#pragma GCC diagnostic pop
	add_everywhere(v, slice_text(text));
}

static void add_character(struct variants *v)
{
	uint64_t number;
	uint8_t byte;

	if (!code_value_number(&v->flow->values,
			       code_flow_argument(v->flow, v->call, v->argument++), &number) ||
	    (number & 0xff) < ' ') {
		add_hole(v, HOLE_CHARACTER);
		return;
	}
	byte = (uint8_t)number;
	add_everywhere(v, slice_of(&byte, 1));
}

static bool add_conversion(struct variants *v, const struct conversion *c)
{
	switch (c->letter) {
	case '%':
		add_everywhere(v, slice_of("%", 1));
		return true;
	case 's':
		add_text(v, c);
		return true;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		add_integer(v, c);
		return true;
	case 'c':
		add_character(v);
		return true;
	case 'p':
		v->argument++;
		add_hole(v, HOLE_ANY);
		return true;
	case 'm':
	case 'f':
	case 'F':
	case 'e':
	case 'E':
	case 'g':
	case 'G':
	case 'a':
	case 'A':
		add_hole(v, HOLE_ANY); /* floating point has registers of its own */
		return true;
	default:
		return false;
	}
}

static void format_one(struct code_flow *flow, const struct code_call *call, struct slice format,
		       unsigned first, uint64_t address, struct code_founds *ret)
{
	struct variants v = {.flow = flow, .call = call, .argument = first, .count = 1};

	v.buffers = memory_calloc(BUDGET_CODE_TEXTS, sizeof(*v.buffers));
	while (format.len) {
		const uint8_t *sign = memchr(format.ptr, '%', format.len);
		size_t literal = sign ? (size_t)(sign - format.ptr) : format.len;
		struct conversion c;

		add_everywhere(&v, slice_of(format.ptr, literal));
		format.ptr += literal;
		format.len -= literal;
		if (!format.len)
			break;
		format.ptr++, format.len--;
		c = take_conversion(&format, &v);
		if (!add_conversion(&v, &c)) {
			v.count = 0;
			ret->reasons |= FACTS_REASON_FORMATTED;
			break;
		}
	}
	for (size_t i = 0; i < v.count; i++) {
		if (v.buffers[i].full)
			ret->reasons |= FACTS_REASON_TOO_MANY;
		else
			code_found_add(
			    ret, code_texts_add(flow->texts, code_buffer_slice(&v.buffers[i])),
			    FACTS_VALUE_FORMAT, address);
	}
	free(v.buffers);
}

void code_format(struct code_flow *flow, const struct code_call *call, unsigned format,
		 struct code_founds *ret)
{
	struct code_founds formats;

	ret->count = ret->variable_count = ret->result_count = 0;
	code_find_texts(flow, call->state, code_flow_argument(flow, call, format), &formats);
	ret->reasons = formats.reasons;
	for (size_t i = 0; i < formats.count; i++) {
		struct slice text = code_texts_get(flow->texts, formats.items[i].text);

		if (formats.items[i].source == FACTS_VALUE_CONSTANT && !code_text_has_holes(text))
			format_one(flow, call, text, format + 1, formats.items[i].address, ret);
		else
			ret->reasons |= FACTS_REASON_FORMATTED;
	}
}

void code_format_at(struct code_flow *flow, const struct code_call *call, uint64_t address,
		    unsigned first, struct code_founds *ret)
{
	struct slice text;

	ret->count = ret->variable_count = ret->result_count = 0;
	ret->reasons = 0;
	if (code_image_constant(flow->image, address, 1) &&
	    code_image_text(flow->image, address, &text))
		format_one(flow, call, text, first, address, ret);
	else
		ret->reasons = FACTS_REASON_FORMATTED;
}
