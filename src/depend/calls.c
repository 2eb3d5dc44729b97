/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/calls.h"

#include <stdlib.h>
#include <string.h>

#include "depend/command_line.h"
#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

/* A name one file hands to dlopen(), still to be looked for. */
struct wanted {
	const char *name;
	bool pattern;
	uint64_t place;
	const char *detail;
};

struct caller {
	struct finder *finder;
	struct loader *loader;
	const struct service_names *services;
	const char *path; /* canonical */
	struct binary *binary;
	const struct facts *facts;
	struct arena *arena; /* of this file alone */
	VEC(struct wanted) libraries;
};

/* "dlopen at 0x1234 in load_backend" */
static const char *describe(struct caller *caller, const struct facts_call_site *site)
{
	const struct facts *facts = caller->facts;
	const char *text =
	    arena_printf(caller->arena, "%s at %#llx", facts_text(facts, site->callee),
			 (unsigned long long)site->address);

	return site->function_name.length ? arena_printf(caller->arena, "%s in %s", text,
							 facts_text(facts, site->function_name))
					  : text;
}

static void add_edge(struct caller *caller, enum edge_kind kind, enum edge_grade grade,
		     const char *to, const char *name, const char *detail, uint64_t place)
{
	found_edges_add(caller->finder->edges, &(struct found_edge){
						   .from = caller->path,
						   .to = to,
						   .name = name,
						   .kind = kind,
						   .grade = grade,
						   .evidence = "call site",
						   .detail = detail,
						   .place = place,
					       });
}

/* ---- libraries ---- */

/* Each name once: several sites that ask for it are one edge, told by the first. */
static void want_library(struct caller *caller, const char *name, bool pattern, const char *detail,
			 uint64_t place)
{
	if (!*name)
		return;
	vec_each (wanted, &caller->libraries)
		if (strcmp(wanted->name, name) == 0 && wanted->pattern == pattern)
			return;
	vec_push(&caller->libraries, ((struct wanted){name, pattern, place, detail}));
}

static void resolve_libraries(struct caller *caller)
{
	size_t count = caller->libraries.len, asked = 0;
	const char **names = arena_alloc_array(caller->arena, count + 1, sizeof(*names));
	struct loader_found *found = arena_alloc_array(caller->arena, count + 1, sizeof(*found));

	for (size_t i = 0; i < count; i++)
		if (!caller->libraries.ptr[i].pattern)
			names[asked++] = caller->libraries.ptr[i].name;
	if (asked && loader_find(caller->loader, caller->binary, caller->path, names, asked,
				 caller->arena, found) != STATUS_OK)
		memset(found, 0, asked * sizeof(*found));
	for (size_t i = 0, at = 0; i < count; i++) {
		const struct wanted *wanted = &caller->libraries.ptr[i];
		struct binary *binary = wanted->pattern ? NULL : found[at++].binary;

		if (binary == caller->binary)
			continue;
		add_edge(caller, EDGE_KIND_LINK_PLUGIN,
			 wanted->pattern ? EDGE_GRADE_STRING : EDGE_GRADE_SYMBOL_BINDING,
			 binary ? binaries_path(caller->finder->binaries, binary) : NULL,
			 wanted->name, wanted->detail, wanted->place);
	}
}

/* ---- programs and the rest ---- */

static void run_program(struct caller *caller, const char *name, const char *detail, uint64_t place)
{
	if (!*name)
		return;
	add_edge(caller, EDGE_KIND_IPC_EXEC, EDGE_GRADE_SYMBOL_BINDING,
		 commands_find(caller->finder->commands, name), name, detail, place);
}

static void run_line(struct caller *caller, const char *line, const char *detail, uint64_t place)
{
	struct command_source source = {
	    .from = caller->path, .evidence = "call site", .detail = detail, .place = place};

	command_line_add_shell(caller->finder, &source, line);
}

/* Who owns a bus name or listens at a socket, by the files that say so. */
static const char *peer_of(const struct caller *caller, const char *name, bool bus)
{
	if (bus) {
		vec_each (service, &caller->services->bus)
			if (strcmp(service->name, name) == 0 && service->path)
				return service->path;
		return NULL;
	}
	vec_each (service, &caller->services->sockets)
		if (strcmp(service->name, name) == 0 && service->path)
			return service->path;
	return NULL;
}

static void use_name(struct caller *caller, enum facts_call_kind kind, const char *name,
		     bool pattern, const char *detail, uint64_t place)
{
	switch (kind) {
	case FACTS_CALL_LOAD:
		want_library(caller, name, pattern, detail, place);
		break;
	case FACTS_CALL_EXEC:
	case FACTS_CALL_EXEC_SEARCH:
		if (!pattern)
			run_program(caller, name, detail, place);
		break;
	case FACTS_CALL_SHELL:
	case FACTS_CALL_WORDS:
		run_line(caller, name, detail, place);
		break;
	case FACTS_CALL_CONNECT:
		if (!pattern && (*name == '/' || *name == '@'))
			add_edge(caller, EDGE_KIND_IPC_SOCKET, EDGE_GRADE_SYMBOL_BINDING,
				 peer_of(caller, name, false), name, detail, place);
		break;
	case FACTS_CALL_SHARED_MEMORY:
		if (!pattern)
			add_edge(caller, EDGE_KIND_IPC_SHM, EDGE_GRADE_SYMBOL_BINDING, NULL, name,
				 detail, place);
		break;
	case FACTS_CALL_DBUS_PEER:
		if (!pattern)
			add_edge(caller, EDGE_KIND_IPC_DBUS, EDGE_GRADE_SYMBOL_BINDING,
				 peer_of(caller, name, true), name, detail, place);
		break;
	case FACTS_CALL_SYMBOL:
	case FACTS_CALL_IMPORT:
	case FACTS_CALL_SOCKET:
	case FACTS_CALL_BIND:
	case FACTS_CALL_LISTEN:
	case FACTS_CALL_ACCEPT:
	case FACTS_CALL_SEND:
	case FACTS_CALL_SEMAPHORE:
	case FACTS_CALL_QUEUE:
	case FACTS_CALL_DBUS_OWN:
	case FACTS_CALL_KIND_COUNT:
		break;
	}
}

/* "sh -c LINE": what the shell is told is what runs. */
static const char *shell_line(const struct caller *caller, const struct facts_call_site *site)
{
	const char *first = NULL, *second = NULL;

	for (uint32_t i = 0; i < site->value_count; i++) {
		const struct facts_call_value *value =
		    &caller->facts->call_values[site->value_first + i];

		if (value->role != FACTS_ROLE_ARGUMENT || (value->flags & FACTS_VALUE_PATTERN))
			continue;
		if (value->index == 1)
			first = facts_text(caller->facts, value->text);
		if (value->index == 2)
			second = facts_text(caller->facts, value->text);
	}
	return first && strcmp(first, "-c") == 0 ? second : NULL;
}

static void take_site(struct caller *caller, const struct facts_call_site *site)
{
	const char *detail = describe(caller, site), *line;
	bool exec = site->kind == FACTS_CALL_EXEC || site->kind == FACTS_CALL_EXEC_SEARCH;

	for (uint32_t i = 0; i < site->value_count; i++) {
		const struct facts_call_value *value =
		    &caller->facts->call_values[site->value_first + i];

		if (value->role != FACTS_ROLE_NAME || value->source == FACTS_VALUE_NOTHING ||
		    value->source == FACTS_VALUE_NUMBER || value->source == FACTS_VALUE_ENVIRONMENT)
			continue;
		use_name(caller, (enum facts_call_kind)site->kind,
			 facts_text(caller->facts, value->text),
			 (value->flags & FACTS_VALUE_PATTERN) != 0, detail, site->address);
	}
	line = exec ? shell_line(caller, site) : NULL;
	if (line)
		run_line(caller, line, detail, site->address);
}

/* ---- functions of libraries that hand a name on ---- */

/* What the needed library that defines a function does with that parameter; NULL: nothing known. */
static const struct facts_call_summary *summary_of(struct caller *caller,
						   const struct load_set *load, const char *callee,
						   uint32_t parameter)
{
	for (size_t i = 1; i < load->object_count; i++) {
		const struct facts *facts =
		    load->objects[i].binary
			? binaries_facts(caller->finder->binaries, load->objects[i].binary)
			: NULL;

		for (size_t j = 0; facts && j < facts->call_summaries_count; j++) {
			const struct facts_call_summary *summary = &facts->call_summaries[j];

			if (summary->parameter == parameter && summary->role == FACTS_ROLE_NAME &&
			    strcmp(facts_text(facts, summary->symbol), callee) == 0 &&
			    strcmp(facts_text(facts, summary->pattern),
				   arena_printf(caller->arena, "%%{%u}", parameter)) == 0)
				return summary;
		}
	}
	return NULL;
}

static void take_constants(struct caller *caller)
{
	const struct facts *facts = caller->facts;
	const struct load_set *load = NULL;

	for (size_t i = 0; i < facts->call_constants_count; i++) {
		const struct facts_call_constant *constant = &facts->call_constants[i];
		const char *callee = facts_text(facts, constant->callee);
		const struct facts_call_summary *summary;

		if (!constant->callee.length || constant->target)
			continue;
		if (!load && loader_load(caller->loader, caller->binary, caller->path,
					 caller->arena, &load) != STATUS_OK)
			return;
		summary = summary_of(caller, load, callee, constant->parameter);
		if (summary)
			use_name(caller, (enum facts_call_kind)summary->kind,
				 facts_text(facts, constant->text), false,
				 arena_printf(caller->arena, "%s at %#llx hands it on", callee,
					      (unsigned long long)constant->site),
				 constant->site);
	}
}

static void count_coverage(const struct facts *facts, struct call_coverage *coverage)
{
	for (size_t i = 0; i < facts->code_coverage_count; i++) {
		const struct facts_code_coverage *own = &facts->code_coverage[i];

		coverage->code_bytes += own->code_bytes;
		coverage->selected_bytes += own->selected_bytes;
		coverage->decoded_bytes += own->decoded_bytes;
		coverage->undecoded_bytes += own->undecoded_bytes;
		coverage->sites_total += own->sites_total - own->sites_without_name;
		coverage->sites_resolved += own->sites_complete;
		coverage->sites_unresolved += own->sites_partial + own->sites_unresolved;
		coverage->files_not_decoded += !(own->flags & FACTS_COVERAGE_DECODED);
	}
}

static void find_in_file(struct caller *caller, struct call_coverage *coverage)
{
	struct arena arena;

	arena_init(&arena);
	caller->arena = &arena;
	count_coverage(caller->facts, coverage);
	for (size_t i = 0; i < caller->facts->call_sites_count; i++)
		take_site(caller, &caller->facts->call_sites[i]);
	take_constants(caller);
	resolve_libraries(caller);
	vec_release(&caller->libraries);
	arena_release(&arena);
}

void calls_find(struct finder *finder, struct loader *loader, const struct service_names *services,
		struct call_coverage *ret)
{
	*ret = (struct call_coverage){0};
	vec_each (file, &finder->inventory->files) {
		struct caller caller = {.finder = finder,
					.loader = loader,
					.services = services,
					.path = file->canonical};

		if (binaries_find(finder->binaries, file->canonical, &caller.binary) != STATUS_OK ||
		    !caller.binary->ident.complete)
			continue;
		caller.facts = binaries_facts(finder->binaries, caller.binary);
		if (caller.facts)
			find_in_file(&caller, ret);
	}
}
