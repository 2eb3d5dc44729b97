/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/selection.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int selection_write(const struct facts_range *ranges, size_t count)
{
	const char *at = (const char *)ranges;
	size_t left = count * sizeof(*ranges);
	int fd = memfd_create("selection", MFD_CLOEXEC);

	while (fd >= 0 && left) {
		ssize_t put = write(fd, at, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			int error = errno;

			close(fd);
			errno = error;
			return -1;
		}
		at += put;
		left -= (size_t)put;
	}
	return fd;
}
