/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol table of an object file, as relocations refer to it. Private to src/binary. */
#ifndef BINARY_OBJECT_SYMBOLS_H
#define BINARY_OBJECT_SYMBOLS_H

#include "binary/elf_input.h"

struct object_symbols {
	Elf_Data *data;
	uint64_t count;
	struct slice names, long_indexes; /* long_indexes: SHT_SYMTAB_SHNDX */
	bool big_endian;
};

/* The table in a section; false when it is none, or not usable. */
bool object_symbols_open(const struct elf_input *in, const struct facts_builder *builder,
			 uint32_t section, struct object_symbols *ret);
/* Where a symbol lies; 0 for none, and for the reserved ones. */
uint32_t object_symbols_section(const struct object_symbols *symbols, uint64_t index,
				const GElf_Sym *symbol);

#endif
