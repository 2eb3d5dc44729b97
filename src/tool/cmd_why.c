/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft why: how one end reaches the other. */
#include "tool/tool.h"

#include <string.h>

int command_why(struct arguments *arguments)
{
	struct elfleft_result *result;
	size_t first = 2, end = arguments->operand_count;
	int status;

	if (arguments->operand_count < 2)
		return usage_error(command_find("why"), "why takes two ends: FROM and TO");
	/* Without paths of its own, a FROM that is a path is the artifact. */
	if (arguments->operand_count == 2 && strchr(arguments->operands[0], '/')) {
		first = 0;
		end = 1;
	}
	for (size_t i = first; i < end; i++)
		if (elfleft_add_path(arguments->context, arguments->operands[i]) != ELFLEFT_OK)
			return usage_error(command_find("why"), "an empty path");
	default_index_use(arguments);
	progress_start(arguments);
	status = elfleft_why(arguments->context, arguments->operands[0], arguments->operands[1],
			     &result);
	progress_end();
	if (status != ELFLEFT_OK)
		return report_refusal(arguments, "why", status);
	status = outputs_write(arguments, result);
	elfleft_result_free(result);
	return status;
}
