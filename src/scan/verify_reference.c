/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a reference manifest of a build. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/reference.h"
#include "evidence/verify.h"
#include "report/view_verify_build.h"
#include "scan/reference_size.h"
#include "scan/verify.h"
#include "scan/verify_side.h"
#include "util/vec.h"

#define GROUPS_PARTS (FACTS_SYMBOLS | FACTS_NOTES | FACTS_COMMENT | FACTS_SECTIONS | FACTS_CONTENT)
#define GROUPS_CODE (FACTS_CODE | FACTS_TARGETS)

static void add_file(struct side *side, const struct listing_file *file,
		     struct reference_writer *writer)
{
	struct profile profile = {.path = file->path, .size = file->size, .sha256 = file->sha256};
	struct side_facts facts = {0}, code = {0}, device = {0};
	struct arena arena;

	arena_init(&arena);
	if (file->elf) {
		const struct facts *record;

		side_facts_ask(side, file->path, GROUPS_PARTS, &facts);
		record = side_facts_take(&facts);
		if (record)
			profile_of_facts(record, &arena, &profile);
		if (record)
			side_facts_ask_code(side, file->path, GROUPS_CODE, &facts, &code);
		record = record ? side_facts_take(&code) : NULL;
		if (record) {
			profile_add_functions(record, &arena, &profile);
			verify_fill_targets(&profile);
			side_facts_ask(side, file->path, FACTS_DEVICE, &device);
			record = side_facts_take(&device);
			if (record && record->device_containers_count)
				profile.device = record->record;
		}
	}
	reference_add(writer, &profile);
	side_facts_free(&facts);
	side_facts_free(&code);
	side_facts_free(&device);
	arena_release(&arena);
}

/* A file of one of several sides. */
struct part {
	struct side *side;
	const struct listing_file *file;
};

struct parts {
	VEC(struct part) list; /* by path */
};

/* The first of equal paths in the order of the command line stays the first. */
static int compare_parts(const void *a, const void *b)
{
	const struct part *left = a, *right = b;
	int order = strcmp(left->file->path, right->file->path);

	return order ? order : (left->side > right->side) - (left->side < right->side);
}

static void list_parts(struct side *sides, size_t count, struct diags *diags, struct parts *ret)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		vec_each (file, &sides[i].listing.files)
			vec_push(&ret->list, ((struct part){&sides[i], file}));
	if (ret->list.len)
		qsort(ret->list.ptr, ret->list.len, sizeof(*ret->list.ptr), compare_parts);
	for (size_t i = 0; i < ret->list.len; i++) {
		const struct part *part = &ret->list.ptr[i];
		const struct part *last = kept ? &ret->list.ptr[kept - 1] : NULL;

		if (!last || strcmp(last->file->path, part->file->path) != 0)
			ret->list.ptr[kept++] = *part;
		else if (memcmp(&last->file->sha256, &part->file->sha256,
				sizeof(part->file->sha256)) != 0)
			diag_add(diags, DIAG_REFERENCE_TWICE, part->file->path, DIAG_NO_OFFSET,
				 "%s, %s", last->side->name, part->side->name);
	}
	ret->list.len = kept;
}

static enum status write_parts(const struct scan_options *options, const struct parts *parts,
			       bool single, const char *file, struct reference_size *ret_size)
{
	struct reference_writer *writer;
	enum status status = reference_create(file, single, &writer);
	size_t done = 0;

	if (status != STATUS_OK)
		return status;
	vec_each (part, &parts->list) {
		if (options->progress)
			options->progress(options->progress_context, "reading files", done++,
					  parts->list.len);
		add_file(part->side, part->file, writer);
	}
	return reference_finish(writer, ret_size);
}

/* Of a side that cannot be used, the message tells which and why. */
static enum status open_all(const struct scan_options *options, struct side *sides, size_t count,
			    struct diags *diags, struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		enum status status = side_open(&sides[i], options->jobs ? options->jobs : 2);

		if (status == STATUS_OK && !sides[i].reference)
			continue;
		if (status != STATUS_OK) {
			reference_failure_tell(options, sides[i].name, status, diags, arena);
			return status;
		}
		if (options->message)
			options->message(
			    options->message_context,
			    arena_printf(arena, "%s: it is a reference already\n", sides[i].name));
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

enum status scan_reference(const struct scan_options *options, const char *const *paths,
			   size_t count, const char *file, struct arena *arena,
			   const struct view_verify **ret)
{
	struct side *sides = arena_alloc_array(arena, count + 1, sizeof(*sides));
	enum status status = count ? STATUS_OK : STATUS_USAGE;
	struct view_verify_input input = {.verdict = VERIFY_IDENTICAL};
	struct reference_size size;
	struct parts parts = {0};
	struct diags diags;
	size_t started = 0;
	int error;

	diags_init(&diags);
	while (status == STATUS_OK && started < count) {
		status = side_start(&sides[started], paths[started], 1, &diags);
		/* A package of debug information speaks of the files of another. */
		sides[started].family = sides;
		sides[started].family_size = count;
		started++;
	}
	if (status == STATUS_OK)
		status = open_all(options, sides, count, &diags, arena);
	if (status == STATUS_OK) {
		list_parts(sides, count, &diags, &parts);
		status = write_parts(options, &parts, count == 1 && sides[0].single, file, &size);
		if (status != STATUS_OK)
			reference_failure_tell(options, file, status, &diags, arena);
	}
	if (status == STATUS_OK) {
		reference_size_tell(options, file, &size, arena);
		input.reference = input.suspect = paths[0];
		input.diags = &diags;
		*ret = view_verify_build(&input, arena);
	}
	error = errno;
	vec_release(&parts.list);
	for (size_t i = 0; i < started; i++)
		side_close(&sides[i]);
	diags_release(&diags);
	errno = error;
	return status;
}
