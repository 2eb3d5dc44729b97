/* SPDX-License-Identifier: BSD-2-Clause */
/* capstone, where code is decoded. */
#include "binary/lazy_capstone.h"

#include <capstone/capstone.h>

#include "sonames.h"

LAZY_LIBRARY(lazy_capstone, SONAME_CAPSTONE, "code", "Call sites and fingerprints of functions",
	     "recommended")

LAZY_FUNCTION(lazy_capstone, cs_err, cs_open, (cs_arch arch, cs_mode mode, csh *handle),
	      (arch, mode, handle))
LAZY_FUNCTION(lazy_capstone, cs_err, cs_close, (csh * handle), (handle))
LAZY_FUNCTION(lazy_capstone, cs_err, cs_option, (csh handle, cs_opt_type type, size_t value),
	      (handle, type, value))
LAZY_FUNCTION(lazy_capstone, cs_insn *, cs_malloc, (csh handle), (handle))
LAZY_PROCEDURE(lazy_capstone, cs_free, (cs_insn * instructions, size_t count),
	       (instructions, count))
LAZY_FUNCTION(lazy_capstone, bool, cs_disasm_iter,
	      (csh handle, const uint8_t **code, size_t *size, uint64_t *address,
	       cs_insn *instruction),
	      (handle, code, size, address, instruction))
