/* SPDX-License-Identifier: BSD-2-Clause */
/* All regular files below a path of a root, with their digests. */
#ifndef ARTIFACT_LISTING_H
#define ARTIFACT_LISTING_H

#include "artifact/root.h"
#include "util/diag.h"
#include "util/digest.h"
#include "util/vec.h"

struct listing_file {
	const char *path; /* canonical, in the root */
	uint64_t size;
	bool elf; /* it begins like an ELF file */
	bool has_digest;
	struct digest sha256;
};

struct listing {
	struct arena arena;
	VEC(struct listing_file) files; /* sorted by path */
};

void listing_init(struct listing *listing);
void listing_release(struct listing *listing);
/* Trouble becomes diagnostics. Digests are computed by that many threads, by none if 0.
 */
void listing_fill(struct listing *listing, struct root *root, const char *path, unsigned threads,
		  struct diags *diags);
/* The same of several paths; what lies below two of them is listed once. */
void listing_fill_all(struct listing *listing, struct root *root, const char *const *paths,
		      size_t count, unsigned threads, struct diags *diags);
const struct listing_file *listing_find(const struct listing *listing, const char *path);

#endif
