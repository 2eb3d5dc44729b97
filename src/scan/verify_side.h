/* SPDX-License-Identifier: BSD-2-Clause */
/* One side of a comparison: where its files are, and what is known of them. Private to src/scan. */
#ifndef SCAN_VERIFY_SIDE_H
#define SCAN_VERIFY_SIDE_H

#include "artifact/container.h"
#include "artifact/listing.h"
#include "binary/binaries.h"
#include "evidence/profile.h"

struct reference;

struct side {
	const char *name; /* as the user wrote it */
	struct arena arena;
	struct diags *diags;
	struct workers *workers;
	bool borrowed; /* the workers are somebody else's */
	struct container *container;
	struct root *root;
	struct listing listing;
	bool single;	     /* one file, not a tree */
	struct side *family; /* all sides that make one reference; NULL: it is alone */
	size_t family_size;
	struct reference *reference; /* a manifest: there is nothing else then */
};

/* Facts of one file at a time. */
struct side_facts {
	struct binaries *binaries;
	struct binary *binary;
};

/* Workers first of all, of both sides; then side_open(), which reads listings and digests. */
enum status side_start(struct side *side, const char *name, unsigned jobs,
		       struct diags *diags) must_check;
enum status side_open(struct side *side, unsigned threads) must_check;
/* The same with workers that are there already. */
void side_begin(struct side *side, const char *name, struct workers *workers, struct diags *diags);
/* The side's name is a host directory, of which only these paths count. */
enum status side_open_files(struct side *side, const char *const *paths, size_t count,
			    unsigned threads) must_check;
/*
 * Opens both, at once where they are files or directories. Of two files there are no digests: to
 * compare them byte by byte takes less.
 */
enum status sides_open(struct side *left, struct side *right, unsigned threads) must_check;
/* Whether a file of each side holds the same bytes; false with a diagnostic where one cannot be
 * read. */
bool sides_equal(struct side *left, const char *left_path, struct side *right,
		 const char *right_path);
void side_close(struct side *side);

/* Queues a file for a worker; side_facts_take() waits for it. NULL: it could not be read. */
void side_facts_ask(struct side *side, const char *path, uint32_t groups, struct side_facts *ret);
/*
 * The same of a file whose other facts are there: a symbol table that is apart is read, too. known
 * may be NULL.
 */
void side_facts_ask_code(struct side *side, const char *path, uint32_t groups,
			 const struct side_facts *known, struct side_facts *ret);
/* The same for FACTS_SELECTED of these functions, one at least. */
void side_facts_select(struct side *side, const char *path, const struct facts_range *ranges,
		       size_t count, struct side_facts *ret);
const struct facts *side_facts_take(struct side_facts *facts);
void side_facts_free(struct side_facts *facts);

#endif
