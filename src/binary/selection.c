/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/selection.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/transfer.h"

int selection_write(const struct facts_range *ranges, size_t count)
{
	int fd = memfd_create("selection", MFD_CLOEXEC);

	if (fd >= 0 && !transfer_write(fd, ranges, count * sizeof(*ranges))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}
