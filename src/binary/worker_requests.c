/* SPDX-License-Identifier: BSD-2-Clause */
/* The parent's side of the worker pool: which worker gets which files, and when one more starts. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "binary/facts.h"
#include "binary/worker_pool.h"

#define FORK_LIGHT 128 /* light files that are worth a process */

void queue_return(struct queue *queue, const struct request *requests, size_t count)
{
	size_t rest = queue_length(queue);
	VEC(struct request) joined = {0};

	for (size_t i = 0; i < count; i++)
		vec_push(&joined, requests[i]);
	for (size_t i = 0; i < rest; i++)
		vec_push(&joined, queue->items.ptr[queue->first + i]);
	vec_release(&queue->items);
	queue->items.ptr = joined.ptr;
	queue->items.len = joined.len;
	queue->items.cap = joined.cap;
	queue->first = 0;
}

/* Sends up to count requests in one message; how many went, 0 when the socket is full or dead. */
static size_t send_batch(struct worker *worker, const struct request *requests, size_t count)
{
	struct worker_request list[WORKER_BATCH];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * WORKER_BATCH)];
	} control = {0};
	struct iovec part = {list, count * sizeof(list[0])};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	int fds[WORKER_BATCH];
	ssize_t sent;

	for (size_t i = 0; i < count; i++) {
		list[i] = (struct worker_request){requests[i].cookie, requests[i].groups, 0};
		fds[i] = requests[i].fd;
	}
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	do {
		sent = sendmsg(worker->request_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent > 0 ? count : 0;
}

bool request_is_light(const struct request *request)
{
	return !(request->groups & ~(uint32_t)FACTS_LOADER);
}

/* Whether what is queued is work for one process more. */
static bool worth_fork(const struct workers *workers, unsigned running)
{
	const struct queue *queue = &workers->pending;
	size_t files = queue_length(queue);

	for (unsigned i = 0; i < workers->options.count; i++)
		files += workers->list[i].pid ? workers->list[i].in_hand_count : 0;
	return request_is_light(&queue->items.ptr[queue->first])
		   ? files > (size_t)FORK_LIGHT * running
		   : files > running;
}

/* The worker with the fewest files in hand, if it should get more now. */
static struct worker *choose_worker(struct workers *workers, unsigned *ret_running)
{
	struct worker *best = NULL, *vacant = NULL;

	*ret_running = 0;
	for (unsigned i = 0; i < workers->options.count; i++) {
		struct worker *worker = &workers->list[i];

		if (!worker->pid) {
			vacant = worker;
			continue;
		}
		++*ret_running;
		/* A busy worker waits for half a batch, so that wake-ups are few. */
		if (worker->in_hand_count > WORKER_BATCH / 2)
			continue;
		if (!best || worker->in_hand_count < best->in_hand_count)
			best = worker;
	}
	if (vacant && (!*ret_running || worth_fork(workers, *ret_running)) &&
	    worker_start(workers, vacant) == STATUS_OK) {
		++*ret_running;
		best = vacant;
	}
	return best;
}

void workers_pump(struct workers *workers)
{
	struct queue *queue = &workers->pending;
	struct worker *worker;
	unsigned running;

	while (queue_length(queue) && (worker = choose_worker(workers, &running))) {
		size_t count = queue_length(queue);
		size_t share = (count + running - 1) / running;
		size_t room = WORKER_BATCH - worker->in_hand_count;

		count = share < room ? share : room;
		count = send_batch(worker, &queue->items.ptr[queue->first], count);
		if (!count)
			return;
		if (!worker->in_hand_count)
			clock_gettime(CLOCK_MONOTONIC, &worker->since);
		memcpy(&worker->in_hand[worker->in_hand_count], &queue->items.ptr[queue->first],
		       count * sizeof(struct request));
		worker->in_hand_count += count;
		queue->first += count;
	}
	if (!queue_length(queue))
		queue->first = queue->items.len = 0;
}
