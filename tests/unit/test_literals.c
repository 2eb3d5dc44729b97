/* SPDX-License-Identifier: BSD-2-Clause */
/* Long texts and beginnings of tables: what is one, the same keys in object and linked files, and
 * damaged files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "section_file.h"

#define SYMBOLS 512 /* where symbols begin */
#define RELOCATED 704
#define CONTENT 1024 /* where the section of constants begins */
#define TABLE 256    /* in the section */
#define SIZE 1024

static const char names[] = "\0.rodata.x\0.text";

static void put(uint8_t *content, size_t at, const char *text)
{
	memcpy(content + at, text, strlen(text) + 1);
}

/* A section of constants with texts, and a table that a symbol names. */
static void make_file(uint8_t file[FILE_SIZE], uint16_t type, uint64_t address)
{
	Elf64_Shdr sections[5] = {
	    [1] = {.sh_name = 1,
		   .sh_type = SHT_PROGBITS,
		   .sh_flags = SHF_ALLOC,
		   .sh_addr = address,
		   .sh_offset = CONTENT,
		   .sh_size = SIZE},
	    [2] = {.sh_name = 11},
	    [3] = {.sh_name = 11,
		   .sh_type = SHT_SYMTAB,
		   .sh_offset = SYMBOLS,
		   .sh_size = 3 * sizeof(Elf64_Sym),
		   .sh_link = 2},
	    [4] = {.sh_name = 11,
		   .sh_type = SHT_RELA,
		   .sh_offset = RELOCATED,
		   .sh_size = sizeof(Elf64_Rela),
		   .sh_link = 3,
		   .sh_info = 1},
	};
	Elf64_Sym symbols[3] = {
	    [1] = {.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
		   .st_shndx = 1,
		   .st_value = TABLE,
		   .st_size = 128},
	    [2] = {.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
		   .st_shndx = 1,
		   .st_value = TABLE + 128,
		   .st_size = 128},
	};
	Elf64_Rela relocation = {.r_offset = TABLE + 128 + 8};

	make_section_file(file, type, sections, 5, names, sizeof(names));
	memcpy(file + SYMBOLS, symbols, sizeof(symbols));
	memcpy(file + RELOCATED, &relocation, sizeof(relocation));
	for (size_t i = 0; i < 256; i++)
		file[CONTENT + TABLE + i] = (uint8_t)(i * 37 + i / 7 + 129);
	put(file + CONTENT, 1, "incorrect header check");
	put(file + CONTENT, 32, "too short");
	put(file + CONTENT, 48, "a_name_without_a_space");
	put(file + CONTENT, 80, "%08lx %08lx %08lx %08lx");
	put(file + CONTENT, 112, "incorrect header check");
	put(file + CONTENT, 144, "two\nlines of\ttext");
	memcpy(file + CONTENT + SIZE - 20, "a text without its end", 20);
}

static struct reading read_file(const uint8_t file[FILE_SIZE])
{
	return read_section_file(file, FACTS_LITERALS);
}

/* Of length 0 when there is none. */
static struct facts_literal at_offset(const struct facts *facts, uint64_t offset)
{
	for (size_t i = 0; i < facts->literals_count; i++)
		if (facts->literals[i].offset == offset)
			return facts->literals[i];
	return (struct facts_literal){0};
}

static bool has_key(const struct facts *facts, uint64_t key)
{
	for (size_t i = 0; i < facts->literals_count; i++)
		if (facts->literals[i].key == key)
			return true;
	return false;
}

static void what_is_a_text(void **state)
{
	uint8_t file[FILE_SIZE];
	struct reading reading;
	size_t texts = 0;

	(void)state;
	make_file(file, ET_REL, 0);
	reading = read_file(file);
	for (size_t i = 0; i < reading.facts.literals_count; i++)
		texts += reading.facts.literals[i].kind == FACTS_LITERAL_TEXT;
	assert_int_equal(texts, 2); /* one of them stands twice */
	assert_int_not_equal(at_offset(&reading.facts, CONTENT + 1).length, 0);
	assert_int_equal(at_offset(&reading.facts, CONTENT + 1).length, 22);
	assert_int_not_equal(at_offset(&reading.facts, CONTENT + 144).length, 0);
	free(reading.record);
}

/* A symbol tells a table in an object file, unless a linker fills it; in a linked file any place
 * may be one, whatever the section's address. */
static void what_is_a_table(void **state)
{
	uint8_t file[FILE_SIZE];
	struct reading object, linked;

	(void)state;
	make_file(file, ET_REL, 0);
	object = read_file(file);
	assert_int_equal(object.facts.literals_count, 3);
	assert_int_not_equal(at_offset(&object.facts, CONTENT + TABLE).length, 0);
	assert_int_equal(at_offset(&object.facts, CONTENT + TABLE).kind, FACTS_LITERAL_TABLE);
	assert_int_equal(at_offset(&object.facts, CONTENT + TABLE + 128).length, 0);
	make_file(file, ET_DYN, 0x402020);
	linked = read_file(file);
	for (size_t i = 0; i < object.facts.literals_count; i++)
		assert_true(has_key(&linked.facts, object.facts.literals[i].key));
	assert_true(linked.facts.literals_count > object.facts.literals_count);
	free(linked.record);
	/* Moved by less than tables are aligned to, nothing begins where it did. */
	make_file(file, ET_DYN, 0x402004);
	linked = read_file(file);
	assert_false(has_key(&linked.facts, at_offset(&object.facts, CONTENT + TABLE).key));
	free(linked.record);
	free(object.record);
}

/* Without a section table, what is mapped for reading alone; no writable or executable bytes. */
static void segments_alone(void **state)
{
	static const uint32_t flags[] = {PF_R, PF_R | PF_W, PF_R | PF_X};
	uint8_t file[FILE_SIZE];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		Elf64_Phdr segment = {.p_type = PT_LOAD,
				      .p_flags = flags[i],
				      .p_offset = CONTENT,
				      .p_vaddr = CONTENT,
				      .p_filesz = SIZE,
				      .p_memsz = SIZE};
		struct reading reading;
		Elf64_Ehdr header;

		make_file(file, ET_DYN, CONTENT);
		memcpy(&header, file, sizeof(header));
		header.e_shoff = header.e_shnum = header.e_shstrndx = 0;
		header.e_phoff = 64;
		header.e_phnum = 1;
		memcpy(file, &header, sizeof(header));
		memcpy(file + 64, &segment, sizeof(segment));
		reading = read_file(file);
		assert_int_equal(reading.facts.literals_count > 0, i == 0);
		free(reading.record);
	}
}

/* Each byte of the headers, the symbols and the relocation changed: no crash, a sound record. */
static void damaged_files(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff};

	(void)state;
	for (size_t i = 0; i < CONTENT * sizeof(changes); i++) {
		uint8_t file[FILE_SIZE], *record = NULL;
		struct facts facts;
		size_t size;

		make_file(file, i & 1 ? ET_REL : ET_DYN, 0);
		file[i / sizeof(changes)] ^= changes[i % sizeof(changes)];
		if (facts_collect(slice_of(file, FILE_SIZE), FACTS_LITERALS, &record, &size) ==
		    STATUS_OK)
			assert_int_equal(facts_open(slice_of(record, size), &facts), STATUS_OK);
		free(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_a_text),
	    cmocka_unit_test(what_is_a_table),
	    cmocka_unit_test(segments_alone),
	    cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
