/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text files of an artifact that can start or load something, told by name and first bytes
 * alone. What they say is read later, by who asks for it.
 */
#ifndef ARTIFACT_TEXTS_H
#define ARTIFACT_TEXTS_H

#include "artifact/walk.h"
#include "util/vec.h"

/* A file can be of several kinds. */
enum text_kind {
	TEXT_SCRIPT = 1u << 0,	     /* begins with "#!" */
	TEXT_PYTHON = 1u << 1,	     /* *.py */
	TEXT_DISTRIBUTION = 1u << 2, /* METADATA or PKG-INFO of a Python distribution */
	TEXT_UNIT = 1u << 3,	     /* systemd service or socket, or a drop-in of one */
	TEXT_DESKTOP = 1u << 4,	     /* *.desktop */
	TEXT_BUS_SERVICE = 1u << 5,  /* D-Bus service */
};

struct text_file {
	const char *path; /* canonical */
	unsigned kinds;	  /* of 1u << ... above */
	bool executable;  /* some execute bit of its mode is set */
	struct slice
	    start; /* of a script: its first line with the newline, or WALK_HEAD_SIZE bytes */
};

struct texts {
	struct arena arena;
	VEC(struct text_file) files; /* sorted by path, each once */
};

void texts_init(struct texts *texts);
void texts_release(struct texts *texts);

/* Takes the file if it is of one of the kinds. */
bool texts_offer(struct texts *texts, const struct walk_file *file);
/* Sorts and removes repetitions; to be called once. */
void texts_finish(struct texts *texts);
/* By canonical path, after texts_finish(); NULL. */
const struct text_file *texts_find(const struct texts *texts, const char *path);

/* The kinds a canonical path alone tells; 0: none. */
unsigned texts_kinds_of_path(const char *path);

#endif
