/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Go's build information (Go src/debug/buildinfo/buildinfo.go, src/runtime/debug/mod.go): a magic
 * number, the version of the toolchain, and lines that name the modules whose packages are in the
 * program. Since Go 1.18 both texts follow the header; before, it points to them.
 */
#include "binary/module_lists.h"
#include "util/budget.h"

#define HEADER_SIZE 32u
#define HEADER_ALIGN 16u
#define FLAG_BIG_ENDIAN 1u
#define FLAG_INLINE 2u
#define SENTINEL 16u			/* bytes before and behind the lines */
#define SEARCH_SIZE (UINT64_C(1) << 20) /* bytes, as debug/buildinfo */

static const char magic[] = "\xff Go buildinf:";

/* A place in the file and what follows it. */
struct place {
	struct slice bytes;
	uint64_t offset;
};

static bool find_magic(struct place *place)
{
	struct slice header;

	for (uint64_t at = 0; slice_sub(place->bytes, at, HEADER_SIZE, &header);
	     at += HEADER_ALIGN) {
		if (!slice_starts_with(header, magic))
			continue;
		place->bytes = slice_of(header.ptr, place->bytes.len - (size_t)at);
		place->offset += at;
		return true;
	}
	return false;
}

/* In its section; without one, in the first data that is written. */
static bool find_header(const struct elf_input *in, const struct facts_builder *builder,
			struct place *place)
{
	if (module_section(in, builder, ".go.buildinfo", &place->bytes, &place->offset))
		return find_magic(place);
	if (builder->sections.len)
		return false;
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		uint64_t size = segment->p_filesz < SEARCH_SIZE ? segment->p_filesz : SEARCH_SIZE;

		place->offset = segment->p_offset;
		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) &&
		    slice_sub(in->bytes, segment->p_offset, size, &place->bytes) &&
		    find_magic(place))
			return true;
	}
	return false;
}

/* A text behind its length, in 7 bits a byte, low ones first. */
static bool take_inline(struct place *place, struct place *ret)
{
	uint64_t length = 0;
	size_t at = 0;

	for (unsigned shift = 0;; shift += 7) {
		if (at == place->bytes.len || shift > 56)
			return false;
		length |= (uint64_t)(place->bytes.ptr[at] & 0x7f) << shift;
		if (!(place->bytes.ptr[at++] & 0x80))
			break;
	}
	if (length > BUDGET_MODULE_LIST || !slice_sub(place->bytes, at, length, &ret->bytes))
		return false;
	ret->offset = place->offset + at;
	place->bytes = slice_of(ret->bytes.ptr + length, place->bytes.len - at - (size_t)length);
	place->offset = ret->offset + length;
	return true;
}

static uint64_t take_pointer(struct cursor *cursor, unsigned size)
{
	return size == 8 ? cursor_u64(cursor) : cursor_u32(cursor);
}

/* A Go string: an address, at which stand the address and the length of the text. */
static bool follow(const struct elf_input *in, uint64_t address, unsigned size, bool big_endian,
		   struct place *ret)
{
	struct cursor cursor;
	struct slice bytes;
	uint64_t length;

	if (!elf_input_at_address(in, address, &bytes, &ret->offset))
		return false;
	cursor = cursor_of(bytes, big_endian);
	address = take_pointer(&cursor, size);
	length = take_pointer(&cursor, size);
	ret->bytes = slice_of(NULL, 0);
	if (!length)
		return !cursor.bad;
	return !cursor.bad && length <= BUDGET_MODULE_LIST &&
	       elf_input_at_address(in, address, &bytes, &ret->offset) &&
	       slice_sub(bytes, 0, length, &ret->bytes);
}

static bool find_texts(const struct elf_input *in, struct place header, struct place *version,
		       struct place *lines)
{
	unsigned size = header.bytes.ptr[14], flags = header.bytes.ptr[15];
	struct cursor cursor = cursor_of(header.bytes, flags & FLAG_BIG_ENDIAN);
	uint64_t first, second;

	if (flags & FLAG_INLINE) {
		header.bytes =
		    slice_of(header.bytes.ptr + HEADER_SIZE, header.bytes.len - HEADER_SIZE);
		header.offset += HEADER_SIZE;
		return take_inline(&header, version) && take_inline(&header, lines);
	}
	if (size != 4 && size != 8)
		return false;
	cursor_seek(&cursor, 16);
	first = take_pointer(&cursor, size);
	second = take_pointer(&cursor, size);
	if (cursor.bad || !follow(in, first, size, cursor.big_endian, version))
		return false;
	/* Without modules there is no such text, or an empty one. */
	return !second || follow(in, second, size, cursor.big_endian, lines);
}

/* A replacement by a folder has no version: the code is called by the name it stands in for. */
static void replace(struct facts_builder *builder, struct slice line, struct slice path,
		    struct slice version)
{
	struct facts_module *last = &builder->modules.ptr[builder->modules.len - 1];

	last->detail = facts_builder_text(builder, line);
	last->version = facts_builder_text(builder, version);
	if (version.len)
		last->name = facts_builder_text(builder, path);
}

/* "dep\tPATH\tVERSION\tSUM"; "=>" tells what stands in for the line before. */
static bool take_line(struct facts_builder *builder, struct slice line, uint64_t offset,
		      bool *replaceable)
{
	struct slice rest = line, kind, path, version = {0};
	struct facts_module module = {.source = FACTS_MODULE_GO_LIST, .offset = offset, .count = 1};
	bool may_replace = *replaceable, is_new;

	*replaceable = false;
	if (!slice_token(&rest, "\t", &kind) || !slice_token(&rest, "\t", &path))
		return true;
	slice_token(&rest, "\t", &version);
	if (!module_fits(builder, path, version, offset))
		return true;
	if (slice_equal_text(version, "(devel)") || slice_starts_with(version, "h1:"))
		version.len = 0;
	is_new = slice_equal_text(kind, "dep") || slice_equal_text(kind, "mod");
	if (may_replace && slice_equal_text(kind, "=>"))
		replace(builder, line, path, version);
	*replaceable = is_new;
	if (!is_new)
		return true;
	module.name = facts_builder_text(builder, path);
	module.version = facts_builder_text(builder, version);
	module.detail = facts_builder_text(builder, line);
	module.flags = slice_equal_text(kind, "mod") ? FACTS_MODULE_OWN : 0;
	return module_add(builder, &module);
}

static void take_lines(struct facts_builder *builder, struct place lines)
{
	struct slice rest, line;
	bool replaceable = false;

	if (lines.bytes.len < 2 * SENTINEL)
		return;
	rest = slice_of(lines.bytes.ptr + SENTINEL, lines.bytes.len - 2 * SENTINEL);
	while (slice_line(&rest, &line))
		if (!take_line(builder, line, lines.offset + (uint64_t)(line.ptr - lines.bytes.ptr),
			       &replaceable))
			return;
}

void module_list_go(struct elf_input *in, struct facts_builder *builder)
{
	struct place header = {0}, version = {0}, lines = {0};
	struct facts_module toolchain = {.source = FACTS_MODULE_GO_TOOLCHAIN, .count = 1};
	struct slice rest, number;

	if (!find_header(in, builder, &header))
		return;
	if (!find_texts(in, header, &version, &lines)) {
		facts_builder_diag(builder, DIAG_MODULE_LIST_BAD, header.offset,
				   "Go build information leaves the file, or is too large");
		return;
	}
	/* "go1.19.8", "go1.21.0 X:experiment", "devel go1.20-..." */
	if (version.bytes.len &&
	    module_fits(builder, version.bytes, slice_of(NULL, 0), version.offset)) {
		rest = version.bytes;
		if (slice_starts_with(rest, "go"))
			rest = slice_of(rest.ptr + 2, rest.len - 2);
		if (!slice_token(&rest, " ", &number))
			number = slice_of(NULL, 0);
		toolchain.name = facts_builder_text(builder, slice_text("stdlib"));
		toolchain.version = facts_builder_text(builder, number);
		toolchain.detail = facts_builder_text(builder, version.bytes);
		toolchain.offset = version.offset;
		module_add(builder, &toolchain);
	}
	take_lines(builder, lines);
}
