/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text cv::getBuildInformation() gives (OpenCV CMakeLists.txt): the libraries of its own
 * 3rdparty folder that it was linked with, which are static ones ("3rdparty dependencies"), and
 * what of that folder is headers alone ("Flatbuffers: builtin/3rdparty (23.5.9)"). What it says of
 * libraries of the system is not taken: those are in DT_NEEDED.
 */
#include "binary/module_lists.h"
#include "util/budget.h"

#define INFORMATION_SIZE 65536u

static const char heading[] = "General configuration for OpenCV ";
static const char linked[] = "3rdparty dependencies";
static const char headers[] = "builtin/3rdparty (";

/* False: the budget is used up. */
static bool take_name(const struct elf_input *in, struct facts_builder *builder, struct slice name,
		      struct slice version, const char *detail)
{
	uint64_t offset = (uint64_t)(name.ptr - in->bytes.ptr);
	struct facts_module module = {
	    .source = FACTS_MODULE_CONFIGURATION, .offset = offset, .count = 1};

	if (!name.len || !module_fits(builder, name, version, offset))
		return true;
	module.name = facts_builder_text(builder, name);
	module.version = facts_builder_text(builder, version);
	module.detail = facts_builder_text(builder, slice_text(detail));
	return module_add(builder, &module);
}

/* "    Flatbuffers:      builtin/3rdparty (23.5.9)" */
static bool take_line(const struct elf_input *in, struct facts_builder *builder, struct slice line)
{
	const uint8_t *colon = memchr(line.ptr, ':', line.len);
	struct slice label, value, name;
	size_t length = strlen(headers);

	if (!colon)
		return true;
	label = slice_trim(slice_of(line.ptr, (size_t)(colon - line.ptr)));
	value = slice_trim(slice_of(colon + 1, line.len - (size_t)(colon + 1 - line.ptr)));
	if (slice_equal_text(label, linked)) {
		while (slice_token(&value, " \t", &name))
			if (!take_name(in, builder, name, slice_text(""), linked))
				return false;
	} else if (slice_starts_with(value, headers) && value.ptr[value.len - 1] == ')') {
		value = slice_of(value.ptr + length, value.len - length - 1);
		return take_name(in, builder, label, value, "builtin/3rdparty");
	}
	return true;
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
		rest.len = strnlen((const char *)rest.ptr, rest.len);
		while (slice_line(&rest, &line))
			if (!take_line(in, builder, line))
				return;
	}
}
