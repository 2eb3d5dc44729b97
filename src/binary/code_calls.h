/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All call sites of one file: finds them, follows their arguments inside the function, and through
 * parameters into callers. Private to src/binary.
 */
#ifndef BINARY_CODE_CALLS_H
#define BINARY_CODE_CALLS_H

#include "binary/code_flow.h"

struct code_site_value {
	uint32_t site;
	uint32_t text; /* number in texts */
	uint64_t address, caller;
	uint16_t source, role, index;
};

struct code_site {
	uint64_t address, function, handle;
	const struct call_row *row;
	uint32_t flags, reasons;
	uint32_t value_count; /* that name something */
	bool any_value;	      /* or say that nothing is named */
};

/* How a parameter is used at the end of its way. */
enum code_flow_mode { FLOW_TEXT, FLOW_VECTOR, FLOW_SOCKET, FLOW_NUMBER };

/* A parameter of a function, or a variable, that reaches an argument of a site. */
struct code_parameter {
	uint64_t function;   /* whose parameter it is; or the address of the variable */
	uint32_t site, text; /* the text, with holes for the parameters */
	uint16_t role, index;
	uint8_t mode, level; /* enum code_flow_mode; callers above the site's function */
	bool followed, is_variable;
	uint32_t next; /* 1 + index of another parameter of the same function; 0: none */
};

/* Why a site is open, by whom it was found, so that a function can be followed again. */
struct code_reason {
	uint64_t function;
	uint32_t site, pass, reasons;
};

struct code_summary {
	uint32_t symbol, site, text;
	uint16_t role, index;
	uint8_t mode;
};

/* A constant text given to a function that is not in the table. */
struct code_constant {
	uint64_t call, target;
	uint32_t symbol, parameter, text;
};

struct code_coverage {
	uint64_t decoded, undecoded, selected;
	size_t functions;
	bool limited;
	struct code_targets seen;   /* starts of functions that were followed */
	struct code_targets joined; /* starts of ranges that were followed as part of another */
};

struct code_calls {
	struct code_image image;
	struct code_functions functions;
	struct code_callees callees;
	struct code_texts texts;
	struct arena arena;
	struct code_flow flow;
	struct code_decoder *decoder;
	uint64_t decoded_bytes; /* all rounds */
	VEC(struct code_site) sites;
	struct map site_map; /* address and kind -> index */
	VEC(struct code_site_value) values;
	struct map value_map;
	VEC(struct code_parameter) parameters;
	struct map parameter_map;
	struct map parameter_functions; /* address -> 1 + index of its latest parameter */
	VEC(struct code_reason) reasons;
	struct map reason_map;
	uint32_t pass;
	struct code_returns returns;
	VEC(struct code_summary) summaries;
	struct map summary_map;
	VEC(struct code_constant) constants;
	bool constants_limited;
	struct code_targets starters; /* functions that lead to a call whose program is not known */
	uint64_t scanned_bytes;	      /* by code_calls_scan() */
	struct code_coverage coverage;
	struct code_targets seen_calls; /* instructions that were shown */
	/* Of the function being followed: */
	uint64_t function;
	VEC(uint64_t) indirect_symbols; /* symbols called through a register there */
};

/* false: this machine's code is not read. Runs all of it. */
bool code_calls_run(struct elf_input *in, struct facts_builder *builder, struct code_calls *ret);
void code_calls_release(struct code_calls *calls);

/* ---- shared by code_calls.c, code_callers.c and code_arguments.c ---- */

/* The site, made when it is new. UINT32_MAX when there are too many. */
uint32_t code_calls_site(struct code_calls *calls, uint64_t address, const struct call_row *row,
			 uint32_t flags);
void code_calls_reason(struct code_calls *calls, uint32_t site, uint32_t reasons);
/* Takes in the arguments of a call that is a site. */
void code_calls_arguments(struct code_calls *calls, const struct code_call *call, uint32_t site);
/* Takes in what a call gives to parameters that reach a site. */
void code_calls_parameters(struct code_calls *calls, const struct code_call *call);
/* Takes in what is stored to a variable that reaches a site. */
void code_calls_variable(struct code_calls *calls, const struct code_state *state, uint64_t store,
			 uint64_t address, code_value value);
/* The first parameter of that function, or UINT32_MAX; see next. */
uint32_t code_calls_first_parameter(const struct code_calls *calls, uint64_t function);
/* Nobody known gives this parameter its value, or not everybody: what is left is a pattern. */
void code_calls_open_parameter(struct code_calls *calls, uint32_t index, uint32_t reasons);
/* Follows one function, with references into it that matter. */
void code_calls_function(struct code_calls *calls, const struct code_function *function,
			 const struct code_reference *references, size_t count);
/* Sorts references by function and follows each. */
void code_calls_follow(struct code_calls *calls, struct code_references *references);
/* Callers of functions whose parameters reach a site, level by level (code_callers.c). */
void code_calls_callers(struct code_calls *calls);
/* Constant texts in calls of functions of other libraries (code_constants.c). */
void code_calls_constants(struct code_calls *calls);
/* Texts that look like paths of programs, where the name of one is not known (code_paths.c). */
void code_calls_paths(struct code_calls *calls);
/* A scan for names beside calls, within the budget for these. */
void code_calls_scan(struct code_calls *calls, const struct code_targets *targets,
		     struct code_references *references);
/* Names that are kept on the way to a call whose program is not known (code_names.c). */
void code_calls_names(struct code_calls *calls);
/* First words of command lines that are used on the way to such a call (code_lines.c). */
void code_calls_lines(struct code_calls *calls);
/* Names that exported functions return (code_exports.c). */
void code_calls_exports(struct code_calls *calls);
/* Names that may be put behind a folder of the file's own (code_words.c). */
void code_calls_words(struct code_calls *calls);
/* Names that functions choose by number and put behind a folder (code_choosers.c). */
void code_calls_choosers(struct code_calls *calls);
/* Rows for own functions around vasprintf() and its like (code_wrappers.c); sorts references. */
void code_calls_wrappers(struct code_calls *calls, struct code_references *references);
/* A key that lives as long as the calls. */
struct slice code_calls_key(struct code_calls *calls, const void *bytes, size_t size);

#endif
