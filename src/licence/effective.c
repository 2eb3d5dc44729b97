/* SPDX-License-Identifier: BSD-2-Clause */
/* The best statement there is about a file: the order of sources, and what overrode what. */
#include "licence/effective.h"

#include <stdlib.h>
#include <string.h>

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
					      &licences->arena));
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

static bool same_text(const struct file_licence *left, const struct file_licence *right)
{
	return strcmp(left->text, right->text) == 0;
}

/* The stronger one, with the other as its label when they disagree. */
static const struct file_licence *over(struct file_licence *stronger,
				       const struct file_licence *weaker)
{
	if (weaker && weaker->expression && !same_text(stronger, weaker))
		stronger->label = weaker;
	return stronger;
}

const struct file_licence *licences_of_file(struct licences *licences,
					    const struct licence_query *query)
{
	const struct package_licence *package = package_of(licences, query->component);
	struct file_licence *own =
	    statement_licence(licences->knowledge, query->facts, &licences->arena);
	struct file_licence *stated =
	    package ? package_licence_of_file(package, licences->knowledge, query, &licences->arena)
		    : NULL;
	struct file_licence *known = from_known(licences, query->known);

	if (own)
		return over(own, stated ? stated : known);
	/* Where all of a package says the same, that is its word, unless somebody has read more.
	 * Where a stanza had to be picked, a row for this very library is worth more. */
	if (stated && stated->expression && stated->confidence == LICENCE_CONFIDENCE_HIGH) {
		if (!known || same_text(stated, known))
			return stated;
		if (known->confidence == LICENCE_CONFIDENCE_MEDIUM)
			return over(known, stated);
		stated->confidence = LICENCE_CONFIDENCE_LOW;
		stated->detail = "the package and the table of known components disagree";
		return over(stated, known);
	}
	if (known &&
	    (known->confidence == LICENCE_CONFIDENCE_MEDIUM || !stated || !stated->expression))
		return over(known, stated);
	return stated ? stated : new_licence(licences);
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
	    [LICENCE_SOURCE_KNOWN_COMPONENT] = "known component",
	};

	return texts[source];
}
