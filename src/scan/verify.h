/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of elfleft verify. */
#ifndef SCAN_VERIFY_H
#define SCAN_VERIFY_H

#include "report/view_verify.h"
#include "scan/scan.h"

/*
 * Compares what suspect names with what reference names: files, directories, archives; reference
 * may be a manifest too. arena receives the view.
 */
enum status scan_verify(const struct scan_options *options, const char *reference,
			const char *suspect, struct arena *arena,
			const struct view_verify **ret) must_check;

/*
 * Writes a manifest of what path names to file, and what was wrong with the input into the view
 * (its files are those of the manifest).
 */
enum status scan_reference(const struct scan_options *options, const char *path, const char *file,
			   struct arena *arena, const struct view_verify **ret) must_check;

#endif
