/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Worker processes that read hostile files. They are forked early, have no file system and no
 * network (seccomp, Landlock where the kernel has it), limited memory and time, and get open files
 * by descriptor passing. A file is mapped only inside a worker. A worker that crashes, spins or
 * allocates without end costs the file it was reading: it is replaced, and the files that were
 * queued behind are read by the new one.
 *
 * Not thread-safe: one pool belongs to one thread. A dead worker never raises SIGPIPE in the
 * caller, and the pool reaps only its own children.
 */
#ifndef BINARY_WORKERS_H
#define BINARY_WORKERS_H

#include <stdint.h>

#include "util/diag.h"
#include "util/slice.h"
#include "util/status.h"

struct workers;

#define WORKERS_WHOLE_FILE UINT64_MAX

struct workers_request {
	int fd;		 /* closed when the result is in, or when it cannot be queued */
	int debug_fd;	 /* the same for a file of debug information that may belong to it; or -1 */
	uint32_t groups; /* enum facts_group */
	/* Of its functions, only the share part of parts; 0 parts: all of it. See facts_parts.h. */
	uint16_t part, parts;
	int selection_fd;  /* the same for a file of struct facts_range; only where selected */
	uint32_t selected; /* how many are in it: for FACTS_SELECTED; else 0 */
	uint64_t cookie;
	uint64_t offset, size; /* the range to read, or 0 and WORKERS_WHOLE_FILE */
};

struct workers_options {
	unsigned count;	       /* processes at most; 0 means 1 */
	uint32_t groups;       /* enum facts_group that will be asked for; 0: any */
	uint64_t memory_bytes; /* each may allocate; 0: BUDGET_WORKER_MEMORY */
	unsigned cpu_seconds;  /* for one file; 0: BUDGET_WORKER_SECONDS */
	unsigned wall_seconds; /* for one file; 0: BUDGET_WORKER_WALL_SECONDS */
	bool test_hooks;       /* obey the fault orders of facts_fault.h; tests only */
};

struct workers_result {
	uint64_t cookie;
	enum status status; /* OK, or FAULT with fault and message set */
	uint8_t *record;    /* malloc'ed, owned by the receiver; NULL unless OK. Not yet checked. */
	size_t record_size;
	enum diag_id fault; /* WORKER_CRASHED, _TIMEOUT, _MEMORY, or INPUT_CHANGED */
	char message[160];  /* "signal 11 (Segmentation fault)", "offset 4096" */
	uint64_t offset;    /* of INPUT_CHANGED, else DIAG_NO_OFFSET */
};

enum status workers_start(const struct workers_options *options, struct workers **ret) must_check;
/*
 * Nothing more will be asked: tells the processes to end, and does not wait for that. Requests
 * still under way are dropped. workers_free() is still to be called.
 */
void workers_stop(struct workers *workers);
/* Ends all processes. Requests still under way are dropped. */
void workers_free(struct workers *workers);

/* Processes at most. */
unsigned workers_count(const struct workers *workers);
/* False when the kernel refused the sandbox; the limits hold all the same. */
bool workers_confined(const struct workers *workers);

/*
 * Queues one file. Takes fd (it is closed when the result is in). groups: enum facts_group.
 * Never blocks for long: when all queues are full, results are taken in meanwhile.
 */
enum status workers_submit(struct workers *workers, int fd, uint32_t groups,
			   uint64_t cookie) must_check;
/* The same with all that can be said of a request. */
enum status workers_submit_request(struct workers *workers,
				   const struct workers_request *request) must_check;
/*
 * The same for part of a file, such as a member of an archive: its bytes are taken for a file of
 * their own, and offsets in its record count from offset.
 */
enum status workers_submit_range(struct workers *workers, int fd, uint64_t offset, uint64_t size,
				 uint32_t groups, uint64_t cookie) must_check;
/* The next finished file, in any order; blocks. STATUS_END when nothing is under way. */
enum status workers_next(struct workers *workers, struct workers_result *ret) must_check;

#endif
