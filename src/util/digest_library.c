/* SPDX-License-Identifier: BSD-2-Clause */
/* libcrypto, where a report shows digests. */
#include <openssl/evp.h>

#include "sonames.h"
#include "util/lazy.h"

LAZY_LIBRARY(lazy_crypto, SONAME_CRYPTO, "digest", "SHA-256 of files", "recommended")

    LAZY_FUNCTION(lazy_crypto, int, EVP_Digest,
		  (const void *data, size_t count, unsigned char *digest, unsigned int *size,
		   const EVP_MD *type, ENGINE *engine),
		  (data, count, digest, size, type, engine))
	LAZY_FUNCTION(lazy_crypto, const EVP_MD *, EVP_sha256, (void), ())
	    LAZY_FUNCTION(lazy_crypto, EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())
		LAZY_PROCEDURE(lazy_crypto, EVP_MD_CTX_free, (EVP_MD_CTX * context), (context))
		    LAZY_FUNCTION(lazy_crypto, int, EVP_DigestInit_ex,
				  (EVP_MD_CTX * context, const EVP_MD *type, ENGINE *engine),
				  (context, type, engine))
			LAZY_FUNCTION(lazy_crypto, int, EVP_DigestUpdate,
				      (EVP_MD_CTX * context, const void *data, size_t count),
				      (context, data, count))
			    LAZY_FUNCTION(lazy_crypto, int, EVP_DigestFinal_ex,
					  (EVP_MD_CTX * context, unsigned char *digest,
					   unsigned int *size),
					  (context, digest, size))
