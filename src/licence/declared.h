/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the metadata of a package says of its licence: METADATA of Python, conda-meta, a note or an
 * SBOM; or an index of the build it came from. It speaks of all the package holds, so it never
 * counts for more than medium. Where two fields of it disagree, the one that counts less is the
 * label of the other. Private to src/licence.
 */
#ifndef LICENCE_DECLARED_H
#define LICENCE_DECLARED_H

#include "licence/effective.h"

/* NULL: it says nothing. Without an expression: it does not speak of the file. */
struct file_licence *declared_licence(const struct knowledge *knowledge,
				      const struct component *component, struct arena *arena);

#endif
