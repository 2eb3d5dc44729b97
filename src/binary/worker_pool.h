/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool of workers as its two halves see it: workers.c and worker_requests.c. */
#ifndef BINARY_WORKER_POOL_H
#define BINARY_WORKER_POOL_H

#include <sys/types.h>
#include <time.h>

#include "binary/worker_protocol.h"
#include "binary/worker_sandbox.h"
#include "binary/workers.h"
#include "util/vec.h"

#define REPLY_AHEAD 16384 /* bytes of replies read at a time */

struct request {
	int fd;
	uint32_t groups;
	uint64_t cookie;
};

/* A queue of requests: taken from the front, returned to the front after a fault. */
struct queue {
	VEC(struct request) items;
	size_t first;
};

struct worker {
	pid_t pid; /* 0: none runs */
	int request_fd, reply_fd;
	struct request in_hand[WORKER_BATCH]; /* oldest first */
	size_t in_hand_count;
	struct timespec since; /* when the oldest became the oldest */
	bool greeted;
	volatile struct worker_shared *shared;
	/* Bytes read ahead of the reply that is being read. */
	uint8_t ahead[REPLY_AHEAD];
	size_t ahead_first, ahead_size;
	/* The reply that is being read. */
	struct worker_reply header;
	size_t header_size, record_size;
	uint8_t *record;
};

struct workers {
	struct workers_options options;
	struct worker_sandbox *sandbox;
	bool confined;
	struct worker *list;
	struct queue pending;
	VEC(struct workers_result) ready;
	size_t ready_first;
	unsigned idle_deaths;
};

enum status worker_start(struct workers *workers, struct worker *worker);

static inline size_t queue_length(const struct queue *queue)
{
	return queue->items.len - queue->first;
}

/* Requests whose worker has died go back to the front. */
void queue_return(struct queue *queue, const struct request *requests, size_t count);
/* Files of which a worker reads many in the time that it takes to start one. */
bool request_is_light(const struct request *request);
/* Gives out what is queued, as far as workers take it; starts some when there is work for them. */
void workers_pump(struct workers *workers);

#endif
