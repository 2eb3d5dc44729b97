/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/knowledge.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "util/digest.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/table.h"
#include "util/vec.h"

struct alias {
	const char *spdx;
	enum licence_confidence confidence;
};

struct knowledge {
	struct arena arena;
	VEC(struct licence_row) licences;
	VEC(struct exception_row) exceptions;
	VEC(struct alias) aliases;
	VEC(struct upgrade_row) upgrades;
	VEC(struct path_row) paths;
	struct map licence_by_id, exception_by_id; /* lower-case id -> index */
	struct map alias_by_name;		   /* "ecosystem\nname" in lower case -> index */
	const char *date;
	char digest[DIGEST_TEXT_SIZE];
};

static const char *const class_texts[] = {
    [LICENCE_CLASS_PUBLIC_DOMAIN] = "public-domain",
    [LICENCE_CLASS_PERMISSIVE] = "permissive",
    [LICENCE_CLASS_PERMISSIVE_NOTICE] = "permissive-notice",
    [LICENCE_CLASS_WEAK_FILE] = "weak-file",
    [LICENCE_CLASS_WEAK_LIBRARY] = "weak-library",
    [LICENCE_CLASS_STRONG] = "strong",
    [LICENCE_CLASS_NETWORK] = "network",
    [LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE] = "proprietary-redistributable",
    [LICENCE_CLASS_PROPRIETARY] = "proprietary",
    [LICENCE_CLASS_NON_COMMERCIAL] = "non-commercial",
    [LICENCE_CLASS_UNKNOWN] = "unknown",
};

static char *lower_case(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

static enum licence_class parse_class(const struct table *table, const char *id, const char *text,
				      struct diags *diags)
{
	for (unsigned i = 0; i < sizeof(class_texts) / sizeof(class_texts[0]); i++)
		if (strcmp(class_texts[i], text) == 0)
			return (enum licence_class)i;
	diag_add(diags, DIAG_DATA_TABLE_BAD, table->name, DIAG_NO_OFFSET,
		 "row %s: \"%s\" is no class of licences", id, text);
	return LICENCE_CLASS_UNKNOWN;
}

static enum licence_answer parse_answer(const char *text)
{
	return text[0] == 'y' ? LICENCE_YES : text[0] == 'n' ? LICENCE_NO : LICENCE_UNSURE;
}

static enum licence_confidence parse_confidence(const char *text)
{
	return text[0] == 'h'	? LICENCE_CONFIDENCE_HIGH
	       : text[0] == 'm' ? LICENCE_CONFIDENCE_MEDIUM
				: LICENCE_CONFIDENCE_LOW;
}

/* Keeps the columns of one table together, so that a missing one is said once. */
static void find_columns(const struct table *table, const char *const *names, size_t count,
			 struct diags *diags, size_t *ret)
{
	for (size_t i = 0; i < count; i++)
		ret[i] = table_column(table, names[i], diags);
}

static void read_licences(struct knowledge *knowledge, const struct table *table,
			  struct diags *diags)
{
	static const char *const names[] = {
	    "spdx_id",		"name",		 "class",	   "needs_notice",
	    "source_on_binary", "patent_clause", "network_clause", "gpl2_compatible",
	    "gpl3_compatible",	"source"};
	size_t at[10];

	find_columns(table, names, 10, diags, at);
	for (size_t i = 0; i < table->rows; i++) {
		struct licence_row row = {
		    .id = table_field(table, i, at[0]),
		    .name = table_field(table, i, at[1]),
		    .class = parse_class(table, table_field(table, i, at[0]),
					 table_field(table, i, at[2]), diags),
		    .needs_notice = table_field(table, i, at[3])[0] == 'y',
		    .source_on_binary = table_field(table, i, at[4])[0] == 'y',
		    .patent_clause = table_field(table, i, at[5])[0] == 'y',
		    .network_clause = table_field(table, i, at[6])[0] == 'y',
		    .gpl2_compatible = parse_answer(table_field(table, i, at[7])),
		    .gpl3_compatible = parse_answer(table_field(table, i, at[8])),
		    .source = table_field(table, i, at[9]),
		};

		map_put(&knowledge->licence_by_id,
			slice_text(lower_case(&knowledge->arena, row.id)),
			(uint32_t)knowledge->licences.len, NULL);
		vec_push(&knowledge->licences, row);
	}
}

static void read_exceptions(struct knowledge *knowledge, const struct table *table,
			    struct diags *diags)
{
	static const char *const names[] = {"id",
					    "name",
					    "applies_to",
					    "direction",
					    "removes_linking_reach",
					    "in_combination",
					    "effect_and_conditions",
					    "source"};
	size_t at[8];

	find_columns(table, names, 8, diags, at);
	for (size_t i = 0; i < table->rows; i++) {
		struct exception_row row = {
		    .id = table_field(table, i, at[0]),
		    .name = table_field(table, i, at[1]),
		    .applies_to = table_field(table, i, at[2]),
		    .direction = table_field(table, i, at[3]),
		    .removes_linking_reach = table_field(table, i, at[4]),
		    .free_in_combination = strcmp(table_field(table, i, at[5]), "free") == 0,
		    .free_as_headers = strcmp(table_field(table, i, at[5]), "headers") == 0,
		    .effect = table_field(table, i, at[6]),
		    .source = table_field(table, i, at[7]),
		};

		map_put(&knowledge->exception_by_id,
			slice_text(lower_case(&knowledge->arena, row.id)),
			(uint32_t)knowledge->exceptions.len, NULL);
		vec_push(&knowledge->exceptions, row);
	}
}

static void read_aliases(struct knowledge *knowledge, const struct table *table,
			 struct diags *diags)
{
	static const char *const names[] = {"alias", "ecosystem", "spdx", "confidence"};
	size_t at[4];

	find_columns(table, names, 4, diags, at);
	for (size_t i = 0; i < table->rows; i++) {
		char *key = arena_printf(&knowledge->arena, "%s\n%s", table_field(table, i, at[1]),
					 table_field(table, i, at[0]));

		map_put(&knowledge->alias_by_name, slice_text(lower_case(&knowledge->arena, key)),
			(uint32_t)knowledge->aliases.len, NULL);
		vec_push(&knowledge->aliases,
			 ((struct alias){table_field(table, i, at[2]),
					 parse_confidence(table_field(table, i, at[3]))}));
	}
}

static void read_upgrades(struct knowledge *knowledge, const struct table *table,
			  struct diags *diags)
{
	static const char *const names[] = {"pattern", "needs", "licence", "note", "source"};
	size_t at[5];

	find_columns(table, names, 5, diags, at);
	for (size_t i = 0; i < table->rows; i++)
		vec_push(&knowledge->upgrades, ((struct upgrade_row){
						   .pattern = table_field(table, i, at[0]),
						   .needs = table_field(table, i, at[1]),
						   .licence = table_field(table, i, at[2]),
						   .note = table_field(table, i, at[3]),
						   .source = table_field(table, i, at[4]),
					       }));
}

static void read_paths(struct knowledge *knowledge, const struct table *table, struct diags *diags)
{
	static const char *const names[] = {"package", "soname", "stanzas", "why", "source"};
	size_t at[5];

	find_columns(table, names, 5, diags, at);
	for (size_t i = 0; i < table->rows; i++)
		vec_push(&knowledge->paths, ((struct path_row){
						.package = table_field(table, i, at[0]),
						.soname = table_field(table, i, at[1]),
						.stanzas = table_field(table, i, at[2]),
						.why = table_field(table, i, at[3]),
						.source = table_field(table, i, at[4]),
					    }));
}

enum status knowledge_open(const char *folder, struct diags *diags, struct knowledge **ret)
{
	static const struct {
		const char *name;
		void (*read)(struct knowledge *knowledge, const struct table *table,
			     struct diags *diags);
	} tables[] = {{"licences", read_licences},
		      {"exceptions", read_exceptions},
		      {"licence-names", read_aliases},
		      {"effective-upgrades", read_upgrades},
		      {"licence-paths", read_paths}};
	struct knowledge *knowledge = memory_calloc(1, sizeof(*knowledge));
	struct digest digests[sizeof(tables) / sizeof(tables[0])] = {0}, digest;
	enum status status = STATUS_OK;

	arena_init(&knowledge->arena);
	knowledge->date = "";
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && status == STATUS_OK; i++) {
		struct table table;

		status = table_open(folder, tables[i].name, &knowledge->arena, diags, &table);
		if (status != STATUS_OK)
			break;
		tables[i].read(knowledge, &table, diags);
		status = digest_bytes(table.bytes, &digests[i]);
		if (strcmp(table.date, knowledge->date) > 0)
			knowledge->date = table.date;
	}
	/* One digest of the digests: the tables have no common text. */
	if (status == STATUS_OK)
		status = digest_bytes(slice_of(digests, sizeof(digests)), &digest);
	if (status != STATUS_OK) {
		knowledge_free(knowledge);
		return status;
	}
	digest_format(&digest, knowledge->digest);
	*ret = knowledge;
	return STATUS_OK;
}

void knowledge_free(struct knowledge *knowledge)
{
	if (!knowledge)
		return;
	vec_release(&knowledge->licences);
	vec_release(&knowledge->exceptions);
	vec_release(&knowledge->aliases);
	vec_release(&knowledge->upgrades);
	vec_release(&knowledge->paths);
	map_release(&knowledge->licence_by_id);
	map_release(&knowledge->exception_by_id);
	map_release(&knowledge->alias_by_name);
	arena_release(&knowledge->arena);
	free(knowledge);
}

static const struct map_entry *find(const struct map *map, const char *text)
{
	const struct map_entry *entry;
	struct arena scratch;

	arena_init(&scratch);
	entry = map_get(map, slice_text(lower_case(&scratch, text)));
	arena_release(&scratch);
	return entry;
}

const struct licence_row *knowledge_licence(const struct knowledge *knowledge, const char *id)
{
	const struct map_entry *entry = find(&knowledge->licence_by_id, id);

	return entry ? &knowledge->licences.ptr[entry->value] : NULL;
}

const struct exception_row *knowledge_exception(const struct knowledge *knowledge, const char *id)
{
	const struct map_entry *entry = find(&knowledge->exception_by_id, id);

	return entry ? &knowledge->exceptions.ptr[entry->value] : NULL;
}

const char *knowledge_alias(const struct knowledge *knowledge, const char *ecosystem,
			    const char *name, enum licence_confidence *ret_confidence)
{
	const struct map_entry *entry;
	struct arena scratch;

	arena_init(&scratch);
	entry = find(&knowledge->alias_by_name, arena_printf(&scratch, "%s\n%s", ecosystem, name));
	arena_release(&scratch);
	if (!entry)
		return NULL;
	if (ret_confidence)
		*ret_confidence = knowledge->aliases.ptr[entry->value].confidence;
	return knowledge->aliases.ptr[entry->value].spdx;
}

const struct path_row *knowledge_path(const struct knowledge *knowledge, const char *package,
				      const char *soname)
{
	vec_each (row, &knowledge->paths)
		if (strcmp(row->package, package) == 0 && fnmatch(row->soname, soname, 0) == 0)
			return row;
	return NULL;
}

bool knowledge_has_licence_like(const struct knowledge *knowledge, const char *pattern)
{
	vec_each (row, &knowledge->licences)
		if (pattern_matches(pattern, row->id, NULL))
			return true;
	return false;
}

const struct upgrade_row *knowledge_upgrades(const struct knowledge *knowledge, size_t *ret_count)
{
	*ret_count = knowledge->upgrades.len;
	return knowledge->upgrades.ptr;
}

const char *knowledge_digest(const struct knowledge *knowledge)
{
	return knowledge->digest;
}

const char *knowledge_date(const struct knowledge *knowledge)
{
	return knowledge->date;
}

const char *licence_class_text(enum licence_class class)
{
	return class_texts[class];
}

const char *licence_confidence_text(enum licence_confidence confidence)
{
	static const char *const texts[] = {"high", "medium", "low", "none"};

	return texts[confidence];
}
