/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CycloneDX documents in the dist-info folder of a wheel (PEP 770). auditwheel names there which
 * package of the build machine each library it grafted in came from. Private to the providers.
 */
#ifndef EVIDENCE_SBOM_H
#define EVIDENCE_SBOM_H

#include "evidence/component.h"
#include "evidence/wheel_owners.h"
#include "util/diag.h"

struct sbom {
	const struct component *components;
	size_t count;
};

/* All documents of one distribution; the distribution itself is left out. */
struct sbom sbom_read(const struct installed_wheel *wheel, struct root *root, struct arena *arena,
		      struct diags *diags);
/*
 * The component that a grafted library came from: the one that is called like the library was, a
 * "lib" before and digits behind apart ("libXau-00ec42fe.so.6" of libXau, "libgfortran5"). NULL:
 * none is, or several are.
 */
const struct component *sbom_component_of(const struct sbom *sbom, const char *path);

#endif
