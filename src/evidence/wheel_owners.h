/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which installed Python distribution lists a file in its RECORD (PyPA "Recording installed
 * projects"). Folders of packages are found by what lies in them, whatever they are called: a wheel
 * that was unpacked is one, and so is what "pip install --target" made.
 */
#ifndef EVIDENCE_WHEEL_OWNERS_H
#define EVIDENCE_WHEEL_OWNERS_H

#include <stdbool.h>

#include "artifact/root.h"
#include "util/diag.h"

struct installed_wheel {
	const char *folder; /* "/x/site-packages/numpy-2.2.6.dist-info" */
	const char *site;   /* "/x/site-packages" */
};

struct wheel_owners;

/* What is given is borrowed; texts live in the arena. */
struct wheel_owners *wheel_owners_new(struct root *root, struct arena *arena, struct diags *diags);
void wheel_owners_free(struct wheel_owners *owners);
/* By canonical path; NULL. The same distribution has the same folder. */
const struct installed_wheel *wheel_owners_find(struct wheel_owners *owners, const char *path);

/*
 * Whether a file of a distribution was brought in from elsewhere when its wheel was repaired: it
 * lies in "NAME.libs/" beside the packages, or bears a hash of eight digits
 * ("libgomp-a34b3233.so.1": auditwheel, delocate). What the distribution says of its licence was
 * not written for it.
 */
bool wheel_is_grafted(const struct installed_wheel *wheel, const char *path);

#endif
