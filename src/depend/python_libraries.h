/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries that Python sources load by name, through ctypes or cffi. Private to python.c. */
#ifndef DEPEND_PYTHON_LIBRARIES_H
#define DEPEND_PYTHON_LIBRARIES_H

#include "depend/finder.h"
#include "depend/python_source.h"

struct python_libraries {
	struct finder *finder;
	struct arena arena;
	bool listed;		   /* sonames are there */
	VEC(const char *) sonames; /* of the inventory, sorted, each once */
};

/* The loads of one file. What its imports are decides in the end what its calls mean. */
struct python_loads {
	struct python_libraries *libraries;
	const char *path;
	bool ctypes, cffi; /* imported */
	VEC(struct python_call) calls;
};

void python_libraries_init(struct python_libraries *libraries, struct finder *finder);
void python_libraries_release(struct python_libraries *libraries);

void python_loads_begin(struct python_loads *loads, struct python_libraries *libraries,
			const char *path);
void python_loads_import(struct python_loads *loads, const char *module);
/* The texts of the call must last until python_loads_end(). */
void python_loads_call(struct python_loads *loads, const struct python_call *call);
/* Adds the edges. */
void python_loads_end(struct python_loads *loads);

#endif
