/* SPDX-License-Identifier: BSD-2-Clause */
/* From the bytes of a file to its facts record: opens it, then runs the table of collectors. */
#include <stdlib.h>
#include <string.h>

#include "binary/collector.h"
#include "binary/facts_parts.h"
#include "binary/lazy_capstone.h"
#include "binary/lazy_dwarf.h"
#include "binary/lazy_lzma.h"
#include "util/budget.h"
#include "util/digest.h"

#define COLLECTOR(name, groups) void facts_##name(struct elf_input *, struct facts_builder *);
#include "binary/collectors.def"
#undef COLLECTOR

static const struct collector collectors[] = {
#define COLLECTOR(name, groups) {#name, groups, facts_##name},
#include "binary/collectors.def"
#undef COLLECTOR
};

static void collect_identity(const struct elf_input *in, struct facts_identity *identity)
{
	const GElf_Ehdr *header = &in->header;

	identity->file_size = in->bytes.len;
	identity->entry = header->e_entry;
	identity->elf_flags = header->e_flags;
	identity->groups = in->groups;
	identity->elf_type = header->e_type;
	identity->machine = header->e_machine;
	identity->elf_class = header->e_ident[EI_CLASS];
	identity->encoding = header->e_ident[EI_DATA];
	identity->osabi = header->e_ident[EI_OSABI];
	identity->abi_version = header->e_ident[EI_ABIVERSION];
}

/* What the program headers say about the kind of file, before the dynamic section is read. */
static void collect_segments(struct elf_input *in, struct facts_builder *builder)
{
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes;

		vec_push(&builder->segments,
			 ((struct facts_segment){
			     segment->p_type, segment->p_flags, segment->p_offset, segment->p_vaddr,
			     segment->p_filesz, segment->p_memsz, segment->p_align}));
		/* Of PT_GNU_RELRO only addresses count; objcopy left it its size in debug files. */
		if (segment->p_filesz && segment->p_type != PT_NULL &&
		    !slice_sub(in->bytes, segment->p_offset, segment->p_filesz, &bytes) &&
		    segment->p_type != PT_DYNAMIC && segment->p_type != PT_GNU_RELRO)
			facts_builder_diag(
			    builder, DIAG_ELF_TRUNCATED, segment->p_offset,
			    "program header %zu wants %llu bytes there, the file has "
			    "%zu in all",
			    i, (unsigned long long)segment->p_filesz, in->bytes.len);
	}
}

/* Split-off debug info keeps its program headers, but nothing to run or to link is in the file. */
static bool is_debug_companion(const struct elf_input *in)
{
	bool has_code = false;

	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];

		if (segment->p_type == PT_DYNAMIC && segment->p_filesz == 0)
			return true;
		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		if (segment->p_filesz != 0)
			return false;
		has_code = segment->p_memsz != 0;
	}
	return has_code;
}

static void collect_interpreter(struct elf_input *in, struct facts_builder *builder,
				struct facts_identity *identity)
{
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes;
		const char *text;
		size_t length;

		if (segment->p_type != PT_INTERP)
			continue;
		if (!segment->p_filesz && is_debug_companion(in))
			return; /* its bytes stayed in the other half */
		if (!elf_input_bytes(in, segment->p_offset, segment->p_filesz, &bytes))
			return; /* said by collect_segments() */
		if (!slice_cstr(bytes, 0, &text, &length)) {
			facts_builder_diag(builder, DIAG_ELF_BAD_STRING, segment->p_offset,
					   "program interpreter does not end in NUL");
			return;
		}
		identity->interpreter = facts_builder_text(builder, slice_of(text, length));
		return;
	}
}

static bool has_needed(const struct facts_builder *builder)
{
	vec_each (entry, &builder->dynamic)
		if (entry->tag == DT_NEEDED)
			return true;
	return false;
}

static enum facts_type classify(const struct elf_input *in, const struct facts_builder *builder,
				const struct facts_identity *identity)
{
	bool interpreter = identity->interpreter.length != 0;

	switch (in->header.e_type) {
	case ET_REL:
		return FACTS_TYPE_RELOCATABLE;
	case ET_EXEC:
	case ET_DYN:
		break;
	default:
		return FACTS_TYPE_OTHER;
	}
	if (is_debug_companion(in))
		return FACTS_TYPE_DEBUG_COMPANION;
	if (interpreter)
		return FACTS_TYPE_EXECUTABLE;
	if (in->header.e_type == ET_EXEC || (identity->dynamic_flags_1 & DF_1_PIE))
		return has_needed(builder) ? FACTS_TYPE_EXECUTABLE : FACTS_TYPE_STATIC;
	return FACTS_TYPE_SHARED;
}

static void collect(struct elf_input *in, struct facts_builder *builder)
{
	struct facts_identity *identity = builder->identity.ptr;

	collect_identity(in, identity);
	collect_segments(in, builder);
	collect_interpreter(in, builder, identity);
	for (size_t i = 0; i < sizeof(collectors) / sizeof(collectors[0]); i++) {
		if (collectors[i].groups && !(collectors[i].groups & in->groups))
			continue;
		collectors[i].run(in, builder);
		/* The next one looks at other parts of the file, as a rule. */
		elf_input_passed(in, in->bytes);
	}
	identity->type = classify(in, builder, identity);
	if (identity->type == FACTS_TYPE_DEBUG_COMPANION)
		facts_builder_diag(builder, DIAG_ELF_DEBUG_COMPANION, DIAG_NO_OFFSET, "%s", "");
}

void facts_prepare(uint32_t groups)
{
	if (groups & (FACTS_CALLS | FACTS_CODE | FACTS_SELECTED))
		lazy_require(&lazy_capstone);
	if (groups & (FACTS_CODE | FACTS_OUTLINE))
		lazy_require(&lazy_lzma);
	if (groups & FACTS_DEBUG)
		lazy_require(&lazy_dwarf);
	if (groups & FACTS_CONTENT)
		digest_prepare();
}

static enum status collect_input(const struct facts_request *request, struct elf_pieces *pieces,
				 uint8_t **ret_record, size_t *ret_size)
{
	struct facts_builder builder;
	struct elf_input in;
	enum status status;

	facts_builder_init(&builder);
	vec_push(&builder.identity, (struct facts_identity){.file_size = request->bytes.len});
	if (elf_input_open(request->bytes, pieces, request->groups, &builder, &in)) {
		in.mapped = request->mapped;
		in.selected = request->selected;
		in.selected_count = request->selected_count;
		in.debug = request->debug;
		in.part = request->part;
		in.parts = request->parts;
		collect(&in, &builder);
		if (in.part)
			facts_parts_reduce(&builder);
		elf_input_close(&in);
	}
	status = facts_builder_finish(&builder, ret_record, ret_size);
	facts_builder_release(&builder);
	return status;
}

enum status facts_collect(struct slice bytes, uint32_t groups, uint8_t **ret_record,
			  size_t *ret_size)
{
	return collect_input(&(struct facts_request){.bytes = bytes, .groups = groups}, NULL,
			     ret_record, ret_size);
}

enum status facts_collect_request(const struct facts_request *request, uint8_t **ret_record,
				  size_t *ret_size)
{
	return collect_input(request, NULL, ret_record, ret_size);
}

enum status facts_collect_pieces(int fd, uint64_t size, uint32_t groups, uint8_t **ret_record,
				 size_t *ret_size, uint64_t *ret_offset)
{
	struct elf_pieces pieces;
	enum status status;

	if (groups & ~(uint32_t)FACTS_LOADER)
		return STATUS_USAGE;
	elf_pieces_open(&pieces, fd, size);
	status = collect_input(
	    &(struct facts_request){.bytes = slice_of(NULL, (size_t)size), .groups = groups},
	    &pieces, ret_record, ret_size);
	if (status == STATUS_OK && pieces.changed) {
		free(*ret_record);
		*ret_offset = pieces.changed_offset;
		status = STATUS_IO;
	}
	elf_pieces_close(&pieces);
	return status;
}
