/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program interpreter brings along: its directories, tokens and sub-directories by CPU. One
 * per interpreter path of a root. Private to src/depend.
 */
#ifndef DEPEND_PLATFORM_H
#define DEPEND_PLATFORM_H

#include "depend/loader.h"
#include "util/vec.h"

struct platform {
	const char *interpreter; /* path it was asked for by */
	struct binary *binary;	 /* NULL when the root has no such file */
	uint8_t elf_class, encoding;
	uint16_t machine;
	const char *const *system_directories; /* each with a slash behind, in order of search */
	size_t system_directory_count;
	const char *lib, *name; /* values of $LIB and $PLATFORM */
	/* Tried below each directory, in this order; each ends in a slash, the last is "". */
	const char *const *subdirectories;
	size_t subdirectory_count;
	const char *const *hwcaps; /* active glibc-hwcaps names, best first */
	size_t hwcaps_count;
	uint32_t cache_flags; /* of ld.so.cache entries for it */
};

/* glibc's for this machine; "" when it is not known. */
const char *platform_default_interpreter(const struct binary *like);
/* like tells class and machine; interpreter is its PT_INTERP or the default one. */
const struct platform *platform_make(struct binaries *binaries, const struct binary *like,
				     const char *interpreter, enum loader_cpu cpu,
				     struct arena *arena);

#endif
