/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that run another program named in their own arguments. */
#ifndef DEPEND_COMMAND_WRAPPERS_H
#define DEPEND_COMMAND_WRAPPERS_H

#include "depend/words.h"

enum wrapper_result {
	WRAPPER_NONE,	 /* it is no wrapper, or it is given no program */
	WRAPPER_PROGRAM, /* words[*ret_at] is the program */
	WRAPPER_SHELL,	 /* words[*ret_at] is a shell text */
	WRAPPER_SCRIPT,	 /* words[*ret_at] is the script an interpreter reads */
	WRAPPER_UNKNOWN, /* an option that this table does not know */
};

/* What words[0], whose last path component is name, does with the rest. */
enum wrapper_result command_wrapper(const char *name, const struct word *words, size_t count,
				    size_t *ret_at);
/*
 * Whether env, words[0], is given -S: then *ret_text is the text it splits into words, which take
 * the place of all words before *ret_at.
 */
bool command_env_split(const struct word *words, size_t count, const char **ret_text,
		       size_t *ret_at);
/* Whether a program of this name reads scripts: a shell, Python, Perl, ... */
bool command_is_interpreter(const char *name);

#endif
