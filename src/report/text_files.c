/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/text_files.h"

#include <string.h>

#define FILES_SHOWN 20
#define TOOLS_SHOWN 3

static void write_verification(const struct text *text, const struct view_verification *one)
{
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_CYAN, one->path, ":");
	text_fold_unit(&fold, one->unmodified ? TEXT_GREEN : TEXT_YELLOW, one->verdict, ",");
	text_fold_words(&fold, "compared with", "");
	text_fold_unit(&fold, TEXT_PLAIN, one->reference_path, "");
	text_fold_words(&fold, "of", "");
	text_fold_unit(&fold, TEXT_PLAIN, one->reference, *one->detail ? ":" : "");
	text_fold_words(&fold, one->detail, "");
	text_fold_end(&fold);
}

void text_verifications(const struct text *text, const struct view *view)
{
	size_t unmodified = 0, shown = 0, hidden = 0;
	struct text_fold fold;

	if (!view->verification_count)
		return;
	text_heading(text, "Compared with references");
	for (size_t i = 0; i < view->verification_count; i++) {
		const struct view_verification *one = &view->verifications[i];

		unmodified += one->unmodified;
		if (one->unmodified && !text->options->verbose)
			continue;
		if (shown >= FILES_SHOWN && !text->options->verbose) {
			hidden++;
			continue;
		}
		shown++;
		write_verification(text, one);
	}
	text_more(text, "  ", hidden);
	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_printf(&fold, "%s: identical or repackaged",
			 text_count(unmodified, "binary", "binaries").words);
	text_fold_end(&fold);
}

/* "sm_80, sm_90a (cubin); compute_90 (ptx)": architectures are sorted by kind. */
static void write_architectures(struct text_fold *fold, const struct view_device *device)
{
	bool more = device->tool_count || device->opaque || device->not_read;

	for (size_t i = 0; i < device->architecture_count; i++) {
		const struct view_device_architecture *one = &device->architectures[i];
		bool last = i + 1 == device->architecture_count;
		bool ends = last || strcmp(one->kind, one[1].kind) != 0;

		text_fold_unit(fold, TEXT_PLAIN, *one->name ? one->name : "no architecture",
			       ends ? "" : ",");
		if (ends)
			text_fold_printf(fold, "(%s)%s", one->kind, last && !more ? "" : ";");
	}
}

static void write_tools(struct text_fold *fold, const struct view_device *device)
{
	bool verbose = fold->text->options->verbose, more = device->opaque || device->not_read;
	size_t shown =
	    device->tool_count < TOOLS_SHOWN || verbose ? device->tool_count : TOOLS_SHOWN;

	for (size_t i = 0; i < shown; i++) {
		bool last = i + 1 == shown, cut = last && shown < device->tool_count;

		text_fold_words(fold, i ? "and" : "made by", "");
		text_fold_unit(fold, TEXT_PLAIN, device->tools[i].name, "");
		text_fold_unit(fold, TEXT_PLAIN, device->tools[i].version,
			       last && more && !cut ? ";" : "");
		if (cut)
			text_fold_printf(fold, "and %zu more%s", device->tool_count - shown,
					 more ? ";" : "");
	}
}

static void write_device(const struct text *text, const struct view_file *file)
{
	const struct view_device *device = file->device;
	struct text_fold fold;

	sink_text(text->sink, "  ");
	text_fold_begin(&fold, text, 2, 6);
	text_fold_unit(&fold, TEXT_CYAN, file->path, ":");
	text_fold_words(&fold, text_count(device->kernels, "kernel", "kernels").words, "");
	text_fold_printf(&fold, "in %s for", text_count(device->images, "image", "images").words);
	write_architectures(&fold, device);
	write_tools(&fold, device);
	if (device->opaque)
		text_fold_printf(&fold, "%s of LTO-IR: opaque, not inspected%s",
				 text_count(device->opaque, "image", "images").words,
				 device->not_read ? ";" : "");
	if (device->not_read)
		text_fold_printf(&fold, "%s not read",
				 text_count(device->not_read, "image", "images").words);
	text_fold_end(&fold);
}

void text_device(const struct text *text, const struct view *view)
{
	size_t shown = 0, hidden = 0;

	for (size_t i = 0; i < view->file_count; i++) {
		if (!view->files[i].device)
			continue;
		if (shown >= FILES_SHOWN && !text->options->verbose) {
			hidden++;
			continue;
		}
		if (!shown++)
			text_heading(text, "Device code");
		write_device(text, &view->files[i]);
	}
	text_more(text, "  ", hidden);
}
