/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * read(2), pread(2) and write(2) to their end: a signal or a short count does not end a transfer,
 * the end of the source or an error does.
 */
#ifndef UTIL_TRANSFER_H
#define UTIL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes read: fewer than size where the source ends (errno is 0 then) or fails (errno says why). */
size_t transfer_read(int fd, void *to, size_t size);
size_t transfer_read_at(int fd, uint64_t offset, void *to, size_t size);

/* True when all of the bytes are written; errno otherwise. */
bool transfer_write(int fd, const void *bytes, size_t size);

#endif
