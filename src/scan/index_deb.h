/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debian packages as inputs of an index. A package is read twice: what it says of itself comes
 * before its files in neither of its halves. Nothing is written to a disk; the files of interest
 * lie in memory one by one.
 */
#ifndef SCAN_INDEX_DEB_H
#define SCAN_INDEX_DEB_H

#include "licence/effective.h"
#include "util/arena.h"
#include "util/diag.h"
#include "util/status.h"

/* Of deb-control(5) and of its copyright file; "" for what is not there. */
struct index_deb {
	const char *package, *version;
	const char *source, *source_version;
	const char *upstream; /* of "2:6.2.1+dfsg1-1.1": "6.2.1" */
	struct copyright_text copyright;
};

bool index_deb_recognises(int fd);
enum status index_deb_describe(const char *host, struct arena *arena, struct diags *diags,
			       struct index_deb *ret) must_check;

/* Programs are linked from what others own: what tells them is their build alone. */
enum index_deb_kind { INDEX_DEB_CODE, INDEX_DEB_PROGRAM };

/* path: in the package; fd: its whole content, closed after the call. */
typedef void index_deb_take_fn(void *context, const char *path, int fd, enum index_deb_kind kind);
/* Calls take for each static archive, object file, library and program of the package. */
enum status index_deb_files(const char *host, struct diags *diags, index_deb_take_fn *take,
			    void *context) must_check;

/* The version of the project in a version of Debian's. */
const char *index_deb_upstream(struct arena *arena, const char *version);

#endif
