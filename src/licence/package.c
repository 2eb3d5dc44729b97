/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/package.h"

#include <stdlib.h>
#include <string.h>

#include "licence/local.h"
#include "licence/phrases.h"
#include "util/budget.h"
#include "util/gunzip.h"
#include "util/map.h"
#include "util/path.h"
#include "util/vec.h"

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect_names(struct package_licence *package, struct arena *arena)
{
	const char **names = arena_alloc_array(arena, package->dep5.count + 1, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < package->dep5.count; i++)
		names[i] = package->dep5.stanzas[i].licence;
	qsort(names, package->dep5.count, sizeof(*names), compare_text);
	for (size_t i = 0; i < package->dep5.count; i++)
		if (i == 0 || strcmp(names[count - 1], names[i]) != 0)
			names[count++] = names[i];
	package->names = names;
	package->name_count = count;
}

/* "GPL-3" over a text that reads "either version 3 of the License, or any later version". */
static bool says_later(const struct dep5 *dep5, const struct dep5_stanza *stanza,
		       const struct expression *expression)
{
	const char *id = expression->steps[0].term.id;
	struct arena scratch;
	struct words words;
	bool later;

	if (expression->count != 1 || strncmp(id + (id[0] != 'G'), "GPL-", 4) != 0 ||
	    !strstr(id, "-only"))
		return false;
	arena_init(&scratch);
	words = words_of(local_text(dep5, stanza), &scratch);
	later =
	    words_find(&words, 0, words.count, "at your option any later version") < words.count;
	arena_release(&scratch);
	return later;
}

/* Each distinct name is read once: files of thousands of stanzas use few. */
static void read_licences(struct package_licence *package, const struct knowledge *knowledge,
			  struct arena *arena)
{
	const struct dep5 *dep5 = &package->dep5;
	struct stanza_licence *licences =
	    arena_alloc_array(arena, dep5->count + 1, sizeof(*licences));
	const struct expression **list =
	    arena_alloc_array(arena, dep5->count + 1, sizeof(struct expression *));
	struct map seen = {NULL, 0, 0, NULL, 0};
	struct local_names names;

	local_names_read(&names, dep5, knowledge, package->scope, arena);
	for (size_t i = 0; i < dep5->count; i++) {
		const struct dep5_stanza *stanza = &dep5->stanzas[i];
		struct map_entry *entry;
		bool added;

		entry = map_put(&seen, slice_text(stanza->licence), (uint32_t)i, &added);
		if (!added) {
			licences[i] = licences[entry->value];
			continue;
		}
		licences[i].first = i;
		if (expression_parse(knowledge, EXPRESSION_DEP5, stanza->licence, package->scope,
				     arena, &licences[i].expression,
				     &licences[i].lossy) == STATUS_OK) {
			licences[i].expression = local_names_replace(&names, licences[i].expression,
								     arena, &licences[i].lossy);
			list[i] = licences[i].expression;
			licences[i].later_in_text =
			    says_later(dep5, stanza, licences[i].expression);
		}
	}
	map_release(&seen);
	local_names_release(&names);
	package->licences = licences;
	package->all =
	    expression_join_all(EXPRESSION_AND, list, dep5->count, arena, &package->limit);
	package->limit |= dep5->limit;
}

static void read_prose(struct package_licence *package, struct slice text,
		       const struct knowledge *knowledge, struct arena *arena)
{
	const struct prose *prose = prose_read(text, knowledge, package->scope, arena);
	const struct expression **list =
	    arena_alloc_array(arena, prose->count + 1, sizeof(struct expression *));

	for (size_t i = 0; i < prose->count; i++)
		list[i] = prose->grants[i].expression;
	package->prose = prose;
	package->all =
	    expression_join_all(EXPRESSION_AND, list, prose->count, arena, &package->limit);
	package->limit |= prose->limit;
}

static void diagnose(const struct package_licence *package, struct diags *diags)
{
	const struct dep5 *dep5 = &package->dep5;

	if (dep5->skipped)
		diag_add(diags, DIAG_COPYRIGHT_BAD, package->path, DIAG_NO_OFFSET,
			 "%zu Files stanzas without a licence, the first at line %zu",
			 dep5->skipped, dep5->skipped_line);
	if (package->limit)
		diag_add(diags, DIAG_LIMIT_REACHED, package->path, DIAG_NO_OFFSET,
			 "a copyright file of too many stanzas, patterns, words or licences");
}

static void read_text(struct package_licence *package, struct slice text, struct arena *arena,
		      struct diags *diags)
{
	package->machine_readable = dep5_parse(text, arena, &package->dep5);
	if (package->machine_readable) {
		collect_names(package, arena);
		read_licences(package, package->knowledge, arena);
	} else {
		read_prose(package, text, package->knowledge, arena);
	}
	diagnose(package, diags);
}

const struct package_licence *package_licence_read(struct root *root,
						   const struct knowledge *knowledge,
						   const struct component *component,
						   struct arena *arena, struct diags *diags)
{
	struct package_licence *package = arena_alloc(arena, sizeof(*package));
	enum status status;
	struct slice text;

	package->path = component->copyright_path;
	package->knowledge = knowledge;
	package->diags = diags;
	package->scope = *component->source_name ? component->source_name : component->name;
	status = root_read(root, component->copyright_path, BUDGET_COPYRIGHT_FILE, arena, &text);
	if (status == STATUS_OK)
		status = gunzip(&text, BUDGET_COPYRIGHT_FILE, arena);
	if (status == STATUS_FORMAT)
		diag_add(diags, DIAG_COPYRIGHT_BAD, package->path, DIAG_NO_OFFSET, "no gzip");
	if (status == STATUS_LIMIT)
		diag_add(diags, DIAG_LIMIT_REACHED, package->path, DIAG_NO_OFFSET,
			 "a copyright file of more than %llu bytes",
			 (unsigned long long)BUDGET_COPYRIGHT_FILE);
	if (status != STATUS_OK)
		return package;
	read_text(package, text, arena, diags);
	return package;
}

static struct file_licence *from_prose(const struct package_licence *package,
				       const struct source_names *names, struct arena *arena,
				       enum answer_kind *ret_kind)
{
	struct file_licence *licence;
	struct prose_answer answer;

	if (!package->prose)
		return NULL;
	answer = prose_of_file(package->prose, names, arena);
	if (!answer.expression)
		return NULL;
	*ret_kind = answer.stated ? ANSWER_STATED : answer.sure ? ANSWER_GUESSED : ANSWER_UNION;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .expression = answer.expression,
	    .text = expression_print(answer.expression, arena),
	    .original = answer.original,
	    .source = LICENCE_SOURCE_FREEFORM,
	    .confidence = answer.sure ? LICENCE_CONFIDENCE_MEDIUM : LICENCE_CONFIDENCE_LOW,
	    .path = package->path,
	    .detail = answer.detail,
	};
	return licence;
}

/*
 * Line tables may be those of a part of the code only: where the rest of the copyright file says
 * the same its confidence counts, and where they leave a doubt, what it is sure of.
 */
static struct file_licence *better(struct file_licence *sources, struct file_licence *other,
				   enum answer_kind *ret_kind)
{
	bool same = other && strcmp(sources->text, other->text) == 0;

	if (other && other->expression && other->confidence < sources->confidence) {
		if (!same && sources->confidence == LICENCE_CONFIDENCE_LOW)
			return other;
		if (same)
			sources->confidence = other->confidence;
	}
	*ret_kind = sources->confidence == LICENCE_CONFIDENCE_LOW ? ANSWER_GUESSED : ANSWER_STATED;
	return sources;
}

struct file_licence *package_licence_of_file(const struct package_licence *package,
					     const struct licence_query *query, struct arena *arena,
					     enum answer_kind *ret_kind)
{
	/* libc.so.6 has a program interpreter, to print its version. */
	bool is_program = query->facts && !query->soname &&
			  (query->facts->identity->type == FACTS_TYPE_EXECUTABLE ||
			   query->facts->identity->type == FACTS_TYPE_STATIC);
	struct source_names names =
	    source_names(path_name(query->path), query->soname, is_program, package->scope, arena);
	const struct path_row *row =
	    query->soname ? knowledge_path(package->knowledge, package->scope, query->soname)
			  : NULL;
	struct file_licence *licence, *sources = NULL;

	*ret_kind = ANSWER_STATED;
	if (row && package->machine_readable &&
	    (licence = stanza_licence_of_row(package, row, arena)))
		return licence;
	if (package->machine_readable && query->debug)
		sources = stanza_licence_of_sources(package, query, arena);
	*ret_kind = ANSWER_UNION;
	licence = package->machine_readable
		      ? stanza_licence_of_file(package, &names, arena, ret_kind)
		      : from_prose(package, &names, arena, ret_kind);
	if (sources)
		return better(sources, licence, ret_kind);
	if (licence)
		return licence;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .text = "NOASSERTION",
	    .original = "",
	    .confidence = LICENCE_CONFIDENCE_NONE,
	    .path = package->path,
	    .detail = package->machine_readable ? "no stanza over code" : "no words that are known",
	};
	return licence;
}

const char *licence_of_copyright(const struct copyright_text *copyright, const char *file,
				 const struct knowledge *knowledge, struct arena *arena,
				 struct diags *diags)
{
	struct package_licence package = {
	    .path = copyright->path, .scope = copyright->source, .knowledge = knowledge};
	struct licence_query query = {.path = file};
	const struct file_licence *licence;
	enum answer_kind kind;

	if (!copyright->text.len)
		return "";
	read_text(&package, copyright->text, arena, diags);
	licence = package_licence_of_file(&package, &query, arena, &kind);
	return licence->expression && kind != ANSWER_UNION ? licence->text : "";
}
