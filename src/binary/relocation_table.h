/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of relocations, with addends or without, of either class. Private to src/binary. */
#ifndef BINARY_RELOCATION_TABLE_H
#define BINARY_RELOCATION_TABLE_H

#include <string.h>

#include "binary/elf_input.h"

struct relocation_table {
	Elf_Data *data;
	uint64_t count;
	bool with_addend, wide;
};

/* How many relocations a table of that size holds. */
uint64_t relocation_table_count(const struct elf_input *in, uint64_t size, bool with_addend);
/* The first count of those at an offset of the file; false when they are not inside it. */
bool relocation_table_open(const struct elf_input *in, uint64_t offset, uint64_t count,
			   bool with_addend, struct relocation_table *ret);

/* One of them; where the table has no addends it is 0. The common case is without a call. */
static inline bool relocation_table_at(const struct relocation_table *table, uint64_t index,
				       GElf_Rela *ret)
{
	GElf_Rel plain;

	_Static_assert(sizeof(GElf_Rela) == sizeof(Elf64_Rela), "gelf.h makes them one type");
	if (table->with_addend && table->wide) {
		memcpy(ret, (const char *)table->data->d_buf + index * sizeof(*ret), sizeof(*ret));
		return true;
	}
	if (table->with_addend)
		return gelf_getrela(table->data, (int)index, ret) != NULL;
	if (!gelf_getrel(table->data, (int)index, &plain))
		return false;
	*ret = (GElf_Rela){.r_offset = plain.r_offset, .r_info = plain.r_info};
	return true;
}

#endif
