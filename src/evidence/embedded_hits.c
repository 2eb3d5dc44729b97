/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks up every function of a binary, and numbers what was met. */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_case.h"
#include "util/budget.h"
#include "util/vec.h"

struct collector {
	const struct facts *facts;
	const struct index *index;
	struct arena *arena;
	VEC(struct case_function) functions;
	VEC(struct case_hit) hits; /* members by their number in the index until the end */
};

static bool ends_with(struct slice text, const char *end)
{
	size_t length = strlen(end);

	return text.len >= length && memcmp(text.ptr + text.len - length, end, length) == 0;
}

/* What flex and bison put into every scanner and parser, under names with a prefix at will. */
static bool is_of_scanner(const char *name)
{
	static const char *const parts[] = {"yy_flush_buffer",
					    "yy_switch_to_buffer",
					    "yypush_buffer_state",
					    "yypop_buffer_state",
					    "yy_create_buffer",
					    "yy_delete_buffer",
					    "yy_scan_b",
					    "yy_scan_string",
					    "yyensure_buffer_stack",
					    "yy_init_buffer",
					    "yy_load_buffer_state",
					    "yy_get_next_buffer",
					    "yy_get_previous_state",
					    "yyrestart",
					    "yysyntax_error",
					    "yylex_destroy"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/* Members of messages that protoc writes, in whoever's project. */
static bool is_of_message(const char *name)
{
	static const char *const parts[] = {
	    "6google8protobuf5Arena", "9MergeFromERK",	      "8CopyFromERK",
	    "14_InternalParseEPK",    "18_InternalSerialize", "12ByteSizeLongEv",
	    "12InternalSwapEP",	      "13IsInitializedEv",    "11GetMetadataEv"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/* What Qt's moc writes for every class with Q_OBJECT: the same but for what a linker sets. */
static bool is_of_moc(const char *name)
{
	static const char *const parts[] = {"11qt_metacall", "11qt_metacast",
					    "18qt_static_metacall", "10metaObjectEv"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/* Members of the C++ library's templates, made for the types of whoever uses them. */
static bool is_of_template(struct slice name)
{
	return slice_starts_with(name, "_ZNSt") || slice_starts_with(name, "_ZNKSt") ||
	       slice_starts_with(name, "_ZSt") || slice_starts_with(name, "_ZN9__gnu_cxx");
}

/*
 * Constructors of no arguments, destructors, initialisers of a file, and the unlikely parts of
 * functions: of many classes of many projects they are the same but for what a linker sets.
 */
static bool is_generated(const char *name, uint32_t flags, enum index_class class)
{
	static const char *const ends[] = {"C1Ev", "C2Ev", "D0Ev", "D1Ev", "D2Ev"};
	struct slice base = slice_of(name, strcspn(name, "."));

	if ((flags & INDEX_FUNCTION_FRAGMENT) || slice_starts_with(base, "_GLOBAL__") ||
	    strstr(name, "__static_initialization_and_destruction") || is_of_scanner(name))
		return true;
	if (!slice_starts_with(base, "_Z"))
		return false;
	if (is_of_message(name) || is_of_moc(name) ||
	    (class == INDEX_LIBRARY && is_of_template(base)))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(base, ends[i]))
			return true;
	return false;
}

static bool has_generated_name(const struct collector *collector,
			       const struct case_function *function)
{
	char buffer[INDEX_NAME_SIZE];

	for (uint32_t i = 0; i < function->count; i++) {
		const struct case_hit *hit = &collector->hits.ptr[function->first + i];
		struct index_member member = index_member(collector->index, hit->member);
		const struct index_origin *origin = index_origin(collector->index, member.origin);

		if (is_generated(index_function_name(collector->index, hit->posting, buffer),
				 hit->flags,
				 index_component(collector->index, origin->component)->class))
			return true;
		/* The same body twice in one object file: it is made by a pattern. */
		if (i && hit[-1].member == hit->member)
			return true;
	}
	return false;
}

/* A body that many projects have says nothing of any of them: its postings are not kept. */
static bool is_common(const struct index *index, uint64_t key)
{
	struct index_posting posting;
	struct index_hits hits;
	uint32_t count = 0;

	if (!index_find(index, key, &hits))
		return false;
	while (count <= BUDGET_EMBEDDED_POSTINGS && index_next(&hits, &posting))
		count++;
	return count > BUDGET_EMBEDDED_POSTINGS;
}

static void look_up(struct collector *collector, const struct facts_function *function)
{
	const struct index *index = collector->index;
	struct case_function new_function = {.address = function->address,
					     .size = function->size,
					     .key = function->loose.low,
					     .instructions = function->instructions,
					     .first = (uint32_t)collector->hits.len,
					     .owner = CASE_NONE};
	struct index_posting posting;
	struct index_hits hits;

	if (!index_find(index, new_function.key, &hits))
		return;
	if (is_common(index, new_function.key)) {
		vec_push(&collector->functions, new_function);
		return;
	}
	while (index_next(&hits, &posting)) {
		struct index_member member = index_member(index, posting.member);

		if (index_origin(index, member.origin)->machine !=
		    collector->facts->identity->machine)
			continue;
		new_function.header_only |=
		    (posting.flags & INDEX_FUNCTION_HEADER_ONLY) ||
		    index_component(index, posting.component)->class == INDEX_HEADER_ONLY;
		vec_push(&collector->hits,
			 ((struct case_hit){posting.member, posting.function, posting.flags,
					    index_strict_equal(&posting, &function->strict)}));
	}
	new_function.count = (uint32_t)collector->hits.len - new_function.first;
	if (!new_function.count)
		return;
	new_function.frequency = index_frequency(index, new_function.key, NULL);
	new_function.generated = new_function.frequency <= BUDGET_EMBEDDED_SHARED &&
				 has_generated_name(collector, &new_function);
	vec_push(&collector->functions, new_function);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Sorts and drops repetitions; gives how many are left. */
static size_t make_set(uint32_t *numbers, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || numbers[i] != numbers[kept - 1])
			numbers[kept++] = numbers[i];
	return kept;
}

static uint32_t place_of(const uint32_t *numbers, size_t count, uint32_t number)
{
	const uint32_t *found = bsearch(&number, numbers, count, sizeof(*numbers), compare_numbers);

	return found ? (uint32_t)(found - numbers) : CASE_NONE;
}

/* An origin or a component by its name, so that the numbers of an index decide nothing. */
struct named {
	uint32_t number;
	const char *component, *texts[5];
};

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcmp(left->component, right->component);

	for (size_t i = 0; !order && i < 5; i++)
		order = strcmp(left->texts[i], right->texts[i]);
	return order ? order : compare_numbers(&left->number, &right->number);
}

static void add_component(struct embedded_case *ret, const struct index *index, uint32_t number,
			  uint32_t origin)
{
	const struct index_component *known = index_component(index, number);
	struct case_component *last =
	    ret->component_count ? &ret->components[ret->component_count - 1] : NULL;

	if (!last || last->number != number) {
		last = &ret->components[ret->component_count++];
		*last = (struct case_component){.number = number,
						.name = known->name,
						.class = known->class,
						.first_origin = origin,
						.best = CASE_NONE};
	}
	last->origin_count++;
	if (ret->origins[origin].all_members > last->all_members)
		last->all_members = ret->origins[origin].all_members;
	ret->origins[origin].component = (uint32_t)ret->component_count - 1;
}

/* Origins sorted by name, and the components they belong to. moved: by place in numbers. */
static void fill_origins(const struct index *index, const uint32_t *numbers, size_t count,
			 uint32_t *moved, struct arena *arena, struct embedded_case *ret)
{
	struct named *named = arena_alloc_array(arena, count + 1, sizeof(*named));

	for (size_t i = 0; i < count; i++) {
		const struct index_origin *origin = index_origin(index, numbers[i]);

		named[i] = (struct named){
		    numbers[i],
		    index_component(index, origin->component)->name,
		    {origin->version, origin->source_version, origin->distribution, origin->package,
		     origin->path},
		};
	}
	if (count)
		qsort(named, count, sizeof(*named), compare_named);
	ret->origins = arena_alloc_array(arena, count + 1, sizeof(*ret->origins));
	ret->origin_count = count;
	ret->components = arena_alloc_array(arena, count + 1, sizeof(*ret->components));
	for (size_t i = 0; i < count; i++) {
		ret->origins[i] = (struct case_origin){
		    .number = named[i].number,
		    .all_members = index_origin(index, named[i].number)->member_count,
		};
		moved[place_of(numbers, count, named[i].number)] = (uint32_t)i;
		add_component(ret, index, index_origin(index, named[i].number)->component,
			      (uint32_t)i);
	}
}

/* Members are in the order of the index, where those of one origin follow each other. */
static void add_member(struct embedded_case *ret, uint32_t member)
{
	struct case_origin *origin = &ret->origins[ret->members[member].origin];

	if (!origin->member_count++)
		origin->first_member = member;
}

/* Replaces numbers of the index by places in the case. */
static void number_hits(struct collector *collector, struct embedded_case *ret)
{
	struct arena *arena = collector->arena;
	size_t hit_count = collector->hits.len, member_count, origin_count;
	uint32_t *members = arena_alloc_array(arena, hit_count + 1, sizeof(*members));
	uint32_t *origins, *moved;

	for (size_t i = 0; i < hit_count; i++)
		members[i] = collector->hits.ptr[i].member;
	member_count = make_set(members, hit_count);
	origins = arena_alloc_array(arena, member_count + 1, sizeof(*origins));
	moved = arena_alloc_array(arena, member_count + 1, sizeof(*moved));
	for (size_t i = 0; i < member_count; i++)
		origins[i] = index_member(collector->index, members[i]).origin;
	origin_count = make_set(origins, member_count);
	fill_origins(collector->index, origins, origin_count, moved, arena, ret);
	ret->members = arena_alloc_array(arena, member_count + 1, sizeof(*ret->members));
	ret->member_count = member_count;
	for (size_t i = 0; i < member_count; i++) {
		struct index_member member = index_member(collector->index, members[i]);

		ret->members[i] = (struct case_member){
		    .number = members[i],
		    .origin = moved[place_of(origins, origin_count, member.origin)],
		    .functions = member.functions,
		    .bytes = member.bytes,
		};
		add_member(ret, (uint32_t)i);
	}
	vec_each (hit, &collector->hits)
		hit->member = place_of(members, member_count, hit->member);
}

static int compare_keys(const void *a, const void *b, void *functions)
{
	const struct case_function *list = functions;
	uint64_t left = list[*(const uint32_t *)a].key, right = list[*(const uint32_t *)b].key;

	return left != right ? (left > right) - (left < right) : compare_numbers(a, b);
}

static void number_bodies(struct embedded_case *ret, struct arena *arena)
{
	size_t count = ret->function_count;
	uint32_t *order = arena_alloc_array(arena, count + 1, sizeof(*order));
	uint32_t body = 0;

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_keys, ret->functions);
	for (size_t i = 0; i < count; i++) {
		if (i && ret->functions[order[i]].key != ret->functions[order[i - 1]].key)
			body++;
		ret->functions[order[i]].body = body;
	}
	ret->body_count = count ? body + 1 : 0;
}

void case_collect(const struct facts *facts, const struct index *index, struct arena *arena,
		  struct embedded_case *ret)
{
	struct collector collector = {.facts = facts, .index = index, .arena = arena};

	*ret = (struct embedded_case){0};
	for (size_t i = 0; i < facts->functions_count; i++)
		if (index_eligible(&facts->functions[i], facts->identity->machine))
			look_up(&collector, &facts->functions[i]);
	ret->functions = arena_copy(arena, collector.functions.ptr,
				    collector.functions.len * sizeof(*ret->functions));
	ret->function_count = collector.functions.len;
	number_hits(&collector, ret);
	ret->hits = arena_copy(arena, collector.hits.ptr, collector.hits.len * sizeof(*ret->hits));
	ret->hit_count = collector.hits.len;
	number_bodies(ret, arena);
	vec_release(&collector.functions);
	vec_release(&collector.hits);
}
