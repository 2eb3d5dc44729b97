/* SPDX-License-Identifier: BSD-2-Clause */
/* What packaging tools change: names of libraries, search paths, notes, symbol and debug tables. */
#include <stdlib.h>
#include <string.h>

#include "evidence/verify_internal.h"

/* Whether the value of a tag is a place in the code or data of the file. */
static bool is_place(int64_t tag)
{
	switch (tag) {
	case DT_INIT:
	case DT_FINI:
	case DT_INIT_ARRAY:
	case DT_INIT_ARRAYSZ:
	case DT_FINI_ARRAY:
	case DT_FINI_ARRAYSZ:
	case DT_PREINIT_ARRAY:
	case DT_PREINIT_ARRAYSZ:
		return true;
	default:
		return false;
	}
}

static const struct profile_entry *find_entry(const struct profile *profile, int64_t tag,
					      const char *text)
{
	for (size_t i = 0; i < profile->entry_count; i++)
		if (profile->entries[i].tag == tag &&
		    (!text || strcmp(profile->entries[i].text, text) == 0))
			return &profile->entries[i];
	return NULL;
}

static bool same_order(const struct profile *left, const struct profile *right, int64_t tag)
{
	size_t j = 0;

	for (size_t i = 0; i < left->entry_count; i++) {
		if (left->entries[i].tag != tag)
			continue;
		while (j < right->entry_count && right->entries[j].tag != tag)
			j++;
		if (j == right->entry_count ||
		    strcmp(left->entries[i].text, right->entries[j++].text) != 0)
			return false;
	}
	return true;
}

/* A dependency that is gone or new is an edge that changed: it swaps code at run time. */
static void compare_needed(const struct profile *left, const struct profile *right,
			   struct arena *arena, struct verify_file *file)
{
	size_t before = file->changes.len;

	for (size_t i = 0; i < left->entry_count; i++)
		if (left->entries[i].tag == DT_NEEDED &&
		    !find_entry(right, DT_NEEDED, left->entries[i].text))
			verify_note(arena, file, "edge: NEEDED %s removed", left->entries[i].text);
	for (size_t i = 0; i < right->entry_count; i++)
		if (right->entries[i].tag == DT_NEEDED &&
		    !find_entry(left, DT_NEEDED, right->entries[i].text))
			verify_note(arena, file, "edge: NEEDED %s added", right->entries[i].text);
	if (before == file->changes.len && !same_order(left, right, DT_NEEDED))
		verify_note(arena, file, "NEEDED in another order");
}

static void compare_text(const char *what, const char *left, const char *right, struct arena *arena,
			 struct verify_file *file)
{
	if (strcmp(left, right) == 0)
		return;
	if (!*left)
		verify_note(arena, file, "%s \"%s\" added", what, right);
	else if (!*right)
		verify_note(arena, file, "%s \"%s\" removed", what, left);
	else
		verify_note(arena, file, "%s \"%s\" became \"%s\"", what, left, right);
}

static bool compare_entries(const struct profile *left, const struct profile *right,
			    struct arena *arena, struct verify_file *file)
{
	static const int64_t texts[] = {DT_SONAME, DT_RPATH, DT_RUNPATH,  DT_AUXILIARY,
					DT_FILTER, DT_AUDIT, DT_DEPAUDIT, DT_CONFIG};
	static const int64_t numbers[] = {
	    DT_INIT,	     DT_FINI,	       DT_INIT_ARRAY,	   DT_INIT_ARRAYSZ, DT_FINI_ARRAY,
	    DT_FINI_ARRAYSZ, DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ, DT_FLAGS,	    DT_FLAGS_1,
	    DT_SYMBOLIC,     DT_TEXTREL,       DT_BIND_NOW};
	bool same = true;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct profile_entry *a = find_entry(left, texts[i], NULL),
					   *b = find_entry(right, texts[i], NULL);

		compare_text(profile_tag_text(texts[i]), a ? a->text : "", b ? b->text : "", arena,
			     file);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct profile_entry *a = find_entry(left, numbers[i], NULL),
					   *b = find_entry(right, numbers[i], NULL);
		uint64_t from = a ? a->value : 0, to = b ? b->value : 0;

		if ((a != NULL) == (b != NULL) && from == to)
			continue;
		verify_note(arena, file, "%s %#llx became %#llx", profile_tag_text(numbers[i]),
			    (unsigned long long)from, (unsigned long long)to);
		same &= !is_place(numbers[i]);
	}
	return same;
}

const char *verify_identity(const struct profile *left, const struct profile *right,
			    struct arena *arena, struct verify_file *file)
{
	const char *reason = "";

	compare_needed(left, right, arena, file);
	if (!compare_entries(left, right, arena, file) || left->entry != right->entry)
		reason = "it starts, initialises or ends in another place";
	compare_text("program interpreter", left->interpreter, right->interpreter, arena, file);
	compare_text("build-id", left->build_id, right->build_id, arena, file);
	if (left->elf_type != right->elf_type)
		verify_note(arena, file, "ELF type %u became %u", left->elf_type, right->elf_type);
	if (left->stack_flags != right->stack_flags)
		verify_note(arena, file, "permissions of the stack %u became %u", left->stack_flags,
			    right->stack_flags);
	if (left->flags & FACTS_HAS_SECTIONS && !(right->flags & FACTS_HAS_SECTIONS))
		verify_note(arena, file, "section table removed");
	if (left->entry != right->entry)
		verify_note(arena, file, "entry point %#llx became %#llx",
			    (unsigned long long)left->entry, (unsigned long long)right->entry);
	if (left->thread_size != right->thread_size) {
		verify_note(arena, file, "thread-local storage of %llu bytes became one of %llu",
			    (unsigned long long)left->thread_size,
			    (unsigned long long)right->thread_size);
		reason = "its threads have other storage of their own";
	}
	return reason;
}

/* ---- parts that no code sees ---- */

static bool is_debug(const char *name)
{
	return strncmp(name, ".debug", 6) == 0 || strncmp(name, ".zdebug", 7) == 0 ||
	       strncmp(name, ".gnu.debuglto", 13) == 0 || strncmp(name, ".stab", 5) == 0;
}

/* One word for sections that come and go together. */
static const char *group_of(const char *name)
{
	if (is_debug(name))
		return "debug info";
	if (strcmp(name, ".symtab") == 0 || strcmp(name, ".strtab") == 0 ||
	    strcmp(name, ".symtab_shndx") == 0)
		return "symbol table";
	return name;
}

static bool is_unseen(const struct profile_part *part)
{
	return part->role == FACTS_CONTENT_NOT_LOADED || part->role == FACTS_CONTENT_LINKING;
}

/* ".zdebug_info" is ".debug_info" in another form. */
static bool same_name(const char *a, const char *b)
{
	if (strncmp(a, ".zdebug", 7) == 0)
		a += 2;
	else if (strncmp(a, ".debug", 6) == 0)
		a += 1;
	if (strncmp(b, ".zdebug", 7) == 0)
		b += 2;
	else if (strncmp(b, ".debug", 6) == 0)
		b += 1;
	return strcmp(a, b) == 0;
}

static const struct profile_part *find_unseen(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->part_count; i++)
		if (is_unseen(&profile->parts[i]) && same_name(profile->parts[i].name, name))
			return &profile->parts[i];
	return NULL;
}

static void note_once(struct arena *arena, struct verify_file *file, const char *group,
		      const char *what)
{
	const char *text = arena_printf(arena, "%s %s", group, what);

	vec_each (change, &file->changes)
		if (strcmp(*change, text) == 0)
			return;
	vec_push(&file->changes, text);
}

void verify_unseen_parts(const struct profile *left, const struct profile *right,
			 struct arena *arena, struct verify_file *file)
{
	const char *moved = "";

	for (size_t i = 0; i < left->part_count; i++) {
		const struct profile_part *part = &left->parts[i], *other;

		if (!is_unseen(part) || strcmp(part->name, ".shstrtab") == 0)
			continue;
		other = find_unseen(right, part->name);
		if (!other) {
			if (right->flags & FACTS_HAS_SECTIONS)
				note_once(arena, file, group_of(part->name), "removed");
		} else if (part->role == FACTS_CONTENT_LINKING) {
			if (other->address != part->address)
				moved = arena_printf(arena, "%s %s", moved, part->name);
		} else if ((part->flags ^ other->flags) & FACTS_CONTENT_COMPRESSED) {
			note_once(arena, file, group_of(part->name),
				  other->flags & FACTS_CONTENT_COMPRESSED ? "compressed"
									  : "decompressed");
		} else if (part->size != other->size ||
			   memcmp(part->digest, other->digest, sizeof(part->digest)) != 0) {
			note_once(arena, file, group_of(part->name), "changed");
		}
	}
	for (size_t i = 0; i < right->part_count; i++)
		if (is_unseen(&right->parts[i]) && !find_unseen(left, right->parts[i].name))
			note_once(arena, file, group_of(right->parts[i].name), "added");
	if (*moved)
		verify_note(arena, file, "moved:%s", moved);
}
