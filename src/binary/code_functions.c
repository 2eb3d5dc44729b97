/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_functions.h"

#include <stdlib.h>

#include "util/budget.h"

static int by_start(const void *left, const void *right)
{
	const struct code_function *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

/* Exported before local, then by text: the first name of an address is its best one. */
static int by_name(const void *left, const void *right)
{
	const struct code_name *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->is_exported != b->is_exported)
		return a->is_exported ? -1 : 1;
	if (a->is_local != b->is_local)
		return a->is_local ? 1 : -1;
	return strcmp(a->text, b->text);
}

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static bool usable(uint8_t type, uint16_t section)
{
	return section != SHN_UNDEF && section != SHN_ABS &&
	       (type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC);
}

static void add_dynamic_names(const struct code_image *image, struct code_functions *functions)
{
	const struct facts_builder *builder = image->builder;

	for (size_t i = 1; i < builder->symbols.len; i++) {
		const struct facts_symbol *symbol = &builder->symbols.ptr[i];

		if (!usable(symbol->type, symbol->section) || !symbol->name.length)
			continue;
		vec_push(&functions->names,
			 ((struct code_name){
			     .address = symbol->value,
			     .size = symbol->size,
			     .text = builder->strings.ptr + symbol->name.offset,
			     .length = symbol->name.length,
			     .symbol = (uint32_t)i,
			     .is_function = symbol->type != STT_OBJECT,
			     .is_exported = symbol->binding != STB_LOCAL &&
					    !(symbol->flags & FACTS_SYMBOL_VERSION_LOCAL)}));
	}
}

static void add_symtab(const struct code_image *image, struct code_functions *functions,
		       struct slice table, struct slice names)
{
	size_t count = table.len / sizeof(Elf64_Sym);

	if (count > BUDGET_SYMBOLS)
		count = BUDGET_SYMBOLS;
	(void)image;
	for (size_t i = 1; i < count; i++) {
		const uint8_t *at = table.ptr + i * sizeof(Elf64_Sym);
		uint8_t type = ELF64_ST_TYPE(at[4]);
		uint16_t section = (uint16_t)code_read(at + 6, 2);
		const char *text;
		size_t length;

		if (!usable(type, section) ||
		    !slice_cstr(names, code_read(at, 4), &text, &length) || !length ||
		    length > BUDGET_STRING_LENGTH)
			continue;
		vec_push(&functions->names,
			 ((struct code_name){.address = code_read(at + 8, 8),
					     .size = code_read(at + 16, 8),
					     .text = text,
					     .length = (uint32_t)length,
					     .symbol = UINT32_MAX,
					     .is_function = type != STT_OBJECT,
					     .is_local = ELF64_ST_BIND(at[4]) == STB_LOCAL}));
	}
}

static void add_static_names(const struct code_image *image, struct code_functions *functions)
{
	const struct facts_builder *builder = image->builder;

	vec_each (section, &builder->sections) {
		const struct facts_section *strings;
		struct slice table, names;

		if (section->type != SHT_SYMTAB || section->link >= builder->sections.len)
			continue;
		strings = &builder->sections.ptr[section->link];
		if (slice_sub(image->in->bytes, section->offset, section->size, &table) &&
		    slice_sub(image->in->bytes, strings->offset, strings->size, &names))
			add_symtab(image, functions, table, names);
	}
}

/* Sorts, drops repetitions, and cuts a range where the next one starts. */
static void settle(struct code_functions *functions)
{
	size_t kept = 0;

	if (!functions->list.len)
		return;
	qsort(functions->list.ptr, functions->list.len, sizeof(*functions->list.ptr), by_start);
	for (size_t i = 0; i < functions->list.len; i++) {
		struct code_function *last = kept ? &functions->list.ptr[kept - 1] : NULL;
		struct code_function next = functions->list.ptr[i];

		if (last && last->start == next.start) {
			last->end = next.end;
			continue;
		}
		if (last && last->end > next.start)
			last->end = next.start;
		functions->list.ptr[kept++] = next;
	}
	functions->list.len = kept;
}

/* Symbols only fill gaps: a symbol inside a described frame is a label or an alias. */
static void add_symbol_functions(const struct code_image *image, struct code_functions *functions)
{
	size_t known = functions->list.len;
	struct code_functions frames = {.list = {functions->list.ptr, known, known}};
	VEC(struct code_function) added = {0};

	vec_each (name, &functions->names)
		if (name->is_function && name->size && name->address + name->size > name->address &&
		    code_image_code(image, name->address) &&
		    !code_functions_find(&frames, name->address))
			vec_push(&added, ((struct code_function){name->address,
								 name->address + name->size}));
	vec_each (function, &added)
		vec_push(&functions->list, *function);
	vec_release(&added);
	settle(functions);
}

void code_functions_read(struct code_image *image, struct code_functions *ret)
{
	*ret = (struct code_functions){0};
	add_dynamic_names(image, ret);
	add_static_names(image, ret);
	if (ret->names.len)
		qsort(ret->names.ptr, ret->names.len, sizeof(*ret->names.ptr), by_name);
	code_frames_read(image, ret);
	settle(ret);
	add_symbol_functions(image, ret);
}

void code_functions_release(struct code_functions *functions)
{
	vec_release(&functions->list);
	vec_release(&functions->names);
}

const struct code_function *code_functions_find(const struct code_functions *functions,
						uint64_t address)
{
	size_t low = 0, high = functions->list.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_function *function = &functions->list.ptr[middle];

		if (address < function->start)
			high = middle;
		else if (address >= function->end)
			low = middle + 1;
		else
			return function;
	}
	return NULL;
}

/* Where code that starts here must end: at the next known function or the end of its range. */
static uint64_t gap_end(const struct code_functions *functions, const struct code_range *range,
			uint64_t address)
{
	uint64_t end = range->address + range->bytes.len;
	size_t low = 0, high = functions->list.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (functions->list.ptr[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < functions->list.len && functions->list.ptr[low].start < end)
		end = functions->list.ptr[low].start;
	return end;
}

void code_functions_add_starts(struct code_functions *functions, const struct code_image *image,
			       uint64_t *starts, size_t count)
{
	VEC(struct code_function) added = {0};

	if (count)
		qsort(starts, count, sizeof(*starts), by_value);
	for (size_t i = 0; i < count; i++) {
		const struct code_range *range = code_image_code(image, starts[i]);
		uint64_t end;

		if (!range || range->is_plt || code_functions_find(functions, starts[i]) ||
		    (added.len && added.ptr[added.len - 1].start == starts[i]) ||
		    functions->list.len + added.len >= BUDGET_CODE_FUNCTIONS)
			continue;
		end = gap_end(functions, range, starts[i]);
		if (added.len && added.ptr[added.len - 1].end > starts[i])
			added.ptr[added.len - 1].end = starts[i];
		vec_push(&added, ((struct code_function){starts[i], end}));
	}
	vec_each (function, &added)
		vec_push(&functions->list, *function);
	vec_release(&added);
	settle(functions);
}

size_t code_functions_names(const struct code_functions *functions, uint64_t address,
			    const struct code_name **ret_first)
{
	size_t low = 0, high = functions->names.len, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (functions->names.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < functions->names.len &&
	       functions->names.ptr[low + count].address == address)
		count++;
	*ret_first = functions->names.ptr + low;
	return count;
}

const struct code_name *code_functions_name(const struct code_functions *functions,
					    uint64_t address)
{
	const struct code_name *first;

	return code_functions_names(functions, address, &first) ? first : NULL;
}

#define OBJECT_WINDOW 16 /* names that may lie between the start of an object and an address in it */

const struct code_name *code_functions_object(const struct code_functions *functions,
					      uint64_t address)
{
	const struct code_name *first;
	size_t count = code_functions_names(functions, address, &first), before;

	before = (size_t)(first - functions->names.ptr);
	for (size_t i = 0; i < count; i++)
		if (!first[i].is_function && first[i].size)
			return &first[i];
	for (size_t i = 0; i < OBJECT_WINDOW && before; i++) {
		const struct code_name *name = &functions->names.ptr[--before];

		if (!name->is_function && address - name->address < name->size)
			return name;
	}
	return NULL;
}
