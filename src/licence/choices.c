/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be done with an expression: print it, join two, list the ways to satisfy it. */
#include <stdlib.h>
#include <string.h>

#include "licence/expression.h"
#include "util/budget.h"
#include "util/vec.h"

/* ---- printing ---- */

struct printed {
	const char *text;
	enum expression_op op;
};

/* Brackets where reading from the left would group otherwise. */
static const char *operand(const struct printed *part, enum expression_op parent, bool right,
			   struct arena *arena)
{
	bool brackets = (parent == EXPRESSION_AND && part->op == EXPRESSION_OR) ||
			(right && part->op == parent);

	return brackets ? arena_printf(arena, "(%s)", part->text) : part->text;
}

const char *expression_print(const struct expression *expression, struct arena *arena)
{
	struct printed *stack = arena_alloc_array(arena, expression->count + 1, sizeof(*stack));
	size_t depth = 0;

	for (size_t i = 0; i < expression->count; i++) {
		const struct expression_step *step = &expression->steps[i];

		if (step->op == EXPRESSION_TERM) {
			stack[depth++] = (struct printed){
			    step->term.exception ? arena_printf(arena, "%s WITH %s", step->term.id,
								step->term.exception)
						 : step->term.id,
			    EXPRESSION_TERM};
			continue;
		}
		depth--;
		stack[depth - 1] = (struct printed){
		    arena_printf(arena, "%s %s %s",
				 operand(&stack[depth - 1], step->op, false, arena),
				 step->op == EXPRESSION_AND ? "AND" : "OR",
				 operand(&stack[depth], step->op, true, arena)),
		    step->op};
	}
	return stack[0].text;
}

/* ---- joining ---- */

static int compare_optional(const char *left, const char *right)
{
	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcmp(left, right);
}

static int compare_terms(const void *a, const void *b)
{
	const struct licence_term *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	return order ? order : compare_optional(left->exception, right->exception);
}

static bool same(const struct expression *left, const struct expression *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (left->steps[i].op != right->steps[i].op ||
		    (left->steps[i].op == EXPRESSION_TERM &&
		     compare_terms(&left->steps[i].term, &right->steps[i].term) != 0))
			return false;
	return true;
}

/*
 * Whether right is one of the operands of left, a chain "a op b op c" as expression_join() makes
 * it: in postfix, an operand is a suffix before its operator, or the whole.
 */
static bool holds(const struct expression *left, enum expression_op op,
		  const struct expression *right)
{
	struct expression part = *left;

	while (part.count > right->count && part.steps[part.count - 1].op == op) {
		struct expression last = {part.steps + part.count - 1 - right->count, right->count};

		if (same(&last, right))
			return true;
		/* Step to what stands left of the last operand. */
		size_t at = part.count - 1, wanted = 1;
		while (wanted && at) {
			at--;
			wanted += part.steps[at].op == EXPRESSION_TERM ? (size_t)-1 : 1;
		}
		part.count = at;
	}
	return same(&part, right);
}

const struct expression *expression_join(enum expression_op op, const struct expression *left,
					 const struct expression *right, struct arena *arena)
{
	struct expression *joined;
	struct expression_step *steps;

	if (!left || !right)
		return left ? left : right;
	if (holds(left, op, right))
		return left;
	joined = arena_alloc(arena, sizeof(*joined));
	steps = arena_alloc_array(arena, left->count + right->count + 1, sizeof(*steps));
	memcpy(steps, left->steps, left->count * sizeof(*steps));
	memcpy(steps + left->count, right->steps, right->count * sizeof(*steps));
	steps[left->count + right->count].op = op;
	joined->steps = steps;
	joined->count = left->count + right->count + 1;
	return joined;
}

/* ---- choices ---- */

struct choice_list {
	struct licence_choice *list;
	size_t count;
};

static struct licence_choice merge(const struct licence_choice *left,
				   const struct licence_choice *right, struct arena *arena)
{
	struct licence_term *terms =
	    arena_alloc_array(arena, left->count + right->count + 1, sizeof(*terms));
	struct licence_choice merged = {terms, 0};
	size_t i = 0, j = 0;

	while (i < left->count || j < right->count) {
		int order = i == left->count	? 1
			    : j == right->count ? -1
						: compare_terms(&left->terms[i], &right->terms[j]);

		terms[merged.count++] = order <= 0 ? left->terms[i] : right->terms[j];
		i += order <= 0;
		j += order >= 0;
	}
	return merged;
}

static int compare_choices(const void *a, const void *b)
{
	const struct licence_choice *left = a, *right = b;

	for (size_t i = 0; i < left->count && i < right->count; i++) {
		int order = compare_terms(&left->terms[i], &right->terms[i]);
		if (order)
			return order;
	}
	return (left->count > right->count) - (left->count < right->count);
}

static void sort_choices(struct choice_list *choices)
{
	size_t kept = 0;

	qsort(choices->list, choices->count, sizeof(*choices->list), compare_choices);
	for (size_t i = 0; i < choices->count; i++)
		if (i == 0 || compare_choices(&choices->list[kept - 1], &choices->list[i]) != 0)
			choices->list[kept++] = choices->list[i];
	choices->count = kept;
}

/* False when there would be more than the budget. */
static bool combine(enum expression_op op, const struct choice_list *left,
		    const struct choice_list *right, struct arena *arena, struct choice_list *ret)
{
	size_t room = op == EXPRESSION_OR ? left->count + right->count : left->count * right->count;
	struct choice_list made = {NULL, 0};

	if (room > BUDGET_LICENCE_CHOICES)
		return false;
	made.list = arena_alloc_array(arena, room + 1, sizeof(*made.list));
	for (size_t i = 0; op == EXPRESSION_OR && i < left->count; i++)
		made.list[made.count++] = left->list[i];
	for (size_t i = 0; op == EXPRESSION_OR && i < right->count; i++)
		made.list[made.count++] = right->list[i];
	for (size_t i = 0; op == EXPRESSION_AND && i < left->count; i++)
		for (size_t j = 0; j < right->count; j++)
			made.list[made.count++] = merge(&left->list[i], &right->list[j], arena);
	sort_choices(&made);
	*ret = made;
	return true;
}

/* All terms at once: the strictest reading. */
static struct choice_list all_terms(const struct expression *expression, struct arena *arena)
{
	struct licence_choice all = {NULL, 0};
	struct choice_list list = {arena_alloc(arena, sizeof(struct licence_choice)), 1};

	for (size_t i = 0; i < expression->count; i++) {
		struct licence_choice one = {&expression->steps[i].term, 1};
		if (expression->steps[i].op == EXPRESSION_TERM)
			all = merge(&all, &one, arena);
	}
	list.list[0] = all;
	return list;
}

void expression_choices(const struct expression *expression, struct arena *arena,
			const struct licence_choice **ret, size_t *ret_count, bool *ret_capped)
{
	struct choice_list *stack = arena_alloc_array(arena, expression->count + 1, sizeof(*stack));
	size_t depth = 0;

	*ret_capped = false;
	for (size_t i = 0; i < expression->count && !*ret_capped; i++) {
		const struct expression_step *step = &expression->steps[i];

		if (step->op == EXPRESSION_TERM) {
			struct licence_choice *one = arena_alloc(arena, sizeof(*one));

			*one = (struct licence_choice){&step->term, 1};
			stack[depth++] = (struct choice_list){one, 1};
			continue;
		}
		depth--;
		*ret_capped =
		    !combine(step->op, &stack[depth - 1], &stack[depth], arena, &stack[depth - 1]);
	}
	if (*ret_capped)
		stack[0] = all_terms(expression, arena);
	*ret = stack[0].list;
	*ret_count = stack[0].count;
}
