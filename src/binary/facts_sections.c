/* SPDX-License-Identifier: BSD-2-Clause */
/* The section table. Nothing of linking depends on it: it may be missing or wrong. */
#include <limits.h>

#include "binary/collector.h"
#include "util/budget.h"

void facts_sections(struct elf_input *in, struct facts_builder *builder);

/* e_shnum, or sh_size of section 0 when it does not fit there. */
static uint64_t section_count(const struct elf_input *in, size_t entry)
{
	Elf_Data *data;

	if (in->header.e_shnum || !in->header.e_shoff)
		return in->header.e_shnum;
	data = elf_input_data(in, in->header.e_shoff, entry, ELF_T_SHDR);
	if (!data || !data->d_buf)
		return 0;
	return in->is_64 ? ((const Elf64_Shdr *)data->d_buf)->sh_size
			 : ((const Elf32_Shdr *)data->d_buf)->sh_size;
}

static struct facts_section widen(const struct elf_input *in, const void *table, size_t index)
{
	if (in->is_64) {
		const Elf64_Shdr *from = (const Elf64_Shdr *)table + index;
		return (struct facts_section){.type = from->sh_type,
					      .link = from->sh_link,
					      .info = from->sh_info,
					      .flags = from->sh_flags,
					      .address = from->sh_addr,
					      .offset = from->sh_offset,
					      .size = from->sh_size,
					      .entry_size = from->sh_entsize};
	}
	const Elf32_Shdr *from = (const Elf32_Shdr *)table + index;
	return (struct facts_section){.type = from->sh_type,
				      .link = from->sh_link,
				      .info = from->sh_info,
				      .flags = from->sh_flags,
				      .address = from->sh_addr,
				      .offset = from->sh_offset,
				      .size = from->sh_size,
				      .entry_size = from->sh_entsize};
}

static uint32_t name_offset(const struct elf_input *in, const void *table, size_t index)
{
	return in->is_64 ? ((const Elf64_Shdr *)table)[index].sh_name
			 : ((const Elf32_Shdr *)table)[index].sh_name;
}

/* The name of the separate debug file, and its CRC at the next multiple of four. */
static void take_debug_link(const struct elf_input *in, struct facts_builder *builder,
			    const struct facts_section *section)
{
	struct facts_identity *identity = builder->identity.ptr;
	struct slice bytes;
	struct cursor cursor;
	const char *name;
	size_t length;

	if (identity->debug_link.length ||
	    !slice_sub(in->bytes, section->offset, section->size, &bytes) ||
	    !slice_cstr(bytes, 0, &name, &length) || !length || length > NAME_MAX ||
	    bytes.len < (length + 1 + 3) / 4 * 4 + 4)
		return;
	cursor = cursor_of(bytes, in->big_endian);
	cursor_seek(&cursor, (length + 1 + 3) / 4 * 4);
	identity->debug_link_crc = cursor_u32(&cursor);
	identity->debug_link = facts_builder_text(builder, slice_of(name, length));
}

static bool is_named(const struct facts_builder *builder, const struct facts_section *section,
		     const char *name)
{
	return section->name.length &&
	       strcmp(builder->strings.ptr + section->name.offset, name) == 0;
}

static void name_sections(struct elf_input *in, struct facts_builder *builder, const void *table)
{
	uint32_t index = in->header.e_shstrndx;
	const struct facts_section *names_section;
	struct slice names;

	if (index == SHN_XINDEX && builder->sections.len)
		index = builder->sections.ptr[0].link;
	if (index == SHN_UNDEF || index >= builder->sections.len)
		return;
	names_section = &builder->sections.ptr[index];
	if (!slice_sub(in->bytes, names_section->offset, names_section->size, &names)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_SECTION, names_section->offset,
				   "the section names lie outside the file");
		return;
	}
	for (size_t i = 0; i < builder->sections.len; i++) {
		struct facts_section *section = &builder->sections.ptr[i];
		const char *text;
		size_t length;

		if (slice_cstr(names, name_offset(in, table, i), &text, &length) &&
		    length <= BUDGET_STRING_LENGTH)
			section->name = facts_builder_text(builder, slice_of(text, length));
		if (section->type == SHT_SYMTAB)
			builder->identity.ptr->flags |= FACTS_HAS_SYMTAB;
		if (section->type == SHT_NOBITS)
			continue;
		if (is_named(builder, section, ".debug_info") ||
		    is_named(builder, section, ".zdebug_info"))
			builder->identity.ptr->flags |= FACTS_HAS_DEBUG;
		else if (is_named(builder, section, ".gnu_debuglink"))
			take_debug_link(in, builder, section);
	}
}

void facts_sections(struct elf_input *in, struct facts_builder *builder)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	uint64_t count = section_count(in, entry), size;
	struct slice bytes;
	Elf_Data *data;

	if (!count)
		return;
	if (in->header.e_shentsize != entry ||
	    __builtin_mul_overflow(count, (uint64_t)entry, &size) ||
	    !slice_sub(in->bytes, in->header.e_shoff, size, &bytes)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_SECTION, in->header.e_shoff,
				   "%llu section headers of %u bytes do not fit into %zu bytes",
				   (unsigned long long)count, in->header.e_shentsize,
				   in->bytes.len);
		return;
	}
	if (count > BUDGET_SECTIONS) {
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, in->header.e_shoff, "%llu sections",
				   (unsigned long long)count);
		return;
	}
	data = elf_input_data(in, in->header.e_shoff, size, ELF_T_SHDR);
	if (!data || data->d_size < size)
		return;
	for (size_t i = 0; i < count; i++)
		vec_push(&builder->sections, widen(in, data->d_buf, i));
	in->sections_usable = true;
	builder->identity.ptr->flags |= FACTS_HAS_SECTIONS;
	name_sections(in, builder, data->d_buf);
}
