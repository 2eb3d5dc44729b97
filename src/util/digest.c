/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plain functions, which OpenSSL 3 wants replaced by EVP: those read a configuration file when
 * they are first used, and workers have no files.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "util/digest.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/memory.h"

#define CHUNK ((size_t)1 << 18)

struct digest_stream {
	SHA256_CTX context;
	bool failed;
};

struct digest_stream *digest_begin(void)
{
	struct digest_stream *stream = memory_calloc(1, sizeof(*stream));

	stream->failed = SHA256_Init(&stream->context) != 1;
	return stream;
}

void digest_add(struct digest_stream *stream, struct slice bytes)
{
	if (!stream->failed && bytes.len)
		stream->failed = SHA256_Update(&stream->context, bytes.ptr, bytes.len) != 1;
}

enum status digest_end(struct digest_stream *stream, struct digest *ret)
{
	bool failed = stream->failed || SHA256_Final(ret->bytes, &stream->context) != 1;

	free(stream);
	return failed ? STATUS_UNSUPPORTED : STATUS_OK;
}

enum status digest_bytes(struct slice bytes, struct digest *ret)
{
	struct digest_stream *stream = digest_begin();

	digest_add(stream, bytes);
	return digest_end(stream, ret);
}

/* From start on; at most size bytes. *ret_size: how many there were. */
static enum status digest_from(int fd, uint64_t start, uint64_t wanted, struct digest *ret,
			       uint64_t *ret_size)
{
	struct digest_stream *stream = digest_begin();
	uint8_t *chunk = memory_alloc(CHUNK);
	enum status status = STATUS_OK, ended;
	uint64_t done = 0;

	for (;;) {
		size_t part = wanted - done < CHUNK ? (size_t)(wanted - done) : CHUNK;
		ssize_t got = part ? pread(fd, chunk, part, (off_t)(start + done)) : 0;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			status = STATUS_IO;
		if (got <= 0)
			break;
		digest_add(stream, slice_of(chunk, (size_t)got));
		done += (uint64_t)got;
	}
	free(chunk);
	*ret_size = done;
	ended = digest_end(stream, ret);
	return status == STATUS_OK ? ended : status;
}

enum status digest_file(int fd, struct digest *ret)
{
	uint64_t size;

	return digest_from(fd, 0, INT64_MAX, ret, &size);
}

enum status digest_range(int fd, uint64_t offset, uint64_t size, struct digest *ret)
{
	uint64_t got = 0;
	enum status status = digest_from(fd, offset, size, ret, &got);

	return status == STATUS_OK && got < size ? STATUS_FORMAT : status;
}

bool digest_is(const struct digest *digest)
{
	static const struct digest none;

	return memcmp(digest, &none, sizeof(none)) != 0;
}

void digest_format(const struct digest *digest, char ret_text[static DIGEST_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		ret_text[2 * i] = digits[digest->bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	ret_text[2 * DIGEST_SIZE] = '\0';
}
