/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The binder against a model that does without everything which makes the binder fast: it walks the
 * relocations in ld.so's order, the whole scope for each, and keeps one table of unique symbols.
 * Worlds are random and many; their binder is one, so that what it keeps is tested as well.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "depend/bind.h"
#include "depend/bind_process.h"

#define FILES 32
#define OBJECTS 7
#define NAMES 6
#define SYMBOLS 14
#define RELOCATIONS 24
#define EDGES 20
#define WORLDS 2000

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % limit;
}

static bool one_in(uint32_t n)
{
	return random_below(n) == 0;
}

/* What kind of worlds; each leads the binder along other ways. */
struct flavour {
	uint32_t files; /* many: names have more definitions than a scope has objects */
	bool odd;	/* exact version needs, and undefined symbols with a value */
	uint64_t seed;
};

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

static void make_strings(void)
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

static struct facts_symbol make_symbol(const struct file *file, bool odd)
{
	static const uint8_t types[] = {STT_OBJECT, STT_FUNC,	   STT_NOTYPE, STT_TLS,
					STT_COMMON, STT_GNU_IFUNC, STT_FILE};
	struct facts_symbol symbol = {
	    .name = name_text[random_below(NAMES)],
	    .type = types[random_below(one_in(4) ? 7 : 3)],
	    .binding = one_in(4) ? STB_WEAK : one_in(4) ? STB_GNU_UNIQUE : STB_GLOBAL,
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

static void make_file(struct file *file, uint32_t id, bool odd)
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
static void add_copies(struct file *file)
{
	uint32_t symbol = 1 + random_below(SYMBOLS - 1);

	for (size_t i = 0; i < RELOCATIONS; i++)
		if (file->symbols[file->relocations[i].symbol].name.offset ==
		    file->symbols[symbol].name.offset)
			file->relocations[i].type = R_X86_64_NONE;
	file->relocations[random_below(RELOCATIONS)] =
	    (struct facts_relocation){.symbol = symbol, .type = R_X86_64_COPY};
}

static void make_world(struct world *world, struct file *files, uint32_t file_count)
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
		world->edges[i] = (struct loader_edge){.from = random_below(count),
						       .to = one_in(12) ? LOADER_NONE
									: random_below(count),
						       .request = LOADER_REQUEST_NEEDED};
	world->load = (struct load_set){.objects = world->objects,
					.object_count = count,
					.scope = world->scope,
					.scope_count = count,
					.edges = world->edges,
					.edge_count = EDGES};
}

/* ---- the model ---- */

struct model {
	const struct world *world;
	uint32_t unique[NAMES]; /* object, or LOADER_NONE */
	struct binding rows[OBJECTS * RELOCATIONS];
	size_t count;
};

struct model_want {
	uint32_t name; /* offset of its text */
	const struct facts_symbol *ref;
	bool exact, plt, copy;
};

static const struct facts *facts_of(const struct model *model, uint32_t object)
{
	return &model->world->objects[object].binary->facts;
}

/* Index of the symbol of this object that ends the search, or 0. */
static size_t model_match(const struct facts *facts, const struct model_want *want)
{
	size_t versioned = 0, versions = 0;

	for (size_t i = 1; i < facts->symbols_count; i++) {
		const struct facts_symbol *symbol = &facts->symbols[i];
		bool hidden = symbol->flags & FACTS_SYMBOL_HIDDEN_VERSION;

		if (symbol->name.offset != want->name || symbol->binding == STB_LOCAL)
			continue;
		if ((symbol->value == 0 && symbol->section != SHN_ABS &&
		     symbol->type != STT_TLS) ||
		    (want->plt && symbol->section == SHN_UNDEF) || symbol->type == STT_FILE)
			continue;
		if (!facts->version_needs_count)
			return i;
		if (want->ref->version.length) {
			if (symbol->version.offset == want->ref->version.offset)
				return i;
			if (!want->exact && !symbol->version.length && !hidden)
				return i;
			continue;
		}
		if (symbol->version_index < 3)
			return i;
		if (!hidden && versions++ == 0)
			versioned = i;
	}
	return versions == 1 ? versioned : 0;
}

static bool model_try(struct model *model, uint32_t object, uint32_t asking,
		      const struct model_want *want, uint32_t *ret)
{
	const struct facts *facts = facts_of(model, object);
	const struct facts_symbol *symbol;
	size_t index;
	uint32_t *unique;

	if (want->copy && object == 0)
		return false;
	index = model_match(facts, want);
	symbol = &facts->symbols[index];
	if (!index || symbol->visibility == STV_HIDDEN || symbol->visibility == STV_INTERNAL)
		return false;
	*ret = object;
	if (symbol->binding != STB_GNU_UNIQUE)
		return true;
	unique = &model->unique[strings[want->name] - '0'];
	if (*unique == LOADER_NONE)
		*unique = want->copy ? asking : object;
	else if (!want->copy)
		*ret = *unique;
	return true;
}

static uint32_t model_search(struct model *model, uint32_t asking, const struct model_want *want)
{
	uint32_t found;

	if (asking != 0 && (facts_of(model, asking)->identity->dynamic_flags & DF_SYMBOLIC) &&
	    model_try(model, asking, asking, want, &found))
		return found;
	for (size_t i = 0; i < model->world->load.scope_count; i++)
		if (model_try(model, model->world->scope[i], asking, want, &found))
			return found;
	return LOADER_NONE;
}

/* A reference that is not weak makes all rows of that symbol strong. */
static void model_add(struct model *model, const struct binding *row)
{
	bool weak = row->weak, known = false;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < model->count; i++) {
			struct binding *other = &model->rows[i];

			if (other->consumer != row->consumer ||
			    strcmp(other->name, row->name) != 0 ||
			    strcmp(other->version, row->version) != 0)
				continue;
			weak &= other->weak;
			other->weak = weak;
			known |= other->provider == row->provider;
		}
	}
	if (known)
		return;
	model->rows[model->count] = *row;
	model->rows[model->count++].weak = weak;
}

static void model_relocate(struct model *model, uint32_t asking,
			   const struct facts_relocation *relocation)
{
	const struct facts *facts = facts_of(model, asking);
	const struct facts_symbol *ref = &facts->symbols[relocation->symbol];
	uint32_t type = relocation->type, found, called;
	struct model_want want = {.name = ref->name.offset,
				  .ref = ref,
				  .plt = type == R_X86_64_JUMP_SLOT || type == R_X86_64_TPOFF64,
				  .copy = type == R_X86_64_COPY};

	if (type == R_X86_64_NONE || type == R_X86_64_RELATIVE || ref->binding == STB_LOCAL ||
	    ref->visibility == STV_HIDDEN || ref->visibility == STV_INTERNAL)
		return;
	for (size_t i = 0; i < facts->version_needs_count && ref->version.length; i++)
		if (facts->version_needs[i].index == (ref->version_index | 0x8000u))
			want.exact = true;
	found = model_search(model, asking, &want);
	if (ref->visibility == STV_PROTECTED && found != LOADER_NONE && found != asking) {
		if (want.plt) {
			found = asking;
		} else {
			want.plt = true;
			want.copy = false;
			called = model_search(model, asking, &want);
			if (called != LOADER_NONE && called != asking)
				found = asking;
		}
	}
	model_add(model, &(struct binding){asking, found, facts_text(facts, ref->name),
					   facts_text(facts, ref->version),
					   ref->binding == STB_WEAK});
}

static void model_bind(struct model *model, const struct world *world)
{
	uint32_t *order = bind_order(&world->load);

	*model = (struct model){.world = world};
	for (size_t i = 0; i < NAMES; i++)
		model->unique[i] = LOADER_NONE;
	for (size_t i = 0; i < world->load.scope_count; i++) {
		const struct facts *facts = facts_of(model, order[i]);

		if (world->objects[order[i]].request == LOADER_REQUEST_INTERPRETER)
			continue;
		for (size_t j = 0; j < facts->relocations_count; j++)
			model_relocate(model, order[i], &facts->relocations[j]);
	}
	free(order);
}

/* ---- comparison ---- */

static int compare_rows(const void *a, const void *b)
{
	const struct binding *left = a, *right = b;
	int order;

	if (left->consumer != right->consumer)
		return left->consumer < right->consumer ? -1 : 1;
	if (left->provider != right->provider)
		return left->provider < right->provider ? -1 : 1;
	order = strcmp(left->name, right->name);
	return order ? order : strcmp(left->version, right->version);
}

static void check_order(const struct bindings *bindings)
{
	for (size_t i = 1; i < bindings->count; i++) {
		const struct binding *before = &bindings->list[i - 1], *after = &bindings->list[i];

		assert_true(before->consumer < after->consumer ||
			    (before->consumer == after->consumer &&
			     before->provider <= after->provider));
	}
}

static void check_rows(struct model *model, const struct bindings *bindings)
{
	struct binding *ours = calloc(bindings->count + 1, sizeof(*ours));

	assert_int_equal(bindings->count, model->count);
	for (size_t i = 0; i < bindings->count; i++)
		ours[i] = bindings->list[i];
	qsort(ours, bindings->count, sizeof(*ours), compare_rows);
	qsort(model->rows, model->count, sizeof(*model->rows), compare_rows);
	for (size_t i = 0; i < bindings->count; i++) {
		assert_int_equal(compare_rows(&ours[i], &model->rows[i]), 0);
		assert_int_equal(ours[i].weak, model->rows[i].weak);
	}
	free(ours);
}

static size_t count_pair(const struct bindings *bindings, uint32_t consumer, uint32_t provider)
{
	size_t count = 0;

	for (size_t i = 0; i < bindings->count; i++)
		count += bindings->list[i].consumer == consumer &&
			 bindings->list[i].provider == provider;
	return count;
}

static void check_counts(const struct world *world, const struct bindings *bindings)
{
	size_t undeclared = 0, missing = 0;

	for (size_t i = 0; i < EDGES; i++) {
		const struct loader_edge *edge = &world->edges[i];

		assert_int_equal(bindings->edge_symbols[i],
				 edge->to == LOADER_NONE
				     ? 0
				     : count_pair(bindings, edge->from, edge->to));
	}
	for (uint32_t i = 0; i < world->load.object_count; i++) {
		for (uint32_t j = 0; j < world->load.object_count; j++) {
			size_t count = count_pair(bindings, i, j);
			bool declared = false;

			for (size_t k = 0; k < EDGES; k++)
				declared |= world->edges[k].from == i && world->edges[k].to == j;
			if (!count || declared || i == j)
				continue;
			assert_true(undeclared < bindings->undeclared_count);
			assert_int_equal(bindings->undeclared[undeclared].consumer, i);
			assert_int_equal(bindings->undeclared[undeclared].provider, j);
			assert_int_equal(bindings->undeclared[undeclared].symbols, count);
			undeclared++;
		}
	}
	for (size_t i = 0; i < bindings->count; i++)
		missing +=
		    bindings->list[i].provider == LOADER_NONE && !bindings->list[i].weak;
	assert_int_equal(bindings->undeclared_count, undeclared);
	assert_int_equal(bindings->unprovided_count, missing);
}

/* Each object alone gives its part of the whole. */
static void check_parts(struct binder *binder, const struct world *world,
			const struct bindings *bindings, struct arena *arena)
{
	size_t at = 0;

	for (uint32_t i = 0; i < world->load.object_count; i++) {
		const struct bindings *part;

		assert_int_equal(bind_consumer(binder, &world->load, i, arena, &part), STATUS_OK);
		for (size_t j = 0; j < part->count; j++, at++) {
			assert_true(at < bindings->count);
			assert_int_equal(compare_rows(&part->list[j], &bindings->list[at]), 0);
		}
	}
	assert_int_equal(at, bindings->count);
}

static void check_flavour(const struct flavour *flavour)
{
	struct file *files = calloc(flavour->files, sizeof(*files));
	struct binder *binder = binder_new(NULL, NULL);
	struct model model;

	random_state = flavour->seed;
	make_strings();
	for (uint32_t i = 0; i < flavour->files; i++) {
		make_file(&files[i], i, flavour->odd);
		if (i >= flavour->files / 2 && one_in(2))
			add_copies(&files[i]);
	}
	for (int i = 0; i < WORLDS; i++) {
		const struct bindings *bindings;
		struct world world;
		struct arena arena;

		arena_init(&arena);
		make_world(&world, files, flavour->files);
		model_bind(&model, &world);
		assert_int_equal(bind_symbols(binder, &world.load, &arena, &bindings), STATUS_OK);
		check_order(bindings);
		check_rows(&model, bindings);
		check_counts(&world, bindings);
		check_parts(binder, &world, bindings, &arena);
		arena_release(&arena);
	}
	binder_free(binder);
	free(files);
}

static void test_random_worlds(void **state)
{
	static const struct flavour flavours[] = {
	    {160, true, 1}, {160, false, 2}, {24, true, 3}, {24, false, 4}, {16, true, 5}, {16, false, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
		check_flavour(&flavours[i]);
}

/* ---- the order of relocation ---- */

static void visit(const struct world *world, uint32_t object, bool *visited, uint32_t *list,
		  size_t *left)
{
	if (visited[object])
		return;
	visited[object] = true;
	for (size_t i = 0; i < EDGES; i++)
		if (object != 0 && world->edges[i].from == object &&
		    world->edges[i].to != LOADER_NONE)
			visit(world, world->edges[i].to, visited, list, left);
	list[--*left] = object;
}

/* The same by recursion, as glibc does it. */
static void test_order(void **state)
{
	struct file *files = calloc(FILES, sizeof(*files));

	(void)state;
	random_state = 42;
	for (uint32_t i = 0; i < FILES; i++)
		files[i].binary.id = i;
	for (int i = 0; i < WORLDS; i++) {
		uint32_t list[OBJECTS], *order;
		bool visited[OBJECTS] = {0};
		struct world world;
		size_t count, left, at = 0;

		make_world(&world, files, FILES);
		order = bind_order(&world.load);
		count = left = world.load.scope_count;
		for (size_t j = count; j-- > 0;)
			if (world.scope[j] != 0)
				visit(&world, world.scope[j], visited, list, &left);
		visit(&world, 0, visited, list, &left);
		assert_int_equal(left, 0);
		while (list[at] != 0)
			at++;
		memmove(&list[1], &list[0], at * sizeof(list[0]));
		list[0] = 0;
		for (size_t j = 0; j < count; j++)
			assert_int_equal(order[j], list[count - 1 - j]);
		free(order);
	}
	free(files);
}

/* ---- machines ---- */

static void test_relocation_classes(void **state)
{
	static const struct {
		uint16_t machine;
		uint32_t flags, type;
		unsigned class;
	} rows[] = {
	    {EM_X86_64, 0, R_X86_64_NONE, 0},
	    {EM_X86_64, 0, R_X86_64_RELATIVE, 0},
	    {EM_X86_64, 0, R_X86_64_64, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_GLOB_DAT, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_JUMP_SLOT, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_DTPMOD64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_DTPOFF64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_TPOFF64, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_TLSDESC, BIND_PLT},
	    {EM_X86_64, 0, R_X86_64_SIZE64, BIND_PLAIN},
	    {EM_X86_64, 0, R_X86_64_COPY, BIND_COPY},
	    {EM_386, 0, R_386_JMP_SLOT, BIND_PLT},
	    {EM_386, 0, R_386_TLS_TPOFF, BIND_PLT},
	    {EM_386, 0, R_386_TLS_DTPOFF32, BIND_PLT},
	    {EM_386, 0, R_386_TLS_DESC, BIND_PLT},
	    {EM_386, 0, R_386_32, BIND_PLAIN},
	    {EM_386, 0, R_386_TLS_IE, BIND_PLAIN},
	    {EM_AARCH64, 0, R_AARCH64_ABS64, BIND_PLAIN},
	    {EM_AARCH64, 0, R_AARCH64_JUMP_SLOT, BIND_PLT},
	    {EM_AARCH64, 0, R_AARCH64_TLSDESC, BIND_PLT},
	    {EM_AARCH64, 0, R_AARCH64_RELATIVE, 0},
	    {EM_AARCH64, 0, R_AARCH64_IRELATIVE, BIND_PLAIN},
	    {EM_ARM, 0, R_ARM_TLS_DESC, BIND_PLT},
	    {EM_ARM, 0, R_ARM_GLOB_DAT, BIND_PLAIN},
	    {EM_RISCV, 0, R_RISCV_64, BIND_PLAIN},
	    {EM_RISCV, 0, R_RISCV_TLS_DTPREL64, BIND_PLT},
	    {EM_S390, 0, R_390_TLS_TPOFF, BIND_PLT},
	    {EM_PPC64, 2, R_PPC64_ADDR64, BIND_PLAIN},
	    {EM_PPC64, 2, R_PPC64_DTPMOD64, BIND_PLT},
	    {EM_PPC64, 1, R_PPC64_ADDR64, BIND_PLT},
	    {EM_PPC64, 2, R_PPC64_COPY, BIND_COPY},
	    {EM_SPARCV9, 0, 20, BIND_PLAIN},
	    {EM_SPARCV9, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct facts_identity identity = {.machine = rows[i].machine,
						  .elf_flags = rows[i].flags};

		assert_int_equal(bind_relocation_class(bind_machine(&identity), rows[i].type),
				 rows[i].class);
	}
}

/* A process of which nothing is known, and one whose facts lack what is wanted. */
static void test_odd_processes(void **state)
{
	struct binder *binder = binder_new(NULL, NULL);
	struct load_set empty = {0};
	struct file *file = calloc(1, sizeof(*file));
	const struct bindings *bindings;
	struct world world;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_int_equal(bind_symbols(binder, &empty, &arena, &bindings), STATUS_OK);
	assert_int_equal(bindings->count + bindings->undeclared_count, 0);
	make_strings();
	make_file(file, 3, false);
	world = (struct world){.objects = {{.binary = &file->binary}}};
	world.load = (struct load_set){.objects = world.objects,
				       .object_count = 1,
				       .scope = world.scope,
				       .scope_count = 1};
	file->binary.status = STATUS_FAULT;
	assert_int_equal(bind_symbols(binder, &world.load, &arena, &bindings), STATUS_OK);
	assert_int_equal(bindings->count, 0);
	file->binary.status = STATUS_OK;
	file->identity.groups = FACTS_SYMBOLS;
	assert_int_equal(bind_symbols(binder, &world.load, &arena, &bindings), STATUS_USAGE);
	assert_int_equal(bind_consumer(binder, &empty, 7, &arena, &bindings), STATUS_OK);
	binder_free(binder);
	arena_release(&arena);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_worlds),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_relocation_classes),
	    cmocka_unit_test(test_odd_processes),
	};

	return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
