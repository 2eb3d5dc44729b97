/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft check: the release gate. */
#include "tool/tool.h"

int command_check(struct arguments *arguments)
{
	return run_scan(arguments, "check", elfleft_check);
}
