/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/device.h"

struct looking {
	struct arena *arena;
	const struct device_summary **summaries; /* by number of the binary */
	size_t count;
};

static void take(void *context, struct binary *binary, const struct facts *facts)
{
	struct looking *looking = context;

	looking->summaries[binary->id] = device_summarise(facts, looking->arena);
}

/* Each binary once, though it may have several names. */
static struct binary **list_binaries(struct binaries *binaries, const struct inventory *inventory,
				     struct arena *arena, size_t *ret_count)
{
	struct binary **list = arena_alloc_array(arena, inventory->files.len + 1, sizeof(*list));
	bool *listed = arena_alloc_array(arena, binaries_count(binaries) + 1, sizeof(*listed));

	*ret_count = 0;
	vec_each (file, &inventory->files) {
		struct binary *binary;

		if (binaries_find(binaries, file->canonical, &binary) != STATUS_OK ||
		    !binary->ident.complete || listed[binary->id] ||
		    !binaries_facts(binaries, binary))
			continue;
		listed[binary->id] = true;
		list[(*ret_count)++] = binary;
	}
	return list;
}

struct device_files device_find(struct binaries *binaries, const struct inventory *inventory,
				struct arena *arena)
{
	struct looking looking = {.arena = arena, .count = binaries_count(binaries)};
	struct device_file *files =
	    arena_alloc_array(arena, inventory->files.len + 1, sizeof(*files));
	struct device_files found = {.list = files, .looked = true};
	struct binary **list;
	size_t count;

	looking.summaries = arena_alloc_array(arena, looking.count + 1, sizeof(*looking.summaries));
	list = list_binaries(binaries, inventory, arena, &count);
	binaries_stream(binaries, list, count, FACTS_DEVICE, take, &looking);
	vec_each (file, &inventory->files) {
		struct binary *binary;

		if (binaries_find(binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->id < looking.count && looking.summaries[binary->id])
			files[found.count++] =
			    (struct device_file){file->canonical, looking.summaries[binary->id]};
	}
	return found;
}
