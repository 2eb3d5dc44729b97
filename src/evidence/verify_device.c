/* SPDX-License-Identifier: BSD-2-Clause */
/* What device code adds to the verdict on a file. */
#include <string.h>

#include "evidence/verify_internal.h"

/* Sections that hold containers of device code and what points to them. */
static bool is_device_section(const char *name)
{
	static const char *const names[] = {".nv_fatbin",	"__nv_relfatbin",
					    ".hip_fatbin",	"__CLANG_OFFLOAD_BUNDLE__",
					    ".nvFatBinSegment", ".hipFatBinSegment"};

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
	vec_each (part, &file->parts)
		if (!part->equal &&
		    (is_device_section(part->name) ||
		     ((part->role == FACTS_CONTENT_READ_ONLY || part->role == FACTS_CONTENT_DATA) &&
		      !is_host_section(part->name))))
			return true;
	return false;
}

static bool device_section_differs(const struct verify_file *file)
{
	vec_each (part, &file->parts)
		if (!part->equal && is_device_section(part->name))
			return true;
	return false;
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

/*
 * Whether it was linked anew, and nothing of the host differs: what differs of its kernels the
 * compiler may have made. A change in place leaves the build-id as it was.
 */
static bool is_another_build(const struct verify_file *file)
{
	if (!file->left || !file->right || !*file->left->build_id || !*file->right->build_id ||
	    strcmp(file->left->build_id, file->right->build_id) == 0)
		return false;
	vec_each (part, &file->parts)
		if (!part->equal && !is_device_section(part->name))
			return false;
	vec_each (change, &file->functions.changes)
		if (change->status != VERIFY_FUNCTION_RENAMED &&
		    change->status != VERIFY_FUNCTION_FOLDED &&
		    change->status != VERIFY_FUNCTION_UNVERIFIED)
			return false;
	return true;
}

void verify_device(const struct facts *left, const struct facts *right, struct arena *arena,
		   struct verify_file *file)
{
	bool outside_equal = compare_outside(left, right, arena, file),
	     others_equal = outside_equal;

	file->compared_device = true;
	device_compare(left, right, &file->device);
	switch (file->device.verdict) {
	case DEVICE_VERDICT_NONE:
		return;
	case DEVICE_VERDICT_EQUAL:
		/* What differs is beside it then. */
		if (!device_section_differs(file))
			return;
		vec_each (part, &file->parts)
			others_equal &= part->equal || is_device_section(part->name);
		verify_note(arena, file, "device code packed anew: every kernel is the same");
		if (others_equal && file->verdict == VERIFY_MODIFIED && !file->device.not_read)
			file->verdict = VERIFY_REPACKAGED;
		return;
	case DEVICE_VERDICT_REBUILT:
	case DEVICE_VERDICT_UNRELATED:
		if (file->verdict == VERIFY_MODIFIED)
			file->verdict = VERIFY_REBUILT;
		break;
	case DEVICE_VERDICT_UNCERTAIN:
		if (file->verdict == VERIFY_MODIFIED && outside_equal && is_another_build(file))
			file->verdict = VERIFY_REBUILT;
		break;
	case DEVICE_VERDICT_NEAR_EQUAL:
	case DEVICE_VERDICT_MODIFIED:
	case DEVICE_VERDICT_COUNT:
		break;
	}
	explain(file, arena);
}
