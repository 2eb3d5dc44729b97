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
 * "-d FILE" gives the separate debug file. "-j N" shares each file between N workers, and prints
 * with "-q" the processor seconds of the longest way through: this process and its busiest worker.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binary/facts_parts.h"
#include "binary/workers.h"

struct run {
	struct workers *workers;
	const char *debug; /* path, or NULL */
	unsigned parts;
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

/* Nanoseconds on a processor of this process's child that had most. */
static double busiest_child(void)
{
	char path[64];
	FILE *children = fopen("/proc/thread-self/children", "re");
	double most = 0;
	int pid;

	while (children && fscanf(children, "%d", &pid) == 1) {
		double time = 0;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
		file = fopen(path, "re");
		if (file && fscanf(file, "%lf", &time) == 1 && time > most)
			most = time;
		if (file)
			fclose(file);
	}
	if (children)
		fclose(children);
	return most;
}

static double longest_way(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6 +
	       busiest_child() / 1e9;
}

/* The record of one file, from one worker or from several. */
static bool read_record(const struct run *run, int fd, const char *label, struct slice *ret)
{
	struct slice records[FACTS_PARTS_MAX] = {{NULL, 0}};
	uint8_t *joined = NULL;
	size_t size = 0;
	bool good = true;

	for (unsigned i = 0; i < run->parts; i++) {
		struct workers_request request = {
		    .fd = i ? dup(fd) : fd,
		    .debug_fd = run->debug ? open(run->debug, O_RDONLY | O_CLOEXEC) : -1,
		    .groups = FACTS_CODE,
		    .part = (uint16_t)i,
		    .parts = run->parts > 1 ? (uint16_t)run->parts : 0,
		    .cookie = i,
		    .size = WORKERS_WHOLE_FILE};

		good &= workers_submit_request(run->workers, &request) == STATUS_OK;
	}
	for (unsigned i = 0; i < run->parts && good; i++) {
		struct workers_result result;

		if (workers_next(run->workers, &result) != STATUS_OK)
			return false;
		if (result.status != STATUS_OK)
			fprintf(stderr, "functions_dump: %s: %s\n", label, result.message);
		good &= result.status == STATUS_OK;
		records[result.cookie] = slice_of(result.record, result.record_size);
	}
	*ret = records[0];
	if (run->parts == 1)
		return good;
	good = good && facts_parts_join(records, run->parts, &joined, &size) == STATUS_OK;
	for (unsigned i = 0; i < run->parts; i++)
		free((void *)(uintptr_t)records[i].ptr);
	*ret = slice_of(joined, size);
	return good;
}

static int dump(struct run *run, int fd, const char *label)
{
	struct slice record;
	struct facts facts;
	uint64_t bytes = 0;

	if (!read_record(run, fd, label, &record))
		return 2;
	if (facts_open(record, &facts) != STATUS_OK) {
		fprintf(stderr, "functions_dump: %s: malformed record\n", label);
		return 2;
	}
	for (size_t i = 0; i < facts.functions_count; i++) {
		bytes += facts.functions[i].size;
		if (!run->quiet)
			print_function(&facts, label, &facts.functions[i]);
	}
	if (run->quiet)
		printf("%s\t%zu functions\t%llu bytes\trecord of %zu bytes\t%.3f s\n", label,
		       facts.functions_count, (unsigned long long)bytes, record.len, longest_way());
	for (size_t i = 0; i < facts.diagnostics_count; i++)
		fprintf(stderr, "functions_dump: %s: %s\n", label,
			facts_text(&facts, facts.diagnostics[i].message));
	free((void *)(uintptr_t)record.ptr);
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
	struct workers_options options = {.count = 1, .groups = FACTS_CODE};
	struct run run = {.parts = 1};
	int option, result = 0;

	while ((option = getopt(argc, argv, "qad:j:")) != -1) {
		if (option == '?')
			return 3;
		run.quiet |= option == 'q';
		run.archives |= option == 'a';
		if (option == 'd')
			run.debug = optarg;
		if (option == 'j')
			run.parts = (unsigned)strtoul(optarg, NULL, 10);
	}
	if (!run.parts || run.parts > FACTS_PARTS_MAX)
		return 3;
	options.count = run.parts;
	if (workers_start(&options, &run.workers) != STATUS_OK)
		return 2;
	for (int i = optind; i < argc; i++)
		result |= dump_path(&run, argv[i]);
	workers_free(run.workers);
	return result;
}
