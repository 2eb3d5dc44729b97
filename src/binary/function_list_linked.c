/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of linked files: .eh_frame, .symtab, .dynsym, and symbols kept elsewhere. */
#include <stdlib.h>

#include "binary/code_functions.h"
#include "binary/function_list.h"
#include "util/budget.h"

struct finder {
	struct elf_input *in;
	struct facts_builder *builder;
	struct code_image image;
	struct function_list *list;
};

static void add(struct finder *finder, struct function_entry entry)
{
	const struct code_range *range = code_image_code(&finder->image, entry.start);

	if (!range || range->is_plt)
		return;
	entry.section = range->section;
	function_list_add(finder->list, entry);
}

static void add_frames(struct finder *finder)
{
	struct code_functions frames = {0};

	code_frames_read(&finder->image, &frames);
	vec_each (frame, &frames.list)
		add(finder, ((struct function_entry){
				.start = frame->start,
				.end = frame->end,
				.sources = FACTS_FUNCTION_FRAME,
				.flags = frame->is_fragment ? FACTS_FUNCTION_FRAGMENT : 0,
			    }));
	code_functions_release(&frames);
}

/* A symbol table of the file, or of what belongs to it: its addresses are the same. */
static void add_table(struct finder *finder, struct elf_input *in,
		      const struct facts_builder *builder, const struct facts_section *table,
		      uint16_t source)
{
	const struct facts_section *strings;
	size_t entry = in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t count = table->size / entry;
	struct slice names;
	Elf_Data *data;

	if (table->link >= builder->sections.len)
		return;
	strings = &builder->sections.ptr[table->link];
	data = elf_input_data(in, table->offset, count * entry, ELF_T_SYM);
	if (!data || !slice_sub(in->bytes, strings->offset, strings->size, &names))
		return;
	if (count > BUDGET_SYMBOLS)
		count = BUDGET_SYMBOLS;
	for (uint64_t i = 1; i < count; i++) {
		struct function_entry added;
		const char *text;
		GElf_Sym symbol;
		size_t length;

		if (gelf_getsym(data, (int)i, &symbol) &&
		    slice_cstr(names, symbol.st_name, &text, &length) &&
		    length <= BUDGET_STRING_LENGTH &&
		    function_list_symbol(&symbol, slice_of(text, length), source, &added))
			add(finder, added);
	}
}

static void add_symbols(struct finder *finder, struct elf_input *in,
			const struct facts_builder *builder, uint16_t source)
{
	vec_each (section, &builder->sections)
		if (section->type == SHT_SYMTAB)
			add_table(finder, in, builder, section, source);
}

static void add_dynamic(struct finder *finder)
{
	const struct facts_builder *builder = finder->builder;

	for (size_t i = 1; i < builder->symbols.len; i++) {
		const struct facts_symbol *from = &builder->symbols.ptr[i];
		GElf_Sym symbol = {.st_info =
				       (unsigned char)GELF_ST_INFO(from->binding, from->type),
				   .st_shndx = (Elf64_Section)from->section,
				   .st_value = from->value,
				   .st_size = from->size};
		struct slice name =
		    slice_of(builder->strings.ptr + from->name.offset, from->name.length);
		struct function_entry added;

		if (function_list_symbol(&symbol, name, FACTS_FUNCTION_DYNSYM, &added)) {
			added.text = from->name;
			add(finder, added);
		}
	}
}

static uint64_t section_end(const void *context, const struct function_entry *entry)
{
	const struct code_range *range =
	    code_image_code(&((const struct finder *)context)->image, entry->start);

	return range ? range->address + range->bytes.len : entry->start;
}

void function_list_linked(struct elf_input *in, struct facts_builder *builder,
			  struct debug_symbols *debug, struct function_list *ret)
{
	struct finder finder = {.in = in, .builder = builder, .list = ret};

	*ret = (struct function_list){0};
	code_image_open_code(in, builder, &finder.image);
	add_frames(&finder);
	add_symbols(&finder, in, builder, FACTS_FUNCTION_SYMTAB);
	for (size_t i = 0; i < debug->count; i++)
		add_symbols(&finder, &debug->files[i].in, &debug->files[i].builder,
			    debug->files[i].source);
	add_dynamic(&finder);
	function_list_settle(ret, section_end, &finder);
	if (function_list_gaps(in, &finder.image, ret))
		function_list_settle(ret, section_end, &finder);
	code_image_close(&finder.image);
	/* An outline is compared in place: there fragments are functions like others. */
	if (in->groups & FACTS_CODE)
		function_list_parents(ret);
}
