/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the AArch64 translation; shared by its files, nobody else. */
#ifndef BINARY_CODE_ARM64_H
#define BINARY_CODE_ARM64_H

#include "binary/code_ops.h"

#define ARM64_TEMPORARY(n) ((uint8_t)(CODE_TEMPORARY + (n)))
#define ARM64_LANE(vector, n) ((uint8_t)(CODE_VECTOR + 2 * (vector) + (n)))

struct arm64 {
	struct code_ops *ops;
	uint64_t address;
	uint32_t word;
};

/* The register, or a temporary with zero for number 31. */
uint8_t arm64_read(const struct arm64 *a, unsigned reg, unsigned temporary);
/* The register, or a temporary nobody reads for number 31. */
uint8_t arm64_target(unsigned reg);
void arm64_unknown(const struct arm64 *a, uint8_t reg);
void arm64_move(const struct arm64 *a, uint8_t target, uint8_t from, unsigned size);
void arm64_number(const struct arm64 *a, uint8_t target, uint64_t number);
int64_t arm64_signed(uint32_t word, unsigned low, unsigned count);
/* A register with extension and shift of the "option" field, in a register or temporary. */
uint8_t arm64_extended(const struct arm64 *a, unsigned reg, unsigned option, unsigned shift,
		       unsigned temporary);
void arm64_vector_unknown(const struct arm64 *a, unsigned vector);

void arm64_memory(const struct arm64 *a);
void arm64_vector(const struct arm64 *a);

#endif
