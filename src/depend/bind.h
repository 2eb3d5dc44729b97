/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which loaded object provides each symbol that a process asks for, as ld.so with LD_BIND_NOW would
 * bind it: scope order, versions, weak, protected, hidden and unique symbols, copy relocations and
 * interposition. After glibc 2.36's elf/dl-lookup.c, elf/do-lookup.h and elf/dl-reloc.c; the
 * oracle of the tests is LD_DEBUG=bindings.
 */
#ifndef DEPEND_BIND_H
#define DEPEND_BIND_H

#include "depend/loader.h"

/* One (consumer, symbol, version) and who provides it. Repetitions by relocation are merged. */
struct binding {
	uint32_t consumer;   /* object of the load set */
	uint32_t provider;   /* object; LOADER_NONE when nothing provides the symbol */
	const char *name;    /* texts live as long as the binaries */
	const char *version; /* as asked for; "" for none */
	bool weak;	     /* all references are weak: unprovided is no error */
};

/* Symbols a consumer takes from an object that it does not name in DT_NEEDED. */
struct undeclared_use {
	uint32_t consumer, provider;
	uint32_t symbols;
};

/* Owned by the arena given to bind_symbols(). */
struct bindings {
	const struct binding *list; /* sorted by (consumer, provider, name, version) */
	size_t count;
	/* Distinct (name, version) pairs, beside load_set.edges; 0 for an edge to nothing. */
	const uint32_t *edge_symbols;
	const struct undeclared_use *undeclared; /* sorted by (consumer, provider) */
	size_t undeclared_count;
	size_t unprovided_count; /* bindings to nothing that are not weak */
};

struct binder;

/* Holds symbol tables of files over many load sets. All borrowed. */
struct binder *binder_new(struct binaries *binaries, struct diags *diags);
void binder_free(struct binder *binder);

/* The facts must hold FACTS_SYMBOLS and FACTS_RELOCATIONS. */
enum status bind_symbols(struct binder *binder, const struct load_set *load, struct arena *arena,
			 const struct bindings **ret) must_check;
/* The same for what objects[consumer] alone asks for: cheaper than the whole process. */
enum status bind_consumer(struct binder *binder, const struct load_set *load, uint32_t consumer,
			  struct arena *arena, const struct bindings **ret) must_check;

#endif
