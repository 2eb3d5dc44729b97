/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a manifest is laid out. A head of 32 bytes: magic, version (4 bytes), flags (4), size of the
 * body (8), XXH3 of the body (8); then the body in zstd frames, one for each run of bytes of one
 * kind. All numbers are little-endian; a text is its length (4 bytes), its bytes, and a NUL; a
 * short number is LEB128, unsigned. Private to reference*.c.
 *
 * Three in four functions of a large C++ library share their instructions with others, so what
 * instructions decide is written once for each class of functions (reference_functions.c); what is
 * left are hashes, which do not compress.
 */
#ifndef EVIDENCE_REFERENCE_FORMAT_H
#define EVIDENCE_REFERENCE_FORMAT_H

#include <stdbool.h>

#include "evidence/reference.h"
#include "util/vec.h"

#define REFERENCE_MAGIC "ELFREF\r\n"
#define REFERENCE_VERSION 4
#define REFERENCE_HEAD 32
#define REFERENCE_SINGLE 1u /* flag: made of one file */

struct reference_run {
	size_t from; /* in the body, up to where the next one begins */
	enum reference_kind kind;
};

/* The body of a manifest as it grows. */
struct reference_body {
	VEC(uint8_t) bytes;
	VEC(struct reference_run) runs;
};

/* What follows is of this kind. */
void reference_put_kind(struct reference_body *body, enum reference_kind kind);
void reference_put_bytes(struct reference_body *body, const void *bytes, size_t size);
void reference_put_number(struct reference_body *body, uint64_t value, unsigned size);
void reference_put_short(struct reference_body *body, uint64_t value);

/* A count of things that take at least that many bytes each; 0 and bad where there is no room. */
size_t reference_take_count(struct cursor *cursor, size_t least);
uint64_t reference_take_short(struct cursor *cursor);

void reference_put_functions(struct reference_body *body, const struct profile *profile);
void reference_take_functions(struct cursor *cursor, struct arena *arena, struct profile *ret);

struct reference;

/* Checks and takes the unpacked body, which reference->bytes holds; the arena is ready. */
bool reference_parse(struct reference *reference);

#endif
