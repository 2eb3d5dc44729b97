/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/debug_sections.h"

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

/* The size of the contents once they are decompressed; 0 for what is not wanted or not there. */
static uint64_t content_size(const struct debug_sections *sections,
			     const struct facts_section *section)
{
	struct slice bytes;
	Elf_Data *data;

	if (section->type == SHT_NOBITS || !is_debug(name_of(sections, section)) ||
	    !slice_sub(sections->in->bytes, section->offset, section->size, &bytes))
		return 0;
	if (!(section->flags & SHF_COMPRESSED))
		return section->size;
	data = elf_input_data(sections->in, section->offset,
			      sections->in->is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr),
			      ELF_T_CHDR);
	if (!data)
		return 0;
	return sections->in->is_64 ? ((const Elf64_Chdr *)data->d_buf)->ch_size
				   : ((const Elf32_Chdr *)data->d_buf)->ch_size;
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
	    .size = sections->sizes[index],
	    .name = sections->sizes[index] ? name_of(sections, section) : "",
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
	struct debug_sections *sections = object;
	const struct facts_section *section = section_at(sections, index);
	struct slice bytes;
	Elf_Scn *compressed;
	Elf_Data *data;

	(void)error;
	if (!section || !sections->sizes[index] ||
	    !slice_sub(sections->in->bytes, section->offset, section->size, &bytes))
		return DW_DLV_NO_ENTRY;
	if (!(section->flags & SHF_COMPRESSED)) {
		/* libdwarf does not write to it: it relocates nothing here. */
		*ret = (Dwarf_Small *)(uintptr_t)bytes.ptr;
		return DW_DLV_OK;
	}
	compressed = elf_getscn(sections->in->elf, index);
	if (!compressed || elf_compress(compressed, 0, 0) < 0)
		return DW_DLV_NO_ENTRY;
	data = elf_rawdata(compressed, NULL);
	if (!data || data->d_size < sections->sizes[index])
		return DW_DLV_NO_ENTRY;
	*ret = data->d_buf;
	return DW_DLV_OK;
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
	ret->sizes = arena_alloc_array(arena, builder->sections.len + 1, sizeof(*ret->sizes));
	for (size_t i = 0; i < builder->sections.len; i++)
		ret->sizes[i] = content_size(ret, &builder->sections.ptr[i]);
	ret->interface = (Dwarf_Obj_Access_Interface){.object = ret, .methods = &methods};
}
