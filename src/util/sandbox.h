/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox of a worker: a seccomp filter, built once by the parent, and Landlock where the
 * kernel has it. Private to src/binary.
 */
#ifndef UTIL_SANDBOX_H
#define UTIL_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox;

struct sandbox *sandbox_new(void); /* NULL: not to be had here */
void sandbox_free(struct sandbox *sandbox);

/*
 * Called in the child: drops what it can for good. memory_bytes may be allocated from now on. False
 * when the system call filter could not be set; the limits hold all the same.
 */
bool sandbox_enter(const struct sandbox *sandbox, uint64_t memory_bytes);

#endif
