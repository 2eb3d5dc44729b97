/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/inlined.h"

#include "scan/contents.h"

static const struct inline_seen **place(struct inlined *inlined, bool names, size_t id)
{
	if (names) {
		while (inlined->names.len <= id)
			vec_push(&inlined->names, NULL);
		return &inlined->names.ptr[id];
	}
	while (inlined->lines.len <= id)
		vec_push(&inlined->lines, NULL);
	return &inlined->lines.ptr[id];
}

void inlined_init(struct inlined *inlined)
{
	*inlined = (struct inlined){0};
	arena_init(&inlined->arena);
}

void inlined_open(struct inlined *inlined, const char *data, struct diags *diags)
{
	inlined->table = inline_table_open(data, diags);
}

void inlined_take_names(struct inlined *inlined, const struct binary *binary,
			const struct facts *facts)
{
	if (inlined->table)
		*place(inlined, true, binary->id) =
		    inline_names_find(inlined->table, facts, &inlined->arena);
}

void inlined_take_lines(struct inlined *inlined, const struct binary *binary,
			const struct facts *facts)
{
	if (inlined->table)
		*place(inlined, false, binary->id) =
		    inline_lines_find(inlined->table, facts, &inlined->arena);
}

void inlined_join(struct inlined *inlined, struct binaries *binaries,
		  const struct inventory *inventory)
{
	struct inline_file *list =
	    arena_alloc_array(&inlined->arena, inventory->files.len + 1, sizeof(*list));

	inlined->files.list = list;
	if (!inlined->table)
		return;
	vec_each (file, &inventory->files) {
		const struct inline_seen *names, *lines;
		const struct facts *facts;
		struct binary *binary;

		if (binaries_find(binaries, file->canonical, &binary) != STATUS_OK)
			continue;
		names = *place(inlined, true, binary->id);
		lines = *place(inlined, false, binary->id);
		if (!names && !lines)
			continue;
		facts = binaries_facts(binaries, binary);
		if (facts && contents_holds_code(facts))
			list[inlined->files.count++] = (struct inline_file){
			    file->canonical,
			    inline_code_join(inlined->table, facts, names, lines, &inlined->arena)};
	}
}

const struct inline_files *inlined_files(const struct inlined *inlined)
{
	return inlined->table ? &inlined->files : NULL;
}

void inlined_release(struct inlined *inlined)
{
	inline_table_close(inlined->table);
	vec_release(&inlined->names);
	vec_release(&inlined->lines);
	arena_release(&inlined->arena);
}
