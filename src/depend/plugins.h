/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF files that programs load as plugins, as far as names and exported symbols tell. */
#ifndef DEPEND_PLUGINS_H
#define DEPEND_PLUGINS_H

#include "depend/finder.h"

/*
 * The rules of the table plugin-rules. An edge goes from the host to each plugin of the artifact;
 * the host is one of the artifact too, or else what the root has under the host's plain name.
 */
void plugins_find(struct finder *finder);
/* Python's extension modules: python_extensions.c. */
void python_extensions_find(struct finder *finder);

/* An ELF file that was read; the facts of one that cannot be loaded are left out. */
struct plugin_file {
	const char *path;   /* canonical */
	const char *soname; /* "" without one */
	struct binary *binary;
	const struct facts *facts;
};

/* Fills *ret; false when it is no program and no library, or could not be read. */
bool plugin_file_open(struct finder *finder, const char *path, struct plugin_file *ret);
/* Whether a dynamic symbol that it defines has a name of that pattern; with "@": that it imports.
 */
bool plugin_file_has(const struct plugin_file *file, const char *symbol);
/* Whether one process can hold both. */
bool plugin_file_same_machine(const struct plugin_file *left, const struct plugin_file *right);

#endif
