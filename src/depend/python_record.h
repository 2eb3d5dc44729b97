/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Python distribution says is its own. Private to python_sites.c. */
#ifndef DEPEND_PYTHON_RECORD_H
#define DEPEND_PYTHON_RECORD_H

#include "depend/python_sites.h"

/* Enters the modules, or else the top-level names, of one distribution. */
void python_record_read(struct python_sites *sites, uint32_t distribution);
/*
 * A module's path without what its file is called beyond it: "/s/a/b" for /s/a/b.py,
 * /s/a/b/__init__.py and /s/a/b.cpython-311-x86_64-linux-gnu.so; other files are as they are.
 */
struct slice python_module_of_path(struct slice path);

#endif
