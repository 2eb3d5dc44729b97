/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The binder against a model that does without everything which makes the binder fast: it walks the
 * relocations in ld.so's order, the whole scope for each, and keeps one table of unique symbols.
 * Worlds are random and many; their binder is one, so that what it keeps is tested as well.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bind_world.h"
#include "depend/bind_process.h"

#define WORLDS 2000

/* What kind of worlds; each leads the binder along other ways. */
struct flavour {
	uint32_t files; /* many: names have more definitions than a scope has objects */
	bool odd;	/* exact version needs, and undefined symbols with a value */
	uint64_t seed;
};

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
		if ((symbol->value == 0 && symbol->section != SHN_ABS && symbol->type != STT_TLS) ||
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
	model_add(model,
		  &(struct binding){asking, found, facts_text(facts, ref->name),
				    facts_text(facts, ref->version), ref->binding == STB_WEAK});
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

		assert_true(
		    before->consumer < after->consumer ||
		    (before->consumer == after->consumer && before->provider <= after->provider));
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

		assert_int_equal(
		    bindings->edge_symbols[i],
		    edge->to == LOADER_NONE ? 0 : count_pair(bindings, edge->from, edge->to));
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
		missing += bindings->list[i].provider == LOADER_NONE && !bindings->list[i].weak;
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
	    {160, true, 1}, {160, false, 2}, {24, true, 3},
	    {24, false, 4}, {16, true, 5},   {16, false, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
		check_flavour(&flavours[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_worlds)};

	return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
