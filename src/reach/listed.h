/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether NVIDIA's agreements name a file as one that may be passed on. */
#ifndef REACH_LISTED_H
#define REACH_LISTED_H

#include "reach/reach.h"
#include "util/diag.h"

struct listed;

/* data: as for table_open(). NULL when there is no table. */
const struct listed *listed_open(const char *data, struct arena *arena, struct diags *diags);

/*
 * licence: id of the agreement. version: of the package, "" when not known. LISTED_UNKNOWN when the
 * texts that may hold for the file do not agree, or were not read.
 */
enum reach_listed listed_find(const struct listed *listed, const char *licence, const char *path,
			      const char *component, const char *version);

/* The same as a sentence, with a space before it. */
const char *listed_text(enum reach_listed answer);

#endif
