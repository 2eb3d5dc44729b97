/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft verify: is this the unmodified build? */
#include "tool/tool.h"

#include <stdio.h>
#include <string.h>

int command_verify(struct arguments *arguments)
{
	const struct command *command = command_find("verify");
	struct elfleft_result *result;
	const char *verdict;
	int status;

	if (arguments->operand_count != 1 || !*arguments->operands[0])
		return usage_error(command, "verify takes one file, directory or archive");
	if (arguments->write_reference) {
		if (arguments->reference)
			return usage_error(command,
					   "--write-reference makes a reference, it takes none");
		progress_start(arguments);
		status = elfleft_reference(arguments->context, arguments->operands[0],
					   arguments->write_reference, &result);
	} else {
		if (!arguments->reference)
			return usage_error(command, "verify needs --reference");
		progress_start(arguments);
		status = elfleft_verify(arguments->context, arguments->reference,
					arguments->operands[0], &result);
	}
	progress_end();
	if (status != ELFLEFT_OK)
		return report_trouble(arguments, "verify", status);
	/* How large a manifest is, and what takes most of it. */
	if (arguments->write_reference && !arguments->quiet)
		fputs(elfleft_message(arguments->context), stdout);
	verdict = elfleft_result_verdict(result);
	status = arguments->write_reference && elfleft_result_complete(result)
		     ? EXIT_CLEAN
		     : outputs_write(arguments, result);
	if (status == EXIT_CLEAN && !arguments->write_reference &&
	    strcmp(verdict, "identical") != 0 && strcmp(verdict, "repackaged") != 0)
		status = EXIT_FINDINGS;
	elfleft_result_free(result);
	return status;
}
