/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of functions whose calls are looked at or whose effect is known. */
#ifndef BINARY_CALLS_H
#define BINARY_CALLS_H

#include "binary/facts.h"

enum call_effect {
	EFFECT_PURE,		    /* writes no memory that names are read from */
	EFFECT_STOP,		    /* does not return */
	EFFECT_FORMAT,		    /* buffer a = format b and the arguments after it; size c */
	EFFECT_FORMAT_POINTER,	    /* the pointer at a becomes such a text */
	EFFECT_FORMAT_RESULT,	    /* such a text is returned */
	EFFECT_FORMAT_LIST,	    /* buffer a = format b and a va_list, size c */
	EFFECT_FORMAT_LIST_POINTER, /* the pointer at a becomes such a text */
	EFFECT_COPY,		    /* text b into buffer a of size c; returns a */
	EFFECT_COPY_END,	    /* the same; returns its end */
	EFFECT_APPEND,		    /* text b behind the text in a; returns a */
	EFFECT_COPY_BYTES,	    /* c bytes of b into a; returns a */
	EFFECT_FILL,		    /* c bytes of a become b; returns a */
	EFFECT_CLEAR,		    /* c bytes of a become 0 */
	EFFECT_DUPLICATE,	    /* returns a copy of text a */
	EFFECT_CONCATENATE,	    /* returns the texts from a to a null pointer as one */
	EFFECT_BUILD_PATH,	    /* the same with slashes between them */
	EFFECT_ENVIRONMENT,	    /* returns the value of environment variable a */
	EFFECT_STRING,		    /* std::string a is made of text b */
	EFFECT_LENGTH,		    /* returns the length of text a */
	EFFECT_WRITE,		    /* b bytes at a change; 0: the whole object */
};

struct call_row {
	const char *name;
	int8_t kind; /* enum facts_call_kind; -1: only the effect is known */
	int8_t argument, vector, list;
	uint8_t effect; /* enum call_effect */
	int8_t a, c;
	int16_t b;
	uint64_t text; /* address of a format that is no argument, 0: none */
};

/* The row for a function name, or NULL. */
const struct call_row *call_row_find(struct slice name);

static inline bool call_row_makes_edge(const struct call_row *row)
{
	return row && row->kind >= 0;
}

#endif
