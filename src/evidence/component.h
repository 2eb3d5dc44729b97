/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components: which project, at which version, a file belongs to, and what says so.
 */
#ifndef EVIDENCE_COMPONENT_H
#define EVIDENCE_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

/* Where a licence statement comes from; printed beside it, never left out. */
enum licence_source {
	LICENCE_SOURCE_NONE,		 /* nothing known */
	LICENCE_SOURCE_PACKAGE_DEP5,	 /* union over all Files stanzas of the package */
	LICENCE_SOURCE_PACKAGE_FREEFORM, /* copyright file is prose: licence not read from it */
	LICENCE_SOURCE_KNOWN_COMPONENT,	 /* data/known-components.tsv */
};

struct component {
	const char *id;	     /* unique and stable: "deb:libtorch1.13", "known:glibc" */
	const char *name;    /* "libtorch1.13" */
	const char *version; /* "" when not known */
	const char *source_name, *source_version; /* source package; "" when not known */
	const char *purl;			  /* "" when there is none */
	/*
	 * The licence names as the source writes them, sorted, without repetition. For a package
	 * this is the union over its files, not the licence of one file: reports must say so.
	 */
	const char *const *licences;
	size_t licence_count;
	enum licence_source licence_source;
	const char *licence_path; /* file the statement was read from, in the root; "" for tables */
	const char *note;	  /* free text of the table; "" when there is none */
};

const char *licence_source_text(enum licence_source source);

#endif
