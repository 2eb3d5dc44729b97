/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dynamic symbol table with versions. Its length is nowhere in the dynamic section: it follows
 * from the hash tables, or from a section header where there is none.
 */
#include <stdlib.h>

#include "binary/collector.h"
#include "binary/elf_symbols.h"
#include "util/budget.h"

void facts_symbols(struct elf_input *in, struct facts_builder *builder);

/* DT_HASH: nchain is the number of symbols. */
static bool count_by_hash(const struct elf_input *in, const struct facts_builder *builder,
			  uint64_t *ret_count, uint64_t *ret_offset)
{
	uint64_t address;
	struct slice bytes;
	struct cursor cursor;

	if (!elf_input_dynamic(builder, DT_HASH, &address) ||
	    !elf_input_at_address(in, address, &bytes, ret_offset))
		return false;
	cursor = cursor_of(bytes, in->big_endian);
	/* Alpha and S/390 use entries of eight bytes. */
	if (in->is_64 && (in->header.e_machine == EM_ALPHA || in->header.e_machine == EM_S390)) {
		cursor_u64(&cursor);
		*ret_count = cursor_u64(&cursor);
	} else {
		cursor_u32(&cursor);
		*ret_count = cursor_u32(&cursor);
	}
	return !cursor.bad;
}

/* DT_GNU_HASH: the highest bucket leads to the last chain, which ends at an odd value. */
static bool count_by_gnu_hash(const struct elf_input *in, const struct facts_builder *builder,
			      uint64_t *ret_count, uint64_t *ret_offset)
{
	uint64_t address, chains, highest = 0;
	uint32_t buckets, first, bloom;
	struct slice bytes;
	struct cursor cursor;

	if (!elf_input_dynamic(builder, DT_GNU_HASH, &address) ||
	    !elf_input_at_address(in, address, &bytes, ret_offset))
		return false;
	cursor = cursor_of(bytes, in->big_endian);
	buckets = cursor_u32(&cursor);
	first = cursor_u32(&cursor);
	bloom = cursor_u32(&cursor);
	cursor_u32(&cursor);
	cursor_bytes(&cursor, (uint64_t)bloom * (in->is_64 ? 8 : 4));
	for (uint32_t i = 0; i < buckets && !cursor.bad; i++) {
		uint32_t symbol = cursor_u32(&cursor);
		if (symbol > highest)
			highest = symbol;
	}
	if (cursor.bad)
		return false;
	if (highest < first) {
		*ret_count = first; /* nothing is exported */
		return true;
	}
	chains = cursor.pos;
	cursor_seek(&cursor, chains + (highest - first) * 4);
	while (!cursor.bad && !(cursor_u32(&cursor) & 1))
		highest++;
	*ret_count = highest + 1;
	return !cursor.bad;
}

static uint64_t count_by_section(const struct elf_input *in, uint64_t table_offset)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	Elf_Data *data;

	if (!in->header.e_shnum || in->header.e_shentsize != entry)
		return 0;
	data = elf_input_data(in, in->header.e_shoff, (uint64_t)in->header.e_shnum * entry,
			      ELF_T_SHDR);
	for (size_t i = 0; data && i < in->header.e_shnum; i++) {
		const Elf64_Shdr *wide = (const Elf64_Shdr *)data->d_buf + i;
		const Elf32_Shdr *narrow = (const Elf32_Shdr *)data->d_buf + i;

		if (in->is_64 && wide->sh_type == SHT_DYNSYM && wide->sh_offset == table_offset)
			return wide->sh_size / sizeof(Elf64_Sym);
		if (!in->is_64 && narrow->sh_type == SHT_DYNSYM &&
		    narrow->sh_offset == table_offset)
			return narrow->sh_size / sizeof(Elf32_Sym);
	}
	return 0;
}

/* The number of symbols, bounded by the file; diagnostics say where a table lies. */
static uint64_t count_symbols(const struct elf_input *in, struct facts_builder *builder,
			      struct slice table, uint64_t table_offset)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t room = table.len / entry, count = 0, offset = table_offset, more;

	if (!count_by_hash(in, builder, &count, &offset) &&
	    !count_by_gnu_hash(in, builder, &count, &offset)) {
		count = 0;
		if (offset != table_offset)
			facts_builder_diag(builder, DIAG_ELF_BAD_SYMBOLS, offset,
					   "the hash table leaves the file");
	}
	/* A GNU hash table without exports tells nothing of the undefined symbols before it. */
	more = count_by_section(in, table_offset);
	if (more > count && more <= room)
		count = more;
	more = elf_highest_symbol(in, builder);
	if (more >= count && more < room)
		count = more + 1;
	if (count > room || count > BUDGET_SYMBOLS) {
		facts_builder_diag(builder, DIAG_ELF_BAD_SYMBOLS, offset,
				   "%llu symbols, but the file has room for %llu at offset %llu",
				   (unsigned long long)count, (unsigned long long)room,
				   (unsigned long long)table_offset);
		count = room < BUDGET_SYMBOLS ? room : BUDGET_SYMBOLS;
		/* Symbols that cannot be counted are not guessed at. */
		return 0;
	}
	return count;
}

static void add_symbol(const struct elf_input *in, struct facts_builder *builder,
		       const GElf_Sym *symbol, uint64_t index, uint64_t *bad_names)
{
	struct facts_symbol added = {
	    .value = symbol->st_value,
	    .size = symbol->st_size,
	    .section = symbol->st_shndx,
	    .type = GELF_ST_TYPE(symbol->st_info),
	    .binding = GELF_ST_BIND(symbol->st_info),
	    .visibility = GELF_ST_VISIBILITY(symbol->st_other),
	    .version_index = 0xffff,
	};
	const char *text;
	size_t length;

	if (symbol->st_shndx == SHN_UNDEF)
		added.flags |= FACTS_SYMBOL_UNDEFINED;
	if (slice_cstr(in->dynamic_strings, symbol->st_name, &text, &length) &&
	    length <= BUDGET_STRING_LENGTH)
		added.name = facts_builder_text(builder, slice_of(text, length));
	else if (index)
		(*bad_names)++;
	vec_push(&builder->symbols, added);
}

void facts_symbols(struct elf_input *in, struct facts_builder *builder)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t address, offset, count, bad_names = 0;
	struct slice table;
	Elf_Data *data;

	if (!elf_input_dynamic(builder, DT_SYMTAB, &address))
		return;
	if (!elf_input_at_address(in, address, &table, &offset)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_SYMBOLS, DIAG_NO_OFFSET,
				   "no file bytes behind DT_SYMTAB 0x%llx",
				   (unsigned long long)address);
		return;
	}
	count = count_symbols(in, builder, table, offset);
	data = elf_input_data(in, offset, count * entry, ELF_T_SYM);
	for (uint64_t i = 0; data && i < count; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol))
			break;
		add_symbol(in, builder, &symbol, i, &bad_names);
	}
	if (bad_names)
		facts_builder_diag(builder, DIAG_ELF_BAD_STRING, in->dynamic_strings_offset,
				   "%llu symbol names lie outside the string table",
				   (unsigned long long)bad_names);
	elf_read_versions(in, builder);
}
