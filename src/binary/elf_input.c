/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/elf_input.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/budget.h"

/* What gelf_getehdr() does, without a libelf descriptor. */
static bool convert_header(struct elf_input *in, struct facts_builder *builder, size_t size)
{
	const Elf32_Ehdr *from;
	struct slice bytes;
	Elf_Data *data = NULL;

	if (elf_input_bytes(in, 0, size, &bytes))
		data = elf_pieces_data(in->pieces, bytes, ELF_T_EHDR, in->is_64, in->big_endian);
	if (!data) {
		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER, 0, "%s", elf_errmsg(-1));
		return false;
	}
	if (in->is_64) {
		memcpy(&in->header, data->d_buf, sizeof(in->header));
		return true;
	}
	from = data->d_buf;
	in->header = (GElf_Ehdr){.e_type = from->e_type,
				 .e_machine = from->e_machine,
				 .e_version = from->e_version,
				 .e_entry = from->e_entry,
				 .e_phoff = from->e_phoff,
				 .e_shoff = from->e_shoff,
				 .e_flags = from->e_flags,
				 .e_ehsize = from->e_ehsize,
				 .e_phentsize = from->e_phentsize,
				 .e_phnum = from->e_phnum,
				 .e_shentsize = from->e_shentsize,
				 .e_shnum = from->e_shnum,
				 .e_shstrndx = from->e_shstrndx};
	memcpy(in->header.e_ident, from->e_ident, EI_NIDENT);
	return true;
}

static bool read_header(struct elf_input *in, struct facts_builder *builder)
{
	size_t wanted = in->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);

	if (in->bytes.len < wanted) {
		facts_builder_diag(builder, DIAG_ELF_TRUNCATED, in->bytes.len,
				   "the file ends inside its ELF header");
		return false;
	}
	if (in->pieces)
		return convert_header(in, builder, wanted);
	/* libelf wants memory it may write to, but with ELF_C_READ semantics it never does. */
	in->elf = elf_memory((char *)(uintptr_t)in->bytes.ptr, in->bytes.len);
	if (!in->elf || elf_kind(in->elf) != ELF_K_ELF || !gelf_getehdr(in->elf, &in->header)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER, 0, "%s", elf_errmsg(-1));
		return false;
	}
	return true;
}

void elf_input_passed(const struct elf_input *in, struct slice part)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)part.ptr,
		  to = (from + part.len) & ~(page - 1);

	/* Its first page may hold what the part before ends with, its last one what follows. */
	from &= ~(page - 1);
	if (in->mapped && to > from && part.len >= ELF_INPUT_STEP)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

void elf_input_went_to(const struct elf_input *in, uint64_t offset, uint64_t *passed)
{
	struct slice part;

	if (offset >= *passed && offset - *passed < ELF_INPUT_STEP)
		return;
	if (offset > *passed && slice_sub(in->bytes, *passed, offset - *passed, &part))
		elf_input_passed(in, part);
	*passed = offset;
}

bool elf_input_bytes(const struct elf_input *in, uint64_t offset, uint64_t size,
		     struct slice *ret_bytes)
{
	return in->pieces ? elf_pieces_bytes(in->pieces, offset, size, ret_bytes)
			  : slice_sub(in->bytes, offset, size, ret_bytes);
}

bool elf_input_text(const struct elf_input *in, struct slice table, uint64_t table_offset,
		    uint64_t offset, const char **ret, size_t *ret_length)
{
	if (!in->pieces)
		return slice_cstr(table, offset, ret, ret_length);
	return offset < table.len && elf_pieces_text(in->pieces, table_offset + offset,
						     table_offset + table.len, ret, ret_length);
}

Elf_Data *elf_input_data(const struct elf_input *in, uint64_t offset, uint64_t size, Elf_Type type)
{
	struct slice bytes;

	if (!size || !elf_input_bytes(in, offset, size, &bytes))
		return NULL;
	if (in->pieces)
		return elf_pieces_data(in->pieces, bytes, type, in->is_64, in->big_endian);
	return elf_getdata_rawchunk(in->elf, (int64_t)offset, (size_t)size, type);
}

/* e_phnum, or where it is PN_XNUM, sh_info of section 0. */
static uint64_t segment_count(const struct elf_input *in)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	GElf_Shdr section;
	Elf_Data *data;

	if (in->header.e_phnum != PN_XNUM)
		return in->header.e_phnum;
	data = elf_input_data(in, in->header.e_shoff, entry, ELF_T_SHDR);
	if (!data || !data->d_buf)
		return 0;
	section.sh_info = in->is_64 ? ((const Elf64_Shdr *)data->d_buf)->sh_info
				    : ((const Elf32_Shdr *)data->d_buf)->sh_info;
	return section.sh_info;
}

static void widen(GElf_Phdr *to, const Elf32_Phdr *from)
{
	*to = (GElf_Phdr){.p_type = from->p_type,
			  .p_flags = from->p_flags,
			  .p_offset = from->p_offset,
			  .p_vaddr = from->p_vaddr,
			  .p_paddr = from->p_paddr,
			  .p_filesz = from->p_filesz,
			  .p_memsz = from->p_memsz,
			  .p_align = from->p_align};
}

static void read_segments(struct elf_input *in, struct facts_builder *builder)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t count = segment_count(in);
	struct slice bytes;
	Elf_Data *data;

	if (in->header.e_phnum == PN_XNUM && count < PN_XNUM) {
		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER,
				   in->is_64 ? offsetof(Elf64_Ehdr, e_phnum)
					     : offsetof(Elf32_Ehdr, e_phnum),
				   "PN_XNUM, but section 0 holds no larger count: %llu",
				   (unsigned long long)count);
		return;
	}
	if (!count)
		return;
	if (in->header.e_phentsize != entry) {
		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER, in->header.e_phoff,
				   "program headers of %u bytes, expected %zu",
				   in->header.e_phentsize, entry);
		return;
	}
	if (!slice_sub(in->bytes, in->header.e_phoff, count * entry, &bytes)) {
		facts_builder_diag(builder, DIAG_ELF_TRUNCATED, in->header.e_phoff,
				   "%llu program headers do not fit into the file",
				   (unsigned long long)count);
		return;
	}
	if (count > BUDGET_SEGMENTS) {
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, in->header.e_phoff,
				   "%llu program headers", (unsigned long long)count);
		return;
	}
	data = elf_input_data(in, in->header.e_phoff, count * entry, ELF_T_PHDR);
	if (!data || data->d_size < count * entry)
		return;
	in->segments = memory_calloc((size_t)count, sizeof(*in->segments));
	in->segment_count = (size_t)count;
	for (size_t i = 0; i < in->segment_count; i++) {
		if (in->is_64)
			in->segments[i] = ((const Elf64_Phdr *)data->d_buf)[i];
		else
			widen(&in->segments[i], &((const Elf32_Phdr *)data->d_buf)[i]);
	}
}

bool elf_input_open(struct slice bytes, struct elf_pieces *pieces, uint32_t groups,
		    struct facts_builder *builder, struct elf_input *ret)
{
	struct slice ident;

	elf_version(EV_CURRENT);
	*ret = (struct elf_input){.bytes = bytes, .pieces = pieces, .groups = groups};
	if (!elf_input_bytes(ret, 0, EI_NIDENT, &ident) ||
	    memcmp(ident.ptr, ELFMAG, SELFMAG) != 0) {
		facts_builder_diag(builder, DIAG_INPUT_NOT_ELF, 0, "no ELF magic");
		return false;
	}
	ret->is_64 = ident.ptr[EI_CLASS] == ELFCLASS64;
	ret->big_endian = ident.ptr[EI_DATA] == ELFDATA2MSB;
	if ((!ret->is_64 && ident.ptr[EI_CLASS] != ELFCLASS32) ||
	    (!ret->big_endian && ident.ptr[EI_DATA] != ELFDATA2LSB)) {
		bool bad_class = !ret->is_64 && ident.ptr[EI_CLASS] != ELFCLASS32;

		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER, bad_class ? EI_CLASS : EI_DATA,
				   "class %u, encoding %u", ident.ptr[EI_CLASS],
				   ident.ptr[EI_DATA]);
		return false;
	}
	if (!read_header(ret, builder)) {
		elf_input_close(ret);
		return false;
	}
	if (ret->header.e_version != EV_CURRENT)
		facts_builder_diag(builder, DIAG_ELF_BAD_HEADER, EI_NIDENT + 4, "e_version is %u",
				   ret->header.e_version);
	read_segments(ret, builder);
	return true;
}

void elf_input_close(struct elf_input *in)
{
	free(in->segments);
	if (in->elf)
		elf_end(in->elf);
	in->elf = NULL;
	in->segments = NULL;
}

bool elf_input_at_address(const struct elf_input *in, uint64_t address, struct slice *ret_bytes,
			  uint64_t *ret_offset)
{
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		uint64_t distance = address - segment->p_vaddr, offset;

		if (segment->p_type != PT_LOAD || address < segment->p_vaddr ||
		    distance >= segment->p_filesz ||
		    __builtin_add_overflow(segment->p_offset, distance, &offset) ||
		    offset >= in->bytes.len)
			continue;
		*ret_offset = offset;
		*ret_bytes = slice_of(in->bytes.ptr ? in->bytes.ptr + offset : NULL,
				      in->bytes.len - (size_t)offset);
		if (ret_bytes->len > segment->p_filesz - distance)
			ret_bytes->len = (size_t)(segment->p_filesz - distance);
		return true;
	}
	return false;
}

bool elf_input_dynamic(const struct facts_builder *builder, int64_t tag, uint64_t *ret_value)
{
	for (size_t i = builder->dynamic.len; i-- > 0;) {
		if (builder->dynamic.ptr[i].tag != tag)
			continue;
		*ret_value = builder->dynamic.ptr[i].value;
		return true;
	}
	return false;
}
