/* SPDX-License-Identifier: BSD-2-Clause */
/* The best statement there is about a file: the order of sources, and what overrode what. */
#include "licence/effective.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "licence/declared.h"
#include "licence/package.h"
#include "licence/statement.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

struct licences {
	struct root *root;
	const struct knowledge *knowledge;
	struct diags *diags;
	struct arena arena;
	struct map by_path; /* copyright path -> index into packages */
	VEC(const struct package_licence *) packages;
};

struct licences *licences_open(struct root *root, const struct knowledge *knowledge,
			       struct diags *diags)
{
	struct licences *licences = memory_calloc(1, sizeof(*licences));

	licences->root = root;
	licences->knowledge = knowledge;
	licences->diags = diags;
	arena_init(&licences->arena);
	return licences;
}

void licences_close(struct licences *licences)
{
	if (!licences)
		return;
	vec_release(&licences->packages);
	map_release(&licences->by_path);
	arena_release(&licences->arena);
	free(licences);
}

static const struct package_licence *package_of(struct licences *licences,
						const struct component *component)
{
	struct map_entry *entry;
	bool added;

	if (!component || !*component->copyright_path)
		return NULL;
	entry = map_put(&licences->by_path, slice_text(component->copyright_path),
			(uint32_t)licences->packages.len, &added);
	if (added)
		vec_push(&licences->packages,
			 package_licence_read(licences->root, licences->knowledge, component,
					      &licences->arena, licences->diags));
	return licences->packages.ptr[entry->value];
}

static struct file_licence *new_licence(struct licences *licences)
{
	struct file_licence *licence = arena_alloc(&licences->arena, sizeof(*licence));

	*licence = (struct file_licence){.text = "NOASSERTION",
					 .original = "",
					 .confidence = LICENCE_CONFIDENCE_NONE,
					 .path = "",
					 .detail = ""};
	return licence;
}

static struct file_licence *from_known(struct licences *licences, const struct component *known)
{
	struct file_licence *licence = new_licence(licences);
	bool lossy;

	if (!known || !*known->declared ||
	    expression_parse(licences->knowledge, EXPRESSION_SPDX, known->declared, "",
			     &licences->arena, &licence->expression, &lossy) != STATUS_OK)
		return NULL;
	licence->text = expression_print(licence->expression, &licences->arena);
	licence->original = known->declared;
	licence->source = LICENCE_SOURCE_KNOWN_COMPONENT;
	/* Rows say so where nobody has read the sources for them. */
	licence->confidence = strstr(known->note, "licence unverified") ? LICENCE_CONFIDENCE_LOW
									: LICENCE_CONFIDENCE_MEDIUM;
	licence->detail = known->name;
	return licence;
}

/* The stronger one, with the other as its label when they disagree. */
static struct file_licence *over(struct file_licence *stronger, const struct file_licence *weaker)
{
	if (weaker && weaker->expression && strcmp(stronger->text, weaker->text) != 0)
		stronger->label = weaker;
	return stronger;
}

static struct file_licence *with_confidence(struct file_licence *licence,
					    enum licence_confidence confidence)
{
	licence->confidence = confidence;
	return licence;
}

/* What the copyright file says, weighed against the table of known components. */
static struct file_licence *weigh(const struct package_licence *package,
				  struct file_licence *stated, enum answer_kind kind,
				  struct file_licence *known)
{
	bool spoken_of = package->all && expression_holds_terms(package->all, known->expression);

	/* Two sources agree: the union gives way to the one that picks. */
	if (expression_same_copyleft(stated->expression, known->expression)) {
		if (stated->confidence > LICENCE_CONFIDENCE_MEDIUM)
			stated->confidence = LICENCE_CONFIDENCE_MEDIUM;
		return kind == ANSWER_UNION ? over(known, stated) : stated;
	}
	/* Notices with names of their own stand beside what the table says, which was read. */
	if (expression_same_apart_from_local(stated->expression, known->expression))
		return over(known, stated);
	/* Short names of DEP-5 drop exceptions; rows of the table were read for them. */
	if (expression_same_but_exceptions(stated->expression, known->expression))
		return over(known, stated);
	if (kind == ANSWER_STATED) {
		bool close = expression_same_families(stated->expression, known->expression) &&
			     known->confidence == LICENCE_CONFIDENCE_MEDIUM;

		stated->detail = "the package and the table of known components disagree";
		return over(with_confidence(stated, close ? LICENCE_CONFIDENCE_MEDIUM
							  : LICENCE_CONFIDENCE_LOW),
			    known);
	}
	if (spoken_of)
		return over(known, stated);
	if (kind == ANSWER_GUESSED || expression_is_permissive(stated->expression))
		return over(with_confidence(stated, LICENCE_CONFIDENCE_LOW), known);
	return over(with_confidence(known, LICENCE_CONFIDENCE_LOW), stated);
}

static bool matches_any(const char *patterns, const char *name)
{
	struct slice rest = slice_text(patterns), pattern;
	struct arena scratch;
	bool found = false;

	arena_init(&scratch);
	while (!found && slice_token(&rest, "|", &pattern))
		found = fnmatch(arena_slice(&scratch, pattern), name, 0) == 0;
	arena_release(&scratch);
	return found;
}

static const char *needed_match(const struct facts *facts, const char *patterns)
{
	const struct facts_dynamic *entry;
	size_t at = 0;

	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at)))
		if (matches_any(patterns, facts_text(facts, entry->text)))
			return facts_text(facts, entry->text);
	return NULL;
}

static struct file_licence *from_upgrades(struct licences *licences,
					  const struct licence_query *query)
{
	size_t count;
	const struct upgrade_row *rows = knowledge_upgrades(licences->knowledge, &count);

	for (size_t i = 0; query->soname && query->facts && i < count; i++) {
		const char *needed = fnmatch(rows[i].pattern, query->soname, 0) == 0
					 ? needed_match(query->facts, rows[i].needs)
					 : NULL;
		struct file_licence *licence = new_licence(licences);

		if (!needed ||
		    expression_parse(licences->knowledge, EXPRESSION_SPDX, rows[i].licence, "",
				     &licences->arena, &licence->expression, NULL) != STATUS_OK)
			continue;
		licence->text = expression_print(licence->expression, &licences->arena);
		licence->original = rows[i].licence;
		licence->source = LICENCE_SOURCE_UPGRADE;
		licence->confidence = LICENCE_CONFIDENCE_MEDIUM;
		licence->detail =
		    arena_printf(&licences->arena, "%s; it needs %s", rows[i].note, needed);
		return licence;
	}
	return NULL;
}

/*
 * Metadata speaks of a whole package, the table of this library: where both do, the table counts,
 * and what metadata says against it, or against itself, stays in sight.
 */
static struct file_licence *from_metadata(struct licences *licences,
					  const struct component *component,
					  struct file_licence *known)
{
	struct file_licence *declared =
	    component ? declared_licence(licences->knowledge, component, &licences->arena) : NULL;

	if (!known || !declared || !declared->expression)
		return known ? known : declared;
	if (strcmp(known->text, declared->text) == 0)
		known->label = declared->label;
	return over(known, declared);
}

/* What the package and the tables say, without the file's own words. */
static struct file_licence *from_outside(struct licences *licences,
					 const struct licence_query *query)
{
	const struct package_licence *package = package_of(licences, query->component);
	struct file_licence *known = from_known(licences, query->known), *stated, *upgrade;
	struct file_licence *metadata = NULL;
	enum answer_kind kind;

	stated = package ? package_licence_of_file(package, query, &licences->arena, &kind) : NULL;
	if (stated && stated->expression && known)
		stated = weigh(package, stated, kind, known);
	else if (!stated || !stated->expression)
		metadata = from_metadata(licences, query->component, known);
	if (metadata)
		stated = metadata;
	upgrade = from_upgrades(licences, query);
	if (upgrade)
		return over(upgrade, stated);
	return stated ? stated : new_licence(licences);
}

/*
 * What a program prints leaves out permissions beside the licence: one in favour of whoever links a
 * library of other terms, that the package states for the same licence, holds for the program too.
 */
static void lend_exception(struct licences *licences, struct file_licence *own,
			   const struct file_licence *outside)
{
	struct expression *lent;
	struct expression_step *step;

	if (!outside->expression || own->expression->count != 1 ||
	    own->expression->steps[0].term.exception)
		return;
	for (size_t i = 0; i < outside->expression->count; i++) {
		const struct licence_term *term = &outside->expression->steps[i].term;

		if (outside->expression->steps[i].op != EXPRESSION_TERM || !term->exception_row ||
		    strncmp(term->exception_row->direction, "consumer", 8) != 0 ||
		    strncmp(term->id, own->expression->steps[0].term.id,
			    strcspn(term->id, "-") + 1) != 0)
			continue;
		lent = arena_alloc(&licences->arena, sizeof(*lent));
		step = arena_copy(&licences->arena, own->expression->steps, sizeof(*step));
		step->term.exception = term->exception;
		step->term.exception_row = term->exception_row;
		*lent = (struct expression){step, 1};
		own->expression = lent;
		own->text = expression_print(lent, &licences->arena);
		own->confidence = LICENCE_CONFIDENCE_MEDIUM;
		own->detail = arena_printf(&licences->arena, "%s; the exception is the package's",
					   own->detail);
		return;
	}
}

const struct file_licence *licences_of_file(struct licences *licences,
					    const struct licence_query *query)
{
	struct file_licence *own = statement_licence(licences->knowledge, query, &licences->arena);
	struct file_licence *outside = from_outside(licences, query);

	if (!own)
		return outside;
	lend_exception(licences, own, outside);
	return over(own, outside);
}

const struct file_licence *licences_of_embedded(struct licences *licences, const char *expression,
						enum licence_source source,
						enum licence_confidence confidence,
						const char *detail)
{
	struct file_licence *licence = new_licence(licences);
	bool lossy;

	licence->source = source;
	licence->original = arena_strdup(&licences->arena, expression);
	licence->detail = arena_strdup(&licences->arena, detail);
	if (!*expression ||
	    expression_parse(licences->knowledge, EXPRESSION_SPDX, licence->original, "",
			     &licences->arena, &licence->expression, &lossy) != STATUS_OK)
		return licence;
	licence->text = expression_print(licence->expression, &licences->arena);
	licence->confidence = confidence;
	return licence;
}

void licences_of_package(struct licences *licences, const struct component *component,
			 const char *const **ret, size_t *ret_count)
{
	const struct package_licence *package = package_of(licences, component);

	*ret = package ? package->names : NULL;
	*ret_count = package ? package->name_count : 0;
}

const char *licence_source_text(enum licence_source source)
{
	static const char *const texts[] = {
	    [LICENCE_SOURCE_NONE] = "not known",
	    [LICENCE_SOURCE_BINARY] = "the binary itself",
	    [LICENCE_SOURCE_DEP5_STANZA] = "package (DEP-5, stanza)",
	    [LICENCE_SOURCE_DEP5_UNION] = "package (DEP-5, union)",
	    [LICENCE_SOURCE_FREEFORM] = "package (prose)",
	    [LICENCE_SOURCE_METADATA] = "package metadata",
	    [LICENCE_SOURCE_KNOWN_COMPONENT] = "known component",
	    [LICENCE_SOURCE_UPGRADE] = "what it is linked to",
	    [LICENCE_SOURCE_INDEX] = "index of fingerprints",
	    [LICENCE_SOURCE_BUILD_ID] = "build-id in index",
	    [LICENCE_SOURCE_POLICY] = "policy",
	};

	return texts[source];
}
