/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_value.h"

#include <string.h>

#include "binary/facts.h"

void code_values_init(struct code_values *values, struct arena *arena)
{
	*values = (struct code_values){.arena = arena};
	vec_push(&values->sets, ((struct code_value_set){NULL, 0}));
}

void code_values_release(struct code_values *values)
{
	map_release(&values->atom_map);
	map_release(&values->set_map);
	vec_release(&values->atoms);
	vec_release(&values->sets);
}

static uint32_t intern_atom(struct code_values *values, struct code_atom atom)
{
	const struct map_entry *entry =
	    map_get(&values->atom_map, slice_of(&atom, sizeof(atom)));
	const void *copy;

	if (entry)
		return entry->value;
	copy = arena_copy(values->arena, &atom, sizeof(atom));
	map_put(&values->atom_map, slice_of(copy, sizeof(atom)), (uint32_t)values->atoms.len,
		NULL);
	vec_push(&values->atoms, atom);
	return (uint32_t)values->atoms.len - 1;
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
	return code_value_atom(
	    values, (struct code_atom){.kind = ATOM_CONSTANT, .a = (int64_t)number});
}

code_value code_value_unknown(struct code_values *values, uint32_t reasons)
{
	return code_value_atom(values, (struct code_atom){.kind = ATOM_UNKNOWN, .a = reasons});
}

/* A set being put together: unknowns become one, arrays of one table become one. */
struct gather {
	struct code_values *values;
	uint32_t atoms[2 * CODE_VALUE_ATOMS + 2];
	uint32_t count, reasons;
	int32_t multiple;
	bool unknown;
};

static int32_t greatest_divisor(int64_t a, int64_t b)
{
	a = a < 0 ? -a : a;
	b = b < 0 ? -b : b;
	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a > INT32_MAX ? 0 : (int32_t)a;
}

static bool same_array(const struct code_atom *a, const struct code_atom *b)
{
	if (a->kind == ATOM_STACK_ARRAY && b->kind == ATOM_STACK_ARRAY)
		return true;
	return (a->kind == ATOM_ARRAY || a->kind == ATOM_ELEMENT) && a->kind == b->kind &&
	       a->b == b->b && a->b > 0 && (a->a - b->a) % a->b == 0;
}

static void gather_atom(struct gather *gather, uint32_t number)
{
	const struct code_atom atom = gather->values->atoms.ptr[number];
	uint32_t at;

	if (atom.kind == ATOM_UNKNOWN) {
		gather->multiple = gather->unknown ? greatest_divisor(gather->multiple, atom.b)
						   : atom.b;
		gather->reasons |= (uint32_t)atom.a;
		gather->unknown = true;
		return;
	}
	for (uint32_t i = 0; i < gather->count; i++) {
		const struct code_atom *other = &gather->values->atoms.ptr[gather->atoms[i]];

		if (gather->atoms[i] == number)
			return;
		if (!same_array(&atom, other))
			continue;
		if (other->a <= atom.a)
			return;
		memmove(&gather->atoms[i], &gather->atoms[i + 1],
			(gather->count - i - 1) * sizeof(gather->atoms[0]));
		gather->count--;
		break;
	}
	if (gather->count == CODE_VALUE_ATOMS) {
		gather->reasons |= FACTS_REASON_TOO_MANY;
		gather->unknown = true;
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

static void gather_new(struct gather *gather, struct code_atom atom)
{
	gather_atom(gather, intern_atom(gather->values, atom));
}

static code_value gathered(struct gather *gather)
{
	if (gather->unknown) {
		uint32_t number = intern_atom(gather->values,
					      (struct code_atom){.kind = ATOM_UNKNOWN,
								 .a = gather->reasons,
								 .b = gather->multiple});
		uint32_t at = gather->count++;

		for (; at && gather->atoms[at - 1] > number; at--)
			gather->atoms[at] = gather->atoms[at - 1];
		gather->atoms[at] = number;
	}
	return intern_set(gather->values, gather->atoms, gather->count);
}

code_value code_value_join(struct code_values *values, code_value left, code_value right)
{
	struct gather gather = {.values = values};

	if (left == right || right == CODE_VALUE_NONE)
		return left;
	if (left == CODE_VALUE_NONE)
		return right;
	gather_set(&gather, left);
	gather_set(&gather, right);
	return gathered(&gather);
}

/* Constants as an arithmetic progression; false when there are fewer than three. */
static bool progression(const struct code_values *values, struct code_value_set set,
			enum code_atom_kind kind, int64_t *ret_low, int32_t *ret_step)
{
	int64_t low = INT64_MAX;
	uint32_t count = 0;
	int32_t step = 0;

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(values, set, i);

		if (atom->kind != kind)
			continue;
		count++;
		if (atom->a < low)
			low = atom->a;
	}
	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(values, set, i);

		if (atom->kind == kind)
			step = greatest_divisor(step, (int64_t)((uint64_t)atom->a - (uint64_t)low));
	}
	*ret_low = low;
	*ret_step = step;
	return count >= 3 && step > 0;
}

code_value code_value_widen(struct code_values *values, code_value old, code_value new,
			    bool give_up)
{
	code_value joined = code_value_join(values, old, new);
	struct code_value_set set = code_value_set(values, joined);
	struct gather gather = {.values = values};
	int64_t low, stack_low;
	int32_t step, stack_step;
	bool constants, stacks;

	if (joined == old)
		return old;
	if (give_up)
		return code_value_unknown(values, FACTS_REASON_COMPUTED);
	constants = progression(values, set, ATOM_CONSTANT, &low, &step);
	stacks = progression(values, set, ATOM_STACK, &stack_low, &stack_step);
	if (!constants && !stacks)
		return joined;
	if (constants)
		gather_new(&gather,
			   (struct code_atom){.kind = ATOM_ARRAY, .a = low, .b = step});
	if (stacks)
		gather_new(&gather, (struct code_atom){.kind = ATOM_STACK_ARRAY, .a = stack_low});
	for (uint32_t i = 0; i < set.count; i++) {
		enum code_atom_kind kind = code_value_at(values, set, i)->kind;

		if (!(constants && kind == ATOM_CONSTANT) && !(stacks && kind == ATOM_STACK))
			gather_atom(&gather, set.atoms[i]);
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

static uint64_t cut(uint64_t number, unsigned size)
{
	return size >= 8 ? number : number & ((UINT64_C(1) << (size * 8)) - 1);
}

static struct code_atom unknown_atom(uint32_t reasons, int32_t multiple)
{
	return (struct code_atom){.kind = ATOM_UNKNOWN, .a = reasons, .b = multiple};
}

static int32_t narrow(int64_t value, bool *ok)
{
	*ok &= value >= INT32_MIN && value <= INT32_MAX;
	return (int32_t)value;
}

/* An atom plus a number. */
static struct code_atom shift_atom(struct code_atom atom, int64_t number, unsigned size)
{
	bool ok = true;

	switch ((enum code_atom_kind)atom.kind) {
	case ATOM_CONSTANT:
		atom.a = (int64_t)cut((uint64_t)atom.a + (uint64_t)number, size);
		return atom;
	case ATOM_STACK:
	case ATOM_STACK_ARRAY:
	case ATOM_ARRAY:
		atom.a = (int64_t)((uint64_t)atom.a + (uint64_t)number);
		return size == 8 || atom.kind == ATOM_ARRAY ? atom
							    : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_PARAMETER:
	case ATOM_RESULT:
	case ATOM_SYMBOL:
		atom.b = narrow(atom.b + number, &ok);
		return ok && (size == 8 || !number) ? atom
						    : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_ENTRY:
		return size == 8 ? (struct code_atom){.kind = ATOM_JUMP,
						      .a = atom.a,
						      .b = atom.b,
						      .c = number}
				 : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_UNKNOWN:
		return unknown_atom((uint32_t)atom.a, 0);
	case ATOM_FIELD:
	case ATOM_VARIABLE:
	case ATOM_ELEMENT:
	case ATOM_TEXT:
	case ATOM_ENVIRONMENT:
	case ATOM_JUMP:
		break;
	}
	return number ? unknown_atom(FACTS_REASON_COMPUTED, 0) : atom;
}

/* The step of an atom that stands for many numbers; 0: it does not, or the step is not known. */
static bool is_many(const struct code_atom *atom)
{
	return atom->kind == ATOM_UNKNOWN || atom->kind == ATOM_ARRAY ||
	       atom->kind == ATOM_STACK_ARRAY;
}

/* A base address plus an index that is not known. */
static struct code_atom index_atom(const struct code_atom *base, const struct code_atom *index)
{
	int64_t low = index->kind == ATOM_ARRAY ? index->a : 0;

	if (base->kind == ATOM_CONSTANT)
		return (struct code_atom){.kind = ATOM_ARRAY,
					  .a = (int64_t)((uint64_t)base->a + (uint64_t)low),
					  .b = index->b};
	if (base->kind == ATOM_STACK || base->kind == ATOM_STACK_ARRAY)
		return (struct code_atom){.kind = ATOM_STACK_ARRAY,
					  .a = (int64_t)((uint64_t)base->a + (uint64_t)low)};
	if (base->kind == ATOM_ARRAY)
		return (struct code_atom){.kind = ATOM_ARRAY,
					  .a = (int64_t)((uint64_t)base->a + (uint64_t)low),
					  .b = greatest_divisor(base->b, index->b)};
	if (base->kind == ATOM_UNKNOWN)
		return unknown_atom((uint32_t)base->a, greatest_divisor(base->b, index->b));
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

static struct code_atom add_atoms(const struct code_atom *left, const struct code_atom *right,
				  unsigned size)
{
	if (right->kind == ATOM_CONSTANT)
		return shift_atom(*left, right->a, size);
	if (left->kind == ATOM_CONSTANT && !is_many(right))
		return shift_atom(*right, left->a, size);
	if (size != 8)
		return unknown_atom(FACTS_REASON_COMPUTED, 0);
	if (right->kind == ATOM_UNKNOWN || right->kind == ATOM_ARRAY)
		return index_atom(left, right);
	if (left->kind == ATOM_UNKNOWN || left->kind == ATOM_ARRAY)
		return index_atom(right, left);
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

code_value code_value_add(struct code_values *values, code_value left, code_value right,
			  unsigned size)
{
	struct code_value_set a = code_value_set(values, left), b = code_value_set(values, right);
	struct gather gather = {.values = values};

	if ((uint64_t)a.count * b.count > CODE_VALUE_ATOMS)
		return code_value_unknown(values, FACTS_REASON_TOO_MANY);
	for (uint32_t i = 0; i < a.count; i++) {
		for (uint32_t j = 0; j < b.count; j++) {
			struct code_atom x = *code_value_at(values, a, i);
			struct code_atom y = *code_value_at(values, b, j);

			gather_new(&gather, add_atoms(&x, &y, size));
		}
	}
	return gathered(&gather);
}

static struct code_atom subtract_atoms(const struct code_atom *left, const struct code_atom *right,
				       unsigned size)
{
	if (right->kind == ATOM_CONSTANT)
		return shift_atom(*left, (int64_t)(UINT64_C(0) - (uint64_t)right->a), size);
	if (left->kind == ATOM_STACK && right->kind == ATOM_STACK)
		return (struct code_atom){.kind = ATOM_CONSTANT,
					  .a = (int64_t)cut((uint64_t)left->a -
								(uint64_t)right->a,
							    size)};
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

code_value code_value_subtract(struct code_values *values, code_value left, code_value right,
			       unsigned size)
{
	struct code_value_set a = code_value_set(values, left), b = code_value_set(values, right);
	struct gather gather = {.values = values};

	if ((uint64_t)a.count * b.count > CODE_VALUE_ATOMS)
		return code_value_unknown(values, FACTS_REASON_TOO_MANY);
	for (uint32_t i = 0; i < a.count; i++) {
		for (uint32_t j = 0; j < b.count; j++) {
			struct code_atom x = *code_value_at(values, a, i);
			struct code_atom y = *code_value_at(values, b, j);

			gather_new(&gather, subtract_atoms(&x, &y, size));
		}
	}
	return gathered(&gather);
}

static struct code_atom scale_atom(const struct code_atom *atom, uint64_t factor)
{
	int64_t step = (int64_t)atom->b * (int64_t)(factor & INT32_MAX);
	bool ok = factor <= INT32_MAX && step <= INT32_MAX;

	switch ((enum code_atom_kind)atom->kind) {
	case ATOM_CONSTANT:
		return (struct code_atom){.kind = ATOM_CONSTANT,
					  .a = (int64_t)((uint64_t)atom->a * factor)};
	case ATOM_ARRAY:
		if (ok)
			return (struct code_atom){.kind = ATOM_ARRAY,
						  .a = (int64_t)((uint64_t)atom->a * factor),
						  .b = (int32_t)step};
		break;
	case ATOM_ENTRY:
		/* ADD with LSL #2 of AArch64's compact jump tables. */
		if (factor == 4 && !(atom->b >> CODE_ENTRY_SHIFT))
			return (struct code_atom){.kind = ATOM_ENTRY,
						  .a = atom->a,
						  .b = atom->b | 2 << CODE_ENTRY_SHIFT};
		break;
	case ATOM_UNKNOWN:
		step = (atom->b > 1 ? atom->b : 1) * (int64_t)(factor & INT32_MAX);
		if (factor <= INT32_MAX && step <= INT32_MAX)
			return unknown_atom((uint32_t)atom->a, (int32_t)step);
		break;
	case ATOM_STACK:
	case ATOM_STACK_ARRAY:
	case ATOM_PARAMETER:
	case ATOM_FIELD:
	case ATOM_RESULT:
	case ATOM_VARIABLE:
	case ATOM_ELEMENT:
	case ATOM_SYMBOL:
	case ATOM_TEXT:
	case ATOM_ENVIRONMENT:
	case ATOM_JUMP:
		/* Numbers, then: their multiples are multiples of the factor. */
		if (factor <= INT32_MAX)
			return unknown_atom(FACTS_REASON_COMPUTED, (int32_t)factor);
		break;
	}
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

code_value code_value_scale(struct code_values *values, code_value value, uint64_t factor)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather = {.values = values};

	if (factor == 1)
		return value;
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		gather_new(&gather, scale_atom(&atom, factor));
	}
	return gathered(&gather);
}

static uint64_t apply(enum code_logic operation, uint64_t left, uint64_t right)
{
	switch (operation) {
	case LOGIC_AND:
		return left & right;
	case LOGIC_OR:
		return left | right;
	case LOGIC_XOR:
		return left ^ right;
	case LOGIC_SHIFT_RIGHT:
		break;
	}
	return right < 64 ? left >> right : 0;
}

code_value code_value_logic(struct code_values *values, enum code_logic operation, code_value left,
			    code_value right, unsigned size)
{
	const struct code_atom *base;
	uint64_t a, b;

	if (code_value_number(values, left, &a) && code_value_number(values, right, &b))
		return code_value_constant(values, cut(apply(operation, cut(a, size), b), size));
	base = code_value_single(values, left);
	/* Alignment of the stack pointer: what lies below is addressed from the result anyway. */
	if (operation == LOGIC_AND && base && base->kind == ATOM_STACK && size == 8 &&
	    code_value_number(values, right, &b) && (int64_t)b < 0 && (int64_t)b >= -64)
		return code_value_atom(
		    values, (struct code_atom){.kind = ATOM_STACK,
					       .a = (int64_t)((uint64_t)base->a & b)});
	return code_value_unknown(values, FACTS_REASON_COMPUTED);
}

code_value code_value_extend(struct code_values *values, code_value value, unsigned size,
			     bool is_signed)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather = {.values = values};

	if (size >= 8)
		return value;
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		if (atom.kind == ATOM_CONSTANT) {
			uint64_t number = cut((uint64_t)atom.a, size);
			uint64_t sign = UINT64_C(1) << (size * 8 - 1);

			atom.a = (int64_t)(is_signed ? (number ^ sign) - sign : number);
		} else if (atom.kind == ATOM_ENTRY && is_signed) {
			atom.b |= CODE_ENTRY_SIGNED;
		} else if (atom.kind == ATOM_ARRAY ? (uint64_t)atom.a >= UINT32_MAX
						   : atom.kind != ATOM_UNKNOWN &&
							 atom.kind != ATOM_ENTRY &&
							 atom.kind != ATOM_PARAMETER) {
			atom = unknown_atom(FACTS_REASON_COMPUTED, 0);
		}
		gather_new(&gather, atom);
	}
	return gathered(&gather);
}
