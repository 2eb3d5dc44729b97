/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A collector reads one kind of fact from an ELF file into the record. They run in the order of
 * collectors.def; adding one is one file and one row there.
 */
#ifndef BINARY_COLLECTOR_H
#define BINARY_COLLECTOR_H

#include "binary/elf_input.h"

struct collector {
	const char *name;
	uint32_t groups; /* runs when any of these was asked for; 0: always */
	/* What is wrong with the file becomes a diagnostic of the record; it never stops the
	 * others. */
	void (*run)(struct elf_input *in, struct facts_builder *builder);
};

#endif
