/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs by name, as execvp(3) finds them, in a root.
 */
#ifndef DEPEND_COMMANDS_H
#define DEPEND_COMMANDS_H

#include "artifact/root.h"

/* What login(1), systemd and most images start with. */
#define COMMANDS_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct commands;

/* root is borrowed. path: directories between colons, NULL for COMMANDS_PATH. */
struct commands *commands_new(struct root *root, const char *path);
void commands_free(struct commands *commands);

/*
 * The canonical path of the executable regular file, or NULL. A name with a slash is taken as it
 * is; a relative one with a slash leads nowhere, since no working directory is known, and so does
 * one of /proc: what "/proc/self/exe" is here is the program that looks. The text lives as long as
 * commands.
 */
const char *commands_find(struct commands *commands, const char *name);

#endif
