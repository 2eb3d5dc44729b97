/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft help [COMMAND] */
#include "tool/tool.h"

int command_help(struct arguments *arguments)
{
	const struct command *command = NULL;

	if (arguments->operand_count > 1)
		return usage_error(command_find("help"), "help takes one command");
	if (arguments->operand_count) {
		command = command_find(arguments->operands[0]);
		if (!command)
			return usage_error(NULL, "unknown command '%s'", arguments->operands[0]);
	}
	help_print(command, stdout);
	return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
}
