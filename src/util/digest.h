/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 through libcrypto. */
#ifndef UTIL_DIGEST_H
#define UTIL_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "util/slice.h"
#include "util/status.h"

#define DIGEST_SIZE 32
#define DIGEST_TEXT_SIZE (2 * DIGEST_SIZE + 1)

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

/* False of all zeros, which stand for a digest that is not known. */
bool digest_is(const struct digest *digest);

/* Loads what the others need: to be called before a sandbox is entered in which one of them runs.
 */
void digest_prepare(void);

enum status digest_bytes(struct slice bytes, struct digest *ret) must_check;
/* Reads fd from its start to its end with pread: a file that shrinks is an error, not a signal. */
enum status digest_file(int fd, struct digest *ret) must_check;
/* The same of a part; STATUS_FORMAT when the file ends before. */
enum status digest_range(int fd, uint64_t offset, uint64_t size, struct digest *ret) must_check;
/* Bytes that come in parts. digest_end() frees the stream. */
struct digest_stream;
struct digest_stream *digest_begin(void);
void digest_add(struct digest_stream *stream, struct slice bytes);
enum status digest_end(struct digest_stream *stream, struct digest *ret) must_check;
void digest_format(const struct digest *digest, char ret_text[static DIGEST_TEXT_SIZE]);

#endif
