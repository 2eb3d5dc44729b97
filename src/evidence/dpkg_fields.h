/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of control files, as far as they are of use here (deb-control(5)). */
#ifndef EVIDENCE_DPKG_FIELDS_H
#define EVIDENCE_DPKG_FIELDS_H

#include <stdbool.h>

#include "util/slice.h"

/* Of one stanza; parts of the text, empty when they are not there. */
struct dpkg_fields {
	struct slice package, status, architecture, version, source;
};

/* Takes in a line that is not blank; inside: the stanza has one already. False: it is no field. */
bool dpkg_fields_read_line(struct dpkg_fields *fields, struct slice line, bool inside);

/*
 * The name and the version in a field "Source", which says only what differs from the package:
 * "name (version)", "name" or nothing. What it does not say stays as it is.
 */
void dpkg_fields_source(struct slice source, struct slice *name, struct slice *version);

#endif
