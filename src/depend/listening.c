/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/listening.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "util/map.h"
#include "util/memory.h"

/* Libraries over libraries over a library that listens: more is no design that was seen. */
#define ROUNDS 6u

static const char *const calls[] = {"listen", "accept", "accept4"};

/* A library some of whose exported functions listen. */
struct exporter {
	struct binary *binary;
	const char *soname;
	struct map names; /* of these functions */
	bool by_pointer;  /* there are calls that none of them reaches */
	size_t imports;	  /* that listen, when its code was read last */
};

struct search {
	struct binaries *binaries;
	struct diags *diags;
	struct arena arena;
	VEC(struct exporter) exporters;
	struct map exporter_of;	      /* binary id -> index of exporters */
	VEC(struct binary *) waiting; /* whose code is to be read in this round */
	bool grown;
};

static struct exporter *exporter_of(struct search *search, const struct binary *binary)
{
	const struct map_entry *known =
	    map_get(&search->exporter_of, slice_of(&binary->id, sizeof(binary->id)));

	return known ? &search->exporters.ptr[known->value] : NULL;
}

/* Whether every socket that a call site makes is known to be a local one (AF_UNIX). */
static bool only_local(const struct facts *facts, const struct facts_call_site *site)
{
	if (site->reasons || !site->value_count)
		return false;
	for (uint32_t i = 0; i < site->value_count; i++)
		if (strcmp(facts_text(facts, facts->call_values[site->value_first + i].text),
			   "1") != 0)
			return false;
	return true;
}

/* Whether all sockets that a file makes are local ones, as far as its calls were looked at. */
static bool is_local(const struct facts *facts)
{
	size_t sockets = 0;

	for (size_t i = 0; i < facts->call_sites_count; i++) {
		const struct facts_call_site *site = &facts->call_sites[i];

		if (site->kind != FACTS_CALL_SOCKET || site->flags & FACTS_CALL_ADDRESS_TAKEN)
			continue;
		sockets++;
		if (!only_local(facts, site))
			return false;
	}
	return sockets != 0;
}

static bool calls_listen(const struct facts *facts)
{
	for (size_t i = 0; i < facts->call_sites_count; i++) {
		const struct facts_call_site *site = &facts->call_sites[i];

		if ((site->kind == FACTS_CALL_LISTEN || site->kind == FACTS_CALL_ACCEPT) &&
		    !(site->flags & FACTS_CALL_ADDRESS_TAKEN))
			return true;
	}
	return false;
}

static bool is_import(const struct facts_symbol *symbol)
{
	return symbol->flags & FACTS_SYMBOL_UNDEFINED && symbol->name.length;
}

static bool imports_listen(const struct facts *facts)
{
	for (size_t i = 0; i < facts->symbols_count; i++)
		for (size_t j = 0;
		     is_import(&facts->symbols[i]) && j < sizeof(calls) / sizeof(*calls); j++)
			if (strcmp(facts_text(facts, facts->symbols[i].name), calls[j]) == 0)
				return true;
	return false;
}

static bool needs(const struct facts *facts, const char *soname)
{
	const struct facts_dynamic *entry;

	for (size_t at = 0; (entry = facts_dynamic_next(facts, DT_NEEDED, &at));)
		if (strcmp(facts_text(facts, entry->text), soname) == 0)
			return true;
	return false;
}

/* ---- the code of one library ---- */

/* Hashes of the imports of a file that listen. */
static void list_listening_imports(struct search *search, const struct binary *binary,
				   struct map *ret)
{
	const struct facts *facts = &binary->facts;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !is_local(facts); i++) {
		facts_target target = facts_target_of_name(slice_text(calls[i]));

		map_put(
		    ret,
		    slice_of(arena_copy(&search->arena, &target, sizeof(target)), sizeof(target)),
		    1, NULL);
	}
	for (size_t i = 0; i < facts->symbols_count; i++) {
		const char *name = facts_text(facts, facts->symbols[i].name);
		facts_target target;

		if (!is_import(&facts->symbols[i]))
			continue;
		vec_each (exporter, &search->exporters) {
			if (exporter->binary == binary ||
			    !map_get(&exporter->names, slice_text(name)) ||
			    !needs(facts, exporter->soname))
				continue;
			target = facts_target_of_name(slice_text(name));
			map_put(ret,
				slice_of(arena_copy(&search->arena, &target, sizeof(target)),
					 sizeof(target)),
				1, NULL);
		}
	}
}

/* Functions of a record, and from which of them one is reached. */
struct graph {
	const struct facts *facts;
	uint64_t base;
	uint32_t *first, *from; /* callers of a function: from[first[i]] .. from[first[i + 1]] */
	bool *reaches;
	VEC(uint32_t) waiting;
};

static uint32_t function_at(const struct facts *facts, uint64_t address)
{
	size_t low = 0, high = facts->functions_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - facts->functions[low - 1].address >= facts->functions[low - 1].size)
		return FACTS_NO_FUNCTION;
	return (uint32_t)low - 1;
}

static uint32_t target_function(const struct graph *graph, facts_target target)
{
	return target < FACTS_TARGET_NAMED ? function_at(graph->facts, graph->base + target)
					   : FACTS_NO_FUNCTION;
}

/* Every reference twice: counted, then entered. */
static void list_callers(struct graph *graph, struct arena *arena)
{
	const struct facts *facts = graph->facts;
	uint32_t count = (uint32_t)facts->functions_count, *next;

	graph->first = arena_alloc_array(arena, (size_t)count + 2, sizeof(*graph->first));
	graph->from = arena_alloc_array(arena, facts->targets_count + 1, sizeof(*graph->from));
	for (size_t i = 0; i < facts->targets_count; i++) {
		uint32_t to = target_function(graph, facts->targets[i]);

		if (to != FACTS_NO_FUNCTION)
			graph->first[to + 1]++;
	}
	for (uint32_t i = 0; i < count; i++)
		graph->first[i + 1] += graph->first[i];
	next = arena_copy(arena, graph->first, ((size_t)count + 1) * sizeof(*next));
	for (uint32_t i = 0; i < facts->function_details_count; i++) {
		const struct facts_function_detail *detail = &facts->function_details[i];

		for (uint32_t j = 0; j < detail->target_count; j++) {
			uint32_t to =
			    target_function(graph, facts->targets[detail->target_first + j]);

			if (to != FACTS_NO_FUNCTION && next[to] < graph->first[to + 1])
				graph->from[next[to]++] = i;
		}
	}
}

static void reach(struct graph *graph, uint32_t function)
{
	if (function == FACTS_NO_FUNCTION || graph->reaches[function])
		return;
	graph->reaches[function] = true;
	vec_push(&graph->waiting, function);
}

/* From functions that call what listens back to all that lead to them. */
static void spread(struct graph *graph, const struct map *imports, size_t *ret_seeds)
{
	const struct facts *facts = graph->facts;

	for (uint32_t i = 0; i < facts->function_details_count; i++) {
		const struct facts_function_detail *detail = &facts->function_details[i];

		for (uint32_t j = 0; j < detail->target_count; j++)
			if (map_get(imports, slice_of(&facts->targets[detail->target_first + j],
						      sizeof(facts_target))))
				reach(graph, i);
	}
	*ret_seeds = graph->waiting.len;
	while (graph->waiting.len) {
		uint32_t at = graph->waiting.ptr[--graph->waiting.len];

		reach(graph, facts->functions[at].parent);
		for (uint32_t i = graph->first[at]; i < graph->first[at + 1]; i++)
			reach(graph, graph->from[i]);
	}
	vec_release(&graph->waiting);
}

static void add_names(struct search *search, const struct graph *graph, struct exporter *exporter)
{
	const struct facts *facts = graph->facts;

	for (size_t i = 0; i < facts->symbols_count; i++) {
		const struct facts_symbol *symbol = &facts->symbols[i];
		uint32_t function;
		bool added;

		if (symbol->flags & FACTS_SYMBOL_UNDEFINED || symbol->binding == STB_LOCAL ||
		    !symbol->name.length)
			continue;
		function = function_at(facts, symbol->value);
		if (function == FACTS_NO_FUNCTION || !graph->reaches[function])
			continue;
		map_put(&exporter->names,
			slice_text(arena_strdup(&search->arena, facts_text(facts, symbol->name))),
			1, &added);
		search->grown |= added;
	}
}

static void take(void *context, struct binary *binary, const struct facts *facts)
{
	struct search *search = context;
	struct exporter *exporter = exporter_of(search, binary);
	struct graph graph = {.facts = facts, .base = UINT64_MAX};
	struct map imports = {0};
	struct arena scratch;
	size_t seeds;

	if (!exporter || facts->function_details_count > facts->functions_count)
		return;
	arena_init(&scratch);
	for (size_t i = 0; i < facts->segments_count; i++)
		if (facts->segments[i].type == PT_LOAD && facts->segments[i].address < graph.base)
			graph.base = facts->segments[i].address;
	graph.reaches = arena_alloc_array(&scratch, facts->functions_count + 1, sizeof(bool));
	list_callers(&graph, &scratch);
	list_listening_imports(search, binary, &imports);
	spread(&graph, &imports, &seeds);
	add_names(search, &graph, exporter);
	/* Asked again in each round: later ones know more. */
	exporter->by_pointer = seeds && !exporter->names.len;
	map_release(&imports);
	arena_release(&scratch);
}

/* ---- all files ---- */

static bool is_library(const struct binary *binary)
{
	return binary->facts.identity->type == FACTS_TYPE_SHARED &&
	       binary->facts.identity->soname.length;
}

/* Code is read again only when more of what it imports is known to listen. */
static void await(struct search *search, struct binary *binary)
{
	struct exporter exporter = {
	    .binary = binary,
	    .soname = facts_text(&binary->facts, binary->facts.identity->soname),
	};
	struct map imports = {0};
	struct exporter *known;
	size_t count;

	list_listening_imports(search, binary, &imports);
	count = imports.len;
	map_release(&imports);
	known = exporter_of(search, binary);
	if (!known) {
		map_put(&search->exporter_of,
			slice_of(arena_copy(&search->arena, &binary->id, sizeof(binary->id)),
				 sizeof(binary->id)),
			(uint32_t)search->exporters.len, NULL);
		vec_push(&search->exporters, exporter);
		known = &search->exporters.ptr[search->exporters.len - 1];
	}
	if (count <= known->imports)
		return;
	known->imports = count;
	vec_push(&search->waiting, binary);
}

/* What a file binds of the libraries it needs: LISTENS_MAYBE where calls go through pointers. */
static enum listening bound(struct search *search, const struct binary *binary)
{
	const struct facts *facts = &binary->facts;
	enum listening found = LISTENS_NOT;

	vec_each (exporter, &search->exporters) {
		if (exporter->binary == binary || (!exporter->names.len && !exporter->by_pointer) ||
		    !needs(facts, exporter->soname))
			continue;
		for (size_t i = 0; i < facts->symbols_count; i++) {
			if (is_import(&facts->symbols[i]) &&
			    map_get(&exporter->names, facts_slice(facts, facts->symbols[i].name)))
				return LISTENS;
		}
		if (exporter->by_pointer)
			found = LISTENS_MAYBE;
	}
	return found;
}

static struct binary *readable(struct search *search, size_t i)
{
	struct binary *binary = binaries_at(search->binaries, i);

	/* Plugins that were found by name may not be read yet. */
	return binary->ident.is_elf && binary->ident.complete &&
		       binaries_facts(search->binaries, binary)
		   ? binary
		   : NULL;
}

/* Of one round: libraries that call by themselves, then those over them. */
static void list_waiting(struct search *search, unsigned round)
{
	search->waiting.len = 0;
	for (size_t i = 0; i < binaries_count(search->binaries); i++) {
		struct binary *binary = readable(search, i);

		if (!binary || !is_library(binary))
			continue;
		if (round == 0 ? imports_listen(&binary->facts) && !is_local(&binary->facts)
			       : bound(search, binary) == LISTENS)
			await(search, binary);
	}
}

/* What leads through these is not read any more: who binds anything of them may listen. */
static void give_up(struct search *search)
{
	vec_each (binary, &search->waiting) {
		struct exporter *exporter = exporter_of(search, *binary);

		if (exporter)
			exporter->by_pointer = true;
		diag_add(search->diags, DIAG_LIMIT_REACHED,
			 binaries_path(search->binaries, *binary), DIAG_NO_OFFSET,
			 "it stands over more than %u libraries that lead to listen()", ROUNDS - 1);
	}
}

/* Until no more names come up. */
static void find_exporters(struct search *search)
{
	for (unsigned round = 0;; round++) {
		list_waiting(search, round);
		if (!search->waiting.len)
			return;
		if (round == ROUNDS)
			break;
		search->grown = false;
		binaries_stream(search->binaries, search->waiting.ptr, search->waiting.len,
				LISTENING_GROUPS, take, search);
		if (!search->grown)
			return;
	}
	give_up(search);
}

void listening_find(struct binaries *binaries, struct diags *diags, struct arena *arena,
		    struct listening_map *ret)
{
	struct search search = {.binaries = binaries, .diags = diags};
	size_t count = binaries_count(binaries);
	enum listening *list = arena_alloc_array(arena, count + 1, sizeof(*list));

	arena_init(&search.arena);
	find_exporters(&search);
	for (size_t i = 0; i < count; i++) {
		struct binary *binary = readable(&search, i);
		const struct exporter *exporter;

		if (!binary)
			continue;
		exporter = exporter_of(&search, binary);
		if (exporter && (exporter->names.len || exporter->by_pointer))
			list[i] = LISTENS;
		else if (calls_listen(&binary->facts) && !is_local(&binary->facts))
			list[i] = LISTENS;
		else
			list[i] = bound(&search, binary);
	}
	vec_each (exporter, &search.exporters)
		map_release(&exporter->names);
	vec_release(&search.exporters);
	vec_release(&search.waiting);
	map_release(&search.exporter_of);
	arena_release(&search.arena);
	*ret = (struct listening_map){list, count};
}
