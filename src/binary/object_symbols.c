/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/object_symbols.h"

#include "util/budget.h"

bool object_symbols_open(const struct elf_input *in, const struct facts_builder *builder,
			 uint32_t section, struct object_symbols *ret)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const struct facts_section *table, *strings;

	*ret = (struct object_symbols){.big_endian = in->big_endian};
	if (!section || section >= builder->sections.len)
		return false;
	table = &builder->sections.ptr[section];
	if (table->type != SHT_SYMTAB || !table->link || table->link >= builder->sections.len)
		return false;
	strings = &builder->sections.ptr[table->link];
	ret->count = table->size / entry;
	if (ret->count > BUDGET_SYMBOLS)
		ret->count = BUDGET_SYMBOLS;
	ret->data = elf_input_data(in, table->offset, ret->count * entry, ELF_T_SYM);
	if (!ret->data || !slice_sub(in->bytes, strings->offset, strings->size, &ret->names))
		return false;
	vec_each (other, &builder->sections)
		if (other->type == SHT_SYMTAB_SHNDX && other->link == section)
			slice_sub(in->bytes, other->offset, other->size, &ret->long_indexes);
	return true;
}

uint32_t object_symbols_section(const struct object_symbols *symbols, uint64_t index,
				const GElf_Sym *symbol)
{
	struct cursor cursor;

	if (symbol->st_shndx != SHN_XINDEX)
		return symbol->st_shndx < SHN_LORESERVE ? symbol->st_shndx : 0;
	cursor = cursor_of(symbols->long_indexes, symbols->big_endian);
	cursor_seek(&cursor, index * 4);
	return cursor_u32(&cursor);
}
