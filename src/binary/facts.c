/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks a facts record from its first byte to its last, and looks things up in it. */
#include "binary/facts.h"

#include <string.h>

#include "binary/facts_layout.h"
#include "util/budget.h"
#include "util/diag.h"

bool facts_check_text(const struct facts *facts, struct facts_text text)
{
	struct slice bytes;

	/* One byte more: the NUL behind the text. */
	return slice_sub(facts->strings, text.offset, (uint64_t)text.length + 1, &bytes) &&
	       bytes.ptr[text.length] == 0;
}

static bool check_identity(const struct facts *facts)
{
	const struct facts_identity *identity = facts->identity;

	return facts->identity_count == 1 && identity->type <= FACTS_TYPE_DEBUG_COMPANION &&
	       facts_check_text(facts, identity->interpreter) &&
	       facts_check_text(facts, identity->soname) &&
	       facts_check_text(facts, identity->build_id) &&
	       facts_check_text(facts, identity->debug_link);
}

static bool check_sections(const struct facts *facts)
{
	for (size_t i = 0; i < facts->sections_count; i++)
		if (!facts_check_text(facts, facts->sections[i].name))
			return false;
	for (size_t i = 0; i < facts->dynamic_count; i++)
		if (!facts_check_text(facts, facts->dynamic[i].text))
			return false;
	return true;
}

static bool check_symbols(const struct facts *facts)
{
	for (size_t i = 0; i < facts->symbols_count; i++)
		if (!facts_check_text(facts, facts->symbols[i].name) ||
		    !facts_check_text(facts, facts->symbols[i].version) ||
		    !facts_check_text(facts, facts->symbols[i].version_file))
			return false;
	for (size_t i = 0; i < facts->relocations_count; i++)
		if (facts->relocations[i].symbol >= facts->symbols_count)
			return false;
	return true;
}

static bool check_versions(const struct facts *facts, const struct facts_version *versions,
			   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!facts_check_text(facts, versions[i].name) ||
		    !facts_check_text(facts, versions[i].file) ||
		    !facts_check_text(facts, versions[i].parent))
			return false;
	return true;
}

static bool check_rest(const struct facts *facts)
{
	for (size_t i = 0; i < facts->notes_count; i++)
		if (!facts_check_text(facts, facts->notes[i].owner) ||
		    !facts_check_text(facts, facts->notes[i].description))
			return false;
	for (size_t i = 0; i < facts->comments_count; i++)
		if (!facts_check_text(facts, facts->comments[i]))
			return false;
	for (size_t i = 0; i < facts->loader_count; i++)
		if (!facts_check_text(facts, facts->loader[i].system_directories) ||
		    !facts_check_text(facts, facts->loader[i].lib) ||
		    !facts_check_text(facts, facts->loader[i].version) ||
		    !facts_check_text(facts, facts->loader[i].hwcaps))
			return false;
	for (size_t i = 0; i < facts->statements_count; i++)
		if (!facts_check_text(facts, facts->statements[i].text))
			return false;
	for (size_t i = 0; i < facts->mentions_count; i++)
		if (!facts_check_text(facts, facts->mentions[i].project) ||
		    !facts_check_text(facts, facts->mentions[i].version) ||
		    !facts_check_text(facts, facts->mentions[i].text))
			return false;
	for (size_t i = 0; i < facts->modules_count; i++)
		if (facts->modules[i].source >= FACTS_MODULE_SOURCE_COUNT ||
		    !facts_check_text(facts, facts->modules[i].name) ||
		    !facts_check_text(facts, facts->modules[i].version) ||
		    !facts_check_text(facts, facts->modules[i].detail))
			return false;
	for (size_t i = 0; i < facts->literals_count; i++)
		if (facts->literals[i].kind >= FACTS_LITERAL_KIND_COUNT ||
		    (i && facts->literals[i].key <= facts->literals[i - 1].key))
			return false;
	for (size_t i = 0; i < facts->diagnostics_count; i++)
		if (facts->diagnostics[i].id >= DIAG_COUNT ||
		    !facts_check_text(facts, facts->diagnostics[i].message))
			return false;
	return facts->loader_count <= 1;
}

static bool check_call_sites(const struct facts *facts)
{
	for (size_t i = 0; i < facts->call_sites_count; i++) {
		const struct facts_call_site *site = &facts->call_sites[i];

		if (site->kind >= FACTS_CALL_KIND_COUNT ||
		    site->value_first > facts->call_values_count ||
		    site->value_count > facts->call_values_count - site->value_first ||
		    !facts_check_text(facts, site->callee) ||
		    !facts_check_text(facts, site->function_name))
			return false;
	}
	for (size_t i = 0; i < facts->call_values_count; i++) {
		const struct facts_call_value *value = &facts->call_values[i];

		if (value->source >= FACTS_VALUE_SOURCE_COUNT || value->role > FACTS_ROLE_FAMILY ||
		    !facts_check_text(facts, value->text))
			return false;
	}
	return true;
}

static bool check_calls(const struct facts *facts)
{
	if (!check_call_sites(facts) || facts->code_coverage_count > 1)
		return false;
	for (size_t i = 0; i < facts->call_summaries_count; i++) {
		const struct facts_call_summary *summary = &facts->call_summaries[i];

		if (summary->kind >= FACTS_CALL_KIND_COUNT || summary->role > FACTS_ROLE_FAMILY ||
		    !facts_check_text(facts, summary->symbol) ||
		    !facts_check_text(facts, summary->pattern))
			return false;
	}
	for (size_t i = 0; i < facts->call_constants_count; i++)
		if (!facts_check_text(facts, facts->call_constants[i].callee) ||
		    !facts_check_text(facts, facts->call_constants[i].text))
			return false;
	return true;
}

static bool check_functions(const struct facts *facts)
{
	const struct facts_function_part *part = facts->function_parts;
	size_t total = facts->functions_count;

	if (facts->function_parts_count > 1 ||
	    (facts->adoptions_count && !facts->function_parts_count))
		return false;
	if (facts->function_parts_count) {
		if (part->part >= part->parts || part->first > part->total ||
		    total > part->total - part->first || facts->function_details_count)
			return false;
		total = part->total;
	}
	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];

		if (!facts_check_text(facts, function->name) ||
		    (function->parent != FACTS_NO_FUNCTION && function->parent >= total))
			return false;
	}
	for (size_t i = 0; i < facts->adoptions_count; i++)
		if (facts->adoptions[i].fragment >= total || facts->adoptions[i].function >= total)
			return false;
	return true;
}

/* Either there are none, or there is one for each function. */
static bool check_targets(const struct facts *facts)
{
	if (facts->function_details_count &&
	    facts->function_details_count != facts->functions_count)
		return false;
	for (size_t i = 0; i < facts->function_details_count; i++) {
		const struct facts_function_detail *detail = &facts->function_details[i];

		if (detail->target_first > facts->targets_count ||
		    detail->target_count > facts->targets_count - detail->target_first)
			return false;
	}
	return true;
}

static bool check_contents(const struct facts *facts)
{
	for (size_t i = 0; i < facts->contents_count; i++) {
		const struct facts_content *content = &facts->contents[i];

		if (content->role >= FACTS_CONTENT_ROLE_COUNT ||
		    !facts_check_text(facts, content->name) ||
		    content->page_first > facts->pages_count ||
		    content->page_count > facts->pages_count - content->page_first)
			return false;
	}
	return true;
}

/* The bytes of one typed section, or false. */
static bool take_section(struct slice record, const struct facts_directory *directory, size_t index,
			 size_t entry_size, struct slice *ret)
{
	uint64_t size;

	return directory[index].entry_size == entry_size &&
	       directory[index].offset % FACTS_ALIGN == 0 &&
	       !__builtin_mul_overflow(directory[index].count, (uint64_t)entry_size, &size) &&
	       slice_sub(record, directory[index].offset, size, ret);
}

enum status facts_open(struct slice record, struct facts *ret)
{
	struct facts_header header;
	struct facts_directory directory[FACTS_INDEX_COUNT];
	struct facts facts = {.record = record};
	struct slice bytes;

	if (record.len < sizeof(header) + sizeof(directory) || record.len > BUDGET_RECORD_SIZE ||
	    (uintptr_t)record.ptr % FACTS_ALIGN != 0)
		return STATUS_FORMAT;
	memcpy(&header, record.ptr, sizeof(header));
	if (header.magic != FACTS_MAGIC || header.version != FACTS_VERSION ||
	    header.section_count != FACTS_INDEX_COUNT || header.size != record.len)
		return STATUS_FORMAT;
	memcpy(directory, record.ptr + sizeof(header), sizeof(directory));
	/* Alignment of each section was checked against that of its widest member. */
#define FACTS_TAKE(tag, name, type)                                                    \
	if (!take_section(record, directory, FACTS_INDEX_##tag, sizeof(type), &bytes)) \
		return STATUS_FORMAT;                                                  \
	facts.name = (const type *)(const void *)bytes.ptr;                            \
	facts.name##_count = (size_t)directory[FACTS_INDEX_##tag].count;
	FACTS_SECTIONS_TABLE(FACTS_TAKE)
#undef FACTS_TAKE
	if (!take_section(record, directory, FACTS_INDEX_STRINGS, 1, &facts.strings))
		return STATUS_FORMAT;
	if (!check_identity(&facts) || !check_sections(&facts) || !check_symbols(&facts) ||
	    !check_versions(&facts, facts.version_definitions, facts.version_definitions_count) ||
	    !check_versions(&facts, facts.version_needs, facts.version_needs_count) ||
	    !check_calls(&facts) || !check_functions(&facts) || !check_contents(&facts) ||
	    !check_targets(&facts) || !facts_check_device(&facts) || !facts_check_debug(&facts) ||
	    !check_rest(&facts))
		return STATUS_FORMAT;
	*ret = facts;
	return STATUS_OK;
}

const struct facts_dynamic *facts_dynamic_next(const struct facts *facts, int64_t tag, size_t *at)
{
	while (*at < facts->dynamic_count) {
		const struct facts_dynamic *entry = &facts->dynamic[(*at)++];
		if (entry->tag == tag && (entry->has_text || tag != DT_NEEDED))
			return entry;
	}
	return NULL;
}

const char *facts_dynamic_text(const struct facts *facts, int64_t tag)
{
	for (size_t i = facts->dynamic_count; i-- > 0;)
		if (facts->dynamic[i].tag == tag && facts->dynamic[i].has_text)
			return facts_text(facts, facts->dynamic[i].text);
	return NULL;
}

const char *facts_call_kind_text(enum facts_call_kind kind)
{
	static const char *const texts[] = {
#define FACTS_CALL_KIND(id, text) text,
	    FACTS_CALL_KINDS(FACTS_CALL_KIND)
#undef FACTS_CALL_KIND
	};

	return texts[kind];
}

const char *facts_value_source_text(enum facts_value_source source)
{
	static const char *const texts[] = {
#define FACTS_VALUE_SOURCE(id, text) text,
	    FACTS_VALUE_SOURCES(FACTS_VALUE_SOURCE)
#undef FACTS_VALUE_SOURCE
	};

	return texts[source];
}

const char *facts_call_reason_text(enum facts_call_reason_index index)
{
	static const char *const texts[] = {
#define FACTS_CALL_REASON(id, text) text,
	    FACTS_CALL_REASONS(FACTS_CALL_REASON)
#undef FACTS_CALL_REASON
	};

	return texts[index];
}

const char *facts_module_source_text(enum facts_module_source source)
{
	static const char *const texts[] = {
#define FACTS_MODULE_SOURCE(id, text) text,
	    FACTS_MODULE_SOURCES(FACTS_MODULE_SOURCE)
#undef FACTS_MODULE_SOURCE
	};

	return texts[source];
}

const char *facts_type_text(enum facts_type type)
{
	switch (type) {
	case FACTS_TYPE_RELOCATABLE:
		return "relocatable";
	case FACTS_TYPE_EXECUTABLE:
		return "executable";
	case FACTS_TYPE_STATIC:
		return "static";
	case FACTS_TYPE_SHARED:
		return "shared";
	case FACTS_TYPE_DEBUG_COMPANION:
		return "debug";
	case FACTS_TYPE_OTHER:
		break;
	}
	return "other";
}

const char *facts_machine_text(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *text;
	} names[] = {
	    {EM_X86_64, "x86-64"},    {EM_386, "i386"},
	    {EM_AARCH64, "AArch64"},  {EM_ARM, "ARM"},
	    {EM_RISCV, "RISC-V"},     {EM_PPC64, "PowerPC64"},
	    {EM_PPC, "PowerPC"},      {EM_S390, "S/390"},
	    {EM_MIPS, "MIPS"},	      {EM_LOONGARCH, "LoongArch"},
	    {EM_BPF, "BPF"},	      {EM_CUDA, "CUDA"},
	    {EM_SPARCV9, "SPARC V9"}, {EM_IA_64, "IA-64"},
	    {EM_AMDGPU, "AMDGPU"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].machine == machine)
			return names[i].text;
	return NULL;
}

const char *facts_content_role_text(enum facts_content_role role)
{
	static const char *const texts[] = {
#define FACTS_CONTENT_ROLE(id, text) text,
	    FACTS_CONTENT_ROLES(FACTS_CONTENT_ROLE)
#undef FACTS_CONTENT_ROLE
	};

	return (unsigned)role < FACTS_CONTENT_ROLE_COUNT ? texts[role] : "";
}
