/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that make up binaries.h share. */
#ifndef BINARY_BINARIES_INTERNAL_H
#define BINARY_BINARIES_INTERNAL_H

#include "binary/binaries.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

/* What binaries.h shows of a file, and what it does not. */
struct entry {
	struct binary binary;
	const char *canonical; /* NULL until it is wanted */
	int fd;		       /* -1 when it is not open */
	/* Of a part of another file: that file's path and what it was, and where in it. */
	const char *container;
	struct root_file whole;
	uint64_t offset;
	int selection_fd; /* valid where selected is not 0 */
	uint32_t selected;
	int debug_fd; /* valid where it has one */
	bool has_debug_fd;
	bool has_digest;
	struct digest digest;
};

struct binaries {
	struct root *root;
	struct workers *workers;
	struct diags *diags;
	uint32_t groups;
	struct arena arena;
	VEC(struct entry *) entries;
	struct map by_path;	/* path -> entry, PATH_MISSING or PATH_ERROR */
	struct map by_identity; /* device and inode -> entry */
	struct map errors;	/* path -> errno, of PATH_ERROR */
	size_t kept_open;
};

/* What workers are asked of an open file. */
struct workers_request binaries_request(const struct entry *entry, int fd, uint32_t groups);
/* An open descriptor of the same file as before, or -1 with a diagnostic. */
int binaries_reopen(struct binaries *binaries, const struct entry *entry);
/* The separate debug file that may belong to it, open; -1: there is none. Its facts are there. */
int binaries_open_debug(struct binaries *binaries, const struct entry *entry);
void binaries_copy_diagnostics(struct binaries *binaries, const struct binary *binary,
			       const struct facts *facts);

#endif
