/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of code fingerprints: which projects' object files hold a function of that fingerprint.
 *
 * An index is one or several immutable files (segments; index_format.h says how they look), mapped
 * and treated as hostile: index_add_file() checks all of it before any of it is used. A file in use
 * must not change: whoever writes one puts a new one in its place. Components of the same name in
 * several segments are one component, and all numbers here are valid over all segments. Numbers
 * depend on the order in which segments were added: show names, never numbers.
 *
 * Only eligible functions are in it (index_eligible()), and none with FACTS_FUNCTION_UNDECODED.
 *
 * The key is the low half of the loose fingerprint. Two functions whose strict fingerprints are
 * equal have equal loose ones, so a strict lookup is a loose one whose postings are compared by
 * index_strict_equal().
 */
#ifndef EVIDENCE_INDEX_H
#define EVIDENCE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binary/facts.h"
#include "util/diag.h"
#include "util/status.h"

#define INDEX_NAME_SIZE                                                          \
	1024 /* bytes a name takes at most, its NUL counted; longer ones are cut \
	      */
#define INDEX_NO_COMPONENT UINT32_MAX
#define INDEX_FREQUENCY_MAX 256

enum index_class {
	INDEX_LIBRARY,	   /* an ordinary project */
	INDEX_TOOLCHAIN,   /* what compilers link in: libgcc, crt, libstdc++, libc_nonshared */
	INDEX_HEADER_ONLY, /* code of headers, compiled into whoever includes them */
	INDEX_CLASS_COUNT
};

/* A project, of which an index may hold several versions and builds. Texts are never NULL. */
struct index_component {
	const char *name;	/* of the upstream project: "readline" */
	enum index_class class; /* if segments differ, the highest number */
	uint32_t origin_count;
};

/* One archive, object or library that was indexed: one build of one version of one component. */
struct index_origin {
	uint32_t component;
	uint32_t first_member, member_count; /* members of one origin follow each other */
	uint16_t machine;		     /* e_machine of its members */
	const char *version;		     /* of upstream: "8.2" */
	const char *licence;		     /* SPDX expression; "" when not known */
	const char *source, *source_version; /* source package: "readline", "8.2-1.3" */
	const char *package;		     /* binary package: "libreadline-dev" */
	const char *distribution;	     /* "debian-12"; "" when it is of none */
	const char *path;		     /* "usr/lib/x86_64-linux-gnu/libreadline.a" */
	/* The project in whose archive this copy was found: "zstd" for its xxhash.o; else "". */
	const char *carrier;
};

/* An object file: what a linker takes whole from an archive. */
struct index_member {
	uint32_t origin;
	uint32_t functions; /* eligible ones */
	uint32_t unique;    /* of them, those that no other component of its segment has */
	uint64_t bytes;	    /* of the eligible functions */
	uint32_t literals;  /* long texts and tables that are its component's alone */
	const char *name;   /* "readline.o"; the file's own name when it was no archive */
};

enum index_function_flag {
	INDEX_FUNCTION_WEAK = 1u << 0,	     /* weak, unique, or of a COMDAT group */
	INDEX_FUNCTION_LOCAL = 1u << 1,	     /* STB_LOCAL */
	INDEX_FUNCTION_FRAGMENT = 1u << 2,   /* a .cold or .part piece */
	INDEX_FUNCTION_MASKED = 1u << 3,     /* FACTS_FUNCTION_MASKED_BYTES: weaker */
	INDEX_FUNCTION_HEADER_ONLY = 1u << 4 /* by its name an instance of a template of a header:
						std::, __gnu_cxx, Eigen, fmt, boost */
};

/* One function of one member. */
struct index_posting {
	uint32_t function;  /* its number in the index; for index_function_name() */
	uint32_t member;    /* for index_member() */
	uint32_t component; /* for index_component(); saves two steps */
	uint32_t size;	    /* bytes */
	uint32_t instructions;
	uint32_t strict; /* compare with index_strict_equal() */
	uint32_t flags;	 /* enum index_function_flag */
};

/* What has one key. Valid as long as the index is. */
struct index_hits {
	const struct index *index;
	uint64_t key;
	uint32_t segment; /* private: where index_next() is */
	uint32_t at, end;
};

struct index *index_new(void);
void index_free(struct index *index);

/*
 * Maps one file of the host. What is wrong with it is an INDEX_BAD with file and offset, and then
 * nothing of it is used (STATUS_FORMAT); STATUS_IO with errno when it cannot be opened.
 */
enum status index_add_file(struct index *index, const char *path, struct diags *diags) must_check;

/* Finds the postings of a key (facts_function.loose.low). False: there are none. Thread-safe. */
bool index_find(const struct index *index, uint64_t key, struct index_hits *ret_hits);
/* The next posting, in an order that depends on the files alone; postings of one component of one
 * segment follow each other. False at the end. */
bool index_next(struct index_hits *hits, struct index_posting *ret_posting);

/*
 * In how many distinct components a key occurs, over all segments: the document frequency, counted
 * up to INDEX_FREQUENCY_MAX. If there is just one, *ret_component (may be NULL) is that one, else
 * INDEX_NO_COMPONENT.
 */
uint32_t index_frequency(const struct index *index, uint64_t key, uint32_t *ret_component);

static inline uint32_t index_strict_of(const struct facts_fingerprint *strict)
{
	return (uint32_t)(strict->low >> 32);
}

static inline bool index_strict_equal(const struct index_posting *posting,
				      const struct facts_fingerprint *strict)
{
	return posting->strict == index_strict_of(strict);
}

/*
 * The members that have a long text or table (facts_literal.key), all of one component: how many
 * were put into members. 0 when none has it, when several components have it, or too many members.
 */
#define INDEX_LITERAL_MEMBERS 64
uint32_t index_find_literal(const struct index *index, uint64_t key,
			    uint32_t members[static INDEX_LITERAL_MEMBERS]);

/*
 * A build-id that is long enough to tell builds apart, as facts have it: lower-case hexadecimal. A
 * shorter one is not looked for, and goes into no index.
 */
#define INDEX_BUILD_ID_DIGITS_MIN 16u
#define INDEX_BUILD_ID_DIGITS_MAX 128u
bool index_build_id_eligible(const char *id);
/* Of a linked file; "" when it has none that is eligible. An object file is of no build yet. */
const char *index_build_id_of(const struct facts *facts);

/*
 * The members that are linked files with this build-id: how many were put into members, which are
 * as many as fit there.
 */
#define INDEX_BUILD_ID_MEMBERS 16
uint32_t index_find_build_id(const struct index *index, const char *id,
			     uint32_t members[static INDEX_BUILD_ID_MEMBERS]);

/* How many there are, and one of them with its member: by segment, and there in order. */
uint32_t index_build_id_count(const struct index *index);
const char *index_build_id(const struct index *index, uint32_t number, uint32_t *ret_member);

uint32_t index_component_count(const struct index *index);
uint32_t index_origin_count(const struct index *index);
uint32_t index_member_count(const struct index *index);
uint64_t index_function_count(const struct index *index); /* postings */
uint64_t index_key_count(const struct index *index);	  /* distinct bodies, over all segments */

/* Pointers are valid as long as the index is; the number must be below the count. */
const struct index_component *index_component(const struct index *index, uint32_t component);
const struct index_origin *index_origin(const struct index *index, uint32_t origin);
/* By value, since there are many. */
struct index_member index_member(const struct index *index, uint32_t member);
/* The component of that name, or INDEX_NO_COMPONENT. */
uint32_t index_find_component(const struct index *index, const char *name);

/* Writes the linkage name into buffer and gives it; "" when it has none. */
const char *index_function_name(const struct index *index, uint32_t function,
				char buffer[static INDEX_NAME_SIZE]);

/*
 * Whether a function says anything: large enough that equal code is no chance (provenance research,
 * B5: of functions of 48 bytes and more, 1 in 137,000 hits falsely), and decoded. The same test for
 * what goes into an index and for what is looked up.
 */
#define INDEX_INSTRUCTIONS_MIN 12
#define INDEX_BYTES_MIN 48	 /* x86-64 */
#define INDEX_BYTES_MIN_FIXED 64 /* machines whose instructions are all of 4 bytes */

static inline bool index_eligible(const struct facts_function *function, uint16_t machine)
{
	uint64_t bytes =
	    machine == EM_X86_64 || machine == EM_386 ? INDEX_BYTES_MIN : INDEX_BYTES_MIN_FIXED;

	if ((function->flags & FACTS_FUNCTION_UNDECODED) || function->size < bytes ||
	    !(function->loose.low | function->loose.high))
		return false;
	return (function->flags & FACTS_FUNCTION_MASKED_BYTES) ||
	       function->instructions >= INDEX_INSTRUCTIONS_MIN;
}

#endif
