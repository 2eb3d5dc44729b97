/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/lazy.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static _Noreturn void fail(const struct lazy_library *library)
{
	const char *reason = dlerror();

	fprintf(stderr, "elfleft: %s: %s\n", library->soname, reason ? reason : "not loaded");
	exit(2);
}

void lazy_require(struct lazy_library *library)
{
	pthread_mutex_lock(&lock);
	/* Never closed: other libraries may keep addresses of it. */
	if (!library->handle)
		library->handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		fail(library);
	pthread_mutex_unlock(&lock);
}

void *lazy_symbol(struct lazy_library *library, const char *name)
{
	void *symbol;

	lazy_require(library);
	symbol = dlsym(library->handle, name);
	if (!symbol)
		fail(library);
	return symbol;
}
