/* SPDX-License-Identifier: BSD-2-Clause */
/* Expressions joined without repetition. */
#include <string.h>

#include "licence/expression.h"
#include "util/budget.h"
#include "util/vec.h"

static bool same_text(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

static bool same_step(const struct expression_step *left, const struct expression_step *right)
{
	return left->op == right->op && (left->op != EXPRESSION_TERM ||
					 (same_text(left->term.id, right->term.id) &&
					  same_text(left->term.exception, right->term.exception)));
}

static bool same_steps(const struct expression *left, const struct expression *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (!same_step(&left->steps[i], &right->steps[i]))
			return false;
	return true;
}

/* Where the operand that ends before step end begins: an operator wants two of them. */
static size_t operand_start(const struct expression_step *steps, size_t end)
{
	size_t wanted = 1;

	while (wanted && end) {
		end--;
		wanted += steps[end].op == EXPRESSION_TERM ? (size_t)-1 : 1;
	}
	return end;
}

struct operands {
	VEC(struct expression) list;
	size_t steps; /* of all together */
};

static void add_operand(struct operands *operands, struct expression operand)
{
	vec_each (known, &operands->list)
		if (same_steps(known, &operand))
			return;
	vec_push(&operands->list, operand);
	operands->steps += operand.count + 1;
}

/* The operands of a chain "a op b op c", from left to right: in postfix they stand so. */
static void add_chain(struct operands *operands, enum expression_op op,
		      const struct expression *expression)
{
	VEC(struct expression) found = {NULL, 0, 0};
	size_t end = expression->count;

	while (end && expression->steps[end - 1].op == op) {
		size_t start = operand_start(expression->steps, end - 1);

		vec_push(&found, ((struct expression){expression->steps + start, end - 1 - start}));
		end = start;
	}
	vec_push(&found, ((struct expression){expression->steps, end}));
	for (size_t i = found.len; i-- > 0;)
		add_operand(operands, found.ptr[i]);
	vec_release(&found);
}

const struct expression *expression_join_all(enum expression_op op,
					     const struct expression *const *list, size_t count,
					     struct arena *arena, bool *ret_capped)
{
	struct operands operands = {{NULL, 0, 0}, 0};
	struct expression *joined = NULL;
	struct expression_step *steps;
	size_t used = 0;
	bool capped = false;

	for (size_t i = 0; i < count && !capped; i++) {
		if (list[i])
			add_chain(&operands, op, list[i]);
		capped = operands.steps > BUDGET_LICENCE_TOKENS;
	}
	if (ret_capped)
		*ret_capped = capped;
	if (operands.list.len) {
		joined = arena_alloc(arena, sizeof(*joined));
		steps = arena_alloc_array(arena, operands.steps + 1, sizeof(*steps));
		vec_each (operand, &operands.list) {
			memcpy(steps + used, operand->steps, operand->count * sizeof(*steps));
			used += operand->count;
			if (operand != operands.list.ptr)
				steps[used++].op = op;
		}
		joined->steps = steps;
		joined->count = used;
	}
	vec_release(&operands.list);
	return joined;
}

const struct expression *expression_join(enum expression_op op, const struct expression *left,
					 const struct expression *right, struct arena *arena)
{
	const struct expression *both[] = {left, right};

	if (!left || !right)
		return left ? left : right;
	return expression_join_all(op, both, 2, arena, NULL);
}
