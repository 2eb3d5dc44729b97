/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds view_verify.h; see view_build.h. */
#ifndef REPORT_VIEW_VERIFY_BUILD_H
#define REPORT_VIEW_VERIFY_BUILD_H

#include "evidence/verify.h"
#include "report/view_build.h"
#include "report/view_verify.h"

struct view_verify_input {
	const char *reference, *suspect; /* as the user wrote them */
	enum verify_verdict verdict;
	const struct view_verify_file *files;
	size_t file_count;
	uint64_t summary[VERIFY_VERDICT_COUNT];
	struct diags *diags; /* gets sorted */
};

/* One file's view, which borrows nothing from it. */
void view_verify_file(const struct verify_file *file, struct arena *arena,
		      struct view_verify_file *ret);
const struct view_verify *view_verify_build(const struct view_verify_input *input,
					    struct arena *arena);

#endif
