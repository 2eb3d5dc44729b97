/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wrappers one library away: a library's summaries say which parameter of an exported function
 * reaches dlopen or exec, the consumer's constants what it gives them. And the weakest evidence:
 * library names given to some function of a file whose own call sites stay open.
 */
#include <stdio.h>
#include <string.h>

#include "depend/call_edges.h"
#include "util/map.h"
#include "util/path.h"

struct provider {
	const struct plugin_file *file;
	const struct facts_call_summary *summary;
	size_t next; /* 1 + index of another of the same symbol; 0: there is none */
};

struct providers_of {
	VEC(struct provider) list;
	struct map by_symbol; /* symbol -> index of the first */
};

bool call_edges_needs(const struct plugin_file *consumer, const struct plugin_file *provider)
{
	const struct facts_dynamic *entry;

	for (size_t at = 0; (entry = facts_dynamic_next(consumer->facts, DT_NEEDED, &at));)
		if (strcmp(facts_text(consumer->facts, entry->text), provider->soname) == 0)
			return true;
	return false;
}

/* The pattern with the text for its only parameter; NULL when it has others. */
static const char *substitute(struct call_edges *edges, const char *pattern, uint32_t parameter,
			      const char *text, bool *ret_is_pattern)
{
	size_t size = strlen(pattern) + strlen(text) + 1, at = 0;
	char *result = arena_alloc(&edges->arena, 2 * size);
	char hole[32];

	snprintf(hole, sizeof(hole), "%%{%u}", parameter);
	*ret_is_pattern = false;
	for (bool done = false; *pattern;) {
		if (strncmp(pattern, hole, strlen(hole)) == 0) {
			if (done)
				return NULL;
			memcpy(result + at, text, strlen(text));
			at += strlen(text);
			pattern += strlen(hole);
			done = true;
		} else if (strncmp(pattern, "%{", 2) == 0) {
			return NULL;
		} else {
			*ret_is_pattern |= *pattern == '%' && pattern[1] != '%';
			result[at++] = *pattern++;
		}
	}
	return result;
}

static void use_summary(struct call_edges *edges, const struct plugin_file *file,
			const struct facts_call_constant *constant, const struct provider *provider)
{
	const struct facts_call_summary *summary = provider->summary;
	const struct facts *facts = file->facts;
	struct call_arguments none = {facts, NULL, 0};
	struct call_use use = {
	    .file = file,
	    .kind = (enum facts_call_kind)summary->kind,
	    .grade = EDGE_GRADE_DECLARED,
	    .evidence = "call-site",
	    .place = call_edges_place(facts, constant->site),
	};

	if (summary->role != FACTS_ROLE_NAME || summary->vector ||
	    summary->parameter != constant->parameter || !call_edges_needs(file, provider->file))
		return;
	use.text =
	    substitute(edges, facts_text(provider->file->facts, summary->pattern),
		       constant->parameter, facts_text(facts, constant->text), &use.is_pattern);
	if (!use.text)
		return;
	if (use.is_pattern) {
		use.grade = EDGE_GRADE_STRING;
		use.possible = true;
	}
	use.detail = arena_printf(
	    &edges->arena, "%s at 0x%llx, %s at 0x%llx of %s", facts_text(facts, constant->callee),
	    (unsigned long long)constant->site, facts_call_kind_text(use.kind),
	    (unsigned long long)summary->site, provider->file->path);
	call_edges_use(edges, &use, &none);
}

/* Program interpreters are loaded by the kernel: linkers and debuggers hold their names. */
static bool is_interpreter(const char *name)
{
	static const char *const stems[] = {"ld-", "ld.so", "ld64.so"};

	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++)
		if (strncmp(name, stems[i], strlen(stems[i])) == 0)
			return true;
	return false;
}

/* A library's name in the hands of the file itself, and a dlopen whose argument is not known. */
static void use_name(struct call_edges *edges, const struct plugin_file *file,
		     const struct facts_call_constant *constant)
{
	const struct facts *facts = file->facts;
	struct call_use use = {
	    .file = file,
	    .kind = FACTS_CALL_LOAD,
	    .text = facts_text(facts, constant->text),
	    .grade = EDGE_GRADE_STRING,
	    .possible = true,
	    .evidence = "call-argument",
	    .detail = arena_printf(&edges->arena, "given to 0x%llx at 0x%llx",
				   (unsigned long long)constant->target,
				   (unsigned long long)constant->site),
	    .place = call_edges_place(facts, constant->site),
	};

	if (!is_interpreter(path_name(use.text)))
		call_edges_library(edges, &use);
}

static void use_constant(struct call_edges *edges, const struct providers_of *providers,
			 const struct plugin_file *file, struct call_folders *folders,
			 const struct facts_call_constant *constant)
{
	struct slice symbol = facts_slice(file->facts, constant->callee);
	const struct map_entry *entry;

	if (constant->parameter == FACTS_CONSTANT_LITERAL) {
		call_edges_path(edges, file, constant);
		return;
	}
	if (constant->parameter == FACTS_CONSTANT_NAME ||
	    constant->parameter == FACTS_CONSTANT_CHOICE ||
	    constant->parameter == FACTS_CONSTANT_COMMAND) {
		call_edges_name(edges, file, folders, constant);
		return;
	}
	if (constant->parameter == FACTS_CONSTANT_FOLDER ||
	    constant->parameter == FACTS_CONSTANT_WORD ||
	    constant->parameter == FACTS_CONSTANT_RESULT)
		return; /* call_folders.c, call_results.c */
	if (constant->target) {
		use_name(edges, file, constant);
		return;
	}
	entry = map_get(&providers->by_symbol, symbol);
	for (size_t i = entry ? entry->value + (size_t)1 : 0; i;
	     i = providers->list.ptr[i - 1].next)
		use_summary(edges, file, constant, &providers->list.ptr[i - 1]);
}

static void add_provider(struct providers_of *providers, const struct plugin_file *file,
			 const struct facts_call_summary *summary)
{
	struct provider provider = {file, summary, 0};
	uint32_t index = (uint32_t)providers->list.len;
	struct map_entry *first;
	bool added;

	first = map_put(&providers->by_symbol, facts_slice(file->facts, summary->symbol), index,
			&added);
	if (!added) {
		provider.next = providers->list.ptr[first->value].next;
		providers->list.ptr[first->value].next = index + (size_t)1;
	}
	vec_push(&providers->list, provider);
}

void call_edges_summaries(struct call_edges *edges)
{
	struct providers_of providers = {0};

	vec_each (file, &edges->files)
		for (size_t i = 0; i < file->facts->call_summaries_count; i++)
			add_provider(&providers, file, &file->facts->call_summaries[i]);
	vec_each (file, &edges->files) {
		struct call_folders folders;

		call_folders_open(edges, file, &folders);
		for (size_t i = 0; i < file->facts->call_constants_count; i++)
			use_constant(edges, &providers, file, &folders,
				     &file->facts->call_constants[i]);
		call_edges_folders(edges, file, &folders);
		call_folders_release(&folders);
	}
	vec_release(&providers.list);
	map_release(&providers.by_symbol);
}
