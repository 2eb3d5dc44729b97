/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any code and any data in a small file that imports execv: call recovery, and the search for paths
 * of programs (code_paths.c), which a file is only put through whose calls it could not follow.
 *
 * The input: a byte for the machine, two for how much of the rest is code, then code and read-only
 * data, which code can refer to.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "binary/elf_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CODE 0x1000u
#define PART_MOST 0x4000u
#define DATA (CODE + PART_MOST)
#define SLOTS (DATA + PART_MOST)
#define STUBS 0x20u
#define FILE_SIZE (SLOTS + 0x1000u)

static const char names[] = "\0execv\0strcpy\0run";

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr segments[5];
	Elf64_Sym symbols[4];
	Elf64_Rela relocations[2];
	Elf64_Dyn dynamic[9];
	char strings[sizeof(names)];
	uint32_t hash[8];
};

static void fill(struct image *image, uint16_t machine, size_t code, size_t rodata)
{
	const uint64_t end = sizeof(*image);
	const Elf64_Dyn dynamic[] = {
	    {DT_STRTAB, {offsetof(struct image, strings)}},
	    {DT_STRSZ, {sizeof(names)}},
	    {DT_SYMTAB, {offsetof(struct image, symbols)}},
	    {DT_SYMENT, {sizeof(Elf64_Sym)}},
	    {DT_HASH, {offsetof(struct image, hash)}},
	    {DT_JMPREL, {offsetof(struct image, relocations)}},
	    {DT_PLTRELSZ, {sizeof(image->relocations)}},
	    {DT_PLTREL, {DT_RELA}},
	    {DT_NULL, {0}},
	};

	*image = (struct image){
	    .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				 EV_CURRENT},
		     .e_type = ET_DYN,
		     .e_machine = machine,
		     .e_version = EV_CURRENT,
		     .e_phoff = offsetof(struct image, segments),
		     .e_ehsize = sizeof(Elf64_Ehdr),
		     .e_phentsize = sizeof(Elf64_Phdr),
		     .e_phnum = 5},
	    .segments = {{PT_LOAD, PF_R, 0, 0, 0, end, end, 0x1000},
			 {PT_LOAD, PF_R | PF_X, CODE, CODE, CODE, STUBS + code, STUBS + code,
			  0x1000},
			 {PT_LOAD, PF_R, DATA, DATA, DATA, rodata, rodata, 0x1000},
			 {PT_LOAD, PF_R | PF_W, SLOTS, SLOTS, SLOTS, 16, 16, 0x1000},
			 {PT_DYNAMIC, PF_R, offsetof(struct image, dynamic),
			  offsetof(struct image, dynamic), 0, sizeof(image->dynamic),
			  sizeof(image->dynamic), 8}},
	    .symbols = {{0},
			{1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF, 0, 0},
			{7, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF, 0, 0},
			{14, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, CODE + STUBS, code}},
	    .relocations =
		{{SLOTS,
		  ELF64_R_INFO(1, machine == EM_X86_64 ? R_X86_64_JUMP_SLOT : R_AARCH64_JUMP_SLOT),
		  0},
		 {SLOTS + 8,
		  ELF64_R_INFO(2, machine == EM_X86_64 ? R_X86_64_JUMP_SLOT : R_AARCH64_JUMP_SLOT),
		  0}},
	    .hash = {1, 4, 1, 0, 2, 3, 0, 0},
	};
	memcpy(image->dynamic, dynamic, sizeof(dynamic));
	memcpy(image->strings, names, sizeof(names));
}

/* Stubs that jump through the two slots: 16 bytes each, at the start of the code. */
static void put_stubs(uint8_t *code, uint16_t machine)
{
	for (uint32_t i = 0; i < 2; i++, code += 16) {
		uint32_t to = SLOTS + 8 * i, from = CODE + 16 * i + 6, distance = to - from;
		const uint32_t arm[] = {
		    0x90000010u | (((SLOTS - CODE) >> 12 & 3) << 29) | ((SLOTS - CODE) >> 14) << 5,
		    0xf9400211u | (i << 10), 0x91000210u | (8 * i) << 10, 0xd61f0220u};

		if (machine != EM_X86_64) {
			memcpy(code, arm, sizeof(arm));
			continue;
		}
		memset(code, 0xcc, 16);
		code[0] = 0xff;
		code[1] = 0x25;
		memcpy(code + 2, &distance, 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[FILE_SIZE];
	uint8_t *record = NULL;
	size_t record_size = 0, code, rodata;
	struct facts facts;
	struct image image;
	uint16_t machine;

	if (size < 3)
		return 0;
	machine = data[0] & 1 ? EM_AARCH64 : EM_X86_64;
	code = (size_t)(data[1] | data[2] << 8) & (PART_MOST - 1);
	data += 3;
	size -= 3;
	if (code > PART_MOST - STUBS)
		code = PART_MOST - STUBS;
	if (code > size)
		code = size;
	rodata = size - code < PART_MOST ? size - code : PART_MOST;
	memset(file, 0, sizeof(file));
	fill(&image, machine, code, rodata);
	memcpy(file, &image, sizeof(image));
	put_stubs(file + CODE, machine);
	memcpy(file + CODE + STUBS, data, code);
	memcpy(file + DATA, data + code, rodata);
	if (facts_collect(slice_of(file, sizeof(file)), FACTS_CALLS, &record, &record_size) ==
		STATUS_OK &&
	    facts_open(slice_of(record, record_size), &facts) != STATUS_OK)
		abort();
	free(record);
	return 0;
}
