/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways to satisfy an expression: OR of ANDs, minimal, sorted, within a budget. */
#include <stdlib.h>
#include <string.h>

#include "licence/expression.h"
#include "util/budget.h"
#include "util/vec.h"

/* A choice while it is made: sorted terms in memory of its own. */
struct set {
	const struct licence_term **terms;
	size_t count;
};

struct sets {
	struct set *list;
	size_t count;
	size_t terms; /* of all sets together */
};

static int compare_optional(const char *left, const char *right)
{
	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcmp(left, right);
}

static int compare_terms(const struct licence_term *left, const struct licence_term *right)
{
	int order = strcmp(left->id, right->id);

	return order ? order : compare_optional(left->exception, right->exception);
}

static void sets_release(struct sets *sets)
{
	for (size_t i = 0; i < sets->count; i++)
		free(sets->list[i].terms);
	free(sets->list);
	*sets = (struct sets){NULL, 0, 0};
}

/* Both at once. */
static struct set merge(const struct set *left, const struct set *right)
{
	struct set merged = {memory_calloc(left->count + right->count + 1, sizeof(*merged.terms)),
			     0};
	size_t i = 0, j = 0;

	while (i < left->count || j < right->count) {
		int order = i == left->count	? 1
			    : j == right->count ? -1
						: compare_terms(left->terms[i], right->terms[j]);

		merged.terms[merged.count++] = order <= 0 ? left->terms[i] : right->terms[j];
		i += order <= 0;
		j += order >= 0;
	}
	return merged;
}

static int compare_sets(const void *a, const void *b)
{
	const struct set *left = a, *right = b;

	for (size_t i = 0; i < left->count && i < right->count; i++) {
		int order = compare_terms(left->terms[i], right->terms[i]);
		if (order)
			return order;
	}
	return (left->count > right->count) - (left->count < right->count);
}

/* Whether left asks for nothing that right does not ask for. */
static bool is_part(const struct set *left, const struct set *right)
{
	size_t i = 0;

	for (size_t j = 0; i < left->count && j < right->count; j++)
		i += compare_terms(left->terms[i], right->terms[j]) == 0;
	return i == left->count;
}

/* Drops repetitions. minimal: also what asks for more than another choice does. */
static void tidy(struct sets *sets, bool minimal)
{
	size_t kept = 0;

	if (sets->count)
		qsort(sets->list, sets->count, sizeof(*sets->list), compare_sets);
	sets->terms = 0;
	for (size_t i = 0; i < sets->count; i++) {
		bool dropped = kept && compare_sets(&sets->list[kept - 1], &sets->list[i]) == 0;

		/* The list to the right is untouched, the one to the left tidied. */
		for (size_t j = 0; minimal && !dropped && j < sets->count; j++)
			dropped = (j < kept || j > i) &&
				  sets->list[j].count < sets->list[i].count &&
				  is_part(&sets->list[j], &sets->list[i]);
		if (dropped) {
			free(sets->list[i].terms);
			continue;
		}
		sets->terms += sets->list[i].count;
		sets->list[kept++] = sets->list[i];
	}
	sets->count = kept;
}

/* False when there would be more than the budget. Releases both. */
static bool combine(enum expression_op op, struct sets *left, struct sets *right, struct sets *ret)
{
	bool either = op == EXPRESSION_OR;
	size_t room = either ? left->count + right->count : left->count * right->count;
	size_t terms = either ? left->terms + right->terms
			      : left->terms * right->count + right->terms * left->count;
	bool fits = room <= BUDGET_LICENCE_CHOICES && terms <= BUDGET_LICENCE_CHOICE_TERMS;
	struct sets made = {fits ? memory_calloc(room + 1, sizeof(*made.list)) : NULL, 0, 0};
	static const struct set none = {NULL, 0};

	for (size_t i = 0; fits && i < left->count; i++)
		for (size_t j = 0; j < (either ? 1 : right->count); j++)
			made.list[made.count++] =
			    merge(&left->list[i], either ? &none : &right->list[j]);
	for (size_t i = 0; fits && either && i < right->count; i++)
		made.list[made.count++] = merge(&right->list[i], &none);
	tidy(&made, false);
	sets_release(left);
	sets_release(right);
	*ret = made;
	return fits;
}

static struct sets one_term(const struct licence_term *term)
{
	struct sets sets = {memory_calloc(1, sizeof(*sets.list)), 1, 1};

	sets.list[0].terms = memory_calloc(1, sizeof(*sets.list[0].terms));
	sets.list[0].terms[0] = term;
	sets.list[0].count = 1;
	return sets;
}

static int compare_term_pointers(const void *a, const void *b)
{
	return compare_terms(*(const struct licence_term *const *)a,
			     *(const struct licence_term *const *)b);
}

/* All terms at once: the strictest reading. */
static struct sets all_terms(const struct expression *expression)
{
	struct sets sets = {memory_calloc(1, sizeof(*sets.list)), 1, 0};
	struct set *all = &sets.list[0];
	size_t kept = 0;

	all->terms = memory_calloc(expression->count, sizeof(*all->terms));
	for (size_t i = 0; i < expression->count; i++)
		if (expression->steps[i].op == EXPRESSION_TERM)
			all->terms[all->count++] = &expression->steps[i].term;
	qsort(all->terms, all->count, sizeof(*all->terms), compare_term_pointers);
	for (size_t i = 0; i < all->count; i++)
		if (!kept || compare_terms(all->terms[kept - 1], all->terms[i]) != 0)
			all->terms[kept++] = all->terms[i];
	all->count = sets.terms = kept;
	return sets;
}

static void copy_out(const struct sets *sets, struct arena *arena,
		     const struct licence_choice **ret, size_t *ret_count)
{
	struct licence_choice *choices =
	    arena_alloc_array(arena, sets->count + 1, sizeof(*choices));

	for (size_t i = 0; i < sets->count; i++) {
		const struct set *set = &sets->list[i];
		struct licence_term *terms =
		    arena_alloc_array(arena, set->count + 1, sizeof(*terms));

		for (size_t j = 0; j < set->count; j++)
			terms[j] = *set->terms[j];
		choices[i] = (struct licence_choice){terms, set->count};
	}
	*ret = choices;
	*ret_count = sets->count;
}

void expression_choices(const struct expression *expression, struct arena *arena,
			const struct licence_choice **ret, size_t *ret_count, bool *ret_capped)
{
	struct sets *stack = memory_calloc(expression->count + 1, sizeof(*stack)), last;
	size_t depth = 0;

	*ret_capped = false;
	for (size_t i = 0; i < expression->count && !*ret_capped; i++) {
		const struct expression_step *step = &expression->steps[i];

		if (step->op == EXPRESSION_TERM) {
			stack[depth++] = one_term(&step->term);
			continue;
		}
		depth--;
		*ret_capped =
		    !combine(step->op, &stack[depth - 1], &stack[depth], &stack[depth - 1]);
	}
	if (*ret_capped) {
		while (depth)
			sets_release(&stack[--depth]);
		stack[0] = all_terms(expression);
	}
	last = stack[0];
	free(stack);
	tidy(&last, true);
	copy_out(&last, arena, ret, ret_count);
	sets_release(&last);
}
