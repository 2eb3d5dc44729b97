/* SPDX-License-Identifier: BSD-2-Clause */
/* The facts of one file, from a worker and past facts_open() as in a real run. */
#ifndef TESTS_TOOLS_ONE_RECORD_H
#define TESTS_TOOLS_ONE_RECORD_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binary/facts.h"
#include "binary/workers.h"

/* False after a line on stderr. */
static bool one_record(const char *tool, const char *path, uint32_t groups, struct facts *ret)
{
	struct workers_options options = {.count = 1, .groups = groups};
	struct workers_result result = {.status = STATUS_IO};
	struct workers *workers = NULL;
	const char *failure = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || workers_start(&options, &workers) != STATUS_OK ||
	    workers_submit(workers, fd, groups, 1) != STATUS_OK ||
	    workers_next(workers, &result) != STATUS_OK)
		failure = strerror(errno);
	else if (result.status != STATUS_OK)
		failure = result.message;
	else if (facts_open(slice_of(result.record, result.record_size), ret) != STATUS_OK)
		failure = "malformed record";
	if (failure) {
		fprintf(stderr, "%s: %s: %s\n", tool, path, failure);
		free(result.record);
	}
	workers_free(workers);
	return !failure;
}

static void one_record_release(struct facts *facts)
{
	free((void *)(uintptr_t)facts->record.ptr);
}

#endif
