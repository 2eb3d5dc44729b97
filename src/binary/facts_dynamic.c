/* SPDX-License-Identifier: BSD-2-Clause */
/* The dynamic section, read through PT_DYNAMIC alone, as ld.so does. */
#include "binary/collector.h"
#include "util/budget.h"

void facts_dynamic(struct elf_input *in, struct facts_builder *builder);

static bool names_text(int64_t tag)
{
	switch (tag) {
	case DT_NEEDED:
	case DT_SONAME:
	case DT_RPATH:
	case DT_RUNPATH:
	case DT_AUXILIARY:
	case DT_FILTER:
	case DT_AUDIT:
	case DT_DEPAUDIT:
	case DT_CONFIG:
		return true;
	default:
		return false;
	}
}

static struct facts_dynamic entry_at(const Elf_Data *data, bool is_64, uint64_t index)
{
	const Elf64_Dyn *wide = data->d_buf;
	const Elf32_Dyn *narrow = data->d_buf;

	if (is_64)
		return (struct facts_dynamic){.tag = wide[index].d_tag,
					      .value = wide[index].d_un.d_val};
	return (struct facts_dynamic){.tag = narrow[index].d_tag,
				      .value = narrow[index].d_un.d_val};
}

static bool read_entries(struct elf_input *in, struct facts_builder *builder,
			 const GElf_Phdr *segment)
{
	size_t entry = in->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t available = segment->p_filesz, count;
	Elf_Data *data;

	if (segment->p_offset >= in->bytes.len) {
		facts_builder_diag(builder, DIAG_ELF_BAD_DYNAMIC, segment->p_offset,
				   "it begins behind the end of the file (%zu bytes)",
				   in->bytes.len);
		return false;
	}
	if (available > in->bytes.len - segment->p_offset) {
		available = in->bytes.len - segment->p_offset;
		facts_builder_diag(builder, DIAG_ELF_TRUNCATED, in->bytes.len,
				   "the file ends inside its dynamic section");
	}
	count = available / entry;
	if (count > BUDGET_DYNAMIC_ENTRIES + 1)
		count = BUDGET_DYNAMIC_ENTRIES + 1;
	data = elf_input_data(in, segment->p_offset, count * entry, ELF_T_DYN);
	if (!data || data->d_size < count * entry)
		return available < entry && segment->p_filesz == 0;
	for (uint64_t i = 0; i < count; i++) {
		struct facts_dynamic dynamic;

		if (i == BUDGET_DYNAMIC_ENTRIES) {
			facts_builder_diag(builder, DIAG_LIMIT_REACHED, segment->p_offset,
					   "more than %u dynamic entries", BUDGET_DYNAMIC_ENTRIES);
			return true;
		}
		dynamic = entry_at(data, in->is_64, i);
		if (dynamic.tag == DT_NULL)
			return true;
		vec_push(&builder->dynamic, dynamic);
	}
	return true;
}

static void find_strings(struct elf_input *in, struct facts_builder *builder)
{
	uint64_t address, size;

	if (!elf_input_dynamic(builder, DT_STRTAB, &address))
		return;
	if (!elf_input_at_address(in, address, &in->dynamic_strings, &in->dynamic_strings_offset)) {
		facts_builder_diag(builder, DIAG_ELF_BAD_DYNAMIC, DIAG_NO_OFFSET,
				   "no file bytes behind DT_STRTAB 0x%llx",
				   (unsigned long long)address);
		return;
	}
	if (!elf_input_dynamic(builder, DT_STRSZ, &size))
		return;
	if (size < in->dynamic_strings.len) {
		in->dynamic_strings.len = (size_t)size;
	} else if (size > in->dynamic_strings.len) {
		uint64_t end = in->dynamic_strings_offset + in->dynamic_strings.len;

		facts_builder_diag(builder,
				   end == in->bytes.len ? DIAG_ELF_TRUNCATED : DIAG_ELF_BAD_DYNAMIC,
				   end, "the string table of %llu bytes ends after %zu",
				   (unsigned long long)size, in->dynamic_strings.len);
	}
}

static void fill_texts(struct elf_input *in, struct facts_builder *builder)
{
	vec_each (entry, &builder->dynamic) {
		const char *text;
		size_t length;

		if (!names_text(entry->tag))
			continue;
		if (!elf_input_text(in, in->dynamic_strings, in->dynamic_strings_offset,
				    entry->value, &text, &length)) {
			facts_builder_diag(
			    builder, DIAG_ELF_BAD_STRING, in->dynamic_strings_offset,
			    "dynamic entry 0x%llx names string %llu of a table of %zu "
			    "bytes",
			    (unsigned long long)entry->tag, (unsigned long long)entry->value,
			    in->dynamic_strings.len);
			continue;
		}
		if (length > BUDGET_STRING_LENGTH) {
			facts_builder_diag(builder, DIAG_LIMIT_REACHED,
					   in->dynamic_strings_offset + entry->value,
					   "a name of %zu bytes", length);
			continue;
		}
		entry->text = facts_builder_text(builder, slice_of(text, length));
		entry->has_text = 1;
		if (entry->tag == DT_SONAME)
			builder->identity.ptr->soname = entry->text;
	}
}

static void fill_identity(struct facts_builder *builder)
{
	struct facts_identity *identity = builder->identity.ptr;
	uint64_t value;

	identity->flags |= FACTS_HAS_DYNAMIC;
	if (elf_input_dynamic(builder, DT_FLAGS, &value))
		identity->dynamic_flags = (uint32_t)value;
	if (elf_input_dynamic(builder, DT_FLAGS_1, &value))
		identity->dynamic_flags_1 = (uint32_t)value;
	if (elf_input_dynamic(builder, DT_INIT, &value) ||
	    (elf_input_dynamic(builder, DT_INIT_ARRAYSZ, &value) && value) ||
	    (elf_input_dynamic(builder, DT_PREINIT_ARRAYSZ, &value) && value))
		identity->flags |= FACTS_HAS_CONSTRUCTORS;
}

void facts_dynamic(struct elf_input *in, struct facts_builder *builder)
{
	for (size_t i = 0; i < in->segment_count; i++) {
		if (in->segments[i].p_type != PT_DYNAMIC)
			continue;
		if (in->segments[i].p_filesz == 0 || !read_entries(in, builder, &in->segments[i]))
			return;
		fill_identity(builder);
		find_strings(in, builder);
		fill_texts(in, builder);
		return; /* the loader takes the first too */
	}
}
