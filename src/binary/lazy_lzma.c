/* SPDX-License-Identifier: BSD-2-Clause */
/* liblzma, where .gnu_debugdata is read; parameters are called as in its headers. */
#include "binary/lazy_lzma.h"

#include <lzma.h>

#include "sonames.h"

LAZY_LIBRARY(lazy_lzma, SONAME_LZMA, "minidebug", "Symbols in .gnu_debugdata", "suggested")

LAZY_FUNCTION(lazy_lzma, lzma_ret, lzma_stream_decoder,
	      (lzma_stream * strm, uint64_t memlimit, uint32_t flags), (strm, memlimit, flags))
LAZY_FUNCTION(lazy_lzma, lzma_ret, lzma_code, (lzma_stream * strm, lzma_action action),
	      (strm, action))
LAZY_PROCEDURE(lazy_lzma, lzma_end, (lzma_stream * strm), (strm))
