/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries that only some runs need are loaded when such a run first calls them: relocating
 * capstone and libcrypto takes longer than all that `elfleft tree` does.
 *
 * LAZY_LIBRARY declares one, and says so in an ELF note (".note.dlopen" of the UAPI group), so that
 * packagers and elfleft itself see the dependency. LAZY_FUNCTION defines a function of the
 * library's own name and type that loads the library and goes on there: callers call as ever, and
 * a function without its row does not link. The names of the files are found at build time
 * (sonames.h).
 *
 * A sandboxed worker cannot load anything: lazy_require() comes before the fork.
 */
#ifndef UTIL_LAZY_H
#define UTIL_LAZY_H

#include <stdint.h>

struct lazy_library {
	const char *soname;
	void *handle; /* NULL until it is loaded; internal */
};

/*
 * Loads it, if that was not done; any thread. Without it the process ends with status 2 and a word,
 * as it would not have started with an ordinary dependency.
 */
void lazy_require(struct lazy_library *library);
/* The address of a function, in the same manner. */
void *lazy_symbol(struct lazy_library *library, const char *name);

#define LAZY_NOTE(json)                                                            \
	static const struct {                                                      \
		uint32_t name_size, description_size, type;                        \
		char name[4];                                                      \
		_Alignas(uint32_t) char description[sizeof(json)];                 \
	} lazy_note __attribute__((used, section(".note.dlopen"), aligned(4))) = { \
	    4, sizeof(json), 0x407c0c0a, "FDO", json};

/* One to a file; feature and purpose are texts for the note, priority is its word. */
#define LAZY_LIBRARY(identifier, file, feature, purpose, priority)                \
	LAZY_NOTE("[{\"feature\":\"" feature "\",\"description\":\"" purpose      \
		  "\",\"priority\":\"" priority "\",\"soname\":[\"" file "\"]}]") \
	struct lazy_library identifier = {file, NULL};

#define LAZY_POINTER(library, name)                                              \
	static __typeof__(&(name)) kept;                                         \
	__typeof__(&(name)) function = __atomic_load_n(&kept, __ATOMIC_RELAXED); \
	if (!function) {                                                         \
		*(void **)&function = lazy_symbol(&(library), #name);            \
		__atomic_store_n(&kept, function, __ATOMIC_RELAXED);             \
	}

#define LAZY_FUNCTION(library, type, name, parameters, arguments) \
	type name parameters                                      \
	{                                                         \
		LAZY_POINTER(library, name)                       \
		return function arguments;                        \
	}

/* The same for a function that gives nothing back. */
#define LAZY_PROCEDURE(library, name, parameters, arguments) \
	void name parameters                                 \
	{                                                    \
		LAZY_POINTER(library, name)                  \
		function arguments;                          \
	}

#endif
