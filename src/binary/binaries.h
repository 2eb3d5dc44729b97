/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All ELF files of one run by their identity in a root: each is opened once per (device, inode) and
 * read once by a worker. Paths that were looked up are remembered, found or not, so that many load
 * sets over the same files cost one system call per path.
 *
 * Reading is asynchronous: binaries_find() opens a file and looks at its first 64 bytes in this
 * process (with pread; nothing is mapped), binaries_prefetch() queues it for a worker, and
 * binaries_facts() waits for its record.
 */
#ifndef BINARY_BINARIES_H
#define BINARY_BINARIES_H

#include "artifact/root.h"
#include "binary/facts.h"
#include "binary/workers.h"
#include "util/diag.h"
#include "util/digest.h"

struct binaries;

/* The part of the ELF header that decides whether a loader takes a file or goes on searching. */
struct elf_ident {
	bool is_elf;   /* the magic is there */
	bool complete; /* the file holds a whole header */
	uint8_t elf_class, encoding, version, osabi, abi_version;
	bool padding_zero; /* e_ident[EI_PAD..] is zero */
	uint16_t type, machine;
	uint32_t elf_version; /* e_version */
	uint16_t segment_entry_size;
};

struct binary {
	uint32_t id;	   /* index, in order of first opening; never shown */
	const char *found; /* the first path it was found by; for its canonical one see below */
	struct root_file file;
	struct elf_ident ident;
	/* Set once the record is in; see binaries_facts(). */
	enum status status; /* of reading: OK, FAULT, FORMAT */
	bool ready, queued;
	struct facts facts;
};

/* root and workers are borrowed and must outlive the result; diags receives what readers say. */
struct binaries *binaries_new(struct root *root, struct workers *workers, uint32_t groups,
			      struct diags *diags);
void binaries_free(struct binaries *binaries);
/* Which groups to ask for of files that were not queued yet. */
void binaries_want(struct binaries *binaries, uint32_t groups);
struct root *binaries_root(const struct binaries *binaries);

/*
 * The file behind a path of the root; *ret is NULL unless OK. STATUS_NOT_FOUND when there is none
 * or it is not permitted (the loader goes on in both cases), STATUS_IO for other errors, with
 * errno.
 */
enum status binaries_find(struct binaries *binaries, const char *path,
			  struct binary **ret) must_check;
/*
 * Makes part of a file of the root (container: a static archive) known as a file of its own;
 * binaries_find() knows it by path from now on. The same part again is the same file.
 */
enum status binaries_add_part(struct binaries *binaries, const char *path, const char *container,
			      uint64_t offset, uint64_t size) must_check;
/* The path of the file that a part is of; NULL for a file of its own. */
const char *binaries_container(const struct binaries *binaries, const struct binary *binary);
/* Its canonical path; worked out when it is first wanted, since a loader does not need it. */
const char *binaries_path(struct binaries *binaries, const struct binary *binary);
/*
 * Of this file, no part of another, FACTS_SELECTED is wanted of these functions, one at least:
 * before it is queued. STATUS_IO with errno.
 */
enum status binaries_select(struct binaries *binaries, struct binary *binary,
			    const struct facts_range *ranges, size_t count) must_check;
/* Queues the file for a worker unless it was; cheap to call again. */
void binaries_prefetch(struct binaries *binaries, struct binary *binary);
/* Waits for the facts. NULL when the file could not be read; its diagnostic is recorded. */
const struct facts *binaries_facts(struct binaries *binaries, struct binary *binary);

/*
 * Its separate debug file is read with it, where it has no symbol table and there is one: in this
 * root or that of known, which is the same file with its facts there. Before it is queued.
 */
void binaries_use_debug(struct binaries *binaries, struct binary *binary, struct root *root,
			struct binaries *from, const struct binary *known);

/* Whether there is debug information: in it, or in a file that may belong to it; see facts first.
 */
bool binaries_has_debug(struct binaries *binaries, const struct binary *binary);

/*
 * Reads files once more for groups whose records are too large to be kept: each record goes to
 * take(), in any order, and is freed after it. Files that cannot be read are diagnosed and left
 * out.
 */
typedef void binaries_take_fn(void *context, struct binary *binary, const struct facts *facts);
void binaries_stream(struct binaries *binaries, struct binary *const *list, size_t count,
		     uint32_t groups, binaries_take_fn *take, void *context);

/* SHA-256 of the whole file, computed on demand and kept. */
enum status binaries_digest(struct binaries *binaries, struct binary *binary,
			    struct digest *ret) must_check;
/* Computes the digests of many files with that many threads. */
void binaries_digest_all(struct binaries *binaries, struct binary *const *list, size_t count,
			 unsigned threads);

size_t binaries_count(const struct binaries *binaries);
struct binary *binaries_at(const struct binaries *binaries, size_t index);

#endif
