/* SPDX-License-Identifier: BSD-2-Clause */
/* data/alternatives.tsv: what has been used in the place of a library, or another build of it. */
#ifndef REACH_ALTERNATIVES_H
#define REACH_ALTERNATIVES_H

#include "reach/reach.h"
#include "util/diag.h"

/* data: host folder of tables, NULL for the built-in ones. Lives in the arena; never NULL. */
const struct alternatives *alternatives_open(const char *data, struct arena *arena,
					     struct diags *diags);
/*
 * Advice for a file under a licence ("GPL-3.0-or-later"; a row may name the start of the ids it
 * speaks of), or NULL. alternatives may be NULL.
 */
const char *alternatives_find(const struct alternatives *alternatives, const char *path,
			      const char *licence);

#endif
