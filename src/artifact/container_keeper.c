/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that removes an unpacked directory: when it is asked to, or its parent is gone. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "artifact/container_internal.h"
#include "util/transfer.h"

static void remove_tree(const char *directory)
{
	char *copy = strdup(directory);
	char *const paths[] = {copy, NULL};
	FTS *walk = copy ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL) : NULL;
	const FTSENT *entry;

	while (walk && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR)
			rmdir(entry->fts_accpath);
		else if (entry->fts_info != FTS_D)
			unlink(entry->fts_accpath);
	}
	if (walk)
		fts_close(walk);
}

/* Makes the directory itself, so that there is no moment in which nobody would remove it. */
static _Noreturn void keep(char *template, int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), error = 0;
	char byte;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	for (int i = 0; i <= 2 && null >= 0; i++)
		dup2(null, i);
	if (fd != 3)
		dup2(fd, 3);
	closefrom(4);
	if (!mkdtemp(template))
		error = errno;
	if (write(3, &error, sizeof(error)) == (ssize_t)sizeof(error) && !error &&
	    write(3, template, strlen(template)) == (ssize_t)strlen(template))
		while (read(3, &byte, 1) < 0 && errno == EINTR)
			;
	if (!error)
		remove_tree(template);
	_exit(0);
}

/* The keeper says whether it has a directory, and its name: as long as the template. */
static bool hear(int fd, char *template)
{
	size_t length = strlen(template);
	int error = EIO;

	if (read(fd, &error, sizeof(error)) != (ssize_t)sizeof(error) || error) {
		errno = error;
		return false;
	}
	return transfer_read(fd, template, length) == length;
}

int container_keeper(char *template, pid_t *ret_pid)
{
	int sockets[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
		return -1;
	*ret_pid = fork();
	if (*ret_pid == 0) {
		close(sockets[1]);
		keep(template, sockets[0]);
	}
	close(sockets[0]);
	if (*ret_pid > 0 && hear(sockets[1], template))
		return sockets[1];
	error = errno;
	close(sockets[1]);
	if (*ret_pid > 0)
		waitpid(*ret_pid, NULL, 0);
	errno = error;
	return -1;
}
