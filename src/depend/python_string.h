/* SPDX-License-Identifier: BSD-2-Clause */
/* Python string literals: where they end, and what they stand for. */
#ifndef DEPEND_PYTHON_STRING_H
#define DEPEND_PYTHON_STRING_H

#include "util/slice.h"
#include "util/vec.h"

typedef VEC(char) python_text;

struct python_literal {
	size_t body, body_end; /* offsets of what is between the quotes */
	size_t end;	       /* offset behind the closing quotes */
	bool raw, formatted;
};

/*
 * at: offset of the opening quote; prefix: the letters before it. A literal without its end ends
 * at the end of its line, or of the text when it is triple-quoted.
 */
struct python_literal python_literal_at(struct slice text, size_t at, struct slice prefix);
/* Whether name, right before a quote, is a string prefix: r, b, u, f, t in any case, at most two.
 */
bool python_is_prefix(struct slice name);
/*
 * Appends the value of a literal that is not formatted. False for a value this does not work out:
 * named and Unicode escapes, and NUL, which no name of a library holds.
 */
bool python_append_value(struct slice body, bool raw, python_text *out);

#endif
