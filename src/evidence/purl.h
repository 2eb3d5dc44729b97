/* SPDX-License-Identifier: BSD-2-Clause */
/* Package URLs (purl-spec). */
#ifndef EVIDENCE_PURL_H
#define EVIDENCE_PURL_H

#include "util/arena.h"
#include "util/slice.h"

/* Percent-encoding: all but the unreserved characters and ":". */
const char *purl_encoded(struct arena *arena, struct slice text);
/* The type of a package URL: "rpm" of "pkg:rpm/centos/libXau@1.0.8"; "" when it is none. */
const char *purl_type(struct arena *arena, const char *purl);

#endif
