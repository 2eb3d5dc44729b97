/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Line tables on any bytes, and namespaces of any names. libdwarf's own parsers are not ours to
 * fuzz: a worker holds them.
 */
#include <stdlib.h>

#include "binary/debug_rows.h"
#include "binary/elf_input.h"
#include "binary/mangled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t counts[16] = {0}, total = 0;
	struct debug_rows rows = {counts, 16, 10000};
	struct slice first, second;
	uint8_t *record = NULL;
	size_t record_size = 0;
	struct facts facts;

	(void)debug_rows_add(slice_of(data, size), 0, false, &rows);
	for (size_t i = 0; i < 16; i++)
		total += counts[i];
	if (total + rows.remaining > 10000)
		abort();
	if (mangled_scope(slice_of(data, size), &first, &second) &&
	    (!first.len || first.ptr < data || first.ptr + first.len > data + size))
		abort();
	if (facts_collect(slice_of(data, size), FACTS_NAMESPACES, &record, &record_size) ==
		STATUS_OK &&
	    facts_open(slice_of(record, record_size), &facts) != STATUS_OK)
		abort();
	free(record);
	return 0;
}
