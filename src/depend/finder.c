/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/finder.h"

#include <errno.h>
#include <string.h>

#include "util/budget.h"

bool finder_read(struct finder *finder, const char *path, struct arena *arena, struct slice *ret)
{
	enum status status = root_read(finder->root, path, BUDGET_SOURCE_FILE, arena, ret);

	if (status == STATUS_OK)
		return true;
	if (status == STATUS_LIMIT)
		diag_add(finder->diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "a text of more than %llu bytes", (unsigned long long)BUDGET_SOURCE_FILE);
	else
		walk_report(finder->diags, path, status);
	return false;
}
