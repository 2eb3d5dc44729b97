/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is started by systemd units, desktop entries and D-Bus service files; and which program
 * answers under which name, for those who look for the other end of a connection.
 */
#ifndef DEPEND_UNITS_H
#define DEPEND_UNITS_H

#include "depend/finder.h"

/* Whoever connects to name reaches the program at path. */
struct service_name {
	const char
	    *name; /* D-Bus well-known name; path of a socket, or "@..." of an abstract one */
	const char *path; /* canonical; NULL when the file names no program that is there */
	const char *file; /* canonical path of the file that says so */
};

struct service_names {
	struct arena arena;
	VEC(struct service_name) bus;	  /* sorted by (name, path, file) */
	VEC(struct service_name) sockets; /* that systemd opens for a service: AF_UNIX alone */
};

void service_names_init(struct service_names *names);
void service_names_release(struct service_names *names);

void units_find(struct finder *finder, struct service_names *ret);

#endif
