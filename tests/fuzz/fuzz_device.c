/* SPDX-License-Identifier: BSD-2-Clause */
/* Device code on any bytes: the record it makes must pass the check that readers rely on. */
#include <stdlib.h>

#include "binary/device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts_builder builder;
	uint8_t *record = NULL;
	size_t record_size = 0;
	struct facts facts;

	facts_builder_init(&builder);
	vec_push(&builder.identity, (struct facts_identity){.file_size = size});
	device_search(slice_of(data, size), &builder);
	if (facts_builder_finish(&builder, &record, &record_size) == STATUS_OK &&
	    facts_open(slice_of(record, record_size), &facts) != STATUS_OK)
		abort();
	facts_builder_release(&builder);
	free(record);
	return 0;
}
