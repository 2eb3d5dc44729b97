/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header code of one file as tests read it: namespaces, units and source files of its facts,
 * and the components they speak for.
 *
 * usage: inline_dump [-q] FILE    (-q: components and diagnostics alone)
 */
#include "evidence/inline_code.h"
#include "one_record.h"

#define GROUPS (FACTS_NAMESPACES | FACTS_DEBUG)

/* A field without bytes that end it or its line. */
static void put(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' ? '?' : *text);
}

static void print_facts(const struct facts *facts)
{
	for (size_t i = 0; i < facts->namespaces_count; i++) {
		const struct facts_namespace *space = &facts->namespaces[i];

		printf("namespace\t");
		put(facts_text(facts, space->name));
		printf("\t%u\t%u\t%u\t%llu\t", space->weak, space->local, space->global,
		       (unsigned long long)space->weak_bytes);
		put(facts_text(facts, space->example));
		putchar('\n');
	}
	for (size_t i = 0; i < facts->debug_units_count; i++) {
		const struct facts_debug_unit *unit = &facts->debug_units[i];

		printf("unit\t");
		put(facts_text(facts, unit->name));
		putchar('\t');
		put(facts_text(facts, unit->directory));
		putchar('\t');
		put(facts_text(facts, unit->producer));
		printf("\t%u\t%u\n", unit->language, unit->version);
	}
	for (size_t i = 0; i < facts->debug_files_count; i++) {
		printf("file\t");
		put(facts_text(facts, facts->debug_files[i].path));
		printf("\t%u\t%u\n", facts->debug_files[i].lines, facts->debug_files[i].units);
	}
}

static void print_components(const struct facts *facts)
{
	const struct inline_component *list = NULL;
	const struct inline_code *code;
	struct inline_table *table;
	struct arena arena;
	struct diags diags;
	size_t count = 0;

	arena_init(&arena);
	diags_init(&diags);
	table = inline_table_open(NULL, &diags);
	if (table) {
		code = inline_code_join(table, facts, inline_names_find(table, facts, &arena),
					inline_lines_find(table, facts, &arena), &arena);
		list = code->components;
		count = code->count;
	}
	for (size_t i = 0; i < count; i++) {
		printf("%s\t%s\t", list[i].contained ? "component" : "against", list[i].id);
		put(list[i].version);
		printf("\t%s\t%s\t%u\t%u\t%u\t%u\t%llu\t", list[i].licence,
		       edge_grade_text(list[i].grade), list[i].weak, list[i].local, list[i].global,
		       list[i].source_files, (unsigned long long)list[i].lines);
		put(list[i].function ? list[i].function : "");
		putchar('\t');
		put(list[i].source ? list[i].source : "");
		putchar('\n');
	}
	inline_table_close(table);
	diags_release(&diags);
	arena_release(&arena);
}

int main(int argc, char **argv)
{
	bool quiet = argc == 3 && strcmp(argv[1], "-q") == 0;
	struct facts facts;

	if (argc != 2 + quiet) {
		fprintf(stderr, "usage: inline_dump [-q] FILE\n");
		return 3;
	}
	if (!one_record("inline_dump", argv[argc - 1], GROUPS, &facts))
		return 2;
	if (!quiet)
		print_facts(&facts);
	print_components(&facts);
	for (size_t i = 0; i < facts.diagnostics_count; i++) {
		printf("diagnostic\t%u\t", facts.diagnostics[i].id);
		put(facts_text(&facts, facts.diagnostics[i].message));
		putchar('\n');
	}
	one_record_release(&facts);
	return 0;
}
