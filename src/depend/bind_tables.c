/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbol tables of files, made once per file and kept for all processes it takes part in. */
#include "depend/bind_tables.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/memory.h"

#define FIRST_SLOTS 4096u
#define PREFETCH_AHEAD 12u

/* What the relocations of a file make of one symbol. */
struct use {
	uint32_t first[BIND_CLASSES];
	uint8_t classes;
};

/* One table under construction. */
struct build {
	struct binder *binder;
	const struct facts *facts;
	uint32_t table;
	struct use *uses; /* by symbol */
	uint16_t *exact;  /* version indexes that bind to that very version only */
	size_t exact_count;
	uint32_t *seen; /* set of requests: 1 + index */
	size_t seen_mask;
	VEC(struct bind_export) exports;
	VEC(struct bind_request) requests;
};

struct binder *binder_new(struct binaries *binaries, struct diags *diags)
{
	struct binder *binder = memory_calloc(1, sizeof(*binder));

	binder->binaries = binaries;
	binder->diags = diags;
	arena_init(&binder->arena);
	binder->slot_count = FIRST_SLOTS;
	binder->slots = memory_calloc(binder->slot_count, sizeof(*binder->slots));
	binder->version_ids = memory_calloc(INT16_MAX + 1, sizeof(*binder->version_ids));
	/* Names that all fall into one slot must not be guessed. */
	if (getrandom(&binder->seed, sizeof(binder->seed), GRND_NONBLOCK) < 0)
		binder->seed = 0;
	return binder;
}

void binder_free(struct binder *binder)
{
	if (!binder)
		return;
	free(binder->slots);
	free(binder->version_ids);
	map_release(&binder->versions);
	vec_release(&binder->names);
	vec_release(&binder->definitions);
	vec_release(&binder->tables);
	vec_release(&binder->table_of);
	vec_release(&binder->positions);
	arena_release(&binder->arena);
	free(binder);
}

/* ---- names ---- */

__extension__ typedef unsigned __int128 wide;

static uint64_t mix(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step: mangled names are long. */
static uint32_t hash_name(uint64_t seed, struct slice name)
{
	uint64_t hash = seed ^ UINT64_C(0x9e3779b97f4a7c15), part;
	size_t at = 0;

	for (; name.len - at >= sizeof(part); at += sizeof(part)) {
		memcpy(&part, name.ptr + at, sizeof(part));
		hash = mix(hash ^ part, UINT64_C(0xe7037ed1a0b428db));
	}
	part = (uint64_t)name.len << 56;
	memcpy(&part, name.ptr + at, name.len - at);
	hash = mix(hash ^ part, UINT64_C(0x8ebc6af09c88c6e3));
	return (uint32_t)(hash ^ (hash >> 32));
}

/* Makes room for that many more names. */
static void reserve_slots(struct binder *binder, size_t more)
{
	size_t count = binder->slot_count;
	struct bind_slot *slots;

	while (count < (binder->names.len + more) * 2)
		count *= 2;
	if (count == binder->slot_count)
		return;
	slots = memory_calloc(count, sizeof(*slots));
	for (size_t i = 0; i < binder->slot_count; i++) {
		struct bind_slot slot = binder->slots[i];
		size_t at = slot.hash & (count - 1);

		if (!slot.name)
			continue;
		while (slots[at].name)
			at = (at + 1) & (count - 1);
		slots[at] = slot;
	}
	free(binder->slots);
	binder->slots = slots;
	binder->slot_count = count;
}

/* The number of a name; reserve_slots() has made room. */
static uint32_t intern(struct binder *binder, const char *text, uint32_t hash)
{
	size_t at = hash & (binder->slot_count - 1);

	for (; binder->slots[at].name; at = (at + 1) & (binder->slot_count - 1))
		if (binder->slots[at].hash == hash &&
		    strcmp(binder->names.ptr[binder->slots[at].name - 1].text, text) == 0)
			return binder->slots[at].name - 1;
	vec_push(&binder->names, ((struct bind_name){.text = text, .definitions = BIND_NONE}));
	binder->slots[at] = (struct bind_slot){hash, (uint32_t)binder->names.len};
	return (uint32_t)binder->names.len - 1;
}

/* Ids start at 1; a symbol without a version has 0. */
static uint32_t version_id(struct build *build, const struct facts_symbol *symbol)
{
	struct map *versions = &build->binder->versions;
	struct bind_version_id *known;

	if (!symbol->version.length)
		return 0;
	known = &build->binder->version_ids[symbol->version_index & INT16_MAX];
	if (known->table != build->table + 1) {
		known->table = build->table + 1;
		known->id = 1 + map_put(versions, facts_slice(build->facts, symbol->version),
					(uint32_t)versions->len, NULL)
				    ->value;
	}
	return known->id;
}

/* ---- what a file offers ---- */

/* The tests of check_match() and do_lookup_x() that do not depend on who asks. */
static bool can_be_found(const struct facts_symbol *symbol)
{
	if (symbol->value == 0 && symbol->section != SHN_ABS && symbol->type != STT_TLS)
		return false;
	switch (symbol->type) {
	case STT_NOTYPE:
	case STT_OBJECT:
	case STT_FUNC:
	case STT_COMMON:
	case STT_TLS:
	case STT_GNU_IFUNC:
		break;
	default:
		return false;
	}
	/* Local ones are not in the hash table. */
	return symbol->binding == STB_GLOBAL || symbol->binding == STB_WEAK ||
	       symbol->binding == STB_GNU_UNIQUE;
}

static void add_export(struct build *build, const struct facts_symbol *symbol, uint32_t name_index)
{
	struct binder *binder = build->binder;
	struct bind_name *name = &binder->names.ptr[name_index];
	struct bind_definition *head =
	    name->definitions != BIND_NONE ? &binder->definitions.ptr[name->definitions] : NULL;
	uint32_t index = (uint32_t)build->exports.len;
	struct bind_export added = {.name = name_index,
				    .version = version_id(build, symbol),
				    .next = BIND_NONE,
				    .version_index = symbol->version_index};

	if (symbol->flags & FACTS_SYMBOL_HIDDEN_VERSION)
		added.flags |= BIND_EXPORT_HIDDEN_VERSION;
	if (symbol->flags & FACTS_SYMBOL_UNDEFINED) {
		added.flags |= BIND_EXPORT_UNDEFINED;
		name->undefined_values = true;
	}
	if (symbol->visibility == STV_HIDDEN || symbol->visibility == STV_INTERNAL)
		added.flags |= BIND_EXPORT_LOCAL;
	if (symbol->binding == STB_GNU_UNIQUE)
		added.flags |= BIND_EXPORT_UNIQUE;
	vec_push(&build->exports, added);
	if (head && head->table == build->table) {
		build->exports.ptr[head->last].next = index;
		head->last = index;
		return;
	}
	vec_push(&binder->definitions,
		 ((struct bind_definition){build->table, index, index, name->definitions}));
	name->definitions = (uint32_t)binder->definitions.len - 1;
	name->definition_count++;
}

/* ---- what a file asks for ---- */

static void add_request(struct build *build, const struct facts_symbol *symbol, uint32_t index,
			uint32_t name_index)
{
	struct bind_request added = {.name = name_index,
				     .version = version_id(build, symbol),
				     .symbol = index,
				     .classes = build->uses[index].classes,
				     .weak = symbol->binding == STB_WEAK};
	size_t at = (name_index * UINT32_C(0x9e3779b1) ^ added.version) & build->seen_mask;

	memcpy(added.first, build->uses[index].first, sizeof(added.first));
	if (symbol->visibility == STV_PROTECTED)
		added.classes = (uint8_t)(added.classes << BIND_PROTECTED);
	for (size_t i = 0; i < build->exact_count && added.version; i++)
		added.exact |= build->exact[i] == symbol->version_index;
	for (; build->seen[at]; at = (at + 1) & build->seen_mask) {
		struct bind_request *known = &build->requests.ptr[build->seen[at] - 1];

		if (known->name != added.name || known->version != added.version)
			continue;
		for (unsigned i = 0; i < BIND_CLASSES; i++) {
			uint8_t class = (uint8_t)(1u << i | 1u << (i + BIND_PROTECTED));

			if ((added.classes & class) &&
			    (!(known->classes & class) || added.first[i] < known->first[i]))
				known->first[i] = added.first[i];
		}
		known->classes |= added.classes;
		known->weak &= added.weak;
		known->exact &= added.exact;
		return;
	}
	vec_push(&build->requests, added);
	build->seen[at] = (uint32_t)build->requests.len;
}

/* Hidden and internal symbols bind to themselves, without a look-up (elf/dl-reloc.c). */
static bool is_looked_up(const struct facts_symbol *symbol)
{
	return symbol->binding != STB_LOCAL && symbol->visibility != STV_HIDDEN &&
	       symbol->visibility != STV_INTERNAL;
}

static void read_uses(struct build *build)
{
	const struct facts *facts = build->facts;
	const struct bind_machine *machine = bind_machine(facts->identity);
	size_t wanted = 0, slots = 64;

	build->uses = memory_calloc(facts->symbols_count + 1, sizeof(*build->uses));
	for (size_t i = 0; i < facts->relocations_count; i++) {
		struct use *use = &build->uses[facts->relocations[i].symbol];
		unsigned class = bind_relocation_class(machine, facts->relocations[i].type);

		if (use->classes & class || !class)
			continue;
		wanted += !use->classes;
		use->first[class >> 1] = (uint32_t)i;
		use->classes |= (uint8_t) class;
	}
	_Static_assert(BIND_PLAIN >> 1 == 0 && BIND_PLT >> 1 == 1 && BIND_COPY >> 1 == 2,
		       "used as indexes");
	/* MIPS binds what is in its GOT without relocations. */
	for (size_t i = 0; i < facts->symbols_count && facts->identity->machine == EM_MIPS; i++) {
		wanted++;
		if (facts->symbols[i].flags & FACTS_SYMBOL_UNDEFINED)
			build->uses[i].classes |= BIND_PLT;
	}
	while (slots < wanted * 2)
		slots *= 2;
	build->seen = memory_calloc(slots, sizeof(*build->seen));
	build->seen_mask = slots - 1;
}

/* The bit 0x8000 of vna_other, which no linker sets, but which ld.so obeys. */
static void read_exact_versions(struct build *build)
{
	const struct facts *facts = build->facts;

	build->exact = memory_calloc(facts->version_needs_count + 1, sizeof(*build->exact));
	for (size_t i = 0; i < facts->version_needs_count; i++)
		if (facts->version_needs[i].index & (INT16_MAX + 1))
			build->exact[build->exact_count++] =
			    facts->version_needs[i].index & INT16_MAX;
	build->binder->has_exact_needs |= build->exact_count > 0;
}

/* The symbols of a file that matter, with the hashes of their names. */
struct candidate {
	uint32_t symbol, hash;
	bool wanted, offered;
};

static size_t list_candidates(struct build *build, struct candidate *candidates)
{
	const struct facts *facts = build->facts;
	size_t count = 0;

	for (size_t i = 1; i < facts->symbols_count; i++) {
		const struct facts_symbol *symbol = &facts->symbols[i];
		bool wanted = build->uses[i].classes && is_looked_up(symbol);
		bool offered = can_be_found(symbol);

		if (wanted || offered)
			candidates[count++] = (struct candidate){
			    (uint32_t)i,
			    hash_name(build->binder->seed, facts_slice(facts, symbol->name)),
			    wanted, offered};
	}
	return count;
}

static void read_symbols(struct build *build)
{
	struct binder *binder = build->binder;
	const struct facts *facts = build->facts;
	struct candidate *candidates =
	    memory_alloc((facts->symbols_count + 1) * sizeof(*candidates));
	size_t count = list_candidates(build, candidates);

	reserve_slots(binder, count);
	for (size_t i = 0; i < count; i++) {
		const struct candidate *candidate = &candidates[i];
		const struct facts_symbol *symbol = &facts->symbols[candidate->symbol];
		uint32_t name;

		/* The table of names is larger than the caches; a miss costs more than all else. */
		if (i + PREFETCH_AHEAD < count)
			__builtin_prefetch(&binder->slots[candidates[i + PREFETCH_AHEAD].hash &
							  (binder->slot_count - 1)]);
		name = intern(binder, facts_text(facts, symbol->name), candidate->hash);
		if (candidate->wanted)
			add_request(build, symbol, candidate->symbol, name);
		if (candidate->offered)
			add_export(build, symbol, name);
	}
	free(candidates);
}

/* ld.so reads DT_VERSYM only of a file that defines or needs versions (_dl_check_map_versions). */
static bool has_versions(const struct facts *facts)
{
	return facts->version_definitions_count + facts->version_needs_count > 0 &&
	       facts->symbols_count > 0 && facts->symbols[0].version_index != UINT16_MAX;
}

static bool is_symbolic(const struct facts *facts)
{
	size_t at = 0;

	return (facts->identity->dynamic_flags & DF_SYMBOLIC) ||
	       facts_dynamic_next(facts, DT_SYMBOLIC, &at);
}

static uint32_t build_table(struct binder *binder, const struct facts *facts)
{
	struct build build = {
	    .binder = binder, .facts = facts, .table = (uint32_t)binder->tables.len};
	struct bind_table table = {.facts = facts};

	read_uses(&build);
	read_exact_versions(&build);
	read_symbols(&build);
	table.export_count = (uint32_t)build.exports.len;
	table.exports = arena_copy(&binder->arena, build.exports.ptr,
				   build.exports.len * sizeof(*build.exports.ptr));
	table.request_count = (uint32_t)build.requests.len;
	table.requests = arena_copy(&binder->arena, build.requests.ptr,
				    build.requests.len * sizeof(*build.requests.ptr));
	table.has_versions = has_versions(facts);
	table.symbolic = is_symbolic(facts);
	vec_push(&binder->tables, table);
	vec_push(&binder->positions, BIND_NONE);
	vec_release(&build.exports);
	vec_release(&build.requests);
	free(build.uses);
	free(build.exact);
	free(build.seen);
	return build.table;
}

uint32_t binder_table(struct binder *binder, struct binary *binary)
{
	const struct facts *facts;

	while (binder->table_of.len <= binary->id)
		vec_push(&binder->table_of, BIND_NONE);
	if (binder->table_of.ptr[binary->id] != BIND_NONE)
		return binder->table_of.ptr[binary->id];
	facts = binary->ready ? &binary->facts : binaries_facts(binder->binaries, binary);
	if (!facts || binary->status != STATUS_OK)
		return BIND_NONE;
	binder->table_of.ptr[binary->id] = build_table(binder, facts);
	return binder->table_of.ptr[binary->id];
}

/* ---- finding by name in one file ---- */

struct name_order {
	uint32_t name, index;
};

static int compare_names(const void *a, const void *b)
{
	const struct name_order *left = a, *right = b;

	if (left->name != right->name)
		return left->name < right->name ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* Indexes of count elements of that size, which start with their name, ordered by it. */
static const uint32_t *sort_by_name(struct binder *binder, const void *elements, uint32_t count,
				    size_t size)
{
	struct name_order *order = memory_calloc((size_t)count + 1, sizeof(*order));
	uint32_t *sorted = arena_alloc_array(&binder->arena, count, sizeof(*sorted));

	for (uint32_t i = 0; i < count; i++) {
		memcpy(&order[i].name, (const char *)elements + i * size, sizeof(order[i].name));
		order[i].index = i;
	}
	qsort(order, count, sizeof(*order), compare_names);
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = order[i].index;
	free(order);
	return sorted;
}

_Static_assert(offsetof(struct bind_export, name) == 0, "sort_by_name() reads it there");
_Static_assert(offsetof(struct bind_request, name) == 0, "sort_by_name() reads it there");

uint32_t binder_find_export(struct binder *binder, uint32_t table_index, uint32_t name)
{
	struct bind_table *table = &binder->tables.ptr[table_index];
	uint32_t low = 0, high = table->export_count;

	if (!table->exports_by_name)
		table->exports_by_name = sort_by_name(binder, table->exports, table->export_count,
						      sizeof(*table->exports));
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->exports[table->exports_by_name[middle]].name < name)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == table->export_count || table->exports[table->exports_by_name[low]].name != name)
		return BIND_NONE;
	return table->exports_by_name[low];
}

const uint32_t *binder_find_requests(struct binder *binder, uint32_t table_index, uint32_t name,
				     size_t *ret_count)
{
	struct bind_table *table = &binder->tables.ptr[table_index];
	uint32_t low = 0, high = table->request_count, end;

	if (!table->requests_by_name)
		table->requests_by_name = sort_by_name(
		    binder, table->requests, table->request_count, sizeof(*table->requests));
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->requests[table->requests_by_name[middle]].name < name)
			low = middle + 1;
		else
			high = middle;
	}
	end = low;
	while (end < table->request_count &&
	       table->requests[table->requests_by_name[end]].name == name)
		end++;
	*ret_count = end - low;
	return table->requests_by_name + low;
}
