/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file says of its own licence. Only projects that are known to say something are searched:
 * FFmpeg's libraries hold "libavcodec license: GPL version 2 or later" and the configuration they
 * were built with, which decides between LGPL and GPL (FFmpeg LICENSE.md).
 */
#include "binary/collector.h"

void facts_statements(struct elf_input *in, struct facts_builder *builder);

#define STATEMENTS_MAX 16
#define STATEMENT_LENGTH 8192

static const char *const spoken_by[] = {
    "libavcodec.so.",  "libavdevice.so.",   "libavfilter.so.", "libavformat.so.",  "libavutil.so.",
    "libpostproc.so.", "libswresample.so.", "libswscale.so.",  "libavresample.so."};
static const char *const phrases[] = {" license: ", "--enable-"};

static const char *dynamic_text(const struct facts_builder *builder, struct facts_text text)
{
	return builder->strings.ptr + text.offset;
}

static bool is_speaker(const char *name)
{
	for (size_t i = 0; i < sizeof(spoken_by) / sizeof(spoken_by[0]); i++)
		if (strncmp(name, spoken_by[i], strlen(spoken_by[i])) == 0)
			return true;
	return false;
}

/* By DT_SONAME: a worker is not told the name of the file. */
static bool is_candidate(const struct facts_builder *builder)
{
	for (size_t i = 0; i < builder->dynamic.len; i++) {
		const struct facts_dynamic *entry = &builder->dynamic.ptr[i];

		if (entry->tag == DT_SONAME && entry->has_text)
			return is_speaker(dynamic_text(builder, entry->text));
	}
	return false;
}

/* The printable text around a place, bounded by NULs and by the slice. */
static struct slice whole_text(struct slice bytes, size_t at)
{
	size_t start = at, end = at;

	while (start && bytes.ptr[start - 1] && at - start < STATEMENT_LENGTH)
		start--;
	while (end < bytes.len && bytes.ptr[end] && end - at < STATEMENT_LENGTH)
		end++;
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

	while (builder->statements.len < STATEMENTS_MAX) {
		const uint8_t *found = memmem(bytes.ptr + at, bytes.len - at, phrase, length);
		struct slice text;

		if (!found)
			return;
		text = whole_text(bytes, (size_t)(found - bytes.ptr));
		at = (size_t)(text.ptr - bytes.ptr) + text.len;
		if (!is_listed(builder, text))
			vec_push(&builder->statements,
				 ((struct facts_statement){facts_builder_text(builder, text),
							   (uint64_t)(text.ptr - in->bytes.ptr)}));
		if (at >= bytes.len)
			return;
	}
}

void facts_statements(struct elf_input *in, struct facts_builder *builder)
{
	if (!is_candidate(builder))
		return;
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes;

		/* Constants: mapped, neither written nor executed. */
		if (segment->p_type != PT_LOAD || (segment->p_flags & (PF_W | PF_X)) ||
		    !slice_sub(in->bytes, segment->p_offset, segment->p_filesz, &bytes))
			continue;
		for (size_t j = 0; j < sizeof(phrases) / sizeof(phrases[0]); j++)
			search_phrase(in, builder, bytes, phrases[j]);
	}
}
