/* SPDX-License-Identifier: BSD-2-Clause */
/* Between grants.c and its two kinds of recognisers; nobody else includes this. */
#ifndef LICENCE_GRANTS_INTERNAL_H
#define LICENCE_GRANTS_INTERNAL_H

#include "licence/grants.h"

enum gnu_result { GNU_NOTHING, GNU_REFERENCE, GNU_MENTION, GNU_GRANT };

/* What the words at a place say of a licence of the GNU family (or the MPL, named like it). */
enum gnu_result gnu_grant_at(const struct words *words, size_t at, struct arena *arena,
			     struct grant *ret);
/* Whether a known text of a permissive licence begins there. */
bool text_grant_at(const struct words *words, size_t at, struct grant *ret);

#endif
