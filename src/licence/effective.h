/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The licence of one file: the best statement there is, where it comes from, and how sure it is.
 * In order: what the binary itself says; what it can be used under because of what it is linked to;
 * what the package's copyright file says of the sources that debug information names, of this very
 * file, or of all of the package alike; the table of known components, where the package speaks of
 * those licences too; what habit lets one pick from the copyright file; the union of all it says,
 * marked as such; what the metadata of a package says of the whole of it, or an index of the build
 * that has the file's build-id. Sources that disagree
 * lower the confidence, and what a stronger one overrode stays visible as the label.
 */
#ifndef LICENCE_EFFECTIVE_H
#define LICENCE_EFFECTIVE_H

#include "artifact/root.h"
#include "binary/facts.h"
#include "evidence/component.h"
#include "licence/expression.h"

/* Printed beside every licence. Texts: licence_source_text(). */
enum licence_source {
	LICENCE_SOURCE_NONE,		/* nothing known */
	LICENCE_SOURCE_BINARY,		/* the file's own statement */
	LICENCE_SOURCE_DEP5_STANZA,	/* the stanza that speaks of this file's sources */
	LICENCE_SOURCE_DEP5_UNION,	/* union over all Files stanzas of the package */
	LICENCE_SOURCE_FREEFORM,	/* prose copyright file, recognised by its words */
	LICENCE_SOURCE_METADATA,	/* METADATA of Python, conda-meta, a note, an SBOM */
	LICENCE_SOURCE_KNOWN_COMPONENT, /* data/known-components.tsv */
	LICENCE_SOURCE_UPGRADE,		/* data/effective-upgrades.tsv */
	LICENCE_SOURCE_INDEX,		/* an index of fingerprints: of code inside a file */
	LICENCE_SOURCE_BUILD_ID,	/* an index: of the build a file came from */
	LICENCE_SOURCE_POLICY,		/* the user says so (reach/policy.h) */
};

struct file_licence {
	const struct expression *expression; /* NULL: not known */
	const char *text;		     /* canonical SPDX text; "NOASSERTION" when not known */
	const char *original;		     /* as the source writes it; "" when not known */
	enum licence_source source;
	enum licence_confidence confidence;
	const char *path;   /* file of the statement in the root; "" for tables */
	const char *detail; /* one line for the reader: which stanza, which string; "" */
	/* What a weaker source says when it disagrees; else NULL. */
	const struct file_licence *label;
};

/* What debug information says of where a file comes from. Texts may come from hostile files. */
struct debug_sources {
	const char *const
	    *files; /* source files that code was made of, as the compiler wrote them */
	size_t file_count;
	const char *const *folders; /* in which they were compiled */
	size_t folder_count;
	bool lto; /* some of it was compiled with -flto */
};

struct licence_query {
	const char *path;		   /* canonical path in the root */
	const char *soname;		   /* NULL when it has none */
	const struct component *component; /* owner; NULL when not known */
	const struct component *known;	   /* row of the known-components table; NULL */
	const struct facts *facts;	   /* NULL when the file could not be read */
	const struct debug_sources *debug; /* NULL: nothing is known */
};

struct licences;

/* All borrowed; results live until licences_close(). */
struct licences *licences_open(struct root *root, const struct knowledge *knowledge,
			       struct diags *diags);
void licences_close(struct licences *licences);
/* Never NULL. */
const struct file_licence *licences_of_file(struct licences *licences,
					    const struct licence_query *query);
/*
 * Of code inside a file, as an index (LICENCE_SOURCE_INDEX) or a table states it; expression ""
 * when it does not know.
 */
const struct file_licence *licences_of_embedded(struct licences *licences, const char *expression,
						enum licence_source source,
						enum licence_confidence confidence,
						const char *detail);
/* The licence names of a package as its DEP-5 file writes them, sorted: the union. */
void licences_of_package(struct licences *licences, const struct component *component,
			 const char *const **ret, size_t *ret_count);

/* The copyright file of a package that is not installed. */
struct copyright_text {
	struct slice text;
	const char *path;   /* for diagnostics */
	const char *source; /* name of the source package */
};

/*
 * What it says of one file of the package, as an SPDX expression; "" where it says nothing, or only
 * names all licences of the whole.
 */
const char *licence_of_copyright(const struct copyright_text *copyright, const char *file,
				 const struct knowledge *knowledge, struct arena *arena,
				 struct diags *diags);

const char *licence_source_text(enum licence_source source);

#endif
