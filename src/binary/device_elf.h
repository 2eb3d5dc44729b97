/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device image as ELF: always 64 bits, little endian, read from memory. libelf is not used here:
 * an image is opened a hundred thousand times in one file, and only sections and symbols matter.
 */
#ifndef BINARY_DEVICE_ELF_H
#define BINARY_DEVICE_ELF_H

#include <elf.h>

#include "util/slice.h"

/* slice_sub() of bytes that are there: the compiler cannot know that a sound slice has an address.
 */
static inline bool device_take(struct slice s, uint64_t offset, uint64_t len, struct slice *ret)
{
	return slice_sub(s, offset, len, ret) && ret->ptr;
}

struct device_elf {
	struct slice image;
	struct slice headers; /* the section table; length a multiple of a header's */
	struct slice names;   /* section names */
	uint32_t section_count, flags;
	uint16_t type, machine;
	uint8_t osabi, abi_version;
};

struct device_section {
	struct slice name;
	uint32_t type, link, info;
	uint64_t offset, size, address;
};

struct device_symbol {
	struct slice name;
	uint64_t value, size;
	uint32_t section; /* SHN_XINDEX is left as it is */
	uint8_t type, other;
};

/* false: no such ELF file, or one whose section table is not inside of it. */
bool device_elf_open(struct slice image, struct device_elf *ret);
/* false: no such section, or its name does not end. */
bool device_elf_section(const struct device_elf *elf, uint32_t index, struct device_section *ret);
/* Its bytes; false when they are not inside the image. Empty for SHT_NOBITS. */
bool device_elf_bytes(const struct device_elf *elf, const struct device_section *section,
		      struct slice *ret);
/* A symbol of a table with these bytes; a name outside of names is empty. */
bool device_elf_symbol(struct slice table, struct slice names, uint64_t index,
		       struct device_symbol *ret);

#endif
