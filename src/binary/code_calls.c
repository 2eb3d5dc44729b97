/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_calls.h"

#include <stdlib.h>

#include "util/budget.h"

#define RESULT_ROUNDS 3 /* a function that needs a result that needs a result */

struct site_key {
	uint64_t address;
	const struct call_row *row;
};

uint32_t code_calls_site(struct code_calls *calls, uint64_t address, const struct call_row *row,
			 uint32_t flags)
{
	struct site_key key = {address, row};
	const struct map_entry *entry = map_get(&calls->site_map, slice_of(&key, sizeof(key)));

	if (entry) {
		calls->sites.ptr[entry->value].flags |= flags;
		return entry->value;
	}
	if (calls->sites.len >= BUDGET_CODE_SITES) {
		calls->coverage.limited = true;
		return UINT32_MAX;
	}
	map_put(&calls->site_map, code_calls_key(calls, &key, sizeof(key)),
		(uint32_t)calls->sites.len, NULL);
	vec_push(&calls->sites,
		 ((struct code_site){
		     .address = address, .function = calls->function, .row = row, .flags = flags}));
	return (uint32_t)calls->sites.len - 1;
}

struct reason_key {
	uint64_t function;
	uint32_t site, pass;
};

void code_calls_reason(struct code_calls *calls, uint32_t site, uint32_t reasons)
{
	struct reason_key key = {calls->function, site, calls->pass};
	struct map_entry *entry;
	bool added;

	if (!reasons)
		return;
	if (!map_get(&calls->reason_map, slice_of(&key, sizeof(key)))) {
		map_put(&calls->reason_map, code_calls_key(calls, &key, sizeof(key)),
			(uint32_t)calls->reasons.len, NULL);
		vec_push(&calls->reasons,
			 ((struct code_reason){calls->function, site, calls->pass, 0}));
	}
	entry = map_put(&calls->reason_map, slice_of(&key, sizeof(key)), 0, &added);
	calls->reasons.ptr[entry->value].reasons |= reasons;
}

/* A function is followed anew in this pass: what it left open is found again. */
static void forget_reasons(struct code_calls *calls, uint64_t function)
{
	vec_each (reason, &calls->reasons)
		if (reason->function == function && reason->pass == calls->pass)
			reason->reasons = 0;
}

static bool symbol_is_internal(const struct code_calls *calls, uint32_t symbol)
{
	return symbol == CODE_NO_SYMBOL ||
	       !(calls->image.builder->symbols.ptr[symbol].flags & FACTS_SYMBOL_UNDEFINED);
}

static void on_store(void *context, struct code_flow *flow, const struct code_state *state,
		     uint64_t store, uint64_t address, code_value value)
{
	struct code_calls *calls = context;

	(void)flow;
	code_targets_add(&calls->seen_calls, store);
	code_calls_variable(calls, state, store, address, value);
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	struct code_calls *calls = context;
	uint32_t flags = 0, site;

	(void)flow;
	if (call->callee.target)
		code_targets_add(&calls->seen_calls, call->op->address);
	if (call->callee.symbol != CODE_NO_SYMBOL && call->is_indirect)
		vec_push(&calls->indirect_symbols, call->callee.symbol);
	if (call_row_makes_edge(call->callee.row)) {
		if (call->is_tail)
			flags |= FACTS_CALL_TAIL;
		if (call->is_indirect)
			flags |= FACTS_CALL_INDIRECT;
		if (symbol_is_internal(calls, call->callee.symbol))
			flags |= FACTS_CALL_INTERNAL;
		site = code_calls_site(calls, call->op->address, call->callee.row, flags);
		if (site != UINT32_MAX) {
			if (call->is_seeded)
				code_calls_reason(calls, site, FACTS_REASON_NOT_REACHED);
			code_calls_arguments(calls, call, site);
		}
	}
	code_calls_parameters(calls, call);
}

/* The function that a reference leads to, when it is one of the table. */
static const struct call_row *referenced_row(const struct code_calls *calls,
					     const struct code_reference *reference,
					     uint32_t *ret_symbol)
{
	struct code_callee callee;

	*ret_symbol = code_callees_slot(&calls->callees, reference->target);
	if (*ret_symbol != CODE_NO_SYMBOL)
		return *ret_symbol < calls->callees.row_count ? calls->callees.rows[*ret_symbol]
							      : NULL;
	callee = code_callees_at(&calls->callees, reference->target);
	*ret_symbol = callee.symbol;
	return callee.row;
}

static bool was_called(const struct code_calls *calls, uint32_t symbol, uint64_t target)
{
	for (size_t i = 0; i < calls->indirect_symbols.len; i++)
		if (calls->indirect_symbols.ptr[i] == symbol ||
		    calls->indirect_symbols.ptr[i] == target)
			return true;
	return false;
}

/* A caller, or a store to a variable, that the values did not come past. */
static void check_caller(struct code_calls *calls, const struct code_reference *reference,
			 uint64_t address, bool undecoded)
{
	uint64_t target = reference->target;
	uint32_t symbol, index;

	if (reference->kind == REFERENCE_LOAD || reference->kind == REFERENCE_ADDRESS ||
	    code_targets_hold(&calls->seen_calls, address))
		return;
	symbol = code_callees_stub(&calls->callees, target);
	if (symbol == CODE_NO_SYMBOL)
		symbol = code_callees_slot(&calls->callees, target);
	if (symbol != CODE_NO_SYMBOL)
		target = calls->image.builder->symbols.ptr[symbol].value;
	index = code_calls_first_parameter(calls, target);
	while (index != UINT32_MAX) {
		const struct code_parameter *parameter = &calls->parameters.ptr[index];

		/* Arguments of a program leave a site open no more than they do elsewhere. */
		if (parameter->role != FACTS_ROLE_ARGUMENT)
			code_calls_reason(calls, parameter->site,
					  undecoded ? FACTS_REASON_NOT_DECODED
						    : FACTS_REASON_NOT_REACHED);
		index = parameter->next - 1;
	}
}

/* A reference that did not show up as a call: an address that is kept, or code that was not seen.
 */
static void check_reference(struct code_calls *calls, const struct code_reference *reference)
{
	struct code_unit *unit = &calls->flow.unit;
	size_t operation = code_unit_operation(unit, reference->from);
	const struct code_unit_range *range = code_unit_range(unit, reference->from);
	uint64_t address = reference->from;
	const struct call_row *row;
	uint32_t symbol, site;
	struct site_key key;

	row = referenced_row(calls, reference, &symbol);
	if (operation != SIZE_MAX)
		address = unit->ops.ptr[operation].address;
	else if (range && !range->truncated)
		return; /* not the start of an instruction: the bytes only look like one */
	check_caller(calls, reference, address, operation == SIZE_MAX);
	if (!call_row_makes_edge(row))
		return;
	if (operation != SIZE_MAX &&
	    (reference->kind == REFERENCE_LOAD || reference->kind == REFERENCE_ADDRESS)) {
		if (was_called(calls, symbol, reference->target))
			return;
		site = code_calls_site(calls, address, row, FACTS_CALL_ADDRESS_TAKEN);
		if (site != UINT32_MAX)
			code_calls_reason(calls, site, FACTS_REASON_ADDRESS_TAKEN);
		return;
	}
	key = (struct site_key){address, row};
	if (map_get(&calls->site_map, slice_of(&key, sizeof(key))))
		return;
	site = code_calls_site(calls, address, row, 0);
	if (site != UINT32_MAX)
		code_calls_reason(calls, site,
				  operation == SIZE_MAX ? FACTS_REASON_NOT_DECODED
							: FACTS_REASON_NOT_REACHED);
}

static void count_coverage(struct code_calls *calls, const struct code_function *function)
{
	struct code_unit *unit = &calls->flow.unit;
	struct code_coverage *coverage = &calls->coverage;
	uint64_t selected = 0;

	if (code_targets_hold(&coverage->seen, function->start))
		return;
	code_targets_add(&coverage->seen, function->start);
	for (size_t i = 0; i < unit->range_count; i++) {
		selected += unit->ranges[i].function.end - unit->ranges[i].function.start;
		if (i)
			code_targets_add(&coverage->joined, unit->ranges[i].function.start);
	}
	coverage->selected += selected;
	coverage->decoded += unit->counts.decoded;
	coverage->undecoded += unit->counts.undecoded;
	coverage->functions++;
}

void code_calls_function(struct code_calls *calls, const struct code_function *function,
			 const struct code_reference *references, size_t count)
{
	uint64_t *addresses = memory_calloc(count + 1, sizeof(*addresses));
	struct code_question question = {.sites = addresses,
					 .site_count = count,
					 .on_call = on_call,
					 .on_store = on_store,
					 .context = calls};
	uint32_t first = (uint32_t)calls->sites.len;
	bool decoded = false;

	for (size_t i = 0; i < count; i++) {
		addresses[i] = references[i].from;
		question.indirect_calls |=
		    references[i].kind == REFERENCE_LOAD || references[i].kind == REFERENCE_ADDRESS;
	}
	calls->function = function->start;
	calls->indirect_symbols.len = 0;
	if (calls->decoded_bytes < BUDGET_CODE_DECODED && calls->flow.steps < BUDGET_CODE_STEPS) {
		decoded = code_flow_function(&calls->flow, function, &question);
		calls->decoded_bytes +=
		    calls->flow.unit.counts.decoded + calls->flow.unit.counts.undecoded;
	} else {
		calls->coverage.limited = true;
	}
	if (!decoded)
		calls->flow.unit.range_count = 0;
	else
		count_coverage(calls, function);
	for (size_t i = 0; i < count; i++)
		check_reference(calls, &references[i]);
	for (uint32_t i = first; calls->flow.function_limited && i < calls->sites.len; i++)
		code_calls_reason(calls, i, FACTS_REASON_LIMIT);
	free(addresses);
}

static int by_from(const void *left, const void *right)
{
	const struct code_reference *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->target > b->target) - (a->target < b->target);
}

/* Code that no frame or symbol describes is cut at the targets of calls into it. */
static void describe_code(struct code_calls *calls, uint64_t low, uint64_t high)
{
	struct code_references starts = {0};
	VEC(uint64_t) list = {0};

	code_scan_starts(&calls->image, low, high, &starts);
	vec_push(&list, calls->image.in->header.e_entry);
	for (size_t i = 0; i < starts.len; i++)
		vec_push(&list, starts.ptr[i].target);
	vec_each (range, &calls->image.code)
		if (range->address >= low && range->address < high)
			vec_push(&list, range->address);
	code_functions_add_starts(&calls->functions, &calls->image, list.ptr, list.len);
	free(starts.ptr);
	vec_release(&list);
}

static void describe_gaps(struct code_calls *calls, const struct code_references *references)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < references->len; i++) {
		uint64_t from = references->ptr[i].from;
		const struct code_range *range = code_image_code(&calls->image, from);

		if (!range || range->is_plt || code_functions_find(&calls->functions, from))
			continue;
		low = range->address < low ? range->address : low;
		if (range->address + range->bytes.len > high)
			high = range->address + range->bytes.len;
	}
	if (low < high)
		describe_code(calls, low, high);
}

/* Functions that jump into the ranges which hold references. */
static void follow_fragments(struct code_calls *calls, const struct code_references *references)
{
	struct code_references jumps = {0};
	struct code_targets none = {0};
	VEC(struct code_function) ranges = {0};
	VEC(struct code_reference) inside = {0};

	for (size_t i = 0; i < references->len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);

		if (function && function->is_fragment &&
		    (!ranges.len || ranges.ptr[ranges.len - 1].start != function->start))
			vec_push(&ranges, *function);
	}
	if (ranges.len)
		code_scan(&calls->image, &none, ranges.ptr, ranges.len, false, &jumps);
	if (jumps.len)
		qsort(jumps.ptr, jumps.len, sizeof(*jumps.ptr), by_from);
	for (size_t i = 0, next; i < jumps.len; i = next) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, jumps.ptr[i].from);

		inside.len = 0;
		for (next = i; next < jumps.len && function && jumps.ptr[next].from < function->end;
		     next++) {
			const struct code_function *into =
			    code_functions_find(&calls->functions, jumps.ptr[next].target);

			for (size_t r = 0; into && r < references->len; r++)
				if (references->ptr[r].from >= into->start &&
				    references->ptr[r].from < into->end)
					vec_push(&inside, references->ptr[r]);
		}
		next = next == i ? i + 1 : next;
		if (inside.len)
			code_calls_function(calls, function, inside.ptr, inside.len);
	}
	free(jumps.ptr);
	vec_release(&ranges);
	vec_release(&inside);
}

/* References of one function, next to each other in the list. */
struct group {
	struct code_function function;
	size_t first, count;
};

struct groups {
	struct group *ptr;
	size_t len, cap;
};

static void make_groups(struct code_calls *calls, const struct code_references *references,
			struct groups *groups)
{
	for (size_t i = 0, next; i < references->len; i = next) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);

		next = i + 1;
		if (!function) {
			calls->function = 0;
			calls->flow.unit.range_count = 0;
			check_reference(calls, &references->ptr[i]);
			continue;
		}
		while (next < references->len && references->ptr[next].from < function->end)
			next++;
		/* Seen already as part of the function it was split off? */
		if (!function->is_fragment ||
		    !code_targets_hold(&calls->coverage.joined, function->start))
			vec_push(groups, ((struct group){*function, i, next - i}));
	}
}

/* Follows groups; keeps those that wait for what some function returns. */
static void follow_groups(struct code_calls *calls, const struct code_references *references,
			  struct groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->len; i++) {
		struct group group = groups->ptr[i];
		size_t asked = calls->returns.asked;

		forget_reasons(calls, group.function.start);
		code_calls_function(calls, &group.function, references->ptr + group.first,
				    group.count);
		if (calls->returns.asked != asked)
			groups->ptr[kept++] = group;
	}
	groups->len = kept;
}

void code_calls_follow(struct code_calls *calls, struct code_references *references)
{
	struct groups groups = {0};

	if (!references->len)
		return;
	calls->pass++;
	calls->coverage.limited |= references->limited;
	qsort(references->ptr, references->len, sizeof(*references->ptr), by_from);
	describe_gaps(calls, references);
	follow_fragments(calls, references);
	calls->pass++; /* what they left open stays when the same functions are followed again */
	make_groups(calls, references, &groups);
	for (unsigned round = 0; round < RESULT_ROUNDS && groups.len; round++) {
		follow_groups(calls, references, &groups);
		if (!groups.len || !code_results_answer(&calls->flow))
			break;
	}
	free(groups.ptr);
}

/* Words of data that hold the address of an interesting function: called from anywhere. */
static void data_references(struct code_calls *calls)
{
	calls->function = 0;
	vec_each (relocation, &calls->image.relocations) {
		const struct call_row *row = relocation->symbol < calls->callees.row_count
						 ? calls->callees.rows[relocation->symbol]
						 : NULL;
		uint32_t site;

		if (!relocation->symbol || relocation->is_slot || !call_row_makes_edge(row))
			continue;
		site = code_calls_site(calls, relocation->address, row, FACTS_CALL_ADDRESS_TAKEN);
		if (site != UINT32_MAX)
			code_calls_reason(calls, site, FACTS_REASON_ADDRESS_TAKEN);
	}
}

static bool is_target(const struct call_row *row)
{
	return call_row_makes_edge(row) || (row && (row->effect == EFFECT_FORMAT_LIST ||
						    row->effect == EFFECT_FORMAT_LIST_POINTER));
}

/* Whether any makes an edge; those that put texts together come with them. */
static bool find_targets(const struct code_calls *calls, struct code_targets *targets)
{
	bool wanted = false;

	vec_each (relocation, &calls->image.relocations)
		if (relocation->is_slot && relocation->symbol < calls->callees.row_count &&
		    is_target(calls->callees.rows[relocation->symbol])) {
			code_targets_add(targets, relocation->address);
			wanted |= call_row_makes_edge(calls->callees.rows[relocation->symbol]);
		}
	for (size_t i = 0; i < calls->callees.stubs.len; i++)
		if (code_targets_hold(targets, calls->callees.stubs.ptr[i].slot))
			code_targets_add(targets, calls->callees.stubs.ptr[i].start);
	vec_each (internal, &calls->callees.internal)
		if (internal->row->kind >= 0) {
			code_targets_add(targets, internal->address);
			wanted = true;
		}
	return wanted;
}

/* Takes out the calls of vasprintf() and its like; they are no sites. */
static void split_formats(const struct code_calls *calls, struct code_references *references,
			  struct code_references *formats)
{
	size_t kept = 0;

	for (size_t i = 0; i < references->len; i++) {
		uint32_t symbol;
		const struct call_row *row = referenced_row(calls, &references->ptr[i], &symbol);

		if (row && row->kind < 0)
			vec_push(formats, references->ptr[i]);
		else
			references->ptr[kept++] = references->ptr[i];
	}
	references->len = kept;
}

/* In files without sections, stubs look like jumps through a slot: they are no sites. */
static void drop_stub_jumps(const struct code_calls *calls, struct code_references *references)
{
	size_t kept = 0;

	for (size_t i = 0; i < references->len; i++) {
		const struct code_reference *reference = &references->ptr[i];
		const struct code_range *range = code_image_code(&calls->image, reference->from);
		uint64_t start = reference->from;
		size_t at;

		if (reference->kind == REFERENCE_SLOT_JUMP && range &&
		    !calls->image.builder->sections.len) {
			at = (size_t)(reference->from - range->address);
			if (at >= 5 && range->bytes.ptr[at - 1] == 0xf2)
				start -= 5;
			else if (at >= 4 && code_read32(range->bytes.ptr + at - 4) == 0xfa1e0ff3)
				start -= 4;
			if (start % 16 == 0 ||
			    (start % 8 == 0 && range->bytes.len - at > 7 &&
			     range->bytes.ptr[at + 6] == 0x66 && range->bytes.ptr[at + 7] == 0x90))
				continue;
		}
		references->ptr[kept++] = *reference;
	}
	references->len = kept;
}

bool code_calls_run(struct elf_input *in, struct facts_builder *builder, struct code_calls *ret)
{
	struct code_references references = {0}, formats = {0};
	struct code_targets targets = {0};
	bool wanted;

	*ret = (struct code_calls){0};
	if (!code_image_open(in, builder, &ret->image))
		return false;
	ret->decoder = code_decoder_new(in->header.e_machine);
	if (!ret->decoder)
		return false;
	arena_init(&ret->arena);
	code_texts_init(&ret->texts, &ret->arena);
	code_functions_read(&ret->image, &ret->functions);
	code_callees_read(&ret->image, &ret->functions, &ret->callees);
	code_flow_init(&ret->flow, &ret->image, &ret->callees, &ret->functions, ret->decoder,
		       &ret->texts);
	ret->returns.arena = &ret->arena;
	ret->flow.returns = &ret->returns;
	wanted = find_targets(ret, &targets);
	if (!ret->functions.from_frames && wanted)
		describe_code(ret, 0, UINT64_MAX);
	if (wanted)
		code_scan(&ret->image, &targets, NULL, 0, false, &references);
	drop_stub_jumps(ret, &references);
	split_formats(ret, &references, &formats);
	code_calls_wrappers(ret, &formats);
	code_calls_follow(ret, &references);
	data_references(ret);
	code_calls_callers(ret);
	vec_each (reason, &ret->reasons)
		ret->sites.ptr[reason->site].reasons |= reason->reasons;
	code_calls_constants(ret);
	code_calls_paths(ret);
	code_calls_names(ret);
	code_calls_lines(ret);
	code_calls_choosers(ret);
	code_calls_words(ret);
	code_calls_exports(ret);
	/* Something must have been missed where neither a value nor a reason is known. */
	vec_each (site, &ret->sites)
		if (!site->reasons && !site->any_value)
			site->reasons = FACTS_REASON_NOT_REACHED;
	code_targets_release(&targets);
	free(references.ptr);
	free(formats.ptr);
	return true;
}

void code_calls_release(struct code_calls *calls)
{
	code_flow_release(&calls->flow);
	code_decoder_free(calls->decoder);
	code_callees_release(&calls->callees);
	code_functions_release(&calls->functions);
	code_image_close(&calls->image);
	code_texts_release(&calls->texts);
	arena_release(&calls->arena);
	map_release(&calls->site_map);
	map_release(&calls->value_map);
	map_release(&calls->parameter_map);
	map_release(&calls->parameter_functions);
	map_release(&calls->summary_map);
	map_release(&calls->reason_map);
	map_release(&calls->returns.map);
	vec_release(&calls->returns.list);
	vec_release(&calls->reasons);
	code_targets_release(&calls->starters);
	code_targets_release(&calls->seen_calls);
	code_targets_release(&calls->coverage.seen);
	code_targets_release(&calls->coverage.joined);
	vec_release(&calls->sites);
	vec_release(&calls->values);
	vec_release(&calls->parameters);
	vec_release(&calls->summaries);
	vec_release(&calls->constants);
	vec_release(&calls->indirect_symbols);
}
