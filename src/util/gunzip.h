/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that lie compressed: copyright files of old packages, lists in programs. */
#ifndef UTIL_GUNZIP_H
#define UTIL_GUNZIP_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/slice.h"
#include "util/status.h"

/*
 * The text in a stream of gzip or zlib, NUL-terminated behind its end: *bytes is put in its place.
 * STATUS_LIMIT above limit bytes, STATUS_FORMAT when it is damaged.
 */
enum status inflate_text(struct slice *bytes, uint64_t limit, struct arena *arena) must_check;

bool gunzip_is(struct slice bytes);
/* The same for what may be gzip: anything else stays as it is. */
enum status gunzip(struct slice *bytes, uint64_t limit, struct arena *arena) must_check;

#endif
