/* SPDX-License-Identifier: BSD-2-Clause */
/* A value set being put together; shared by code_value.c and code_arithmetic.c, nobody else. */
#ifndef BINARY_CODE_GATHER_H
#define BINARY_CODE_GATHER_H

#include "binary/code_value.h"
#include "binary/facts.h"

/* A set being put together: unknowns become one, arrays of one table become one. */
struct gather {
	struct code_values *values;
	uint32_t count, reasons;
	int32_t multiple;
	int64_t of; /* of which number it is the multiple, as in an atom; 0: not known */
	bool unknown;
	uint32_t atoms[CODE_VALUE_ATOMS + 1]; /* one more for the unknown */
};

/* Leaves the array alone: this is done for every operation. */
static inline void gather_start(struct gather *gather, struct code_values *values)
{
	gather->values = values;
	gather->count = gather->reasons = 0;
	gather->multiple = 0;
	gather->of = 0;
	gather->unknown = false;
}

void gather_atom(struct gather *gather, uint32_t number);
void gather_new(struct gather *gather, struct code_atom atom);
code_value gathered(struct gather *gather);
int32_t greatest_divisor(int64_t a, int64_t b);

#endif
