/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct diag_info infos[DIAG_COUNT] = {
#define DIAG(id, code, level, gap, text) {#id, code, text, DIAG_LEVEL_##level, gap},
#include "util/diag.def"
#undef DIAG
};

void diags_init(struct diags *diags)
{
	*diags = (struct diags){0};
	arena_init(&diags->arena);
}

void diags_release(struct diags *diags)
{
	vec_release(&diags->list);
	arena_release(&diags->arena);
}

const struct diag_info *diag_info(enum diag_id id)
{
	return &infos[(unsigned)id < DIAG_COUNT ? id : DIAG_WORKER_BAD_RECORD];
}

const char *diag_level_text(enum diag_level level)
{
	switch (level) {
	case DIAG_LEVEL_NOTE:
		return "note";
	case DIAG_LEVEL_WARNING:
		return "warning";
	case DIAG_LEVEL_ERROR:
		break;
	}
	return "error";
}

void diag_add(struct diags *diags, enum diag_id id, const char *file, uint64_t offset,
	      const char *format, ...)
{
	struct diag *diag = vec_add(&diags->list);
	va_list args;

	diag->id = id;
	diag->file = arena_strdup(&diags->arena, file ? file : "");
	diag->offset = offset;
	va_start(args, format);
	diag->message = arena_vprintf(&diags->arena, format, args);
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	const struct diag *left = a, *right = b;
	int order = strcmp(left->file, right->file);

	if (order)
		return order;
	/* DIAG_NO_OFFSET is the largest value; the whole file comes first. */
	if (left->offset + 1 != right->offset + 1)
		return left->offset + 1 < right->offset + 1 ? -1 : 1;
	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return strcmp(left->message, right->message);
}

void diags_sort(struct diags *diags)
{
	size_t kept = 0;

	if (!diags->list.len)
		return;
	qsort(diags->list.ptr, diags->list.len, sizeof(*diags->list.ptr), compare);
	for (size_t i = 1; i < diags->list.len; i++)
		if (compare(&diags->list.ptr[kept], &diags->list.ptr[i]) != 0)
			diags->list.ptr[++kept] = diags->list.ptr[i];
	diags->list.len = kept + 1;
}

bool diags_incomplete(const struct diags *diags)
{
	vec_each (diag, &diags->list)
		if (diag_info(diag->id)->gap)
			return true;
	return false;
}
