/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text cv::getBuildInformation() gives (OpenCV CMakeLists.txt, "3rdparty dependencies"): the
 * libraries of its own 3rdparty folder that it was linked with, which are static ones. What it says
 * of libraries of the system is not taken: those are in DT_NEEDED.
 */
#include "binary/module_lists.h"
#include "util/budget.h"

#define INFORMATION_SIZE 65536u /* bytes between the heading and the line */

static const char heading[] = "General configuration for OpenCV ";
static const char label[] = "3rdparty dependencies:";

static void take_names(const struct elf_input *in, struct facts_builder *builder, struct slice line)
{
	struct slice name;

	while (slice_token(&line, " \t", &name)) {
		struct facts_module module = {
		    .source = FACTS_MODULE_CONFIGURATION,
		    .offset = (uint64_t)(name.ptr - in->bytes.ptr),
		    .count = 1,
		};

		if (name.len > BUDGET_MODULE_TEXT || memchr(name.ptr, 0, name.len))
			return;
		module.name = facts_builder_text(builder, name);
		module.detail = facts_builder_text(builder, slice_text(label));
		if (!module_add(builder, &module))
			return;
	}
}

void module_list_opencv(struct elf_input *in, struct facts_builder *builder)
{
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];
		struct slice bytes, rest, line;
		const uint8_t *at;

		if (section->type != SHT_PROGBITS || section->name.length < 7 ||
		    strncmp(builder->strings.ptr + section->name.offset, ".rodata", 7) != 0 ||
		    !slice_sub(in->bytes, section->offset, section->size, &bytes))
			continue;
		at = memmem(bytes.ptr, bytes.len, heading, strlen(heading));
		if (!at)
			continue;
		rest = slice_of(at, bytes.len - (size_t)(at - bytes.ptr));
		if (rest.len > INFORMATION_SIZE)
			rest.len = INFORMATION_SIZE;
		at = memmem(rest.ptr, rest.len, label, strlen(label));
		if (!at)
			continue;
		rest = slice_of(at + strlen(label),
				rest.len - (size_t)(at - rest.ptr) - strlen(label));
		if (slice_line(&rest, &line))
			take_names(in, builder, line);
	}
}
