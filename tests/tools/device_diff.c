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
#include "evidence/device_compare.h"
#include "evidence/device_packing.h"
#include "one_record.h"

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
	if (!one_record("device_diff", argv[1], FACTS_DEVICE, &left) ||
	    !one_record("device_diff", argv[2], FACTS_DEVICE, &right))
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
	one_record_release(&left);
	one_record_release(&right);
	return 0;
}
