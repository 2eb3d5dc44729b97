/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components: which project, at which version, a file belongs to, and what says so.
 */
#ifndef EVIDENCE_COMPONENT_H
#define EVIDENCE_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>

/* In whose words a package's metadata speaks of its licence. */
enum statement_form {
	STATEMENT_SPDX,	       /* an SPDX expression */
	STATEMENT_PYTHON,      /* free text: METADATA's "License" */
	STATEMENT_CLASSIFIERS, /* METADATA's "Classifier: License ::", one a line */
	STATEMENT_CONDA,       /* "license" of conda-meta/NAME.json */
	STATEMENT_CONDA_FAMILY,
	STATEMENT_RPM,	 /* the License tag of RPM: Fedora's short names, or SPDX */
	STATEMENT_INDEX, /* an SPDX expression of the build of an index that has the build-id */
};

struct component_statement {
	enum statement_form form;
	const char *text; /* as it stands there */
	const char *path; /* of the file it stands in, in the root; "" when it is outside */
};

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
	const char *texts_folder; /* all files in it are licence texts of the package; NULL */
	/* An SPDX expression that a table of ours states; "" when there is none. */
	const char *declared;
	const char *note; /* free text of the table; "" when there is none */
	/* What its metadata says of the whole package, the one that counts most first. */
	const struct component_statement *statements;
	size_t statement_count;
	/* The file was brought in from elsewhere by who packed it: they do not speak of it. */
	bool is_carrier;
};

#endif
