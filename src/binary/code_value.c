/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_gather.h"

#include <stdlib.h>
#include <string.h>

void code_values_init(struct code_values *values, struct arena *arena)
{
	*values = (struct code_values){.arena = arena};
	vec_push(&values->sets, ((struct code_value_set){NULL, 0}));
}

void code_values_release(struct code_values *values)
{
	free(values->atom_slots);
	map_release(&values->set_map);
	vec_release(&values->atoms);
	vec_release(&values->sets);
}

static uint64_t hash_atom(const struct code_atom *atom)
{
	uint64_t hash =
	    (uint64_t)atom->a * UINT64_C(0x9e3779b97f4a7c15) ^
	    ((uint64_t)atom->kind << 32 | (uint32_t)atom->b) * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	    (uint64_t)atom->c;

	return hash * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}

static uint32_t *atom_slot(const struct code_values *values, const struct code_atom *atom)
{
	size_t mask = values->atom_slot_count - 1, at = (size_t)hash_atom(atom) & mask;

	for (;; at = (at + 1) & mask) {
		uint32_t *slot = &values->atom_slots[at];
		const struct code_atom *other;

		if (!*slot)
			return slot;
		other = &values->atoms.ptr[*slot - 1];
		if (other->a == atom->a && other->b == atom->b && other->c == atom->c &&
		    other->kind == atom->kind)
			return slot;
	}
}

static void grow_atoms(struct code_values *values)
{
	free(values->atom_slots);
	values->atom_slot_count = values->atom_slot_count ? values->atom_slot_count * 2 : 256;
	values->atom_slots = memory_calloc(values->atom_slot_count, sizeof(*values->atom_slots));
	for (size_t i = 0; i < values->atoms.len; i++)
		*atom_slot(values, &values->atoms.ptr[i]) = (uint32_t)i + 1;
}

static uint32_t intern_atom(struct code_values *values, struct code_atom atom)
{
	uint32_t *slot;

	if (values->atoms.len * 2 >= values->atom_slot_count)
		grow_atoms(values);
	slot = atom_slot(values, &atom);
	if (!*slot) {
		vec_push(&values->atoms, atom);
		*slot = (uint32_t)values->atoms.len;
	}
	return *slot - 1;
}

static code_value intern_set(struct code_values *values, const uint32_t *atoms, uint32_t count)
{
	struct slice key = slice_of(atoms, count * sizeof(*atoms));
	const struct map_entry *entry = map_get(&values->set_map, key);
	const uint32_t *copy;

	if (!count)
		return CODE_VALUE_NONE;
	if (entry)
		return entry->value;
	copy = arena_copy(values->arena, atoms, key.len);
	map_put(&values->set_map, slice_of(copy, key.len), (uint32_t)values->sets.len, NULL);
	vec_push(&values->sets, ((struct code_value_set){copy, count}));
	return (code_value)values->sets.len - 1;
}

code_value code_value_atom(struct code_values *values, struct code_atom atom)
{
	uint32_t number = intern_atom(values, atom);

	return intern_set(values, &number, 1);
}

code_value code_value_constant(struct code_values *values, uint64_t number)
{
	return code_value_atom(values,
			       (struct code_atom){.kind = ATOM_CONSTANT, .a = (int64_t)number});
}

code_value code_value_unknown(struct code_values *values, uint32_t reasons)
{
	return code_value_atom(values, (struct code_atom){.kind = ATOM_UNKNOWN, .a = reasons});
}

int32_t greatest_divisor(int64_t a, int64_t b)
{
	uint64_t x = a < 0 ? UINT64_C(0) - (uint64_t)a : (uint64_t)a;
	uint64_t y = b < 0 ? UINT64_C(0) - (uint64_t)b : (uint64_t)b;

	while (y) {
		uint64_t rest = x % y;

		x = y;
		y = rest;
	}
	return x > INT32_MAX ? 0 : (int32_t)x;
}

/* Whether the array's first element is that address alone. */
static bool starts_array(const struct code_atom *array, const struct code_atom *one)
{
	return (array->kind == ATOM_ARRAY && one->kind == ATOM_CONSTANT && array->a == one->a &&
		array->b > 0) ||
	       (array->kind == ATOM_STACK_ARRAY && one->kind == ATOM_STACK && array->a == one->a);
}

static bool same_array(const struct code_atom *a, const struct code_atom *b)
{
	if (a->kind == ATOM_STACK_ARRAY && b->kind == ATOM_STACK_ARRAY)
		return true;
	return (a->kind == ATOM_ARRAY || a->kind == ATOM_ELEMENT) && a->kind == b->kind &&
	       a->b == b->b && a->c == b->c && a->b > 0 &&
	       (int64_t)((uint64_t)a->a - (uint64_t)b->a) % a->b == 0;
}

void gather_atom(struct gather *gather, uint32_t number)
{
	const struct code_atom atom = gather->values->atoms.ptr[number];
	uint32_t at;

	if (atom.kind == ATOM_UNKNOWN) {
		if (!gather->unknown)
			gather->of = atom.c;
		else if (gather->of != atom.c || gather->multiple != atom.b)
			gather->of = 0;
		gather->multiple =
		    gather->unknown ? greatest_divisor(gather->multiple, atom.b) : atom.b;
		gather->reasons |= (uint32_t)atom.a;
		gather->unknown = true;
		return;
	}
	for (uint32_t i = 0; i < gather->count; i++) {
		const struct code_atom *other = &gather->values->atoms.ptr[gather->atoms[i]];

		if (gather->atoms[i] == number || starts_array(other, &atom) ||
		    (same_array(&atom, other) && other->a <= atom.a))
			return;
		if (!same_array(&atom, other) && !starts_array(&atom, other))
			continue;
		memmove(&gather->atoms[i], &gather->atoms[i + 1],
			(gather->count - i - 1) * sizeof(gather->atoms[0]));
		gather->count--;
		i--; /* an array may take the place of several */
	}
	if (gather->count == CODE_VALUE_ATOMS) {
		gather->reasons |= FACTS_REASON_TOO_MANY;
		gather->unknown = true;
		gather->of = 0;
		return;
	}
	for (at = gather->count; at && gather->atoms[at - 1] > number; at--)
		gather->atoms[at] = gather->atoms[at - 1];
	gather->atoms[at] = number;
	gather->count++;
}

static void gather_set(struct gather *gather, code_value value)
{
	struct code_value_set set = code_value_set(gather->values, value);

	for (uint32_t i = 0; i < set.count; i++)
		gather_atom(gather, set.atoms[i]);
}

void gather_new(struct gather *gather, struct code_atom atom)
{
	gather_atom(gather, intern_atom(gather->values, atom));
}

code_value gathered(struct gather *gather)
{
	if (gather->unknown) {
		uint32_t number =
		    intern_atom(gather->values, (struct code_atom){.kind = ATOM_UNKNOWN,
								   .a = gather->reasons,
								   .b = gather->multiple,
								   .c = gather->of});
		uint32_t at = gather->count++;

		for (; at && gather->atoms[at - 1] > number; at--)
			gather->atoms[at] = gather->atoms[at - 1];
		gather->atoms[at] = number;
	}
	return intern_set(gather->values, gather->atoms, gather->count);
}

code_value code_value_join(struct code_values *values, code_value left, code_value right)
{
	struct code_join *cached;
	struct gather gather;

	if (left == right || right == CODE_VALUE_NONE)
		return left;
	if (left == CODE_VALUE_NONE)
		return right;
	cached = &values->joins[(left * 31u + right) % CODE_JOIN_CACHE];
	if (cached->left == left && cached->right == right)
		return cached->joined;
	gather_start(&gather, values);
	gather_set(&gather, left);
	gather_set(&gather, right);
	*cached = (struct code_join){left, right, gathered(&gather)};
	return cached->joined;
}

/* Atoms of one kind that were moved, as a progression; false when there are fewer than two. */
static bool progression(const struct code_values *values, struct code_value_set set,
			enum code_atom_kind kind, int64_t *ret_low, int32_t *ret_step)
{
	int64_t low = INT64_MAX;
	uint32_t count = 0;
	int32_t step = 0;

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(values, set, i);

		if (atom->kind != kind || atom->c != CODE_MOVED)
			continue;
		count++;
		low = atom->a < low ? atom->a : low;
	}
	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(values, set, i);

		if (atom->kind == kind && atom->c == CODE_MOVED)
			step = greatest_divisor(step, (int64_t)((uint64_t)atom->a - (uint64_t)low));
	}
	*ret_low = low;
	*ret_step = step;
	return count >= 2 && step > 0;
}

struct growth {
	bool found;
	int64_t low;
	int32_t step;
};

/* Whether the atom is part of the progression: a moved one, or the one it started from. */
static bool grows(struct growth *growth, const struct code_atom *atom)
{
	if (!growth->found ||
	    (atom->c != CODE_MOVED &&
	     (uint64_t)atom->a != (uint64_t)growth->low - (uint64_t)growth->step &&
	     atom->a != growth->low))
		return false;
	if (atom->a < growth->low)
		growth->low = atom->a;
	return true;
}

code_value code_value_widen(struct code_values *values, code_value old, code_value new,
			    bool give_up)
{
	code_value joined = code_value_join(values, old, new);
	struct code_value_set set = code_value_set(values, joined);
	struct growth numbers = {0}, stacks = {0};
	struct gather gather;

	if (joined == old)
		return old;
	if (give_up)
		return code_value_unknown(values, FACTS_REASON_COMPUTED);
	numbers.found = progression(values, set, ATOM_CONSTANT, &numbers.low, &numbers.step);
	stacks.found = progression(values, set, ATOM_STACK, &stacks.low, &stacks.step);
	if (!numbers.found && !stacks.found)
		return joined;
	gather_start(&gather, values);
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		if (!(atom.kind == ATOM_CONSTANT && grows(&numbers, &atom)) &&
		    !(atom.kind == ATOM_STACK && grows(&stacks, &atom)))
			gather_atom(&gather, set.atoms[i]);
	}
	if (numbers.found)
		gather_new(&gather, (struct code_atom){
					.kind = ATOM_ARRAY, .a = numbers.low, .b = numbers.step});
	if (stacks.found)
		gather_new(&gather, (struct code_atom){.kind = ATOM_STACK_ARRAY, .a = stacks.low});
	return gathered(&gather);
}

code_value code_value_moved(struct code_values *values, code_value value)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather;

	gather_start(&gather, values);
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		if (atom.kind == ATOM_CONSTANT || atom.kind == ATOM_STACK)
			atom.c = atom.c == CODE_PAGE ? 0 : CODE_MOVED;
		gather_new(&gather, atom);
	}
	return gathered(&gather);
}

const struct code_atom *code_value_single(const struct code_values *values, code_value value)
{
	struct code_value_set set = code_value_set(values, value);

	return set.count == 1 ? code_value_at(values, set, 0) : NULL;
}

bool code_value_number(const struct code_values *values, code_value value, uint64_t *ret)
{
	const struct code_atom *atom = code_value_single(values, value);

	if (!atom || atom->kind != ATOM_CONSTANT)
		return false;
	*ret = (uint64_t)atom->a;
	return true;
}

code_value code_value_without_null(struct code_values *values, code_value value)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather;
	bool has_null = false;

	for (uint32_t i = 0; i < set.count && !has_null; i++)
		has_null = code_value_at(values, set, i)->kind == ATOM_CONSTANT &&
			   code_value_at(values, set, i)->a == 0;
	if (!has_null)
		return value;
	gather_start(&gather, values);
	for (uint32_t i = 0; i < set.count; i++)
		if (code_value_at(values, set, i)->kind != ATOM_CONSTANT ||
		    code_value_at(values, set, i)->a != 0)
			gather_atom(&gather, set.atoms[i]);
	return gather.count || gather.unknown ? gathered(&gather)
					      : code_value_unknown(values, FACTS_REASON_MEMORY);
}

bool code_value_outlives(const struct code_values *values, code_value address)
{
	struct code_value_set set = code_value_set(values, address);

	for (uint32_t i = 0; i < set.count; i++) {
		uint32_t kind = code_value_at(values, set, i)->kind;

		if (kind != ATOM_STACK && kind != ATOM_STACK_ARRAY)
			return true;
	}
	return false;
}
