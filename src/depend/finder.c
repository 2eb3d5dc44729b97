/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/finder.h"

#include <errno.h>
#include <string.h>

bool finder_read(struct finder *finder, const char *path, uint64_t limit, struct arena *arena,
		 struct slice *ret)
{
	enum status status = root_read(finder->root, path, limit, arena, ret);

	if (status == STATUS_OK)
		return true;
	if (status == STATUS_LIMIT)
		diag_add(finder->diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "a text of more than %llu bytes", (unsigned long long)limit);
	else
		walk_report(finder->diags, path, status);
	return false;
}
