/* SPDX-License-Identifier: BSD-2-Clause */
/* An ELF file of a few sections, for tests of what is collected from them. Behind cmocka.h. */
#ifndef SECTION_FILE_H
#define SECTION_FILE_H

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "binary/elf_input.h"

#define FILE_SIZE 4096
#define SECTIONS_MAX 5
#define NAMES 400 /* where names of sections begin: section 2 */
#define NAMES_SIZE 64

/* sections: the first is none, the third becomes the names. */
static inline void make_section_file(uint8_t file[FILE_SIZE], uint16_t type, Elf64_Shdr *sections,
				     size_t count, const char *names, size_t names_size)
{
	const Elf64_Ehdr header = {
	    .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
	    .e_type = type,
	    .e_machine = EM_X86_64,
	    .e_version = EV_CURRENT,
	    .e_ehsize = sizeof(header),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_shentsize = sizeof(Elf64_Shdr),
	    .e_shoff = sizeof(header),
	    .e_shnum = (uint16_t)count,
	    .e_shstrndx = 2,
	};

	assert_true(count <= SECTIONS_MAX && names_size <= NAMES_SIZE);
	sections[2].sh_type = SHT_STRTAB;
	sections[2].sh_offset = NAMES;
	sections[2].sh_size = NAMES_SIZE;
	memset(file, 0, FILE_SIZE);
	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), sections, count * sizeof(*sections));
	memcpy(file + NAMES, names, names_size);
}

struct reading {
	struct facts facts;
	uint8_t *record;
};

static inline struct reading read_section_file(const uint8_t file[FILE_SIZE], uint32_t groups)
{
	struct reading reading;
	size_t size;

	assert_int_equal(facts_collect(slice_of(file, FILE_SIZE), groups, &reading.record, &size),
			 STATUS_OK);
	assert_int_equal(facts_open(slice_of(reading.record, size), &reading.facts), STATUS_OK);
	return reading;
}

#endif
