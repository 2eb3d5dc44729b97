/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The length decoder and the canonical forms on any bytes: every instruction has 1 to 15 bytes and
 * its fields inside, and a function's fingerprints depend on nothing but its bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "binary/fingerprint.h"
#include "binary/length_x86.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lengths(const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		struct x86_instruction got;
		unsigned length = length_x86(data + at, size - at, &got);

		if (length > X86_LENGTH_MAX || length > size - at ||
		    (length && (got.displacement_at + got.displacement_size > length ||
				got.immediate_at + got.immediate_size > length)))
			abort();
		at += length ? length : 1;
	}
}

static void check_function(uint16_t machine, const uint8_t *data, size_t size)
{
	/* The first bytes are relocations, so that these are met with too. */
	struct fingerprint_relocation relocations[4];
	struct fingerprint_file file = {.machine = machine, .relocatable = size & 1};
	struct fingerprint_code code = {slice_of(data, size), 0x1000, relocations, 0, false};
	struct fingerprint_scratch scratch = {0};
	struct facts_function first = {0}, second = {0};

	for (size_t i = 0; i < 4 && i * 2 + 1 < size && file.relocatable; i++)
		relocations[code.relocation_count++] = (struct fingerprint_relocation){
		    0x1000 + i * 16 + data[i * 2] % 16, data[i * 2 + 1] % 48, data[i * 2] > 200};
	fingerprint_function(&file, &code, &scratch, &first);
	fingerprint_function(&file, &code, &scratch, &second);
	if (memcmp(&first, &second, sizeof(first)) != 0)
		abort();
	fingerprint_release(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	check_lengths(data, size);
	check_function(EM_X86_64, data, size);
	check_function(EM_AARCH64, data, size & ~(size_t)3);
	check_function(EM_RISCV, data, size);
	return 0;
}
