/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/sources.h"

#include <string.h>

#include "util/vec.h"

struct reading {
	struct arena *arena;
	const struct debug_sources **results; /* by number of the binary */
	struct inlined *inlined;
	struct contents *contents;
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
	contents_take_units(reading->contents, binary, facts);
}

void sources_read(struct binaries *binaries, const struct inventory *inventory, struct sources *ret,
		  struct inlined *inlined, struct contents *contents)
{
	struct reading reading = {.arena = &ret->arena, .inlined = inlined, .contents = contents};
	VEC(struct binary *) list = {0};
	bool *listed;

	ret->count = binaries_count(binaries);
	ret->by_id = reading.results =
	    arena_alloc_array(&ret->arena, ret->count + 1, sizeof(struct debug_sources *));
	listed = arena_alloc_array(&ret->arena, ret->count + 1, sizeof(*listed));
	vec_each (file, &inventory->files) {
		struct binary *binary;

		if (binaries_find(binaries, file->canonical, &binary) != STATUS_OK ||
		    binary->id >= ret->count || listed[binary->id] || !binary->ident.complete ||
		    !binaries_facts(binaries, binary) || !binaries_has_debug(binaries, binary))
			continue;
		listed[binary->id] = true;
		vec_push(&list, binary);
	}
	binaries_stream(binaries, list.ptr, list.len, FACTS_DEBUG, take, &reading);
	vec_release(&list);
}
