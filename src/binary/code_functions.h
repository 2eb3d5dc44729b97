/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where functions start and end: from the frame descriptions in .eh_frame, from symbols where there
 * are none, and from targets of direct calls where there is neither. Private to src/binary.
 */
#ifndef BINARY_CODE_FUNCTIONS_H
#define BINARY_CODE_FUNCTIONS_H

#include "binary/code_image.h"

struct code_function {
	uint64_t start, end;
	bool is_fragment; /* its frame is set up elsewhere: a part split off another function */
};

struct code_name {
	uint64_t address, size;
	const char *text; /* borrowed from the file or from the record's strings, see owner */
	uint32_t symbol;  /* index into builder->symbols, or UINT32_MAX for one of .symtab */
	uint32_t length;
	bool is_function, is_exported, is_local;
};

struct code_functions {
	VEC(struct code_function) list; /* sorted by start, without overlaps */
	VEC(struct code_name) names;	/* defined functions and objects, sorted by address */
	size_t from_frames;		/* functions known from .eh_frame */
};

void code_functions_read(struct code_image *image, struct code_functions *ret);
void code_functions_release(struct code_functions *functions);

/* The function that holds the address, or NULL. */
const struct code_function *code_functions_find(const struct code_functions *functions,
						uint64_t address);
/* Adds functions that start at these addresses where no function is known; sorts starts. */
void code_functions_add_starts(struct code_functions *functions, const struct code_image *image,
			       uint64_t *starts, size_t count);
/* The best name of what starts exactly there: exported before local; NULL when there is none. */
const struct code_name *code_functions_name(const struct code_functions *functions,
					    uint64_t address);
/* Whether any exported function starts there; *ret_first is the first name at that address. */
size_t code_functions_names(const struct code_functions *functions, uint64_t address,
			    const struct code_name **ret_first);

/* A part that the compiler split off, by its name. */
bool code_name_is_cold(const struct code_name *name);
/* The data object that holds the address, by its symbol; NULL when there is none. */
const struct code_name *code_functions_object(const struct code_functions *functions,
					      uint64_t address);

/* One frame description of .eh_frame. */
struct code_frame {
	uint64_t start; /* where it starts; relative to the section's address when encoded so */
	uint64_t size;
	uint64_t place; /* of the start in the section: what a relocation fills in */
	uint8_t encoding;
	bool is_fragment;
};

typedef void code_frame_visit(void *context, const struct code_frame *frame);

/* Calls visit for each frame of an .eh_frame section, in file order. */
void code_frames_each(struct slice bytes, bool big_endian, code_frame_visit *visit, void *context);

/* Frame descriptions as ranges, in file order (code_frames.c). */
void code_frames_read(const struct code_image *image, struct code_functions *functions);

#endif
