/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether code and data of two files are the same, wherever their tables lie. */
#include <stdlib.h>
#include <string.h>

#include "evidence/verify_internal.h"

#define RANGES_SHOWN 6

const char *verify_verdict_text(enum verify_verdict verdict)
{
	static const char *const texts[] = {
#define VERIFY_VERDICT(id, text) text,
	    VERIFY_VERDICTS(VERIFY_VERDICT)
#undef VERIFY_VERDICT
	};

	return texts[verdict];
}

const char *verify_status_text(enum verify_status status)
{
	static const char *const texts[] = {
#define VERIFY_STATUS(id, text) text,
	    VERIFY_STATUSES(VERIFY_STATUS)
#undef VERIFY_STATUS
	};

	return texts[status];
}

void verify_file_release(struct verify_file *file)
{
	vec_release(&file->changes);
	vec_release(&file->parts);
	vec_release(&file->functions.changes);
	if (file->compared_device)
		device_comparison_release(&file->device);
}

void verify_note(struct arena *arena, struct verify_file *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vec_push(&file->changes, arena_vprintf(arena, format, args));
	va_end(args);
}

static bool counts(const struct profile_part *part)
{
	switch ((enum facts_content_role)part->role) {
	case FACTS_CONTENT_CODE:
	case FACTS_CONTENT_READ_ONLY:
	case FACTS_CONTENT_DATA:
	case FACTS_CONTENT_ZERO:
	case FACTS_CONTENT_SYMBOLS:
	case FACTS_CONTENT_RELOCATIONS:
		return true;
	case FACTS_CONTENT_GAP:
		return (part->flags & FACTS_CONTENT_EXECUTABLE) != 0;
	case FACTS_CONTENT_NOT_LOADED:
	case FACTS_CONTENT_LINKING:
	case FACTS_CONTENT_SEGMENT:
	case FACTS_CONTENT_ROLE_COUNT:
		break;
	}
	return false;
}

/* Object files have no addresses: the nth section of a name answers for it. */
static const struct profile_part *find_by_name(const struct profile *left,
					       const struct profile *right,
					       const struct profile_part *wanted)
{
	size_t nth = 0;

	for (const struct profile_part *part = left->parts; part < wanted; part++)
		nth += part->role == wanted->role && strcmp(part->name, wanted->name) == 0;
	for (size_t i = 0; i < right->part_count; i++) {
		const struct profile_part *part = &right->parts[i];

		if (part->role == wanted->role && strcmp(part->name, wanted->name) == 0 &&
		    nth-- == 0)
			return part;
	}
	return NULL;
}

static const struct profile_part *find_at(const struct profile *right,
					  const struct profile_part *wanted)
{
	for (size_t i = 0; i < right->part_count; i++) {
		const struct profile_part *part = &right->parts[i];

		if (part->address == wanted->address && part->role != FACTS_CONTENT_SEGMENT &&
		    part->role != FACTS_CONTENT_NOT_LOADED &&
		    (part->role == FACTS_CONTENT_GAP) == (wanted->role == FACTS_CONTENT_GAP) &&
		    (part->role == FACTS_CONTENT_ZERO) == (wanted->role == FACTS_CONTENT_ZERO) &&
		    part->role != FACTS_CONTENT_SYMBOLS && part->role != FACTS_CONTENT_RELOCATIONS)
			return part;
	}
	return NULL;
}

static const struct profile_part *partner(const struct profile *left, const struct profile *right,
					  const struct profile_part *wanted)
{
	const struct profile_part *found;

	if (wanted->role == FACTS_CONTENT_SYMBOLS || wanted->role == FACTS_CONTENT_RELOCATIONS ||
	    left->elf_type == ET_REL)
		return find_by_name(left, right, wanted);
	found = find_at(right, wanted);
	return found ? found : find_by_name(left, right, wanted);
}

/* ---- pages: where no section answers, and to say where bytes differ ---- */

static const struct profile_part *segment_of(const struct profile *profile, uint64_t address)
{
	for (size_t i = 0; i < profile->part_count; i++) {
		const struct profile_part *part = &profile->parts[i];

		if (part->role == FACTS_CONTENT_SEGMENT && address >= part->address &&
		    address - part->address < part->size)
			return part;
	}
	return NULL;
}

static bool page_at(const struct profile *profile, uint64_t address, uint64_t *ret)
{
	const struct profile_part *segment = segment_of(profile, address);
	uint64_t index;

	if (!segment)
		return false;
	index = address / FACTS_CONTENT_PAGE - segment->address / FACTS_CONTENT_PAGE;
	if (index >= segment->page_count || segment->page_first + index >= profile->page_count)
		return false;
	*ret = profile->pages[segment->page_first + index];
	return true;
}

/* The first place from here on whose page may be known: a hostile manifest names vast parts. */
static uint64_t next_known(const struct profile *profile, uint64_t at, uint64_t end)
{
	uint64_t page, next = end;

	if (page_at(profile, at, &page))
		return at;
	for (size_t i = 0; i < profile->part_count; i++) {
		const struct profile_part *part = &profile->parts[i];

		if (part->role == FACTS_CONTENT_SEGMENT && part->address > at &&
		    part->address < next)
			next = part->address;
	}
	return next;
}

/* How far what is known of a page holds: to its end, or over all pages nothing is known of. */
static uint64_t end_of_page(const struct profile *left, const struct profile *right, uint64_t at,
			    uint64_t end)
{
	uint64_t a = next_known(left, at, end), b = next_known(right, at, end);
	uint64_t page = at / FACTS_CONTENT_PAGE, known = a > b ? a : b;

	if (known / FACTS_CONTENT_PAGE > page)
		return known < end ? known / FACTS_CONTENT_PAGE * FACTS_CONTENT_PAGE : end;
	return end / FACTS_CONTENT_PAGE > page ? (page + 1) * FACTS_CONTENT_PAGE : end;
}

/* How many pages of a part differ, and their places as text. */
static uint64_t different_pages(const struct profile *left, const struct profile *right,
				const struct profile_part *part, struct arena *arena,
				const char **ret_places)
{
	uint64_t at = part->address, end = part->address + part->size, count = 0, first = 0;
	unsigned ranges = 0;
	const char *places = "";

	while (at < end) {
		uint64_t a = 0, b = 0, next = end_of_page(left, right, at, end);
		bool same = page_at(left, at, &a) && page_at(right, at, &b) && a == b;

		if (!same && !first)
			first = at;
		if (!same)
			count += (next - 1) / FACTS_CONTENT_PAGE - at / FACTS_CONTENT_PAGE + 1;
		if (first && (same || next >= end)) {
			if (ranges++ < RANGES_SHOWN)
				places =
				    arena_printf(arena, "%s%s%#llx-%#llx", places,
						 *places ? ", " : "", (unsigned long long)first,
						 (unsigned long long)(same ? at : end));
			first = 0;
		}
		at = next;
	}
	if (ranges > RANGES_SHOWN)
		places = arena_printf(arena, "%s and %u more", places, ranges - RANGES_SHOWN);
	*ret_places = places;
	return count;
}

/* ---- one part ---- */

static void compare_part(const struct profile *left, const struct profile *right,
			 const struct profile_part *part, struct arena *arena,
			 struct verify_part *ret)
{
	const struct profile_part *other = partner(left, right, part);
	uint32_t permissions = FACTS_CONTENT_EXECUTABLE | FACTS_CONTENT_WRITABLE;
	const char *places = "";
	uint64_t pages;

	*ret = (struct verify_part){
	    .name = *part->name ? part->name
				: facts_content_role_text((enum facts_content_role)part->role),
	    .role = part->role,
	    .moved = other && (other->address != part->address || other->size != part->size),
	    .detail = "",
	};
	if (part->flags & FACTS_CONTENT_UNREADABLE) {
		ret->detail = "not in the reference file itself";
	} else if (other && other->size == part->size && other->address == part->address &&
		   memcmp(other->digest, part->digest, sizeof(part->digest)) == 0) {
		ret->equal = (part->flags & permissions) == (other->flags & permissions);
		if (!ret->equal)
			ret->detail = "its memory has other permissions";
	} else if (part->role == FACTS_CONTENT_SYMBOLS || part->role == FACTS_CONTENT_RELOCATIONS) {
		ret->detail =
		    !other ? "missing"
		    : other->size == part->size
			? "they differ"
			: arena_printf(arena, "%llu became %llu", (unsigned long long)part->size,
				       (unsigned long long)other->size);
	} else if (left->elf_type != ET_REL && part->role != FACTS_CONTENT_ZERO && part->size &&
		   (!other || (other->address == part->address && other->size == part->size))) {
		const struct profile_part *segment = segment_of(right, part->address);

		pages = different_pages(left, right, part, arena, &places);
		ret->equal = !other && !pages && segment &&
			     (segment->flags & permissions) == (part->flags & permissions);
		if (!ret->equal && segment)
			ret->detail = arena_printf(arena, "differs at %s", places);
		else if (!ret->equal)
			ret->detail = "missing";
	} else if (!other) {
		ret->detail = "missing";
	} else if (other->size != part->size) {
		ret->detail =
		    arena_printf(arena, "%llu bytes became %llu", (unsigned long long)part->size,
				 (unsigned long long)other->size);
	} else if (memcmp(other->digest, part->digest, sizeof(part->digest)) == 0) {
		ret->detail = "the same, at another address";
	} else {
		ret->detail = "differs";
	}
}

/* What of the suspect is executable, or counts, and stands nowhere in the reference. */
static void find_additions(const struct profile *left, const struct profile *right,
			   struct arena *arena, struct verify_file *file)
{
	for (size_t i = 0; i < right->part_count; i++) {
		const struct profile_part *part = &right->parts[i];
		bool runs = (part->flags & FACTS_CONTENT_EXECUTABLE) != 0;

		if (part->role == FACTS_CONTENT_SEGMENT) {
			const struct profile_part *same = segment_of(left, part->address);

			if (part->flags & FACTS_CONTENT_OVERLAPS &&
			    !(same && same->flags & FACTS_CONTENT_OVERLAPS))
				vec_push(&file->parts,
					 ((struct verify_part){"segments", part->role, false, false,
							       "one is mapped over the other"}));
			/* Without sections nothing else would speak for code of its own. */
			if (runs && part->size && !same)
				vec_push(&file->parts,
					 ((struct verify_part){"segments", part->role, false, false,
							       "an executable one was added"}));
			continue;
		}
		if (part->role == FACTS_CONTENT_NOT_LOADED || part->role == FACTS_CONTENT_SYMBOLS ||
		    partner(right, left, part))
			continue;
		if (runs && part->size)
			vec_push(&file->parts,
				 ((struct verify_part){*part->name ? part->name : "code",
						       part->role, false, false,
						       "executable, and not in the reference"}));
		else if (part->role == FACTS_CONTENT_RELOCATIONS)
			vec_push(&file->parts,
				 ((struct verify_part){part->name, part->role, false, false,
						       "not in the reference"}));
		else if (counts(part) && part->role != FACTS_CONTENT_GAP)
			verify_note(arena, file, "section %s added", part->name);
	}
}

static bool compare_parts(const struct profile *left, const struct profile *right,
			  struct arena *arena, struct verify_file *file)
{
	bool equal = true;

	for (size_t i = 0; i < left->part_count; i++) {
		if (!counts(&left->parts[i]))
			continue;
		compare_part(left, right, &left->parts[i], arena, vec_add(&file->parts));
	}
	find_additions(left, right, arena, file);
	vec_each (part, &file->parts)
		equal &= part->equal;
	return equal;
}

/* Most of a half that was split off is in the other one. */
static bool is_half(const struct profile *profile)
{
	if (profile->type == FACTS_TYPE_DEBUG_COMPANION)
		return true;
	/* Some tools leave program headers as they were: code without bytes tells. */
	for (size_t i = 0; i < profile->part_count; i++)
		if (profile->parts[i].role == FACTS_CONTENT_ZERO &&
		    strcmp(profile->parts[i].name, ".text") == 0)
			return true;
	return false;
}

void verify_parts(const struct profile *left, const struct profile *right, struct arena *arena,
		  struct verify_file *file)
{
	const char *reason;
	bool equal;

	file->reason = "";
	if (digest_is(&left->sha256) &&
	    memcmp(&left->sha256, &right->sha256, sizeof(left->sha256)) == 0) {
		file->verdict = VERIFY_IDENTICAL;
		return;
	}
	if (!left->elf || !right->elf) {
		file->verdict = VERIFY_MODIFIED;
		file->reason = left->elf != right->elf ? "only one of the two is an ELF file"
						       : "its bytes differ";
		return;
	}
	if (is_half(left) != is_half(right)) {
		file->verdict = VERIFY_INCOMPLETE;
		file->reason = "one of the two is separate debug info without code or data";
		return;
	}
	if (left->machine != right->machine || left->elf_class != right->elf_class ||
	    left->encoding != right->encoding) {
		file->verdict = VERIFY_UNRELATED;
		file->reason = "made for another kind of processor";
		return;
	}
	reason = verify_identity(left, right, arena, file);
	verify_unseen_parts(left, right, arena, file);
	equal = compare_parts(left, right, arena, file);
	file->verdict = equal && !*reason ? VERIFY_REPACKAGED : VERIFY_MODIFIED;
	if (equal)
		file->reason = reason;
	if (file->verdict == VERIFY_REPACKAGED && !file->changes.len)
		verify_note(arena, file, "bytes in no section or segment");
}
