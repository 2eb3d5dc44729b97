/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components: which project, at which version, a file belongs to, and what says so.
 */
#ifndef EVIDENCE_COMPONENT_H
#define EVIDENCE_COMPONENT_H

/*
 * Texts live as long as the arena given to the provider. What a component's licence is, is the
 * business of src/licence: a provider only says where the statement stands.
 */
struct component {
	const char *id;	     /* unique and stable: "deb:libtorch1.13", "known:glibc" */
	const char *name;    /* "libtorch1.13" */
	const char *version; /* "" when not known */
	const char *source_name, *source_version; /* source package; "" when not known */
	const char *purl;			  /* "" when there is none */
	/* The package's copyright file in the root (DEP-5 or prose); "" when there is none. */
	const char *copyright_path;
	/* An SPDX expression that a table of ours states; "" when there is none. */
	const char *declared;
	const char *note; /* free text of the table; "" when there is none */
};

#endif
