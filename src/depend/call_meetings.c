/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two programs that use one name meet there: a socket's path, a shared memory object, a well-known
 * bus name. Edges go from whoever connects to whoever serves.
 */
#include <stdlib.h>
#include <string.h>

#include "depend/call_edges.h"

/* One use of a name by one file. */
struct end {
	const char *name;
	struct call_use use;
	bool serves;
};

struct ends {
	struct end *ptr;
	size_t len, cap;
};

static int by_name(const void *left, const void *right)
{
	const struct end *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	if (a->serves != b->serves)
		return a->serves ? -1 : 1;
	return strcmp(a->use.file->path, b->use.file->path);
}

/* A path of a socket that is not absolute leads nowhere: nobody knows the working directory. */
static bool is_place(enum facts_call_kind kind, const char *name)
{
	return (kind != FACTS_CALL_BIND && kind != FACTS_CALL_CONNECT) || name[0] == '/' ||
	       name[0] == '@';
}

static void collect_site(struct call_edges *edges, const struct plugin_file *file,
			 const struct facts_call_site *site, bool serves, struct ends *ends)
{
	const struct facts *facts = file->facts;

	for (uint32_t i = 0; i < site->value_count; i++) {
		const struct facts_call_value *value = &facts->call_values[site->value_first + i];
		struct end end = {.serves = serves};

		if (value->role != FACTS_ROLE_NAME || !value->text.length ||
		    (value->flags & FACTS_VALUE_PATTERN) ||
		    value->source == FACTS_VALUE_ENVIRONMENT ||
		    value->source == FACTS_VALUE_RESULT || value->source == FACTS_VALUE_NOTHING)
			continue;
		end.name = facts_text(facts, value->text);
		if (!is_place((enum facts_call_kind)site->kind, end.name))
			continue;
		end.use = (struct call_use){
		    .file = file,
		    .text = end.name,
		    .grade = EDGE_GRADE_DECLARED,
		    .evidence = "call-site",
		    .detail =
			arena_printf(&edges->arena, "%s at 0x%llx", facts_text(facts, site->callee),
				     (unsigned long long)site->address),
		    .place = call_edges_place(facts, site->address),
		};
		vec_push(ends, end);
	}
}

static void collect(struct call_edges *edges, enum facts_call_kind serves,
		    enum facts_call_kind asks, struct ends *ends)
{
	vec_each (file, &edges->files) {
		for (size_t i = 0; i < file->facts->call_sites_count; i++) {
			const struct facts_call_site *site = &file->facts->call_sites[i];

			if (site->kind == serves || site->kind == asks)
				collect_site(edges, file, site, site->kind == serves, ends);
		}
	}
	if (ends->len)
		qsort(ends->ptr, ends->len, sizeof(*ends->ptr), by_name);
}

static void add(struct call_edges *edges, const struct end *from, enum edge_kind kind,
		const char *to)
{
	if (!to || strcmp(to, from->use.file->path) != 0)
		call_edges_add(edges, &from->use, kind, to);
}

/* Services whose files say who answers to a name; whether there was any. */
static bool add_services(struct call_edges *edges, const struct end *end, enum edge_kind kind)
{
	bool found = false;

	if (!edges->names)
		return false;
	if (kind == EDGE_KIND_IPC_DBUS) {
		vec_each (service, &edges->names->bus)
			if (strcmp(service->name, end->name) == 0 && service->path) {
				add(edges, end, kind, service->path);
				found = true;
			}
		return found;
	}
	vec_each (service, &edges->names->sockets)
		if (strcmp(service->name, end->name) == 0 && service->path) {
			add(edges, end, kind, service->path);
			found = true;
		}
	return found;
}

/* Ends with one name: [first, last), those that serve first. */
static void meet(struct call_edges *edges, const struct end *first, const struct end *last,
		 enum edge_kind kind)
{
	for (const struct end *end = first; end < last; end++) {
		bool found = false;

		if (end->serves)
			continue;
		for (const struct end *server = first; server < last && server->serves; server++) {
			add(edges, end, kind, server->use.file->path);
			found = true;
		}
		if (!add_services(edges, end, kind) && !found)
			add(edges, end, kind, NULL);
	}
}

static void add_meetings(struct call_edges *edges, enum facts_call_kind serves,
			 enum facts_call_kind asks, enum edge_kind kind)
{
	struct ends ends = {0};

	collect(edges, serves, asks, &ends);
	for (size_t i = 0, next; i < ends.len; i = next) {
		for (next = i + 1;
		     next < ends.len && strcmp(ends.ptr[next].name, ends.ptr[i].name) == 0; next++)
			;
		meet(edges, ends.ptr + i, ends.ptr + next, kind);
	}
	free(ends.ptr);
}

/* Shared objects have no side that serves: each file meets the first one that uses the name. */
static void add_shared(struct call_edges *edges, enum facts_call_kind kind)
{
	struct ends ends = {0};
	size_t first = 0;

	collect(edges, kind, kind, &ends);
	for (size_t i = 1; i < ends.len; i++) {
		if (strcmp(ends.ptr[i].name, ends.ptr[first].name) != 0)
			first = i;
		else
			add(edges, &ends.ptr[i], EDGE_KIND_IPC_SHM, ends.ptr[first].use.file->path);
	}
	free(ends.ptr);
}

void call_edges_meetings(struct call_edges *edges)
{
	add_meetings(edges, FACTS_CALL_BIND, FACTS_CALL_CONNECT, EDGE_KIND_IPC_SOCKET);
	add_meetings(edges, FACTS_CALL_DBUS_OWN, FACTS_CALL_DBUS_PEER, EDGE_KIND_IPC_DBUS);
	add_shared(edges, FACTS_CALL_SHARED_MEMORY);
	add_shared(edges, FACTS_CALL_SEMAPHORE);
	add_shared(edges, FACTS_CALL_QUEUE);
}
