/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft scan: the main job. */
#include "tool/tool.h"

int run_scan(struct arguments *arguments, const char *name,
	     int (*function)(struct elfleft *context, struct elfleft_result **ret_result))
{
	struct elfleft_result *result;
	int status;

	for (size_t i = 0; i < arguments->operand_count; i++)
		if (elfleft_add_path(arguments->context, arguments->operands[i]) != ELFLEFT_OK)
			return usage_error(command_find(name), "an empty path");
	if (outputs_need_digests(arguments))
		elfleft_set(arguments->context, ELFLEFT_DIGESTS, "yes");
	default_index_use(arguments);
	if (outputs_need_texts(arguments))
		elfleft_set(arguments->context, ELFLEFT_TEXTS, "yes");
	progress_start(arguments);
	status = function(arguments->context, &result);
	progress_end();
	if (status != ELFLEFT_OK)
		return report_refusal(arguments, name, status);
	status = outputs_write(arguments, result);
	elfleft_result_free(result);
	return status;
}

int command_scan(struct arguments *arguments)
{
	return run_scan(arguments, "scan", elfleft_scan);
}
