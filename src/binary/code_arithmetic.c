/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on value sets. */
#include "binary/code_gather.h"

static uint64_t cut(uint64_t number, unsigned size)
{
	return size >= 8 ? number : number & ((UINT64_C(1) << (size * 8)) - 1);
}

static struct code_atom unknown_atom(uint32_t reasons, int32_t multiple)
{
	return (struct code_atom){.kind = ATOM_UNKNOWN, .a = reasons, .b = multiple};
}

/* a + b as an offset; clears ok when it does not fit. */
static int32_t narrow_sum(int64_t a, int64_t b, bool *ok)
{
	int32_t sum;

	*ok &= !__builtin_add_overflow(a, b, &sum);
	return *ok ? sum : 0;
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
		return size == 8 || atom.kind == ATOM_ARRAY
			   ? atom
			   : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_PARAMETER:
	case ATOM_RESULT:
	case ATOM_SYMBOL:
		atom.b = narrow_sum(atom.b, number, &ok);
		return ok && (size == 8 || !number) ? atom : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_ENTRY:
		return size == 8 && !(atom.b & CODE_ENTRY_VARIABLE)
			   ? (struct code_atom){.kind = ATOM_JUMP,
						.a = atom.a,
						.b = atom.b,
						.c = number}
			   : unknown_atom(FACTS_REASON_COMPUTED, 0);
	case ATOM_UNKNOWN:
		return number ? unknown_atom((uint32_t)atom.a, 0) : atom;
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

/* A base address plus an index that is not known; a step of 0 is not known either. */
static struct code_atom index_atom(const struct code_atom *base, const struct code_atom *index)
{
	bool is_array = index->kind == ATOM_ARRAY;
	uint64_t low = (uint64_t)base->a + (is_array ? (uint64_t)index->a : 0);
	int32_t step = is_array || index->kind == ATOM_UNKNOWN ? index->b : 0;

	switch (base->kind) {
	case ATOM_CONSTANT:
		return (struct code_atom){
		    .kind = ATOM_ARRAY, .a = (int64_t)low, .b = step, .c = is_array ? index->c : 0};
	case ATOM_STACK:
	case ATOM_STACK_ARRAY:
		return (struct code_atom){.kind = ATOM_STACK_ARRAY, .a = (int64_t)low};
	case ATOM_ARRAY:
		return (struct code_atom){.kind = ATOM_ARRAY,
					  .a = (int64_t)low,
					  .b = step && base->b ? greatest_divisor(base->b, step)
							       : 0};
	case ATOM_UNKNOWN:
		return unknown_atom((uint32_t)base->a,
				    step && base->b ? greatest_divisor(base->b, step) : 0);
	default:
		return unknown_atom(FACTS_REASON_COMPUTED, 0);
	}
}

/* Whether the atom is a multiple of a parameter, and of which. */
static bool is_multiple(const struct code_atom *atom, int64_t *ret_of, int32_t *ret_factor)
{
	if (atom->kind == ATOM_PARAMETER && !atom->b) {
		*ret_of = -1 - atom->a;
		*ret_factor = 1;
		return true;
	}
	*ret_of = atom->c;
	*ret_factor = atom->b;
	return atom->kind == ATOM_UNKNOWN && atom->c;
}

static struct code_atom multiple_of(int64_t of, int32_t factor, uint32_t reasons)
{
	struct code_atom atom = unknown_atom(reasons, factor);

	atom.c = of;
	return atom;
}

/*
 * Two multiples of one parameter: rows of tables have sizes such as 88, and compilers multiply by
 * them with several additions.
 */
static bool add_multiples(const struct code_atom *left, const struct code_atom *right,
			  struct code_atom *ret)
{
	int32_t a, b, sum;
	int64_t of, other;

	if (!is_multiple(left, &of, &a) || !is_multiple(right, &other, &b) || of != other ||
	    __builtin_add_overflow(a, b, &sum))
		return false;
	*ret = multiple_of(of, sum, FACTS_REASON_COMPUTED);
	return true;
}

/* Two multiples of one count. */
static bool same_count(const struct code_atom *left, const struct code_atom *right)
{
	return left->kind == ATOM_ARRAY && right->kind == ATOM_ARRAY && left->c &&
	       left->c == right->c && (int64_t)left->b + right->b <= INT32_MAX;
}

static struct code_atom add_atoms(const struct code_atom *left, const struct code_atom *right,
				  unsigned size)
{
	struct code_atom sum;

	if (right->kind == ATOM_CONSTANT)
		return shift_atom(*left, right->a, size);
	if (left->kind == ATOM_CONSTANT && !is_many(right))
		return shift_atom(*right, left->a, size);
	if (size != 8)
		return unknown_atom(FACTS_REASON_COMPUTED, 0);
	if (add_multiples(left, right, &sum))
		return sum;
	if (same_count(left, right))
		return (struct code_atom){.kind = ATOM_ARRAY,
					  .a = (int64_t)((uint64_t)left->a + (uint64_t)right->a),
					  .b = left->b + right->b,
					  .c = left->c};
	if (right->kind == ATOM_UNKNOWN || right->kind == ATOM_ARRAY)
		return index_atom(left, right);
	if (left->kind == ATOM_UNKNOWN || left->kind == ATOM_ARRAY || right->kind == ATOM_STACK ||
	    right->kind == ATOM_STACK_ARRAY)
		return index_atom(right, left);
	return index_atom(left, right);
}

static code_value combine(struct code_values *values, code_value left, code_value right,
			  unsigned size, bool is_index)
{
	struct code_value_set a = code_value_set(values, left), b = code_value_set(values, right);
	struct gather gather;

	if ((uint64_t)a.count * b.count > CODE_VALUE_ATOMS)
		return code_value_unknown(values, FACTS_REASON_TOO_MANY);
	gather_start(&gather, values);
	for (uint32_t i = 0; i < a.count; i++) {
		for (uint32_t j = 0; j < b.count; j++) {
			struct code_atom x = *code_value_at(values, a, i);
			struct code_atom y = *code_value_at(values, b, j);

			if (is_index && x.kind == ATOM_CONSTANT && y.kind != ATOM_CONSTANT &&
			    y.kind != ATOM_STACK)
				gather_new(&gather, index_atom(&x, &y));
			else
				gather_new(&gather, add_atoms(&x, &y, size));
		}
	}
	return gathered(&gather);
}

code_value code_value_add(struct code_values *values, code_value left, code_value right,
			  unsigned size)
{
	return combine(values, left, right, size, false);
}

code_value code_value_index(struct code_values *values, code_value base, code_value index)
{
	return combine(values, base, index, 8, true);
}

code_value code_value_count(struct code_values *values, code_value value, int64_t number,
			    int64_t where, unsigned size)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather;

	gather_start(&gather, values);
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		/* What is added to a page completes an address, in a loop as well. */
		if (atom.kind == ATOM_CONSTANT && atom.c != CODE_PAGE)
			atom = (struct code_atom){
			    .kind = ATOM_ARRAY, .a = atom.a, .b = (int32_t)number, .c = where};
		else if (atom.kind == ATOM_STACK)
			atom = (struct code_atom){.kind = ATOM_STACK_ARRAY, .a = atom.a};
		else if (atom.kind != ATOM_ARRAY || atom.c != where)
			atom = shift_atom(atom, number, size);
		gather_new(&gather, atom);
	}
	return gathered(&gather);
}

static struct code_atom subtract_atoms(const struct code_atom *left, const struct code_atom *right,
				       unsigned size)
{
	if (right->kind == ATOM_CONSTANT)
		return shift_atom(*left, (int64_t)(UINT64_C(0) - (uint64_t)right->a), size);
	if (left->kind == ATOM_STACK && right->kind == ATOM_STACK)
		return (struct code_atom){
		    .kind = ATOM_CONSTANT,
		    .a = (int64_t)cut((uint64_t)left->a - (uint64_t)right->a, size)};
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

code_value code_value_subtract(struct code_values *values, code_value left, code_value right,
			       unsigned size)
{
	struct code_value_set a = code_value_set(values, left), b = code_value_set(values, right);
	struct gather gather;

	gather_start(&gather, values);
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
	int64_t step = (int64_t)atom->b * (int64_t)(factor & INT32_MAX), of;
	bool ok = factor <= INT32_MAX && step <= INT32_MAX;
	int32_t already;

	switch ((enum code_atom_kind)atom->kind) {
	case ATOM_CONSTANT:
		return (struct code_atom){.kind = ATOM_CONSTANT,
					  .a = (int64_t)((uint64_t)atom->a * factor)};
	case ATOM_ARRAY:
		if (ok)
			return (struct code_atom){.kind = ATOM_ARRAY,
						  .a = (int64_t)((uint64_t)atom->a * factor),
						  .b = (int32_t)step,
						  .c = atom->c};
		break;
	case ATOM_ENTRY:
		/* ADD with LSL #2 of AArch64's compact jump tables. */
		if (factor == 4 && !(atom->b >> CODE_ENTRY_SHIFT) &&
		    !(atom->b & CODE_ENTRY_VARIABLE))
			return (struct code_atom){.kind = ATOM_ENTRY,
						  .a = atom->a,
						  .b = atom->b | 2 << CODE_ENTRY_SHIFT,
						  .c = atom->c};
		if (factor <= INT32_MAX)
			return unknown_atom(FACTS_REASON_COMPUTED, (int32_t)factor);
		break;
	case ATOM_UNKNOWN:
		step = (atom->b > 1 ? atom->b : 1) * (int64_t)(factor & INT32_MAX);
		if (factor <= INT32_MAX && step <= INT32_MAX)
			return multiple_of(atom->c, (int32_t)step, (uint32_t)atom->a);
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
		if (factor <= INT32_MAX && factor && is_multiple(atom, &of, &already))
			return multiple_of(of, (int32_t)factor, FACTS_REASON_COMPUTED);
		if (factor <= INT32_MAX)
			return unknown_atom(FACTS_REASON_COMPUTED, (int32_t)factor);
		break;
	}
	return unknown_atom(FACTS_REASON_COMPUTED, 0);
}

code_value code_value_scale(struct code_values *values, code_value value, uint64_t factor)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather;

	gather_start(&gather, values);
	if (factor == 1)
		return value;
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		gather_new(&gather, scale_atom(&atom, factor));
	}
	return gathered(&gather);
}

code_value code_value_multiply(struct code_values *values, code_value left, code_value right)
{
	uint64_t number;

	if (code_value_number(values, right, &number))
		return code_value_scale(values, left, number);
	if (code_value_number(values, left, &number))
		return code_value_scale(values, right, number);
	return code_value_unknown(values, FACTS_REASON_COMPUTED);
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
		    values,
		    (struct code_atom){.kind = ATOM_STACK, .a = (int64_t)((uint64_t)base->a & b)});
	return code_value_unknown(values, FACTS_REASON_COMPUTED);
}

code_value code_value_extend(struct code_values *values, code_value value, unsigned size,
			     bool is_signed)
{
	struct code_value_set set = code_value_set(values, value);
	struct gather gather;

	gather_start(&gather, values);
	if (size >= 8)
		return value;
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(values, set, i);

		if (atom.kind == ATOM_CONSTANT) {
			uint64_t number = cut((uint64_t)atom.a, size);
			uint64_t sign = UINT64_C(1) << (size * 8 - 1);

			atom.a = (int64_t)(is_signed ? (number ^ sign) - sign : number);
		} else if (atom.kind == ATOM_ENTRY && size < ((unsigned)atom.b & CODE_ENTRY_SIZE)) {
			atom = unknown_atom(FACTS_REASON_COMPUTED, 0);
		} else if (atom.kind == ATOM_ENTRY && is_signed) {
			if (size == ((unsigned)atom.b & CODE_ENTRY_SIZE))
				atom.b |= CODE_ENTRY_SIGNED;
		} else if (atom.kind == ATOM_ARRAY
			       ? (uint64_t)atom.a >= UINT32_MAX
			       : atom.kind != ATOM_UNKNOWN && atom.kind != ATOM_ENTRY &&
				     atom.kind != ATOM_PARAMETER) {
			atom = unknown_atom(FACTS_REASON_COMPUTED, 0);
		}
		gather_new(&gather, atom);
	}
	return gathered(&gather);
}
