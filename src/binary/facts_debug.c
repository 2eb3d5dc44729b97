/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DWARF: the compilation units, and the source files of their line tables with the number of rows
 * of each. A file with rows has code in here; one without was only included.
 */
#include <libdwarf/dwarf.h>
#include <libdwarf/libdwarf.h>
#include <stdlib.h>

#include "binary/collector.h"
#include "binary/debug_rows.h"
#include "binary/debug_sections.h"
#include "binary/debug_symbols.h"
#include "util/budget.h"
#include "util/map.h"

void facts_debug(struct elf_input *in, struct facts_builder *builder);

struct reader {
	struct facts_builder *builder;
	Dwarf_Debug debug;
	struct arena arena;
	struct map paths; /* path -> index of the entry */
	VEC(char) path;	  /* the one being put together */
	struct slice line_section;
	bool big_endian;
	uint64_t rows_remaining;
	bool limited;
	const char *trouble; /* the first of libdwarf's complaints */
};

/* The files of one line table by its own numbers. */
struct unit_files {
	uint32_t *entries; /* index + 1 of the entry, 0: none */
	size_t count;
};

static bool fine(struct reader *reader, int result, Dwarf_Error *error)
{
	if (result == DW_DLV_ERROR) {
		if (!reader->trouble)
			reader->trouble = arena_strdup(&reader->arena, dwarf_errmsg(*error));
		dwarf_dealloc_error(reader->debug, *error);
		*error = NULL;
	}
	return result == DW_DLV_OK;
}

static struct facts_text attribute_text(struct reader *reader, Dwarf_Die die, Dwarf_Half attribute)
{
	Dwarf_Error error = NULL;
	char *text = NULL;
	size_t length;

	if (!fine(reader, dwarf_die_text(die, attribute, &text, &error), &error) || !text)
		return (struct facts_text){0, 0};
	length = strnlen(text, BUDGET_STRING_LENGTH);
	return facts_builder_text(reader->builder, slice_of(text, length));
}

static Dwarf_Unsigned attribute_number(struct reader *reader, Dwarf_Die die, Dwarf_Half attribute)
{
	Dwarf_Error error = NULL;
	Dwarf_Attribute found = NULL;
	Dwarf_Unsigned number = 0;

	if (!fine(reader, dwarf_attr(die, attribute, &found, &error), &error))
		return 0;
	if (!fine(reader, dwarf_formudata(found, &number, &error), &error))
		number = 0;
	dwarf_dealloc_attribute(found);
	return number;
}

/* A directory of a line table, "" when it is that of the unit; DWARF 5 lists that as number 0. */
static const char *directory_of(struct reader *reader, Dwarf_Line_Context context,
				Dwarf_Unsigned version, Dwarf_Unsigned number)
{
	Dwarf_Error error = NULL;
	const char *directory = NULL;
	Dwarf_Signed count = 0;

	if ((version < 5 && number == 0) ||
	    !fine(reader, dwarf_srclines_include_dir_count(context, &count, &error), &error) ||
	    number > (Dwarf_Unsigned)count ||
	    !fine(
		reader,
		dwarf_srclines_include_dir_data(context, (Dwarf_Signed)number, &directory, &error),
		&error) ||
	    !directory)
		return "";
	return directory;
}

static void append(struct reader *reader, const char *text)
{
	if (reader->path.len && reader->path.ptr[reader->path.len - 1] != '/')
		vec_push(&reader->path, '/');
	for (; *text && reader->path.len <= BUDGET_STRING_LENGTH; text++)
		vec_push(&reader->path, *text);
}

/*
 * Whether a path starts where the unit's folder does: at the top of a tree that was mapped to "."
 * (gcc -ffile-prefix-map, as all of Debian is built), not in that folder.
 */
static bool is_from_top(const char *unit, const char *path)
{
	return unit[0] == '.' && path[0] == '.' && (path[1] == '/' || !path[1]);
}

/* Index + 1 of the entry for a file; 0 when there is no room for it. */
static uint32_t add_file(struct reader *reader, const char *unit, const char *directory,
			 const char *name)
{
	struct facts_builder *builder = reader->builder;
	const struct map_entry *known;
	struct slice path;

	/* A name repeats in thousands of units: it is put together in one place. */
	reader->path.len = 0;
	if (name[0] != '/' && !is_from_top(unit, name)) {
		if (directory[0] != '/' && !is_from_top(unit, directory))
			append(reader, unit);
		if (directory[0])
			append(reader, directory);
	}
	append(reader, name);
	path = slice_of(reader->path.ptr, reader->path.len);
	known = map_get(&reader->paths, path);
	if (known)
		return known->value + 1;
	if (reader->paths.len >= BUDGET_DEBUG_FILES || path.len > BUDGET_STRING_LENGTH) {
		reader->limited = true;
		return 0;
	}
	map_put(&reader->paths, slice_text(arena_slice(&reader->arena, path)),
		(uint32_t)builder->debug_files.len, NULL);
	vec_push(&builder->debug_files,
		 ((struct facts_debug_file){.path = facts_builder_text(builder, path)}));
	return (uint32_t)builder->debug_files.len;
}

static void read_files(struct reader *reader, Dwarf_Line_Context context, Dwarf_Unsigned version,
		       const char *unit, struct unit_files *ret)
{
	Dwarf_Error error = NULL;
	Dwarf_Signed first = 0, count = 0, end = 0;

	*ret = (struct unit_files){NULL, 0};
	if (!fine(reader, dwarf_srclines_files_indexes(context, &first, &count, &end, &error),
		  &error) ||
	    end <= 0 || end > (Dwarf_Signed)BUDGET_DEBUG_FILES)
		return;
	ret->count = (size_t)end;
	ret->entries = memory_calloc(ret->count, sizeof(*ret->entries));
	for (Dwarf_Signed i = first; i < end; i++) {
		Dwarf_Unsigned directory = 0, unused;
		Dwarf_Form_Data16 *digest;
		const char *name = NULL;
		uint32_t entry;

		if (!fine(reader,
			  dwarf_srclines_files_data_b(context, i, &name, &directory, &unused,
						      &unused, &digest, &error),
			  &error) ||
		    !name)
			continue;
		entry =
		    add_file(reader, unit, directory_of(reader, context, version, directory), name);
		ret->entries[i] = entry;
		/* DWARF 5 names the unit's own file twice. */
		for (Dwarf_Signed j = first; entry && j < i && j < first + 2; j++)
			if (ret->entries[j] == entry)
				entry = 0;
		if (entry)
			reader->builder->debug_files.ptr[entry - 1].units++;
	}
}

/* Rows of the unit's table, as far as they are there. */
static void count_rows(struct reader *reader, Dwarf_Line_Context context,
		       const struct unit_files *files)
{
	struct debug_rows rows = {.count = files->count, .remaining = reader->rows_remaining};
	Dwarf_Error error = NULL;
	Dwarf_Unsigned offset = 0;

	if (!files->count ||
	    !fine(reader, dwarf_srclines_table_offset(context, &offset, &error), &error))
		return;
	rows.counts = memory_calloc(files->count, sizeof(*rows.counts));
	if (!debug_rows_add(reader->line_section, offset, reader->big_endian, &rows) &&
	    rows.remaining && !reader->trouble)
		reader->trouble = "a line table is malformed";
	reader->rows_remaining = rows.remaining;
	reader->limited |= !rows.remaining;
	for (size_t i = 0; i < files->count; i++) {
		struct facts_debug_file *file;

		if (!files->entries[i])
			continue;
		file = &reader->builder->debug_files.ptr[files->entries[i] - 1];
		file->lines += (uint32_t)rows.counts[i];
	}
	free(rows.counts);
}

static void read_unit(struct reader *reader, Dwarf_Die die, Dwarf_Half dwarf_version)
{
	struct facts_builder *builder = reader->builder;
	struct facts_debug_unit unit = {
	    .name = attribute_text(reader, die, DW_AT_name),
	    .producer = attribute_text(reader, die, DW_AT_producer),
	    .directory = attribute_text(reader, die, DW_AT_comp_dir),
	    .language = (uint32_t)attribute_number(reader, die, DW_AT_language),
	    .version = dwarf_version,
	};
	const char *directory =
	    arena_strdup(&reader->arena, builder->strings.ptr + unit.directory.offset);
	Dwarf_Line_Context context = NULL;
	Dwarf_Unsigned version = 0;
	Dwarf_Error error = NULL;
	Dwarf_Small tables = 0;
	struct unit_files files;

	vec_push(&builder->debug_units, unit);
	if (!fine(reader, dwarf_srclines_b(die, &version, &tables, &context, &error), &error))
		return;
	read_files(reader, context, version, directory, &files);
	count_rows(reader, context, &files);
	free(files.entries);
	dwarf_srclines_dealloc_b(context);
}

static void read_units(struct reader *reader)
{
	while (!reader->limited) {
		Dwarf_Half version, address_size, length_size, extension_size, type;
		Dwarf_Unsigned length, type_offset, next;
		Dwarf_Off abbreviations;
		Dwarf_Error error = NULL;
		Dwarf_Sig8 signature;
		Dwarf_Die die = NULL;

		if (!fine(reader,
			  dwarf_next_cu_header_d(reader->debug, 1, &length, &version,
						 &abbreviations, &address_size, &length_size,
						 &extension_size, &signature, &type_offset, &next,
						 &type, &error),
			  &error))
			return;
		if (!fine(reader, dwarf_siblingof_b(reader->debug, NULL, 1, &die, &error), &error))
			continue;
		/* Types and partial units have no code of their own. */
		if (type == DW_UT_compile || type == DW_UT_skeleton)
			read_unit(reader, die, version);
		dwarf_dealloc_die(die);
		reader->limited |= reader->builder->debug_units.len >= BUDGET_DEBUG_UNITS;
	}
}

/* from: the sections that are read, of the file or of its separate debug file. */
static void read_debug(struct elf_input *in, const struct facts_builder *from,
		       struct facts_builder *builder)
{
	struct reader reader = {
	    .builder = builder, .big_endian = in->big_endian, .rows_remaining = BUDGET_DEBUG_ROWS};
	struct debug_sections sections;
	Dwarf_Error error = NULL;
	int result;

	arena_init(&reader.arena);
	debug_sections_open(in, from, &reader.arena, &sections);
	reader.line_section = debug_sections_find(&sections, ".debug_line");
	result = dwarf_object_init_b(&sections.interface, NULL, NULL, DW_GROUPNUMBER_ANY,
				     &reader.debug, &error);
	if (result == DW_DLV_OK) {
		read_units(&reader);
		dwarf_object_finish(reader.debug, &error);
	} else if (result == DW_DLV_ERROR) {
		reader.trouble = arena_strdup(&reader.arena, dwarf_errmsg(error));
	}
	if (reader.trouble)
		facts_builder_diag(builder, DIAG_DEBUG_BAD, DIAG_NO_OFFSET, "%s", reader.trouble);
	if (reader.limited)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "units, files or rows of debug information");
	vec_release(&reader.path);
	map_release(&reader.paths);
	arena_release(&reader.arena);
}

void facts_debug(struct elf_input *in, struct facts_builder *builder)
{
	struct debug_symbols_file separate;

	/* An object file's debug sections want relocating; a program's do not. */
	if (in->header.e_type == ET_REL)
		return;
	if (builder->identity.ptr->flags & FACTS_HAS_DEBUG) {
		read_debug(in, builder, builder);
	} else if (debug_symbols_open_file(in, builder, &separate)) {
		if (separate.builder.identity.ptr->flags & FACTS_HAS_DEBUG)
			read_debug(&separate.in, &separate.builder, builder);
		debug_symbols_close_file(&separate);
	}
}
