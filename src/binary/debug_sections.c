/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/debug_sections.h"

#include <zlib.h>
#include <zstd.h>

#include "util/budget.h"

static const struct facts_section *section_at(const struct debug_sections *sections, size_t index)
{
	return index < sections->builder->sections.len ? &sections->builder->sections.ptr[index]
						       : NULL;
}

static const char *name_of(const struct debug_sections *sections,
			   const struct facts_section *section)
{
	return sections->builder->strings.ptr + section->name.offset;
}

static bool is_debug(const char *name)
{
	return strncmp(name, ".debug_", 7) == 0;
}

static bool inflate_section(const struct debug_sections *sections, struct slice stored,
			    struct slice *ret)
{
	bool is_64 = sections->in->is_64;
	size_t header = is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	struct cursor cursor = cursor_of(stored, sections->in->big_endian);
	uint32_t type = cursor_u32(&cursor);
	uint64_t size;
	uint8_t *to;

	if (is_64)
		cursor_u32(&cursor);
	size = is_64 ? cursor_u64(&cursor) : cursor_u32(&cursor);
	if (stored.len < header || !size || size > BUDGET_DEBUG_SECTION)
		return false;
	stored = slice_of(stored.ptr + header, stored.len - header);
	to = arena_alloc(sections->arena, (size_t)size);
	*ret = slice_of(to, (size_t)size);
	if (type == ELFCOMPRESS_ZLIB) {
		uLongf written = (uLongf)size;

		return uncompress(to, &written, stored.ptr, (uLong)stored.len) == Z_OK &&
		       written == size;
	}
	return type == 2 /* ELFCOMPRESS_ZSTD, which elf.h here does not know */ &&
	       ZSTD_decompress(to, (size_t)size, stored.ptr, stored.len) == size;
}

/* The contents of one section; an empty slice for what is not wanted or cannot be read. */
static struct slice read_section(const struct debug_sections *sections,
				 const struct facts_section *section)
{
	struct slice bytes, inflated;

	if (section->type == SHT_NOBITS || !is_debug(name_of(sections, section)) ||
	    !slice_sub(sections->in->bytes, section->offset, section->size, &bytes))
		return slice_of(NULL, 0);
	if (!(section->flags & SHF_COMPRESSED))
		return bytes;
	return inflate_section(sections, bytes, &inflated) ? inflated : slice_of(NULL, 0);
}

static int get_section_info(void *object, Dwarf_Half index, Dwarf_Obj_Access_Section *ret,
			    int *error)
{
	const struct debug_sections *sections = object;
	const struct facts_section *section = section_at(sections, index);

	(void)error;
	if (!section)
		return DW_DLV_NO_ENTRY;
	*ret = (Dwarf_Obj_Access_Section){
	    .addr = section->address,
	    .type = section->type,
	    .size = sections->contents[index].len,
	    .name = sections->contents[index].len ? sections->names[index] : "",
	    .link = section->link,
	    .entrysize = section->entry_size,
	};
	return DW_DLV_OK;
}

static Dwarf_Endianness get_byte_order(void *object)
{
	const struct debug_sections *sections = object;

	return sections->in->big_endian ? DW_OBJECT_MSB : DW_OBJECT_LSB;
}

static Dwarf_Small get_length_size(void *object)
{
	const struct debug_sections *sections = object;

	return sections->in->is_64 ? 8 : 4;
}

static Dwarf_Unsigned get_section_count(void *object)
{
	const struct debug_sections *sections = object;
	size_t count = sections->builder->sections.len;

	return count > UINT16_MAX ? UINT16_MAX : count; /* libdwarf counts in 16 bits */
}

static int load_section(void *object, Dwarf_Half index, Dwarf_Small **ret, int *error)
{
	const struct debug_sections *sections = object;

	(void)error;
	if (!section_at(sections, index) || !sections->contents[index].len)
		return DW_DLV_NO_ENTRY;
	/* libdwarf does not write to it: it relocates nothing here. */
	*ret = (Dwarf_Small *)(uintptr_t)sections->contents[index].ptr;
	return DW_DLV_OK;
}

struct slice debug_sections_find(const struct debug_sections *sections, const char *name)
{
	for (size_t i = 0; i < sections->builder->sections.len; i++)
		if (sections->contents[i].len &&
		    strcmp(name_of(sections, section_at(sections, i)), name) == 0)
			return sections->contents[i];
	return slice_of(NULL, 0);
}

void debug_sections_open(struct elf_input *in, const struct facts_builder *builder,
			 struct arena *arena, struct debug_sections *ret)
{
	static const Dwarf_Obj_Access_Methods methods = {
	    .get_section_info = get_section_info,
	    .get_byte_order = get_byte_order,
	    .get_length_size = get_length_size,
	    .get_pointer_size = get_length_size,
	    .get_section_count = get_section_count,
	    .load_section = load_section,
	};

	*ret = (struct debug_sections){.in = in, .builder = builder, .arena = arena};
	ret->contents = arena_alloc_array(arena, builder->sections.len + 1, sizeof(*ret->contents));
	ret->names = arena_alloc_array(arena, builder->sections.len + 1, sizeof(*ret->names));
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		ret->contents[i] = read_section(ret, section);
		if (ret->contents[i].len)
			ret->names[i] = arena_strdup(arena, name_of(ret, section));
	}
	ret->interface = (Dwarf_Obj_Access_Interface){.object = ret, .methods = &methods};
}
