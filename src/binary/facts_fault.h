/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Test hooks of workers: an ELF file whose bytes at offset 64 are "ELFLEFT-FAULT " and a word makes
 * a worker of a pool with test_hooks misbehave in that way: abort, spin, shrink (wait for the file
 * to shrink under the mapping), allocate (without end), syscall (open a file), garbage (a
 * malformed record), part (abort where the file is shared and the part is not the first). Dead code
 * unless the pool was started with test_hooks.
 */
#ifndef BINARY_FACTS_FAULT_H
#define BINARY_FACTS_FAULT_H

#include <stdbool.h>

#include "util/slice.h"

/*
 * Obeys an order in the file, of which this part is asked for. True when *ret_record is a garbage
 * record to send instead.
 */
bool facts_fault(struct slice bytes, unsigned part, uint8_t **ret_record, size_t *ret_size);

#endif
