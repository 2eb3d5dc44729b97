/* SPDX-License-Identifier: BSD-2-Clause */
/* What a binary says of its own licence, as an expression. Private to src/licence. */
#ifndef LICENCE_STATEMENT_H
#define LICENCE_STATEMENT_H

#include "licence/effective.h"

/* NULL when it says nothing that is understood exactly. */
struct file_licence *statement_licence(const struct knowledge *knowledge, const struct facts *facts,
				       struct arena *arena);

#endif
