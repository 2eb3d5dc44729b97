/* SPDX-License-Identifier: BSD-2-Clause */
/* Long texts and beginnings of tables: literal_facts.h says how they are told. */
#include <stdlib.h>
#include <xxhash.h>

#include "binary/collector.h"
#include "util/budget.h"

void facts_literals(struct elf_input *in, struct facts_builder *builder);

/* Shorter ones are of everybody: "%s: %s\n", "out of memory". */
#define TEXT_LEAST 12u
#define TEXT_MOST 4096u
#define TABLE_BYTES 64u
#define TABLE_ALIGN 32u /* of an object of this size, as gcc lays it down */
/* Fewer different bytes are an empty table, or a ramp; with few others it is text. */
#define TABLE_DISTINCT 16u
#define TABLE_NOT_TEXT 16u

_Static_assert(TABLE_ALIGN == TABLE_BYTES / 2, "a half is the next one's first");

struct finder {
	struct elf_input *in;
	struct facts_builder *builder;
	VEC(uint64_t) relocated; /* of the section at hand, in an object file: sorted */
	bool limited;
};

static void add(struct finder *finder, struct slice bytes, enum facts_literal_kind kind)
{
	if (finder->limited)
		return;
	if (finder->builder->literals.len >= BUDGET_LITERALS) {
		finder->limited = true;
		facts_builder_diag(finder->builder, DIAG_LIMIT_REACHED,
				   (uint64_t)(bytes.ptr - finder->in->bytes.ptr),
				   "more than %u texts and tables", BUDGET_LITERALS);
		return;
	}
	vec_push(&finder->builder->literals,
		 ((struct facts_literal){
		     .key = XXH3_64bits_withSeed(bytes.ptr, bytes.len, kind),
		     .offset = (uint64_t)(bytes.ptr - finder->in->bytes.ptr),
		     .length = (uint32_t)bytes.len,
		     .kind = kind,
		 }));
}

/* ---- texts ---- */

static bool is_printable(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || byte == '\t' || byte == '\n' || byte == '\r';
}

/*
 * Words, not a word: names of functions, constants, glyphs and files stand in whatever deals with
 * them, sentences where somebody wrote them.
 */
static bool is_wordy(struct slice text)
{
	size_t letters = 0, spaces = 0;

	for (size_t i = 0; i < text.len; i++) {
		letters += (text.ptr[i] | 0x20) >= 'a' && (text.ptr[i] | 0x20) <= 'z';
		spaces += i && i + 1 < text.len && text.ptr[i] == ' ' && text.ptr[i - 1] > ' ' &&
			  text.ptr[i + 1] > ' ';
	}
	return spaces && letters * 2 >= text.len;
}

/* What is printable before each NUL. */
static void find_texts(struct finder *finder, struct slice bytes)
{
	size_t start = 0;

	for (size_t at = 0; at < bytes.len; at++) {
		struct slice text;

		if (is_printable(bytes.ptr[at]))
			continue;
		text = slice_of(bytes.ptr + start, at - start);
		start = at + 1;
		if (text.len >= TEXT_LEAST && bytes.ptr[at] == 0 && text.len <= TEXT_MOST &&
		    is_wordy(text))
			add(finder, text, FACTS_LITERAL_TEXT);
	}
}

/* ---- tables ---- */

/* What there is in half of the bytes; halves of neighbours are the same. */
struct half {
	const uint8_t *bytes;
	uint64_t seen[4]; /* if counted */
	unsigned others;
	bool counted;
};

static struct half look_at_half(const uint8_t *bytes)
{
	struct half half = {.bytes = bytes};
	uint8_t others = 0;

	/* Without a branch, for vector instructions: is_printable(), and NUL. */
	for (size_t i = 0; i < TABLE_BYTES / 2; i++)
		others = (uint8_t)(others + ((uint8_t)(bytes[i] - 0x20) >= 0x5f) -
				   ((bytes[i] == 0) | (bytes[i] == '\t') | (bytes[i] == '\n') |
				    (bytes[i] == '\r')));
	half.others = others;
	return half;
}

static void count_distinct(struct half *half)
{
	if (half->counted)
		return;
	half->counted = true;
	for (size_t i = 0; i < TABLE_BYTES / 2; i++)
		half->seen[half->bytes[i] >> 6] |= UINT64_C(1) << (half->bytes[i] & 63);
}

static bool is_table(struct half *first, struct half *second)
{
	unsigned distinct = 0;

	if (first->others + second->others < TABLE_NOT_TEXT)
		return false;
	count_distinct(first);
	count_distinct(second);
	for (size_t i = 0; i < 4; i++)
		distinct += (unsigned)__builtin_popcountll(first->seen[i] | second->seen[i]);
	return distinct >= TABLE_DISTINCT;
}

static bool begins_table(const uint8_t *bytes)
{
	struct half first = look_at_half(bytes), second = look_at_half(bytes + TABLE_BYTES / 2);

	return is_table(&first, &second);
}

/* Wherever one may begin: which places are beginnings, the index knows. */
static void find_tables(struct finder *finder, struct slice bytes, uint64_t address)
{
	size_t at = (size_t)(-address % TABLE_ALIGN);
	struct half first, second;

	if (at > bytes.len || bytes.len - at < TABLE_BYTES)
		return;
	first = look_at_half(bytes.ptr + at);
	for (; at + TABLE_BYTES <= bytes.len; at += TABLE_ALIGN) {
		second = look_at_half(bytes.ptr + at + TABLE_ALIGN);
		if (is_table(&first, &second))
			add(finder, slice_of(bytes.ptr + at, TABLE_BYTES), FACTS_LITERAL_TABLE);
		first = second;
	}
}

static bool is_relocated(const struct finder *finder, uint64_t start, uint64_t end)
{
	size_t low = 0, high = finder->relocated.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (finder->relocated.ptr[middle] < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < finder->relocated.len && finder->relocated.ptr[low] < end;
}

static int compare_offsets(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Where a linker fills in bytes of a section. */
static void list_relocated(struct finder *finder, uint32_t section)
{
	size_t entry = finder->in->is_64 ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);

	finder->relocated.len = 0;
	vec_each (table, &finder->builder->sections) {
		uint64_t count = table->size / entry;
		Elf_Data *data;
		GElf_Rela relocation;

		if (table->type != SHT_RELA || table->info != section || count > BUDGET_RELOCATIONS)
			continue;
		data = elf_input_data(finder->in, table->offset, count * entry, ELF_T_RELA);
		for (uint64_t i = 0; data && i < count; i++)
			if (gelf_getrela(data, (int)i, &relocation))
				vec_push(&finder->relocated, relocation.r_offset);
	}
	if (finder->relocated.len)
		qsort(finder->relocated.ptr, finder->relocated.len, sizeof(uint64_t),
		      compare_offsets);
}

static void find_objects_in(struct finder *finder, const struct facts_section *table,
			    uint32_t section, struct slice bytes)
{
	size_t entry = finder->in->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	uint64_t count = table->size / entry;
	Elf_Data *data;

	if (count > BUDGET_SYMBOLS)
		count = BUDGET_SYMBOLS;
	data = elf_input_data(finder->in, table->offset, count * entry, ELF_T_SYM);
	for (uint64_t i = 1; data && i < count; i++) {
		struct slice object;
		GElf_Sym symbol;

		if (gelf_getsym(data, (int)i, &symbol) && symbol.st_shndx == section &&
		    GELF_ST_TYPE(symbol.st_info) == STT_OBJECT && symbol.st_size >= TABLE_BYTES &&
		    symbol.st_value % TABLE_ALIGN == 0 &&
		    slice_sub(bytes, symbol.st_value, TABLE_BYTES, &object) &&
		    begins_table(object.ptr) &&
		    !is_relocated(finder, symbol.st_value, symbol.st_value + TABLE_BYTES))
			add(finder, object, FACTS_LITERAL_TABLE);
	}
}

static void find_objects(struct finder *finder, uint32_t section, struct slice bytes)
{
	list_relocated(finder, section);
	vec_each (table, &finder->builder->sections)
		if (table->type == SHT_SYMTAB)
			find_objects_in(finder, table, section, bytes);
}

/* ---- the file ---- */

static int compare_literals(const void *a, const void *b)
{
	const struct facts_literal *left = a, *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

static void keep_one_of_each(struct facts_builder *builder)
{
	size_t kept = 0;

	if (!builder->literals.len)
		return;
	qsort(builder->literals.ptr, builder->literals.len, sizeof(*builder->literals.ptr),
	      compare_literals);
	for (size_t i = 1; i < builder->literals.len; i++)
		if (builder->literals.ptr[i].key != builder->literals.ptr[kept].key)
			builder->literals.ptr[++kept] = builder->literals.ptr[i];
	builder->literals.len = kept + 1;
}

static bool is_constant(const struct finder *finder, const struct facts_section *section)
{
	return section->type == SHT_PROGBITS && (section->flags & SHF_ALLOC) &&
	       !(section->flags & (SHF_WRITE | SHF_EXECINSTR)) && section->name.length >= 7 &&
	       strncmp(finder->builder->strings.ptr + section->name.offset, ".rodata", 7) == 0;
}

static void find_all(struct finder *finder, uint64_t offset, uint64_t size, uint64_t address)
{
	struct slice bytes;

	if (!slice_sub(finder->in->bytes, offset, size, &bytes))
		return;
	find_texts(finder, bytes);
	find_tables(finder, bytes, address);
}

void facts_literals(struct elf_input *in, struct facts_builder *builder)
{
	struct finder finder = {.in = in, .builder = builder};
	bool found = false;

	if (in->part)
		return; /* the first part has them */
	for (uint32_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];
		struct slice bytes;

		if (!is_constant(&finder, section))
			continue;
		found = true;
		if (in->header.e_type != ET_REL) {
			find_all(&finder, section->offset, section->size, section->address);
		} else if (slice_sub(in->bytes, section->offset, section->size, &bytes)) {
			find_texts(&finder, bytes);
			find_objects(&finder, i, bytes);
		}
	}
	/* Without a section table: all that is mapped and neither written nor run. */
	for (size_t i = 0; !found && i < in->segment_count; i++)
		if (in->segments[i].p_type == PT_LOAD && !(in->segments[i].p_flags & (PF_W | PF_X)))
			find_all(&finder, in->segments[i].p_offset, in->segments[i].p_filesz,
				 in->segments[i].p_vaddr);
	vec_release(&finder.relocated);
	keep_one_of_each(builder);
}
