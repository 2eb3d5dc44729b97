/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPLY_PIPE (1 << 20) /* bytes */

static int above_stdio(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10), error = errno;

	close(fd);
	errno = error;
	return moved;
}

static _Noreturn void become_worker(const struct workers_options *options, struct sandbox *sandbox,
				    const struct worker *worker, int request_fd, int reply_fd)
{
	struct worker_limits limits = {options->memory_bytes, options->cpu_seconds,
				       options->test_hooks};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		_exit(WORKER_EXIT_PROTOCOL);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	dup2(request_fd, 3);
	dup2(reply_fd, 4);
	closefrom(5);
	worker_main(3, 4, worker->shared, &limits, sandbox);
}

enum status worker_start(const struct workers_options *options, struct sandbox *sandbox,
			 struct worker *worker)
{
	int sockets[2], pipes[2];
	void *shared = mmap(NULL, sizeof(*worker->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return STATUS_IO;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
		munmap(shared, sizeof(*worker->shared));
		return STATUS_IO;
	}
	if (pipe2(pipes, O_CLOEXEC) != 0) {
		close(sockets[0]);
		close(sockets[1]);
		munmap(shared, sizeof(*worker->shared));
		return STATUS_IO;
	}
	sockets[0] = above_stdio(sockets[0]);
	sockets[1] = above_stdio(sockets[1]);
	pipes[0] = above_stdio(pipes[0]);
	pipes[1] = above_stdio(pipes[1]);
	fcntl(pipes[1], F_SETPIPE_SZ, REPLY_PIPE);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	*worker = (struct worker){.request_fd = sockets[0], .reply_fd = pipes[0], .shared = shared};
	worker->pid = fork();
	if (worker->pid == 0)
		become_worker(options, sandbox, worker, sockets[1], pipes[1]);
	close(sockets[1]);
	close(pipes[1]);
	if (worker->pid > 0)
		return STATUS_OK;
	worker->pid = 0;
	close(sockets[0]);
	close(pipes[0]);
	munmap(shared, sizeof(*worker->shared));
	return STATUS_IO;
}

/* Files before the one it died of are read again: their replies may be lost. */
static void put_guilty_first(struct worker *worker)
{
	uint64_t cookie = worker->shared->cookie;

	for (size_t i = 1; i < worker->in_hand_count; i++) {
		struct workers_request guilty = worker->in_hand[i];

		if (guilty.cookie != cookie)
			continue;
		memmove(&worker->in_hand[1], &worker->in_hand[0], i * sizeof(guilty));
		worker->in_hand[0] = guilty;
		return;
	}
}

int worker_bury(struct worker *worker)
{
	int status = -1;
	pid_t got;

	do {
		got = waitpid(worker->pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	close(worker->request_fd);
	close(worker->reply_fd);
	free(worker->record);
	worker->record = NULL;
	worker->pid = 0;
	put_guilty_first(worker);
	munmap((void *)(uintptr_t)worker->shared, sizeof(*worker->shared));
	return got < 0 ? -1 : status;
}

void worker_close_files(const struct workers_request *request)
{
	close(request->fd);
	if (request->debug_fd >= 0)
		close(request->debug_fd);
	if (request->selected)
		close(request->selection_fd);
}

size_t worker_send(struct worker *worker, const struct workers_request *requests, size_t count)
{
	struct worker_request list[WORKER_BATCH];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * WORKER_BATCH_FILES)];
	} control = {0};
	struct iovec part = {list, count * sizeof(list[0])};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	int fds[WORKER_BATCH_FILES];
	size_t files = 0;
	ssize_t sent;

	for (size_t i = 0; i < count; i++) {
		list[i] = (struct worker_request){.cookie = requests[i].cookie,
						  .offset = requests[i].offset,
						  .size = requests[i].size,
						  .groups = requests[i].groups,
						  .part = requests[i].part,
						  .parts = requests[i].parts,
						  .has_debug = requests[i].debug_fd >= 0,
						  .selected = requests[i].selected};
		fds[files++] = requests[i].fd;
		if (requests[i].debug_fd >= 0)
			fds[files++] = requests[i].debug_fd;
		if (requests[i].selected)
			fds[files++] = requests[i].selection_fd;
	}
	message.msg_controllen = CMSG_SPACE(files * sizeof(int));
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(files * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, files * sizeof(int));
	do {
		sent = sendmsg(worker->request_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent > 0 ? count : 0;
}

ssize_t worker_read(struct worker *worker, uint8_t *to, size_t size)
{
	ssize_t got;

	if (worker->ahead_first == worker->ahead_size) {
		if (size >= sizeof(worker->ahead))
			return read(worker->reply_fd, to, size);
		got = read(worker->reply_fd, worker->ahead, sizeof(worker->ahead));
		if (got <= 0)
			return got;
		worker->ahead_first = 0;
		worker->ahead_size = (size_t)got;
	}
	if (size > worker->ahead_size - worker->ahead_first)
		size = worker->ahead_size - worker->ahead_first;
	memcpy(to, worker->ahead + worker->ahead_first, size);
	worker->ahead_first += size;
	return (ssize_t)size;
}
