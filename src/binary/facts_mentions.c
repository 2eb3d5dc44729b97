/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings that name a project and its version, by patterns of a table. That a file holds such a
 * string says that somebody wrote it there, not that the project's code is inside.
 */
#include "binary/collector.h"
#include "util/budget.h"
#include "util/pattern.h"
#include "util/table.h"

void facts_mentions(struct elf_input *in, struct facts_builder *builder);

#define NEEDLE_MIN 4u /* bytes of a pattern without a wildcard */
#define FILTER_BITS 14

struct needle {
	struct slice bytes; /* the longest part of the pattern without a wildcard */
	const char *pattern, *project;
};

struct needles {
	VEC(struct needle) list;
	uint8_t filter[1 << FILTER_BITS]; /* by the hash of the first four bytes */
};

static uint32_t hash_of(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return (word * UINT32_C(0x9e3779b1)) >> (32 - FILTER_BITS);
}

/* The longest run of bytes that stand for themselves. */
static struct slice longest_literal(const char *pattern)
{
	struct slice best = slice_of(pattern, 0);

	for (const char *at = pattern; *at;) {
		size_t length = strcspn(at, "*{");

		if (length > best.len)
			best = slice_of(at, length);
		at += length;
		if (*at == '{')
			at += strcspn(at, "}");
		at += *at != '\0';
	}
	return best;
}

static void open_needles(struct arena *arena, struct needles *needles)
{
	size_t pattern, project;
	struct table table;
	struct diags diags;

	diags_init(&diags);
	if (table_open(NULL, "version-strings", arena, &diags, &table) == STATUS_OK) {
		pattern = table_column(&table, "pattern", &diags);
		project = table_column(&table, "project", &diags);
		for (size_t i = 0; i < table.rows; i++) {
			struct needle needle = {
			    .pattern = table_field(&table, i, pattern),
			    .project = table_field(&table, i, project),
			};

			needle.bytes = longest_literal(needle.pattern);
			if (needle.bytes.len < NEEDLE_MIN)
				continue;
			needles->filter[hash_of(needle.bytes.ptr)] = 1;
			vec_push(&needles->list, needle);
		}
	}
	diags_release(&diags);
}

/* The text around a place, bounded by NULs; empty when it is longer than any that is looked for. */
static struct slice whole_text(struct slice bytes, size_t at)
{
	size_t start = at, end = at;

	while (start && bytes.ptr[start - 1] && at - start < BUDGET_MENTION_TEXT)
		start--;
	while (end < bytes.len && bytes.ptr[end] && end - at < BUDGET_MENTION_TEXT)
		end++;
	if ((start && bytes.ptr[start - 1]) || end == bytes.len || bytes.ptr[end])
		return slice_of(bytes.ptr + at, 0);
	return slice_of(bytes.ptr + start, end - start);
}

static bool is_listed(const struct facts_builder *builder, struct slice text)
{
	vec_each (mention, &builder->mentions)
		if (slice_equal(
			slice_of(builder->strings.ptr + mention->text.offset, mention->text.length),
			text))
			return true;
	return false;
}

static void offer(struct elf_input *in, struct facts_builder *builder, struct slice bytes,
		  size_t at, const struct needle *needle)
{
	struct pattern_match match;
	struct slice text;

	if (needle->bytes.len > bytes.len - at ||
	    memcmp(bytes.ptr + at, needle->bytes.ptr, needle->bytes.len) != 0)
		return;
	text = whole_text(bytes, at);
	/* The text ends in NUL inside the bytes, as whole_text() saw. */
	if (!text.len || !pattern_matches(needle->pattern, (const char *)text.ptr, &match) ||
	    is_listed(builder, text))
		return;
	vec_push(&builder->mentions,
		 ((struct facts_mention){
		     .project = facts_builder_text(builder, slice_text(needle->project)),
		     .version = facts_builder_text(builder, match.version),
		     .text = facts_builder_text(builder, text),
		     .offset = (uint64_t)(text.ptr - in->bytes.ptr),
		 }));
}

static void search(struct elf_input *in, struct facts_builder *builder, uint64_t offset,
		   uint64_t size, const struct needles *needles)
{
	struct slice bytes;

	if (!slice_sub(in->bytes, offset, size, &bytes))
		return;
	for (size_t at = 0; at + NEEDLE_MIN <= bytes.len; at++) {
		if (!needles->filter[hash_of(bytes.ptr + at)])
			continue;
		if (builder->mentions.len >= BUDGET_MENTIONS) {
			facts_builder_diag(builder, DIAG_LIMIT_REACHED, offset + at,
					   "more than %u strings that name a project",
					   BUDGET_MENTIONS);
			return;
		}
		vec_each (needle, &needles->list)
			offer(in, builder, bytes, at, needle);
	}
}

void facts_mentions(struct elf_input *in, struct facts_builder *builder)
{
	struct needles *needles;
	struct arena arena;
	bool found = false;

	if (in->part)
		return; /* the first part has them */
	needles = memory_calloc(1, sizeof(*needles));
	arena_init(&arena);
	open_needles(&arena, needles);
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		if (section->type != SHT_PROGBITS || section->name.length < 7 ||
		    strncmp(builder->strings.ptr + section->name.offset, ".rodata", 7) != 0)
			continue;
		found = true;
		search(in, builder, section->offset, section->size, needles);
	}
	/* Without a section table: all that is mapped and neither written nor run. */
	for (size_t i = 0; !found && i < in->segment_count; i++)
		if (in->segments[i].p_type == PT_LOAD && !(in->segments[i].p_flags & (PF_W | PF_X)))
			search(in, builder, in->segments[i].p_offset, in->segments[i].p_filesz,
			       needles);
	vec_release(&needles->list);
	free(needles);
	arena_release(&arena);
}
