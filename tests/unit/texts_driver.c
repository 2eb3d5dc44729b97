/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints what the finders of edges in files other than ELF say of real trees, as lines of fields
 * between tabs:
 *	edge FROM TO NAME KIND GRADE POSSIBLE EVIDENCE DETAIL PLACE
 *	bus NAME PATH FILE / socket NAME PATH FILE / counts FINDER SITES RECOVERED / time FINDER SECONDS
 *
 * usage: texts_driver [-r ROOT] [-f FINDER]... PATH...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "depend/finder.h"
#include "depend/units.h"
