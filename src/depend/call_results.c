/* SPDX-License-Identifier: BSD-2-Clause */
/* What a function of another library returned, given to a call that starts or loads it. */
#include <string.h>

#include "depend/call_edges.h"

void call_results_open(struct call_edges *edges)
{
	vec_each (file, &edges->files)
		for (size_t i = 0; i < file->facts->call_constants_count; i++) {
			const struct facts_call_constant *constant =
			    &file->facts->call_constants[i];
			struct call_result result = {file, constant, 0};
			uint32_t index = (uint32_t)edges->results.len;
			struct map_entry *first;
			bool added;

			if (constant->parameter != FACTS_CONSTANT_RESULT)
				continue;
			first = map_put(&edges->results_by_symbol,
					facts_slice(file->facts, constant->callee), index, &added);
			if (!added) {
				result.next = edges->results.ptr[first->value].next;
				edges->results.ptr[first->value].next = index + (size_t)1;
			}
			vec_push(&edges->results, result);
		}
}

void call_results_release(struct call_edges *edges)
{
	vec_release(&edges->results);
	map_release(&edges->results_by_symbol);
}

void call_results_use(struct call_edges *edges, const struct call_use *use,
		      const struct call_arguments *arguments)
{
	const struct map_entry *entry = map_get(&edges->results_by_symbol, slice_text(use->text));
	size_t i = entry ? entry->value + (size_t)1 : 0;

	for (; i; i = edges->results.ptr[i - 1].next) {
		const struct call_result *result = &edges->results.ptr[i - 1];
		struct call_use found = *use;

		if (!call_edges_needs(use->file, result->file))
			continue;
		found.text = facts_text(result->file->facts, result->constant->text);
		found.detail = arena_printf(&edges->arena, "%s, what %s of %s returns", use->detail,
					    use->text, result->file->path);
		call_edges_use(edges, &found, arguments);
	}
}
