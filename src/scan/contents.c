/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/contents.h"

#include <errno.h>
#include <string.h>

#include "scan/build_files.h"
#include "util/vec.h"

struct looking {
	struct contents *contents;
	struct inlined *inlined;
	struct embedded **results; /* by number of the binary */
	size_t result_count;
};

bool contents_holds_code(const struct facts *facts)
{
	return facts->identity->type == FACTS_TYPE_EXECUTABLE ||
	       facts->identity->type == FACTS_TYPE_STATIC ||
	       facts->identity->type == FACTS_TYPE_SHARED ||
	       facts->identity->type == FACTS_TYPE_RELOCATABLE;
}

static void open_indexes(const struct contents_input *input, struct contents *ret)
{
	size_t opened = 0;

	if (!input->index_count)
		return;
	ret->index = index_new();
	for (size_t i = 0; i < input->index_count; i++) {
		enum status status = index_add_file(ret->index, input->indexes[i], input->diags);

		opened += status == STATUS_OK;
		if (status == STATUS_IO)
			diag_add(input->diags, DIAG_INPUT_UNREADABLE, input->indexes[i],
				 DIAG_NO_OFFSET, "%s", strerror(errno));
	}
	if (opened)
		return;
	index_free(ret->index);
	ret->index = NULL;
}

static void take(void *context, struct binary *binary, const struct facts *facts)
{
	struct looking *looking = context;
	struct contents *contents = looking->contents;
	struct embedded *found = contents->index
				     ? embedded_find(facts, contents->index, &contents->arena)
				     : arena_alloc(&contents->arena, sizeof(*found));

	if (contents->index)
		embedded_builds_find(facts, contents->index, &contents->arena, found);
	embedded_state_versions(found, contents->changes, &contents->arena);
	embedded_names_find(contents->names, facts, &contents->arena, found);
	looking->results[binary->id] = found;
	inlined_take_names(looking->inlined, binary, facts);
}

/* Every binary that holds code, once, though it may have several names. */
static struct binary **list_binaries(const struct contents_input *input, struct arena *arena,
				     size_t *ret_count)
{
	struct binary **list =
	    arena_alloc_array(arena, input->inventory->files.len + 1, sizeof(*list));
	bool *listed =
	    arena_alloc_array(arena, binaries_count(input->binaries) + 1, sizeof(*listed));

	*ret_count = 0;
	vec_each (file, &input->inventory->files) {
		const struct facts *facts;
		struct binary *binary;

		if (binaries_find(input->binaries, file->canonical, &binary) != STATUS_OK ||
		    !binary->ident.complete || listed[binary->id])
			continue;
		facts = binaries_facts(input->binaries, binary);
		if (!facts || !contents_holds_code(facts))
			continue;
		listed[binary->id] = true;
		list[(*ret_count)++] = binary;
	}
	return list;
}

/* What a build left beside the binaries: read here, where their paths are known. */
static void read_build_files(const struct contents_input *input, struct looking *looking)
{
	struct build_files build;

	build_files_open(&build, binaries_root(input->binaries), looking->contents->index,
			 input->diags);
	vec_each (file, &input->inventory->files) {
		struct binary *binary;

		if (binaries_find(input->binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->id < looking->result_count && looking->results[binary->id])
			build_files_read(&build, file->canonical,
					 binaries_facts(input->binaries, binary),
					 &looking->contents->arena, looking->results[binary->id]);
	}
	build_files_close(&build);
}

static void name_results(const struct contents_input *input, const struct looking *looking,
			 struct contents *ret)
{
	struct embedded_file *list =
	    arena_alloc_array(&ret->arena, input->inventory->files.len + 1, sizeof(*list));

	vec_each (file, &input->inventory->files) {
		struct binary *binary;

		if (binaries_find(input->binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->id < looking->result_count && looking->results[binary->id])
			list[ret->files.count++] =
			    (struct embedded_file){file->canonical, looking->results[binary->id]};
	}
	ret->files.list = list;
}

void contents_init(struct contents *contents)
{
	*contents = (struct contents){0};
	arena_init(&contents->arena);
}

const struct embedded_files *contents_files(const struct contents *contents)
{
	return contents->names ? &contents->files : NULL;
}

void contents_find(const struct contents_input *input, struct contents *ret)
{
	struct looking looking = {.contents = ret, .inlined = input->inlined};
	struct binary **list;
	size_t count;

	open_indexes(input, ret);
	ret->names = embedded_names_open(input->data, &ret->arena, input->diags);
	ret->files.index = ret->index;
	ret->files.code = ret->index != NULL;
	ret->changes = licence_changes_open(input->data, input->diags);
	list = list_binaries(input, &ret->arena, &count);
	looking.result_count = binaries_count(input->binaries);
	looking.results =
	    arena_alloc_array(&ret->arena, looking.result_count + 1, sizeof(*looking.results));
	binaries_stream(input->binaries, list, count,
			FACTS_MODULES | (ret->index ? FACTS_CODE | FACTS_LITERALS : 0) |
			    (input->inlined->table ? FACTS_NAMESPACES : 0),
			take, &looking);
	read_build_files(input, &looking);
	name_results(input, &looking, ret);
	ret->by_id = looking.results;
	ret->count = looking.result_count;
}

void contents_take_units(struct contents *contents, const struct binary *binary,
			 const struct facts *facts)
{
	if (!contents->index || binary->id >= contents->count || !contents->by_id[binary->id] ||
	    !facts->debug_units_count)
		return;
	if (!contents->units)
		contents->units = unit_projects_open(contents->index);
	embedded_units_find(contents->units, facts, &contents->arena, contents->by_id[binary->id]);
	embedded_names_calibrate(contents->names, contents->by_id[binary->id]);
}

void contents_release(struct contents *contents)
{
	unit_projects_close(contents->units);
	if (contents->index)
		index_free(contents->index);
	embedded_names_close(contents->names);
	licence_changes_free(contents->changes);
	arena_release(&contents->arena);
}
