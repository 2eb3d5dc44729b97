/* SPDX-License-Identifier: BSD-2-Clause */
/* The worker's side: takes files, maps them, collects their facts, sends records back. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "binary/elf_input.h"
#include "binary/facts_fault.h"
#include "binary/worker_protocol.h"
#include "binary/workers.h"
#include "util/memory.h"
#include "util/sandbox.h"
#include "util/transfer.h"

#define REPLIES_MAX (UINT32_C(1) << 18) /* bytes kept back before they are sent */
#define MAPS_KEPT 512			/* mappings given back together */
#define MAP_LARGE (16u << 20)		/* bytes */
#define REPLIES_MS 20			/* and for how long */

/* What the signal handler needs; a worker has one thread and one file at a time. */
static struct {
	int reply_fd;
	uint64_t cookie;
	const uint8_t *map, *debug_map;
	size_t size, debug_size;
	const struct facts_range *selected; /* NULL without a selection */
	volatile struct worker_shared *shared;
	/* Replies that wait for others, so that the parent wakes up once for many small files. */
	size_t waiting;
	struct timespec since; /* when the first of them came */
	uint8_t replies[REPLIES_MAX];
} current;

static void send_all(const void *bytes, size_t size)
{
	if (!transfer_write(current.reply_fd, bytes, size))
		_exit(WORKER_EXIT_PROTOCOL);
}

static void flush_replies(void)
{
	send_all(current.replies, current.waiting);
	current.waiting = 0;
}

static bool waited_long(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - current.since.tv_sec) * 1000 +
		   (now.tv_nsec - current.since.tv_nsec) / 1000000 >=
	       REPLIES_MS;
}

static void send_reply(enum worker_reply_kind kind, const uint8_t *record, size_t size,
		       uint64_t offset)
{
	struct worker_reply reply = {current.cookie, size, offset, kind, 0};

	if (size > REPLIES_MAX - sizeof(reply) ||
	    current.waiting > REPLIES_MAX - sizeof(reply) - size) {
		flush_replies();
		if (size > REPLIES_MAX - sizeof(reply)) {
			send_all(&reply, sizeof(reply));
			send_all(record, size);
			return;
		}
	}
	if (!current.waiting)
		clock_gettime(CLOCK_MONOTONIC, &current.since);
	memcpy(current.replies + current.waiting, &reply, sizeof(reply));
	if (size)
		memcpy(current.replies + current.waiting + sizeof(reply), record, size);
	current.waiting += sizeof(reply) + size;
}

/* A page of the mapping is not behind the file any more: the file shrank while it was read. */
static void on_bus_error(int signal_number, siginfo_t *info, void *context)
{
	const uint8_t *address = info->si_addr;
	bool of_file =
	    current.map && address >= current.map && address < current.map + current.size;

	(void)context;
	if (of_file || (current.debug_map && address >= current.debug_map &&
			address < current.debug_map + current.debug_size)) {
		send_reply(WORKER_REPLY_CHANGED, NULL, 0,
			   of_file ? (uint64_t)(address - current.map) : 0);
		flush_replies();
		_exit(WORKER_EXIT_CHANGED);
	}
	signal(signal_number, SIG_DFL); /* the access is repeated and ends the worker */
}

static void arm_timer(unsigned seconds)
{
	struct itimerval timer = {.it_value = {.tv_sec = seconds}};

	setitimer(ITIMER_PROF, &timer, NULL);
}

static void collect(const struct worker_request *request, const struct worker_limits *limits,
		    struct slice bytes)
{
	const struct facts_request wanted = {
	    .bytes = bytes,
	    .debug = slice_of(current.debug_map, current.debug_size),
	    .groups = request->groups,
	    .part = request->part,
	    .parts = request->parts,
	    .mapped = bytes.ptr == current.map,
	    .selected = current.selected,
	    .selected_count = current.selected ? request->selected : 0,
	};
	uint8_t *record = NULL;
	size_t size = 0;
	enum status status = STATUS_OK;

	if (!limits->test_hooks || !facts_fault(bytes, request->part, &record, &size))
		status = facts_collect_request(&wanted, &record, &size);
	if (status == STATUS_OK)
		send_reply(WORKER_REPLY_RECORD, record, size, 0);
	else
		send_reply(WORKER_REPLY_LIMIT, NULL, 0, 0);
	free(record);
}

/*
 * Each munmap() of its own makes the processor forget its translations: it costs as much as reading
 * the few pages a loader looks at. Mappings are given back many at a time.
 */
static void unmap_later(void *map, size_t size)
{
	static struct {
		void *map;
		size_t size;
	} kept[MAPS_KEPT];
	static size_t count;

	/* Of a large file the pages count more than that. */
	if (size >= MAP_LARGE) {
		munmap(map, size);
		return;
	}
	kept[count].map = map;
	kept[count++].size = size;
	if (count < MAPS_KEPT)
		return;
	while (count) {
		count--;
		munmap(kept[count].map, kept[count].size);
	}
}

/* A search wants few places of a file: to map it would cost more than to read them. */
static void collect_pieces(const struct worker_request *request, int fd, uint64_t file_size)
{
	uint8_t *record = NULL;
	size_t size = 0;
	uint64_t offset = 0;
	enum status status =
	    facts_collect_pieces(fd, file_size, request->groups, &record, &size, &offset);

	if (status == STATUS_OK)
		send_reply(WORKER_REPLY_RECORD, record, size, 0);
	else if (status == STATUS_IO)
		send_reply(WORKER_REPLY_CHANGED, NULL, 0, offset);
	else
		send_reply(WORKER_REPLY_LIMIT, NULL, 0, 0);
	if (status == STATUS_OK)
		free(record);
}

/*
 * A part of a file begins where libelf's structures are not aligned, and parts are small and many:
 * it is copied, not mapped.
 */
static void serve_part(const struct worker_request *request, int fd,
		       const struct worker_limits *limits)
{
	uint64_t end;
	uint8_t *bytes;
	size_t got;

	if (__builtin_add_overflow(request->offset, request->size, &end) || end > INT64_MAX ||
	    request->size > limits->memory_bytes) {
		send_reply(WORKER_REPLY_LIMIT, NULL, 0, 0);
		close(fd);
		return;
	}
	bytes = memory_alloc((size_t)request->size + 1);
	got = transfer_read_at(fd, request->offset, bytes, (size_t)request->size);
	close(fd);
	if (got == request->size)
		collect(request, limits, slice_of(bytes, got));
	else
		send_reply(WORKER_REPLY_CHANGED, NULL, 0, request->offset + got);
	free(bytes);
}

/* Maps all of a file and closes it; false when that does not go. An empty one has no map. */
static bool map_file(int fd, const uint8_t **ret_map, size_t *ret_size)
{
	struct stat info;
	void *map = NULL;
	bool mapped = fstat(fd, &info) == 0 && info.st_size >= 0;

	if (mapped && info.st_size)
		map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (!mapped || map == MAP_FAILED)
		return false;
	*ret_map = map;
	*ret_size = (size_t)info.st_size;
	return true;
}

static void unmap_file(const uint8_t **map, size_t size)
{
	if (*map)
		unmap_later((void *)(uintptr_t)*map, size);
	*map = NULL;
}

static void serve_whole(const struct worker_request *request, int fd,
			const struct worker_limits *limits)
{
	struct stat info;

	if (!(request->groups & ~(uint32_t)FACTS_LOADER) && !limits->test_hooks) {
		if (fstat(fd, &info) == 0 && info.st_size >= 0)
			collect_pieces(request, fd, (uint64_t)info.st_size);
		else
			send_reply(WORKER_REPLY_IO, NULL, 0, 0);
		close(fd);
		return;
	}
	if (!map_file(fd, &current.map, &current.size)) {
		send_reply(WORKER_REPLY_IO, NULL, 0, 0);
		return;
	}
	collect(request, limits, slice_of(current.map, current.size));
	unmap_file(&current.map, current.size);
}

/* A selection that the parent has made: mapped, since it can be long. */
static void take_selection(const struct worker_request *request, int fd)
{
	void *map = mmap(NULL, request->selected * sizeof(struct facts_range), PROT_READ,
			 MAP_PRIVATE, fd, 0);

	close(fd);
	if (map == MAP_FAILED)
		_exit(WORKER_EXIT_PROTOCOL);
	current.selected = map;
}

static void drop_selection(const struct worker_request *request)
{
	if (current.selected)
		munmap((void *)(uintptr_t)current.selected,
		       request->selected * sizeof(struct facts_range));
	current.selected = NULL;
}

/* debug_fd: -1 without one. What cannot be mapped of debug information is as if it were not there.
 */
static void serve_file(const struct worker_request *request, int fd, int debug_fd,
		       const struct worker_limits *limits)
{
	current.cookie = request->cookie;
	current.shared->cookie = request->cookie;
	arm_timer(limits->cpu_seconds);
	current.debug_size = 0;
	if (debug_fd >= 0 && !map_file(debug_fd, &current.debug_map, &current.debug_size))
		current.debug_size = 0;
	if (request->size != WORKERS_WHOLE_FILE)
		serve_part(request, fd, limits);
	else
		serve_whole(request, fd, limits);
	unmap_file(&current.debug_map, current.debug_size);
}

/* One message; false when the parent has gone. */
static bool serve_batch(int request_fd, const struct worker_limits *limits)
{
	struct worker_request requests[WORKER_BATCH];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * WORKER_BATCH_FILES)];
	} control;
	struct iovec part = {requests, sizeof(requests)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	const struct cmsghdr *rights;
	int fds[WORKER_BATCH_FILES];
	size_t count, files = 0, next = 0;
	ssize_t got;

	do {
		got = recvmsg(request_fd, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	count = (size_t)got / sizeof(requests[0]);
	for (size_t i = 0; i < count; i++)
		files += 1u + (requests[i].has_debug != 0) + (requests[i].selected != 0);
	rights = CMSG_FIRSTHDR(&message);
	if (!rights || (message.msg_flags & MSG_CTRUNC) ||
	    rights->cmsg_len != CMSG_LEN(files * sizeof(int)))
		_exit(WORKER_EXIT_PROTOCOL);
	memcpy(fds, CMSG_DATA(rights), files * sizeof(int));
	for (size_t i = 0; i < count; i++) {
		int fd = fds[next++], debug_fd = requests[i].has_debug ? fds[next++] : -1;

		if (requests[i].selected)
			take_selection(&requests[i], fds[next++]);
		serve_file(&requests[i], fd, debug_fd, limits);
		drop_selection(&requests[i]);
		if (i + 1 == count || waited_long())
			flush_replies();
	}
	return true;
}

_Noreturn void worker_main(int request_fd, int reply_fd, volatile struct worker_shared *shared,
			   const struct worker_limits *limits, const struct sandbox *sandbox)
{
	struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
	struct worker_reply hello = {.kind = WORKER_REPLY_RECORD};

	current.reply_fd = reply_fd;
	current.shared = shared;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* the parent decides what an interrupt means */
	sigaction(SIGBUS, &action, NULL);
	/* Messages of libraries must not look for translations in a file system that is gone. */
	setlocale(LC_ALL, "C");
	hello.reserved = sandbox_enter(sandbox, limits->memory_bytes);
	send_all(&hello, sizeof(hello));
	while (serve_batch(request_fd, limits))
		;
	_exit(WORKER_EXIT_CLEAN);
}
