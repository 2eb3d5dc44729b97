/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the functions of a file are, each with where that is known from. A frame description is
 * believed before a symbol, since stripping keeps it: so a file and its stripped twin agree.
 * Private to src/binary.
 */
#ifndef BINARY_FUNCTION_LIST_H
#define BINARY_FUNCTION_LIST_H

#include "binary/code_image.h"
#include "binary/debug_symbols.h"
#include "util/vec.h"

struct function_entry {
	uint64_t start, end;	/* end == start: not known yet */
	uint32_t section;	/* index, or 0 where there is no table */
	uint32_t parent;	/* of a fragment, in the finished list; or FACTS_NO_FUNCTION */
	uint16_t sources;	/* enum facts_function_source */
	uint16_t flags;		/* enum facts_function_flag */
	bool guessed;		/* the end is where the next one starts: padding lies before it */
	uint8_t rank;		/* of the name: lower is better */
	struct slice name;	/* in the file or in its debug symbols; those must stay open */
	struct facts_text text; /* where the name is in the record; length 0: it is not */
};

struct function_list {
	VEC(struct function_entry) entries; /* sorted by section, start; without overlaps */
	bool limited;			    /* BUDGET_FUNCTIONS was reached */
};

/* ET_EXEC and ET_DYN. Needs the collectors of sections and dynamic symbols. */
void function_list_linked(struct elf_input *in, struct facts_builder *builder,
			  struct debug_symbols *debug, struct function_list *ret);
/* ET_REL: addresses are offsets in their section. */
void function_list_relocatable(struct elf_input *in, struct facts_builder *builder,
			       struct function_list *ret);
/*
 * Adds functions between those of a settled list: what calls lead to, the entry point, and code
 * behind padding. false when there are none; else the list must be settled anew.
 */
bool function_list_gaps(struct elf_input *in, const struct code_image *image,
			struct function_list *list);
void function_list_release(struct function_list *list);

/* For both: adds one entry while the budget lasts. */
void function_list_add(struct function_list *list, struct function_entry entry);
/*
 * By section and start; of one start frames come first, since what follows is measured against
 * them, then better names.
 */
void function_list_sort(struct function_list *list);
/*
 * Sorts, joins entries with one start, drops symbols inside frames, and ends what has no end at the
 * next one. section_end gives the end of the code that an entry lies in.
 */
void function_list_settle(struct function_list *list,
			  uint64_t (*section_end)(const void *context,
						  const struct function_entry *entry),
			  const void *context);
/* Marks pieces by their names and finds the functions they belong to. */
void function_list_parents(struct function_list *list);

/* The symbol as an entry without section; false when it names no function of this file. */
bool function_list_symbol(const GElf_Sym *symbol, struct slice name, uint16_t source,
			  struct function_entry *ret);

#endif
