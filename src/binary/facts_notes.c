/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notes: from PT_NOTE, or from SHT_NOTE sections where no segment holds any (relocatable files).
 * The build-id and the ABI tag go into the identity.
 */
#include "binary/collector.h"
#include "util/budget.h"

void facts_notes(struct elf_input *in, struct facts_builder *builder);

static void take_build_id(struct facts_builder *builder, struct slice id)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * 64];

	if (!id.len || id.len > sizeof(text) / 2 || builder->identity.ptr->build_id.length)
		return;
	for (size_t i = 0; i < id.len; i++) {
		text[2 * i] = digits[id.ptr[i] >> 4];
		text[2 * i + 1] = digits[id.ptr[i] & 15];
	}
	builder->identity.ptr->build_id = facts_builder_text(builder, slice_of(text, 2 * id.len));
}

static void take_abi_tag(struct elf_input *in, struct facts_builder *builder, struct slice words)
{
	struct cursor cursor = cursor_of(words, in->big_endian);
	struct facts_identity *identity = builder->identity.ptr;

	if (words.len < 16)
		return;
	identity->abi_os = cursor_u32(&cursor);
	for (size_t i = 0; i < 3; i++)
		identity->abi_kernel[i] = cursor_u32(&cursor);
	identity->flags |= FACTS_HAS_ABI_NOTE;
}

static void take_note(struct elf_input *in, struct facts_builder *builder, uint64_t offset,
		      uint32_t type, struct slice owner, struct slice description)
{
	struct facts_note note = {.offset = offset, .type = type};

	/* The owner's NUL is part of its size; a missing one is tolerated. */
	while (owner.len && owner.ptr[owner.len - 1] == 0)
		owner.len--;
	if (slice_equal_text(owner, ELF_NOTE_GNU)) {
		if (type == NT_GNU_BUILD_ID)
			take_build_id(builder, description);
		else if (type == NT_GNU_ABI_TAG)
			take_abi_tag(in, builder, description);
	}
	if (description.len > BUDGET_NOTE_SIZE || builder->notes.len == BUDGET_NOTES) {
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, offset, "a note of %zu bytes",
				   description.len);
		return;
	}
	note.owner = facts_builder_text(builder, owner);
	note.description = facts_builder_text(builder, description);
	vec_push(&builder->notes, note);
}

static uint64_t align_to(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static void read_notes(struct elf_input *in, struct facts_builder *builder, uint64_t offset,
		       uint64_t size, uint64_t align)
{
	struct slice bytes, owner, description;
	uint64_t at = 0;

	if (!slice_sub(in->bytes, offset, size, &bytes))
		return; /* said when the segment or section was read */
	align = align == 8 ? 8 : 4;
	while (size - at >= 12) {
		struct cursor cursor = cursor_of(bytes, in->big_endian);
		uint32_t owner_size, description_size, type;
		uint64_t description_at;

		cursor_seek(&cursor, at);
		owner_size = cursor_u32(&cursor);
		description_size = cursor_u32(&cursor);
		type = cursor_u32(&cursor);
		if (!owner_size && !description_size && !type)
			return; /* zeros behind the last note: padding */
		description_at = align_to(at + 12 + owner_size, align);
		if (!slice_sub(bytes, at + 12, owner_size, &owner) ||
		    !slice_sub(bytes, description_at, description_size, &description)) {
			facts_builder_diag(builder, DIAG_ELF_BAD_NOTE, offset + at,
					   "name of %u and content of %u bytes in a range of %llu",
					   owner_size, description_size, (unsigned long long)size);
			return;
		}
		take_note(in, builder, offset + at, type, owner, description);
		at = align_to(description_at + description_size, align);
		if (at > size)
			return;
	}
}

/* Files without program headers keep their notes in sections. */
static void read_note_sections(struct elf_input *in, struct facts_builder *builder)
{
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section section = builder->sections.ptr[i];

		if (section.type == SHT_NOTE)
			read_notes(in, builder, section.offset, section.size, 4);
	}
}

void facts_notes(struct elf_input *in, struct facts_builder *builder)
{
	bool found = false;

	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];

		if (segment->p_type != PT_NOTE || !segment->p_filesz)
			continue;
		found = true;
		read_notes(in, builder, segment->p_offset, segment->p_filesz, segment->p_align);
	}
	if (!found)
		read_note_sections(in, builder);
}
