/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_image.h"

#include <stdlib.h>

#include "util/budget.h"

#define RELR_BITS 63 /* words one bitmap entry of DT_RELR describes */

static int by_address(const void *left, const void *right)
{
	const struct code_relocation *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

static int range_by_address(const void *left, const void *right)
{
	const struct code_range *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

static bool is_relative(uint16_t machine, uint32_t type)
{
	return machine == EM_X86_64 ? type == R_X86_64_RELATIVE : type == R_AARCH64_RELATIVE;
}

/* Relocations whose result is the symbol's address plus the addend. */
static bool is_symbolic(uint16_t machine, uint32_t type)
{
	if (machine == EM_X86_64)
		return type == R_X86_64_64 || type == R_X86_64_GLOB_DAT ||
		       type == R_X86_64_JUMP_SLOT;
	return type == R_AARCH64_ABS64 || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_JUMP_SLOT;
}

static bool is_slot(uint16_t machine, uint32_t type)
{
	return machine == EM_X86_64 ? type == R_X86_64_GLOB_DAT || type == R_X86_64_JUMP_SLOT
				    : type == R_AARCH64_GLOB_DAT || type == R_AARCH64_JUMP_SLOT;
}

static void read_relative(struct code_image *image)
{
	uint64_t address, size, offset;
	struct slice bytes, table;

	if (!elf_input_dynamic(image->builder, DT_RELA, &address) ||
	    !elf_input_dynamic(image->builder, DT_RELASZ, &size) ||
	    !elf_input_at_address(image->in, address, &bytes, &offset) ||
	    !slice_sub(bytes, 0, size, &table))
		return; /* said by the collector of relocations */
	for (size_t at = 0; table.len - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
		uint64_t info = code_read(table.ptr + at + 8, 8);

		if (ELF64_R_SYM(info) == 0 &&
		    is_relative(image->in->header.e_machine, (uint32_t)ELF64_R_TYPE(info)))
			vec_push(&image->relocations,
				 ((struct code_relocation){
				     code_read(table.ptr + at, 8),
				     (int64_t)code_read(table.ptr + at + 16, 8), 0, false}));
	}
}

static void add_in_place(struct code_image *image, uint64_t address)
{
	struct slice bytes;
	uint64_t offset;

	if (elf_input_at_address(image->in, address, &bytes, &offset) && bytes.len >= 8)
		vec_push(&image->relocations,
			 ((struct code_relocation){address, (int64_t)code_read(bytes.ptr, 8), 0,
						   false}));
}

/* DT_RELR: an even entry is an address, an odd one a bitmap of the words after it. */
static void read_relr(struct code_image *image)
{
	uint64_t address, size, offset, next = 0;
	struct slice bytes, table;

	if (!elf_input_dynamic(image->builder, DT_RELR, &address) ||
	    !elf_input_dynamic(image->builder, DT_RELRSZ, &size) ||
	    !elf_input_at_address(image->in, address, &bytes, &offset) ||
	    !slice_sub(bytes, 0, size, &table))
		return;
	for (size_t at = 0; table.len - at >= 8; at += 8) {
		uint64_t entry = code_read(table.ptr + at, 8);

		if (image->relocations.len > BUDGET_RELOCATIONS)
			return;
		if (!(entry & 1)) {
			add_in_place(image, entry);
			next = entry + 8;
			continue;
		}
		for (unsigned i = 0; i < RELR_BITS; i++)
			if (entry >> (i + 1) & 1)
				add_in_place(image, next + i * UINT64_C(8));
		next += RELR_BITS * UINT64_C(8);
	}
}

static void read_relocations(struct code_image *image)
{
	bool sorted = true;

	read_relative(image);
	read_relr(image);
	vec_each (relocation, &image->builder->relocations)
		if (is_symbolic(image->in->header.e_machine, relocation->type))
			vec_push(&image->relocations,
				 ((struct code_relocation){
				     relocation->offset, relocation->addend, relocation->symbol,
				     is_slot(image->in->header.e_machine, relocation->type)}));
	for (size_t i = 1; i < image->relocations.len && sorted; i++)
		sorted = image->relocations.ptr[i - 1].address <= image->relocations.ptr[i].address;
	if (!sorted)
		qsort(image->relocations.ptr, image->relocations.len,
		      sizeof(*image->relocations.ptr), by_address);
}

static void add_range(struct code_image *image, uint64_t address, uint64_t size, uint32_t section,
		      bool is_plt)
{
	struct slice bytes;
	uint64_t offset;

	if (!size || !elf_input_at_address(image->in, address, &bytes, &offset))
		return;
	if (bytes.len > size)
		bytes.len = (size_t)size;
	vec_push(&image->code, ((struct code_range){address, bytes, section, is_plt}));
}

static bool name_is_plt(const struct facts_builder *builder, struct facts_text name)
{
	const char *text = builder->strings.ptr + name.offset;

	return name.length >= 4 && strncmp(text, ".plt", 4) == 0;
}

/* Segments may hold read-only data beside code, so sections are preferred where there are any. */
static void read_ranges(struct code_image *image)
{
	size_t kept = 0;

	vec_each (section, &image->builder->sections)
		if (section->type == SHT_PROGBITS && (section->flags & SHF_EXECINSTR) &&
		    (section->flags & SHF_ALLOC))
			add_range(image, section->address, section->size,
				  (uint32_t)(section - image->builder->sections.ptr),
				  name_is_plt(image->builder, section->name));
	for (size_t i = 0; !image->code.len && i < image->in->segment_count; i++)
		if (image->in->segments[i].p_type == PT_LOAD &&
		    (image->in->segments[i].p_flags & PF_X))
			add_range(image, image->in->segments[i].p_vaddr,
				  image->in->segments[i].p_filesz, 0, false);
	if (image->code.len)
		qsort(image->code.ptr, image->code.len, sizeof(*image->code.ptr), range_by_address);
	for (size_t i = 0; i < image->code.len; i++) {
		struct code_range range = image->code.ptr[i];
		const struct code_range *last = kept ? &image->code.ptr[kept - 1] : NULL;

		/* Hostile tables may overlap: each byte counts once. */
		if (last && range.address - last->address < last->bytes.len)
			continue;
		image->code.ptr[kept++] = range;
		image->code_bytes += range.bytes.len;
	}
	image->code.len = kept;
}

void code_image_open_code(struct elf_input *in, struct facts_builder *builder,
			  struct code_image *ret)
{
	*ret = (struct code_image){.in = in, .builder = builder};
	ret->fixed_address = in->header.e_type == ET_EXEC;
	ret->headers_end = sizeof(Elf64_Ehdr) + in->segment_count * sizeof(Elf64_Phdr);
	read_ranges(ret);
}

bool code_image_open(struct elf_input *in, struct facts_builder *builder, struct code_image *ret)
{
	code_image_open_code(in, builder, ret);
	if (!in->is_64 || in->big_endian ||
	    (in->header.e_machine != EM_X86_64 && in->header.e_machine != EM_AARCH64))
		return false;
	read_relocations(ret);
	return true;
}

void code_image_close(struct code_image *image)
{
	vec_release(&image->code);
	vec_release(&image->relocations);
}

const struct code_range *code_image_code(const struct code_image *image, uint64_t address)
{
	size_t low = 0, high = image->code.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_range *range = &image->code.ptr[middle];

		if (address < range->address)
			high = middle;
		else if (address - range->address >= range->bytes.len)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}

/* Inside [p_vaddr, p_vaddr + p_memsz), for both ends of a range. */
static bool segment_holds(const GElf_Phdr *segment, uint64_t address, uint64_t size)
{
	uint64_t distance = address - segment->p_vaddr;

	return address >= segment->p_vaddr && distance < segment->p_memsz &&
	       size <= segment->p_memsz - distance;
}

bool code_image_mapped(const struct code_image *image, uint64_t address)
{
	if (address < image->headers_end)
		return false; /* a null pointer and an offset, rather than ELF headers */
	for (size_t i = 0; i < image->in->segment_count; i++)
		if (image->in->segments[i].p_type == PT_LOAD &&
		    segment_holds(&image->in->segments[i], address, 1))
			return true;
	return false;
}

bool code_image_read_only(const struct code_image *image, size_t segment, uint64_t *ret_address,
			  struct slice *ret_bytes)
{
	const GElf_Phdr *header = &image->in->segments[segment];
	uint64_t offset;

	if (header->p_type != PT_LOAD || (header->p_flags & (PF_W | PF_X)) ||
	    !elf_input_at_address(image->in, header->p_vaddr, ret_bytes, &offset))
		return false;
	if (ret_bytes->len > header->p_filesz)
		ret_bytes->len = (size_t)header->p_filesz;
	*ret_address = header->p_vaddr;
	return true;
}

bool code_image_constant(const struct code_image *image, uint64_t address, uint64_t size)
{
	bool constant = false;

	for (size_t i = 0; i < image->in->segment_count; i++) {
		const GElf_Phdr *segment = &image->in->segments[i];

		if (!segment_holds(segment, address, size))
			continue;
		if (segment->p_type == PT_GNU_RELRO)
			return true;
		if (segment->p_type == PT_LOAD)
			constant = !(segment->p_flags & PF_W);
	}
	return constant;
}

/* Index of the first relocation at or after address. */
static size_t lower_bound(const struct code_image *image, uint64_t address)
{
	size_t low = 0, high = image->relocations.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->relocations.ptr[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void code_image_relocations(const struct code_image *image, uint64_t from, uint64_t to,
			    const struct code_relocation **ret_first, size_t *ret_count)
{
	size_t first = lower_bound(image, from);

	*ret_first = first < image->relocations.len ? &image->relocations.ptr[first] : NULL;
	*ret_count = lower_bound(image, to) - first;
}

struct code_word code_image_word(const struct code_image *image, uint64_t address, unsigned size)
{
	size_t index = size == 8 ? lower_bound(image, address) : image->relocations.len;
	struct slice bytes;
	uint64_t offset;

	if (index < image->relocations.len && image->relocations.ptr[index].address == address) {
		const struct code_relocation *relocation = &image->relocations.ptr[index];

		return (struct code_word){relocation->symbol ? CODE_WORD_SYMBOL : CODE_WORD_NUMBER,
					  (uint64_t)relocation->addend, relocation->symbol,
					  relocation->is_slot};
	}
	if (size > 8 || !elf_input_at_address(image->in, address, &bytes, &offset) ||
	    bytes.len < size)
		return (struct code_word){.kind = CODE_WORD_NONE};
	return (struct code_word){CODE_WORD_NUMBER, code_read(bytes.ptr, size), 0, false};
}

/* Length of the UTF-8 sequence at text, or 0. Overlong forms and surrogates are not looked for. */
static size_t sequence_length(struct slice text)
{
	uint8_t first = text.ptr[0];
	size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

	if (first < 0xc2 || first > 0xf4 || text.len < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((text.ptr[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool code_text_valid(struct slice text)
{
	for (size_t i = 0; i < text.len;) {
		uint8_t byte = text.ptr[i];
		size_t length = 1;

		if (byte >= 0x80)
			length = sequence_length(slice_of(text.ptr + i, text.len - i));
		else if (byte == 0x7f || (byte < ' ' && byte != '\t' && byte != '\n'))
			return false;
		if (!length)
			return false;
		i += length;
	}
	return true;
}

bool code_image_text(const struct code_image *image, uint64_t address, struct slice *ret)
{
	struct slice bytes;
	const char *text;
	uint64_t offset;
	size_t length;

	if (!elf_input_at_address(image->in, address, &bytes, &offset))
		return false;
	if (bytes.len > BUDGET_CODE_TEXT)
		bytes.len = BUDGET_CODE_TEXT;
	if (!slice_cstr(bytes, 0, &text, &length) || !code_text_valid(slice_of(text, length)))
		return false;
	*ret = slice_of(text, length);
	return true;
}

const char *code_symbol_name(const struct code_image *image, uint32_t symbol)
{
	if (symbol >= image->builder->symbols.len)
		return "";
	return image->builder->strings.ptr + image->builder->symbols.ptr[symbol].name.offset;
}
