/* SPDX-License-Identifier: BSD-2-Clause */
/* What the child that reads an archive says to the process that writes files. Private. */
#ifndef ARTIFACT_CONTAINER_INTERNAL_H
#define ARTIFACT_CONTAINER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/diag.h"

enum container_format {
	CONTAINER_NONE,
	CONTAINER_ZIP,
	CONTAINER_TAR,
	CONTAINER_DEB,
	CONTAINER_ARCHIVE, /* a static library */
};

/* In a pipe: one of these, then size bytes. Texts of two parts are divided by a NUL. */
enum container_frame_kind {
	CONTAINER_FRAME_DIRECTORY = 1, /* path */
	CONTAINER_FRAME_FILE,	       /* path; its content follows as DATA */
	CONTAINER_FRAME_DATA,
	CONTAINER_FRAME_SYMLINK,  /* path, target */
	CONTAINER_FRAME_HARDLINK, /* path, path of the other */
	CONTAINER_FRAME_SKIPPED,  /* path, why */
	CONTAINER_FRAME_BROKEN,	  /* why: the rest could not be read */
	CONTAINER_FRAME_END,
};

#define CONTAINER_FRAME_SIZE (UINT32_C(1) << 18) /* largest payload */

struct container_frame {
	uint32_t kind, mode, size, reserved;
};

/* Loads libarchive; before the sandbox is entered. */
void container_prepare(void);

/*
 * Reads the archive behind archive_fd and writes its frames, in this very process. control: of a
 * Debian package, files about it come too, below CONTAINER_CONTROL.
 */
void container_send(int archive_fd, int frames_fd, uint64_t archive_size,
		    enum container_format format, bool control);
/* Makes what frames say below a directory that is there; false when they end early. */
bool container_take(const char *directory, int frames_fd, uint64_t archive_size,
		    enum container_format format, struct diags *diags);

/* The child's life: reads the archive behind archive_fd, writes frames to frames_fd. */
_Noreturn void container_child(int archive_fd, int frames_fd, enum container_format format,
			       bool control);

/*
 * Starts the process that makes a directory, as mkdtemp(3) does of the template, and removes it
 * once the descriptor given back is closed. -1 with errno.
 */
int container_keeper(char *template, pid_t *ret_pid);

#endif
