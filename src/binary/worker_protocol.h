/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What parent and worker say to each other. Requests go over a SOCK_SEQPACKET socket, several files
 * a message, descriptors attached; replies come back through a pipe as a header and a record.
 * Private to src/binary.
 */
#ifndef BINARY_WORKER_PROTOCOL_H
#define BINARY_WORKER_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "util/status.h"

#define WORKER_BATCH 32 /* files in one message, and files one worker has in hand */

/* Each with its debug file and a selection; SCM_MAX_FD is 253. */
#define WORKER_BATCH_FILES (3 * WORKER_BATCH)

struct worker_request {
	uint64_t cookie;
	uint64_t offset, size; /* the part of the file to read, or WORKERS_WHOLE_FILE */
	uint32_t groups;
	uint16_t part, parts; /* as in workers_request */
	uint32_t has_debug;   /* 1: a second descriptor is its debug file's */
	uint32_t selected;    /* functions that the last descriptor names; 0: there is none */
};

enum worker_reply_kind {
	WORKER_REPLY_RECORD = 1,
	WORKER_REPLY_CHANGED, /* the file shrank; if it was mapped, the worker ends now with
				 WORKER_EXIT_CHANGED */
	WORKER_REPLY_LIMIT,   /* the record would be too large */
	WORKER_REPLY_IO,      /* the file could not be mapped */
};

struct worker_reply {
	uint64_t cookie, size, offset;
	uint32_t kind, reserved;
};

/* Exit statuses of a worker that are not signals. */
enum worker_exit {
	WORKER_EXIT_CLEAN = 0,
	WORKER_EXIT_MEMORY = 2, /* as util/memory.c exits */
	WORKER_EXIT_CHANGED = 40,
	WORKER_EXIT_PROTOCOL = 41,
	WORKER_EXIT_UNCONFINED = 42,
};

/*
 * A page both sides see. A worker keeps replies back for a moment, so the parent cannot tell from
 * them which file it died of; the parent believes this only if it names a file in hand.
 */
struct worker_shared {
	uint64_t cookie; /* of the file being read */
};

struct worker_limits {
	uint64_t memory_bytes;
	unsigned cpu_seconds;
	bool test_hooks;
};

/* The life of a worker; never returns. sandbox: see sandbox.h. */
struct sandbox;
_Noreturn void worker_main(int request_fd, int reply_fd, volatile struct worker_shared *shared,
			   const struct worker_limits *limits, const struct sandbox *sandbox);

#endif
