/* SPDX-License-Identifier: BSD-2-Clause */
/* Which functions a file calls by name: imports through stubs and slots, and its own. */
#include <stdlib.h>

#include "binary/code_flow.h"

static int by_address(const void *left, const void *right)
{
	const struct code_internal *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	/* Of several names for one function, not the one with underscores. */
	if ((a->row->name[0] == '_') != (b->row->name[0] == '_'))
		return a->row->name[0] == '_' ? 1 : -1;
	return strcmp(a->row->name, b->row->name);
}

/* Not for a program that has a function of its own called, say, bind: only where the file is, or
 * holds, a C library. */
static bool holds_c_library(const struct code_image *image)
{
	bool needs = false;

	vec_each (entry, &image->builder->dynamic)
		needs |= entry->tag == DT_NEEDED;
	return !needs;
}

static void read_rows(const struct code_image *image, struct code_callees *callees)
{
	const struct facts_builder *builder = image->builder;

	callees->row_count = builder->symbols.len;
	callees->rows = memory_calloc(callees->row_count + 1, sizeof(*callees->rows));
	for (size_t i = 1; i < builder->symbols.len; i++) {
		struct facts_text name = builder->symbols.ptr[i].name;

		callees->rows[i] =
		    call_row_find(slice_of(builder->strings.ptr + name.offset, name.length));
	}
}

static void read_internal(const struct code_image *image, const struct code_functions *functions,
			  struct code_callees *callees)
{
	bool dynamic = false, own = holds_c_library(image);

	vec_each (entry, &image->builder->dynamic)
		dynamic |= entry->tag == DT_SONAME;
	callees->uses_symtab = own && !dynamic;
	vec_each (name, &functions->names) {
		const struct call_row *row;

		if (!name->is_function || (name->is_local && !callees->uses_symtab) ||
		    !code_image_code(image, name->address))
			continue;
		/* Interposers and sanitizers export the names of the C library too. */
		if (!own && !name->is_exported)
			continue;
		row = call_row_find(slice_of(name->text, name->length));
		if (row)
			vec_push(&callees->internal, ((struct code_internal){name->address, row}));
	}
	if (callees->internal.len)
		qsort(callees->internal.ptr, callees->internal.len, sizeof(*callees->internal.ptr),
		      by_address);
}

void code_callees_read(struct code_image *image, const struct code_functions *functions,
		       struct code_callees *ret)
{
	struct code_targets slots = {0};

	*ret = (struct code_callees){.image = image};
	read_rows(image, ret);
	read_internal(image, functions, ret);
	vec_each (relocation, &image->relocations)
		if (relocation->is_slot && relocation->symbol)
			code_targets_add(&slots, relocation->address);
	if (slots.len)
		code_scan_stubs(image, &slots, &ret->stubs);
	code_targets_release(&slots);
}

void code_callees_add(struct code_callees *callees, const struct code_internal *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vec_push(&callees->internal, list[i]);
	if (count)
		qsort(callees->internal.ptr, callees->internal.len, sizeof(*callees->internal.ptr),
		      by_address);
}

void code_callees_release(struct code_callees *callees)
{
	free(callees->rows);
	free(callees->stubs.ptr);
	vec_release(&callees->internal);
}

uint32_t code_callees_slot(const struct code_callees *callees, uint64_t address)
{
	const struct code_relocation *first;
	size_t count;

	code_image_relocations(callees->image, address, address + 1, &first, &count);
	return count && first->is_slot && first->symbol ? first->symbol : CODE_NO_SYMBOL;
}

uint32_t code_callees_stub(const struct code_callees *callees, uint64_t address)
{
	size_t low = 0, high = callees->stubs.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_stub *stub = &callees->stubs.ptr[middle];

		if (stub->start == address)
			return code_callees_slot(callees, stub->slot);
		if (stub->start < address)
			low = middle + 1;
		else
			high = middle;
	}
	return CODE_NO_SYMBOL;
}

static const struct call_row *internal_row(const struct code_callees *callees, uint64_t address)
{
	size_t low = 0, high = callees->internal.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (callees->internal.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < callees->internal.len && callees->internal.ptr[low].address == address)
		return callees->internal.ptr[low].row;
	return NULL;
}

struct code_callee code_callees_at(const struct code_callees *callees, uint64_t address)
{
	struct code_callee callee = {.symbol = code_callees_stub(callees, address)};
	const struct facts_symbol *symbol;

	if (callee.symbol == CODE_NO_SYMBOL) {
		callee.target = address;
		callee.row = internal_row(callees, address);
		return callee;
	}
	callee.row = callee.symbol < callees->row_count ? callees->rows[callee.symbol] : NULL;
	/* The file's own function, called through a stub because it may be interposed. */
	symbol = &callees->image->builder->symbols.ptr[callee.symbol];
	if (!(symbol->flags & FACTS_SYMBOL_UNDEFINED))
		callee.target = symbol->value;
	return callee;
}
