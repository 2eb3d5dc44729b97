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

/* From start on; at most size bytes. *ret_size: how many there were. */
static enum status digest_from(int fd, uint64_t start, uint64_t wanted, struct digest *ret,
			       uint64_t *ret_size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *chunk = memory_alloc(CHUNK);
	enum status status = STATUS_UNSUPPORTED;
	unsigned size = DIGEST_SIZE;
	uint64_t done = 0;

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		goto out;
	for (;;) {
		size_t part = wanted - done < CHUNK ? (size_t)(wanted - done) : CHUNK;
		ssize_t got = part ? pread(fd, chunk, part, (off_t)(start + done)) : 0;

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
		done += (uint64_t)got;
	}
	if (EVP_DigestFinal_ex(context, ret->bytes, &size) == 1)
		status = STATUS_OK;
out:
	EVP_MD_CTX_free(context);
	free(chunk);
	*ret_size = done;
	return status;
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

void digest_format(const struct digest *digest, char ret_text[static DIGEST_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		ret_text[2 * i] = digits[digest->bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	ret_text[2 * DIGEST_SIZE] = '\0';
}
