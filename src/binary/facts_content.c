/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests of what the parts of a file hold: content_facts.h says what counts as a part. */
#include <stdlib.h>

#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#include <xxhash.h>

#include "binary/collector.h"
#include "binary/facts_content.h"
#include "util/budget.h"
#include "util/digest.h"

void facts_content(struct elf_input *in, struct facts_builder *builder);

/* Addresses that a section of the file answers for. */
struct range {
	uint64_t start, end;
};

struct ranges {
	VEC(struct range) list;
};

/* The next step of what is left; false at the end. */
static bool next_step(struct slice *rest, struct slice *ret)
{
	*ret = slice_of(rest->ptr, rest->len < ELF_INPUT_STEP ? rest->len : ELF_INPUT_STEP);
	rest->ptr += ret->len;
	rest->len -= ret->len;
	return ret->len != 0;
}

static void put_digest(const struct elf_input *in, struct facts_content *content,
		       struct slice bytes)
{
	struct digest_stream *stream = digest_begin();
	struct digest digest;
	struct slice step;

	while (next_step(&bytes, &step)) {
		digest_add(stream, step);
		elf_input_passed(in, step);
	}
	if (digest_end(stream, &digest) == STATUS_OK)
		memcpy(content->digest, digest.bytes, sizeof(content->digest));
}

/* What nothing runs from: 128 bits that nobody has to trust are enough. */
static void put_quick_digest(const struct elf_input *in, struct facts_content *content,
			     struct slice bytes)
{
	XXH3_state_t state;
	XXH128_canonical_t canonical;
	struct slice step;

	XXH3_128bits_reset(&state);
	while (next_step(&bytes, &step)) {
		XXH3_128bits_update(&state, step.ptr, step.len);
		elf_input_passed(in, step);
	}
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	memcpy(content->digest, canonical.digest, sizeof(canonical.digest));
}

static const GElf_Phdr *segment_at(const struct elf_input *in, uint64_t address)
{
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_memsz)
			return segment;
	}
	return NULL;
}

static uint32_t segment_flags(const GElf_Phdr *segment)
{
	if (!segment)
		return 0;
	return (segment->p_flags & PF_X ? FACTS_CONTENT_EXECUTABLE : 0u) |
	       (segment->p_flags & PF_W ? FACTS_CONTENT_WRITABLE : 0u);
}

static bool is_linking(const struct facts_builder *builder, const struct facts_section *section)
{
	switch (section->type) {
	case SHT_DYNSYM:
	case SHT_STRTAB:
	case SHT_HASH:
	case SHT_GNU_HASH:
	case SHT_GNU_versym:
	case SHT_GNU_verdef:
	case SHT_GNU_verneed:
	case SHT_DYNAMIC:
	case SHT_NOTE:
	case SHT_RELA:
	case SHT_REL:
	case SHT_RELR:
		return true;
	default:
		return section->name.length &&
		       strcmp(builder->strings.ptr + section->name.offset, ".interp") == 0;
	}
}

static uint32_t role_of(const struct facts_builder *builder, const struct facts_section *section)
{
	if (!(section->flags & SHF_ALLOC))
		return FACTS_CONTENT_NOT_LOADED;
	if (section->type == SHT_NOBITS)
		return FACTS_CONTENT_ZERO;
	if (section->flags & SHF_EXECINSTR)
		return FACTS_CONTENT_CODE;
	if (is_linking(builder, section))
		return FACTS_CONTENT_LINKING;
	return section->flags & SHF_WRITE ? FACTS_CONTENT_DATA : FACTS_CONTENT_READ_ONLY;
}

/*
 * The first word at DT_PLTGOT is the address of the dynamic section (psABI 5.2), which tools move;
 * only the loader itself reads it, and not on every machine. It counts as zero.
 */
static void digest_got(const struct elf_input *in, struct facts_content *content,
		       struct slice bytes)
{
	size_t word = in->is_64 ? 8 : 4;
	struct digest_stream *stream = digest_begin();
	struct digest digest;

	if (word > bytes.len)
		word = bytes.len;
	digest_add(stream, slice_of("\0\0\0\0\0\0\0\0", word));
	digest_add(stream, slice_of(bytes.ptr + word, bytes.len - word));
	if (digest_end(stream, &digest) == STATUS_OK)
		memcpy(content->digest, digest.bytes, sizeof(content->digest));
}

/* The bytes behind a section: where a loader has them, else where the table says. */
static bool section_bytes(const struct elf_input *in, const struct facts_section *section,
			  struct slice *ret)
{
	uint64_t offset;

	if (in->segment_count && section->flags & SHF_ALLOC)
		return elf_input_at_address(in, section->address, ret, &offset) &&
		       slice_sub(*ret, 0, section->size, ret);
	return slice_sub(in->bytes, section->offset, section->size, ret);
}

static void add_section(const struct elf_input *in, struct facts_builder *builder, uint32_t index,
			struct ranges *ranges)
{
	const struct facts_section *section = &builder->sections.ptr[index];
	struct facts_content content = {.name = section->name,
					.section = index,
					.address = section->address,
					.size = section->size};
	const char *name = builder->strings.ptr + section->name.offset;
	struct slice bytes;
	uint64_t got;

	if (section->type == SHT_NULL || (!section->size && section->type != SHT_PROGBITS))
		return;
	content.role = role_of(builder, section);
	if (section->flags & SHF_ALLOC)
		content.flags = segment_flags(segment_at(in, section->address));
	if (section->flags & SHF_COMPRESSED || strncmp(name, ".zdebug", 7) == 0)
		content.flags |= FACTS_CONTENT_COMPRESSED;
	if (content.role == FACTS_CONTENT_ZERO || section->type == SHT_NOBITS) {
		vec_push(&builder->contents, content);
		return;
	}
	if (section->size && !section_bytes(in, section, &bytes)) {
		content.flags |= FACTS_CONTENT_UNREADABLE;
	} else if (!section->size) {
		put_digest(in, &content, slice_of("", 0));
	} else if (content.role == FACTS_CONTENT_NOT_LOADED) {
		put_quick_digest(in, &content, bytes);
	} else {
		vec_push(&ranges->list,
			 ((struct range){section->address, section->address + section->size}));
		if (elf_input_dynamic(builder, DT_PLTGOT, &got) && got == section->address)
			digest_got(in, &content, bytes);
		else
			put_digest(in, &content, bytes);
	}
	vec_push(&builder->contents, content);
}

/* ---- segments ---- */

/* Where the headers end, which every tool may change. */
static uint64_t headers_end(const struct elf_input *in)
{
	uint64_t size = (uint64_t)in->segment_count *
			(in->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)),
		 end;

	if (__builtin_add_overflow(in->header.e_phoff, size, &end) || end > FACTS_CONTENT_PAGE)
		return in->header.e_ehsize;
	return end;
}

static bool is_filler(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		switch (bytes.ptr[i]) {
		case 0:	   /* padding */
		case 0x90: /* nop, int3: between functions */
		case 0xcc:
		case 'X': /* what patchelf leaves where it moved something away */
		case 'Z':
			break;
		default:
			return false;
		}
	}
	return true;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

/* Bytes of a segment between its sections. */
static void add_gaps(const struct elf_input *in, struct facts_builder *builder,
		     const GElf_Phdr *segment, struct slice bytes, const struct ranges *ranges)
{
	struct facts_content content = {.role = FACTS_CONTENT_GAP,
					.flags = segment_flags(segment),
					.address = segment->p_vaddr};
	uint64_t at = segment->p_vaddr, end = segment->p_vaddr + bytes.len;
	struct digest_stream *stream = digest_begin();
	struct digest digest;

	if (segment->p_offset == 0)
		at += headers_end(in);
	for (size_t i = 0; i <= ranges->list.len && at < end; i++) {
		bool last = i == ranges->list.len;
		uint64_t next = last ? end : ranges->list.ptr[i].start;
		struct slice gap;

		if (next > end)
			next = end;
		if (next > at && slice_sub(bytes, at - segment->p_vaddr, next - at, &gap) &&
		    !is_filler(gap)) {
			digest_add(stream, slice_of(&at, sizeof(at)));
			digest_add(stream, gap);
			content.size += gap.len;
		}
		if (!last && ranges->list.ptr[i].end > at)
			at = ranges->list.ptr[i].end;
	}
	if (digest_end(stream, &digest) == STATUS_OK && content.size) {
		memcpy(content.digest, digest.bytes, sizeof(content.digest));
		vec_push(&builder->contents, content);
	}
}

static void add_pages(const struct elf_input *in, struct facts_builder *builder,
		      const GElf_Phdr *segment, struct slice bytes, struct facts_content *content)
{
	size_t at = 0, passed = 0, skip = segment->p_offset == 0 ? (size_t)headers_end(in) : 0;

	content->page_first = (uint32_t)builder->pages.len;
	while (at < bytes.len) {
		size_t room = FACTS_CONTENT_PAGE -
			      (size_t)((segment->p_vaddr + at) % FACTS_CONTENT_PAGE),
		       from = at < skip ? skip : at;

		if (room > bytes.len - at)
			room = bytes.len - at;
		if (from > at + room)
			from = at + room;
		vec_push(&builder->pages, XXH3_64bits(bytes.ptr + from, at + room - from));
		at += room;
		if (at - passed >= ELF_INPUT_STEP) {
			elf_input_passed(in, slice_of(bytes.ptr + passed, at - passed));
			passed = at;
		}
	}
	content->page_count = (uint32_t)builder->pages.len - content->page_first;
}

static void add_segments(const struct elf_input *in, struct facts_builder *builder,
			 struct ranges *ranges)
{
	uint64_t end_before = 0;

	if (ranges->list.len)
		qsort(ranges->list.ptr, ranges->list.len, sizeof(*ranges->list.ptr),
		      compare_ranges);
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct facts_content content = {.role = FACTS_CONTENT_SEGMENT,
						.flags = segment_flags(segment),
						.offset = segment->p_offset,
						.address = segment->p_vaddr,
						.size = segment->p_filesz};
		uint64_t end, page = ~(uint64_t)(FACTS_CONTENT_PAGE - 1);
		struct slice bytes;

		if (segment->p_type != PT_LOAD)
			continue;
		if (__builtin_add_overflow(segment->p_vaddr, segment->p_memsz, &end))
			end = UINT64_MAX;
		/* A loader maps whole pages; of two in one place the second is seen. */
		if ((segment->p_vaddr & page) < end_before)
			content.flags |= FACTS_CONTENT_OVERLAPS;
		end_before = end > UINT64_MAX - FACTS_CONTENT_PAGE
				 ? UINT64_MAX
				 : (end + FACTS_CONTENT_PAGE - 1) & page;
		if (!slice_sub(in->bytes, segment->p_offset, segment->p_filesz, &bytes)) {
			content.flags |= FACTS_CONTENT_UNREADABLE;
		} else {
			add_pages(in, builder, segment, bytes, &content);
			if (in->sections_usable)
				add_gaps(in, builder, segment, bytes, ranges);
		}
		vec_push(&builder->contents, content);
	}
}

void facts_content(struct elf_input *in, struct facts_builder *builder)
{
	struct ranges ranges = {0};

	for (uint32_t i = 0; i < builder->sections.len; i++)
		add_section(in, builder, i, &ranges);
	add_segments(in, builder, &ranges);
	facts_content_symbols(builder);
	facts_content_relocations(in, builder);
	facts_content_object_relocations(in, builder);
	vec_release(&ranges.list);
}
