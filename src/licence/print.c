/* SPDX-License-Identifier: BSD-2-Clause */
/* An expression as canonical text, in one pass and linear space. */
#include <string.h>

#include "licence/expression.h"

/* Text as a chain of pieces, so that joining two costs nothing. */
struct piece {
	const char *text;
	struct piece *next;
};

struct printed {
	struct piece *first, *last;
	enum expression_op op;
};

static struct printed text_of(const char *text, enum expression_op op, struct arena *arena)
{
	struct piece *piece = arena_alloc(arena, sizeof(*piece));

	piece->text = text;
	return (struct printed){piece, piece, op};
}

static void append(struct printed *left, struct printed right)
{
	left->last->next = right.first;
	left->last = right.last;
}

/* Brackets where reading from the left would group otherwise. */
static struct printed operand(struct printed part, enum expression_op parent, bool right,
			      struct arena *arena)
{
	struct printed bracketed;

	if (!(parent == EXPRESSION_AND && part.op == EXPRESSION_OR) &&
	    !(right && part.op == parent))
		return part;
	bracketed = text_of("(", part.op, arena);
	append(&bracketed, part);
	append(&bracketed, text_of(")", part.op, arena));
	return bracketed;
}

static struct printed print_term(const struct licence_term *term, struct arena *arena)
{
	struct printed printed = text_of(term->id, EXPRESSION_TERM, arena);

	if (term->exception) {
		append(&printed, text_of(" WITH ", EXPRESSION_TERM, arena));
		append(&printed, text_of(term->exception, EXPRESSION_TERM, arena));
	}
	return printed;
}

static const char *flatten(const struct printed *printed, struct arena *arena)
{
	size_t length = 0;
	char *text, *at;

	for (const struct piece *piece = printed->first; piece; piece = piece->next)
		length += strlen(piece->text);
	text = at = arena_alloc(arena, length + 1);
	for (const struct piece *piece = printed->first; piece; piece = piece->next) {
		size_t part = strlen(piece->text);

		memcpy(at, piece->text, part);
		at += part;
	}
	return text;
}

const char *expression_print(const struct expression *expression, struct arena *arena)
{
	struct printed *stack;
	struct arena scratch;
	const char *text;
	size_t depth = 0;

	arena_init(&scratch);
	stack = arena_alloc_array(&scratch, expression->count + 1, sizeof(*stack));
	for (size_t i = 0; i < expression->count; i++) {
		const struct expression_step *step = &expression->steps[i];
		struct printed joined;

		if (step->op == EXPRESSION_TERM) {
			stack[depth++] = print_term(&step->term, &scratch);
			continue;
		}
		depth--;
		joined = operand(stack[depth - 1], step->op, false, &scratch);
		append(&joined,
		       text_of(step->op == EXPRESSION_AND ? " AND " : " OR ", step->op, &scratch));
		append(&joined, operand(stack[depth], step->op, true, &scratch));
		joined.op = step->op;
		stack[depth - 1] = joined;
	}
	text = flatten(&stack[0], arena);
	arena_release(&scratch);
	return text;
}
