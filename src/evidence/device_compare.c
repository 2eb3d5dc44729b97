/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/device_compare.h"

#include <stdlib.h>

#include "binary/device_names.h"
#include "util/arena.h"
#include "util/map.h"

enum side { LEFT, RIGHT, SIDES };

/* What is compared: kernels, functions, PTX, data of modules, images that are not inspected. */
enum class {
	CLASS_KERNEL,
	CLASS_FUNCTION,
	CLASS_TEXT,
	CLASS_MODULE,
	CLASS_OPAQUE,
	CLASS_UNREAD,
	CLASS_COUNT
};

struct item {
	uint32_t name, architecture; /* numbers that both sides share; 0: no name */
	uint32_t index;		     /* into kernels, or into device_entries */
	uint32_t class;
	struct facts_fingerprint raw, masked;
};

struct group { /* of one name and one architecture; the rest of it after each step */
	struct item *items[SIDES];
	size_t count[SIDES];
};

struct comparer {
	const struct facts *facts[SIDES];
	struct device_comparison *result;
	struct arena arena;
	struct map words; /* names and architectures: their numbers */
	VEC(struct item) items[SIDES];
	size_t suspicious; /* differences that a change of the source would make */
	size_t foreign;	   /* differences between images of other tools or options */
};

static uint32_t number_of(struct comparer *comparer, struct slice key)
{
	return map_put(&comparer->words, key, (uint32_t)comparer->words.len + 1, NULL)->value;
}

/* A number that names of both sides share when only the hash of a source path differs. */
static uint32_t name_number(struct comparer *comparer, struct map *seen, struct slice name)
{
	bool added;
	struct map_entry *entry = map_put(seen, name, 0, &added);

	if (added) {
		uint8_t *key = arena_alloc(&comparer->arena, name.len + 1);

		entry->value = number_of(comparer, slice_of(key, device_name_key(name, key)));
	}
	return entry->value;
}

static void number_kernels(struct comparer *comparer, enum side side)
{
	const struct facts *facts = comparer->facts[side];
	struct map seen = {0};

	for (size_t i = 0; i < facts->kernels_count; i++) {
		const struct facts_kernel *kernel = &facts->kernels[i];
		struct facts_text architecture = facts->device_entries[kernel->entry].architecture;

		vec_push(&comparer->items[side],
			 ((struct item){
			     .name = name_number(comparer, &seen, facts_slice(facts, kernel->name)),
			     .architecture = number_of(comparer, facts_slice(facts, architecture)),
			     .index = (uint32_t)i,
			     .class = kernel->flags & FACTS_KERNEL_PTX	      ? CLASS_TEXT
				      : kernel->flags & FACTS_KERNEL_FUNCTION ? CLASS_FUNCTION
									      : CLASS_KERNEL,
			     .raw = kernel->raw,
			     .masked = kernel->masked,
			 }));
	}
	map_release(&seen);
}

static bool is_none(struct facts_fingerprint it)
{
	return !it.low && !it.high;
}

static void number_entries(struct comparer *comparer, enum side side)
{
	const struct facts *facts = comparer->facts[side];

	for (size_t i = 0; i < facts->device_entries_count; i++) {
		const struct facts_device_entry *entry = &facts->device_entries[i];
		bool read = entry->state == FACTS_DEVICE_STATE_READ;
		struct item item = {.index = (uint32_t)i};

		comparer->result->not_read += entry->state == FACTS_DEVICE_STATE_LIMIT ||
					      entry->state == FACTS_DEVICE_STATE_DAMAGED;
		item.class = read					 ? CLASS_MODULE
			     : entry->state == FACTS_DEVICE_STATE_OPAQUE ? CLASS_OPAQUE
									 : CLASS_UNREAD;
		item.raw = item.masked = read ? entry->module : entry->content;
		if (is_none(item.raw))
			continue;
		item.architecture = number_of(comparer, facts_slice(facts, entry->architecture));
		vec_push(&comparer->items[side], item);
	}
}

static int compare_fingerprints(const struct facts_fingerprint *a,
				const struct facts_fingerprint *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

static int by_key(const struct item *a, const struct item *b)
{
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return (a->architecture > b->architecture) - (a->architecture < b->architecture);
}

static int by_raw(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = by_key(a, b);

	if (!order)
		order = compare_fingerprints(&a->raw, &b->raw);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static int by_masked(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = compare_fingerprints(&a->masked, &b->masked);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static uint64_t *counts(struct comparer *comparer, uint32_t class)
{
	switch ((enum class) class) {
	case CLASS_KERNEL:
		return comparer->result->kernels;
	case CLASS_FUNCTION:
		return comparer->result->functions;
	case CLASS_TEXT:
		return comparer->result->texts;
	case CLASS_MODULE:
		return comparer->result->modules;
	case CLASS_OPAQUE:
		return comparer->result->opaque;
	case CLASS_UNREAD:
	case CLASS_COUNT:
		break;
	}
	return comparer->result->unread;
}

static bool same_text(struct comparer *comparer, struct facts_text left, struct facts_text right)
{
	return slice_equal(facts_slice(comparer->facts[LEFT], left),
			   facts_slice(comparer->facts[RIGHT], right));
}

/* Whether one toolchain with the same options made the images of both kernels. */
static bool same_tool(struct comparer *comparer, const struct facts_device_entry *left,
		      const struct facts_device_entry *right)
{
	const struct facts_device_tool *a, *b;

	if (!same_text(comparer, left->version, right->version) ||
	    !same_text(comparer, left->options, right->options) ||
	    (left->tool == FACTS_NO_TOOL) != (right->tool == FACTS_NO_TOOL))
		return false;
	if (left->tool == FACTS_NO_TOOL)
		return true;
	a = &comparer->facts[LEFT]->device_tools[left->tool];
	b = &comparer->facts[RIGHT]->device_tools[right->tool];
	return same_text(comparer, a->name, b->name) &&
	       same_text(comparer, a->version, b->version) &&
	       same_text(comparer, a->build, b->build) &&
	       same_text(comparer, a->options, b->options);
}

static const struct facts_kernel *kernel_of(struct comparer *comparer, enum side side,
					    const struct item *item)
{
	return &comparer->facts[side]->kernels[item->index];
}

/* How many parts of what the masked fingerprint leaves out differ. */
static uint32_t unequal_parts(const struct facts_kernel *left, const struct facts_kernel *right)
{
	uint32_t count = 0;

	for (size_t i = 0; i < FACTS_KERNEL_PARTS; i++)
		count += left->parts[i] != right->parts[i];
	return count;
}

/*
 * Instructions that are equal down to their immediates, and yet another raw fingerprint:
 * attributes, relocations or constants of the kernel differ, which no move of a line explains.
 */
static bool is_more_than_near(const struct facts_kernel *left, const struct facts_kernel *right)
{
	return !(left->flags & FACTS_KERNEL_PTX) && !unequal_parts(left, right);
}

static void add_difference(struct comparer *comparer, enum device_level level,
			   const struct item *left, const struct item *right)
{
	enum side side = left ? LEFT : RIGHT;
	const struct item *item = left ? left : right;
	const struct facts *facts = comparer->facts[side];
	const struct facts_kernel *kernel;
	struct device_difference difference = {
	    .level = level, .left = DEVICE_NO_KERNEL, .right = DEVICE_NO_KERNEL};

	if (level == DEVICE_NEAR_EQUAL && item->class <= CLASS_TEXT &&
	    is_more_than_near(kernel_of(comparer, LEFT, left), kernel_of(comparer, RIGHT, right)))
		difference.level = level = DEVICE_DIFFERENT;
	counts(comparer, item->class)[level]++;
	if (item->class > CLASS_TEXT || level == DEVICE_EQUAL)
		return;
	kernel = kernel_of(comparer, side, item);
	difference.name = facts_slice(facts, kernel->name);
	difference.architecture =
	    facts_slice(facts, facts->device_entries[kernel->entry].architecture);
	difference.instructions = kernel->instructions;
	if (left)
		difference.left = left->index;
	if (right)
		difference.right = right->index;
	if (left && right) {
		const struct facts_kernel *other = kernel_of(comparer, RIGHT, right);

		if (!same_tool(comparer, &facts->device_entries[kernel->entry],
			       &comparer->facts[RIGHT]->device_entries[other->entry]))
			difference.flags |= DEVICE_TOOLCHAINS;
		if (level == DEVICE_NEAR_EQUAL) {
			difference.at_least = unequal_parts(kernel, other);
			difference.at_most = kernel->masked_count;
		}
	}
	vec_push(&comparer->result->differences, difference);
}

/* Pairs what is equal in sorted lists; what has no partner moves to the front. */
static void match(struct comparer *comparer, struct group *group, enum device_level level)
{
	size_t at[SIDES] = {0}, kept[SIDES] = {0};

	while (at[LEFT] < group->count[LEFT] || at[RIGHT] < group->count[RIGHT]) {
		struct item *left = &group->items[LEFT][at[LEFT]];
		struct item *right = &group->items[RIGHT][at[RIGHT]];
		int order = at[LEFT] == group->count[LEFT]     ? 1
			    : at[RIGHT] == group->count[RIGHT] ? -1
			    : level == DEVICE_EQUAL
				? compare_fingerprints(&left->raw, &right->raw)
				: compare_fingerprints(&left->masked, &right->masked);

		if (!order)
			add_difference(comparer, level, left, right);
		if (order < 0)
			group->items[LEFT][kept[LEFT]++] = *left;
		if (order > 0)
			group->items[RIGHT][kept[RIGHT]++] = *right;
		at[LEFT] += order <= 0;
		at[RIGHT] += order >= 0;
	}
	group->count[LEFT] = kept[LEFT];
	group->count[RIGHT] = kept[RIGHT];
}

static void compare_group(struct comparer *comparer, struct group *group)
{
	match(comparer, group, DEVICE_EQUAL);
	for (size_t i = 0; i < SIDES; i++)
		if (group->count[i])
			qsort(group->items[i], group->count[i], sizeof(struct item), by_masked);
	match(comparer, group, DEVICE_NEAR_EQUAL);
	for (size_t i = 0; i < group->count[LEFT] || i < group->count[RIGHT]; i++) {
		const struct item *left = i < group->count[LEFT] ? &group->items[LEFT][i] : NULL;
		const struct item *right = i < group->count[RIGHT] ? &group->items[RIGHT][i] : NULL;

		add_difference(comparer,
			       left && right ? DEVICE_DIFFERENT
			       : left	     ? DEVICE_ONLY_LEFT
					     : DEVICE_ONLY_RIGHT,
			       left, right);
	}
}

/* How many items from at on have the key of the first. */
static size_t run_length(const struct item *items, size_t count, const struct item *key)
{
	size_t length = 0;

	while (length < count && by_key(&items[length], key) == 0)
		length++;
	return length;
}

/* All architectures of one name, PTX among them: a change of the source shows in each. */
static void compare_name(struct comparer *comparer, struct group *name)
{
	struct device_comparison *result = comparer->result;
	size_t first = result->differences.len, common = 0, equal = 0;

	while (name->count[LEFT] || name->count[RIGHT]) {
		size_t before = result->differences.len;
		struct group group = *name;
		const struct item *key = name->items[LEFT];

		if (!name->count[LEFT] ||
		    (name->count[RIGHT] && by_key(name->items[RIGHT], key) < 0))
			key = name->items[RIGHT];
		for (size_t i = 0; i < SIDES; i++) {
			struct item copy = *key;

			group.count[i] = run_length(name->items[i], name->count[i], &copy);
			name->items[i] += group.count[i];
			name->count[i] -= group.count[i];
		}
		if (group.count[LEFT] && group.count[RIGHT])
			common++;
		else
			before = SIZE_MAX;
		compare_group(comparer, &group);
		equal += before == result->differences.len;
	}
	for (size_t i = first; i < result->differences.len; i++) {
		struct device_difference *difference = &result->differences.ptr[i];

		if (!equal)
			difference->flags |= DEVICE_CONSISTENT;
		if (common <= 1)
			difference->flags |= DEVICE_SINGLE;
		comparer->foreign += difference->level == DEVICE_DIFFERENT &&
				     (difference->flags & DEVICE_TOOLCHAINS);
		comparer->suspicious += !equal && difference->level != DEVICE_NEAR_EQUAL &&
					!(difference->flags & DEVICE_TOOLCHAINS);
	}
}

static void compare_items(struct comparer *comparer)
{
	struct item none; /* what a side without items points to */
	struct group rest = {.items = {&none, &none}};

	for (size_t i = 0; i < SIDES; i++) {
		rest.count[i] = comparer->items[i].len;
		if (!rest.count[i])
			continue;
		rest.items[i] = comparer->items[i].ptr;
		qsort(rest.items[i], rest.count[i], sizeof(struct item), by_raw);
	}
	while (rest.count[LEFT] || rest.count[RIGHT]) {
		struct group name = rest;
		uint32_t next = UINT32_MAX;

		for (size_t i = 0; i < SIDES; i++)
			if (rest.count[i] && rest.items[i]->name < next)
				next = rest.items[i]->name;
		for (size_t i = 0; i < SIDES; i++) {
			size_t length = 0;

			while (length < rest.count[i] && rest.items[i][length].name == next)
				length++;
			name.count[i] = length;
			rest.items[i] += length;
			rest.count[i] -= length;
		}
		compare_name(comparer, &name);
	}
}

/* "name\0version\0build" of each tool, and versions of images that name no tool. */
static void collect_tools(struct comparer *comparer, enum side side, struct map *tools)
{
	const struct facts *facts = comparer->facts[side];

	for (size_t i = 0; i < facts->device_tools_count; i++) {
		const struct facts_device_tool *tool = &facts->device_tools[i];
		const struct facts_text parts[3] = {tool->name, tool->version, tool->build};
		uint8_t *key =
		    arena_alloc(&comparer->arena, (size_t)tool->name.length + tool->version.length +
						      tool->build.length + 3);
		size_t length = 0;

		for (size_t j = 0; j < 3; j++) {
			struct slice part = facts_slice(facts, parts[j]);

			if (part.len)
				memcpy(key + length, part.ptr, part.len);
			length += part.len + 1;
		}
		map_put(tools, slice_of(key, length), 0, NULL);
	}
	for (size_t i = 0; i < facts->device_entries_count; i++) {
		const struct facts_device_entry *entry = &facts->device_entries[i];

		if (entry->state == FACTS_DEVICE_STATE_READ && entry->tool == FACTS_NO_TOOL &&
		    entry->kind != FACTS_DEVICE_KIND_HOST)
			map_put(tools, facts_slice(facts, entry->version), 0, NULL);
	}
}

static bool same_toolchains(struct comparer *comparer)
{
	struct map tools[SIDES] = {{0}};
	bool same;

	collect_tools(comparer, LEFT, &tools[LEFT]);
	collect_tools(comparer, RIGHT, &tools[RIGHT]);
	same = tools[LEFT].len == tools[RIGHT].len;
	for (size_t i = 0; same && i < tools[LEFT].len; i++)
		same = map_get(&tools[RIGHT], tools[LEFT].entries[i].key) != NULL;
	map_release(&tools[LEFT]);
	map_release(&tools[RIGHT]);
	return same;
}

static uint64_t unequal(const uint64_t counts[static DEVICE_LEVEL_COUNT])
{
	return counts[DEVICE_DIFFERENT] + counts[DEVICE_ONLY_LEFT] + counts[DEVICE_ONLY_RIGHT];
}

bool device_comparison_is_blind(const struct device_comparison *comparison)
{
	const uint64_t *all[] = {comparison->kernels, comparison->functions, comparison->texts,
				 comparison->modules, comparison->opaque};
	uint64_t seen = unequal(comparison->opaque);

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		seen += all[i][DEVICE_DIFFERENT] + all[i][DEVICE_NEAR_EQUAL];
	return !seen && unequal(comparison->unread);
}

static enum device_verdict conclude(const struct comparer *comparer)
{
	const struct device_comparison *result = comparer->result;
	uint64_t total[DEVICE_LEVEL_COUNT] = {0}, code = 0, unlike, modules;

	for (size_t i = 0; i < DEVICE_LEVEL_COUNT; i++) {
		total[i] = result->kernels[i] + result->functions[i] + result->texts[i];
		code += total[i];
	}
	unlike = unequal(total);
	modules = unequal(result->modules);
	if (!comparer->facts[LEFT]->device_entries_count &&
	    !comparer->facts[RIGHT]->device_entries_count)
		return DEVICE_VERDICT_NONE;
	if (code && total[DEVICE_ONLY_LEFT] + total[DEVICE_ONLY_RIGHT] == code)
		return DEVICE_VERDICT_UNRELATED;
	if (unlike && (!result->same_toolchain || unlike > code / 2))
		return DEVICE_VERDICT_REBUILT;
	if (comparer->suspicious || (result->modules[DEVICE_DIFFERENT] && result->same_toolchain))
		return DEVICE_VERDICT_MODIFIED;
	if (comparer->foreign)
		return DEVICE_VERDICT_REBUILT;
	if (unlike || modules || unequal(result->opaque) || unequal(result->unread))
		return DEVICE_VERDICT_UNCERTAIN;
	return total[DEVICE_NEAR_EQUAL] ? DEVICE_VERDICT_NEAR_EQUAL : DEVICE_VERDICT_EQUAL;
}

static int by_name(const void *left, const void *right)
{
	const struct device_difference *a = left, *b = right;
	int order = slice_compare(a->name, b->name);

	if (!order)
		order = slice_compare(a->architecture, b->architecture);
	if (!order)
		order = (int)a->level - (int)b->level;
	if (!order)
		order = (a->left > b->left) - (a->left < b->left);
	return order ? order : (a->right > b->right) - (a->right < b->right);
}

void device_compare(const struct facts *left, const struct facts *right,
		    struct device_comparison *ret)
{
	struct comparer comparer = {.facts = {left, right}, .result = ret};

	*ret = (struct device_comparison){0};
	arena_init(&comparer.arena);
	for (size_t i = 0; i < SIDES; i++) {
		number_kernels(&comparer, (enum side)i);
		number_entries(&comparer, (enum side)i);
	}
	compare_items(&comparer);
	ret->same_toolchain = same_toolchains(&comparer);
	ret->verdict = conclude(&comparer);
	if (ret->differences.len)
		qsort(ret->differences.ptr, ret->differences.len, sizeof(*ret->differences.ptr),
		      by_name);
	for (size_t i = 0; i < SIDES; i++)
		vec_release(&comparer.items[i]);
	map_release(&comparer.words);
	arena_release(&comparer.arena);
}

void device_comparison_release(struct device_comparison *comparison)
{
	vec_release(&comparison->differences);
}

const char *device_level_text(enum device_level level)
{
	static const char *const texts[] = {"equal", "near-equal", "different", "only left",
					    "only right"};

	return texts[level];
}

const char *device_verdict_text(enum device_verdict verdict)
{
	static const char *const texts[] = {"none",	"equal",   "near-equal", "uncertain",
					    "modified", "rebuilt", "unrelated"};

	return texts[verdict];
}
