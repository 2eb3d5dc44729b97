/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Import statements and calls that load libraries, modules or plugins, in the text of one Python
 * module. Nothing is evaluated: an argument counts when it is a literal.
 */
#ifndef DEPEND_PYTHON_SOURCE_H
#define DEPEND_PYTHON_SOURCE_H

#include <stdbool.h>

#include "util/arena.h"

/* What a statement is inside of: it may never be executed. */
enum python_condition {
	PYTHON_IN_FUNCTION = 1u << 0,
	PYTHON_IN_TRY = 1u << 1,
	PYTHON_IN_BRANCH = 1u << 2,	/* if, for, while, match and their like */
	PYTHON_TYPE_CHECKING = 1u << 3, /* "if TYPE_CHECKING:", which no interpreter enters */
	PYTHON_ELSEWHERE = 1u << 4,	/* "if sys.platform == 'darwin':" and its like */
};

struct python_import {
	const char *module;	  /* "a.b"; "" in "from . import x" */
	const char *const *names; /* of "from"; "*" too */
	size_t name_count;	  /* 0: "import module" */
	uint32_t level;		  /* leading dots */
	uint32_t line;
	unsigned conditions;
};

enum python_call_kind {
	PYTHON_CALL_LIBRARY, /* CDLL, PyDLL, LoadLibrary, find_library, dlopen */
	PYTHON_CALL_MODULE,  /* import_module, __import__ */
	PYTHON_CALL_GROUP, /* entry_points and its like: the argument is a group of entry points */
};

struct python_call {
	enum python_call_kind kind;
	const char *function;
	const char *object;   /* the name before its dot; "" */
	const char *argument; /* NULL when it is no literal */
	bool nothing;	      /* None or no argument: it asks for no library */
	bool nested;	      /* the argument is another such call, which comes next */
	bool printed;	      /* print() shows its result */
	uint32_t line;
	unsigned conditions;
};

struct python_visitor {
	void (*import)(void *context, const struct python_import *import);
	void (*call)(void *context, const struct python_call *call);
	void *context;
};

/* Texts given to the visitor live in the arena. */
void python_source_visit(struct slice text, struct arena *arena,
			 const struct python_visitor *visitor);

#endif
