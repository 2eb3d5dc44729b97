/* SPDX-License-Identifier: BSD-2-Clause */
/* Fingerprints: XXH3 with 128 bits. Only the readers of device code include this. */
#ifndef BINARY_DEVICE_HASH_H
#define BINARY_DEVICE_HASH_H

#define XXH_STATIC_LINKING_ONLY /* a state that lives on the stack */
#include <xxhash.h>

#include "binary/facts.h"

static inline void device_hash_begin(XXH3_state_t *state)
{
	XXH3_INITSTATE(state);
	XXH3_128bits_reset(state);
}

static inline struct facts_fingerprint device_hash_end(const XXH3_state_t *state)
{
	XXH128_hash_t hash = XXH3_128bits_digest(state);

	return (struct facts_fingerprint){hash.low64, hash.high64};
}

static inline struct facts_fingerprint device_hash_of(struct slice bytes)
{
	XXH128_hash_t hash = XXH3_128bits(bytes.ptr, bytes.len);

	return (struct facts_fingerprint){hash.low64, hash.high64};
}

#endif
