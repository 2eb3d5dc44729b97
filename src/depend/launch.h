/* SPDX-License-Identifier: BSD-2-Clause */
/* What starting an image starts: its Entrypoint and Cmd (OCI image-spec, config.md). */
#ifndef DEPEND_LAUNCH_H
#define DEPEND_LAUNCH_H

#include "depend/finder.h"

struct launch {
	const char *from;	       /* what the edges start at: the configuration */
	const char *working_directory; /* NULL: "/" */
	/* As in the configuration, where a shell form is ["/bin/sh", "-c", LINE] already. */
	const char *const *entrypoint, *const *command;
	size_t entrypoint_count, command_count;
};

/* finder->commands holds the PATH of the configuration's Env. */
void launch_find(struct finder *finder, const struct launch *launch);

#endif
