/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft index: makes indexes of fingerprints, and shows what is in them. */
#include "tool/tool.h"

#include <string.h>

static int add_paths(struct arguments *arguments, size_t first)
{
	for (size_t i = first; i < arguments->operand_count; i++)
		if (elfleft_add_path(arguments->context, arguments->operands[i]) != ELFLEFT_OK)
			return usage_error(command_find("index"), "an empty path");
	return -1;
}

static int finish(struct arguments *arguments, int status, struct elfleft_result *result)
{
	progress_end();
	if (status != ELFLEFT_OK)
		return report_failure("index", status);
	status = outputs_write(arguments, result);
	elfleft_result_free(result);
	return status;
}

/* What is wrong with the input is reported; without trouble there is nothing to say. */
static int build_reference(struct arguments *arguments)
{
	struct elfleft_result *result = NULL;
	int status;

	if (arguments->operand_count < 2 || arguments->manifest)
		return usage_error(command_find("index"), "index build --reference takes files, "
							  "directories or archives");
	progress_start(arguments);
	status = elfleft_reference(arguments->context, NULL, arguments->output_file, &result);
	progress_end();
	if (status != ELFLEFT_OK)
		return report_trouble(arguments, "index", status);
	if (!elfleft_result_complete(result))
		return finish(arguments, status, result);
	/* How large it is, and what takes most of it. */
	if (!arguments->quiet)
		fputs(elfleft_message(arguments->context), stdout);
	elfleft_result_free(result);
	return EXIT_CLEAN;
}

static int build(struct arguments *arguments)
{
	struct elfleft_result *result = NULL;
	int status = add_paths(arguments, 1);

	if (status >= 0)
		return status;
	if (!arguments->output_file)
		return usage_error(command_find("index"), "index build needs -o FILE");
	if (arguments->make_reference)
		return build_reference(arguments);
	if (arguments->operand_count < 2 && !arguments->manifest)
		return usage_error(command_find("index"),
				   "index build takes files, or --manifest FILE");
	progress_start(arguments);
	status = elfleft_index_build(arguments->context, arguments->output_file, &result);
	return finish(arguments, status, result);
}

static int show(struct arguments *arguments, bool members)
{
	struct elfleft_result *result = NULL;
	int status = add_paths(arguments, 1);

	if (status >= 0)
		return status;
	if (arguments->make_reference)
		return usage_error(command_find("index"), "--reference is of index build");
	if (arguments->operand_count < 2)
		return usage_error(command_find("index"), "index %s takes index files",
				   arguments->operands[0]);
	if (arguments->output_file)
		return usage_error(command_find("index"), "-o names the index to build; for a "
							  "report in a file say -f text=FILE");
	status = elfleft_index_show(arguments->context, members, &result);
	return finish(arguments, status, result);
}

int command_index(struct arguments *arguments)
{
	const char *what = arguments->operand_count ? arguments->operands[0] : "";

	if (strcmp(what, "build") == 0)
		return build(arguments);
	if (strcmp(what, "list") == 0)
		return show(arguments, false);
	if (strcmp(what, "show") == 0)
		return show(arguments, true);
	return usage_error(command_find("index"), "name one of build, list, show");
}
