/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ELF file as the memory image a process would see after relocation: what is executable, what
 * is constant, which words are pointers. x86-64 and AArch64, 64-bit, little-endian only. Private to
 * src/binary.
 */
#ifndef BINARY_CODE_IMAGE_H
#define BINARY_CODE_IMAGE_H

#include "binary/elf_input.h"

/* Executable bytes of the file at a virtual address. */
struct code_range {
	uint64_t address;
	struct slice bytes;
	uint32_t section; /* its index; 0 where there are no sections */
	bool is_plt;	  /* a section of linker-made stubs; false where there are no sections */
};

struct code_relocation {
	uint64_t address;
	int64_t addend;
	uint32_t symbol; /* 0: the word is load address + addend */
	bool is_slot;	 /* of the global offset table: no code changes it but the loader's */
};

struct code_image {
	struct elf_input *in;
	struct facts_builder *builder;
	VEC(struct code_range) code;		 /* sorted, without overlaps */
	VEC(struct code_relocation) relocations; /* sorted by address */
	uint64_t code_bytes, headers_end;
	bool fixed_address; /* ET_EXEC: pointers are plain numbers in the code */
};

/* What a word of memory holds once the file is loaded. */
enum code_word_kind { CODE_WORD_NONE, CODE_WORD_NUMBER, CODE_WORD_SYMBOL };

struct code_word {
	enum code_word_kind kind;
	uint64_t number; /* of a symbol: the addend */
	uint32_t symbol; /* index into builder->symbols */
	bool is_slot;
};

static inline uint64_t code_read(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = size; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static inline uint32_t code_read32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* false when code of this machine is not read. Needs the dynamic, section and symbol collectors. */
bool code_image_open(struct elf_input *in, struct facts_builder *builder, struct code_image *ret);
/* Only where the code is, without relocations: any machine. */
void code_image_open_code(struct elf_input *in, struct facts_builder *builder,
			  struct code_image *ret);
void code_image_close(struct code_image *image);

const struct code_range *code_image_code(const struct code_image *image, uint64_t address);
/* What the file has of a segment that is loaded to be read alone; false for other segments. */
bool code_image_read_only(const struct code_image *image, size_t segment, uint64_t *ret_address,
			  struct slice *ret_bytes);
/* Whether the bytes are in the file and no store can change them after relocation. */
bool code_image_constant(const struct code_image *image, uint64_t address, uint64_t size);
/* Whether a segment, file-backed or not, holds the address. */
bool code_image_mapped(const struct code_image *image, uint64_t address);
/* The word of that many bytes at address as it is after relocation, before any code has run. */
struct code_word code_image_word(const struct code_image *image, uint64_t address, unsigned size);
/* NUL-terminated text of printable characters; the empty text too. */
bool code_image_text(const struct code_image *image, uint64_t address, struct slice *ret);
/* Relocations in [from, to). */
void code_image_relocations(const struct code_image *image, uint64_t from, uint64_t to,
			    const struct code_relocation **ret_first, size_t *ret_count);
/* Whether such bytes can be a name or a command: printable, valid UTF-8, tabs and newlines. */
bool code_text_valid(struct slice text);

const char *code_symbol_name(const struct code_image *image, uint32_t symbol);

#endif
