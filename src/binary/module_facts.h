/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components that a toolchain wrote down in the file it made: the modules tier of the facts record.
 * Included by facts.h.
 */
#ifndef BINARY_MODULE_FACTS_H
#define BINARY_MODULE_FACTS_H

#include <stdint.h>

#include "binary/facts_text.h"

/* FACTS_MODULE_SOURCE(id, text): what says that a module is inside. */
#define FACTS_MODULE_SOURCES(X)                                                                    \
	X(GO_LIST, "Go build information")    /* debug/buildinfo: modules that gave a package */   \
	X(GO_TOOLCHAIN, "Go version")	      /* the same: whose runtime and library are inside */ \
	X(CARGO_LIST, "cargo-auditable list") /* section .dep-v0 */                                \
	X(CONFIGURATION, "build information") /* a text the project's build wrote into it */       \
	X(CARGO_PATH, "source path")	      /* compiled into a panic location */                 \
	X(RUST_TOOLCHAIN, "source path")      /* the same, of Rust's own library */

enum facts_module_source {
#define FACTS_MODULE_SOURCE(id, text) FACTS_MODULE_##id,
	FACTS_MODULE_SOURCES(FACTS_MODULE_SOURCE)
#undef FACTS_MODULE_SOURCE
	    FACTS_MODULE_SOURCE_COUNT
};

enum facts_module_flag {
	FACTS_MODULE_OWN = 1u << 0,	   /* what was built, or a local part of it */
	FACTS_MODULE_BUILD_ONLY = 1u << 1, /* ran while it was built; not inside */
};

struct facts_module {
	struct facts_text name, version; /* version: length 0 when it is not told */
	struct facts_text detail;	 /* the line, or the path, as the file has it */
	uint64_t offset;		 /* in the file */
	uint32_t source;		 /* enum facts_module_source */
	uint32_t flags;			 /* enum facts_module_flag */
	uint32_t count;			 /* places of a path; else 1 */
	uint32_t reserved;
};

#endif
