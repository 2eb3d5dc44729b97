/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry points of Python distributions: the scripts that are made of them, and the plugins they
 * offer to whoever reads their group (PyPA "Entry points specification"). Private to python.c.
 *
 * Who a group belongs to is told by the sources of the distribution that reads it by a literal
 * name; a group that two of them read belongs to nobody in particular, and joins nothing.
 */
#ifndef DEPEND_PYTHON_ENTRIES_H
#define DEPEND_PYTHON_ENTRIES_H

#include "depend/python_sites.h"

/* One line of an entry_points.txt. */
struct python_entry {
	uint32_t distribution; /* that has the module, else that has the file */
	const char *group, *name, *module;
	const char *path; /* of the file */
	uint32_t line;
};

struct python_host {
	uint32_t distribution; /* PYTHON_AMBIGUOUS: several */
	const char *path;      /* where the group is read first */
	uint32_t line;
};

struct python_entries {
	struct python_sites *sites;
	struct arena arena;
	struct map groups; /* name -> index of hosts */
	VEC(struct python_host) hosts;
};

struct python_entry_visitor {
	void (*script)(void *context, const struct python_entry *entry, const char *path);
	void (*plugin)(void *context, const struct python_entry *entry,
		       const struct python_host *host);
};

void python_entries_init(struct python_entries *entries, struct python_sites *sites);
void python_entries_release(struct python_entries *entries);
/* A distribution reads a group of that name. */
void python_entries_host(struct python_entries *entries, const char *group, uint32_t distribution,
			 const char *path, uint32_t line);
/* Reads the entry points of all distributions, when all hosts are known. */
void python_entries_visit(struct python_entries *entries,
			  const struct python_entry_visitor *visitor, void *context);

#endif
