/* SPDX-License-Identifier: BSD-2-Clause */
/* elfleft verify for people: the verdict, then what speaks against it, file by file. */
#include <inttypes.h>
#include <string.h>

#include "report/text.h"
#include "report/view_verify.h"

#define FUNCTIONS_SHOWN 20
#define FILES_SHOWN 40
#define CHANGES_SHOWN 12

static enum text_colour verdict_colour(const char *verdict)
{
	if (strcmp(verdict, "identical") == 0)
		return TEXT_GREEN;
	return strcmp(verdict, "repackaged") == 0 ? TEXT_CYAN : TEXT_RED;
}

static void write_function(const struct text *text, const struct view_verify_function *function)
{
	const char *name = function->demangled ? function->demangled
			   : *function->name   ? function->name
					       : "(no name)";
	struct text_fold fold;

	sink_text(text->sink, "        ");
	text_fold_begin(&fold, text, 8, 10);
	text_fold_unit(&fold, TEXT_YELLOW, function->status, "");
	if (function->has_reference)
		text_fold_printf(&fold, "%#" PRIx64, function->reference_address);
	if (function->has_suspect &&
	    (!function->has_reference || function->address != function->reference_address))
		text_fold_printf(&fold, "%s%#" PRIx64, function->has_reference ? "-> " : "",
				 function->address);
	text_fold_start(&fold, name, 160, function->operator? ":" : "");
	if (function->operator)
		text_fold_words(&fold, function->operator, "");
	text_fold_end(&fold);
}

static void write_functions(const struct text *text, const struct view_verify_file *file)
{
	size_t shown = text->options->verbose ? file->function_count : FUNCTIONS_SHOWN;
	struct text_fold fold;
	bool first = true;

	if (!file->has_functions)
		return;
	text_field_begin(&fold, text, "functions");
	text_fold_printf(&fold, "%" PRIu64 " in the reference:", file->function_total);
	for (size_t i = 0; i < VIEW_VERIFY_STATUSES; i++) {
		if (!file->counts[i].value)
			continue;
		text_fold_printf(&fold, "%s%" PRIu64 " %s", first ? "" : "| ",
				 file->counts[i].value, file->counts[i].name);
		first = false;
	}
	if (file->bytes)
		text_fold_printf(&fold, "(%.2f %% of the code bytes found again)",
				 (double)file->bytes_same * 100 / (double)file->bytes);
	text_fold_end(&fold);
	for (size_t i = 0; i < file->function_count && i < shown; i++)
		write_function(text, &file->functions[i]);
	if (file->function_count > shown)
		text_more(text, "        ", file->function_count - shown);
}

static void write_kernels(const struct text *text, const struct view_verify_file *file)
{
	size_t shown = text->options->verbose ? file->kernel_count : FUNCTIONS_SHOWN;
	struct text_fold fold;

	if (!file->has_kernels)
		return;
	text_field_begin(&fold, text, "kernels");
	for (size_t i = 0; i < sizeof(file->kernel_counts) / sizeof(file->kernel_counts[0]); i++)
		if (file->kernel_counts[i].value)
			text_fold_printf(&fold, "%" PRIu64 " %s", file->kernel_counts[i].value,
					 file->kernel_counts[i].name);
	text_fold_end(&fold);
	for (size_t i = 0; i < file->kernel_count && i < shown; i++) {
		const struct view_verify_kernel *kernel = &file->kernels[i];

		sink_text(text->sink, "        ");
		text_fold_begin(&fold, text, 8, 10);
		text_fold_unit(&fold, TEXT_YELLOW, kernel->status, "");
		text_fold_unit(&fold, TEXT_PLAIN, kernel->arch, "");
		text_fold_start(&fold, kernel->demangled ? kernel->demangled : kernel->name, 160,
				"");
		text_fold_end(&fold);
	}
	if (file->kernel_count > shown)
		text_more(text, "        ", file->kernel_count - shown);
}

static void write_file(const struct text *text, const struct view_verify_file *file)
{
	struct text_fold fold;
	size_t shown = text->options->verbose ? file->change_count : CHANGES_SHOWN;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, verdict_colour(file->verdict), file->verdict, ":");
	text_fold_unit(&fold, TEXT_BOLD, file->path ? file->path : file->reference_path, "");
	if (file->path && file->reference_path && strcmp(file->path, file->reference_path) != 0) {
		text_fold_printf(&fold, "against");
		text_fold_unit(&fold, TEXT_PLAIN, file->reference_path, "");
	}
	text_fold_end(&fold);
	if (*file->reason)
		text_field(text, "because", file->reason);
	for (size_t i = 0; i < file->part_count; i++) {
		if (file->parts[i].equal)
			continue;
		text_field_begin(&fold, text, "differs");
		text_fold_unit(&fold, TEXT_PLAIN, file->parts[i].name, "");
		text_fold_printf(&fold, "(%s):", file->parts[i].role);
		text_fold_words(&fold, file->parts[i].detail, "");
		text_fold_end(&fold);
	}
	for (size_t i = 0; i < file->change_count && i < shown; i++)
		text_field(text, "packaging", file->changes[i]);
	if (file->change_count > shown)
		text_more(text, "      ", file->change_count - shown);
	write_functions(text, file);
	write_kernels(text, file);
	for (size_t i = 0; i < file->toolchain_count; i++)
		text_field(text, "toolchain", file->toolchains[i]);
}

void text_verify(const struct view_verify *view, const struct report_options *options,
		 struct sink *sink)
{
	struct text text = {sink, options};
	struct text_fold fold;
	size_t shown = 0, hidden = 0;

	text_fold_begin(&fold, &text, 0, 2);
	text_fold_unit(&fold, verdict_colour(view->verdict), view->verdict, ":");
	text_fold_unit(&fold, TEXT_BOLD, view->suspect, "");
	text_fold_printf(&fold, "against");
	text_fold_unit(&fold, TEXT_PLAIN, view->reference, "");
	text_fold_end(&fold);
	text_fold_begin(&fold, &text, 0, 2);
	text_fold_printf(&fold, "files:");
	for (size_t i = 0; i < view->summary_count; i++)
		if (view->summary[i].value)
			text_fold_printf(&fold, "%" PRIu64 " %s", view->summary[i].value,
					 view->summary[i].name);
	text_fold_end(&fold);
	if (!view->complete)
		sink_text(sink, "incomplete: some input was not analysed, see the diagnostics\n");
	text_heading(&text, "Files");
	for (size_t i = 0; i < view->file_count; i++) {
		if (strcmp(view->files[i].verdict, "identical") == 0 &&
		    !view->files[i].change_count && view->file_count > 1 && !options->verbose)
			continue;
		if (!options->verbose && shown >= FILES_SHOWN) {
			hidden++;
			continue;
		}
		write_file(&text, &view->files[i]);
		shown++;
	}
	text_more(&text, "  ", hidden);
	text_diagnostics(&text, view->diagnostics, view->diagnostic_count);
}
