/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of modules, texts and tables in any bytes: the record it makes must pass the check that
 * readers rely on. */
#include <stdlib.h>

#include "binary/elf_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *record = NULL;
	size_t record_size = 0;
	struct facts facts;

	if (facts_collect(slice_of(data, size), FACTS_MODULES | FACTS_LITERALS, &record,
			  &record_size) == STATUS_OK &&
	    facts_open(slice_of(record, record_size), &facts) != STATUS_OK)
		abort();
	free(record);
	return 0;
}
