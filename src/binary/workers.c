/* SPDX-License-Identifier: BSD-2-Clause */
/* The parent's side of the worker pool: queues, replies, deadlines, and replacing the dead. */
#include "binary/workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "binary/elf_input.h"
#include "binary/facts.h"
#include "binary/worker_process.h"
#include "util/budget.h"
#include "util/memory.h"
#include "util/vec.h"

#define PENDING_MAX 256 /* files queued here before results are taken in */
#define SUBMIT_BATCH 8	/* light files that make a message while nobody waits for one */
#define FORK_LIGHT 128	/* light files that are worth a process */
#define DEATHS_MAX 5	/* of idle workers in a row: then something else is wrong */

/* A queue of requests: taken from the front, returned to the front after a fault. */
struct queue {
	VEC(struct workers_request) items;
	size_t first;
};

struct workers {
	struct workers_options options;
	struct sandbox *sandbox;
	bool confined;
	struct worker *list;
	struct queue pending;
	VEC(struct workers_result) ready;
	size_t ready_first;
	unsigned idle_deaths;
};

/* ---- starting and ending ---- */

enum status workers_start(const struct workers_options *options, struct workers **ret)
{
	struct workers *workers = memory_calloc(1, sizeof(*workers));
	enum status status;

	workers->options = *options;
	if (!workers->options.count)
		workers->options.count = 1;
	if (!workers->options.memory_bytes)
		workers->options.memory_bytes = BUDGET_WORKER_MEMORY;
	if (!workers->options.cpu_seconds)
		workers->options.cpu_seconds = BUDGET_WORKER_SECONDS;
	if (!workers->options.wall_seconds)
		workers->options.wall_seconds = BUDGET_WORKER_WALL_SECONDS;
	facts_prepare(options->groups ? options->groups : UINT32_MAX);
	workers->sandbox = sandbox_new();
	workers->confined = workers->sandbox != NULL;
	workers->list = memory_calloc(workers->options.count, sizeof(*workers->list));
	/* One is ready early, the others when there is work for them. */
	status = worker_start(&workers->options, workers->sandbox, &workers->list[0]);
	if (status != STATUS_OK) {
		int error = errno;
		workers_free(workers);
		errno = error;
		return status;
	}
	*ret = workers;
	return STATUS_OK;
}

void workers_stop(struct workers *workers)
{
	/* They hold nothing but memory. */
	for (unsigned i = 0; i < workers->options.count; i++)
		if (workers->list[i].pid)
			kill(workers->list[i].pid, SIGKILL);
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	workers_stop(workers);
	for (unsigned i = 0; i < workers->options.count; i++) {
		struct worker *worker = &workers->list[i];

		if (!worker->pid)
			continue;
		worker_bury(worker);
		for (size_t j = 0; j < worker->in_hand_count; j++)
			worker_close_files(&worker->in_hand[j]);
	}
	for (size_t i = workers->pending.first; i < workers->pending.items.len; i++)
		worker_close_files(&workers->pending.items.ptr[i]);
	for (size_t i = workers->ready_first; i < workers->ready.len; i++)
		free(workers->ready.ptr[i].record);
	vec_release(&workers->pending.items);
	vec_release(&workers->ready);
	sandbox_free(workers->sandbox);
	free(workers->list);
	free(workers);
}

unsigned workers_count(const struct workers *workers)
{
	return workers->options.count;
}

bool workers_confined(const struct workers *workers)
{
	return workers->confined;
}

/* ---- requests ---- */

static size_t queue_length(const struct queue *queue)
{
	return queue->items.len - queue->first;
}

static void queue_return(struct queue *queue, const struct workers_request *requests, size_t count)
{
	size_t rest = queue_length(queue);
	VEC(struct workers_request) joined = {0};

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

/* Files of which a worker reads many in the time that it takes to start one. */
static bool is_light(const struct workers_request *request)
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
	return is_light(&queue->items.ptr[queue->first]) ? files > (size_t)FORK_LIGHT * running
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
	    worker_start(&workers->options, workers->sandbox, vacant) == STATUS_OK) {
		++*ret_running;
		best = vacant;
	}
	return best;
}

static void pump(struct workers *workers)
{
	struct queue *queue = &workers->pending;
	struct worker *worker;
	unsigned running;

	while (queue_length(queue) && (worker = choose_worker(workers, &running))) {
		size_t count = queue_length(queue);
		size_t share = (count + running - 1) / running;
		size_t room = WORKER_BATCH - worker->in_hand_count;

		count = share < room ? share : room;
		count = worker_send(worker, &queue->items.ptr[queue->first], count);
		if (!count)
			return;
		if (!worker->in_hand_count)
			clock_gettime(CLOCK_MONOTONIC, &worker->since);
		memcpy(&worker->in_hand[worker->in_hand_count], &queue->items.ptr[queue->first],
		       count * sizeof(struct workers_request));
		worker->in_hand_count += count;
		queue->first += count;
	}
	if (!queue_length(queue))
		queue->first = queue->items.len = 0;
}

/* ---- replies ---- */

static struct workers_request take_oldest(struct worker *worker)
{
	struct workers_request oldest = worker->in_hand[0];

	worker->in_hand_count--;
	memmove(worker->in_hand, worker->in_hand + 1,
		worker->in_hand_count * sizeof(worker->in_hand[0]));
	clock_gettime(CLOCK_MONOTONIC, &worker->since);
	worker_close_files(&oldest);
	return oldest;
}

static struct workers_result *add_result(struct workers *workers, uint64_t cookie,
					 enum status status)
{
	struct workers_result *result = vec_add(&workers->ready);

	*result =
	    (struct workers_result){.cookie = cookie, .status = status, .offset = DIAG_NO_OFFSET};
	return result;
}

static void blame(struct workers *workers, struct worker *worker, enum diag_id fault,
		  const char *message)
{
	struct workers_request request = take_oldest(worker);
	struct workers_result *result = add_result(workers, request.cookie, STATUS_FAULT);

	result->fault = fault;
	snprintf(result->message, sizeof(result->message), "%s", message);
}

/* A worker has ended: blames the file it was reading, and gives the others back to the queue. */
static void handle_death(struct workers *workers, struct worker *worker, enum diag_id known_fault,
			 const char *known_message)
{
	int status = worker_bury(worker);
	char message[96] = "the worker is gone";
	enum diag_id fault = DIAG_WORKER_CRASHED;
	bool guilty = true;

	if (status >= 0 && WIFSIGNALED(status)) {
		int number = WTERMSIG(status);

		snprintf(message, sizeof(message), "signal %d (%s)%s", number, strsignal(number),
			 number == SIGSYS ? ": the sandbox stopped a system call" : "");
		if (number == SIGPROF || number == SIGXCPU) {
			fault = DIAG_WORKER_TIMEOUT;
			snprintf(message, sizeof(message), "more than %u s of processor time",
				 workers->options.cpu_seconds);
		}
	} else if (status >= 0 && WEXITSTATUS(status) == WORKER_EXIT_MEMORY) {
		fault = DIAG_WORKER_MEMORY;
		snprintf(message, sizeof(message), "more than %llu MiB",
			 (unsigned long long)(workers->options.memory_bytes >> 20));
	} else if (status >= 0 && WEXITSTATUS(status) == WORKER_EXIT_CHANGED) {
		guilty = false; /* its reply has said which file it was */
	} else if (status >= 0) {
		snprintf(message, sizeof(message), "exit status %d", WEXITSTATUS(status));
	}
	if (known_message) {
		fault = known_fault;
		snprintf(message, sizeof(message), "%s", known_message);
	}
	if (worker->in_hand_count && guilty)
		blame(workers, worker, fault, message);
	else if (!worker->in_hand_count)
		workers->idle_deaths++;
	queue_return(&workers->pending, worker->in_hand, worker->in_hand_count);
	worker->in_hand_count = 0;
}

static void kill_worker(struct workers *workers, struct worker *worker, enum diag_id fault,
			const char *message)
{
	kill(worker->pid, SIGKILL);
	handle_death(workers, worker, fault, message);
}

/* A whole reply is here. False when it makes no sense, and the worker was killed for it. */
static bool finish_reply(struct workers *workers, struct worker *worker)
{
	const struct worker_reply header = worker->header;
	struct workers_result *result;

	worker->header_size = 0;
	if (!worker->greeted) {
		worker->greeted = true;
		workers->confined &= header.reserved != 0;
		return true;
	}
	if (!worker->in_hand_count || header.cookie != worker->in_hand[0].cookie) {
		kill_worker(workers, worker, DIAG_WORKER_BAD_RECORD, "an answer nobody asked for");
		return false;
	}
	workers->idle_deaths = 0;
	take_oldest(worker);
	result = add_result(workers, header.cookie, STATUS_OK);
	if (header.kind == WORKER_REPLY_RECORD) {
		result->record = worker->record;
		result->record_size = worker->record_size;
		worker->record = NULL;
		return true;
	}
	result->status = STATUS_FAULT;
	if (header.kind == WORKER_REPLY_CHANGED) {
		result->fault = DIAG_INPUT_CHANGED;
		result->offset = header.offset;
		snprintf(result->message, sizeof(result->message),
			 "it became shorter while it was mapped");
	} else if (header.kind == WORKER_REPLY_LIMIT) {
		result->fault = DIAG_LIMIT_REACHED;
		snprintf(result->message, sizeof(result->message), "its record is too large");
	} else {
		result->fault = DIAG_INPUT_UNREADABLE;
		snprintf(result->message, sizeof(result->message), "it cannot be mapped");
	}
	return true;
}

/* Reads what has come; false when the worker is gone. */
static bool read_replies(struct workers *workers, struct worker *worker)
{
	for (;;) {
		bool in_header = worker->header_size < sizeof(worker->header);
		uint8_t *at = in_header ? (uint8_t *)&worker->header + worker->header_size
					: worker->record + worker->record_size;
		size_t wanted = in_header ? sizeof(worker->header) - worker->header_size
					  : (size_t)worker->header.size - worker->record_size;
		ssize_t got = worker_read(worker, at, wanted);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return true;
		if (got <= 0) {
			handle_death(workers, worker, 0, NULL);
			return false;
		}
		if (in_header) {
			worker->header_size += (size_t)got;
			if (worker->header_size < sizeof(worker->header))
				continue;
			if (worker->header.size > BUDGET_RECORD_SIZE) {
				kill_worker(workers, worker, DIAG_WORKER_BAD_RECORD,
					    "a record that is too large");
				return false;
			}
			worker->record_size = 0;
			if (worker->header.size)
				worker->record = memory_alloc((size_t)worker->header.size);
		} else {
			worker->record_size += (size_t)got;
		}
		if (worker->record_size == worker->header.size && !finish_reply(workers, worker))
			return false;
	}
}

/*
 * Of wall-clock time for the file at hand: a large one may have to come from a slow disk, or to a
 * machine that has other work. Processor time is limited in the worker, whatever the size.
 */
static unsigned wall_seconds(const struct workers *workers, const struct worker *worker)
{
	struct stat info;
	uint64_t size = 0;

	if (worker->in_hand_count && fstat(worker->in_hand[0].fd, &info) == 0 && info.st_size > 0)
		size = (uint64_t)info.st_size;
	size /= BUDGET_WORKER_WALL_BYTES;
	return workers->options.wall_seconds + (size < UINT16_MAX ? (unsigned)size : UINT16_MAX);
}

static long remaining_ms(const struct workers *workers, const struct worker *worker)
{
	struct timespec now;
	long elapsed;

	clock_gettime(CLOCK_MONOTONIC, &now);
	elapsed = (now.tv_sec - worker->since.tv_sec) * 1000 +
		  (now.tv_nsec - worker->since.tv_nsec) / 1000000;
	return (long)wall_seconds(workers, worker) * 1000 - elapsed;
}

/* Waits until some worker says something, dies, or is out of time. */
static enum status wait_for_replies(struct workers *workers)
{
	struct pollfd *polls = memory_calloc(workers->options.count, sizeof(*polls));
	long timeout = -1;
	int got;

	for (unsigned i = 0; i < workers->options.count; i++) {
		const struct worker *worker = &workers->list[i];

		polls[i] = (struct pollfd){worker->pid ? worker->reply_fd : -1, POLLIN, 0};
		if (worker->pid && worker->in_hand_count) {
			long left = remaining_ms(workers, worker);
			left = left < 0 ? 0 : left;
			timeout = timeout < 0 || left < timeout ? left : timeout;
		}
	}
	got = poll(polls, workers->options.count, (int)timeout);
	for (unsigned i = 0; i < workers->options.count && (got >= 0 || errno == EINTR); i++) {
		struct worker *worker = &workers->list[i];

		if (got > 0 && polls[i].revents && !read_replies(workers, worker))
			continue;
		if (worker->pid && worker->in_hand_count && remaining_ms(workers, worker) <= 0) {
			char message[64];
			snprintf(message, sizeof(message), "more than %u s",
				 wall_seconds(workers, worker));
			kill_worker(workers, worker, DIAG_WORKER_TIMEOUT, message);
		}
	}
	free(polls);
	return workers->idle_deaths > DEATHS_MAX ? STATUS_FAULT : STATUS_OK;
}

enum status workers_submit_request(struct workers *workers, const struct workers_request *request)
{
	vec_push(&workers->pending.items, *request);
	if (is_light(&workers->pending.items.ptr[workers->pending.first]) &&
	    queue_length(&workers->pending) < SUBMIT_BATCH)
		return STATUS_OK;
	pump(workers);
	while (queue_length(&workers->pending) > PENDING_MAX) {
		enum status status = wait_for_replies(workers);
		if (status != STATUS_OK)
			return status;
		pump(workers);
	}
	return STATUS_OK;
}

enum status workers_submit(struct workers *workers, int fd, uint32_t groups, uint64_t cookie)
{
	return workers_submit_range(workers, fd, 0, WORKERS_WHOLE_FILE, groups, cookie);
}

enum status workers_submit_range(struct workers *workers, int fd, uint64_t offset, uint64_t size,
				 uint32_t groups, uint64_t cookie)
{
	return workers_submit_request(workers, &(struct workers_request){.fd = fd,
									 .debug_fd = -1,
									 .groups = groups,
									 .cookie = cookie,
									 .offset = offset,
									 .size = size});
}

static bool under_way(const struct workers *workers)
{
	for (unsigned i = 0; i < workers->options.count; i++)
		if (workers->list[i].in_hand_count)
			return true;
	return queue_length(&workers->pending) != 0;
}

enum status workers_next(struct workers *workers, struct workers_result *ret)
{
	while (workers->ready_first == workers->ready.len) {
		enum status status;

		workers->ready_first = workers->ready.len = 0;
		pump(workers);
		if (!under_way(workers))
			return STATUS_END;
		status = wait_for_replies(workers);
		if (status != STATUS_OK)
			return status;
	}
	*ret = workers->ready.ptr[workers->ready_first++];
	return STATUS_OK;
}
