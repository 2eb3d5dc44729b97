/* SPDX-License-Identifier: BSD-2-Clause */
/* Splits the text of a command line into words, quotes and escapes taken away. */
#ifndef DEPEND_WORDS_H
#define DEPEND_WORDS_H

#include "util/arena.h"
#include "util/vec.h"

struct word {
	const char *text;
	bool literal; /* the text is what the program will see: nothing is put in at run time */
};

typedef VEC(struct word) word_list;

enum words_dialect {
	WORDS_SHELL, /* quotes of sh(1) and no more of it, as GLib and D-Bus read command lines */
	WORDS_UNIT,  /* systemd.syntax(7), "Quoting": C escapes everywhere */
};

/*
 * Takes the next word off *rest. STATUS_END when only separators are left; STATUS_FORMAT for a
 * quote without its partner.
 */
enum status words_next(struct slice *rest, enum words_dialect dialect, struct arena *arena,
		       const char **ret) must_check;

#endif
