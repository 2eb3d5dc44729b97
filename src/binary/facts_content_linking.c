/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digests of what symbol and relocation tables say, by name and not by place: tools move the
 * tables, renumber sections, and put other library names into the tables of versions.
 */
#include "binary/facts_content.h"
#include "binary/relocation_table.h"
#include "util/budget.h"
#include "util/digest.h"

static void add_text(struct digest_stream *stream, const struct facts_builder *builder,
		     struct facts_text text)
{
	/* With the NUL behind it, which divides texts. */
	digest_add(stream, slice_of(builder->strings.ptr + text.offset, (size_t)text.length + 1));
}

static void finish(struct facts_builder *builder, struct digest_stream *stream, uint32_t role,
		   uint64_t count)
{
	struct facts_content content = {.role = role, .size = count};
	struct digest digest;

	if (digest_end(stream, &digest) == STATUS_OK)
		memcpy(content.digest, digest.bytes, sizeof(content.digest));
	vec_push(&builder->contents, content);
}

void facts_content_symbols(struct facts_builder *builder)
{
	struct digest_stream *stream = digest_begin();

	vec_each (symbol, &builder->symbols) {
		uint8_t kinds[] = {symbol->type, symbol->binding, symbol->visibility,
				   symbol->flags &
				       (FACTS_SYMBOL_UNDEFINED | FACTS_SYMBOL_HIDDEN_VERSION)};
		uint64_t numbers[] = {symbol->value, symbol->size};

		add_text(stream, builder, symbol->name);
		add_text(stream, builder, symbol->version);
		digest_add(stream, slice_of(kinds, sizeof(kinds)));
		digest_add(stream, slice_of(numbers, sizeof(numbers)));
	}
	finish(builder, stream, FACTS_CONTENT_SYMBOLS, builder->symbols.len);
}

static void add_relocation(struct digest_stream *stream, const struct facts_builder *builder,
			   const GElf_Rela *relocation)
{
	uint64_t numbers[] = {relocation->r_offset, GELF_R_TYPE(relocation->r_info),
			      (uint64_t)relocation->r_addend};
	uint64_t symbol = GELF_R_SYM(relocation->r_info);

	digest_add(stream, slice_of(numbers, sizeof(numbers)));
	if (symbol && symbol < builder->symbols.len) {
		add_text(stream, builder, builder->symbols.ptr[symbol].name);
		add_text(stream, builder, builder->symbols.ptr[symbol].version);
	}
}

static struct slice table_bytes(const struct elf_input *in, const struct facts_builder *builder,
				int64_t tag, int64_t size_tag, uint64_t *ret_offset)
{
	uint64_t address, size;
	struct slice bytes;

	if (!elf_input_dynamic(builder, tag, &address) ||
	    !elf_input_dynamic(builder, size_tag, &size) ||
	    !elf_input_at_address(in, address, &bytes, ret_offset) ||
	    !slice_sub(bytes, 0, size, &bytes))
		return slice_of(NULL, 0); /* facts_relocations.c says so */
	return bytes;
}

static uint64_t add_table(const struct elf_input *in, const struct facts_builder *builder,
			  struct digest_stream *stream, int64_t tag, int64_t size_tag,
			  bool with_addend)
{
	uint64_t offset = 0, count;
	struct slice bytes = table_bytes(in, builder, tag, size_tag, &offset);
	struct relocation_table table;
	GElf_Rela relocation;

	count = relocation_table_count(in, bytes.len, with_addend);
	if (count > BUDGET_RELOCATIONS)
		count = BUDGET_RELOCATIONS;
	if (relocation_table_open(in, offset, count, with_addend, &table))
		for (uint64_t i = 0; i < count && relocation_table_at(&table, i, &relocation); i++)
			add_relocation(stream, builder, &relocation);
	return count;
}

void facts_content_relocations(const struct elf_input *in, struct facts_builder *builder)
{
	struct digest_stream *stream = digest_begin();
	uint64_t kind = DT_RELA, count, offset;
	struct slice packed;

	count = add_table(in, builder, stream, DT_RELA, DT_RELASZ, true);
	count += add_table(in, builder, stream, DT_REL, DT_RELSZ, false);
	elf_input_dynamic(builder, DT_PLTREL, &kind);
	count += add_table(in, builder, stream, DT_JMPREL, DT_PLTRELSZ, kind == DT_RELA);
	packed = table_bytes(in, builder, DT_RELR, DT_RELRSZ, &offset);
	digest_add(stream, packed);
	finish(builder, stream, FACTS_CONTENT_RELOCATIONS, count + packed.len / 8);
}
