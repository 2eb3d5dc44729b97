/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which components' code is inside one binary: its functions looked up in an index, and what that
 * proves; and beside that what the toolchain that made it says it built in. The two are kept apart
 * to the end.
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
	EMBEDDED_DECLARED, /* no measure: somebody says so */
};

/* What says that a component is inside. */
enum embedded_basis {
	EMBEDDED_BY_CODE,	   /* its functions */
	EMBEDDED_BY_TEXTS,	   /* long texts of its object files */
	EMBEDDED_BY_UNITS,	   /* source files that debug information says were compiled */
	EMBEDDED_BY_LIST,	   /* a list that the toolchain put into the file */
	EMBEDDED_BY_TOOLCHAIN,	   /* the toolchain's own name: its runtime comes with it */
	EMBEDDED_BY_CONFIGURATION, /* the text of its build that a project put into itself */
	EMBEDDED_BY_PATH,    /* paths of its sources that a compiler put into the code's data */
	EMBEDDED_BY_MAP,     /* the linker's map beside the file lists its archive */
	EMBEDDED_BY_SYMBOLS, /* names of functions, which are the project's own */
	EMBEDDED_BASIS_COUNT,
};

/*
 * Tiers of evidence, by the numbers of the design: what is equal, from all but what linkers set
 * down to a name. They are counted apart and never added up. T0 and T1 are of whole files, T2 and
 * T5 of a file beside its reference: "elfleft verify" tells those. A build-id, of T0, is told of
 * the file (embedded.builds), not counted for a component.
 */
enum embedded_tier {
	EMBEDDED_T3, /* functions equal but for what linkers set */
	EMBEDDED_T4, /* functions equal but for padding, landing marks and sizes of branches too */
	EMBEDDED_T6, /* texts and tables */
	EMBEDDED_T7, /* strings that name the project */
	EMBEDDED_TIER_COUNT
};

/* The share a number has of a whole, in thousandths. */
#define EMBEDDED_WHOLE 1000u

struct embedded_example {
	uint64_t address; /* virtual, in the binary */
	uint32_t size;
	const char *name;   /* linkage name in the index; "" when it has none */
	const char *member; /* object file it comes from */
};

/* How often what is said with one word was so (data/confidence.tsv). Shares in thousandths. */
struct embedded_calibration {
	uint32_t so, said;
	uint32_t low, high; /* of the share, a 95 % interval */
};

/* What a file holds that names a component. */
struct embedded_sign {
	const char *type, *detail; /* "cargo-auditable list"; the line or path */
	uint64_t offset;	   /* in the file */
};

struct embedded_component {
	const char *name; /* of the upstream project; of a module as its toolchain calls it */
	enum embedded_basis basis;
	const char *ecosystem; /* purl type of a module: "golang", "cargo"; "opencv"; else "" */
	const struct embedded_sign *signs; /* of a module, by offset; of texts */
	size_t sign_count;
	enum index_class class;
	enum embedded_confidence confidence;
	const struct embedded_calibration *calibration; /* NULL: it was not measured */
	/* Versions of the index that fit equally well and best, sorted. Several: they cannot be
	 * told apart by this code. None: the index does not say. */
	const char *const *versions;
	size_t version_count;
	const char
	    *stated_version; /* of the file's own strings, where it is none of those; or NULL */
	/* The members found are complete, and not just a few: else it may be another version. */
	bool version_fits;
	uint32_t contradictions;   /* functions that only versions other than these have */
	const char *licence;	   /* SPDX expression of those versions; "" when not known */
	bool licences_differ;	   /* those versions differ in it; it is then all of them */
	const char *licence_doubt; /* why it is not sure all the same; NULL */
	const char *source, *source_version, *package, *distribution; /* of the best origin */
	const char *carrier;	 /* the project whose copy of it fits best; "" */
	uint32_t functions;	 /* matched functions it explains */
	uint32_t unique, strict; /* distinct bodies only it has; of those, equal but for links */
	uint64_t bytes;		 /* of the functions */
	uint64_t unique_bytes;	 /* of the distinct bodies */
	uint32_t fullest;	 /* share of the most complete member with a unique function */
	uint32_t tiers[EMBEDDED_TIER_COUNT]; /* by enum embedded_tier: signs that only it has */
	uint32_t texts, tables;		     /* distinct long texts and tables that only it has */
	uint32_t members;		     /* object files of which a unique function was found */
	uint32_t coverage; /* median share of those members that is here; by texts, of all */
	uint32_t locality; /* share of unique functions that lie where their member lies */
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
	struct embedded_component *components; /* claimed ones, by name */
	size_t component_count;
	const struct embedded_component *hints; /* by name */
	size_t hint_count;
	struct embedded_component *named; /* told by names of all kinds; by basis and name */
	size_t named_count;
	const struct embedded_mention *mentions; /* by offset */
	size_t mention_count;
	/* The builds of the index that have its build-id: code may have been changed in place
	 * since. */
	const struct index_origin *const *builds;
	size_t build_count;
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
	const struct index *index; /* of the builds; NULL: there was none */
	bool code; /* functions were looked up; else only what toolchains say is known */
};

/* Tables of what names mean: modules, symbols; and how sure they and code are. */
struct embedded_names;

struct embedded_names *embedded_names_open(const char *data_folder, struct arena *arena,
					   struct diags *diags);
void embedded_names_close(struct embedded_names *names);
/*
 * Adds what names in a file tell: lists of its toolchain, names of functions. Components that
 * ret claims by code are left out. Gives all of ret its calibration. Needs FACTS_MODULES and
 * FACTS_NAMESPACES; functions if they are there.
 */
void embedded_names_find(const struct embedded_names *names, const struct facts *facts,
			 struct arena *arena, struct embedded *ret);
/* Gives all that names tell of its calibration: to what was added since, too. */
void embedded_names_calibrate(const struct embedded_names *names, struct embedded *ret);

/* Everything returned lives in the arena or in the index. */
struct embedded *embedded_find(const struct facts *facts, const struct index *index,
			       struct arena *arena);

/* Which builds of the index a linked file is of, by its build-id. */
void embedded_builds_find(const struct facts *facts, const struct index *index, struct arena *arena,
			  struct embedded *ret);

const char *embedded_basis_text(enum embedded_basis basis);
const char *embedded_tier_text(enum embedded_tier tier);
const char *embedded_confidence_text(enum embedded_confidence confidence);
const char *index_class_text(enum index_class class);

#endif
