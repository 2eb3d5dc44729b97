/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which components' code is inside one binary: its functions looked up in an index, and what that
 * proves. Code alone makes a component "contained"; nothing here looks at strings.
 *
 * A function speaks for a component when no other component of the index has it, when it is large
 * enough (index_eligible()), and when compilers do not make it of a header wherever that is
 * included. Linkers take whole object files from an archive and lay them down in one piece, so a
 * component is claimed when its functions lie together and fill the members they come from. What no
 * component explains stays unknown.
 */
#ifndef EVIDENCE_EMBEDDED_H
#define EVIDENCE_EMBEDDED_H

#include "evidence/index.h"
#include "util/arena.h"

/* How sure, surest last. A hint is no claim: too few functions, or not where a linker puts them. */
enum embedded_confidence {
	EMBEDDED_HINT,
	EMBEDDED_LIKELY,
	EMBEDDED_VERY_LIKELY,
	EMBEDDED_CERTAIN,
};

/* The share a number has of a whole, in thousandths. */
#define EMBEDDED_WHOLE 1000u

struct embedded_example {
	uint64_t address; /* virtual, in the binary */
	uint32_t size;
	const char *name;   /* linkage name in the index; "" when it has none */
	const char *member; /* object file it comes from */
};

struct embedded_component {
	const char *name; /* of the upstream project */
	enum index_class class;
	enum embedded_confidence confidence;
	/* Versions of the index that fit equally well and best, sorted. Several: they cannot be
	 * told apart by this code. None: the index does not say. */
	const char *const *versions;
	size_t version_count;
	const char
	    *stated_version; /* of the file's own strings, where it is none of those; or NULL */
	bool version_fits; /* the members found are complete: else it is another version or build */
	uint32_t contradictions; /* functions that only versions other than these have */
	const char *licence;	 /* SPDX expression of those versions; "" when not known */
	bool licences_differ;	 /* those versions differ in it; it is then all of them */
	const char *source, *source_version, *package, *distribution; /* of the best origin */
	const char *carrier;	   /* the project whose copy of it fits best; "" */
	uint32_t functions;	   /* matched functions it explains */
	uint32_t unique, strict;   /* distinct bodies only it has; of those, equal but for links */
	uint64_t bytes;		   /* of the functions */
	uint64_t unique_bytes;	   /* of the distinct bodies */
	uint32_t fullest;	   /* share of the most complete member with a unique function */
	uint32_t members;	   /* object files of which a unique function was found */
	uint32_t coverage;	   /* median share of those members that is here */
	uint32_t locality;	   /* share of unique functions that lie where their member lies */
	const char *const *others; /* components that own the same functions; sorted */
	size_t other_count;
	const struct embedded_example *examples; /* largest first */
	size_t example_count;
};

/* A string of the file that names a project. It proves no code. */
struct embedded_mention {
	const char *project, *version, *text; /* version: "" when it has none */
	uint64_t offset;		      /* in the file */
};

/* Of one file. */
struct embedded {
	const struct embedded_component *components; /* claimed ones, by name */
	size_t component_count;
	const struct embedded_component *hints; /* by name */
	size_t hint_count;
	const struct embedded_mention *mentions; /* by offset */
	size_t mention_count;
	uint32_t functions, eligible, matched;	/* pieces are functions of their own here */
	uint64_t bytes;				/* of all functions */
	uint64_t eligible_bytes, matched_bytes; /* of those */
	uint64_t explained_bytes;		/* of functions a claimed component explains */
};

struct embedded_file {
	const char *path; /* canonical */
	const struct embedded *embedded;
};

/* Of a whole run, by path. */
struct embedded_files {
	const struct embedded_file *list;
	size_t count;
};

/* Everything returned lives in the arena or in the index. */
const struct embedded *embedded_find(const struct facts *facts, const struct index *index,
				     struct arena *arena);

const char *embedded_confidence_text(enum embedded_confidence confidence);
const char *index_class_text(enum index_class class);

#endif
