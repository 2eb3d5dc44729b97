/* SPDX-License-Identifier: BSD-2-Clause */
/* Where reports go, and in which dress. */
#include "tool/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int report_failure(const char *what, int status)
{
	const char *why =
	    status == ELFLEFT_ERROR_IO && errno ? strerror(errno) : elfleft_status_text(status);

	fprintf(stderr, "elfleft: %s: %s\n", what, why);
	return status == ELFLEFT_ERROR_USAGE ? EXIT_USAGE : EXIT_TROUBLE;
}

int report_trouble(const struct arguments *arguments, const char *what, int status)
{
	if (!*elfleft_message(arguments->context))
		return report_failure(what, status);
	fprintf(stderr, "elfleft: %s", elfleft_message(arguments->context));
	return status == ELFLEFT_ERROR_USAGE ? EXIT_USAGE : EXIT_TROUBLE;
}

int report_refusal(const struct arguments *arguments, const char *what, int status)
{
	if (status != ELFLEFT_ERROR_USAGE || !*elfleft_message(arguments->context))
		return report_failure(what, status);
	fputs(elfleft_message(arguments->context), stderr);
	return EXIT_USAGE;
}

bool outputs_need_texts(const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->output_count; i++)
		if (strcmp(arguments->outputs[i].format, "notice") == 0)
			return true;
	return false;
}

bool outputs_need_digests(const struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->output_count; i++)
		if (strcmp(arguments->outputs[i].format, "text") != 0)
			return true;
	return false;
}

/* Option over NO_COLOR over CLICOLOR_FORCE over CLICOLOR and TERM over being a terminal. */
static bool want_colour(const struct arguments *arguments, FILE *to)
{
	const char *value;

	if (arguments->colour && strcmp(arguments->colour, "auto") != 0)
		return strcmp(arguments->colour, "always") == 0;
	if ((value = getenv("NO_COLOR")) && value[0])
		return false;
	if ((value = getenv("CLICOLOR_FORCE")) && value[0] && strcmp(value, "0") != 0)
		return true;
	if ((value = getenv("CLICOLOR")) && strcmp(value, "0") == 0)
		return false;
	if ((value = getenv("TERM")) && strcmp(value, "dumb") == 0)
		return false;
	return isatty(fileno(to));
}

static unsigned terminal_width(FILE *to)
{
	struct winsize size;

	if (!isatty(fileno(to)) || ioctl(fileno(to), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static bool write_file(void *user, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, user) == size;
}

static int write_output(const struct arguments *arguments, const struct output *output,
			const struct elfleft_result *result)
{
	bool to_stdout = !output->file || strcmp(output->file, "-") == 0;
	FILE *to = to_stdout ? stdout : fopen(output->file, "we");
	const char *name = to_stdout ? "standard output" : output->file;
	struct elfleft_report_options options = {.verbose = arguments->verbose};
	int status;

	if (!to)
		return report_failure(name, ELFLEFT_ERROR_IO);
	options.colour = want_colour(arguments, to);
	options.width = terminal_width(to);
	status = elfleft_result_write(result, output->format, &options, write_file, to);
	if ((to_stdout ? fflush(to) : fclose(to)) != 0 && status == ELFLEFT_OK)
		status = ELFLEFT_ERROR_IO;
	return status == ELFLEFT_OK ? EXIT_CLEAN : report_failure(name, status);
}

int outputs_write(const struct arguments *arguments, const struct elfleft_result *result)
{
	for (size_t i = 0; i < arguments->output_count; i++) {
		int status = write_output(arguments, &arguments->outputs[i], result);
		if (status != EXIT_CLEAN)
			return status;
	}
	if (elfleft_result_complete(result))
		return elfleft_result_failed(result) ? EXIT_FINDINGS : EXIT_CLEAN;
	if (!arguments->quiet)
		fprintf(stderr, "elfleft: incomplete: see the diagnostics of the report\n");
	return EXIT_TROUBLE;
}
