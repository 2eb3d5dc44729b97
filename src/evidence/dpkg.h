/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dpkg database of a root: which packages are installed, and where the list of files of each
 * stands (deb-control(5), dpkg(1) FILES). Private to the dpkg provider.
 */
#ifndef EVIDENCE_DPKG_H
#define EVIDENCE_DPKG_H

#include "artifact/root.h"
#include "evidence/component.h"
#include "util/diag.h"
#include "util/vec.h"

#define DPKG_FOLDER "/var/lib/dpkg"

struct dpkg_package {
	struct slice name, architecture, version; /* empty when not known */
	struct slice source;			  /* the field "Source" */
	const char *list;			  /* path of its list of files; NULL: none */
	bool list_has_digests;			  /* an md5sums file stands for the list */
	const struct component *component;	  /* made when first asked for */
};

struct dpkg_packages {
	VEC(struct dpkg_package) list; /* by name, then architecture */
	struct slice native;	       /* the architecture of this root */
};

/*
 * Reads status and status.d; without either, the names of the lists of files. Texts stay in the
 * arena. What is malformed becomes a diagnostic and is left out.
 */
void dpkg_read_packages(struct root *root, struct arena *arena, struct diags *diags,
			struct dpkg_packages *ret);

/*
 * Reads a file of the database; false when there is none. What cannot be read is diagnosed, and
 * counted down from *budget what is.
 */
bool dpkg_read_file(struct root *root, const char *path, uint64_t *budget, struct arena *arena,
		    struct diags *diags, struct slice *ret);

/* Counts the lines of one file that make no sense: one diagnostic for all of them. */
struct dpkg_complaint {
	const char *file, *what; /* of the first */
	size_t line, count;
	uint64_t offset;
};

void dpkg_complain(struct dpkg_complaint *complaint, const char *what, size_t line,
		   uint64_t offset);
void dpkg_complain_end(const struct dpkg_complaint *complaint, struct diags *diags);

#endif
