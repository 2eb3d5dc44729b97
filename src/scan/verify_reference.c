/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a reference manifest of a build. */
#include <string.h>
#include <unistd.h>

#include "evidence/reference.h"
#include "evidence/verify.h"
#include "report/view_verify_build.h"
#include "scan/reference_size.h"
#include "scan/verify.h"
#include "scan/verify_side.h"
#include "util/path.h"

#define GROUPS                                                                          \
	(FACTS_SYMBOLS | FACTS_NOTES | FACTS_COMMENT | FACTS_SECTIONS | FACTS_CONTENT | \
	 FACTS_CODE | FACTS_TARGETS)

static void add_file(struct side *side, const struct listing_file *file,
		     struct reference_writer *writer)
{
	struct profile profile = {.path = file->path, .size = file->size, .sha256 = file->sha256};
	struct side_facts facts = {0}, device = {0};
	struct arena arena;

	arena_init(&arena);
	if (file->elf) {
		const struct facts *record;

		side_facts_ask(side, file->path, GROUPS, &facts);
		record = side_facts_take(&facts);
		if (record) {
			profile_of_facts(record, &arena, &profile);
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
	side_facts_free(&device);
	arena_release(&arena);
}

enum status scan_reference(const struct scan_options *options, const char *path, const char *file,
			   struct arena *arena, const struct view_verify **ret)
{
	struct view_verify_input input = {
	    .reference = path, .suspect = path, .verdict = VERIFY_IDENTICAL};
	struct reference_writer *writer = NULL;
	struct reference_size size;
	struct diags diags;
	struct side side;
	enum status status;

	diags_init(&diags);
	status = side_start(&side, path, 1, &diags);
	if (status == STATUS_OK)
		status = side_open(&side, options->jobs ? options->jobs : 2);
	if (status == STATUS_OK && side.reference)
		status = STATUS_USAGE;
	if (status == STATUS_OK)
		status = reference_create(file, side.single, &writer);
	for (size_t i = 0; status == STATUS_OK && i < side.listing.files.len; i++) {
		if (options->progress)
			options->progress(options->progress_context, "reading files", i,
					  side.listing.files.len);
		add_file(&side, &side.listing.files.ptr[i], writer);
	}
	if (status == STATUS_OK)
		status = reference_finish(writer, &size);
	if (status == STATUS_OK) {
		reference_size_tell(options, file, &size, arena);
		input.diags = &diags;
		*ret = view_verify_build(&input, arena);
	}
	side_close(&side);
	diags_release(&diags);
	return status;
}
