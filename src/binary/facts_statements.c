/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file says of its own licence, in its constants. FFmpeg's libraries hold "libavcodec
 * license: GPL version 2 or later" and the configuration they were built with, which decides
 * between LGPL and GPL (FFmpeg LICENSE.md). Programs hold what they print for --version ("License
 * GPLv3+: GNU GPL version 3 or later", GNU Coding Standards 4.8.1) or a notice like it; x264 says
 * in two texts which of its licences it was built for (x264.c: print_version_info()). What the
 * texts mean is not decided here.
 */
#include "binary/collector.h"

void facts_statements(struct elf_input *in, struct facts_builder *builder);

#define STATEMENTS_MAX 64
#define STATEMENT_LENGTH 8192
#define CONSTANTS_SIZE (UINT64_C(1) << 27) /* bytes searched of one section */

/* By DT_SONAME, since a worker is not told the name of the file; a repaired wheel adds a dash. */
static const char *const speakers[] = {"libavcodec",	"libavdevice", "libavfilter",
				       "libavformat",	"libavutil",   "libpostproc",
				       "libswresample", "libswscale",  "libavresample"};
static const char *const library_phrases[] = {" license: ", "--enable-", NULL};
static const char *const program_phrases[] = {
    "License GPLv",   "License LGPLv",		"License AGPLv",      "General Public License",
    "x264 license: ", "GPL version 2 or later", "Non-GPL commercial", NULL};

static const char *soname_of(const struct facts_builder *builder)
{
	for (size_t i = 0; i < builder->dynamic.len; i++) {
		const struct facts_dynamic *entry = &builder->dynamic.ptr[i];

		if (entry->tag == DT_SONAME && entry->has_text)
			return builder->strings.ptr + entry->text.offset;
	}
	return NULL;
}

static bool is_speaker(const char *soname)
{
	for (size_t i = 0; i < sizeof(speakers) / sizeof(speakers[0]); i++) {
		size_t length = strlen(speakers[i]);

		if (strncmp(soname, speakers[i], length) == 0 &&
		    (soname[length] == '.' || soname[length] == '-'))
			return true;
	}
	return false;
}

/* Libraries hold the notices of others, and of files they write: their words are not taken. */
static const char *const *phrases_for(const struct elf_input *in,
				      const struct facts_builder *builder)
{
	const struct facts_identity *identity = builder->identity.ptr;
	const char *soname = soname_of(builder);

	if (soname)
		return is_speaker(soname) ? library_phrases : NULL;
	if (in->header.e_type == ET_EXEC || identity->interpreter.length ||
	    (identity->dynamic_flags_1 & DF_1_PIE))
		return program_phrases;
	return NULL;
}

/* The text around a place, bounded by NULs and by the slice; empty when it is longer than any. */
static struct slice whole_text(struct slice bytes, size_t at)
{
	size_t start = at, end = at;

	while (start && bytes.ptr[start - 1] && at - start < STATEMENT_LENGTH)
		start--;
	while (end < bytes.len && bytes.ptr[end] && end - at < STATEMENT_LENGTH)
		end++;
	if ((start && bytes.ptr[start - 1]) || (end < bytes.len && bytes.ptr[end]))
		return slice_of(bytes.ptr + at, 0);
	return slice_of(bytes.ptr + start, end - start);
}

static bool is_listed(const struct facts_builder *builder, struct slice text)
{
	vec_each (statement, &builder->statements)
		if (slice_equal(slice_of(builder->strings.ptr + statement->text.offset,
					 statement->text.length),
				text))
			return true;
	return false;
}

static void search_phrase(struct elf_input *in, struct facts_builder *builder, struct slice bytes,
			  const char *phrase)
{
	size_t at = 0, length = strlen(phrase);

	while (builder->statements.len < STATEMENTS_MAX && at < bytes.len) {
		const uint8_t *found = memmem(bytes.ptr + at, bytes.len - at, phrase, length);
		struct slice text;

		if (!found)
			return;
		text = whole_text(bytes, (size_t)(found - bytes.ptr));
		at = (size_t)(found - bytes.ptr) + length;
		if (!text.len)
			continue;
		at = (size_t)(text.ptr - bytes.ptr) + text.len;
		if (!is_listed(builder, text))
			vec_push(&builder->statements,
				 ((struct facts_statement){facts_builder_text(builder, text),
							   (uint64_t)(text.ptr - in->bytes.ptr)}));
	}
}

static void search(struct elf_input *in, struct facts_builder *builder, uint64_t offset,
		   uint64_t size, const char *const *phrases)
{
	struct slice bytes;

	if (size > CONSTANTS_SIZE)
		size = CONSTANTS_SIZE;
	if (!slice_sub(in->bytes, offset, size, &bytes))
		return;
	for (; *phrases; phrases++)
		search_phrase(in, builder, bytes, *phrases);
}

static bool holds_constants(const struct facts_builder *builder,
			    const struct facts_section *section)
{
	return section->type == SHT_PROGBITS && section->name.length >= 7 &&
	       strncmp(builder->strings.ptr + section->name.offset, ".rodata", 7) == 0;
}

void facts_statements(struct elf_input *in, struct facts_builder *builder)
{
	const char *const *phrases = phrases_for(in, builder);
	bool found = false;

	for (size_t i = 0; phrases && i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		if (!holds_constants(builder, section))
			continue;
		found = true;
		search(in, builder, section->offset, section->size, phrases);
	}
	/* Without a section table: all that is mapped and not written. */
	for (size_t i = 0; phrases && !found && i < in->segment_count; i++)
		if (in->segments[i].p_type == PT_LOAD && !(in->segments[i].p_flags & PF_W))
			search(in, builder, in->segments[i].p_offset, in->segments[i].p_filesz,
			       phrases);
}
