/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints what an index says of the functions of files, and which components are decided to be in
 * them, as lines of tab-separated fields, for tests. Records come from workers, as in a real run.
 *
 *	file PATH FUNCTIONS ELIGIBLE MATCHED BYTES EXPLAINED-BYTES
 *	component|hint NAME CLASS CONFIDENCE UNIQUE UNIQUE-BYTES MEMBERS COVERAGE FULLEST LOCALITY
 *VERSIONS BASIS
 *	function ADDRESS SIZE OWNER FREQUENCY NAMES     (-f: every eligible function)
 *
 * NAMES: the linkage names the index has for it, of the owner when there is one; "-" in place of
 * an owner or of names. usage: embedded_dump [-f|-l] INDEX[,INDEX...] FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binary/workers.h"
#include "evidence/embedded_case.h"
#include "evidence/embedded_literals.h"
#include "util/vec.h"

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_names(const struct index *index, const struct embedded_case *from,
			const struct case_function *function, struct arena *arena)
{
	const char **names = arena_alloc_array(arena, function->count + 1, sizeof(*names));
	char buffer[INDEX_NAME_SIZE];
	size_t count = 0;

	for (uint32_t i = 0; i < function->count; i++) {
		const struct case_hit *hit = &from->hits[function->first + i];

		if (function->owner != CASE_NONE && case_component_of(from, hit) != function->owner)
			continue;
		names[count++] =
		    arena_strdup(arena, index_function_name(index, hit->posting, buffer));
	}
	if (count)
		qsort(names, count, sizeof(*names), compare_texts);
	if (!count)
		putchar('-');
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			printf("%s%s", i ? "|" : "", names[i]);
}

static void print_functions(const struct facts *facts, const struct index *index,
			    const struct embedded_case *from, struct arena *arena)
{
	size_t at = 0;

	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];
		const struct case_function *found = NULL;

		if (!index_eligible(function, facts->identity->machine))
			continue;
		while (at < from->function_count && from->functions[at].address < function->address)
			at++;
		if (at < from->function_count && from->functions[at].address == function->address)
			found = &from->functions[at];
		printf("function\t%llx\t%llu\t%s\t%u\t", (unsigned long long)function->address,
		       (unsigned long long)function->size,
		       found && found->owner != CASE_NONE ? from->components[found->owner].name
							  : "-",
		       found ? found->frequency : 0);
		if (found)
			print_names(index, from, found, arena);
		else
			putchar('-');
		putchar('\n');
	}
}

static void print_component(const char *kind, const struct embedded_component *one)
{
	printf("%s\t%s\t%s\t%s\t%u\t%llu\t%u\t%u\t%u\t%u\t", kind, one->name,
	       index_class_text(one->class), embedded_confidence_text(one->confidence), one->unique,
	       (unsigned long long)one->unique_bytes, one->members, one->coverage, one->fullest,
	       one->locality);
	for (size_t i = 0; i < one->version_count; i++)
		printf("%s%s", i ? "|" : one->version_fits ? "" : "~", one->versions[i]);
	printf("\t%s\n", embedded_basis_text(one->basis));
}

static void print_components(const struct embedded *embedded)
{
	for (size_t i = 0; i < embedded->component_count; i++)
		print_component("component", &embedded->components[i]);
	for (size_t i = 0; i < embedded->hint_count; i++)
		print_component("hint", &embedded->hints[i]);
}

/* Each one by itself (-l). */
static void print_each_literal(const struct facts *facts, const struct index *index)
{
	uint32_t members[INDEX_LITERAL_MEMBERS];

	for (size_t i = 0; i < facts->literals_count; i++) {
		const struct facts_literal *literal = &facts->literals[i];
		struct index_member member;

		if (!index_find_literal(index, literal->key, members))
			continue;
		member = index_member(index, members[0]);
		printf("literal\t%s\t%s\t%s\t%llu\t%u\n",
		       index_component(index, index_origin(index, member.origin)->component)->name,
		       member.name, literal->kind == FACTS_LITERAL_TEXT ? "text" : "table",
		       (unsigned long long)literal->offset, literal->length);
	}
}

static void print_literals(const struct facts *facts, const struct index *index)
{
	struct literal_list literals;
	struct arena arena;

	arena_init(&arena);
	literals_collect(facts, index, &arena, &literals);
	for (size_t i = 0; i < literals.count; i++) {
		const struct literal_evidence *one = &literals.list[i];

		printf("literals\t%s\t%u\t%u\t%u\t%u\t%u\t%u\t%u\t%s\n",
		       index_component(index, one->component)->name, one->texts, one->tables,
		       one->found, one->members, one->full, one->coverage, one->share,
		       index_origin(index, one->origins[0])->version);
	}
	arena_release(&arena);
}

static void print_file(const char *path, const struct facts *facts, const struct index *index,
		       char mode)
{
	const struct embedded *embedded;
	struct embedded_case from;
	struct arena arena;

	arena_init(&arena);
	embedded = embedded_find(facts, index, &arena);
	printf("file\t%s\t%u\t%u\t%u\t%llu\t%llu\n", path, embedded->functions, embedded->eligible,
	       embedded->matched, (unsigned long long)embedded->bytes,
	       (unsigned long long)embedded->explained_bytes);
	print_components(embedded);
	print_literals(facts, index);
	if (mode == 'l')
		print_each_literal(facts, index);
	if (mode == 'f') {
		case_collect(facts, index, &arena, &from);
		case_decide(&from, &arena);
		print_functions(facts, index, &from, &arena);
	}
	arena_release(&arena);
}

/* Opens all of a list separated by commas. */
static struct index *open_indexes(char *list)
{
	struct index *index = index_new();
	struct diags diags;

	diags_init(&diags);
	for (char *path = strtok(list, ","); path; path = strtok(NULL, ",")) {
		enum status status = index_add_file(index, path, &diags);

		if (status == STATUS_OK)
			continue;
		fprintf(stderr, "embedded_dump: %s: %s\n", path,
			status == STATUS_IO ? strerror(errno) : status_text(status));
		vec_each (diag, &diags.list)
			fprintf(stderr, "  at %llu: %s\n", (unsigned long long)diag->offset,
				diag->message);
		exit(2);
	}
	diags_release(&diags);
	return index;
}

static void dump(struct workers *workers, const char *path, const struct index *index, char mode)
{
	struct workers_result result;
	struct facts facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || workers_submit(workers, fd, FACTS_CODE | FACTS_LITERALS, 0) != STATUS_OK ||
	    workers_next(workers, &result) != STATUS_OK || result.status != STATUS_OK ||
	    facts_open(slice_of(result.record, result.record_size), &facts) != STATUS_OK) {
		fprintf(stderr, "embedded_dump: %s cannot be read\n", path);
		exit(2);
	}
	print_file(path, &facts, index, mode);
	free(result.record);
}

int main(int argc, char **argv)
{
	struct workers_options options = {.count = 1};
	struct workers *workers;
	struct index *index;
	char mode = argc > 1 && argv[1][0] == '-' ? argv[1][1] : 0;
	int first = mode ? 2 : 1;

	if (argc < first + 2) {
		fprintf(stderr, "usage: embedded_dump [-f|-l] INDEX[,INDEX...] FILE...\n");
		return 2;
	}
	if (workers_start(&options, &workers) != STATUS_OK)
		return 2;
	index = open_indexes(argv[first]);
	for (int i = first + 1; i < argc; i++)
		dump(workers, argv[i], index, mode);
	index_free(index);
	workers_free(workers);
	return 0;
}
