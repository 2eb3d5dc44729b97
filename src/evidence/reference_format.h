/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a manifest is laid out. A head of 32 bytes: magic, version (4 bytes), flags (4), size of the
 * body (8), XXH3 of the body (8); then the body as one zstd frame. All numbers are little-endian; a
 * text is its length (4 bytes), its bytes, and a NUL. Private to reference*.c.
 */
#ifndef EVIDENCE_REFERENCE_FORMAT_H
#define EVIDENCE_REFERENCE_FORMAT_H

#include <stdbool.h>

#define REFERENCE_MAGIC "ELFREF\r\n"
#define REFERENCE_VERSION 1
#define REFERENCE_HEAD 32
#define REFERENCE_SINGLE 1u /* flag: made of one file */

/* Of a function's fingerprints: raw and strict whole, the others by half, since they claim less. */
#define REFERENCE_FUNCTION_BYTES (8 + 4 + 4 + 4 + 4 + 2 + 2 + 16 + 16 + 8 + 8 + 8 + 8)

struct reference;

/* Checks and takes the unpacked body, which reference->bytes holds; the arena is ready. */
bool reference_parse(struct reference *reference);

#endif
