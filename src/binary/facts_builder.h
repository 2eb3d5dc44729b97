/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a facts record: the worker's side of facts.h. Only src/binary includes this.
 */
#ifndef BINARY_FACTS_BUILDER_H
#define BINARY_FACTS_BUILDER_H

#include <stdarg.h>

#include "binary/facts.h"
#include "util/diag.h"
#include "util/map.h"
#include "util/vec.h"

struct facts_builder {
#define FACTS_VEC(tag, field, type) VEC(type) field;
	FACTS_SECTIONS_TABLE(FACTS_VEC)
#undef FACTS_VEC
	VEC(char) strings; /* offset 0 holds the empty text */
	bool overflow;	   /* BUDGET_RECORD_SIZE was reached; texts added since are empty */
};

void facts_builder_init(struct facts_builder *builder);
void facts_builder_release(struct facts_builder *builder);

/* Copies bytes into the STRINGS section, with a NUL behind them. Equal neighbours are not shared:
 * callers keep texts they use often. */
struct facts_text facts_builder_text(struct facts_builder *builder, struct slice bytes);
void facts_builder_diag(struct facts_builder *builder, enum diag_id id, uint64_t offset,
			const char *format, ...) printf_format(4, 5);

/* The finished record in malloc'ed memory, which the caller frees. */
enum status facts_builder_finish(struct facts_builder *builder, uint8_t **ret_record,
				 size_t *ret_size) must_check;

#endif
