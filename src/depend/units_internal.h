/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by units.c, unit_files.c and unit_dropins.c. */
#ifndef DEPEND_UNITS_INTERNAL_H
#define DEPEND_UNITS_INTERNAL_H

#include "depend/units.h"
#include "util/map.h"

/* What other files want to know of a unit. */
struct unit {
	const char *program; /* canonical, of the first ExecStart=; NULL */
};

/* A socket whose service is looked up when all units of the artifact are read. */
struct unit_socket {
	const char *name, *service, *file;
};

struct units {
	struct finder *finder;
	struct service_names *names;
	struct arena arena;
	struct map by_path; /* canonical path -> index of list */
	VEC(struct unit) list;
	VEC(struct unit_socket) sockets;
};

/*
 * Reads a systemd unit once; its edges are added when it is part of the artifact. What is returned
 * is valid until the next unit is read.
 */
const struct unit *unit_read(struct units *units, const char *path);
/*
 * The unit of that name, as the service manager of the scope ("system" or "user") would find it;
 * near: a folder of units that is looked into first. NULL when there is none.
 */
const struct unit *unit_named(struct units *units, const char *name, const char *scope,
			      const char *near);

/* Where a file stands among those of its unit, drop-ins among them (unit_dropins.c). */
struct unit_place {
	bool dead; /* no effect: the unit is masked, or a file of its name stands before it */
	const char *const *later; /* canonical paths of the drop-ins that are read after it */
	size_t later_count;
};

void unit_place_find(struct units *units, const char *path, struct unit_place *ret);
/*
 * The file a service manager would read for a name, through links; false when there is none, and
 * when it is masked. near is a folder of a tree of its own, looked into first.
 */
bool unit_file_find(struct units *units, const char *name, const char *scope, const char *near,
		    const char **ret_path, bool *ret_masked);
/* Gives sockets their owners. */
void unit_sockets_publish(struct units *units);
void service_names_add(struct service_names *names, bool socket, const char *name, const char *path,
		       const char *file);

#endif
