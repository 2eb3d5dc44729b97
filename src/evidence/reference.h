/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reference manifests: what verify needs of a build, without its code, in one file. Deterministic;
 * read as hostile input.
 */
#ifndef EVIDENCE_REFERENCE_H
#define EVIDENCE_REFERENCE_H

#include <stdbool.h>

#include "evidence/profile.h"
#include "util/diag.h"

struct reference {
	struct arena arena;
	const char *tool_version; /* that made it */
	bool single;		  /* made of one file, not of a tree */
	struct profile *files;	  /* sorted by path */
	size_t file_count;
	struct slice bytes; /* of the file; texts point into it */
};

/* Whether a host path is a manifest, told by its first bytes. */
bool reference_recognises(const char *host_path);
/* STATUS_FORMAT with a diagnostic for a damaged one. */
enum status reference_read(const char *host_path, struct diags *diags,
			   struct reference **ret) must_check;
void reference_free(struct reference *reference);

/* What the bytes of a manifest are for. */
#define REFERENCE_KINDS(X)                                            \
	X(FILES, "files_and_sections")                                \
	X(PAGES, "pages")		/* of segments, by hash */    \
	X(PLACES, "places")		/* of functions */            \
	X(INSTRUCTIONS, "instructions") /* strict and loose hashes */ \
	X(BYTES, "bytes")		/* raw hashes */              \
	X(TARGETS, "targets")		/* what functions refer to */ \
	X(NAMES, "names")                                             \
	X(DEVICE, "device_code")

enum reference_kind {
#define REFERENCE_KIND(id, text) REFERENCE_##id,
	REFERENCE_KINDS(REFERENCE_KIND)
#undef REFERENCE_KIND
	    REFERENCE_KIND_COUNT
};

const char *reference_kind_text(enum reference_kind kind);

/* Of a finished one, in bytes; and what it is of. */
struct reference_size {
	uint64_t total, of_kind[REFERENCE_KIND_COUNT];
	uint64_t functions, kernels, code; /* code: bytes of executable sections */
};

/* Profiles are written one after the other, in the order of their paths. */
struct reference_writer;
enum status reference_create(const char *host_path, bool single,
			     struct reference_writer **ret) must_check;
void reference_add(struct reference_writer *writer, const struct profile *profile);
/* Finishes and frees; the file is there, whole, only after STATUS_OK. */
enum status reference_finish(struct reference_writer *writer,
			     struct reference_size *ret) must_check;
void reference_abandon(struct reference_writer *writer);

#endif
