/* SPDX-License-Identifier: BSD-2-Clause */
/* From the comparison of two builds to its view. */
#include <stdlib.h>
#include <string.h>

#include "binary/demangle.h"
#include "evidence/operators.h"
#include "report/view_verify_build.h"

_Static_assert(DEVICE_LEVEL_COUNT == 5, "one count for each level, and their sum");
_Static_assert(VIEW_VERIFY_STATUSES == VERIFY_STATUS_COUNT, "one count for each status");

static const char *copy_optional(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static void copy_changes(const struct verify_file *file, struct arena *arena,
			 struct view_verify_file *ret)
{
	const char **changes = arena_alloc_array(arena, file->changes.len + 1, sizeof(*changes));

	vec_each (change, &file->changes)
		changes[ret->change_count++] = arena_strdup(arena, *change);
	ret->changes = changes;
}

static void copy_parts(const struct verify_file *file, struct arena *arena,
		       struct view_verify_file *ret)
{
	struct view_verify_part *parts =
	    arena_alloc_array(arena, file->parts.len + 1, sizeof(*parts));

	vec_each (part, &file->parts)
		parts[ret->part_count++] = (struct view_verify_part){
		    arena_strdup(arena, part->name),
		    facts_content_role_text((enum facts_content_role)part->role),
		    arena_strdup(arena, part->detail), part->equal};
	ret->parts = parts;
}

/* Of another build nearly all functions differ: their list would tell nothing. */
static bool is_listed(const struct verify_file *file)
{
	return file->verdict != VERIFY_REBUILT && file->verdict != VERIFY_UNRELATED;
}

static void copy_functions(const struct verify_file *file, struct arena *arena,
			   struct view_verify_file *ret)
{
	const struct verify_functions *from = &file->functions;
	size_t count = is_listed(file) ? from->changes.len : 0;
	struct view_verify_function *functions =
	    arena_alloc_array(arena, count + 1, sizeof(*functions));
	const char **names = arena_alloc_array(arena, count + 1, sizeof(*names)),
		   **texts = arena_alloc_array(arena, count + 1, sizeof(*texts));

	ret->has_functions = file->compared_functions;
	ret->function_total = from->total;
	ret->bytes = from->bytes;
	ret->bytes_same = from->bytes_same;
	for (size_t i = 0; i < VERIFY_STATUS_COUNT; i++)
		ret->counts[i] = (struct view_verify_count){
		    verify_status_text((enum verify_status)i), from->counts[i]};
	for (size_t i = 0; i < count; i++) {
		const struct verify_change *change = &from->changes.ptr[i];
		bool from_left = change->left && *change->left->name;

		names[i] = from_left	   ? change->left->name
			   : change->right ? change->right->name
					   : "";
	}
	demangle_names(names, count, arena, texts);
	for (size_t i = 0; i < count; i++) {
		const struct verify_change *change = &from->changes.ptr[i];

		functions[i] = (struct view_verify_function){
		    .name = arena_strdup(arena, names[i]),
		    .demangled = texts[i],
		    .status = verify_status_text(change->status),
		    .operator= texts[i] ? operator_of_name(texts[i], arena) : NULL,
		    .has_reference = change->left != NULL,
		    .has_suspect = change->right != NULL,
		    .reference_address = change->left ? change->left->address : 0,
		    .address = change->right ? change->right->address : 0,
		    .instructions_changed = -1,
		};
	}
	ret->functions = functions;
	ret->function_count = count;
	ret->functions_left_out = from->changes.len - count;
}

static void copy_kernels(const struct verify_file *file, struct arena *arena,
			 struct view_verify_file *ret)
{
	const struct device_comparison *from = &file->device;
	size_t count = file->compared_device ? from->differences.len : 0;
	struct view_verify_kernel *kernels = arena_alloc_array(arena, count + 1, sizeof(*kernels));
	const char **names = arena_alloc_array(arena, count + 1, sizeof(*names)),
		   **texts = arena_alloc_array(arena, count + 1, sizeof(*texts));

	if (!file->compared_device || from->verdict == DEVICE_VERDICT_NONE)
		return;
	ret->has_kernels = true;
	ret->kernel_verdict = device_verdict_text(from->verdict);
	ret->kernel_counts[0].name = "total";
	for (size_t i = 0; i < DEVICE_LEVEL_COUNT; i++) {
		static const char *const keys[] = {"equal", "near_equal", "different", "removed",
						   "added"};

		ret->kernel_counts[i + 1] = (struct view_verify_count){keys[i], from->kernels[i]};
		ret->kernel_counts[0].value += from->kernels[i];
	}
	for (size_t i = 0; i < count; i++)
		names[i] = arena_slice(arena, from->differences.ptr[i].name);
	demangle_names(names, count, arena, texts);
	for (size_t i = 0; i < count; i++) {
		const struct device_difference *difference = &from->differences.ptr[i];

		kernels[i] = (struct view_verify_kernel){
		    .name = names[i],
		    .demangled = texts[i],
		    .arch = arena_slice(arena, difference->architecture),
		    .status = device_level_text(difference->level),
		    .consistent = (difference->flags & DEVICE_CONSISTENT) != 0,
		};
	}
	ret->kernels = kernels;
	ret->kernel_count = count;
}

static bool has_comment(const struct profile *profile, const char *text)
{
	for (size_t i = 0; i < profile->comment_count; i++)
		if (strcmp(profile->comments[i], text) == 0)
			return true;
	return false;
}

static void copy_toolchains(const struct verify_file *file, struct arena *arena,
			    struct view_verify_file *ret)
{
	const struct profile *left = file->left, *right = file->right;
	const char **list;

	if (!left || !right)
		return;
	list =
	    arena_alloc_array(arena, left->comment_count + right->comment_count + 1, sizeof(*list));
	for (size_t i = 0; i < left->comment_count && right->comment_count; i++)
		if (!has_comment(right, left->comments[i]))
			list[ret->toolchain_count++] =
			    arena_printf(arena, "reference: %s", left->comments[i]);
	for (size_t i = 0; i < right->comment_count && left->comment_count; i++)
		if (!has_comment(left, right->comments[i]))
			list[ret->toolchain_count++] =
			    arena_printf(arena, "suspect: %s", right->comments[i]);
	ret->toolchains = list;
}

void view_verify_file(const struct verify_file *file, struct arena *arena,
		      struct view_verify_file *ret)
{
	*ret = (struct view_verify_file){
	    .path = copy_optional(arena, file->path),
	    .reference_path = copy_optional(arena, file->reference_path),
	    .verdict = verify_verdict_text(file->verdict),
	    .reason = arena_strdup(arena, file->reason ? file->reason : ""),
	    .weight = (unsigned)file->verdict,
	    .incomplete = file->verdict == VERIFY_INCOMPLETE,
	};
	copy_changes(file, arena, ret);
	copy_parts(file, arena, ret);
	copy_functions(file, arena, ret);
	copy_kernels(file, arena, ret);
	copy_toolchains(file, arena, ret);
}

static const char *sort_key(const struct view_verify_file *file)
{
	return file->path ? file->path : file->reference_path;
}

static int compare_files(const void *a, const void *b)
{
	const struct view_verify_file *left = a, *right = b;
	int order = strcmp(sort_key(left), sort_key(right));

	return order ? order : (int)left->weight - (int)right->weight;
}

const struct view_verify *view_verify_build(const struct view_verify_input *input,
					    struct arena *arena)
{
	struct view_verify *view = arena_alloc(arena, sizeof(*view));
	struct view_verify_count *summary =
	    arena_alloc_array(arena, VERIFY_VERDICT_COUNT, sizeof(*summary));

	view->tool = view_tool();
	view->reference = arena_strdup(arena, input->reference);
	view->suspect = arena_strdup(arena, input->suspect);
	view->verdict = verify_verdict_text(input->verdict);
	view->unmodified =
	    input->verdict == VERIFY_IDENTICAL || input->verdict == VERIFY_REPACKAGED;
	view->files = arena_copy(arena, input->files, input->file_count * sizeof(*input->files));
	view->file_count = input->file_count;
	if (input->file_count)
		qsort((void *)(uintptr_t)view->files, view->file_count, sizeof(*view->files),
		      compare_files);
	for (size_t i = 0; i < VERIFY_VERDICT_COUNT; i++)
		summary[i] = (struct view_verify_count){verify_verdict_text((enum verify_verdict)i),
							input->summary[i]};
	view->summary = summary;
	view->summary_count = VERIFY_VERDICT_COUNT;
	view->diagnostics = view_diagnostics(input->diags, arena, &view->diagnostic_count);
	view->complete = !diags_incomplete(input->diags) && input->verdict != VERIFY_INCOMPLETE;
	return view;
}
