/* SPDX-License-Identifier: BSD-2-Clause */
/* Call sites, their arguments, and how much of the code was looked at. */
#include <stdlib.h>

#include "binary/calls.h"
#include "binary/code_calls.h"
#include "binary/collector.h"
#include "util/budget.h"

void facts_calls(struct elf_input *in, struct facts_builder *builder);

struct writer {
	struct facts_builder *builder;
	struct code_calls *calls;
	uint32_t *order;  /* sites by address */
	struct map texts; /* texts already in the record */
	VEC(struct facts_text) offsets;
	struct arena arena;
};

static const struct code_calls *sorting; /* qsort() has no context; a worker has one thread */

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_address(const void *left, const void *right)
{
	const struct code_site *a = &sorting->sites.ptr[*(const uint32_t *)left];
	const struct code_site *b = &sorting->sites.ptr[*(const uint32_t *)right];

	return a->address != b->address ? compare(a->address, b->address)
					: strcmp(a->row->name, b->row->name);
}

static int by_site(const void *left, const void *right)
{
	const struct code_site_value *a = left, *b = right;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return slice_compare(code_texts_get(&sorting->texts, a->text),
			     code_texts_get(&sorting->texts, b->text));
}

/* Equal texts are in the record once. */
static struct facts_text write_text(struct writer *writer, struct slice text)
{
	const struct map_entry *entry = map_get(&writer->texts, text);
	struct slice copy;

	if (entry)
		return writer->offsets.ptr[entry->value];
	copy = slice_of(arena_copy(&writer->arena, text.ptr, text.len), text.len);
	map_put(&writer->texts, copy, (uint32_t)writer->offsets.len, NULL);
	vec_push(&writer->offsets, facts_builder_text(writer->builder, copy));
	return writer->offsets.ptr[writer->offsets.len - 1];
}

static struct facts_text write_pattern(struct writer *writer, uint32_t text, bool named)
{
	struct code_buffer *buffer = memory_calloc(1, sizeof(*buffer));
	struct facts_text written;

	code_text_pattern(code_texts_get(&writer->calls->texts, text), named, buffer);
	written = write_text(writer, code_buffer_slice(buffer));
	free(buffer);
	return written;
}

static struct facts_text function_name(struct writer *writer, uint64_t function)
{
	const struct code_name *name =
	    function ? code_functions_name(&writer->calls->functions, function) : NULL;

	if (!name)
		return (struct facts_text){0, 0};
	if (name->symbol != UINT32_MAX)
		return writer->builder->symbols.ptr[name->symbol].name;
	return write_text(writer, slice_of(name->text, name->length));
}

static void write_values(struct writer *writer, uint32_t site, size_t *at)
{
	const struct code_calls *calls = writer->calls;

	for (; *at < calls->values.len && calls->values.ptr[*at].site == site; (*at)++) {
		const struct code_site_value *value = &calls->values.ptr[*at];
		bool holes = code_text_has_holes(code_texts_get(&calls->texts, value->text));

		vec_push(&writer->builder->call_values,
			 ((struct facts_call_value){
			     .text = write_pattern(writer, value->text, false),
			     .address = value->address,
			     .caller = value->caller,
			     .source = value->source,
			     .role = value->role,
			     .index = value->index,
			     .flags = holes ? FACTS_VALUE_PATTERN : 0,
			 }));
	}
}

static bool has_name(const struct code_site *site)
{
	return site->row->kind != FACTS_CALL_LISTEN && site->row->kind != FACTS_CALL_ACCEPT;
}

static void count_site(struct facts_code_coverage *coverage, const struct code_site *site)
{
	coverage->sites_total++;
	if (!has_name(site))
		coverage->sites_without_name++;
	else if (!site->reasons && site->any_value)
		coverage->sites_complete++;
	else if (site->value_count)
		coverage->sites_partial++;
	else
		coverage->sites_unresolved++;
}

static void write_sites(struct writer *writer, struct facts_code_coverage *coverage)
{
	struct code_calls *calls = writer->calls;
	struct facts_builder *builder = writer->builder;
	uint32_t *rank = memory_calloc(calls->sites.len + 1, sizeof(*rank));
	size_t at = 0;

	sorting = calls;
	writer->order = memory_calloc(calls->sites.len + 1, sizeof(*writer->order));
	for (uint32_t i = 0; i < calls->sites.len; i++)
		writer->order[i] = i;
	qsort(writer->order, calls->sites.len, sizeof(*writer->order), by_address);
	for (uint32_t i = 0; i < calls->sites.len; i++)
		rank[writer->order[i]] = i;
	vec_each (value, &calls->values)
		value->site = rank[value->site];
	if (calls->values.len)
		qsort(calls->values.ptr, calls->values.len, sizeof(*calls->values.ptr), by_site);
	for (uint32_t i = 0; i < calls->sites.len; i++) {
		const struct code_site *site = &calls->sites.ptr[writer->order[i]];
		uint32_t first = (uint32_t)builder->call_values.len;

		write_values(writer, i, &at);
		vec_push(&builder->call_sites,
			 ((struct facts_call_site){
			     .address = site->address,
			     .function = site->function,
			     .handle = site->handle,
			     .callee = write_text(writer, slice_text(site->row->name)),
			     .function_name = function_name(writer, site->function),
			     .kind = (uint32_t)site->row->kind,
			     .flags = site->flags,
			     .reasons = has_name(site) ? site->reasons : 0,
			     .value_first = first,
			     .value_count = (uint32_t)builder->call_values.len - first,
			 }));
		count_site(coverage, site);
	}
	free(rank);
}

static int by_symbol(const void *left, const void *right)
{
	const struct code_summary *a = left, *b = right;
	const struct code_site *site_a = &sorting->sites.ptr[a->site];
	const struct code_site *site_b = &sorting->sites.ptr[b->site];

	if (a->symbol != b->symbol)
		return a->symbol < b->symbol ? -1 : 1;
	if (site_a->address != site_b->address)
		return compare(site_a->address, site_b->address);
	if (a->role != b->role || a->index != b->index)
		return a->role != b->role ? a->role - b->role : a->index - b->index;
	return slice_compare(code_texts_get(&sorting->texts, a->text),
			     code_texts_get(&sorting->texts, b->text));
}

static void write_summaries(struct writer *writer)
{
	struct code_calls *calls = writer->calls;

	if (calls->summaries.len)
		qsort(calls->summaries.ptr, calls->summaries.len, sizeof(*calls->summaries.ptr),
		      by_symbol);
	vec_each (summary, &calls->summaries) {
		const struct code_site *site = &calls->sites.ptr[summary->site];
		struct slice text = code_texts_get(&calls->texts, summary->text);

		vec_push(&writer->builder->call_summaries,
			 ((struct facts_call_summary){
			     .symbol = writer->builder->symbols.ptr[summary->symbol].name,
			     .pattern = write_pattern(writer, summary->text, true),
			     .site = site->address,
			     .kind = (uint32_t)site->row->kind,
			     .parameter = (uint32_t)code_text_parameter(text),
			     .role = summary->role,
			     .index = summary->index,
			     .vector = summary->mode == FLOW_VECTOR,
			 }));
	}
}

static int by_constant(const void *left, const void *right)
{
	const struct code_constant *a = left, *b = right;

	if (a->symbol != b->symbol)
		return a->symbol < b->symbol ? -1 : 1;
	if (a->target != b->target)
		return compare(a->target, b->target);
	if (a->parameter != b->parameter)
		return a->parameter < b->parameter ? -1 : 1;
	return slice_compare(code_texts_get(&sorting->texts, a->text),
			     code_texts_get(&sorting->texts, b->text));
}

static void write_constants(struct writer *writer)
{
	struct code_calls *calls = writer->calls;

	if (calls->constants.len)
		qsort(calls->constants.ptr, calls->constants.len, sizeof(*calls->constants.ptr),
		      by_constant);
	vec_each (constant, &calls->constants)
		vec_push(
		    &writer->builder->call_constants,
		    ((struct facts_call_constant){
			.callee = constant->symbol == CODE_NO_SYMBOL
				      ? function_name(writer, constant->target)
				      : writer->builder->symbols.ptr[constant->symbol].name,
			.text = write_text(writer, code_texts_get(&calls->texts, constant->text)),
			.site = constant->call,
			.target = constant->target,
			.parameter = constant->parameter,
		    }));
}

static void finish(struct writer *writer, struct facts_code_coverage *coverage)
{
	const struct code_calls *calls = writer->calls;

	coverage->flags |= FACTS_COVERAGE_DECODED;
	if (calls->coverage.limited || calls->flow.limited)
		coverage->flags |= FACTS_COVERAGE_LIMIT;
	if (calls->constants_limited)
		coverage->flags |= FACTS_COVERAGE_CONSTANTS_LIMIT;
	if (!writer->builder->symbols.len && !calls->functions.names.len)
		coverage->flags |= FACTS_COVERAGE_UNNAMED;
	coverage->selected_bytes = calls->coverage.selected;
	coverage->decoded_bytes = calls->coverage.decoded;
	coverage->undecoded_bytes = calls->coverage.undecoded;
	coverage->functions_total = (uint32_t)calls->functions.list.len;
	coverage->functions_decoded = (uint32_t)calls->coverage.functions;
	if (coverage->flags & FACTS_COVERAGE_LIMIT)
		facts_builder_diag(writer->builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "recovery of call arguments was cut short");
	if (coverage->flags & FACTS_COVERAGE_CONSTANTS_LIMIT)
		facts_builder_diag(writer->builder, DIAG_CODE_NAMES_LIMIT, DIAG_NO_OFFSET, "%s",
				   "");
}

/* A file without a call of interest loses nothing. */
static void say_not_decoded(struct facts_builder *builder, const struct code_image *image)
{
	size_t count = 0;
	const char *first = NULL;

	vec_each (symbol, &builder->symbols) {
		struct slice name =
		    slice_of(builder->strings.ptr + symbol->name.offset, symbol->name.length);
		const struct call_row *row = NULL;

		if (symbol->flags & FACTS_SYMBOL_UNDEFINED)
			row = call_row_find(name);
		if (call_row_makes_edge(row) && !count++)
			first = row->name;
	}
	if (image->code_bytes && count)
		facts_builder_diag(builder, DIAG_CODE_NOT_DECODED, DIAG_NO_OFFSET,
				   "%zu imported functions, %s among them", count, first);
}

void facts_calls(struct elf_input *in, struct facts_builder *builder)
{
	struct facts_code_coverage coverage = {0};
	struct code_calls calls;
	struct writer writer = {.builder = builder, .calls = &calls};

	if (in->header.e_type != ET_EXEC && in->header.e_type != ET_DYN)
		return;
	arena_init(&writer.arena);
	if (!code_calls_run(in, builder, &calls)) {
		say_not_decoded(builder, &calls.image);
	} else {
		write_sites(&writer, &coverage);
		write_summaries(&writer);
		write_constants(&writer);
		finish(&writer, &coverage);
	}
	coverage.code_bytes = calls.image.code_bytes;
	vec_push(&builder->code_coverage, coverage);
	code_calls_release(&calls);
	map_release(&writer.texts);
	vec_release(&writer.offsets);
	arena_release(&writer.arena);
	free(writer.order);
}
