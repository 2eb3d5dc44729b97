/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Licence names of worlds without a grammar of their own (RPM's License tag before SPDX, METADATA's
 * free text, conda), put into SPDX. Private to src/licence.
 */
#ifndef LICENCE_NAMES_H
#define LICENCE_NAMES_H

#include "licence/expression.h"

/*
 * The same as SPDX text: names between "and", "or" and brackets through the table of names, those
 * it lacks as LicenseRef-SCOPE-NAME. Sets *ret_lossy where a name does not say all.
 */
const char *names_to_spdx(const struct knowledge *knowledge, enum expression_dialect dialect,
			  const char *text, const char *scope, struct arena *arena,
			  bool *ret_lossy);

#endif
