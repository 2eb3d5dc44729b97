/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that entries of archives become. Private to container*.c. */
#ifndef ARTIFACT_CONTAINER_WRITE_H
#define ARTIFACT_CONTAINER_WRITE_H

#include <sys/types.h>

#include "artifact/container.h"
#include "artifact/container_internal.h"
#include "util/map.h"
#include "util/vec.h"

/* Made when all archives were read: until then no path leads through one. */
struct container_link {
	const char *path, *target;
	const char *display; /* of its archive */
	bool hard;
};

struct container {
	struct arena arena;
	enum container_format format;
	const char *display, *type;
	char *directory;
	int directory_fd, keeper_fd;
	pid_t keeper;
	struct diags *diags;
	/* While it is unpacked. */
	int file; /* the file being written, or -1 */
	const char *file_path;
	int earlier;		    /* the file of an earlier archive that it replaces, or -1 */
	bool several;		    /* archives */
	bool differs;		    /* from that */
	uint32_t archive;	    /* number of the archive at hand */
	struct map archive_by_path; /* of files */
	const struct container_visitor *visitor; /* takes files instead; NULL: they are written */
	bool visiting;				 /* it wants what comes */
	uint64_t archive_size, entries, bytes;	 /* of all archives so far */
	bool stopped;				 /* a limit was reached or the disk is full */
	VEC(struct container_link) links;
	struct map directories; /* those that were made */
	struct map members;	/* of a static library: name -> how often it came */
};

void container_skipped(struct container *container, const char *path, const char *why);
void container_stop(struct container *container, enum diag_id id, const char *why);
void container_write_failed(struct container *container, const char *path);
/*
 * "./a//b" becomes "a/b"; NULL for a name that is absolute, has "..", or is nothing. Tar files of
 * packages begin names with "./", those of images with "/": only the former is taken.
 */
char *container_clean_path(struct container *container, const char *path);
/* Makes a directory and those above it. */
bool container_make_directory(struct container *container, const char *path);
void container_begin_file(struct container *container, const char *path, mode_t mode);
void container_write_data(struct container *container, const uint8_t *bytes, size_t size);
void container_end_file(struct container *container);
void container_keep_link(struct container *container, const char *path, const char *target,
			 bool hard);
/* Those of all archives, at the end. */
void container_make_links(struct container *container);

#endif
