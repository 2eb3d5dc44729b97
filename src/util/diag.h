/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Diagnostics: facts about input that somebody has to know. They are collected, never printed where
 * they arise; the report sorts and shows them. The catalogue is diag.def.
 */
#ifndef UTIL_DIAG_H
#define UTIL_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/status.h"
#include "util/vec.h"

enum diag_id {
#define DIAG(id, code, level, gap, text) DIAG_##id,
#include "util/diag.def"
#undef DIAG
	DIAG_COUNT
};

enum diag_level { DIAG_LEVEL_NOTE, DIAG_LEVEL_WARNING, DIAG_LEVEL_ERROR };

struct diag_info {
	const char *name, *code, *text;
	enum diag_level level;
	bool gap; /* something was left out: the run is incomplete */
};

#define DIAG_NO_OFFSET UINT64_MAX

struct diag {
	enum diag_id id;
	const char *file;    /* path inside the root; "" when it concerns no file */
	uint64_t offset;     /* in bytes from the start of the file, or DIAG_NO_OFFSET */
	const char *message; /* what exactly; "" when the catalogue text says it all */
};

struct diags {
	struct arena arena;
	VEC(struct diag) list;
};

void diags_init(struct diags *diags);
void diags_release(struct diags *diags);

const struct diag_info *diag_info(enum diag_id id);
const char *diag_level_text(enum diag_level level);

/* Records one diagnostic; file may be NULL. Exact repetitions are dropped by diags_sort(). */
void diag_add(struct diags *diags, enum diag_id id, const char *file, uint64_t offset,
	      const char *format, ...) printf_format(5, 6);

/* Orders by file, offset, code, message and removes repetitions, whatever order they came in. */
void diags_sort(struct diags *diags);

/* Whether any diagnostic says that something was left out. */
bool diags_incomplete(const struct diags *diags);

#endif
