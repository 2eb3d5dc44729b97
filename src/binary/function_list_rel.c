/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of object files: symbols, and frames whose start a relocation names. */
#include <stdlib.h>

#include "binary/code_functions.h"
#include "binary/function_list.h"
#include "binary/object_symbols.h"
#include "util/budget.h"

struct finder {
	struct elf_input *in;
	struct facts_builder *builder;
	struct function_list *list;
	bool *comdat; /* by section: it is in a group of which linkers keep one */
};

static const struct facts_section *section_at(const struct finder *finder, uint32_t index)
{
	return index && index < finder->builder->sections.len
		   ? &finder->builder->sections.ptr[index]
		   : NULL;
}

static bool is_code(const struct facts_section *section)
{
	return section && section->type == SHT_PROGBITS && section->flags & SHF_EXECINSTR &&
	       section->flags & SHF_ALLOC;
}

static void find_groups(struct finder *finder)
{
	finder->comdat = memory_calloc(finder->builder->sections.len + 1, sizeof(*finder->comdat));
	vec_each (group, &finder->builder->sections) {
		struct cursor cursor;
		struct slice bytes;

		if (group->type != SHT_GROUP ||
		    !slice_sub(finder->in->bytes, group->offset, group->size, &bytes))
			continue;
		cursor = cursor_of(bytes, finder->in->big_endian);
		if (!(cursor_u32(&cursor) & GRP_COMDAT))
			continue;
		while (bytes.len - cursor.pos >= 4) {
			uint32_t member = cursor_u32(&cursor);

			if (member < finder->builder->sections.len)
				finder->comdat[member] = true;
		}
	}
}

static void add(struct finder *finder, uint32_t index, struct function_entry entry)
{
	const struct facts_section *section = section_at(finder, index);

	if (!is_code(section) || entry.start >= section->size || entry.end > section->size)
		return;
	entry.section = index;
	if (finder->comdat[index])
		entry.flags |= FACTS_FUNCTION_WEAK;
	function_list_add(finder->list, entry);
}

static void add_symbols(struct finder *finder, const struct object_symbols *symbols)
{
	for (uint64_t i = 1; i < symbols->count; i++) {
		struct function_entry added;
		const char *text;
		GElf_Sym symbol;
		size_t length;

		if (gelf_getsym(symbols->data, (int)i, &symbol) &&
		    slice_cstr(symbols->names, symbol.st_name, &text, &length) &&
		    length <= BUDGET_STRING_LENGTH &&
		    function_list_symbol(&symbol, slice_of(text, length), FACTS_FUNCTION_SYMTAB,
					 &added))
			add(finder, object_symbols_section(symbols, i, &symbol), added);
	}
}

/* Frames of one .eh_frame section and the relocations that say what they describe. */
struct frames {
	struct finder *finder;
	struct object_symbols symbols;
	Elf_Data *relocations;
	uint64_t count, next;
};

static void add_frame(void *context, const struct code_frame *frame)
{
	struct frames *frames = context;
	struct finder *finder = frames->finder;

	/* Assemblers write them in the order of the places they fill. */
	for (; frames->next < frames->count; frames->next++) {
		GElf_Rela relocation;
		GElf_Sym symbol;
		uint64_t start;

		if (!gelf_getrela(frames->relocations, (int)frames->next, &relocation) ||
		    relocation.r_offset > frame->place)
			return;
		if (relocation.r_offset != frame->place ||
		    !gelf_getsym(frames->symbols.data, (int)GELF_R_SYM(relocation.r_info), &symbol))
			continue;
		start = symbol.st_value + (uint64_t)relocation.r_addend;
		if (start + frame->size >= start)
			add(finder,
			    object_symbols_section(&frames->symbols, GELF_R_SYM(relocation.r_info),
						   &symbol),
			    ((struct function_entry){
				.start = start,
				.end = start + frame->size,
				.sources = FACTS_FUNCTION_FRAME,
				.flags = frame->is_fragment ? FACTS_FUNCTION_FRAGMENT : 0,
			    }));
		return;
	}
}

static void add_frames(struct finder *finder, const struct facts_section *table)
{
	const struct facts_section *section = section_at(finder, table->info);
	size_t entry = finder->in->is_64 ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);
	struct frames frames = {.finder = finder, .count = table->size / entry};
	struct slice bytes;

	if (!section || section->name.length != 9 || section->type == SHT_NOBITS ||
	    strcmp(finder->builder->strings.ptr + section->name.offset, ".eh_frame") != 0 ||
	    !object_symbols_open(finder->in, finder->builder, table->link, &frames.symbols) ||
	    !slice_sub(finder->in->bytes, section->offset, section->size, &bytes))
		return;
	frames.relocations =
	    elf_input_data(finder->in, table->offset, frames.count * entry, ELF_T_RELA);
	if (frames.relocations)
		code_frames_each(bytes, finder->in->big_endian, add_frame, &frames);
}

static uint64_t section_end(const void *context, const struct function_entry *entry)
{
	const struct facts_section *section = section_at(context, entry->section);

	return section ? section->size : entry->start;
}

void function_list_relocatable(struct elf_input *in, struct facts_builder *builder,
			       struct function_list *ret)
{
	struct finder finder = {.in = in, .builder = builder, .list = ret};

	*ret = (struct function_list){0};
	find_groups(&finder);
	for (uint32_t i = 1; i < builder->sections.len; i++) {
		struct object_symbols symbols;

		if (object_symbols_open(in, builder, i, &symbols))
			add_symbols(&finder, &symbols);
		else if (builder->sections.ptr[i].type == SHT_RELA)
			add_frames(&finder, &builder->sections.ptr[i]);
	}
	function_list_settle(ret, section_end, &finder);
	free(finder.comdat);
	function_list_parents(ret);
}
