/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components told by long texts and tables, which compilers of all kinds leave alone.
 *
 * A text proves no code: headers hold some, and users of a library copy others. What is asked for
 * is therefore what a linker leaves that takes object files whole: most of the texts of several of
 * them. A file that leaves the library itself to the loader is compiled against it, and such texts
 * are no claim there.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_literals.h"
#include "evidence/embedded_version.h"
#include "util/path.h"

/* Bounds chosen on programs of /usr and on builds by other compilers; scored elsewhere. */
#define TEXTS_MANY 10u
#define FILES_MANY 2u
#define COVERAGE_MIN 300u
#define SHARE_MIN 100u
/* Beside functions that are a hint of the same component. */
#define TEXTS_FEW 5u
#define COVERAGE_BESIDE 500u
/*
 * In a program that links nothing, whole object files with a function each, as those of a small C
 * library: the same function may be written twice, but hardly with a text beside it too.
 */
#define FUNCTIONS_BESIDE 2u
#define MEMBERS_WHOLE 900u
/* Functions that lie where linkers put them, if little of each object file. */
#define FUNCTIONS_MANY 5u
#define FUNCTIONS_IN_PLACE 500u
/* Of the library's texts and tables: others copy some of its files, as C libraries do. */
#define SHARE_WHOLE 500u
/* More than this is hard to come by otherwise. */
#define TEXTS_SURE 20u
#define FILES_SURE 4u
#define COVERAGE_SURE 500u
/* Of many texts, as of functions: they are those of the version at hand. */
#define FITS 980u

static bool is_contained(const struct literal_evidence *evidence,
			 const struct embedded_component *hint)
{
	/* One file of messages may be copied; hardly with a function of the library beside it. */
	if (hint && evidence->full && evidence->texts >= TEXTS_SURE &&
	    evidence->coverage >= MEMBERS_WHOLE)
		return true;
	if (evidence->full < FILES_MANY)
		return false;
	if (hint && evidence->texts >= TEXTS_FEW && evidence->coverage >= COVERAGE_BESIDE)
		return true;
	return evidence->texts >= TEXTS_MANY && evidence->coverage >= COVERAGE_MIN &&
	       evidence->share >= SHARE_MIN;
}

/* Whether functions and texts, each of them too little, say the same. */
static bool is_supported(const struct facts *facts, const struct literal_evidence *evidence,
			 const struct embedded_component *hint)
{
	if (!hint || evidence->coverage < MEMBERS_WHOLE)
		return false;
	if (hint->unique >= FUNCTIONS_MANY && hint->locality >= FUNCTIONS_IN_PLACE &&
	    evidence->members >= FILES_MANY && evidence->texts + evidence->tables >= FILES_MANY &&
	    evidence->share >= SHARE_WHOLE)
		return true;
	return facts->identity->type == FACTS_TYPE_STATIC && hint->unique >= FUNCTIONS_BESIDE &&
	       hint->coverage >= MEMBERS_WHOLE && evidence->texts;
}

static bool is_sure(const struct literal_evidence *evidence)
{
	return evidence->texts >= TEXTS_SURE && evidence->full >= FILES_SURE &&
	       evidence->coverage >= COVERAGE_SURE;
}

/* "libz.so.1" of "libz.a" */
static bool is_same_library(const char *needed, const char *archive)
{
	size_t length = strlen(archive);

	if (length < 3 || strcmp(archive + length - 2, ".a") != 0)
		return false;
	length -= 2;
	return strncmp(needed, archive, length) == 0 &&
	       (needed[length] == '.' || needed[length] == '-');
}

/* Whether the loader is to find a library of the component. */
static bool is_linked(const struct facts *facts, const struct index *index, uint32_t component)
{
	for (uint32_t i = 0; i < index_origin_count(index); i++) {
		const struct index_origin *origin = index_origin(index, i);
		const struct facts_dynamic *entry;
		size_t at = 0;

		if (origin->component != component || *origin->carrier)
			continue;
		while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at)))
			if (is_same_library(path_name(facts_text(facts, entry->text)),
					    path_name(origin->path)))
				return true;
	}
	return false;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Versions, licence and package: of the builds that have most of the texts. */
static void fill_versions(const struct index *index, const struct literal_evidence *evidence,
			  struct arena *arena, struct embedded_component *ret)
{
	const struct index_origin *shown = index_origin(index, evidence->origins[0]);
	const char **versions =
	    arena_alloc_array(arena, evidence->origin_count + 1, sizeof(*versions));
	struct licence_list licences = {
	    arena_alloc_array(arena, evidence->origin_count + 1, sizeof(char *)), 0};
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < evidence->origin_count; i++) {
		const struct index_origin *origin = index_origin(index, evidence->origins[i]);

		if (*origin->version)
			versions[count++] = origin->version;
		licence_list_add(&licences, origin->licence);
	}
	if (count)
		qsort(versions, count, sizeof(*versions), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(versions[i], versions[kept - 1]) != 0)
			versions[kept++] = versions[i];
	ret->versions = versions;
	ret->version_count = kept;
	ret->version_fits = is_sure(evidence) && evidence->coverage >= FITS;
	if (!ret->version_fits)
		ret->licence_doubt = "its texts are not those of that version alone";
	ret->licence = licence_list_join(&licences, arena);
	ret->licences_differ = licences.count > 1;
	ret->source = shown->source;
	ret->source_version = shown->source_version;
	ret->package = shown->package;
	ret->distribution = shown->distribution;
	ret->carrier = shown->carrier;
}

static void fill_signs(const struct facts *facts, const struct literal_evidence *evidence,
		       struct arena *arena, struct embedded_component *ret)
{
	struct embedded_sign *signs =
	    arena_alloc_array(arena, evidence->example_count + 1, sizeof(*signs));

	signs[0] = (struct embedded_sign){
	    "texts",
	    arena_printf(arena,
			 "%u texts and %u tables that no other component has, of %u object files: "
			 "%u %% of what these have, %u %% of the library",
			 evidence->texts, evidence->tables, evidence->members,
			 evidence->coverage / 10, evidence->share / 10),
	    UINT64_MAX};
	for (size_t i = 0; i < evidence->example_count; i++) {
		const struct facts_literal *literal = &facts->literals[evidence->examples[i]];

		signs[i + 1] = (struct embedded_sign){
		    "text",
		    arena_printf(arena, "a text of %u bytes at offset %#llx of the file",
				 literal->length, (unsigned long long)literal->offset),
		    literal->offset};
	}
	ret->signs = signs;
	ret->sign_count = evidence->example_count + 1;
}

static void tell(const struct facts *facts, const struct literal_evidence *evidence,
		 struct arena *arena, struct embedded_component *ret)
{
	ret->texts = evidence->texts;
	ret->tables = evidence->tables;
	fill_signs(facts, evidence, arena, ret);
}

static struct embedded_component *find(struct embedded_component *list, size_t count,
				       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static struct embedded_component claim(const struct index *index,
				       const struct literal_evidence *evidence,
				       const struct embedded_component *hint, struct arena *arena)
{
	const struct index_component *component = index_component(index, evidence->component);
	struct embedded_component ret = {
	    .name = component->name,
	    .ecosystem = "",
	    .class = component->class,
	    .basis = EMBEDDED_BY_TEXTS,
	    .confidence = is_sure(evidence) ? EMBEDDED_VERY_LIKELY : EMBEDDED_LIKELY,
	    .members = evidence->members,
	    .coverage = evidence->coverage,
	    .unique = hint ? hint->unique : 0,
	    .strict = hint ? hint->strict : 0,
	};

	fill_versions(index, evidence, arena, &ret);
	return ret;
}

/* Its functions say it, with a text. */
static struct embedded_component support(const struct embedded_component *hint)
{
	struct embedded_component ret = *hint;

	ret.confidence = EMBEDDED_LIKELY;
	ret.functions = hint->unique;
	ret.bytes = hint->unique_bytes;
	return ret;
}

static int compare_components(const void *a, const void *b)
{
	return strcmp(((const struct embedded_component *)a)->name,
		      ((const struct embedded_component *)b)->name);
}

void literals_find(const struct facts *facts, const struct index *index, struct arena *arena,
		   struct embedded *ret)
{
	size_t claimed = ret->component_count, count = claimed;
	struct embedded_component *components;
	struct literal_list literals;

	literals_collect(facts, index, arena, &literals);
	components = arena_alloc_array(arena, claimed + literals.count + 1, sizeof(*components));
	if (claimed)
		memcpy(components, ret->components, claimed * sizeof(*components));
	for (size_t i = 0; i < literals.count; i++) {
		const struct literal_evidence *evidence = &literals.list[i];
		const struct index_component *component =
		    index_component(index, evidence->component);
		struct embedded_component *known = find(components, claimed, component->name);
		struct embedded_component *hint =
		    find((struct embedded_component *)(uintptr_t)ret->hints, ret->hint_count,
			 component->name);

		if (known)
			tell(facts, evidence, arena, known);
		if (hint)
			tell(facts, evidence, arena, hint);
		if (known || component->class != INDEX_LIBRARY ||
		    is_linked(facts, index, evidence->component))
			continue;
		if (is_contained(evidence, hint))
			components[count] = claim(index, evidence, hint, arena);
		else if (is_supported(facts, evidence, hint))
			components[count] = support(hint);
		else
			continue;
		tell(facts, evidence, arena, &components[count++]);
	}
	if (count > claimed)
		qsort(components, count, sizeof(*components), compare_components);
	ret->components = components;
	ret->component_count = count;
}
