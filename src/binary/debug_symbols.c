/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/debug_symbols.h"

#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>

#include "binary/collector.h"
#include "util/budget.h"
#include "util/memory.h"

#define UNPACK_FIRST (1u << 20) /* bytes made room for at first */

void facts_sections(struct elf_input *in, struct facts_builder *builder);
void facts_notes(struct elf_input *in, struct facts_builder *builder);

void debug_symbols_close_file(struct debug_symbols_file *file)
{
	elf_input_close(&file->in);
	facts_builder_release(&file->builder);
	free(file->bytes);
}

/* What is wrong with the other file is said of the file that it belongs to. */
static void tell(struct facts_builder *builder, const char *where,
		 const struct facts_builder *problems)
{
	vec_each (problem, &problems->diagnostics)
		facts_builder_diag(builder, DIAG_DEBUG_BAD, problem->offset, "%s: %s", where,
				   problems->strings.ptr + problem->message.offset);
}

/* Opens bytes, which *file owns from now on if file->bytes is set; false, and all is released. */
static bool open_file(const struct elf_input *in, struct facts_builder *builder, struct slice bytes,
		      const char *where, struct debug_symbols_file *file)
{
	const GElf_Ehdr *header = &file->in.header;
	bool opened;

	facts_builder_init(&file->builder);
	vec_push(&file->builder.identity, (struct facts_identity){.file_size = bytes.len});
	opened = elf_input_open(bytes, NULL, FACTS_SECTIONS, &file->builder, &file->in);
	if (opened)
		facts_sections(&file->in, &file->builder);
	tell(builder, where, &file->builder);
	if (opened && file->in.is_64 == in->is_64 && file->in.big_endian == in->big_endian &&
	    header->e_machine == in->header.e_machine)
		return true;
	if (opened)
		facts_builder_diag(builder, DIAG_DEBUG_BAD, 0, "%s: it is of another machine",
				   where);
	debug_symbols_close_file(file);
	return false;
}

static const char *text_of(const struct facts_builder *builder, struct facts_text text)
{
	return builder->strings.ptr + text.offset;
}

/* By the build-id where both have one, else by the checksum. */
static bool belongs(const struct elf_input *in, struct facts_builder *builder,
		    const struct debug_symbols_file *file, const char *where)
{
	const struct facts_identity *identity = builder->identity.ptr;
	struct facts_text ours = identity->build_id, theirs = file->builder.identity.ptr->build_id;

	if (ours.length && theirs.length && ours.length == theirs.length &&
	    memcmp(text_of(builder, ours), text_of(&file->builder, theirs), ours.length) == 0)
		return true;
	if ((!ours.length || !theirs.length) && identity->debug_link.length) {
		if (crc32_z(0, in->debug.ptr, in->debug.len) == identity->debug_link_crc)
			return true;
		facts_builder_diag(builder, DIAG_DEBUG_BAD, DIAG_NO_OFFSET,
				   "%s: its checksum is not that in .gnu_debuglink, not used",
				   where);
		return false;
	}
	facts_builder_diag(builder, DIAG_DEBUG_BAD, DIAG_NO_OFFSET,
			   "%s: its build-id is \"%.64s\", not used", where,
			   theirs.length ? text_of(&file->builder, theirs) : "");
	return false;
}

bool debug_symbols_open_file(const struct elf_input *in, struct facts_builder *builder,
			     struct debug_symbols_file *ret)
{
	static const char where[] = "separate debug file";

	*ret = (struct debug_symbols_file){.source = FACTS_FUNCTION_DEBUG_FILE};
	if (!in->debug.len || !open_file(in, builder, in->debug, where, ret))
		return false;
	/* Program headers of a split-off file lead to places of the other half. */
	ret->in.segment_count = 0;
	facts_notes(&ret->in, &ret->builder);
	if (belongs(in, builder, ret, where))
		return true;
	debug_symbols_close_file(ret);
	return false;
}

static const char *xz_problem(lzma_ret result)
{
	return result == LZMA_MEMLIMIT_ERROR  ? "it takes too much memory to unpack"
	       : result == LZMA_FORMAT_ERROR  ? "it is not in the xz format"
	       : result == LZMA_OPTIONS_ERROR ? "it uses a filter that is not known"
	       : result == LZMA_BUF_ERROR     ? "it ends too early"
					      : "it is damaged";
}

/* Runs the decoder to the end of the stream, making room as it goes. */
static lzma_ret unpack(lzma_stream *stream, struct slice packed, uint8_t **bytes, size_t *size)
{
	lzma_ret result = LZMA_OK;
	size_t room = 0;

	stream->next_in = packed.ptr;
	stream->avail_in = packed.len;
	while (result == LZMA_OK) {
		if (*size == room) {
			if (room >= BUDGET_MINIDEBUG)
				return LZMA_OK;
			room = room ? room * 2 : UNPACK_FIRST;
			*bytes = memory_realloc_array(*bytes, room, 1);
		}
		stream->next_out = *bytes + *size;
		stream->avail_out = room - *size;
		result = lzma_code(stream, LZMA_FINISH);
		*size = room - stream->avail_out;
	}
	return result;
}

static uint8_t *unpack_section(struct facts_builder *builder, const struct facts_section *section,
			       struct slice packed, size_t *ret_size)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	uint8_t *bytes = NULL;
	lzma_ret result = lzma_stream_decoder(&stream, BUDGET_MINIDEBUG_MEMORY, 0);

	*ret_size = 0;
	if (result == LZMA_OK)
		result = unpack(&stream, packed, &bytes, ret_size);
	lzma_end(&stream);
	if (result == LZMA_STREAM_END)
		return bytes;
	free(bytes);
	if (result == LZMA_OK)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, section->offset,
				   ".gnu_debugdata: more than %u MiB unpacked",
				   (unsigned)(BUDGET_MINIDEBUG >> 20));
	else
		facts_builder_diag(builder, DIAG_DEBUG_BAD, section->offset, ".gnu_debugdata: %s",
				   xz_problem(result));
	return NULL;
}

static void open_minidebug(const struct elf_input *in, struct facts_builder *builder,
			   struct debug_symbols *ret)
{
	struct debug_symbols_file *file = &ret->files[ret->count];
	const struct facts_section *found = NULL;
	struct slice packed;
	size_t size;

	vec_each (section, &builder->sections)
		if (section->type == SHT_PROGBITS &&
		    strcmp(text_of(builder, section->name), ".gnu_debugdata") == 0)
			found = section;
	if (!found)
		return;
	*file = (struct debug_symbols_file){.source = FACTS_FUNCTION_MINIDEBUG};
	if (!slice_sub(in->bytes, found->offset, found->size, &packed)) {
		facts_builder_diag(builder, DIAG_ELF_TRUNCATED, found->offset,
				   ".gnu_debugdata lies outside the file");
		return;
	}
	file->bytes = unpack_section(builder, found, packed, &size);
	if (file->bytes &&
	    open_file(in, builder, slice_of(file->bytes, size), ".gnu_debugdata", file))
		ret->count++;
}

void debug_symbols_open(struct elf_input *in, struct facts_builder *builder,
			struct debug_symbols *ret)
{
	*ret = (struct debug_symbols){0};
	open_minidebug(in, builder, ret);
	ret->count += debug_symbols_open_file(in, builder, &ret->files[ret->count]);
}

void debug_symbols_close(struct debug_symbols *debug)
{
	for (size_t i = 0; i < debug->count; i++)
		debug_symbols_close_file(&debug->files[i]);
	debug->count = 0;
}
