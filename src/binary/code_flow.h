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
/* Adds functions of the file itself; not while any is looked up. */
void code_callees_add(struct code_callees *callees, const struct code_internal *list, size_t count);
void code_callees_release(struct code_callees *callees);
/* The dynamic symbol behind a stub or a slot of the global offset table, or CODE_NO_SYMBOL. */
uint32_t code_callees_stub(const struct code_callees *callees, uint64_t address);
uint32_t code_callees_slot(const struct code_callees *callees, uint64_t address);
struct code_callee code_callees_at(const struct code_callees *callees, uint64_t address);

struct code_flow;

/* Texts that a value may point to. */

struct code_found {
	uint32_t text;	 /* number in flow->texts */
	uint32_t source; /* enum facts_value_source */
	uint64_t address;
};

struct code_founds {
	struct code_found items[64];
	size_t count;
	uint32_t reasons;      /* what else it may be */
	uint64_t variables[8]; /* pointers in memory that code may set elsewhere */
	size_t variable_count;
	uint64_t results[4]; /* calls whose results it may be, and are not known here */
	size_t result_count;
};

/* Whether it may be something else than what is listed. */
static inline bool code_founds_open(const struct code_founds *founds)
{
	return founds->reasons || !founds->count;
}

/* What functions of the file return, as far as it is text: filled in when somebody asks. */
struct code_return {
	uint64_t function;
	struct code_founds *texts; /* with holes for the function's parameters */
	bool wanted;		   /* asked for, not yet looked at */
};

struct code_returns {
	struct arena *arena;
	VEC(struct code_return) list;
	struct map map; /* address -> index */
	size_t asked;	/* how often something was asked for that has no answer yet */
};

struct code_call {
	const struct code_op *op;
	const struct code_state *state; /* before the call */
	struct code_callee callee;
	bool is_tail, is_indirect;
	bool is_seeded; /* reached only from a place where nothing is known */
};

/* What to look at when values have settled. */
struct code_question {
	const uint64_t *sites; /* addresses in the function that must be reached */
	size_t site_count;
	bool indirect_calls; /* calls through registers must be reached, too */
	bool has_first;	     /* the first argument is the number first */
	uint64_t first;
	/* Every call on the way; NULL: none. */
	void (*on_call)(void *context, struct code_flow *flow, const struct code_call *call);
	/* Every store of eight bytes to a constant address; NULL: none. */
	void (*on_store)(void *context, struct code_flow *flow, const struct code_state *state,
			 uint64_t store, uint64_t address, code_value value);
	/* Every store of eight bytes, of the register op->target; NULL: none. */
	void (*on_write)(void *context, struct code_flow *flow, const struct code_state *state,
			 const struct code_op *op, code_value address);
	/* Whatever writes to memory but a call, of any size: to address, which is CODE_VALUE_NONE
	 * where it was not understood. NULL: none. */
	void (*on_change)(void *context, struct code_flow *flow, const struct code_state *state,
			  const struct code_op *op, code_value address);
	/* Every return; NULL: none. Otherwise returns need be reached, not sites. */
	void (*on_return)(void *context, struct code_flow *flow, const struct code_state *state);
	void *context;
};

struct code_flow {
	const struct code_image *image;
	const struct code_callees *callees;
	const struct code_functions *functions;
	struct code_decoder *decoder;
	struct code_texts *texts;
	struct code_returns *returns; /* NULL: results are not looked into */
	struct arena arena;	      /* of one function */
	struct code_values values;
	struct code_memory memory;
	struct code_unit unit;
	struct code_state **states; /* by block; NULL: not reached */
	uint8_t *pending, *seeded;  /* by block */
	size_t state_count;
	uint32_t lowest;		  /* no block before this one is pending */
	VEC(struct code_function) tables; /* ends that were looked up: next references */
	struct map noreturn;		  /* functions by address -> 1: they do not return */
	struct arena known;		  /* keys of that */
	struct code_ops scratch;
	VEC(uint64_t) bounds;		   /* addresses that others are compared with */
	VEC(uint64_t) leaders;		   /* targets of jump tables that start no block yet */
	uint64_t steps;			   /* operations followed so far, all functions */
	code_value call_stack, call_frame; /* stack and frame pointer at calls, when always equal */
	bool in_loop;			   /* the block being followed is in one */
	bool limited;			   /* some function was too much work */
	bool function_limited;		   /* this one was */
};

void code_flow_init(struct code_flow *flow, const struct code_image *image,
		    const struct code_callees *callees, const struct code_functions *functions,
		    struct code_decoder *decoder, struct code_texts *texts);
void code_flow_release(struct code_flow *flow);
/*
 * Follows one function as far as the question needs, and shows what is asked for in the blocks it
 * went through. false when it could not be decoded at all.
 */
bool code_flow_function(struct code_flow *flow, const struct code_function *function,
			const struct code_question *question);

/* Argument index of a call; the state is the one before it. */
code_value code_flow_argument(struct code_flow *flow, const struct code_call *call, unsigned index);
/* The same for one of fewer bytes, which is all a caller may have stored. */
code_value code_flow_small_argument(struct code_flow *flow, const struct code_call *call,
				    unsigned index, unsigned size);
/* One operation, and the address one reads or writes (code_step.c). */
void code_step(struct code_flow *flow, struct code_state *state, const struct code_op *op);
code_value code_step_address(struct code_flow *flow, const struct code_state *state,
			     const struct code_op *op);
/* What a known function does (code_effects.c). The result is in the result register. */
void code_flow_effect(struct code_flow *flow, struct code_state *state,
		      const struct code_call *call);

/* ---- texts behind values (code_find.c, code_format.c, code_results.c) ---- */

void code_find_texts(struct code_flow *flow, const struct code_state *state, code_value value,
		     struct code_founds *ret);
/* Drops what is no text: null pointers and what the environment gives. */
void code_find_only_texts(struct code_founds *founds);
/* Adds a hole for what else it may be, which is then closed. */
void code_find_hole(struct code_flow *flow, struct code_founds *founds);
/*
 * Adds 1 + each number of the column of a table that an ENTRY stands for, as they are when the file
 * is loaded; false when its step or its end is not known, or when one is not below a limit.
 */
bool code_find_column(struct code_flow *flow, const struct code_atom *entry, uint64_t below,
		      struct code_targets *ret);
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

/* The same with the format at an address; first: index of the first argument behind it. */
void code_format_at(struct code_flow *flow, const struct code_call *call, uint64_t address,
		    unsigned first, struct code_founds *ret);

/* Where a function saves its arguments for va_arg(): in order (psABI 3.5.7, AAPCS64 B.4). */
#define CODE_SAVED_FRAMES 8

struct code_saved_frame {
	int64_t base; /* where the first argument would lie */
	uint32_t arguments;
};

struct code_saved {
	struct code_saved_frame frames[CODE_SAVED_FRAMES];
	size_t count;
};

void code_saved_note(struct code_saved *saved, const struct code_flow *flow, code_value value,
		     code_value address);
/* The first argument without a name, 0: all have one. */
unsigned code_saved_first(const struct code_saved *saved, const struct code_flow *flow);

/* All texts that one with holes for parameters becomes with the arguments of a call. */
void code_substitute(struct code_flow *flow, const struct code_call *call, struct slice text,
		     struct code_founds *ret);
/* The texts for one hole of a parameter. */
void code_find_part(struct code_flow *flow, const struct code_call *call,
		    const struct code_part *part, struct code_founds *ret);
/* Somebody wants to know what the call at that address of the function returns. */
void code_results_ask(struct code_flow *flow, uint64_t call_address);
/* What a call to that function returns, or CODE_VALUE_NONE when no text is known. */
code_value code_results_value(struct code_flow *flow, const struct code_call *call);
/* What the call at an address of the function leads to; false when that is not known. */
bool code_results_callee(const struct code_flow *flow, uint64_t call_address,
			 struct code_callee *ret);
/* The import called at that address of the function, or CODE_NO_SYMBOL. */
uint32_t code_results_import(struct code_flow *flow, uint64_t call_address);
/* Looks at the functions that were asked for; true when anything was found. */
bool code_results_answer(struct code_flow *flow);

#endif
