/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a comparison of two builds needs to know of one file: made of its facts, or read from a
 * reference manifest (reference.h), which looks the same from here.
 */
#ifndef EVIDENCE_PROFILE_H
#define EVIDENCE_PROFILE_H

#include "binary/facts.h"
#include "util/arena.h"
#include "util/digest.h"

struct profile_part {
	const char *name; /* of the section; "" */
	uint32_t role;	  /* enum facts_content_role */
	uint32_t flags;	  /* enum facts_content_flag */
	uint32_t page_first, page_count;
	uint64_t offset; /* of a SEGMENT, in the file */
	uint64_t address, size;
	uint8_t digest[FACTS_CONTENT_DIGEST];
};

/* A dynamic entry that says something: a name, or a number that is no place of a table. */
struct profile_entry {
	int64_t tag;
	uint64_t value;	  /* 0 of one with a text */
	const char *text; /* "" of one without */
};

struct profile_function {
	uint64_t address, size;
	const char *name; /* linkage name; "" */
	uint32_t section; /* of a relocatable file, else 0 */
	uint32_t flags;	  /* enum facts_function_flag */
	uint32_t sources; /* enum facts_function_source */
	uint32_t instructions, masked;
	struct facts_fingerprint raw, strict, loose;
	uint64_t shape; /* of its instructions without any constants; 0: not known */
	/* Of a manifest: hashes of what it refers to, see verify_targets.c; 0: not known. */
	uint64_t targets, targets_by_class;
	uint32_t target_first, target_count; /* of facts: into the targets of the profile */
};

struct profile {
	const char *path; /* in its tree */
	uint64_t size;
	struct digest sha256;
	bool elf;	    /* what follows is set for ELF files only */
	bool has_functions; /* functions were looked for */
	bool outlined;	    /* of most functions only the bytes are known: raw, not the rest */
	uint16_t machine, elf_type;
	uint8_t elf_class, encoding;
	uint32_t type;	      /* enum facts_type */
	uint32_t flags;	      /* enum facts_identity_flag */
	uint32_t stack_flags; /* p_flags of PT_GNU_STACK; UINT32_MAX: there is none */
	uint64_t entry;
	uint64_t thread_size; /* p_memsz of PT_TLS, what each thread has of its own; 0: no such */
	const char *soname, *build_id, *interpreter; /* "" when absent */
	struct profile_entry *entries;
	size_t entry_count;
	struct profile_part *parts;
	size_t part_count;
	const uint64_t *pages;
	size_t page_count;
	const char **comments; /* toolchains, as .comment names them */
	size_t comment_count;
	struct profile_function *functions; /* sorted by section, then address */
	size_t function_count;
	/*
	 * Code that no frame and no symbol describes, in pieces: where they begin is a guess that
	 * depends on what else is known of the file, so they have a place and bytes, no more.
	 */
	struct profile_function *between;
	size_t between_count;
	/* Of facts: what functions refer to, from the lowest loaded address on; NULL: not known. */
	const facts_target *targets;
	uint64_t base;
	/* Reads bytes of the file, all or none; NULL: it is not at hand. */
	bool (*read)(void *context, uint64_t offset, size_t size, uint8_t *to);
	void *read_context;
	struct slice device; /* record of the device tier, for a manifest; length 0: none */
};

/* Of a record with at least the link and content tiers; texts are borrowed from it. */
void profile_of_facts(const struct facts *facts, struct arena *arena, struct profile *ret);
/* Adds the functions of a record of the code tier, or of an outline, in place of those before. */
void profile_add_functions(const struct facts *facts, struct arena *arena, struct profile *profile);
/*
 * Adds what a record of selected functions says to an outline; indexes: which they are. False when
 * they are not those functions, since the file has changed.
 */
bool profile_add_details(const struct facts *facts, const uint32_t *indexes, size_t count,
			 struct profile *profile) must_check;

/* "NEEDED", "RUNPATH", ...; NULL for a tag without a word of its own. */
const char *profile_tag_text(int64_t tag);

#endif
