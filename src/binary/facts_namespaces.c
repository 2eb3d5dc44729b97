/* SPDX-License-Identifier: BSD-2-Clause */
/* Which C++ namespaces the code of a file lies in, by the names of its functions. */
#include "binary/collector.h"
#include "binary/mangled.h"
#include "util/budget.h"
#include "util/map.h"

void facts_namespaces(struct elf_input *in, struct facts_builder *builder);

/* One of the two tables of symbols; a name may be in both. */
struct names {
	struct elf_input *in;
	struct facts_builder *builder;
	struct arena arena;
	struct map scopes;  /* "Eigen" -> index of the entry */
	struct map symbols; /* names of .dynsym, which .symtab repeats */
	bool second_table;
};

struct function {
	struct slice name;
	uint64_t size;
	unsigned binding;
};

static struct facts_namespace *entry_of(struct names *names, struct slice first,
					struct slice second)
{
	char *key = second.len ? arena_printf(&names->arena, "%.*s::%.*s", (int)first.len,
					      (const char *)first.ptr, (int)second.len,
					      (const char *)second.ptr)
			       : arena_slice(&names->arena, first);
	struct facts_builder *builder = names->builder;
	struct map_entry *known;
	bool added;

	if (names->scopes.len >= BUDGET_NAMESPACES && !map_get(&names->scopes, slice_text(key)))
		return NULL;
	known = map_put(&names->scopes, slice_text(key), (uint32_t)builder->namespaces.len, &added);
	if (added)
		vec_push(&builder->namespaces,
			 ((struct facts_namespace){
			     .name = facts_builder_text(builder, slice_text(key))}));
	return &builder->namespaces.ptr[known->value];
}

static void add_function(struct names *names, const struct function *function)
{
	struct slice first, second;
	struct facts_namespace *entry;
	bool weak = function->binding == STB_WEAK || function->binding == STB_GNU_UNIQUE, added;

	if (!mangled_scope(function->name, &first, &second))
		return;
	if (names->second_table) {
		if (map_get(&names->symbols, function->name))
			return;
	} else {
		map_put(&names->symbols, function->name, 0, &added);
		if (!added)
			return;
	}
	entry = entry_of(names, first, second);
	if (!entry)
		return;
	if (!entry->example.length || (weak && function->size > entry->reserved)) {
		entry->example = facts_builder_text(names->builder, function->name);
		/* The size of the example, until all are seen. */
		entry->reserved =
		    weak ? (uint32_t)(function->size < UINT32_MAX ? function->size : UINT32_MAX)
			 : 0;
	}
	if (weak) {
		entry->weak++;
		if (__builtin_add_overflow(entry->weak_bytes, function->size, &entry->weak_bytes))
			entry->weak_bytes = UINT64_MAX;
	} else if (function->binding == STB_LOCAL) {
		entry->local++;
	} else {
		entry->global++;
	}
}

/* One table as the section table tells it. */
static void read_table(struct names *names, const struct facts_section *table)
{
	struct elf_input *in = names->in;
	const struct facts_section *sections = names->builder->sections.ptr;
	size_t entry = in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	struct slice texts;
	Elf_Data *data;
	uint64_t count = table->size / entry;

	if (table->link >= names->builder->sections.len ||
	    !slice_sub(in->bytes, sections[table->link].offset, sections[table->link].size, &texts))
		return;
	if (count > BUDGET_SYMBOLS)
		count = BUDGET_SYMBOLS;
	data = elf_input_data(in, table->offset, count * entry, ELF_T_SYM);
	if (!data || data->d_size < count * entry)
		return;
	for (uint64_t i = 0; i < count; i++) {
		const Elf64_Sym *wide = (const Elf64_Sym *)data->d_buf + i;
		const Elf32_Sym *narrow = (const Elf32_Sym *)data->d_buf + i;
		unsigned info = in->is_64 ? wide->st_info : narrow->st_info;
		unsigned section = in->is_64 ? wide->st_shndx : narrow->st_shndx;
		struct function function = {.size = in->is_64 ? wide->st_size : narrow->st_size,
					    .binding = ELF64_ST_BIND(info)};
		const char *text;
		size_t length;

		if (ELF64_ST_TYPE(info) != STT_FUNC || section == SHN_UNDEF ||
		    !slice_cstr(texts, in->is_64 ? wide->st_name : narrow->st_name, &text,
				&length) ||
		    length > BUDGET_STRING_LENGTH)
			continue;
		function.name = slice_of(text, length);
		add_function(names, &function);
	}
}

void facts_namespaces(struct elf_input *in, struct facts_builder *builder)
{
	struct names names = {.in = in, .builder = builder};

	arena_init(&names.arena);
	for (uint32_t type = SHT_DYNSYM; type; type = type == SHT_DYNSYM ? SHT_SYMTAB : 0) {
		names.second_table = type == SHT_SYMTAB;
		vec_each (section, &builder->sections)
			if (section->type == type)
				read_table(&names, section);
	}
	vec_each (entry, &builder->namespaces)
		entry->reserved = 0;
	if (names.scopes.len >= BUDGET_NAMESPACES)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "more than %u namespaces", BUDGET_NAMESPACES);
	map_release(&names.scopes);
	map_release(&names.symbols);
	arena_release(&names.arena);
}
