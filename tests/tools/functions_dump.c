/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the functions of ELF files as lines of tab-separated fields, for tests: the record comes
 * from a worker and passes facts_open(), as in a real run.
 *
 *	FILE SECTION ADDRESS SIZE SOURCES FLAGS PARENT INSTRUCTIONS MASKED RAW STRICT LOOSE NAME
 *
 * Numbers are hexadecimal, INSTRUCTIONS and MASKED decimal; PARENT is the address of the function
 * that a fragment belongs to, or "-". "-q" prints counts only. "-a" reads archives in the simple
 * way that tests need: every member of an ar file is a file of its own, FILE(MEMBER-OFFSET).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binary/facts.h"
#include "binary/workers.h"

struct run {
	struct workers *workers;
	bool quiet, archives;
};

static void print_hash(struct facts_fingerprint hash)
{
	printf("\t%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
}

static void print_function(const struct facts *facts, const char *label,
			   const struct facts_function *function)
{
	printf("%s\t%x\t%llx\t%llx\t%x\t%x\t", label, function->section,
	       (unsigned long long)function->address, (unsigned long long)function->size,
	       function->sources, function->flags);
	if (function->parent == FACTS_NO_FUNCTION)
		printf("-");
	else
		printf("%llx", (unsigned long long)facts->functions[function->parent].address);
	printf("\t%u\t%u", function->instructions, function->masked);
	print_hash(function->raw);
	print_hash(function->strict);
	print_hash(function->loose);
	printf("\t%s\n", facts_text(facts, function->name));
}

static int dump(struct run *run, int fd, const char *label)
{
	struct workers_result result;
	struct facts facts;
	uint64_t bytes = 0;

	if (workers_submit(run->workers, fd, FACTS_CODE, 1) != STATUS_OK ||
	    workers_next(run->workers, &result) != STATUS_OK)
		return 2;
	if (result.status != STATUS_OK) {
		fprintf(stderr, "functions_dump: %s: %s\n", label, result.message);
		return 2;
	}
	if (facts_open(slice_of(result.record, result.record_size), &facts) != STATUS_OK) {
		fprintf(stderr, "functions_dump: %s: malformed record\n", label);
		return 2;
	}
	for (size_t i = 0; i < facts.functions_count; i++) {
		bytes += facts.functions[i].size;
		if (!run->quiet)
			print_function(&facts, label, &facts.functions[i]);
	}
	if (run->quiet)
		printf("%s\t%zu functions\t%llu bytes\trecord of %zu bytes\n", label,
		       facts.functions_count, (unsigned long long)bytes, result.record_size);
	for (size_t i = 0; i < facts.diagnostics_count; i++)
		fprintf(stderr, "functions_dump: %s: %s\n", label,
			facts_text(&facts, facts.diagnostics[i].message));
	free(result.record);
	return 0;
}

/* Members go to the worker as files of their own. */
static int dump_member(struct run *run, const uint8_t *bytes, size_t size, const char *label)
{
	int fd = memfd_create("member", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		return 2;
	return dump(run, fd, label);
}

static int dump_archive(struct run *run, const char *path, const uint8_t *map, size_t size)
{
	int result = 0;

	for (size_t at = 8; at + 60 <= size;) {
		char digits[11] = {0}, label[4096];
		size_t length;

		memcpy(digits, map + at + 48, 10);
		length = strtoul(digits, NULL, 10);
		if (length > size - at - 60)
			return 2;
		snprintf(label, sizeof(label), "%s(%zu)", path, at);
		if (length > 4 && memcmp(map + at + 60, "\177ELF", 4) == 0)
			result |= dump_member(run, map + at + 60, length, label);
		at += 60 + length + (length & 1);
	}
	return result;
}

static int dump_path(struct run *run, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result;
	struct stat info;
	uint8_t *map;

	if (fd < 0 || fstat(fd, &info) != 0) {
		perror(path);
		return 2;
	}
	if (!run->archives)
		return dump(run, fd, path);
	map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 2;
	if (info.st_size >= 8 && memcmp(map, "!<arch>\n", 8) == 0)
		result = dump_archive(run, path, map, (size_t)info.st_size);
	else
		return dump(run, fd, path);
	munmap(map, (size_t)info.st_size);
	close(fd);
	return result;
}

int main(int argc, char **argv)
{
	struct workers_options options = {.count = 1};
	struct run run = {0};
	int option, result = 0;

	while ((option = getopt(argc, argv, "qa")) != -1) {
		if (option == '?')
			return 3;
		run.quiet |= option == 'q';
		run.archives |= option == 'a';
	}
	if (workers_start(&options, &run.workers) != STATUS_OK)
		return 2;
	for (int i = optind; i < argc; i++)
		result |= dump_path(&run, argv[i]);
	workers_free(run.workers);
	return result;
}
