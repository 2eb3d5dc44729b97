/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file of a suspect answers for which of the reference. */
#ifndef EVIDENCE_VERIFY_MATCH_H
#define EVIDENCE_VERIFY_MATCH_H

#include "util/arena.h"
#include "util/digest.h"

#include <stdbool.h>

#define MATCH_NONE UINT32_MAX

struct match_item {
	const char *path, *soname; /* soname "" when it has none */
	const struct digest *sha256;
	bool elf;
};

/*
 * By path, then by the end of a path (a wheel that was installed somewhere), content, SONAME, and
 * name; in the last two without the eight digits that auditwheel puts into both. ret_of_right holds
 * the partner of each, or MATCH_NONE; of_left likewise. copies: one file of the left may answer for
 * several of the right, of which of_left holds the last; names count for libraries only then.
 */
void verify_match(const struct match_item *left, size_t left_count, const struct match_item *right,
		  size_t right_count, bool copies, uint32_t *ret_of_left, uint32_t *ret_of_right);

/* Files that installers and packagers write by themselves, of a Python distribution. */
bool verify_is_packaging(const char *path);
/* Symbols and debug information that were split off, by the name that all tools give such files. */
bool verify_is_debug_file(const char *path);

#endif
