/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/memory.h"

#define CHUNK ((size_t)1 << 18)

enum status digest_bytes(struct slice bytes, struct digest *ret)
{
	unsigned size = DIGEST_SIZE;

	if (EVP_Digest(bytes.ptr, bytes.len, ret->bytes, &size, EVP_sha256(), NULL) != 1)
		return STATUS_UNSUPPORTED;
	return STATUS_OK;
}

enum status digest_file(int fd, struct digest *ret)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *chunk = memory_alloc(CHUNK);
	enum status status = STATUS_UNSUPPORTED;
	unsigned size = DIGEST_SIZE;
	off_t offset = 0;

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		goto out;
	for (;;) {
		ssize_t got = pread(fd, chunk, CHUNK, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			status = STATUS_IO;
			goto out;
		}
		if (got == 0)
			break;
		if (EVP_DigestUpdate(context, chunk, (size_t)got) != 1)
			goto out;
		offset += got;
	}
	if (EVP_DigestFinal_ex(context, ret->bytes, &size) == 1)
		status = STATUS_OK;
out:
	EVP_MD_CTX_free(context);
	free(chunk);
	return status;
}

struct digest_stream {
	EVP_MD_CTX *context;
	bool failed;
};

struct digest_stream *digest_begin(void)
{
	struct digest_stream *stream = memory_calloc(1, sizeof(*stream));

	stream->context = EVP_MD_CTX_new();
	stream->failed =
	    !stream->context || EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL) != 1;
	return stream;
}

void digest_add(struct digest_stream *stream, struct slice bytes)
{
	if (!stream->failed && bytes.len)
		stream->failed = EVP_DigestUpdate(stream->context, bytes.ptr, bytes.len) != 1;
}

enum status digest_end(struct digest_stream *stream, struct digest *ret)
{
	unsigned size = DIGEST_SIZE;
	bool failed = stream->failed || EVP_DigestFinal_ex(stream->context, ret->bytes, &size) != 1;

	EVP_MD_CTX_free(stream->context);
	free(stream);
	return failed ? STATUS_UNSUPPORTED : STATUS_OK;
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
