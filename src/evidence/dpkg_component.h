/* SPDX-License-Identifier: BSD-2-Clause */
/* A Debian package as a component. Private to the dpkg provider. */
#ifndef EVIDENCE_DPKG_COMPONENT_H
#define EVIDENCE_DPKG_COMPONENT_H

#include "evidence/dpkg.h"

/* What os-release(5) of the root says, for package URLs. */
struct dpkg_distribution {
	const char *id;	     /* "debian" */
	const char *version; /* "12"; "" when not known */
};

void dpkg_read_distribution(struct root *root, struct arena *arena, struct dpkg_distribution *ret);

/* Diagnoses a missing copyright file. */
const struct component *dpkg_component(const struct dpkg_package *package, struct slice native,
				       const struct dpkg_distribution *distribution,
				       struct root *root, struct arena *arena, struct diags *diags);

#endif
