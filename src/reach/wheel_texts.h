/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The licence files of Python distributions: which distribution a file belongs to, as its RECORD
 * says, and what lies in its dist-info folder (PEP 376, PEP 639).
 */
#ifndef REACH_WHEEL_TEXTS_H
#define REACH_WHEEL_TEXTS_H

#include "artifact/root.h"

struct wheel_owners;
struct wheel_texts;

/* What is given is borrowed; texts live in the arena. */
struct wheel_texts *wheel_texts_new(struct root *root, struct wheel_owners *owners,
				    struct arena *arena);
void wheel_texts_free(struct wheel_texts *wheels);
/* Paths of the licence files of the distribution a file belongs to; 0 when there is none. */
size_t wheel_texts_of(struct wheel_texts *wheels, const char *path, const char *const **ret);
/* "LICENSE.txt", "COPYING", "NOTICE-openssl": not "license.so" and "notice.py". */
bool is_licence_file_name(const char *name);

#endif
