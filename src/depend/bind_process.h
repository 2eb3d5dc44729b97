/* SPDX-License-Identifier: BSD-2-Clause */
/* One process while its symbols are bound. Private to src/depend/bind*.c. */
#ifndef DEPEND_BIND_PROCESS_H
#define DEPEND_BIND_PROCESS_H

#include "depend/bind_tables.h"

struct bind_process {
	struct binder *binder;
	const struct load_set *load;
	uint32_t *tables;      /* object -> table, or BIND_NONE */
	const uint32_t *order; /* objects as ld.so relocates them; NULL until wanted */
};

/*
 * The different objects that one request of a consumer is bound to: one as a rule, more when a copy
 * relocation and another one name the symbol. LOADER_NONE stands for nothing.
 */
struct bind_answer {
	uint32_t providers[2 * BIND_CLASSES];
	unsigned count;
};

struct bind_answer bind_look_up(struct bind_process *process, uint32_t consumer,
				const struct bind_request *request);

/* The order of relocation: the objects of the scope, dependencies first. To be freed. */
uint32_t *bind_order(const struct load_set *load);

/* Whether ld.so relocates the object at all: it is in the scope, and not ld.so itself. */
bool bind_is_relocated(const struct bind_process *process, uint32_t object);

#endif
