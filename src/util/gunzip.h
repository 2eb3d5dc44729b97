/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that lie compressed (gzip): old packages keep their copyright files so. */
#ifndef UTIL_GUNZIP_H
#define UTIL_GUNZIP_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/slice.h"
#include "util/status.h"

bool gunzip_is(struct slice bytes);
/*
 * The text inside, NUL-terminated behind its end: *bytes is put in its place. What is not gzip
 * stays as it is. STATUS_LIMIT above limit bytes, STATUS_FORMAT when it is damaged.
 */
enum status gunzip(struct slice *bytes, uint64_t limit, struct arena *arena) must_check;

#endif
