/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/tool.h"

#include <stdarg.h>
#include <string.h>

static void print_options(const struct command *command, FILE *to)
{
	const struct option_row *row;

	fprintf(to, "\noptions:\n");
	for (size_t i = 0; (row = option_at(i)); i++) {
		char left[64];

		if (!(row->commands & command->bit))
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", row->letter ? '-' : ' ',
			 row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
			 row->argument ? " " : "", row->argument ? row->argument : "");
		if (strlen(left) > 26)
			fprintf(to, "  %s\n  %-26s  %s\n", left, "", row->help);
		else
			fprintf(to, "  %-26s  %s\n", left, row->help);
	}
}

static void print_formats(FILE *to)
{
	const char *name, *help;

	fprintf(to, "\nformats:\n");
	for (size_t i = 0; (name = elfleft_format(i, &help)); i++)
		fprintf(to, "  %-26s  %s\n", name, help);
}

void help_print(const struct command *command, FILE *to)
{
	const struct command *row;

	if (command && command->bit != FOR_HELP) {
		fprintf(to, "usage: elfleft %s [option ...] %s\n\n%s\n", command->name,
			command->arguments, command->help);
		print_options(command, to);
		if (command->bit & (FOR_REPORT | FOR_INDEX))
			print_formats(to);
		return;
	}
	fprintf(to, "usage: elfleft COMMAND [option ...] [argument ...]\n\n"
		    "Reads what shipped ELF binaries are made of and linked to.\n\ncommands:\n");
	for (size_t i = 0; (row = command_at(i)); i++)
		fprintf(to, "  %-26s  %s\n", row->name, row->help);
	fprintf(to,
		"\nelfleft COMMAND --help shows the options of a command. Exit status: 0 clean,\n"
		"1 findings, 2 trouble or incomplete, 3 usage. Evidence, not legal advice.\n");
}

int usage_error(const struct command *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "elfleft: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\ntry: elfleft %s%s--help\n", command ? command->name : "",
		command ? " " : "");
	return EXIT_USAGE;
}
