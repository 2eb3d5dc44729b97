/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a register or a word of memory may hold at one point of a function: a set of atoms. Sets and
 * atoms are interned, so that equal sets have equal numbers. Private to src/binary.
 */
#ifndef BINARY_CODE_VALUE_H
#define BINARY_CODE_VALUE_H

#include "util/arena.h"
#include "util/map.h"
#include "util/vec.h"

enum code_atom_kind {
	ATOM_UNKNOWN,  /* reasons (bits of enum facts_call_reason) in a; a multiple of b if b > 1 */
	ATOM_CONSTANT, /* the number a */
	ATOM_STACK,    /* the stack pointer at entry + a */
	ATOM_STACK_ARRAY, /* the same + some number that is not negative */
	ATOM_PARAMETER,	  /* parameter a of the function + b */
	ATOM_FIELD,	  /* the eight bytes at parameter a + b, as they were at entry */
	ATOM_RESULT,	  /* what the call at address a returned, + b */
	ATOM_VARIABLE,	  /* the eight bytes at address a, as they are when the file is loaded */
	ATOM_ARRAY,	  /* a + b * some number that is not negative; b is 0 when not known */
	ATOM_ELEMENT,	  /* the eight bytes at such an address */
	ATOM_SYMBOL,	  /* the address of dynamic symbol a, + b */
	ATOM_TEXT,	  /* address of a fresh text, number a of the recovery's templates */
	ATOM_ENVIRONMENT, /* getenv() of the name at address a */
	ATOM_ENTRY,	  /* fewer than eight bytes at such an address; b: CODE_ENTRY_* | bytes */
	ATOM_JUMP,	  /* an address computed from one, base in c */
};

#define CODE_LOADED 3 /* a zero read from memory: a list ends there, nobody asks for it */
#define CODE_MOVED 1  /* made by adding to what a register held: a loop may do so again */
#define CODE_PAGE 2   /* what ADRP gives: an address only once the rest is added */
#define CODE_ENTRY_SIGNED 0x10
#define CODE_ENTRY_VARIABLE 0x20 /* of memory that may be written: no jump table */
#define CODE_ENTRY_SIZE 15	 /* the bits that are the bytes */
#define CODE_ENTRY_SHIFT 8	 /* b >> 8: left shift before the base is added */

struct code_atom {
	int64_t a;
	/* Of a JUMP: see there; of an ARRAY: the instruction that counts, or 0; of an ENTRY: the
	 * step of the array, or 0; of a number or stack address: CODE_MOVED and its like, or 0; of
	 * an UNKNOWN: -1 - n for b times parameter n, or 0. */
	int64_t c;
	int32_t b;
	uint32_t kind; /* enum code_atom_kind */
};

typedef uint32_t code_value; /* number of a set */

#define CODE_VALUE_NONE 0u /* the empty set: no path has come here yet */
#define CODE_VALUE_ATOMS 64

struct code_value_set {
	const uint32_t *atoms; /* numbers, ascending */
	uint32_t count;
};

#define CODE_JOIN_CACHE 1024

struct code_join {
	code_value left, right, joined;
};

struct code_values {
	struct arena *arena;
	struct map set_map;
	uint32_t *atom_slots; /* 1 + number of an atom; 0: free */
	size_t atom_slot_count;
	struct code_join joins[CODE_JOIN_CACHE]; /* the latest of each hash */
	VEC(struct code_atom) atoms;
	VEC(struct code_value_set) sets;
};

void code_values_init(struct code_values *values, struct arena *arena);
void code_values_release(struct code_values *values);

code_value code_value_atom(struct code_values *values, struct code_atom atom);
code_value code_value_constant(struct code_values *values, uint64_t number);
code_value code_value_unknown(struct code_values *values, uint32_t reasons);
code_value code_value_join(struct code_values *values, code_value left, code_value right);
/*
 * The join for a block that has seen many: numbers that grow in equal steps become an array, stack
 * addresses a stack array; with give_up, anything that still grows becomes unknown.
 */
code_value code_value_widen(struct code_values *values, code_value old, code_value new,
			    bool give_up);

static inline struct code_value_set code_value_set(const struct code_values *values,
						   code_value value)
{
	return values->sets.ptr[value];
}

static inline const struct code_atom *code_value_at(const struct code_values *values,
						    struct code_value_set set, uint32_t index)
{
	return &values->atoms.ptr[set.atoms[index]];
}

/* The only atom of a set of one, else NULL. */
const struct code_atom *code_value_single(const struct code_values *values, code_value value);
/* The number of a set that is one constant. */
bool code_value_number(const struct code_values *values, code_value value, uint64_t *ret);

/*
 * The value after one of many additions of the same number: it, plus that number any number of
 * times. where is the instruction that adds, so that several uses of one count are known to be one.
 */
code_value code_value_count(struct code_values *values, code_value value, int64_t number,
			    int64_t where, unsigned size);
/* The value after an addition in place. */
code_value code_value_moved(struct code_values *values, code_value value);
/* Whether an address may lie outside of the function's own frame. */
bool code_value_outlives(const struct code_values *values, code_value address);
/* The set without the number 0; unknown when nothing else is in it. */
code_value code_value_without_null(struct code_values *values, code_value value);

/* Arithmetic; size is that of the result in bytes (4 zero-extends). */
code_value code_value_add(struct code_values *values, code_value left, code_value right,
			  unsigned size);
/* An address: a number as base is one of the image, a parameter as index is no pointer. */
code_value code_value_index(struct code_values *values, code_value base, code_value index);
code_value code_value_subtract(struct code_values *values, code_value left, code_value right,
			       unsigned size);
/* value * factor + offset, as an index of an array. */
code_value code_value_scale(struct code_values *values, code_value value, uint64_t factor);
/* A product: exact for numbers, the other scaled when one is a number. */
code_value code_value_multiply(struct code_values *values, code_value left, code_value right);
/* and, or, xor, shift: exact for constants, unknown else. */
enum code_logic { LOGIC_AND, LOGIC_OR, LOGIC_XOR, LOGIC_SHIFT_RIGHT };
code_value code_value_logic(struct code_values *values, enum code_logic operation, code_value left,
			    code_value right, unsigned size);
/* The lowest size bytes, extended to eight. */
code_value code_value_extend(struct code_values *values, code_value value, unsigned size,
			     bool is_signed);

#endif
