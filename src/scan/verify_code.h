/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of two files are read and compared, no more of them than the verdict needs. Private
 * to src/scan.
 */
#ifndef SCAN_VERIFY_CODE_H
#define SCAN_VERIFY_CODE_H

#include "evidence/verify.h"
#include "scan/verify_side.h"

/* The functions of one file, and the records that hold their names. */
struct verify_code {
	struct side *side; /* NULL: they came with a manifest */
	const char *path;
	const struct side_facts *parts; /* what is known of it already */
	const struct profile *profile;
	struct profile *writable; /* the same, unless they came with a manifest */
	struct side_facts records[2];
};

/* False when they could not be read. */
bool verify_code(struct verify_code *left, struct verify_code *right, struct arena *arena,
		 struct verify_file *file) must_check;
void verify_code_release(struct verify_code *code);

#endif
