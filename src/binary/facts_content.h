/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the content collector. Private to src/binary. */
#ifndef BINARY_FACTS_CONTENT_H
#define BINARY_FACTS_CONTENT_H

#include "binary/elf_input.h"

/* One entry each that stands for what all dynamic symbols, and all relocations, say. */
void facts_content_symbols(struct facts_builder *builder);
void facts_content_relocations(const struct elf_input *in, struct facts_builder *builder);
/* Of an object file: one for each table of relocations that fills data. */
void facts_content_object_relocations(const struct elf_input *in, struct facts_builder *builder);

#endif
