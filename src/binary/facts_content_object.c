/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What relocations fill into the data of an object file: one entry for each table of them, by the
 * places they fill and what they name. Tools renumber symbols and sections, so numbers say nothing.
 * Those of code are read with its functions.
 */
#include "binary/facts_content.h"
#include "binary/object_symbols.h"
#include "binary/relocation_table.h"
#include "util/budget.h"
#include "util/digest.h"

struct tables {
	const struct elf_input *in;
	struct facts_builder *builder;
	struct object_symbols symbols;
	uint32_t symbols_section; /* 0: none is open */
	uint64_t left;		  /* relocations that may still be read */
};

static void add_text(struct digest_stream *stream, const char *text, size_t length)
{
	digest_add(stream, slice_of(text, length));
	digest_add(stream, slice_of("", 1));
}

/* A symbol that other files see by its name, any other by the place it stands for. */
static void add_symbol(const struct tables *tables, struct digest_stream *stream, uint64_t index)
{
	const struct facts_builder *builder = tables->builder;
	GElf_Sym symbol;
	uint32_t section;
	uint64_t numbers[2] = {0};
	const char *name = "";
	size_t length = 0;

	if (!index || index >= tables->symbols.count ||
	    !gelf_getsym(tables->symbols.data, (int)index, &symbol))
		return;
	numbers[0] = GELF_ST_TYPE(symbol.st_info);
	if (GELF_ST_BIND(symbol.st_info) != STB_LOCAL) {
		if (!slice_cstr(tables->symbols.names, symbol.st_name, &name, &length))
			length = 0;
	} else {
		section = object_symbols_section(&tables->symbols, index, &symbol);
		numbers[1] = symbol.st_value;
		if (section && section < builder->sections.len) {
			struct facts_text text = builder->sections.ptr[section].name;

			name = builder->strings.ptr + text.offset;
			length = text.length;
		}
	}
	digest_add(stream, slice_of(numbers, sizeof(numbers)));
	add_text(stream, name, length);
}

static bool is_filled_data(const struct facts_builder *builder, uint32_t index)
{
	const struct facts_section *section;

	if (!index || index >= builder->sections.len)
		return false;
	section = &builder->sections.ptr[index];
	return section->flags & SHF_ALLOC && !(section->flags & SHF_EXECINSTR) &&
	       section->type != SHT_NOTE && section->type != SHT_NOBITS;
}

static void add_table(struct tables *tables, uint32_t index)
{
	struct facts_builder *builder = tables->builder;
	const struct facts_section *table = &builder->sections.ptr[index];
	bool with_addend = table->type == SHT_RELA;
	struct facts_content content = {
	    .role = FACTS_CONTENT_RELOCATIONS,
	    .name = table->name,
	    .section = index,
	    .size = relocation_table_count(tables->in, table->size, with_addend)};
	struct relocation_table list = {0};
	struct digest_stream *stream;
	struct digest digest;
	GElf_Rela relocation;

	if (tables->symbols_section != table->link) {
		tables->symbols_section = 0;
		if (object_symbols_open(tables->in, builder, table->link, &tables->symbols))
			tables->symbols_section = table->link;
	}
	if (content.size &&
	    (!tables->symbols_section || content.size > tables->left ||
	     !relocation_table_open(tables->in, table->offset, content.size, with_addend, &list))) {
		content.flags |= FACTS_CONTENT_UNREADABLE;
		list.count = 0;
	}
	tables->left -= list.count;
	stream = digest_begin();
	for (uint64_t i = 0; i < list.count && relocation_table_at(&list, i, &relocation); i++) {
		digest_add(stream, slice_of((uint64_t[]){relocation.r_offset,
							 GELF_R_TYPE(relocation.r_info),
							 (uint64_t)relocation.r_addend},
					    3 * sizeof(uint64_t)));
		add_symbol(tables, stream, GELF_R_SYM(relocation.r_info));
	}
	if (digest_end(stream, &digest) == STATUS_OK)
		memcpy(content.digest, digest.bytes, sizeof(content.digest));
	vec_push(&builder->contents, content);
}

void facts_content_object_relocations(const struct elf_input *in, struct facts_builder *builder)
{
	struct tables tables = {.in = in, .builder = builder, .left = BUDGET_RELOCATIONS};

	if (in->header.e_type != ET_REL)
		return;
	for (uint32_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		if ((section->type == SHT_RELA || section->type == SHT_REL) &&
		    is_filled_data(builder, section->info))
			add_table(&tables, i);
	}
}
