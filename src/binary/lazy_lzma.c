/* SPDX-License-Identifier: BSD-2-Clause */
/* liblzma, where .gnu_debugdata is read. */
#include "binary/lazy_lzma.h"

#include <lzma.h>

#include "sonames.h"

LAZY_LIBRARY(lazy_lzma, SONAME_LZMA, "minidebug", "Symbols in .gnu_debugdata", "suggested")

LAZY_FUNCTION(lazy_lzma, lzma_ret, lzma_stream_decoder,
	      (lzma_stream * stream, uint64_t memory, uint32_t flags), (stream, memory, flags))
LAZY_FUNCTION(lazy_lzma, lzma_ret, lzma_code, (lzma_stream * stream, lzma_action action),
	      (stream, action))
LAZY_PROCEDURE(lazy_lzma, lzma_end, (lzma_stream * stream), (stream))
