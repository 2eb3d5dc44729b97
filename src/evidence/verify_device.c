/* SPDX-License-Identifier: BSD-2-Clause */
/* What device code adds to the verdict on a file. */
#include <string.h>

#include "evidence/device_packing.h"
#include "evidence/verify_internal.h"

/* Sections that hold containers of device code and what points to them. */
static bool is_device_section(const char *name)
{
	static const char *const names[] = {".nv_fatbin",
					    "__nv_relfatbin",
					    ".hip_fatbin",
					    "__CLANG_OFFLOAD_BUNDLE__",
					    ".nvFatBinSegment",
					    ".hipFatBinSegment",
					    ".rela.nvFatBinSegment",
					    ".rela.hipFatBinSegment"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Of host code alone: what is in them is no container, whatever it looks like. */
static bool is_host_section(const char *name)
{
	static const char *const names[] = {".eh_frame",   ".eh_frame_hdr", ".gcc_except_table",
					    ".init_array", ".fini_array",   ".preinit_array",
					    ".got",	   ".got.plt",	    ".data.rel.ro",
					    ".tdata",	   ".jcr"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Vendors' libraries keep containers in sections of any name, .rodata among them. */
bool verify_wants_device(const struct verify_file *file)
{
	bool wrappers = false, relocations = false;

	vec_each (part, &file->parts) {
		wrappers |= is_device_section(part->name);
		relocations |= !part->equal && part->role == FACTS_CONTENT_RELOCATIONS;
		if (!part->equal &&
		    (is_device_section(part->name) ||
		     ((part->role == FACTS_CONTENT_READ_ONLY || part->role == FACTS_CONTENT_DATA) &&
		      !is_host_section(part->name))))
			return true;
	}
	/* They may lead the host code to other containers. */
	return wrappers && relocations;
}

static void add_reason(struct verify_file *file, struct arena *arena, const char *text)
{
	file->reason = arena_printf(arena, "%s%s%s", file->reason, *file->reason ? "; " : "", text);
}

static void explain(struct verify_file *file, struct arena *arena)
{
	add_reason(
	    file, arena,
	    arena_printf(arena, "device code: %s", device_verdict_text(file->device.verdict)));
}

/* The next section of that name from *at on that holds anything outside of containers. */
static const struct facts_device_outside *next_outside(const struct facts *facts, const char *name,
						       size_t *at)
{
	while (*at < facts->device_outside_count) {
		const struct facts_device_outside *outside = &facts->device_outside[(*at)++];

		if (strcmp(facts_text(facts, outside->section), name) == 0)
			return outside;
	}
	return NULL;
}

static bool same_outside(const struct facts *left, const struct facts *right, const char *name)
{
	size_t at[2] = {0, 0};

	for (;;) {
		const struct facts_device_outside *a = next_outside(left, name, &at[0]),
						  *b = next_outside(right, name, &at[1]);

		if (!a || !b)
			return !a && !b;
		if (a->size != b->size || a->size == FACTS_DEVICE_OUTSIDE_UNKNOWN ||
		    !fingerprint_equal(a->content, b->content))
			return false;
	}
}

/* Kernels answer for containers alone. */
static bool compare_outside(const struct facts *left, const struct facts *right,
			    struct arena *arena, struct verify_file *file)
{
	bool equal = true;

	vec_each (part, &file->parts) {
		if (part->equal || !is_device_section(part->name) ||
		    same_outside(left, right, part->name))
			continue;
		part->detail = "data outside of device code containers differs";
		add_reason(file, arena,
			   arena_printf(arena,
					"data outside of device code containers in %s differs",
					part->name));
		equal = false;
	}
	return equal;
}

/* The two files, and what is known of their device code beside kernels. */
struct device_case {
	const struct facts *left, *right;
	struct verify_file *file;
	struct arena *arena;
	struct device_packing packing;
	bool outside_equal;
};

/* The next section of that name from *at on in which names of kernels stand. */
static const struct facts_device_named *next_named(const struct facts *facts, const char *name,
						   size_t *at)
{
	while (*at < facts->device_named_count) {
		const struct facts_device_named *named = &facts->device_named[(*at)++];

		if (strcmp(facts_text(facts, named->section), name) == 0)
			return named;
	}
	return NULL;
}

/* Equal but for hashes of paths of sources. */
static bool same_named(const struct device_case *it, const char *name)
{
	size_t at[2] = {0, 0}, count = 0;

	for (;;) {
		const struct facts_device_named *a = next_named(it->left, name, &at[0]),
						*b = next_named(it->right, name, &at[1]);

		if (!a || !b)
			return !a && !b && count;
		if (a->size != b->size || a->names != b->names ||
		    !fingerprint_equal(a->content, b->content))
			return false;
		count++;
	}
}

/* Whether containers, and what points to them, are all that can differ in a part. */
static bool is_device_part(const struct device_case *it, const struct verify_part *part)
{
	return is_device_section(part->name) ||
	       (part->role == FACTS_CONTENT_RELOCATIONS && it->packing.same_relocations);
}

/* No part differs that has no device code; named: but for hashes of paths in names of kernels. */
static bool other_parts_equal(const struct device_case *it, bool named)
{
	vec_each (part, &it->file->parts)
		if (!part->equal && !is_device_part(it, part) &&
		    !(named && same_named(it, part->name)))
			return false;
	return true;
}

/* Nothing differs but device code; named: and those hashes. */
static bool differs_alone(const struct device_case *it, bool named)
{
	return it->outside_equal && other_parts_equal(it, named);
}

static bool device_part_differs(const struct device_case *it)
{
	vec_each (part, &it->file->parts)
		if (!part->equal && is_device_part(it, part))
			return true;
	return false;
}

/* A change in place leaves the build-id as it was. */
static bool has_another_build_id(const struct verify_file *file)
{
	return file->left && file->right && *file->left->build_id && *file->right->build_id &&
	       strcmp(file->left->build_id, file->right->build_id) != 0;
}

/*
 * Whether it was linked anew, and nothing of the host differs: what differs of its kernels the
 * compiler may have made.
 */
static bool is_another_build(const struct device_case *it)
{
	const struct verify_file *file = it->file;

	if (!has_another_build_id(file) || !differs_alone(it, false))
		return false;
	vec_each (change, &file->functions.changes)
		if (change->status != VERIFY_FUNCTION_RENAMED &&
		    change->status != VERIFY_FUNCTION_FOLDED &&
		    change->status != VERIFY_FUNCTION_UNVERIFIED)
			return false;
	return true;
}

/* What follows the addresses of other parts. */
static bool is_table(const struct verify_part *part)
{
	return part->role == FACTS_CONTENT_CODE || part->role == FACTS_CONTENT_SYMBOLS ||
	       part->role == FACTS_CONTENT_RELOCATIONS || strcmp(part->name, ".eh_frame") == 0 ||
	       strcmp(part->name, ".eh_frame_hdr") == 0;
}

/*
 * Whether paths of another length may have made the host what it is: it was linked anew, parts
 * have moved, every function is there. The one of each source that registers its kernels refers to
 * their names.
 */
static bool follows_paths(const struct device_case *it)
{
	const struct verify_file *file = it->file;
	const uint64_t *counts = file->functions.counts;

	vec_each (part, &file->parts)
		if (!part->equal && !is_device_part(it, part) && !is_table(part) && !part->moved &&
		    !same_named(it, part->name))
			return false;
	return has_another_build_id(file) && it->outside_equal &&
	       !(counts[VERIFY_FUNCTION_MODIFIED] + counts[VERIFY_FUNCTION_IMMEDIATES] +
		 counts[VERIFY_FUNCTION_ADDED] + counts[VERIFY_FUNCTION_REMOVED]) &&
	       counts[VERIFY_FUNCTION_RETARGETED] <= it->packing.sources;
}

/*
 * Every kernel has its equal, by its code and by its name but for the hash of the path of a source,
 * and paths have other hashes: the same source in another folder.
 */
static void tell_folder(const struct device_case *it)
{
	bool alone = differs_alone(it, true) || follows_paths(it);

	add_reason(
	    it->file, it->arena,
	    arena_printf(it->arena,
			 "device code: the same kernels, rebuilt from another folder: sources "
			 "whose path has another hash in their names: %llu",
			 (unsigned long long)it->packing.sources));
	vec_each (part, &it->file->parts)
		if (!part->equal && !is_device_part(it, part) && same_named(it, part->name))
			part->detail = "the hashes of paths of sources of device code differ";
	if (alone && it->file->verdict == VERIFY_MODIFIED)
		it->file->verdict = VERIFY_REBUILT;
}

/* Every kernel is the same, but not every byte that comes with them. */
static void tell_packing(const struct device_case *it)
{
	const struct device_packing *packing = &it->packing;
	bool same_content = !packing->images && !packing->headers;
	const struct {
		uint64_t count;
		const char *what;
	} rows[] = {
	    {packing->images, "images of device code that differ beside their kernels"},
	    {packing->images ? 0 : packing->headers,
	     "places beside images where containers of device code differ"},
	    {same_content ? packing->registrations : 0,
	     "registrations of device code that lead to other containers"},
	    {same_content && !packing->registrations ? packing->places : 0,
	     "containers of device code that nothing registers and that have other places"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			add_reason(it->file, it->arena,
				   arena_printf(it->arena, "%s: %llu", rows[i].what,
						(unsigned long long)rows[i].count));
	if (it->file->verdict == VERIFY_MODIFIED && is_another_build(it))
		it->file->verdict = VERIFY_REBUILT;
}

/* Whether the bytes of an image could not be told from those behind it. */
static bool has_open_image(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_entries_count; i++)
		if (facts->device_entries[i].state != FACTS_DEVICE_STATE_READ &&
		    !facts->device_entries[i].stored)
			return true;
	return false;
}

/* Whether all that differs may be in images that could not be read. */
static bool is_blind(const struct device_case *it)
{
	return it->file->verdict == VERIFY_MODIFIED &&
	       device_comparison_is_blind(&it->file->device) && other_parts_equal(it, false) &&
	       (it->outside_equal || has_open_image(it->left) || has_open_image(it->right));
}

/* What could not be read may be the same or not. */
static void tell_unread(const struct device_case *it)
{
	it->file->verdict = VERIFY_INCOMPLETE;
	add_reason(it->file, it->arena,
		   arena_printf(it->arena, "images of device code that could not be read: %llu",
				(unsigned long long)it->file->device.not_read));
}

static void settle_equal(const struct device_case *it)
{
	struct verify_file *file = it->file;

	if (it->packing.sources) {
		tell_folder(it);
	} else if (!device_packing_equal(&it->packing)) {
		tell_packing(it);
	} else if (device_part_differs(it)) {
		/* What differs is beside it else. */
		verify_note(it->arena, file, "device code packed anew: every kernel is the same");
		if (differs_alone(it, false) && file->verdict == VERIFY_MODIFIED)
			file->verdict = VERIFY_REPACKAGED;
		if (file->verdict == VERIFY_REPACKAGED && file->device.not_read)
			tell_unread(it);
	}
}

void verify_device(const struct facts *left, const struct facts *right, struct arena *arena,
		   struct verify_file *file)
{
	struct device_case it = {.left = left, .right = right, .file = file, .arena = arena};

	it.outside_equal = compare_outside(left, right, arena, file);
	file->compared_device = true;
	device_compare(left, right, &file->device);
	device_packing_compare(left, right, &it.packing);
	if (file->device.verdict == DEVICE_VERDICT_NONE)
		return;
	if (is_blind(&it)) {
		tell_unread(&it);
		return;
	}
	switch (file->device.verdict) {
	case DEVICE_VERDICT_EQUAL:
		settle_equal(&it);
		return;
	case DEVICE_VERDICT_REBUILT:
	case DEVICE_VERDICT_UNRELATED:
		if (file->verdict == VERIFY_MODIFIED)
			file->verdict = VERIFY_REBUILT;
		break;
	case DEVICE_VERDICT_UNCERTAIN:
		if (file->verdict == VERIFY_MODIFIED && is_another_build(&it))
			file->verdict = VERIFY_REBUILT;
		break;
	case DEVICE_VERDICT_NEAR_EQUAL:
		if (it.packing.sources)
			tell_folder(&it);
		break;
	case DEVICE_VERDICT_MODIFIED:
	case DEVICE_VERDICT_NONE:
	case DEVICE_VERDICT_COUNT:
		break;
	}
	explain(file, arena);
}
