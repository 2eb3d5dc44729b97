/* SPDX-License-Identifier: BSD-2-Clause */
/* One worker process as its parent sees it: how it starts, is asked, answers and ends. */
#ifndef BINARY_WORKER_PROCESS_H
#define BINARY_WORKER_PROCESS_H

#include <sys/types.h>
#include <time.h>

#include "binary/worker_protocol.h"
#include "binary/workers.h"
#include "util/sandbox.h"

#define WORKER_READ_AHEAD 16384 /* bytes of replies read at a time */

struct worker {
	pid_t pid; /* 0: none runs */
	int request_fd, reply_fd;
	struct workers_request in_hand[WORKER_BATCH]; /* oldest first */
	size_t in_hand_count;
	struct timespec since; /* when the oldest became the oldest */
	bool greeted;
	volatile struct worker_shared *shared;
	/* Bytes read ahead of the reply that is being read. */
	uint8_t ahead[WORKER_READ_AHEAD];
	size_t ahead_first, ahead_size;
	/* The reply that is being read. */
	struct worker_reply header;
	size_t header_size, record_size;
	uint8_t *record;
};

/* Forks it; STATUS_IO with errno. What was in *worker before is overwritten. */
enum status worker_start(const struct workers_options *options, struct sandbox *sandbox,
			 struct worker *worker) must_check;
/*
 * Waits for its end and forgets it; the wait status, or -1 when nobody knows it. The file it was
 * reading is the first one in hand then.
 */
int worker_bury(struct worker *worker);
/* Sends up to count requests in one message; how many went, 0 when the socket is full or dead. */
size_t worker_send(struct worker *worker, const struct workers_request *requests, size_t count);
/* Closes the files of a request. */
void worker_close_files(const struct workers_request *request);
/* As read() of the pipe, through what was read ahead. */
ssize_t worker_read(struct worker *worker, uint8_t *to, size_t size);

#endif
