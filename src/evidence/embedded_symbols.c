/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Projects told by the names of functions that are in a file. A function of that name is in there,
 * which is more than a reference to it; that it is the project's own and no port's is likely, not
 * proved, so the licence that goes with it is of low confidence. C++ names are compared from their
 * outermost namespace on.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"

enum { SYMBOL_PREFIX, SYMBOL_PROJECT, SYMBOL_LEAST, SYMBOL_LICENCE, SYMBOL_COLUMNS };

static const char *const headers[SYMBOL_COLUMNS] = {"prefix", "project", "least", "licence"};

static int compare_prefixes(const void *a, const void *b)
{
	return strcmp(((const struct symbol_prefix *)a)->text,
		      ((const struct symbol_prefix *)b)->text);
}

static uint32_t project_number(const struct symbol_table *symbols, const char *project)
{
	vec_each (prefix, &symbols->prefixes)
		if (strcmp(prefix->project, project) == 0)
			return prefix->project_number;
	return symbols->project_count;
}

/* "google::protobuf::" becomes "6google8protobuf", as it stands in a linkage name. */
static const char *linkage_text(struct arena *arena, const char *text)
{
	const char *end, *name = "";

	if (!strstr(text, "::"))
		return text;
	for (; (end = strstr(text, "::")); text = end + 2)
		name = arena_printf(arena, "%s%zu%.*s", name, (size_t)(end - text),
				    (int)(end - text), text);
	return name;
}

void symbols_open(const char *data_folder, struct arena *arena, struct diags *diags,
		  struct symbol_table *symbols)
{
	size_t columns[SYMBOL_COLUMNS];
	struct table table;

	if (table_open(data_folder, "symbol-components", arena, diags, &table) != STATUS_OK)
		return;
	for (size_t i = 0; i < SYMBOL_COLUMNS; i++) {
		columns[i] = table_column(&table, headers[i], diags);
		if (columns[i] == SIZE_MAX)
			return;
	}
	for (size_t row = 0; row < table.rows; row++) {
		struct symbol_prefix prefix = {
		    .text = linkage_text(arena, table_field(&table, row, columns[SYMBOL_PREFIX])),
		    .project = table_field(&table, row, columns[SYMBOL_PROJECT]),
		    .licence = table_field(&table, row, columns[SYMBOL_LICENCE]),
		    .least = (uint32_t)strtoul(table_field(&table, row, columns[SYMBOL_LEAST]),
					       NULL, 10),
		};

		prefix.length = strlen(prefix.text);
		prefix.project_number = project_number(symbols, prefix.project);
		symbols->project_count += prefix.project_number == symbols->project_count;
		vec_push(&symbols->prefixes, prefix);
	}
	if (symbols->prefixes.len)
		qsort(symbols->prefixes.ptr, symbols->prefixes.len, sizeof(*symbols->prefixes.ptr),
		      compare_prefixes);
}

void symbols_close(struct symbol_table *symbols)
{
	vec_release(&symbols->prefixes);
}

/* What is compared: "_ZNK6fbgemm4pack..." from the 6 on, "_xnn_x" as it is. */
static const char *compared(const char *name)
{
	if (strncmp(name, "_ZN", 3) != 0)
		return name;
	name += 3;
	while (*name && !isdigit((unsigned char)*name) && strchr("rVKRO", *name))
		name++;
	return name;
}

/* The prefix a name begins with. No prefix of the table begins with another. */
static const struct symbol_prefix *find_prefix(const struct symbol_table *symbols, const char *name)
{
	size_t low = 0, high = symbols->prefixes.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct symbol_prefix *prefix = &symbols->prefixes.ptr[middle];
		int order = strncmp(prefix->text, name, prefix->length);

		if (!order)
			return prefix;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct tally {
	const struct symbol_prefix *prefix;
	uint32_t least; /* the most that a prefix that was met asks for */
	uint32_t functions;
	uint64_t bytes;
	const struct facts_function *largest;
};

static void describe(const struct facts *facts, const struct tally *tally, struct arena *arena,
		     struct embedded_component *ret)
{
	struct embedded_sign *sign = arena_alloc(arena, sizeof(*sign));

	*sign = (struct embedded_sign){
	    "symbol names",
	    arena_printf(arena, "%u functions of %llu bytes, %s the largest", tally->functions,
			 (unsigned long long)tally->bytes, facts_text(facts, tally->largest->name)),
	    tally->largest->address};
	*ret = (struct embedded_component){
	    .name = tally->prefix->project,
	    .basis = EMBEDDED_BY_SYMBOLS,
	    .ecosystem = "",
	    .class = INDEX_LIBRARY,
	    .confidence = EMBEDDED_LIKELY,
	    .version_fits = false,
	    .licence = tally->prefix->licence,
	    .source = "",
	    .source_version = "",
	    .package = "data/symbol-components.tsv",
	    .distribution = "",
	    .carrier = "",
	    .functions = tally->functions,
	    .bytes = tally->bytes,
	    .signs = sign,
	    .sign_count = 1,
	};
}

void symbols_find(const struct symbol_table *symbols, const struct facts *facts,
		  struct arena *arena, struct named_list *ret)
{
	struct tally *tallies =
	    arena_alloc_array(arena, symbols->project_count + 1, sizeof(*tallies));

	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];
		const struct symbol_prefix *prefix;
		struct tally *tally;

		if (!function->name.length || !function->size)
			continue;
		prefix = find_prefix(symbols, compared(facts_text(facts, function->name)));
		if (!prefix)
			continue;
		tally = &tallies[prefix->project_number];
		if (!tally->prefix)
			tally->prefix = prefix;
		if (prefix->least > tally->least)
			tally->least = prefix->least;
		tally->functions++;
		tally->bytes += function->size;
		if (!tally->largest || function->size > tally->largest->size)
			tally->largest = function;
	}
	for (uint32_t i = 0; i < symbols->project_count; i++)
		if (tallies[i].prefix && tallies[i].functions >= tallies[i].least)
			describe(facts, &tallies[i], arena, vec_add(&ret->list));
}
