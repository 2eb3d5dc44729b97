/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/relocation_table.h"

static size_t entry_size(const struct elf_input *in, bool with_addend)
{
	if (with_addend)
		return in->is_64 ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);
	return in->is_64 ? sizeof(Elf64_Rel) : sizeof(Elf32_Rel);
}

uint64_t relocation_table_count(const struct elf_input *in, uint64_t size, bool with_addend)
{
	return size / entry_size(in, with_addend);
}

bool relocation_table_open(const struct elf_input *in, uint64_t offset, uint64_t count,
			   bool with_addend, struct relocation_table *ret)
{
	*ret = (struct relocation_table){
	    .count = count, .with_addend = with_addend, .wide = in->is_64};
	ret->data = elf_input_data(in, offset, count * entry_size(in, with_addend),
				   with_addend ? ELF_T_RELA : ELF_T_REL);
	return ret->data != NULL;
}
