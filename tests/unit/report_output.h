/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report writes, kept as text, for the tests of src/report. */
#ifndef TESTS_UNIT_REPORT_OUTPUT_H
#define TESTS_UNIT_REPORT_OUTPUT_H

#include <string.h>

#include "report/sink.h"
#include "util/memory.h"

struct output {
	char *text; /* NUL-terminated */
	size_t size, writes;
	size_t fails_at; /* the write that is refused, counted from 1; 0: none */
};

static inline bool output_write(void *context, const void *bytes, size_t size)
{
	struct output *output = context;

	if (++output->writes == output->fails_at)
		return false;
	output->text = memory_realloc_array(output->text, output->size + size + 1, 1);
	memcpy(output->text + output->size, bytes, size);
	output->size += size;
	output->text[output->size] = '\0';
	return true;
}

static inline void output_begin(struct output *output, struct sink *sink)
{
	*output = (struct output){.text = memory_calloc(1, 1)};
	sink_init(sink, output_write, output);
}

#endif
