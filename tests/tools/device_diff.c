/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares the device code of two files, for tests.
 *
 *	verdict WORD
 *	toolchain same|other
 *	KIND LEVEL NUMBER		KIND: kernels, functions, texts, modules, opaque, unread
 *	packing WHAT NUMBER		WHAT: images, headers, registrations, places, sources
 *	difference LEVEL FLAGS ARCHITECTURE AT-LEAST AT-MOST INSTRUCTIONS NAME
 *
 * usage: device_diff LEFT RIGHT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binary/workers.h"
#include "evidence/device_compare.h"
#include "evidence/device_packing.h"

static bool read_facts(const char *path, struct facts *ret)
{
	struct workers_options options = {.count = 1};
	struct workers_result result;
	struct workers *workers;
	bool ok;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "device_diff: %s: %s\n", path, strerror(errno));
		return false;
	}
	ok = workers_start(&options, &workers) == STATUS_OK &&
	     workers_submit(workers, fd, FACTS_DEVICE, 1) == STATUS_OK &&
	     workers_next(workers, &result) == STATUS_OK && result.status == STATUS_OK &&
	     facts_open(slice_of(result.record, result.record_size), ret) == STATUS_OK;
	if (!ok)
		fprintf(stderr, "device_diff: %s: not readable\n", path);
	workers_free(workers);
	return ok;
}

static void print_counts(const char *kind, const uint64_t *counts)
{
	for (size_t i = 0; i < DEVICE_LEVEL_COUNT; i++)
		if (counts[i])
			printf("%s\t%s\t%llu\n", kind, device_level_text((enum device_level)i),
			       (unsigned long long)counts[i]);
}

static void print_packing(const struct facts *left, const struct facts *right)
{
	struct device_packing packing;

	device_packing_compare(left, right, &packing);
	const struct {
		const char *what;
		uint64_t count;
	} rows[] = {{"images", packing.images},
		    {"headers", packing.headers},
		    {"registrations", packing.registrations},
		    {"places", packing.places},
		    {"sources", packing.sources}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			printf("packing\t%s\t%llu\n", rows[i].what,
			       (unsigned long long)rows[i].count);
}

int main(int argc, char **argv)
{
	struct device_comparison comparison;
	struct facts left, right;

	if (argc != 3) {
		fprintf(stderr, "usage: device_diff LEFT RIGHT\n");
		return 3;
	}
	if (!read_facts(argv[1], &left) || !read_facts(argv[2], &right))
		return 2;
	device_compare(&left, &right, &comparison);
	printf("verdict\t%s\ntoolchain\t%s\n", device_verdict_text(comparison.verdict),
	       comparison.same_toolchain ? "same" : "other");
	print_counts("kernels", comparison.kernels);
	print_counts("functions", comparison.functions);
	print_counts("texts", comparison.texts);
	print_counts("modules", comparison.modules);
	print_counts("opaque", comparison.opaque);
	print_counts("unread", comparison.unread);
	print_packing(&left, &right);
	vec_each (difference, &comparison.differences) {
		uint32_t flags = difference->flags;

		printf("difference\t%s\t%s%s%s%s\t%.*s\t%u\t%u\t%u\t%.*s\n",
		       device_level_text(difference->level), flags ? "" : "-",
		       flags & DEVICE_CONSISTENT ? "c" : "", flags & DEVICE_SINGLE ? "s" : "",
		       flags & DEVICE_TOOLCHAINS ? "t" : "", (int)difference->architecture.len,
		       (const char *)difference->architecture.ptr, difference->at_least,
		       difference->at_most, difference->instructions, (int)difference->name.len,
		       (const char *)difference->name.ptr);
	}
	device_comparison_release(&comparison);
	free((void *)(uintptr_t)left.record.ptr);
	free((void *)(uintptr_t)right.record.ptr);
	return 0;
}
