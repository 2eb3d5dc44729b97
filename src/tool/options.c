/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line, read by getopt_long over the table of options.def. */
#include "tool/tool.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define LONG_BASE 1000 /* getopt values of options: LONG_BASE + enum option_id */

struct parser {
	const struct command *command;
	char letters[2 * OPTION_COUNT + 2];
	struct option long_options[OPTION_COUNT + 1];
};

static void build_parser(const struct command *command, struct parser *parser)
{
	const struct option_row *row;
	size_t used = 0, letters = 0;

	*parser = (struct parser){.command = command};
	parser->letters[letters++] = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; (row = option_at(i)); i++) {
		if (!(row->commands & command->bit))
			continue;
		parser->long_options[used++] =
		    (struct option){row->name, row->argument ? required_argument : no_argument,
				    NULL, LONG_BASE + (int)row->id};
		if (!row->letter)
			continue;
		parser->letters[letters++] = row->letter;
		if (row->argument)
			parser->letters[letters++] = ':';
	}
}

static const struct option_row *row_of(int value)
{
	const struct option_row *row;

	if (value >= LONG_BASE)
		return option_at((size_t)(value - LONG_BASE));
	for (size_t i = 0; (row = option_at(i)); i++)
		if (row->letter == value)
			return row;
	return NULL;
}

static bool known_format(const char *name)
{
	const char *format;

	for (size_t i = 0; (format = elfleft_format(i, NULL)); i++)
		if (strcmp(format, name) == 0)
			return true;
	return false;
}

static int add_format(struct parser *parser, struct arguments *arguments, char *value)
{
	char *equals = strchr(value, '=');

	if (equals)
		*equals++ = '\0';
	if (!known_format(value))
		return usage_error(parser->command, "unknown format '%s'", value);
	if (arguments->output_count == OUTPUTS_MAX)
		return usage_error(parser->command, "more than %d reports", OUTPUTS_MAX);
	arguments->outputs[arguments->output_count++] = (struct output){value, equals};
	return -1;
}

static int set_context(struct parser *parser, struct arguments *arguments,
		       enum elfleft_option option, const struct option_row *row, const char *value)
{
	if (elfleft_set(arguments->context, option, value) == ELFLEFT_OK)
		return -1;
	return usage_error(parser->command, "'%s' is no value for --%s (%s)", value, row->name,
			   row->help);
}

static int set_colour(struct parser *parser, struct arguments *arguments, const char *value)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
	    strcmp(value, "never") != 0)
		return usage_error(parser->command, "--color is auto, always or never");
	arguments->colour = value;
	return -1;
}

/* Options of elfleft index alone. */
static int apply_index(struct parser *parser, struct arguments *arguments,
		       const struct option_row *row, char *value)
{
	static const enum elfleft_option options[OPTION_COUNT] = {
	    [OPTION_COMPONENT] = ELFLEFT_COMPONENT,
	    [OPTION_COMPONENT_VERSION] = ELFLEFT_COMPONENT_VERSION,
	    [OPTION_LICENCE] = ELFLEFT_LICENCE,
	    [OPTION_MANIFEST] = ELFLEFT_MANIFEST,
	    [OPTION_KEEP] = ELFLEFT_KEEP,
	};

	if (row->id == OPTION_MAKE_REFERENCE) {
		arguments->make_reference = true;
		return -1;
	}
	if (row->id == OPTION_MANIFEST)
		arguments->manifest = value;
	return set_context(parser, arguments, options[row->id], row, value);
}

static int apply(struct parser *parser, struct arguments *arguments, const struct option_row *row,
		 char *value)
{
	switch (row->id) {
	case OPTION_FORMAT:
		return add_format(parser, arguments, value);
	case OPTION_OUTPUT:
		arguments->output_file = value;
		return -1;
	case OPTION_ROOT:
		return set_context(parser, arguments, ELFLEFT_ROOT, row, value);
	case OPTION_CPU:
		return set_context(parser, arguments, ELFLEFT_CPU, row, value);
	case OPTION_LIBRARY_PATH:
		return set_context(parser, arguments, ELFLEFT_LIBRARY_PATH, row, value);
	case OPTION_PRELOAD:
		return set_context(parser, arguments, ELFLEFT_PRELOAD, row, value);
	case OPTION_JOBS:
		return set_context(parser, arguments, ELFLEFT_JOBS, row, value);
	case OPTION_NO_BINDINGS:
		return set_context(parser, arguments, ELFLEFT_BINDINGS, row, "no");
	case OPTION_DATA:
		arguments->data = value;
		return set_context(parser, arguments, ELFLEFT_DATA, row, value);
	case OPTION_DISTRIBUTION:
		return set_context(parser, arguments, ELFLEFT_DISTRIBUTION, row, value);
	case OPTION_SYSTEM_LIBS:
		return set_context(parser, arguments, ELFLEFT_SYSTEM_LIBS, row, value);
	case OPTION_UNUSED_NEEDED:
		return set_context(parser, arguments, ELFLEFT_UNUSED_NEEDED, row, value);
	case OPTION_POLICY:
		return set_context(parser, arguments, ELFLEFT_POLICY, row, value);
	case OPTION_BASELINE:
		return set_context(parser, arguments, ELFLEFT_BASELINE, row, value);
	case OPTION_REFERENCE:
		arguments->reference = value;
		return set_context(parser, arguments, ELFLEFT_REFERENCE, row, value);
	case OPTION_WRITE_REFERENCE:
		arguments->write_reference = value;
		return -1;
	case OPTION_FAIL_ON:
		if (elfleft_set(arguments->context, ELFLEFT_FAIL_ON, value) == ELFLEFT_OK)
			return -1;
		return usage_error(parser->command, "'%s' is no outcome", value);
	case OPTION_TIERS:
		return set_context(parser, arguments, ELFLEFT_TIERS, row, value);
	case OPTION_INDEX:
		arguments->has_index = true;
		return set_context(parser, arguments, ELFLEFT_INDEX, row, value);
	case OPTION_COMPONENT:
	case OPTION_COMPONENT_VERSION:
	case OPTION_LICENCE:
	case OPTION_MANIFEST:
	case OPTION_KEEP:
	case OPTION_MAKE_REFERENCE:
		return apply_index(parser, arguments, row, value);
	case OPTION_COLOUR:
		return set_colour(parser, arguments, value);
	case OPTION_NO_PROGRESS:
		arguments->no_progress = true;
		return -1;
	case OPTION_QUIET:
		arguments->quiet = true;
		return -1;
	case OPTION_VERBOSE:
		arguments->verbose = true;
		return set_context(parser, arguments, ELFLEFT_TRAIL, row, "yes");
	case OPTION_HELP:
		help_print(parser->command, stdout);
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
	case OPTION_VERSION:
		printf("elfleft %s\n", elfleft_version());
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
	case OPTION_COUNT:
		break;
	}
	return EXIT_USAGE;
}

/* A report without a file of its own goes to -o, or to the standard output: at most one does. */
static int settle_outputs(struct parser *parser, struct arguments *arguments)
{
	size_t without_file = 0;

	if (!arguments->output_count)
		arguments->outputs[arguments->output_count++] = (struct output){"text", NULL};
	/* -o is no report there, but the index. */
	if (parser->command->bit == FOR_INDEX)
		return -1;
	for (size_t i = 0; i < arguments->output_count; i++) {
		if (arguments->outputs[i].file)
			continue;
		without_file++;
		arguments->outputs[i].file = arguments->output_file;
	}
	if (without_file > 1)
		return usage_error(parser->command,
				   "only one report can go to %s; give the others a file: -f "
				   "FORMAT=FILE",
				   arguments->output_file ? arguments->output_file
							  : "the standard output");
	if (!without_file && arguments->output_file)
		return usage_error(parser->command, "-o has no report to write");
	return -1;
}

int options_parse(const struct command *command, int argc, char **argv,
		  struct arguments *ret_arguments)
{
	struct parser parser;
	int value, status = -1;

	build_parser(command, &parser);
	optind = 1;
	opterr = 0;
	while (status < 0 &&
	       (value = getopt_long(argc, argv, parser.letters, parser.long_options, NULL)) != -1) {
		const struct option_row *row = row_of(value);

		if (value == ':')
			status = usage_error(command, "%s needs an argument", argv[optind - 1]);
		else if (value == '?' || !row)
			status = usage_error(command, "unknown option %s", argv[optind - 1]);
		else
			status = apply(&parser, ret_arguments, row, optarg);
	}
	if (status >= 0)
		return status;
	ret_arguments->operands = argv + optind;
	ret_arguments->operand_count = (size_t)(argc - optind);
	return settle_outputs(&parser, ret_arguments);
}
