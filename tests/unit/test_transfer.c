/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfers go on after short counts, and tell an end from a failure. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/transfer.h"

/* More than a pipe holds: one write(2) does not take it, one read(2) does not give it. */
enum { SIZE = 1 << 20 };

struct writer {
	int fd;
	const uint8_t *bytes;
	bool written;
};

static void *write_and_close(void *context)
{
	struct writer *writer = context;

	writer->written = transfer_write(writer->fd, writer->bytes, SIZE);
	close(writer->fd);
	return NULL;
}

static void test_pipe(void **state)
{
	uint8_t *bytes = malloc(SIZE), *got = malloc(SIZE + 1);
	struct writer writer = {.bytes = bytes};
	pthread_t thread;
	int pipes[2];

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 4096);
	assert_int_equal(pipe(pipes), 0);
	writer.fd = pipes[1];
	assert_int_equal(pthread_create(&thread, NULL, write_and_close, &writer), 0);
	errno = EIO;
	assert_int_equal(transfer_read(pipes[0], got, SIZE + 1), SIZE);
	assert_int_equal(errno, 0); /* it ended, nothing failed */
	pthread_join(thread, NULL);
	assert_true(writer.written);
	assert_memory_equal(bytes, got, SIZE);
	close(pipes[0]);
	free(bytes);
	free(got);
}

static void test_offset(void **state)
{
	uint8_t got[4] = {0};
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_true(transfer_write(fileno(file), "abcdef", 6));
	assert_int_equal(transfer_read_at(fileno(file), 1, got, 4), 4);
	assert_memory_equal(got, "bcde", 4);
	errno = EIO;
	assert_int_equal(transfer_read_at(fileno(file), 4, got, 4), 2);
	assert_int_equal(errno, 0);
	fclose(file);
}

static void test_failure(void **state)
{
	char byte = 0;

	(void)state;
	assert_int_equal(transfer_read(-1, &byte, 1), 0);
	assert_int_equal(errno, EBADF);
	assert_int_equal(transfer_read_at(-1, 0, &byte, 1), 0);
	assert_int_equal(errno, EBADF);
	assert_false(transfer_write(-1, &byte, 1));
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pipe),
	    cmocka_unit_test(test_offset),
	    cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
