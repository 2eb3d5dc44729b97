/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and memory at one point of a function. Memory is a list of words that are known; what
 * is not in it is as the file or the caller left it, or not known. Private to src/binary.
 */
#ifndef BINARY_CODE_STATE_H
#define BINARY_CODE_STATE_H

#include "binary/code_image.h"
#include "binary/code_ops.h"
#include "binary/code_value.h"

/* The object a known word lies in. */
#define BASE_STACK 0u	 /* offsets as in ATOM_STACK */
#define BASE_ABSOLUTE 1u /* offsets are addresses */
#define BASE_ATOM 2u	 /* 2 + number of an atom without offset: RESULT, PARAMETER, SYMBOL */
#define BASE_NONE UINT32_MAX

struct code_slot {
	uint32_t base;
	bool is_text; /* value is a TEXT: the bytes from here on are that text */
	uint8_t size; /* of a word, 1..8 */
	int64_t offset;
	uint64_t extent; /* of a text: bytes the writer may have used */
	code_value value;
};

struct code_place {
	uint32_t base;
	int64_t offset;
};

struct code_state {
	code_value registers[CODE_REGISTERS];
	VEC(struct code_slot) slots;   /* sorted by base and offset; words do not overlap */
	VEC(struct code_place) escaped; /* objects whose address other code has; sorted */
	uint32_t changed_parameters;	/* bit n: other code may have changed what it points to */
};

/* What all states of one function share. */
struct code_memory {
	const struct code_image *image;
	const struct code_machine *machine;
	struct code_values *values;
	VEC(int64_t) objects; /* stack offsets whose address was taken: where an object starts */
	bool limited;	      /* BUDGET_CODE_SLOTS was reached: words were forgotten */
};

void code_state_entry(struct code_state *state, struct code_memory *memory);
void code_state_copy(struct code_state *to, const struct code_state *from);
void code_state_release(struct code_state *state);
/* Adds the possibilities of from; whether to has changed. visits: how often it has before. */
bool code_state_join(struct code_state *to, const struct code_state *from,
		     struct code_memory *memory, uint32_t visits);

code_value code_state_load(const struct code_state *state, struct code_memory *memory,
			   code_value address, unsigned size, bool is_signed);
void code_state_store(struct code_state *state, struct code_memory *memory, code_value address,
		      unsigned size, code_value value);
/* A text of at most extent bytes is written there. A text is CODE_VALUE_NONE: unknown bytes. */
void code_state_store_text(struct code_state *state, struct code_memory *memory,
			   code_value address, uint64_t extent, code_value text);
/* The text stored exactly there, or CODE_VALUE_NONE. */
code_value code_state_text(const struct code_state *state, struct code_place place);

/* The place an atom is the address of; base BASE_NONE when it is none. */
struct code_place code_state_place(struct code_memory *memory, const struct code_atom *atom);
/* Other code has the address from here on. */
void code_state_escape(struct code_state *state, struct code_memory *memory, code_value value);
/* What a call to code that is not known may do to memory. */
void code_state_call(struct code_state *state, struct code_memory *memory);
/* A store to an address that is not known: only objects whose address is out can be meant. */
void code_state_forget_reachable(struct code_state *state, struct code_memory *memory);
/* Removes what overlaps [offset, offset + size) of an object. */
void code_state_forget(struct code_state *state, struct code_place place, uint64_t size);

/* A stack address is used as one: an object starts there. */
void code_state_note_object(struct code_memory *memory, int64_t offset);
/* Where the object ends at the latest: at the next one, as far as objects are known. */
int64_t code_state_object_end(const struct code_memory *memory, struct code_place place);

/* Index of the first slot at or after a place, and insertion in order. */
size_t code_slot_index(const struct code_state *state, uint32_t base, int64_t offset);
/* How many slots share bytes with [offset, offset + size) of an object; they are neighbours. */
size_t code_slots_overlap(const struct code_state *state, struct code_place place, uint64_t size,
			  size_t *ret_first);
void code_slot_insert(struct code_state *state, struct code_memory *memory,
		      struct code_slot slot);

/* A known constant byte of memory; false when it is not known. */
bool code_state_byte(const struct code_state *state, struct code_memory *memory,
		     struct code_place place, uint8_t *ret);

#endif
