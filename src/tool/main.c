/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft: the command line over libelfleft. */
#include "tool/tool.h"

#include <string.h>

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct command *command;
	int status;

	if (argc < 2)
		return usage_error(NULL, "no command");
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("elfleft %s\n", elfleft_version());
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_print(NULL, stdout);
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
	}
	command = command_find(argv[1]);
	if (!command)
		return usage_error(NULL, "unknown command '%s'", argv[1]);
	arguments.context = elfleft_new();
	status = options_parse(command, argc - 1, argv + 1, &arguments);
	if (status < 0)
		status = command->run(&arguments);
	elfleft_free(arguments.context);
	return status;
}
