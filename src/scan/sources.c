/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/sources.h"

#include <string.h>

#include "util/vec.h"

/* Files that share what was split off share an entry. */
struct reading {
	struct arena *arena;
	const struct debug_sources **results; /* by number of the binary that was read */
	struct inlined *inlined;
};

void sources_init(struct sources *sources)
{
	*sources = (struct sources){0};
	arena_init(&sources->arena);
}

void sources_release(struct sources *sources)
{
	arena_release(&sources->arena);
}

static void take(void *context, struct binary *binary, const struct facts *facts)
{
	struct reading *reading = context;
	struct debug_sources *sources = arena_alloc(reading->arena, sizeof(*sources));
	const char **files =
	    arena_alloc_array(reading->arena, facts->debug_files_count + 1, sizeof(*files));
	const char **folders =
	    arena_alloc_array(reading->arena, facts->debug_units_count + 1, sizeof(*folders));

	for (size_t i = 0; i < facts->debug_files_count; i++)
		if (facts->debug_files[i].lines)
			files[sources->file_count++] = arena_strdup(
			    reading->arena, facts_text(facts, facts->debug_files[i].path));
	for (size_t i = 0; i < facts->debug_units_count; i++) {
		const struct facts_debug_unit *unit = &facts->debug_units[i];

		sources->lto |= strstr(facts_text(facts, unit->producer), "-flto") != NULL;
		/* Units of one folder mostly follow each other. */
		if (!sources->folder_count || strcmp(folders[sources->folder_count - 1],
						     facts_text(facts, unit->directory)) != 0)
			folders[sources->folder_count++] =
			    arena_strdup(reading->arena, facts_text(facts, unit->directory));
	}
	sources->files = files;
	sources->folders = folders;
	reading->results[binary->id] = sources;
	inlined_take_lines(reading->inlined, binary, facts);
}

/* Where the debug information of a file lies: in it, or split off by its build-id. NULL: nowhere.
 */
static struct binary *debug_binary(struct binaries *binaries, struct binary *binary,
				   const struct facts *facts, struct arena *arena)
{
	const char *id = facts_text(facts, facts->identity->build_id);
	struct binary *split;

	if (facts->identity->flags & FACTS_HAS_DEBUG)
		return binary;
	if (strlen(id) < 3 ||
	    binaries_find(binaries,
			  arena_printf(arena, "/usr/lib/debug/.build-id/%.2s/%s.debug", id, id + 2),
			  &split) != STATUS_OK ||
	    !split->ident.complete)
		return NULL;
	return split;
}

void sources_read(struct binaries *binaries, const struct inventory *inventory, struct sources *ret,
		  struct inlined *inlined)
{
	VEC(struct binary *) owners = {0}, from = {0}, list = {0};
	struct reading reading = {.arena = &ret->arena, .inlined = inlined};

	vec_each (file, &inventory->files) {
		const struct facts *facts;
		struct binary *binary, *debug;

		if (binaries_find(binaries, file->canonical, &binary) != STATUS_OK ||
		    !binary->ident.complete || !(facts = binaries_facts(binaries, binary)))
			continue;
		debug = debug_binary(binaries, binary, facts, &ret->arena);
		if (!debug)
			continue;
		vec_push(&owners, binary);
		vec_push(&from, debug);
	}
	ret->count = binaries_count(binaries);
	ret->by_id = arena_alloc_array(&ret->arena, ret->count + 1, sizeof(struct debug_sources *));
	reading.results =
	    arena_alloc_array(&ret->arena, ret->count + 1, sizeof(struct debug_sources *));
	if (from.len) {
		bool *listed = arena_alloc_array(&ret->arena, ret->count + 1, sizeof(*listed));

		vec_each (binary, &from) {
			if (!listed[(*binary)->id])
				vec_push(&list, *binary);
			listed[(*binary)->id] = true;
		}
		binaries_stream(binaries, list.ptr, list.len, FACTS_DEBUG, take, &reading);
	}
	for (size_t i = 0; i < owners.len; i++) {
		ret->by_id[owners.ptr[i]->id] = reading.results[from.ptr[i]->id];
		inlined_share_lines(inlined, owners.ptr[i], from.ptr[i]);
	}
	vec_release(&owners);
	vec_release(&from);
	vec_release(&list);
}
