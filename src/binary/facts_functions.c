/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions and their fingerprints. */
#include <stdlib.h>

#include "binary/code_scan.h"
#include "binary/collector.h"
#include "binary/fingerprint.h"
#include "binary/function_fixed.h"
#include "binary/length_x86.h"
#include "binary/relocation_table.h"
#include "util/budget.h"

void facts_functions(struct elf_input *in, struct facts_builder *builder);

struct writer {
	struct elf_input *in;
	struct facts_builder *builder;
	struct debug_symbols debug;
	struct function_list list;
	struct fingerprint_file file;
	struct fingerprint_scratch scratch;
	/* Of the section that the functions lie in at present; object files only. */
	uint32_t section;
	VEC(struct fingerprint_relocation) relocations;
	struct function_fixed fixed;  /* ET_EXEC only */
	VEC(uint64_t) thread_helpers; /* not of object files */
	VEC(uint32_t) orphans;	      /* fragments whose function is not known, by address */
	size_t skipped;		      /* functions whose bytes are not in the file, or too many */
	bool outline;		      /* raw fingerprints are all that is wanted */
	uint64_t passed;	      /* in the file: what lies before was read through */
	size_t first, last;	      /* the functions of the list that this record is to hold */
};

static int by_offset(const void *left, const void *right)
{
	const struct fingerprint_relocation *a = left, *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->type > b->type) - (a->type < b->type);
}

static bool names_thread_helper(const struct writer *writer, const struct facts_section *symbols,
				Elf_Data *data, uint64_t index)
{
	const struct facts_section *strings;
	struct slice names;
	const char *text;
	GElf_Sym symbol;
	size_t length;

	if (symbols->link >= writer->builder->sections.len ||
	    !gelf_getsym(data, (int)index, &symbol))
		return false;
	strings = &writer->builder->sections.ptr[symbols->link];
	return slice_sub(writer->in->bytes, strings->offset, strings->size, &names) &&
	       slice_cstr(names, symbol.st_name, &text, &length) &&
	       strcmp(text, "__tls_get_addr") == 0;
}

static void read_relocations(struct writer *writer, const struct facts_section *table)
{
	const struct facts_builder *builder = writer->builder;
	bool with_addend = table->type == SHT_RELA;
	uint64_t count = relocation_table_count(writer->in, table->size, with_addend);
	const struct facts_section *symbols;
	struct relocation_table list;
	Elf_Data *symbol_data;
	GElf_Rela from;

	if (table->link >= builder->sections.len)
		return;
	if (count > BUDGET_RELOCATIONS)
		count = BUDGET_RELOCATIONS;
	symbols = &builder->sections.ptr[table->link];
	symbol_data = elf_input_data(writer->in, symbols->offset, symbols->size, ELF_T_SYM);
	if (!relocation_table_open(writer->in, table->offset, count, with_addend, &list))
		return;
	for (uint64_t i = 0; i < count && relocation_table_at(&list, i, &from); i++)
		vec_push(&writer->relocations,
			 ((struct fingerprint_relocation){
			     from.r_offset, (uint32_t)GELF_R_TYPE(from.r_info),
			     symbol_data && names_thread_helper(writer, symbols, symbol_data,
								GELF_R_SYM(from.r_info))}));
}

static void enter_section(struct writer *writer, uint32_t section)
{
	bool sorted = true;

	writer->section = section;
	writer->relocations.len = 0;
	vec_each (table, &writer->builder->sections)
		if ((table->type == SHT_RELA || table->type == SHT_REL) && table->info == section)
			read_relocations(writer, table);
	for (size_t i = 1; i < writer->relocations.len && sorted; i++)
		sorted = writer->relocations.ptr[i - 1].offset <= writer->relocations.ptr[i].offset;
	if (!sorted)
		qsort(writer->relocations.ptr, writer->relocations.len,
		      sizeof(*writer->relocations.ptr), by_offset);
}

/* The first relocation at or after an offset. */
static size_t first_relocation(const struct writer *writer, uint64_t offset)
{
	size_t low = 0, high = writer->relocations.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (writer->relocations.ptr[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool bytes_of(const struct writer *writer, const struct function_entry *entry,
		     struct slice *ret, uint64_t *ret_offset)
{
	const struct facts_section *section;
	struct slice bytes;

	if (!writer->file.relocatable)
		return elf_input_at_address(writer->in, entry->start, &bytes, ret_offset) &&
		       slice_sub(bytes, 0, entry->end - entry->start, ret);
	section = &writer->builder->sections.ptr[entry->section];
	return !__builtin_add_overflow(section->offset, entry->start, ret_offset) &&
	       slice_sub(writer->in->bytes, *ret_offset, entry->end - entry->start, ret);
}

static struct facts_text name_of(struct writer *writer, const struct function_entry *entry)
{
	return entry->text.length ? entry->text : facts_builder_text(writer->builder, entry->name);
}

/* NOP of any length, INT3, and zeros, which read as ADD. */
static bool is_padding_x86(const struct x86_instruction *in)
{
	if (in->map == 1)
		return in->opcode == 0x1f;
	return in->map == 0 && (in->opcode == 0x90 || in->opcode == 0xcc ||
				(in->opcode == 0 && in->modrm == 0 && in->length == 2));
}

/* The end of the last instruction that is no padding; all of it where something is none at all. */
static size_t end_of_code_x86(struct slice bytes)
{
	size_t at = 0, end = 0;

	while (at < bytes.len) {
		struct x86_instruction in;
		unsigned length = length_x86(bytes.ptr + at, bytes.len - at, &in);

		if (!length)
			return at + 1 == bytes.len && bytes.ptr[at] == 0 ? end : bytes.len;
		at += length;
		if (!is_padding_x86(&in))
			end = at;
	}
	return end;
}

/* Without the padding behind a function whose size nothing tells. */
static struct slice without_padding(const struct writer *writer, struct slice bytes)
{
	static const uint8_t nop_arm64[] = {0x1f, 0x20, 0x03, 0xd5};

	if (writer->file.machine == EM_X86_64) {
		size_t end = end_of_code_x86(bytes);

		return slice_of(bytes.ptr, end ? end : bytes.len);
	}
	while (writer->file.machine == EM_AARCH64 && bytes.len > 4) {
		const uint8_t *last = bytes.ptr + bytes.len - 4;

		if (memcmp(last, nop_arm64, 4) != 0 && memcmp(last, "\0\0\0\0", 4) != 0)
			break;
		bytes.len -= 4;
	}
	return bytes;
}

static bool is_readable(const struct writer *writer, const struct function_entry *entry)
{
	struct slice bytes;
	uint64_t offset;

	return entry->end - entry->start <= BUDGET_FUNCTION_SIZE &&
	       bytes_of(writer, entry, &bytes, &offset);
}

static void fingerprint(struct writer *writer, const struct function_entry *entry, bool absolute,
			struct facts_function *function)
{
	struct fingerprint_code code = {.address = entry->start, .absolute = absolute};
	size_t first;

	if (function->size > BUDGET_FUNCTION_SIZE ||
	    !bytes_of(writer, entry, &code.bytes, &function->offset)) {
		function->flags |= FACTS_FUNCTION_UNDECODED;
		writer->skipped++;
		return;
	}
	if (entry->guessed)
		code.bytes = without_padding(writer, code.bytes);
	function->size = code.bytes.len;
	if (writer->outline) {
		function->raw = fingerprint_raw(code.bytes);
		return;
	}
	first = first_relocation(writer, entry->start);
	code.relocations = writer->relocations.len ? writer->relocations.ptr + first : NULL;
	code.relocation_count = writer->relocations.len - first;
	fingerprint_function(&writer->file, &code, &writer->scratch, function);
}

static void find_orphans(struct writer *writer)
{
	vec_each (entry, &writer->list.entries)
		if (entry->flags & FACTS_FUNCTION_FRAGMENT && entry->parent == FACTS_NO_FUNCTION)
			vec_push(&writer->orphans, (uint32_t)(entry - writer->list.entries.ptr));
}

/* A function that jumps into a fragment is the one that it was split off. */
static void adopt(struct writer *writer, uint32_t index)
{
	vec_each (target, &writer->scratch.targets) {
		size_t low = 0, high = writer->orphans.len;

		while (low < high) {
			size_t middle = low + (high - low) / 2;
			struct function_entry *entry =
			    &writer->list.entries.ptr[writer->orphans.ptr[middle]];

			if (*target < entry->start) {
				high = middle;
			} else if (*target >= entry->end) {
				low = middle + 1;
			} else {
				if (entry->parent == FACTS_NO_FUNCTION &&
				    writer->orphans.ptr[middle] != index)
					entry->parent = index;
				break;
			}
		}
	}
}

/* What this part found out of fragments, which may be in another one; the join decides. */
static void write_adoptions(struct writer *writer)
{
	vec_each (orphan, &writer->orphans) {
		uint32_t parent = writer->list.entries.ptr[*orphan].parent;

		if (*orphan >= writer->first && *orphan < writer->last)
			writer->builder->functions.ptr[*orphan - writer->first].parent =
			    FACTS_NO_FUNCTION;
		if (parent != FACTS_NO_FUNCTION)
			vec_push(&writer->builder->adoptions,
				 ((struct facts_adoption){*orphan, parent}));
	}
}

/* The rest only looked like fragments. */
static void write_parents(struct writer *writer)
{
	if (writer->in->parts > 1) {
		write_adoptions(writer);
		return;
	}
	vec_each (orphan, &writer->orphans) {
		struct facts_function *function = &writer->builder->functions.ptr[*orphan];

		function->parent = writer->list.entries.ptr[*orphan].parent;
		if (function->parent == FACTS_NO_FUNCTION && !function->name.length)
			function->flags &= (uint16_t)~FACTS_FUNCTION_FRAGMENT;
	}
}

static void write_function(struct writer *writer, const struct function_entry *entry)
{
	struct facts_function function = {.address = entry->start,
					  .size = entry->end - entry->start,
					  .section = entry->section,
					  .parent = entry->parent,
					  .sources = entry->sources,
					  .flags = entry->flags};

	if (writer->file.relocatable && entry->section != writer->section)
		enter_section(writer, entry->section);
	function.name = name_of(writer, entry);
	fingerprint(writer, entry, false, &function);
	elf_input_went_to(writer->in, function.offset, &writer->passed);
	if (writer->orphans.len && !(entry->flags & FACTS_FUNCTION_FRAGMENT))
		adopt(writer, (uint32_t)(entry - writer->list.entries.ptr));
	vec_push(&writer->builder->functions, function);
}

static int by_value(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Slots that the loader fills with the address of __tls_get_addr, and stubs that jump there. */
static void find_thread_helpers(struct writer *writer)
{
	const struct facts_builder *builder = writer->builder;
	struct code_targets *slots = NULL;
	struct code_stubs stubs = {0};
	struct code_image image;

	vec_each (relocation, &builder->relocations) {
		struct facts_text name = builder->symbols.ptr[relocation->symbol].name;

		if (strcmp(builder->strings.ptr + name.offset, "__tls_get_addr") != 0)
			continue;
		if (!slots)
			slots = memory_calloc(1, sizeof(*slots));
		code_targets_add(slots, relocation->offset);
		vec_push(&writer->thread_helpers, relocation->offset);
	}
	if (!slots)
		return;
	code_image_open_code(writer->in, writer->builder, &image);
	code_scan_stubs(&image, slots, &stubs);
	for (size_t i = 0; i < stubs.len; i++)
		vec_push(&writer->thread_helpers, stubs.ptr[i].start);
	qsort(writer->thread_helpers.ptr, writer->thread_helpers.len,
	      sizeof(*writer->thread_helpers.ptr), by_value);
	writer->file.thread_helpers = writer->thread_helpers.ptr;
	writer->file.thread_helper_count = writer->thread_helpers.len;
	code_image_close(&image);
	code_targets_release(slots);
	free(slots);
	free(stubs.ptr);
}

/* Functions with addresses in their code, as far as signs tell: once more, with these masked. */
static void write_fixed(struct writer *writer)
{
	struct function_fixed *fixed = &writer->fixed;

	function_fixed_open(writer->in, writer->builder, &writer->list, fixed);
	writer->file.pointer = function_fixed_pointer;
	writer->file.context = fixed;
	vec_each (entry, &writer->list.entries) {
		write_function(writer, entry);
		vec_push(&fixed->numbers, (uint8_t)function_fixed_judge(&writer->scratch));
	}
	for (size_t i = 0; i < fixed->numbers.len; i++) {
		uint8_t numbers = fixed->numbers.ptr[i];

		if (numbers == NUMBERS_ABSOLUTE ||
		    (numbers == NUMBERS_DOUBTFUL && function_fixed_absolute(fixed, i)))
			fingerprint(writer, &writer->list.entries.ptr[i], true,
				    &writer->builder->functions.ptr[i]);
	}
	function_fixed_close(fixed);
}

/* Those that the request names, which an outline of this very file has found. */
static void list_selected(struct writer *writer)
{
	const struct elf_input *in = writer->in;

	for (size_t i = 0; i < in->selected_count; i++) {
		const struct facts_range *range = &in->selected[i];

		if (range->section < writer->builder->sections.len || !range->section)
			function_list_add(&writer->list, (struct function_entry){
							     .start = range->address,
							     .end = range->address + range->size,
							     .section = range->section});
	}
}

static void list_functions(struct writer *writer)
{
	struct elf_input *in = writer->in;

	if (in->groups & FACTS_SELECTED) {
		list_selected(writer);
	} else if (writer->file.relocatable) {
		function_list_relocatable(in, writer->builder, &writer->list);
	} else if (in->header.e_type == ET_EXEC || in->header.e_type == ET_DYN) {
		debug_symbols_open(in, writer->builder, &writer->debug);
		function_list_linked(in, writer->builder, &writer->debug, &writer->list);
	}
}

/*
 * The share of the functions that was asked for, by bytes of code; of a file whose functions are
 * judged together all are in the first one.
 */
static void choose_part(struct writer *writer)
{
	const struct elf_input *in = writer->in;
	size_t count = writer->list.entries.len;
	uint64_t total = 0, before = 0, from, to;

	writer->first = 0;
	writer->last = count;
	if (in->parts <= 1)
		return;
	if (in->header.e_type == ET_DYN) {
		vec_each (entry, &writer->list.entries)
			total += entry->end - entry->start;
		from = total / in->parts * in->part;
		to = in->part + 1u == in->parts ? UINT64_MAX : total / in->parts * (in->part + 1u);
		writer->last = 0;
		for (size_t i = 0; i < count && before < to; i++) {
			const struct function_entry *entry = &writer->list.entries.ptr[i];

			writer->first += before < from;
			writer->last = i + 1;
			before += entry->end - entry->start;
		}
		if (writer->first > writer->last)
			writer->first = writer->last;
	} else if (in->part) {
		writer->first = count;
	}
	/* What cannot be read is told once, for all. */
	for (size_t i = 0; i < count && !in->part; i++)
		if (i < writer->first || i >= writer->last)
			writer->skipped += !is_readable(writer, &writer->list.entries.ptr[i]);
	vec_push(&writer->builder->function_parts,
		 ((struct facts_function_part){in->part, in->parts, (uint32_t)writer->first,
					       (uint32_t)count}));
}

static void write_functions(struct writer *writer)
{
	choose_part(writer);
	if (writer->in->header.e_type == ET_EXEC && writer->first < writer->last &&
	    !writer->outline)
		write_fixed(writer);
	else
		for (size_t i = writer->first; i < writer->last; i++)
			write_function(writer, &writer->list.entries.ptr[i]);
	write_parents(writer);
}

void facts_functions(struct elf_input *in, struct facts_builder *builder)
{
	struct writer writer = {.in = in,
				.builder = builder,
				.file = {.machine = in->header.e_machine,
					 .big_endian = in->big_endian,
					 .relocatable = in->header.e_type == ET_REL},
				.outline = !(in->groups & (FACTS_CODE | FACTS_SELECTED))};

	list_functions(&writer);
	if (!writer.file.relocatable && in->header.e_machine == EM_X86_64 && !writer.outline)
		find_thread_helpers(&writer);
	if (!writer.file.relocatable && in->groups & FACTS_CODE)
		find_orphans(&writer);
	write_functions(&writer);
	if (writer.list.limited)
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, DIAG_NO_OFFSET,
				   "more than %u functions", (unsigned)BUDGET_FUNCTIONS);
	if (writer.skipped)
		facts_builder_diag(builder, DIAG_ELF_TRUNCATED, DIAG_NO_OFFSET,
				   "the bytes of %zu functions are not in the file",
				   writer.skipped);
	vec_release(&writer.relocations);
	vec_release(&writer.orphans);
	vec_release(&writer.thread_helpers);
	fingerprint_release(&writer.scratch);
	function_list_release(&writer.list);
	debug_symbols_close(&writer.debug);
}
