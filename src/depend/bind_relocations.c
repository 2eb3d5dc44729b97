/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which relocations look a symbol up, and how. After elf_machine_type_class() and
 * elf_machine_rel[a]() in glibc 2.36's sysdeps/MACHINE/dl-machine.h.
 */
#include "depend/bind_tables.h"

/* R_PPC64_TLS..R_PPC64_DTPREL16_HIGHESTA and R_PPC64_TPREL16_HIGH..R_PPC64_DTPREL16_HIGHA. */
struct type_range {
	uint32_t first, last;
};

struct bind_machine {
	uint16_t machine;
	bool all_plt; /* there is no other class than that of calls */
	uint32_t relative, copy;
	struct type_range plt[4]; /* an unused one is {0, 0}, which is no relocation */
};

static const struct bind_machine machines[] = {
    {EM_X86_64,
     false,
     R_X86_64_RELATIVE,
     R_X86_64_COPY,
     {{R_X86_64_JUMP_SLOT, R_X86_64_JUMP_SLOT},
      {R_X86_64_DTPMOD64, R_X86_64_TPOFF64}, /* DTPOFF64 stands between */
      {R_X86_64_TLSDESC, R_X86_64_TLSDESC}}},
    {EM_386,
     false,
     R_386_RELATIVE,
     R_386_COPY,
     {{R_386_JMP_SLOT, R_386_JMP_SLOT},
      {R_386_TLS_TPOFF, R_386_TLS_TPOFF},
      {R_386_TLS_DTPMOD32, R_386_TLS_TPOFF32},
      {R_386_TLS_DESC, R_386_TLS_DESC}}},
    {EM_AARCH64,
     false,
     R_AARCH64_RELATIVE,
     R_AARCH64_COPY,
     {{R_AARCH64_JUMP_SLOT, R_AARCH64_JUMP_SLOT},
      {R_AARCH64_TLS_DTPMOD, R_AARCH64_TLSDESC}}}, /* DTPREL and TPREL stand between */
    {EM_ARM,
     false,
     R_ARM_RELATIVE,
     R_ARM_COPY,
     {{R_ARM_JUMP_SLOT, R_ARM_JUMP_SLOT},
      {R_ARM_TLS_DTPMOD32, R_ARM_TLS_TPOFF32},
      {R_ARM_TLS_DESC, R_ARM_TLS_DESC}}},
    {EM_RISCV,
     false,
     R_RISCV_RELATIVE,
     R_RISCV_COPY,
     {{R_RISCV_JUMP_SLOT, R_RISCV_JUMP_SLOT}, {R_RISCV_TLS_DTPMOD32, R_RISCV_TLS_TPREL64}}},
    {EM_S390,
     false,
     R_390_RELATIVE,
     R_390_COPY,
     {{R_390_JMP_SLOT, R_390_JMP_SLOT}, {R_390_TLS_DTPMOD, R_390_TLS_TPOFF}}},
    {EM_PPC64,
     false,
     R_PPC64_RELATIVE,
     R_PPC64_COPY,
     {{R_PPC64_JMP_SLOT, R_PPC64_JMP_SLOT},
      {R_PPC64_ADDR24, R_PPC64_ADDR24},
      {R_PPC64_TLS, R_PPC64_DTPREL16_HIGHESTA},
      {R_PPC64_TPREL16_HIGH, R_PPC64_DTPREL16_HIGHA}}},
};

static const struct bind_machine ppc64_elfv1 = {
    EM_PPC64, true, R_PPC64_RELATIVE, R_PPC64_COPY, {{0, 0}}};

const struct bind_machine *bind_machine(const struct facts_identity *identity)
{
	if (identity->machine == EM_PPC64 && (identity->elf_flags & EF_PPC64_ABI) < 2)
		return &ppc64_elfv1;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == identity->machine)
			return &machines[i];
	return NULL;
}

unsigned bind_relocation_class(const struct bind_machine *machine, uint32_t type)
{
	if (type == 0) /* R_MACHINE_NONE everywhere */
		return 0;
	if (!machine)
		return BIND_PLAIN;
	if (type == machine->relative)
		return 0;
	if (type == machine->copy)
		return BIND_COPY;
	if (machine->all_plt)
		return BIND_PLT;
	for (size_t i = 0; i < sizeof(machine->plt) / sizeof(machine->plt[0]); i++)
		if (type >= machine->plt[i].first && type <= machine->plt[i].last)
			return BIND_PLT;
	return BIND_PLAIN;
}
