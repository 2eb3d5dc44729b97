/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows values through one function until nothing changes, then goes over it once more and shows
 * every call with what its arguments may be. Private to src/binary.
 */
#ifndef BINARY_CODE_FLOW_H
#define BINARY_CODE_FLOW_H

#include "binary/calls.h"
#include "binary/code_scan.h"
#include "binary/code_state.h"
#include "binary/code_text.h"
#include "binary/code_unit.h"

/* Which functions the file calls by name, and how. */
struct code_internal {
	uint64_t address;
	const struct call_row *row;
};

struct code_callees {
	const struct code_image *image;
	const struct call_row **rows; /* by dynamic symbol; NULL: nothing is known of it */
	size_t row_count;
	struct code_stubs stubs;
	VEC(struct code_internal) internal; /* defined in the file itself; sorted */
	bool uses_symtab;		    /* internal holds functions of .symtab: a static file */
};

#define CODE_NO_SYMBOL UINT32_MAX

/* What a call leads to. */
struct code_callee {
	const struct call_row *row; /* NULL: nothing is known of it */
	uint32_t symbol;	    /* import, or CODE_NO_SYMBOL */
	uint64_t target;	    /* address in the file, else 0 */
};

void code_callees_read(struct code_image *image, const struct code_functions *functions,
		       struct code_callees *ret);
void code_callees_release(struct code_callees *callees);
/* The dynamic symbol behind a stub or a slot of the global offset table, or CODE_NO_SYMBOL. */
uint32_t code_callees_stub(const struct code_callees *callees, uint64_t address);
uint32_t code_callees_slot(const struct code_callees *callees, uint64_t address);
struct code_callee code_callees_at(const struct code_callees *callees, uint64_t address);

struct code_flow;

struct code_call {
	const struct code_op *op;
	const struct code_state *state; /* before the call */
	struct code_callee callee;
	bool is_tail, is_indirect;
	bool is_seeded; /* reached only from a place where nothing is known */
};

typedef void code_call_handler(void *context, struct code_flow *flow, const struct code_call *call);

struct code_flow {
	const struct code_image *image;
	const struct code_callees *callees;
	const struct code_functions *functions;
	struct code_decoder *decoder;
	struct code_texts *texts;
	struct arena arena; /* of one function */
	struct code_values values;
	struct code_memory memory;
	struct code_unit unit;
	struct code_state **states; /* by block; NULL: not reached */
	uint8_t *pending, *seeded;  /* by block */
	size_t state_count;
	uint32_t lowest; /* no block before this one is pending */
	VEC(uint64_t) leaders; /* targets of jump tables that start no block yet */
	uint64_t steps;	       /* operations followed so far, all functions */
	code_value call_stack, call_frame; /* stack and frame pointer at calls, when always equal */
	bool limited;
};

void code_flow_init(struct code_flow *flow, const struct code_image *image,
		    const struct code_callees *callees, const struct code_functions *functions,
		    struct code_decoder *decoder, struct code_texts *texts);
void code_flow_release(struct code_flow *flow);
/*
 * Follows one function as far as calls at these addresses need, and shows every call of the blocks
 * it went through. false when it could not be decoded at all.
 */
bool code_flow_function(struct code_flow *flow, const struct code_function *function,
			const uint64_t *sites, size_t site_count, code_call_handler *handler,
			void *context);

/* Argument index of a call; the state is the one before it. */
code_value code_flow_argument(struct code_flow *flow, const struct code_call *call, unsigned index);
/* What a known function does (code_effects.c). The result is in the result register. */
void code_flow_effect(struct code_flow *flow, struct code_state *state,
		      const struct code_call *call);

/* ---- texts behind values (code_find.c) ---- */

struct code_found {
	uint32_t text;	 /* number in flow->texts */
	uint32_t source; /* enum facts_value_source */
	uint64_t address;
};

struct code_founds {
	struct code_found items[64];
	size_t count;
	uint32_t reasons; /* what else it may be */
};

void code_find_texts(struct code_flow *flow, const struct code_state *state, code_value value,
		     struct code_founds *ret);
void code_find_number(struct code_flow *flow, code_value value, struct code_founds *ret);
/* Element index of an array of pointers; true when it may be the null pointer that ends it. */
bool code_find_element(struct code_flow *flow, const struct code_state *state, code_value vector,
		       unsigned index, struct code_founds *ret);
void code_found_add(struct code_founds *founds, uint32_t text, enum facts_value_source source,
		    uint64_t address);
/* Text of printf() with these arguments; the first one after the format has index first. */
void code_format(struct code_flow *flow, const struct code_call *call, unsigned format,
		 struct code_founds *ret);
/* The set of TEXT atoms (and perhaps an unknown one) for what was found. */
code_value code_found_value(struct code_flow *flow, const struct code_founds *founds);

#endif
