/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/device_elf.h"

#include "binary/device.h"
#include "util/budget.h"

bool device_elf_section(const struct device_elf *elf, uint32_t index, struct device_section *ret)
{
	struct slice header;
	const char *name;
	size_t length;

	if (!device_take(elf->headers, (uint64_t)index * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr),
			 &header))
		return false;
	*ret = (struct device_section){
	    .type = device_u32(header.ptr + offsetof(Elf64_Shdr, sh_type)),
	    .link = device_u32(header.ptr + offsetof(Elf64_Shdr, sh_link)),
	    .info = device_u32(header.ptr + offsetof(Elf64_Shdr, sh_info)),
	    .offset = device_u64(header.ptr + offsetof(Elf64_Shdr, sh_offset)),
	    .size = device_u64(header.ptr + offsetof(Elf64_Shdr, sh_size)),
	    .address = device_u64(header.ptr + offsetof(Elf64_Shdr, sh_addr)),
	};
	if (!elf->names.len)
		return true;
	if (!slice_cstr(elf->names, device_u32(header.ptr + offsetof(Elf64_Shdr, sh_name)), &name,
			&length) ||
	    length > BUDGET_DEVICE_NAME)
		return false;
	ret->name = slice_of(name, length);
	return true;
}

bool device_elf_bytes(const struct device_elf *elf, const struct device_section *section,
		      struct slice *ret)
{
	if (section->type == SHT_NOBITS) {
		*ret = slice_of("", 0);
		return true;
	}
	return device_take(elf->image, section->offset, section->size, ret);
}

bool device_elf_open(struct slice image, struct device_elf *ret)
{
	struct device_elf elf = {.image = image};
	struct device_section section;
	uint32_t names;
	uint64_t offset, count;

	if (image.len < sizeof(Elf64_Ehdr) || memcmp(image.ptr, ELFMAG, SELFMAG) != 0 ||
	    image.ptr[EI_CLASS] != ELFCLASS64 || image.ptr[EI_DATA] != ELFDATA2LSB)
		return false;
	elf.osabi = image.ptr[EI_OSABI];
	elf.abi_version = image.ptr[EI_ABIVERSION];
	elf.type = device_u16(image.ptr + offsetof(Elf64_Ehdr, e_type));
	elf.machine = device_u16(image.ptr + offsetof(Elf64_Ehdr, e_machine));
	elf.flags = device_u32(image.ptr + offsetof(Elf64_Ehdr, e_flags));
	offset = device_u64(image.ptr + offsetof(Elf64_Ehdr, e_shoff));
	count = device_u16(image.ptr + offsetof(Elf64_Ehdr, e_shnum));
	names = device_u16(image.ptr + offsetof(Elf64_Ehdr, e_shstrndx));
	if (!offset ||
	    device_u16(image.ptr + offsetof(Elf64_Ehdr, e_shentsize)) != sizeof(Elf64_Shdr))
		return false;
	if (!device_take(image, offset, sizeof(Elf64_Shdr), &elf.headers))
		return false;
	/* Many sections: the numbers that do not fit are in section 0 (gABI, ch. 4). */
	if (!device_elf_section(&elf, 0, &section))
		return false;
	if (!count)
		count = section.size;
	if (names == SHN_XINDEX)
		names = section.link;
	if (!count || count > BUDGET_SECTIONS ||
	    !device_take(image, offset, count * sizeof(Elf64_Shdr), &elf.headers))
		return false;
	elf.section_count = (uint32_t)count;
	if (!device_elf_section(&elf, names, &section) || section.type != SHT_STRTAB ||
	    !device_elf_bytes(&elf, &section, &elf.names) || !elf.names.len)
		return false;
	*ret = elf;
	return true;
}

bool device_elf_symbol(struct slice table, struct slice names, uint64_t index,
		       struct device_symbol *ret)
{
	struct slice bytes;
	const char *name;
	size_t length;
	uint64_t at;

	if (__builtin_mul_overflow(index, (uint64_t)sizeof(Elf64_Sym), &at) ||
	    !device_take(table, at, sizeof(Elf64_Sym), &bytes))
		return false;
	*ret = (struct device_symbol){
	    .value = device_u64(bytes.ptr + offsetof(Elf64_Sym, st_value)),
	    .size = device_u64(bytes.ptr + offsetof(Elf64_Sym, st_size)),
	    .section = device_u16(bytes.ptr + offsetof(Elf64_Sym, st_shndx)),
	    .type = ELF64_ST_TYPE(bytes.ptr[offsetof(Elf64_Sym, st_info)]),
	    .other = bytes.ptr[offsetof(Elf64_Sym, st_other)],
	};
	if (slice_cstr(names, device_u32(bytes.ptr), &name, &length) &&
	    length <= BUDGET_DEVICE_NAME)
		ret->name = slice_of(name, length);
	return true;
}
