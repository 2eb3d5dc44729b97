/* SPDX-License-Identifier: BSD-2-Clause */
/* Random processes out of random files, made in memory, for the tests of binding. */
#ifndef TESTS_BIND_WORLD_H
#define TESTS_BIND_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "depend/bind.h"

#define OBJECTS 7
#define NAMES 6
#define SYMBOLS 14
#define RELOCATIONS 24
#define EDGES 20

static uint64_t random_state;

static inline uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % limit;
}

static inline bool one_in(uint32_t n)
{
	return random_below(n) == 0;
}

struct file {
	struct binary binary;
	struct facts_identity identity;
	struct facts_symbol symbols[SYMBOLS];
	struct facts_relocation relocations[RELOCATIONS];
	struct facts_version needs[3];
	bool versioned;
};

struct world {
	struct loader_object objects[OBJECTS];
	struct loader_edge edges[EDGES];
	uint32_t scope[OBJECTS];
	struct load_set load;
};

/* Names are "0", "1"...; versions are "W1" and up. All files share these texts. */
static char strings[64];
static struct facts_text name_text[NAMES], version_text[3];

static inline void make_strings(void)
{
	uint32_t at = 1;

	for (uint32_t i = 0; i < NAMES; i++, at += 2) {
		strings[at] = (char)('0' + i);
		name_text[i] = (struct facts_text){at, 1};
	}
	for (uint32_t i = 0; i < 3; i++, at += 3) {
		strings[at] = 'W';
		strings[at + 1] = (char)('1' + i);
		version_text[i] = (struct facts_text){at, 2};
	}
}

static inline struct facts_symbol make_symbol(const struct file *file, bool odd)
{
	static const uint8_t types[] = {STT_OBJECT, STT_FUNC,	   STT_NOTYPE, STT_TLS,
					STT_COMMON, STT_GNU_IFUNC, STT_FILE};
	struct facts_symbol symbol = {
	    .name = name_text[random_below(NAMES)],
	    .type = types[random_below(one_in(4) ? 7 : 3)],
	    .binding = one_in(4)   ? STB_WEAK
		       : one_in(4) ? STB_GNU_UNIQUE
				   : STB_GLOBAL,
	    .visibility = STV_DEFAULT,
	    .value = one_in(8) ? 0 : 16,
	    .section = one_in(12) ? SHN_ABS : 5,
	    .version_index = UINT16_MAX,
	};

	if (one_in(16))
		symbol.binding = STB_LOCAL;
	if (one_in(6))
		symbol.visibility = one_in(2) ? STV_PROTECTED : one_in(2) ? STV_HIDDEN : 1;
	if (one_in(2)) {
		symbol.flags |= FACTS_SYMBOL_UNDEFINED;
		symbol.section = SHN_UNDEF;
		symbol.value = odd && one_in(6) ? 16 : 0;
	}
	if (file->versioned) {
		symbol.version_index = (uint16_t)(1 + random_below(4));
		if (symbol.version_index > 1)
			symbol.version = version_text[symbol.version_index - 2];
		if (one_in(3))
			symbol.flags |= FACTS_SYMBOL_HIDDEN_VERSION;
	}
	return symbol;
}

static inline void make_file(struct file *file, uint32_t id, bool odd)
{
	static const uint32_t types[] = {R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64,
					 R_X86_64_TPOFF64,   R_X86_64_NONE,	R_X86_64_RELATIVE};
	struct facts *facts = &file->binary.facts;

	*file = (struct file){.versioned = one_in(2)};
	file->identity = (struct facts_identity){.machine = EM_X86_64,
						 .groups = FACTS_SYMBOLS | FACTS_RELOCATIONS,
						 .dynamic_flags = one_in(5) ? DF_SYMBOLIC : 0};
	for (size_t i = 0; i < 3; i++)
		file->needs[i] = (struct facts_version){
		    .name = version_text[i],
		    .index = (uint16_t)((i + 2) | (odd && one_in(10) ? 0x8000u : 0))};
	for (size_t i = 1; i < SYMBOLS; i++)
		file->symbols[i] = make_symbol(file, odd);
	file->symbols[0].version_index = file->versioned ? 0 : UINT16_MAX;
	for (size_t i = 0; i < RELOCATIONS; i++)
		file->relocations[i] = (struct facts_relocation){
		    .symbol = 1 + random_below(SYMBOLS - 1), .type = types[random_below(6)]};
	*facts = (struct facts){.strings = slice_of(strings, sizeof(strings)),
				.identity = &file->identity,
				.symbols = file->symbols,
				.symbols_count = SYMBOLS,
				.version_needs = file->needs,
				.version_needs_count = file->versioned ? 3 : 0,
				.relocations = file->relocations,
				.relocations_count = RELOCATIONS};
	file->binary.id = id;
	file->binary.ready = true;
	file->binary.status = STATUS_OK;
}

/* Copies stand in programs only, each of a name that the program does not use otherwise. */
static inline void add_copies(struct file *file)
{
	uint32_t symbol = 1 + random_below(SYMBOLS - 1);

	for (size_t i = 0; i < RELOCATIONS; i++)
		if (file->symbols[file->relocations[i].symbol].name.offset ==
		    file->symbols[symbol].name.offset)
			file->relocations[i].type = R_X86_64_NONE;
	file->relocations[random_below(RELOCATIONS)] =
	    (struct facts_relocation){.symbol = symbol, .type = R_X86_64_COPY};
}

static inline void make_world(struct world *world, struct file *files, uint32_t file_count)
{
	uint32_t count = 1 + random_below(OBJECTS), used[OBJECTS];

	*world = (struct world){0};
	for (uint32_t i = 0; i < count; i++) {
		bool again = true;

		while (again) {
			/* The first half are libraries, the second half programs. */
			used[i] = random_below(file_count / 2) + (i ? 0 : file_count / 2);
			again = false;
			for (uint32_t j = 0; j < i; j++)
				again |= used[j] == used[i];
		}
		world->objects[i] = (struct loader_object){.binary = &files[used[i]].binary,
							   .request = LOADER_REQUEST_NEEDED};
		world->scope[i] = i;
	}
	if (count > 1 && one_in(3)) /* a filter of the program stands before it */
		world->scope[0] = 1, world->scope[1] = 0;
	if (count > 2 && one_in(3))
		world->objects[2].request = LOADER_REQUEST_INTERPRETER;
	for (size_t i = 0; i < EDGES; i++)
		world->edges[i] =
		    (struct loader_edge){.from = random_below(count),
					 .to = one_in(12) ? LOADER_NONE : random_below(count),
					 .request = LOADER_REQUEST_NEEDED};
	world->load = (struct load_set){.objects = world->objects,
					.object_count = count,
					.scope = world->scope,
					.scope_count = count,
					.edges = world->edges,
					.edge_count = EDGES};
}

#endif
