/* SPDX-License-Identifier: BSD-2-Clause */
/* Expressions compared by what they ask for, permissive terms apart. */
#include <string.h>

#include "licence/expression.h"

static bool same_text(const char *left, const char *right)
{
	return left == right || (left && right && strcmp(left, right) == 0);
}

static bool same_term(const struct licence_term *left, const struct licence_term *right)
{
	return same_text(left->id, right->id) && same_text(left->exception, right->exception);
}

static bool counts(const struct licence_term *term)
{
	return !term->licence || term->licence->class > LICENCE_CLASS_PERMISSIVE_NOTICE;
}

static bool choice_asks(const struct licence_choice *choice, const struct licence_term *term)
{
	for (size_t i = 0; i < choice->count; i++)
		if (same_term(&choice->terms[i], term))
			return true;
	return false;
}

/* Whether a choice is no stricter than another, permissive terms apart. */
static bool no_stricter(const struct licence_choice *left, const struct licence_choice *right)
{
	for (size_t i = 0; i < left->count; i++)
		if (counts(&left->terms[i]) && !choice_asks(right, &left->terms[i]))
			return false;
	return true;
}

/* Whether every way to satisfy right also satisfies what left asks for. */
static bool is_implied(const struct licence_choice *left, size_t left_count,
		       const struct licence_choice *right, size_t right_count)
{
	for (size_t i = 0; i < right_count; i++) {
		bool found = false;

		for (size_t j = 0; j < left_count && !found; j++)
			found = no_stricter(&left[j], &right[i]);
		if (!found)
			return false;
	}
	return true;
}

/* Without the terms that are in no table: for comparing with a statement that has none. */
static const struct expression *without_local(const struct expression *expression,
					      struct arena *arena)
{
	struct expression *plain = arena_alloc(arena, sizeof(*plain));
	struct expression_step *steps =
	    arena_copy(arena, expression->steps, expression->count * sizeof(*steps));
	static const struct licence_row harmless = {.class = LICENCE_CLASS_PERMISSIVE};

	for (size_t i = 0; i < expression->count; i++)
		if (!steps[i].term.licence)
			steps[i].term.licence = &harmless;
	*plain = (struct expression){steps, expression->count};
	return plain;
}

bool expression_same_apart_from_local(const struct expression *left, const struct expression *right)
{
	struct arena scratch;
	bool same;

	arena_init(&scratch);
	same = expression_same_copyleft(without_local(left, &scratch), right);
	arena_release(&scratch);
	return same;
}

bool expression_same_copyleft(const struct expression *left, const struct expression *right)
{
	const struct licence_choice *choices[2];
	struct arena scratch;
	size_t count[2];
	bool capped[2], same;

	arena_init(&scratch);
	expression_choices(left, &scratch, &choices[0], &count[0], &capped[0]);
	expression_choices(right, &scratch, &choices[1], &count[1], &capped[1]);
	same = capped[0] == capped[1] && is_implied(choices[0], count[0], choices[1], count[1]) &&
	       is_implied(choices[1], count[1], choices[0], count[0]);
	arena_release(&scratch);
	return same;
}

bool expression_is_permissive(const struct expression *expression)
{
	static const struct licence_choice none = {NULL, 0};
	const struct licence_choice *choices;
	struct arena scratch;
	size_t count;
	bool capped, found = false;

	arena_init(&scratch);
	expression_choices(expression, &scratch, &choices, &count, &capped);
	for (size_t i = 0; i < count && !found; i++)
		found = no_stricter(&choices[i], &none);
	arena_release(&scratch);
	return found && !capped;
}

bool expression_holds_terms(const struct expression *whole, const struct expression *part)
{
	for (size_t i = 0; i < part->count; i++) {
		bool found = part->steps[i].op != EXPRESSION_TERM;

		for (size_t j = 0; j < whole->count && !found; j++)
			found = whole->steps[j].op == EXPRESSION_TERM &&
				same_term(&whole->steps[j].term, &part->steps[i].term);
		if (!found)
			return false;
	}
	return true;
}

static const struct expression *without_exceptions(const struct expression *expression,
						   struct arena *arena)
{
	struct expression *plain = arena_alloc(arena, sizeof(*plain));
	struct expression_step *steps =
	    arena_copy(arena, expression->steps, expression->count * sizeof(*steps));

	for (size_t i = 0; i < expression->count; i++) {
		steps[i].term.exception = NULL;
		steps[i].term.exception_row = NULL;
	}
	*plain = (struct expression){steps, expression->count};
	return plain;
}

bool expression_same_but_exceptions(const struct expression *left, const struct expression *right)
{
	struct arena scratch;
	bool same;

	arena_init(&scratch);
	same = expression_same_copyleft(without_exceptions(left, &scratch),
					without_exceptions(right, &scratch));
	arena_release(&scratch);
	return same;
}

/* "LGPL" of "LGPL-2.1-or-later"; all of other ids. */
static size_t family_length(const char *id)
{
	static const char *const families[] = {"GPL-", "LGPL-", "AGPL-", "GFDL-", "MPL-"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(id, families[i], strlen(families[i])) == 0)
			return strlen(families[i]);
	return strlen(id) + 1;
}

static bool families_within(const struct expression *left, const struct expression *right)
{
	for (size_t i = 0; i < left->count; i++) {
		const struct licence_term *term = &left->steps[i].term;
		bool found = left->steps[i].op != EXPRESSION_TERM || !counts(term);

		for (size_t j = 0; j < right->count && !found; j++)
			found = right->steps[j].op == EXPRESSION_TERM &&
				strncmp(term->id, right->steps[j].term.id,
					family_length(term->id)) == 0;
		if (!found)
			return false;
	}
	return true;
}

bool expression_same_families(const struct expression *left, const struct expression *right)
{
	return families_within(left, right) && families_within(right, left);
}
