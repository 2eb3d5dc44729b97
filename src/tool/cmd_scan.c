/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft scan: the main job. */
#include "tool/tool.h"

int command_scan(struct arguments *arguments)
{
	struct elfleft_result *result;
	int status;

	for (size_t i = 0; i < arguments->operand_count; i++)
		if (elfleft_add_path(arguments->context, arguments->operands[i]) != ELFLEFT_OK)
			return usage_error(command_find("scan"), "an empty path");
	if (outputs_need_digests(arguments))
		elfleft_set(arguments->context, ELFLEFT_DIGESTS, "yes");
	default_index_use(arguments);
	progress_start(arguments);
	status = elfleft_scan(arguments->context, &result);
	progress_end();
	if (status != ELFLEFT_OK)
		return report_failure("scan", status);
	status = outputs_write(arguments, result);
	elfleft_result_free(result);
	return status;
}
