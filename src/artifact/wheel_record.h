/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RECORD of a Python wheel or an installed distribution: a table of its files with their hashes
 * (PyPA "Recording installed projects", PEP 376 and 427).
 */
#ifndef ARTIFACT_WHEEL_RECORD_H
#define ARTIFACT_WHEEL_RECORD_H

#include "artifact/listing.h"

/* Whether a path ends in ".dist-info/RECORD". */
bool wheel_record_is(const char *path);

/*
 * Checks the files of a listing against the RECORD at path, in the root the listing is of. Each
 * thing that is not as it says becomes a text in the arena: "a/b.py has another hash", "... is
 * missing",
 * "... is not in it" (that only where it is the one RECORD of the listing). STATUS_IO,
 * STATUS_LIMIT.
 */
enum status wheel_record_check(const struct listing *listing, struct root *root, const char *path,
			       struct arena *arena, const char ***ret_texts,
			       size_t *ret_count) must_check;

#endif
