/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/transfer.h"

#include <errno.h>
#include <unistd.h>

/* Adds what one call did; false when it was the last. */
static bool goes_on(ssize_t got, size_t *done)
{
	if (got < 0)
		return errno == EINTR;
	if (got == 0)
		errno = 0;
	*done += (size_t)got;
	return got > 0;
}

size_t transfer_read(int fd, void *to, size_t size)
{
	size_t done = 0;

	while (done < size && goes_on(read(fd, (uint8_t *)to + done, size - done), &done))
		;
	return done;
}

size_t transfer_read_at(int fd, uint64_t offset, void *to, size_t size)
{
	size_t done = 0;

	while (done < size &&
	       goes_on(pread(fd, (uint8_t *)to + done, size - done, (off_t)(offset + done)), &done))
		;
	return done;
}

bool transfer_write(int fd, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size && goes_on(write(fd, (const uint8_t *)bytes + done, size - done), &done))
		;
	return done == size;
}
