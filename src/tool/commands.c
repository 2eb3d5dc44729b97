/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/tool.h"

#include <string.h>

static const struct command commands[] = {
#define COMMAND(name, bit, arguments, help) {#name, bit, arguments, help, command_##name},
#include "tool/commands.def"
#undef COMMAND
};

static const struct option_row options[] = {
#define OPTION(id, letter, name, argument, commands, help) \
	{OPTION_##id, letter, name, argument, commands, help},
#include "tool/options.def"
#undef OPTION
};

const struct command *command_at(size_t index)
{
	return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

const struct option_row *option_at(size_t index)
{
	return index < OPTION_COUNT ? &options[index] : NULL;
}
