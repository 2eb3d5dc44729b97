/* SPDX-License-Identifier: BSD-2-Clause */
/* libcrypto, where digests are wanted. */
#define OPENSSL_SUPPRESS_DEPRECATED /* see digest.c */
#include <openssl/sha.h>

#include "sonames.h"
#include "util/digest.h"
#include "util/lazy.h"

LAZY_LIBRARY(lazy_crypto, SONAME_CRYPTO, "digest", "SHA-256 of files", "recommended")

LAZY_FUNCTION(lazy_crypto, int, SHA256_Init, (SHA256_CTX * context), (context))
LAZY_FUNCTION(lazy_crypto, int, SHA256_Update,
	      (SHA256_CTX * context, const void *data, size_t size), (context, data, size))
LAZY_FUNCTION(lazy_crypto, int, SHA256_Final, (unsigned char *digest, SHA256_CTX *context),
	      (digest, context))

void digest_prepare(void)
{
	lazy_require(&lazy_crypto);
}
