/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft verify: the files of both sides are matched, then compared pair by pair. */
#include "scan/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artifact/wheel_record.h"
#include "evidence/reference.h"
#include "evidence/verify.h"
#include "evidence/verify_match.h"
#include "report/view_verify_build.h"
#include "scan/reference_size.h"
#include "scan/verify_code.h"
#include "util/path.h"

/* What the comparison of parts needs. */
#define GROUPS_PARTS (FACTS_SYMBOLS | FACTS_NOTES | FACTS_COMMENT | FACTS_SECTIONS | FACTS_CONTENT)

struct verify_run {
	const struct scan_options *options;
	struct diags *diags;
	struct side left, right;
	struct match_item *left_items, *right_items;
	size_t left_count, right_count;
	uint32_t *of_left, *of_right;
	bool many; /* the suspect may hold none, some or several copies of the reference */
	verify_take_fn *take;
	void *take_context;
};

/* The comparison of two files, and what it holds on to. */
struct pair_run {
	struct verify_run *run;
	struct arena arena;
	const struct match_item *left, *right;
	struct side_facts facts[4]; /* left and right, for parts, device code */
	struct verify_code left_code, right_code;
	struct profile left_profile, right_profile;
	const struct profile *reference; /* from a manifest, or &left_profile */
	struct verify_file file;
	int fd; /* of the suspect, or -1 */
};

/* ---- both sides ---- */

static const char *soname_of(struct side *side, const struct listing_file *file)
{
	struct side_facts facts;
	const struct facts *record;
	const char *soname = "";

	side_facts_ask(side, file->path, 0, &facts);
	record = side_facts_take(&facts);
	if (record)
		soname = arena_strdup(&side->arena, facts_text(record, record->identity->soname));
	side_facts_free(&facts);
	return soname;
}

static struct match_item *items_of(struct side *side, size_t *ret_count)
{
	size_t count = side->reference ? side->reference->file_count : side->listing.files.len;
	struct match_item *items = arena_alloc_array(&side->arena, count + 1, sizeof(*items));

	for (size_t i = 0; i < count; i++) {
		if (side->reference) {
			const struct profile *file = &side->reference->files[i];

			items[i] = (struct match_item){file->path, file->elf ? file->soname : "",
						       &file->sha256, file->elf};
		} else {
			const struct listing_file *file = &side->listing.files.ptr[i];

			items[i] = (struct match_item){file->path, "", &file->sha256, file->elf};
		}
	}
	*ret_count = count;
	return items;
}

static bool is_single(const struct side *side)
{
	return side->reference ? side->reference->single : side->single;
}

static void match(struct verify_run *run)
{
	bool paths = true;

	run->left_items = items_of(&run->left, &run->left_count);
	run->right_items = items_of(&run->right, &run->right_count);
	run->of_left =
	    arena_alloc_array(&run->left.arena, run->left_count + 1, sizeof(*run->of_left));
	run->of_right =
	    arena_alloc_array(&run->right.arena, run->right_count + 1, sizeof(*run->of_right));
	/* Two files that the user names answer for each other, whatever they are called. */
	if (!run->many && is_single(&run->left) && is_single(&run->right) && run->left_count == 1 &&
	    run->right_count == 1) {
		run->of_left[0] = run->of_right[0] = 0;
		return;
	}
	verify_match(run->left_items, run->left_count, run->right_items, run->right_count,
		     run->many, run->of_left, run->of_right);
	/* SONAMEs cost a look into files: only those that are still alone. */
	for (size_t j = 0; j < run->right_count; j++)
		if (run->of_right[j] == MATCH_NONE && run->right_items[j].elf) {
			run->right_items[j].soname =
			    soname_of(&run->right, &run->right.listing.files.ptr[j]);
			paths = false;
		}
	for (size_t i = 0; i < run->left_count && !paths; i++)
		if (run->of_left[i] == MATCH_NONE && run->left_items[i].elf && !run->left.reference)
			run->left_items[i].soname =
			    soname_of(&run->left, &run->left.listing.files.ptr[i]);
	if (!paths)
		verify_match(run->left_items, run->left_count, run->right_items, run->right_count,
			     run->many, run->of_left, run->of_right);
}

/* ---- one pair ---- */

static void base_profile(const struct match_item *item, struct profile *ret)
{
	*ret = (struct profile){.path = item->path, .sha256 = *item->sha256};
}

static bool fill(struct pair_run *pair, struct side_facts *facts, struct profile *profile)
{
	const struct facts *record = side_facts_take(facts);

	if (record)
		profile_of_facts(record, &pair->arena, profile);
	return record != NULL;
}

/* Both sides are read at once, by one worker each. */
static bool read_parts(struct pair_run *pair)
{
	bool from_file = pair->reference == &pair->left_profile, ok = true;

	if (from_file)
		side_facts_ask(&pair->run->left, pair->left->path, GROUPS_PARTS, &pair->facts[0]);
	side_facts_ask(&pair->run->right, pair->right->path, GROUPS_PARTS, &pair->facts[1]);
	if (from_file)
		ok = fill(pair, &pair->facts[0], &pair->left_profile);
	return fill(pair, &pair->facts[1], &pair->right_profile) && ok;
}

static bool compare_functions(struct pair_run *pair)
{
	if (pair->reference == &pair->left_profile)
		pair->left_code = (struct verify_code){.side = &pair->run->left,
						       .path = pair->left->path,
						       .parts = &pair->facts[0],
						       .writable = &pair->left_profile};
	pair->left_code.profile = pair->reference;
	pair->right_code = (struct verify_code){.side = &pair->run->right,
						.path = pair->right->path,
						.parts = &pair->facts[1],
						.writable = &pair->right_profile,
						.profile = &pair->right_profile};
	return verify_code(&pair->left_code, &pair->right_code, &pair->arena, &pair->file);
}

static bool read_suspect(void *context, uint64_t offset, size_t size, uint8_t *to)
{
	struct pair_run *pair = context;
	struct root_file file;
	size_t used = 0;

	if (pair->fd < 0 &&
	    root_open(pair->run->right.root, pair->right->path, &pair->fd, &file) != STATUS_OK)
		return false;
	while (used < size) {
		ssize_t got = pread(pair->fd, to + used, size - used, (off_t)(offset + used));

		if (got <= 0)
			return false;
		used += (size_t)got;
	}
	return true;
}

static void compare_device(struct pair_run *pair)
{
	struct side_facts *facts = &pair->facts[2];
	const struct facts *left = NULL, *right;
	struct facts kept;

	if (pair->reference == &pair->left_profile)
		side_facts_ask(&pair->run->left, pair->left->path, FACTS_DEVICE, &facts[0]);
	else if (facts_open(pair->reference->device, &kept) == STATUS_OK)
		left = &kept;
	side_facts_ask(&pair->run->right, pair->right->path, FACTS_DEVICE, &facts[1]);
	if (pair->reference == &pair->left_profile)
		left = side_facts_take(&facts[0]);
	right = side_facts_take(&facts[1]);
	if (left && right)
		verify_device(left, right, &pair->arena, &pair->file);
}

static void compare_elf(struct pair_run *pair)
{
	struct verify_file *file = &pair->file;

	if (!read_parts(pair)) {
		file->verdict = VERIFY_INCOMPLETE;
		file->reason = "it could not be read";
		return;
	}
	file->left = pair->reference;
	file->right = &pair->right_profile;
	pair->right_profile.read = read_suspect;
	pair->right_profile.read_context = pair;
	verify_parts(pair->reference, &pair->right_profile, &pair->arena, file);
	if (file->verdict != VERIFY_MODIFIED)
		return;
	if (!compare_functions(pair))
		file->reason = "its functions could not be compared";
	if (verify_wants_device(file))
		compare_device(pair);
}

static bool is_python(const char *path)
{
	size_t length = strlen(path);

	return length > 3 && strcmp(path + length - 3, ".py") == 0;
}

/* By digest, or byte by byte where none was computed. */
static bool same_bytes(struct pair_run *pair)
{
	struct verify_run *run = pair->run;

	if (digest_is(pair->left->sha256) || digest_is(pair->right->sha256) || run->left.reference)
		return digest_is(pair->left->sha256) &&
		       memcmp(pair->left->sha256, pair->right->sha256,
			      sizeof(*pair->left->sha256)) == 0;
	return sides_equal(&run->left, pair->left->path, &run->right, pair->right->path);
}

static void compare(struct pair_run *pair)
{
	struct verify_file *file = &pair->file;

	file->path = pair->right->path;
	file->reference_path = pair->left->path;
	file->reason = "";
	if (same_bytes(pair)) {
		file->verdict = VERIFY_IDENTICAL;
	} else if (pair->left->elf && pair->right->elf) {
		compare_elf(pair);
	} else if (verify_is_packaging(pair->right->path)) {
		file->verdict = VERIFY_REPACKAGED;
		file->reason = "written by packaging tools";
	} else {
		file->verdict = VERIFY_MODIFIED;
		file->reason =
		    is_python(pair->right->path) ? "Python source differs" : "it differs";
	}
}

/* What RECORD says of the files beside it is told at RECORD itself. */
static void check_record(struct verify_run *run, const char *path, struct arena *arena,
			 struct verify_file *file)
{
	const char **texts;
	size_t count;

	if (!wheel_record_is(path) || run->right.single)
		return;
	if (wheel_record_check(&run->right.listing, run->right.root, path, arena, &texts, &count) !=
	    STATUS_OK) {
		diag_add(run->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s", "");
		return;
	}
	for (size_t i = 0; i < count; i++)
		vec_push(&file->changes, arena_printf(arena, "RECORD: %s", texts[i]));
}

/* The loader finds a library by the name of its file. */
static void note_name(struct verify_run *run, struct pair_run *pair)
{
	const char *from = path_name(pair->left->path), *to = path_name(pair->right->path);

	if (!run->many && !is_single(&run->left) && !is_single(&run->right) &&
	    strcmp(from, to) != 0)
		vec_push(&pair->file.changes,
			 arena_printf(&pair->arena, "file name %s became %s", from, to));
}

static void run_pair(struct verify_run *run, size_t left, size_t right)
{
	struct pair_run pair = {.run = run,
				.left = &run->left_items[left],
				.right = &run->right_items[right],
				.fd = -1};

	arena_init(&pair.arena);
	base_profile(pair.left, &pair.left_profile);
	base_profile(pair.right, &pair.right_profile);
	pair.reference =
	    run->left.reference ? &run->left.reference->files[left] : &pair.left_profile;
	compare(&pair);
	check_record(run, pair.right->path, &pair.arena, &pair.file);
	note_name(run, &pair);
	run->take(run->take_context, &pair.file, pair.right->elf);
	verify_file_release(&pair.file);
	if (pair.fd >= 0)
		close(pair.fd);
	for (size_t i = 0; i < sizeof(pair.facts) / sizeof(pair.facts[0]); i++)
		side_facts_free(&pair.facts[i]);
	verify_code_release(&pair.left_code);
	verify_code_release(&pair.right_code);
	arena_release(&pair.arena);
}

/* ---- both sides, file by file ---- */

static void add_alone(struct verify_run *run, const struct match_item *item, bool in_reference)
{
	struct verify_file file = {.reason = ""};
	struct arena arena;

	if (in_reference)
		file.reference_path = item->path;
	else
		file.path = item->path;
	file.verdict = in_reference ? VERIFY_REMOVED : VERIFY_ADDED;
	if (verify_is_packaging(item->path)) {
		file.verdict = VERIFY_REPACKAGED;
		file.reason = in_reference ? "of packaging tools; only in the reference"
					   : "of packaging tools; only in the suspect";
	} else if (in_reference && verify_is_debug_file(item->path)) {
		file.verdict = VERIFY_REPACKAGED;
		file.reason = "separate debug information; only in the reference";
	}
	arena_init(&arena);
	if (!in_reference)
		check_record(run, item->path, &arena, &file);
	run->take(run->take_context, &file, item->elf);
	verify_file_release(&file);
	arena_release(&arena);
}

static void progress(const struct verify_run *run, const char *stage, size_t done, size_t total)
{
	if (run->options->progress)
		run->options->progress(run->options->progress_context, stage, done, total);
}

static void compare_all(struct verify_run *run)
{
	match(run);
	for (size_t j = 0; j < run->right_count; j++) {
		progress(run, "comparing", j, run->right_count);
		if (run->of_right[j] == MATCH_NONE)
			add_alone(run, &run->right_items[j], false);
		else
			run_pair(run, run->of_right[j], j);
	}
	/* One file may be checked against a whole wheel: the others are not missed then. */
	for (size_t i = 0; i < run->left_count && !run->many && !is_single(&run->right); i++)
		if (run->of_left[i] == MATCH_NONE)
			add_alone(run, &run->left_items[i], true);
}

static unsigned thread_count(const struct scan_options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return options->jobs ? options->jobs : processors > 0 ? (unsigned)processors : 1;
}

/* ---- elfleft verify ---- */

/* What a view is made of, while files come in. */
struct report {
	VEC(struct view_verify_file) files;
	struct view_verify_input input;
	struct arena *arena; /* of the view */
	bool noted;	     /* something is said of a file whose bytes are the same */
	const struct verify_run *run;
};

static void add_result(void *context, const struct verify_file *file, bool elf)
{
	struct report *report = context;

	report->input.summary[file->verdict]++;
	report->noted |= file->verdict == VERIFY_IDENTICAL && file->changes.len;
	/* Of the many files of a tree that are as they were, only the binaries are listed. */
	if (file->verdict == VERIFY_IDENTICAL && !elf && !file->changes.len &&
	    report->run->right_count > 1)
		return;
	view_verify_file(file, report->arena, vec_add(&report->files));
}

static enum verify_verdict overall(const uint64_t *files, bool noted)
{
	if (files[VERIFY_INCOMPLETE])
		return VERIFY_INCOMPLETE;
	if (files[VERIFY_UNRELATED] && !files[VERIFY_IDENTICAL] && !files[VERIFY_REPACKAGED] &&
	    !files[VERIFY_MODIFIED] && !files[VERIFY_REBUILT])
		return VERIFY_UNRELATED;
	if (files[VERIFY_REBUILT] || files[VERIFY_UNRELATED])
		return VERIFY_REBUILT;
	if (files[VERIFY_MODIFIED] || files[VERIFY_ADDED] || files[VERIFY_REMOVED])
		return files[VERIFY_IDENTICAL] || files[VERIFY_REPACKAGED] || files[VERIFY_MODIFIED]
			   ? VERIFY_MODIFIED
			   : VERIFY_UNRELATED;
	return files[VERIFY_REPACKAGED] || noted ? VERIFY_REPACKAGED : VERIFY_IDENTICAL;
}

enum status scan_verify(const struct scan_options *options, const char *reference,
			const char *suspect, struct arena *arena, const struct view_verify **ret)
{
	struct report report = {.arena = arena};
	struct diags diags;
	struct verify_run run = {
	    .options = options, .diags = &diags, .take = add_result, .take_context = &report};
	enum status status;

	report.run = &run;
	diags_init(&diags);
	status = side_start(&run.left, reference, 1, &diags);
	if (status == STATUS_OK)
		status = side_start(&run.right, suspect, 1, &diags);
	if (status == STATUS_OK) {
		progress(&run, "reading files", 0, 0);
		status = sides_open(&run.left, &run.right, thread_count(options));
	}
	if (status == STATUS_OK && run.right.reference)
		status = STATUS_USAGE; /* a manifest is no build */
	if (status == STATUS_OK) {
		compare_all(&run);
		report.input.reference = reference;
		report.input.suspect = suspect;
		report.input.verdict = overall(report.input.summary, report.noted);
		report.input.files = report.files.ptr;
		report.input.file_count = report.files.len;
		report.input.diags = &diags;
		*ret = view_verify_build(&report.input, arena);
	} else {
		reference_trouble_tell(options, &diags, arena);
	}
	vec_release(&report.files);
	side_close(&run.left);
	side_close(&run.right);
	diags_release(&diags);
	return status;
}

/* ---- other commands ---- */

enum status verify_workers_start(struct verify_workers *ret)
{
	struct workers_options options = {.count = 1};
	enum status status = workers_start(&options, &ret->left);

	return status == STATUS_OK ? workers_start(&options, &ret->right) : status;
}

void verify_workers_free(struct verify_workers *workers)
{
	workers_free(workers->left);
	workers_free(workers->right);
	*workers = (struct verify_workers){0};
}

enum status verify_against(const struct scan_options *options, struct verify_workers *workers,
			   const char *reference, const struct verify_suspect *suspect,
			   struct diags *diags, verify_take_fn *take, void *context)
{
	struct verify_run run = {.options = options,
				 .diags = diags,
				 .many = true,
				 .take = take,
				 .take_context = context};
	enum status status;
	int error;

	side_begin(&run.left, reference, workers->left, diags);
	side_begin(&run.right, suspect->directory, workers->right, diags);
	status = side_open(&run.left, thread_count(options));
	if (status == STATUS_OK)
		status = side_open_files(&run.right, suspect->paths, suspect->count,
					 thread_count(options));
	if (status == STATUS_OK)
		compare_all(&run);
	error = errno;
	side_close(&run.right);
	side_close(&run.left);
	errno = error;
	return status;
}
