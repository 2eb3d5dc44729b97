/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/function_list.h"

#include <stdlib.h>

#include "util/budget.h"
#include "util/map.h"

void function_list_release(struct function_list *list)
{
	vec_release(&list->entries);
}

void function_list_add(struct function_list *list, struct function_entry entry)
{
	if (list->entries.len >= BUDGET_FUNCTIONS) {
		list->limited = true;
		return;
	}
	entry.parent = FACTS_NO_FUNCTION;
	vec_push(&list->entries, entry);
}

/* Global before weak before local names. */
static uint8_t rank_of(uint8_t binding)
{
	return binding == STB_LOCAL ? 3 : binding == STB_GLOBAL ? 1 : 2;
}

bool function_list_symbol(const GElf_Sym *symbol, struct slice name, uint16_t source,
			  struct function_entry *ret)
{
	uint8_t type = GELF_ST_TYPE(symbol->st_info), binding = GELF_ST_BIND(symbol->st_info);

	if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF ||
	    (symbol->st_shndx >= SHN_LORESERVE && symbol->st_shndx != SHN_XINDEX) || !name.len ||
	    symbol->st_value + symbol->st_size < symbol->st_value)
		return false;
	*ret = (struct function_entry){.start = symbol->st_value,
				       .end = symbol->st_value + symbol->st_size,
				       .sources = source,
				       .rank = rank_of(binding),
				       .name = name};
	if (binding == STB_WEAK || binding == STB_GNU_UNIQUE)
		ret->flags |= FACTS_FUNCTION_WEAK;
	else if (binding == STB_LOCAL)
		ret->flags |= FACTS_FUNCTION_LOCAL;
	return true;
}

/* Two entries with one start: the earlier one has the better end, names compete. */
static void join(struct function_entry *into, const struct function_entry *from)
{
	if (into->end == into->start)
		into->end = from->end;
	if (from->name.len && !into->name.len) {
		into->name = from->name;
		into->text = from->text;
		into->rank = from->rank;
		into->flags |= from->flags & (FACTS_FUNCTION_WEAK | FACTS_FUNCTION_LOCAL);
	}
	into->flags |= from->flags & FACTS_FUNCTION_FRAGMENT;
	into->sources |= from->sources;
}

/* The start of the next entry of the same section, or its section's end. */
static uint64_t next_start(const struct function_list *list, size_t index, uint64_t end)
{
	const struct function_entry *entry = &list->entries.ptr[index];

	if (index + 1 < list->entries.len && entry[1].section == entry->section &&
	    entry[1].start < end)
		return entry[1].start;
	return end;
}

void function_list_settle(struct function_list *list,
			  uint64_t (*section_end)(const void *context,
						  const struct function_entry *entry),
			  const void *context)
{
	size_t kept = 0;
	uint64_t frame_end = 0;

	if (!list->entries.len)
		return;
	function_list_sort(list);
	for (size_t i = 0; i < list->entries.len; i++) {
		const struct function_entry *entry = &list->entries.ptr[i];
		struct function_entry *last = kept ? &list->entries.ptr[kept - 1] : NULL;
		bool same_section = last && last->section == entry->section;

		if (!same_section)
			frame_end = 0;
		if (same_section && last->start == entry->start) {
			join(last, entry);
			continue;
		}
		/* A symbol inside a described frame is a label or an entry of its own. */
		if (!(entry->sources & FACTS_FUNCTION_FRAME) && entry->start < frame_end)
			continue;
		if (entry->sources & FACTS_FUNCTION_FRAME)
			frame_end = entry->end;
		list->entries.ptr[kept++] = *entry;
	}
	list->entries.len = kept;
	for (size_t i = 0; i < kept; i++) {
		struct function_entry *entry = &list->entries.ptr[i];
		uint64_t end = next_start(list, i, section_end(context, entry));

		if (entry->end <= entry->start) {
			entry->end = end;
			entry->guessed = true;
		} else if (entry->end > end) {
			entry->end = end;
		}
	}
}

/* The part of a name before ".cold", ".part.N" or a suffix behind these; false without one. */
static bool parent_name(struct slice name, struct slice *ret)
{
	static const char *const marks[] = {".cold", ".part."};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const uint8_t *found = memmem(name.ptr, name.len, marks[i], strlen(marks[i]));

		if (found && found != name.ptr) {
			*ret = slice_of(name.ptr, (size_t)(found - name.ptr));
			return true;
		}
	}
	return false;
}

void function_list_parents(struct function_list *list)
{
	struct map names = {0};
	bool any = false;

	vec_each (entry, &list->entries) {
		struct slice parent;

		if (!entry->name.len)
			continue;
		/* A name says more than the way a frame begins. */
		entry->flags &= (uint16_t)~FACTS_FUNCTION_FRAGMENT;
		if (parent_name(entry->name, &parent)) {
			entry->flags |= FACTS_FUNCTION_FRAGMENT;
			any = true;
		}
	}
	for (size_t i = 0; any && i < list->entries.len; i++) {
		struct map_entry *put;
		bool added;

		if (!list->entries.ptr[i].name.len)
			continue;
		put = map_put(&names, list->entries.ptr[i].name, (uint32_t)i, &added);
		/* Static functions of several sources may have one name: jumps must tell. */
		if (!added)
			put->value = FACTS_NO_FUNCTION;
	}
	vec_each (entry, &list->entries) {
		struct slice parent;
		const struct map_entry *found;

		if (!any || !entry->name.len || !parent_name(entry->name, &parent))
			continue;
		found = map_get(&names, parent);
		if (found)
			entry->parent = found->value;
	}
	map_release(&names);
}
