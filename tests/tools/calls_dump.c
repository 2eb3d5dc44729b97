/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the call facts of one file as lines of tab-separated fields, for tests: the record comes
 * from a worker and passes facts_open(), as in a real run. Numbers are hexadecimal addresses.
 *
 *	site ADDRESS KIND CALLEE FUNCTION FLAGS REASONS HANDLE
 *	value SITE-ADDRESS ROLE INDEX SOURCE FLAGS CALLER TEXT
 *	summary SYMBOL KIND PARAMETER ROLE INDEX VECTOR PATTERN
 *	constant CALLEE TARGET PARAMETER SITE TEXT
 *	coverage NAME NUMBER
 *
 * usage: calls_dump [-q] FILE        (-q: only the coverage)
 */
#include "one_record.h"

static void print_text(const struct facts *facts, struct facts_text text)
{
	struct slice bytes = facts_slice(facts, text);

	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] < ' ' || bytes.ptr[i] == '\\')
			printf("\\%03o", bytes.ptr[i]);
		else
			putchar(bytes.ptr[i]);
	}
}

static void print_reasons(uint32_t reasons)
{
	const char *separator = "";

	if (!reasons)
		putchar('-');
	for (unsigned i = 0; i < FACTS_REASON_COUNT; i++) {
		if (!(reasons >> i & 1))
			continue;
		printf("%s%s", separator, facts_call_reason_text((enum facts_call_reason_index)i));
		separator = ",";
	}
}

static void print_value(const struct facts *facts, const struct facts_call_site *site,
			const struct facts_call_value *value)
{
	static const char *const roles[] = {"name", "argument", "family"};

	printf("value\t%llx\t%s\t%u\t%s\t%s\t%llx\t", (unsigned long long)site->address,
	       roles[value->role], value->index,
	       facts_value_source_text((enum facts_value_source)value->source),
	       value->flags & FACTS_VALUE_PATTERN ? "pattern" : "-",
	       (unsigned long long)value->caller);
	print_text(facts, value->text);
	putchar('\n');
}

static void print_site(const struct facts *facts, const struct facts_call_site *site)
{
	printf("site\t%llx\t%s\t%s\t", (unsigned long long)site->address,
	       facts_call_kind_text((enum facts_call_kind)site->kind),
	       facts_text(facts, site->callee));
	if (site->function_name.length)
		print_text(facts, site->function_name);
	else
		printf("%llx", (unsigned long long)site->function);
	printf("\t%s%s%s%s%s\t", site->flags ? "" : "-", site->flags & FACTS_CALL_TAIL ? "t" : "",
	       site->flags & FACTS_CALL_INDIRECT ? "i" : "",
	       site->flags & FACTS_CALL_INTERNAL ? "n" : "",
	       site->flags & FACTS_CALL_ADDRESS_TAKEN ? "a" : "");
	print_reasons(site->reasons);
	printf("\t%llx\n", (unsigned long long)site->handle);
	for (uint32_t i = 0; i < site->value_count; i++)
		print_value(facts, site, &facts->call_values[site->value_first + i]);
}

static void print_rest(const struct facts *facts)
{
	for (size_t i = 0; i < facts->call_summaries_count; i++) {
		const struct facts_call_summary *summary = &facts->call_summaries[i];

		printf("summary\t%s\t%s\t%u\t%u\t%u\t%u\t", facts_text(facts, summary->symbol),
		       facts_call_kind_text((enum facts_call_kind)summary->kind),
		       summary->parameter, summary->role, summary->index, summary->vector);
		print_text(facts, summary->pattern);
		putchar('\n');
	}
	for (size_t i = 0; i < facts->call_constants_count; i++) {
		const struct facts_call_constant *constant = &facts->call_constants[i];

		printf("constant\t%s\t%llx\t%u\t%llx\t", facts_text(facts, constant->callee),
		       (unsigned long long)constant->target, constant->parameter,
		       (unsigned long long)constant->site);
		print_text(facts, constant->text);
		putchar('\n');
	}
}

static void print_coverage(const struct facts_code_coverage *coverage)
{
#define PRINT(name) printf("coverage\t%s\t%llu\n", #name, (unsigned long long)coverage->name)
	PRINT(code_bytes);
	PRINT(selected_bytes);
	PRINT(decoded_bytes);
	PRINT(undecoded_bytes);
	PRINT(functions_total);
	PRINT(functions_decoded);
	PRINT(sites_total);
	PRINT(sites_complete);
	PRINT(sites_partial);
	PRINT(sites_unresolved);
	PRINT(sites_without_name);
	PRINT(flags);
#undef PRINT
}

static int dump(const char *path, bool quiet)
{
	struct facts facts;

	if (!one_record("calls_dump", path, FACTS_CALLS, &facts))
		return 2;
	for (size_t i = 0; i < facts.call_sites_count && !quiet; i++)
		print_site(&facts, &facts.call_sites[i]);
	if (!quiet)
		print_rest(&facts);
	for (size_t i = 0; i < facts.code_coverage_count; i++)
		print_coverage(&facts.code_coverage[i]);
	for (size_t i = 0; i < facts.diagnostics_count; i++)
		printf("diagnostic\t%s\n", facts_text(&facts, facts.diagnostics[i].message));
	one_record_release(&facts);
	return 0;
}

int main(int argc, char **argv)
{
	bool quiet = argc == 3 && strcmp(argv[1], "-q") == 0;

	if (argc != 2 + quiet) {
		fprintf(stderr, "usage: calls_dump [-q] FILE\n");
		return 3;
	}
	return dump(argv[argc - 1], quiet);
}
