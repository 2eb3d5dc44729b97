/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of elfleft verify. */
#ifndef SCAN_VERIFY_H
#define SCAN_VERIFY_H

#include "evidence/verify.h"
#include "report/view_verify.h"
#include "scan/scan.h"
#include "util/diag.h"

/*
 * Compares what suspect names with what reference names: files, directories, archives; reference
 * may be a manifest too. arena receives the view.
 */
enum status scan_verify(const struct scan_options *options, const char *reference,
			const char *suspect, struct arena *arena,
			const struct view_verify **ret) must_check;

/*
 * Writes a manifest of what the paths name together to file, and what was wrong with the input into
 * the view.
 */
enum status scan_reference(const struct scan_options *options, const char *const *paths,
			   size_t count, const char *file, struct arena *arena,
			   const struct view_verify **ret) must_check;

/* Gets one file's verdict; nothing that the file points to outlives the call. */
typedef void verify_take_fn(void *context, const struct verify_file *file, bool elf);

/* They read both sides; forked while the process is small. */
struct verify_workers {
	struct workers *left, *right;
};

/* Files below a host directory; the paths of verdicts are inside it. */
struct verify_suspect {
	const char *directory;
	const char *const *paths; /* of files and directories inside it */
	size_t count;
};

enum status verify_workers_start(struct verify_workers *ret) must_check;
void verify_workers_free(struct verify_workers *workers); /* zeroed ones are allowed */

/*
 * For other commands: every file of the suspect that the reference has a partner for is compared
 * with it, be there several copies or none. Files without a partner are told as added; nothing is
 * said of what only the reference has.
 */
enum status verify_against(const struct scan_options *options, struct verify_workers *workers,
			   const char *reference, const struct verify_suspect *suspect,
			   struct diags *diags, verify_take_fn *take, void *context) must_check;

#endif
