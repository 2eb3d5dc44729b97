/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbol versions: DT_VERSYM, DT_VERDEF, DT_VERNEED (gABI extension of GNU, as ld.so reads them).
 */
#include <stdlib.h>

#include "binary/elf_symbols.h"
#include "util/budget.h"

#define VERSION_INDEX_MASK 0x7fffu
#define VERSION_HIDDEN 0x8000u
#define VERSION_INDEX_COUNT 0x8000u

static struct facts_text string_at(const struct elf_input *in, struct facts_builder *builder,
				   uint64_t offset, uint64_t at)
{
	const char *text;
	size_t length;

	if (slice_cstr(in->dynamic_strings, offset, &text, &length) &&
	    length <= BUDGET_STRING_LENGTH)
		return facts_builder_text(builder, slice_of(text, length));
	facts_builder_diag(builder, DIAG_ELF_BAD_VERSIONS, at,
			   "a version name lies outside the string table");
	return (struct facts_text){0, 0};
}

/* Elf32 and Elf64 records of versions are the same. */
static void read_definitions(struct elf_input *in, struct facts_builder *builder,
			     struct slice bytes, uint64_t offset, uint64_t count)
{
	struct cursor cursor = cursor_of(bytes, in->big_endian);
	uint64_t at = 0;

	for (uint64_t i = 0; i < count && i < BUDGET_VERSIONS; i++) {
		struct facts_version version = {0};
		uint32_t names, next;
		uint64_t name_at;

		cursor_seek(&cursor, at);
		cursor_u16(&cursor); /* vd_version */
		version.flags = cursor_u16(&cursor);
		version.index = cursor_u16(&cursor);
		names = cursor_u16(&cursor);
		version.hash = cursor_u32(&cursor);
		name_at = at + cursor_u32(&cursor);
		next = cursor_u32(&cursor);
		cursor_seek(&cursor, name_at);
		if (names && !cursor.bad) {
			uint32_t name = cursor_u32(&cursor), more = cursor_u32(&cursor);

			version.name = string_at(in, builder, name, offset + name_at);
			cursor_seek(&cursor, name_at + more);
			if (names > 1 && more)
				version.parent = string_at(in, builder, cursor_u32(&cursor),
							   offset + name_at + more);
		}
		if (cursor.bad) {
			facts_builder_diag(builder, DIAG_ELF_BAD_VERSIONS, offset + at,
					   "version definition %llu leaves its table",
					   (unsigned long long)i);
			return;
		}
		vec_push(&builder->version_definitions, version);
		if (!next)
			return;
		at += next;
	}
}

static bool read_need(struct elf_input *in, struct facts_builder *builder, struct cursor *cursor,
		      uint64_t offset, uint64_t at, uint32_t *ret_next)
{
	struct facts_text file;
	uint32_t count, file_name;
	uint64_t name_at;

	cursor_seek(cursor, at);
	cursor_u16(cursor); /* vn_version */
	count = cursor_u16(cursor);
	file_name = cursor_u32(cursor);
	name_at = at + cursor_u32(cursor);
	*ret_next = cursor_u32(cursor);
	if (cursor->bad)
		return false;
	file = string_at(in, builder, file_name, offset + at);
	for (uint32_t i = 0; i < count; i++) {
		struct facts_version version = {.file = file};
		uint32_t next, name;

		if (builder->version_needs.len >= BUDGET_VERSIONS)
			return false;
		cursor_seek(cursor, name_at);
		version.hash = cursor_u32(cursor);
		version.flags = cursor_u16(cursor);
		version.index = cursor_u16(cursor);
		name = cursor_u32(cursor);
		next = cursor_u32(cursor);
		if (cursor->bad)
			return false;
		version.name = string_at(in, builder, name, offset + name_at);
		vec_push(&builder->version_needs, version);
		if (!next)
			break;
		name_at += next;
	}
	return true;
}

static void read_needs(struct elf_input *in, struct facts_builder *builder, struct slice bytes,
		       uint64_t offset, uint64_t count)
{
	struct cursor cursor = cursor_of(bytes, in->big_endian);
	uint64_t at = 0;

	for (uint64_t i = 0; i < count && i < BUDGET_VERSIONS; i++) {
		uint32_t next;

		if (!read_need(in, builder, &cursor, offset, at, &next)) {
			facts_builder_diag(builder, DIAG_ELF_BAD_VERSIONS, offset + at,
					   "version need %llu leaves its table",
					   (unsigned long long)i);
			return;
		}
		if (!next)
			return;
		at += next;
	}
}

static void read_table(struct elf_input *in, struct facts_builder *builder, int64_t tag,
		       int64_t count_tag,
		       void (*read)(struct elf_input *, struct facts_builder *, struct slice,
				    uint64_t, uint64_t))
{
	uint64_t address, count, offset;
	struct slice bytes;

	if (!elf_input_dynamic(builder, tag, &address) ||
	    !elf_input_dynamic(builder, count_tag, &count))
		return;
	if (!elf_input_at_address(in, address, &bytes, &offset)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_VERSIONS, DIAG_NO_OFFSET,
				   "no file bytes behind dynamic entry 0x%llx",
				   (unsigned long long)tag);
		return;
	}
	if (count > BUDGET_VERSIONS)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, offset, "%llu versions",
				   (unsigned long long)count);
	read(in, builder, bytes, offset, count);
}

static void apply(struct facts_symbol *symbol, uint16_t raw,
		  const struct facts_version *const *by_index)
{
	uint16_t index = raw & VERSION_INDEX_MASK;
	const struct facts_version *version = by_index[index];

	symbol->version_index = index;
	if (raw & VERSION_HIDDEN)
		symbol->flags |= FACTS_SYMBOL_HIDDEN_VERSION;
	if (index == VER_NDX_LOCAL)
		symbol->flags |= FACTS_SYMBOL_VERSION_LOCAL;
	else if (index == VER_NDX_GLOBAL)
		symbol->flags |= FACTS_SYMBOL_VERSION_BASE;
	else if (version) {
		symbol->version = version->name;
		if (symbol->flags & FACTS_SYMBOL_UNDEFINED)
			symbol->version_file = version->file;
	}
}

void elf_read_versions(struct elf_input *in, struct facts_builder *builder)
{
	const struct facts_version **by_index;
	uint64_t address, offset;
	struct slice bytes, table;
	struct cursor cursor;

	read_table(in, builder, DT_VERDEF, DT_VERDEFNUM, read_definitions);
	read_table(in, builder, DT_VERNEED, DT_VERNEEDNUM, read_needs);
	if (!builder->symbols.len || !elf_input_dynamic(builder, DT_VERSYM, &address))
		return;
	if (!elf_input_at_address(in, address, &bytes, &offset) ||
	    !slice_sub(bytes, 0, builder->symbols.len * 2, &table)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_VERSIONS, DIAG_NO_OFFSET,
				   "DT_VERSYM 0x%llx does not cover %zu symbols",
				   (unsigned long long)address, builder->symbols.len);
		return;
	}
	by_index = memory_calloc(VERSION_INDEX_COUNT, sizeof(struct facts_version *));
	/* ld.so lets definitions overwrite needs, and leaves the base version without a name. */
	vec_each (version, &builder->version_needs)
		by_index[version->index & VERSION_INDEX_MASK] = version;
	vec_each (version, &builder->version_definitions)
		if (!(version->flags & VER_FLG_BASE))
			by_index[version->index & VERSION_INDEX_MASK] = version;
	cursor = cursor_of(table, in->big_endian);
	vec_each (symbol, &builder->symbols)
		apply(symbol, cursor_u16(&cursor), by_index);
	free(by_index);
}
