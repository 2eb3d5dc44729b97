/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox of a worker: a seccomp filter, built once by the parent, and Landlock where the
 * kernel has it. Private to src/binary.
 */
#ifndef BINARY_WORKER_SANDBOX_H
#define BINARY_WORKER_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

struct worker_sandbox;

struct worker_sandbox *worker_sandbox_new(void); /* NULL: not to be had here */
void worker_sandbox_free(struct worker_sandbox *sandbox);

/*
 * Called in the child: drops what it can for good. memory_bytes may be allocated from now on. False
 * when the system call filter could not be set; the limits hold all the same.
 */
bool worker_sandbox_enter(const struct worker_sandbox *sandbox, uint64_t memory_bytes);

#endif
