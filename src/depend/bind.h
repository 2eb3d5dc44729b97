/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which loaded object provides each symbol that a process asks for, as ld.so with LD_BIND_NOW would
 * bind it: scope order, versions, weak, protected, hidden and unique symbols, copy relocations and
 * interposition. After glibc 2.36's elf/dl-lookup.c and elf/dl-reloc.c; the oracle of the tests is
 * LD_DEBUG=bindings in trace mode.
 *
 * What ld.so binds of itself is not listed, and neither is what relocations that name a local or
 * hidden symbol lead to: nothing is looked up for those. A load set without a scope (static, no
 * model of the loader) has no bindings. With load_set.fatal or missing libraries the answer is what
 * would be bound if the process came so far.
 */
#ifndef DEPEND_BIND_H
#define DEPEND_BIND_H

#include "depend/loader.h"

/*
 * One (consumer, symbol, version) and who provides it. Repetitions by relocation are merged. In
 * rare cases one symbol has two providers: the address of a function may be that of the program's
 * own entry for it, while calls go to the library.
 */
struct binding {
	uint32_t consumer;   /* object of the load set */
	uint32_t provider;   /* object; LOADER_NONE when nothing provides the symbol */
	const char *name;    /* texts live as long as the binaries */
	const char *version; /* as asked for; "" for none */
	bool weak;	     /* all references are weak: unprovided is no error */
};

/*
 * Symbols a consumer takes from an object that it names in no DT_NEEDED, DT_FILTER or DT_AUXILIARY.
 * The provider may be the program (copies of data, interposition, what a plugin asks of its host)
 * or a preloaded library.
 */
struct undeclared_use {
	uint32_t consumer, provider;
	uint32_t symbols;
};

/* Owned by the arena given to bind_symbols(). */
struct bindings {
	/* Sorted by (consumer, provider), then in the order of the consumer's symbol table. */
	const struct binding *list;
	size_t count;
	/* Distinct (name, version) pairs, beside load_set.edges; 0 for an edge to nothing. */
	const uint32_t *edge_symbols;
	const struct undeclared_use *undeclared; /* sorted by (consumer, provider) */
	size_t undeclared_count;
	size_t unprovided_count; /* bindings to nothing that are not weak */
};

struct binder;

/*
 * Holds symbol tables of files over many load sets, each made when its file is first in a scope.
 * All borrowed.
 */
struct binder *binder_new(struct binaries *binaries, struct diags *diags);
void binder_free(struct binder *binder);

/*
 * Everything that the process binds. STATUS_USAGE when the facts were made without FACTS_SYMBOLS or
 * FACTS_RELOCATIONS; a file without facts asks for nothing and provides nothing.
 */
enum status bind_symbols(struct binder *binder, const struct load_set *load, struct arena *arena,
			 const struct bindings **ret) must_check;
/*
 * The same for what objects[consumer] alone asks for, with the counts of its own edges; others are
 * 0. Cheaper than the whole process.
 */
enum status bind_consumer(struct binder *binder, const struct load_set *load, uint32_t consumer,
			  struct arena *arena, const struct bindings **ret) must_check;

#endif
