/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft tree: what the loader would load for one file. */
#include "tool/tool.h"

int command_tree(struct arguments *arguments)
{
	struct elfleft_result *result;
	int status;

	if (arguments->operand_count != 1)
		return usage_error(command_find("tree"), "tree takes one file");
	if (elfleft_add_path(arguments->context, arguments->operands[0]) != ELFLEFT_OK)
		return usage_error(command_find("tree"), "an empty path");
	if (outputs_need_digests(arguments))
		elfleft_set(arguments->context, ELFLEFT_TRAIL, "yes");
	progress_start(arguments);
	status = elfleft_tree(arguments->context, &result);
	progress_end();
	if (status != ELFLEFT_OK)
		return report_failure("tree", status);
	status = outputs_write(arguments, result);
	elfleft_result_free(result);
	return status;
}
