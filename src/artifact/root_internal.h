/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests: makes a root resolve paths by itself, as without openat2(2) and for "/" too. */
#ifndef ARTIFACT_ROOT_INTERNAL_H
#define ARTIFACT_ROOT_INTERNAL_H

struct root;

void root_force_walk(struct root *root);

#endif
