/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One look-up of one symbol. After _dl_lookup_symbol_x(), do_lookup_x(), check_match() and
 * do_lookup_unique() of glibc 2.36's elf/dl-lookup.c, with LD_DYNAMIC_WEAK unset.
 */
#include "depend/bind_process.h"

/* A name with more definitions than this many times the scope is searched for along the scope. */
#define DEFINITIONS_PER_OBJECT 8u

/* What is looked for. */
struct want {
	uint32_t name, version;
	bool exact;
	enum bind_class class;
};

struct found {
	uint32_t object; /* LOADER_NONE: nothing */
	bool is_unique;
};

static const struct found nothing = {LOADER_NONE, false};

/*
 * check_match() over all symbols of one name in one file: the index of the export that ends the
 * search in this file, or BIND_NONE.
 */
static uint32_t match(const struct bind_table *table, uint32_t first, const struct want *want)
{
	uint32_t versioned = BIND_NONE, versions = 0;

	for (uint32_t i = first; i != BIND_NONE; i = table->exports[i].next) {
		const struct bind_export *export = &table->exports[i];
		bool hidden = export->flags & BIND_EXPORT_HIDDEN_VERSION;

		if ((export->flags & BIND_EXPORT_UNDEFINED) && want->class == BIND_PLT)
			continue;
		if (!table->has_versions)
			return i;
		if (want->version) {
			/* Its version, or none where the file was linked before it had versions. */
			if (export->version == want->version ||
			    (!want->exact && !export->version && !hidden))
				return i;
		} else if (export->version_index < 3) {
			return i; /* no version, or the first one */
		} else if (!hidden && versions++ == 0) {
			versioned = i;
		}
	}
	return versions == 1 ? versioned : BIND_NONE;
}

/* Whether the search ends at this object, and with what. */
static bool accept(const struct bind_process *process, uint32_t object, uint32_t first,
		   const struct want *want, struct found *ret)
{
	const struct bind_table *table = &process->binder->tables.ptr[process->tables[object]];
	uint32_t export;

	/* A copy is not made of the copy. */
	if (want->class == BIND_COPY && object == 0)
		return false;
	export = match(table, first, want);
	if (export == BIND_NONE || (table->exports[export].flags & BIND_EXPORT_LOCAL))
		return false;
	*ret = (struct found){object, table->exports[export].flags & BIND_EXPORT_UNIQUE};
	return true;
}

static struct found search_scope(struct bind_process *process, const struct want *want)
{
	for (size_t i = 0; i < process->load->scope_count; i++) {
		uint32_t object = process->load->scope[i], first;
		struct found found;

		if (process->tables[object] == BIND_NONE)
			continue;
		first = binder_find_export(process->binder, process->tables[object], want->name);
		if (first != BIND_NONE && accept(process, object, first, want, &found))
			return found;
	}
	return nothing;
}

/* The same by way of the name: of its definitions, the one that stands first in the scope. */
static struct found search_definitions(struct bind_process *process, const struct want *want)
{
	const struct binder *binder = process->binder;
	uint32_t best = BIND_NONE;
	struct found found = nothing;

	for (uint32_t i = binder->names.ptr[want->name].definitions; i != BIND_NONE;
	     i = binder->definitions.ptr[i].next) {
		const struct bind_definition *definition = &binder->definitions.ptr[i];
		uint32_t position = binder->positions.ptr[definition->table];

		if (position < best && accept(process, process->load->scope[position],
					      definition->first, want, &found))
			best = position;
	}
	return found;
}

/* In the scope that all objects of the process share. */
static struct found search_global(struct bind_process *process, const struct want *want)
{
	const struct bind_name *name = &process->binder->names.ptr[want->name];

	return name->definition_count / DEFINITIONS_PER_OBJECT > process->load->scope_count
		   ? search_scope(process, want)
		   : search_definitions(process, want);
}

/* DT_SYMBOLIC: the object itself comes first. The program has no such scope. */
static bool search_self(struct bind_process *process, uint32_t consumer, const struct want *want,
			struct found *ret)
{
	uint32_t table = process->tables[consumer], first;

	if (consumer == 0 || !process->binder->tables.ptr[table].symbolic)
		return false;
	first = binder_find_export(process->binder, table, want->name);
	return first != BIND_NONE && accept(process, consumer, first, want, ret);
}

static struct found search_for(struct bind_process *process, uint32_t consumer,
			       const struct want *want)
{
	struct found found;

	if (search_self(process, consumer, want, &found))
		return found;
	return search_global(process, want);
}

/* ---- STB_GNU_UNIQUE ---- */

static unsigned asked_classes(const struct bind_request *request)
{
	return (request->classes | request->classes >> BIND_PROTECTED) & ((1u << BIND_CLASSES) - 1);
}

/*
 * Whether everybody who finds a unique definition of that name finds the same one: none of them
 * has a version, all do for calls too, and nobody looks anywhere else first.
 */
static bool is_unambiguous(struct bind_process *process, const struct bind_name *name,
			   uint32_t name_index)
{
	struct binder *binder = process->binder;
	const uint32_t *copies;
	size_t count = 0;

	if (name->undefined_values || binder->has_exact_needs)
		return false;
	for (uint32_t i = name->definitions; i != BIND_NONE; i = binder->definitions.ptr[i].next) {
		const struct bind_definition *definition = &binder->definitions.ptr[i];
		const struct bind_table *table = &binder->tables.ptr[definition->table];

		if (binder->positions.ptr[definition->table] == BIND_NONE)
			continue;
		if (table->symbolic)
			return false;
		for (uint32_t j = definition->first; j != BIND_NONE; j = table->exports[j].next)
			if (table->exports[j].version ||
			    (table->exports[j].flags & BIND_EXPORT_HIDDEN_VERSION))
				return false;
	}
	if (process->tables[0] == BIND_NONE)
		return false;
	copies = binder_find_requests(binder, process->tables[0], name_index, &count);
	for (size_t i = 0; i < count; i++)
		if (asked_classes(&binder->tables.ptr[process->tables[0]].requests[copies[i]]) &
		    BIND_COPY)
			return false;
	return true;
}

/*
 * Whether a look-up of this request ends at a unique definition; then *ret is the one that ld.so
 * remembers.
 */
static bool finds_unique(struct bind_process *process, uint32_t object,
			 const struct bind_request *request, enum bind_class class, uint32_t *ret)
{
	struct want want = {request->name, request->version, request->exact, class};
	struct found found = search_for(process, object, &want);

	if (!found.is_unique && (request->classes & class << BIND_PROTECTED) && class != BIND_PLT &&
	    found.object != LOADER_NONE && found.object != object) {
		want.class = BIND_PLT; /* look_up_protected() looks a second time */
		found = search_for(process, object, &want);
	}
	/* For a copy it is the copy that counts from then on. */
	*ret = want.class == BIND_COPY ? object : found.object;
	return found.is_unique;
}

/* What an object's requests for the name would enter into ld.so's table of unique symbols. */
static bool enters(struct bind_process *process, uint32_t object, uint32_t name, uint32_t *ret)
{
	uint32_t first = BIND_NONE, found;
	size_t count;
	const uint32_t *indexes =
	    binder_find_requests(process->binder, process->tables[object], name, &count);

	for (size_t i = 0; i < count * BIND_CLASSES; i++) {
		const struct bind_table *table =
		    &process->binder->tables.ptr[process->tables[object]];
		const struct bind_request *request = &table->requests[indexes[i / BIND_CLASSES]];
		enum bind_class class = (enum bind_class)(1u << i % BIND_CLASSES);

		if (!(asked_classes(request) & class) ||
		    request->first[i % BIND_CLASSES] >= first ||
		    !finds_unique(process, object, request, class, &found))
			continue;
		first = request->first[i % BIND_CLASSES];
		*ret = found;
	}
	return first != BIND_NONE;
}

/*
 * The table of unique symbols is one for the process: the first look-up that ends at a unique
 * definition decides for all, whatever their versions and scopes.
 */
static uint32_t unique_winner(struct bind_process *process, uint32_t name_index, uint32_t found)
{
	struct bind_name *name = &process->binder->names.ptr[name_index];

	if (name->unique_epoch == process->binder->epoch)
		return name->unique_answer;
	name->unique_epoch = process->binder->epoch;
	name->unique_answer = found;
	if (is_unambiguous(process, name, name_index))
		return found;
	if (!process->order)
		process->order = bind_order(process->load);
	for (size_t i = 0; i < process->load->scope_count; i++) {
		uint32_t object = process->order[i];

		if (bind_is_relocated(process, object) &&
		    enters(process, object, name_index, &name->unique_answer))
			break;
	}
	return name->unique_answer;
}

/* ---- the whole of it ---- */

static uint32_t settle(struct bind_process *process, const struct want *want, struct found found)
{
	return found.is_unique && want->class != BIND_COPY
		   ? unique_winner(process, want->name, found.object)
		   : found.object;
}

/* As a rule all objects that ask for a name get the same answer. */
static uint32_t look_up_remembered(struct bind_process *process, uint32_t consumer,
				   const struct want *want)
{
	struct bind_name *name = &process->binder->names.ptr[want->name];
	uint32_t version = want->version * 2 + want->exact;
	struct found found;

	if (search_self(process, consumer, want, &found))
		return settle(process, want, found);
	if (want->class == BIND_COPY || name->undefined_values)
		return settle(process, want, search_global(process, want));
	if (name->epoch == process->binder->epoch && name->version == version)
		return name->answer;
	name->answer = settle(process, want, search_global(process, want));
	name->version = version;
	name->epoch = process->binder->epoch;
	return name->answer;
}

/*
 * A protected symbol of the consumer itself yields only to what a program makes of it: the copy, or
 * the address of its PLT entry.
 */
static uint32_t look_up_protected(struct bind_process *process, uint32_t consumer, struct want want)
{
	uint32_t found = look_up_remembered(process, consumer, &want), called;

	if (found == LOADER_NONE || found == consumer)
		return found;
	if (want.class == BIND_PLT)
		return consumer;
	want.class = BIND_PLT;
	called = look_up_remembered(process, consumer, &want);
	return called != LOADER_NONE && called != consumer ? consumer : found;
}

static void add_answer(struct bind_answer *answer, uint32_t provider)
{
	for (unsigned i = 0; i < answer->count; i++)
		if (answer->providers[i] == provider)
			return;
	answer->providers[answer->count++] = provider;
}

struct bind_answer bind_look_up(struct bind_process *process, uint32_t consumer,
				const struct bind_request *request)
{
	struct bind_answer answer = {.count = 0};

	for (unsigned i = 0; i < BIND_CLASSES; i++) {
		struct want want = {request->name, request->version, request->exact,
				    (enum bind_class)(1u << i)};

		if (request->classes & want.class)
			add_answer(&answer, look_up_remembered(process, consumer, &want));
		if (request->classes & want.class << BIND_PROTECTED)
			add_answer(&answer, look_up_protected(process, consumer, want));
	}
	return answer;
}
