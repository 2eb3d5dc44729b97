/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file says of the version of a component inside it, and the licence of that version.
 *
 * Code that did not change between versions is found in whichever of them the index has. When the
 * file's own strings name another version, that one stands; and where a component's licence changed
 * with a version (data/licence-changes.tsv), the licence follows the version, not the index. Of a
 * version that nobody read, and that is beyond those somebody did, it is in doubt.
 */
#ifndef EVIDENCE_EMBEDDED_STATED_H
#define EVIDENCE_EMBEDDED_STATED_H

#include "evidence/embedded.h"
#include "util/diag.h"

struct licence_changes;

/* data_folder: as for table_open(). Never NULL; empty when there is no table to read. */
struct licence_changes *licence_changes_open(const char *data_folder, struct diags *diags);
void licence_changes_free(struct licence_changes *changes);

/*
 * Sets stated_version, version_fits, licence, licence_doubt and licences_differ of components told
 * by code or texts, from the mentions and the table. One of which the version is not sure has all
 * the licences that the table knows of; the table is not asked where the index's licences are not
 * those that it has for the index's versions. What is set lives in the arena, or borrows from
 * embedded and changes.
 */
void embedded_state_versions(struct embedded *embedded, const struct licence_changes *changes,
			     struct arena *arena);

#endif
