/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * METADATA of an installed Python distribution as a component (PyPA "Core metadata"). Private to
 * the providers.
 */
#ifndef EVIDENCE_PYTHON_METADATA_H
#define EVIDENCE_PYTHON_METADATA_H

#include "evidence/component.h"
#include "evidence/wheel_owners.h"
#include "util/diag.h"

/* Never NULL; where METADATA cannot be read, what the folder is called has to do. */
const struct component *python_component(const struct installed_wheel *wheel, struct root *root,
					 struct arena *arena, struct diags *diags);

#endif
