/* SPDX-License-Identifier: BSD-2-Clause */
/* Dynamic relocations that name a symbol: DT_RELA, DT_REL and DT_JMPREL. DT_RELR names none. */
#include "binary/collector.h"
#include "binary/elf_symbols.h"
#include "binary/relocation_table.h"
#include "util/budget.h"

void facts_relocations(struct elf_input *in, struct facts_builder *builder);

struct table {
	uint64_t offset;
	struct relocation_table list;
};

static uint32_t copy_type(uint16_t machine)
{
	switch (machine) {
	case EM_X86_64:
		return R_X86_64_COPY;
	case EM_386:
		return R_386_COPY;
	case EM_AARCH64:
		return R_AARCH64_COPY;
	case EM_ARM:
		return R_ARM_COPY;
	case EM_RISCV:
		return R_RISCV_COPY;
	case EM_PPC64:
		return R_PPC64_COPY;
	case EM_S390:
		return R_390_COPY;
	default:
		return UINT32_MAX;
	}
}

/* The table behind a pair of dynamic entries; false when there is none or it leaves the file. */
static bool open_table(const struct elf_input *in, struct facts_builder *builder, int64_t tag,
		       int64_t size_tag, bool with_addend, struct table *ret)
{
	uint64_t address, size, count;
	struct slice bytes, table;

	if (!elf_input_dynamic(builder, tag, &address) ||
	    !elf_input_dynamic(builder, size_tag, &size) || !size)
		return false;
	if (!elf_input_at_address(in, address, &bytes, &ret->offset) ||
	    !slice_sub(bytes, 0, size, &table)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_RELOCATIONS, DIAG_NO_OFFSET,
				   "no file bytes for %llu bytes of relocations at 0x%llx",
				   (unsigned long long)size, (unsigned long long)address);
		return false;
	}
	count = relocation_table_count(in, size, with_addend);
	if (count > BUDGET_RELOCATIONS) {
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, ret->offset, "%llu relocations",
				   (unsigned long long)count);
		count = BUDGET_RELOCATIONS;
	}
	return relocation_table_open(in, ret->offset, count, with_addend, &ret->list);
}

static size_t open_tables(const struct elf_input *in, struct facts_builder *builder,
			  struct table ret[static 3])
{
	uint64_t kind = DT_RELA;
	size_t count = 0;

	if (open_table(in, builder, DT_RELA, DT_RELASZ, true, &ret[count]))
		count++;
	if (open_table(in, builder, DT_REL, DT_RELSZ, false, &ret[count]))
		count++;
	elf_input_dynamic(builder, DT_PLTREL, &kind);
	if (open_table(in, builder, DT_JMPREL, DT_PLTRELSZ, kind == DT_RELA, &ret[count]))
		count++;
	return count;
}

uint64_t elf_highest_symbol(const struct elf_input *in, struct facts_builder *builder)
{
	size_t diagnostics = builder->diagnostics.len;
	struct table tables[3];
	uint64_t highest = 0;
	size_t count = open_tables(in, builder, tables);

	/* The collector proper says what is wrong with the tables. */
	builder->diagnostics.len = diagnostics;
	for (size_t t = 0; t < count; t++) {
		for (uint64_t i = 0; i < tables[t].list.count; i++) {
			GElf_Rela relocation;
			if (relocation_table_at(&tables[t].list, i, &relocation) &&
			    GELF_R_SYM(relocation.r_info) > highest)
				highest = GELF_R_SYM(relocation.r_info);
		}
	}
	return highest;
}

static void read_table(struct elf_input *in, struct facts_builder *builder,
		       const struct table *table)
{
	uint32_t copy = copy_type(in->header.e_machine);
	uint64_t outside = 0;

	for (uint64_t i = 0; i < table->list.count; i++) {
		struct facts_relocation added;
		GElf_Rela relocation;

		if (!relocation_table_at(&table->list, i, &relocation))
			break;
		if (!GELF_R_SYM(relocation.r_info))
			continue;
		added = (struct facts_relocation){
		    .offset = relocation.r_offset,
		    .addend = relocation.r_addend,
		    .symbol = (uint32_t)GELF_R_SYM(relocation.r_info),
		    .type = (uint32_t)GELF_R_TYPE(relocation.r_info),
		};
		if (added.symbol >= builder->symbols.len) {
			outside++;
			continue;
		}
		if (added.type == copy)
			builder->symbols.ptr[added.symbol].flags |= FACTS_SYMBOL_COPY;
		vec_push(&builder->relocations, added);
	}
	if (outside)
		facts_builder_diag(builder, DIAG_ELF_BAD_RELOCATIONS, table->offset,
				   "%llu relocations name symbols that do not exist",
				   (unsigned long long)outside);
}

void facts_relocations(struct elf_input *in, struct facts_builder *builder)
{
	struct table tables[3];
	size_t count;

	if (in->header.e_machine == EM_MIPS && in->is_64) {
		/* r_info is split in another way there. */
		facts_builder_diag(builder, DIAG_ELF_BAD_RELOCATIONS, DIAG_NO_OFFSET,
				   "relocations of 64-bit MIPS are not read");
		return;
	}
	if (!builder->symbols.len)
		return;
	count = open_tables(in, builder, tables);
	for (size_t i = 0; i < count; i++)
		read_table(in, builder, &tables[i]);
}
