/* SPDX-License-Identifier: BSD-2-Clause */
/* What the collectors of symbols and relocations share. Private to src/binary. */
#ifndef BINARY_ELF_SYMBOLS_H
#define BINARY_ELF_SYMBOLS_H

#include "binary/elf_input.h"

/* Fills in the versions of builder->symbols, and the tables of definitions and needs. */
void elf_read_versions(struct elf_input *in, struct facts_builder *builder);

/* The highest symbol index any dynamic relocation names; 0 when none does. */
uint64_t elf_highest_symbol(const struct elf_input *in, struct facts_builder *builder);

#endif
