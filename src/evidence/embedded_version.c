/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/embedded_version.h"

#include <string.h>

/* One version of a component: origins of a component are sorted by version first. */
struct version {
	const char *text;
	uint32_t first_origin, origin_count;
	uint32_t hits, strict; /* distinct bodies it has, and has equal but for links */
	uint32_t seen;	       /* 1 + the body it was last counted for */
};

struct versions {
	struct version *list;
	size_t count;
	uint32_t *of_origin; /* by origin less the component's first */
};

static void list_versions(const struct embedded_case *from, const struct index *index,
			  const struct case_component *component, struct arena *arena,
			  struct versions *ret)
{
	ret->list = arena_alloc_array(arena, component->origin_count + 1, sizeof(*ret->list));
	ret->of_origin =
	    arena_alloc_array(arena, component->origin_count + 1, sizeof(*ret->of_origin));
	for (uint32_t i = 0; i < component->origin_count; i++) {
		uint32_t place = component->first_origin + i;
		const struct index_origin *origin =
		    index_origin(index, from->origins[place].number);
		struct version *last = ret->count ? &ret->list[ret->count - 1] : NULL;

		if (!last || strcmp(last->text, origin->version) != 0) {
			last = &ret->list[ret->count++];
			*last = (struct version){.text = origin->version, .first_origin = place};
		}
		last->origin_count++;
		ret->of_origin[i] = (uint32_t)ret->count - 1;
	}
}

/* Whether a function says something of the component: its own, or given to it. */
static bool counts(const struct embedded_case *from, const struct case_function *function,
		   uint32_t component)
{
	if (!function->count || function->header_only)
		return false;
	if (function->owner != CASE_NONE)
		return function->owner == component;
	return function->frequency == 1 &&
	       case_component_of(from, &from->hits[function->first]) == component;
}

static void count_bodies(const struct embedded_case *from, uint32_t component,
			 struct versions *versions, struct arena *scratch)
{
	const struct case_component *known = &from->components[component];
	bool *body_seen = arena_alloc_array(scratch, from->body_count + 1, sizeof(*body_seen));

	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];

		if (!counts(from, function, component) || body_seen[function->body])
			continue;
		body_seen[function->body] = true;
		for (uint32_t j = 0; j < function->count; j++) {
			const struct case_hit *hit = &from->hits[function->first + j];
			uint32_t origin = from->members[hit->member].origin;
			struct version *version;

			if (from->origins[origin].component != component)
				continue;
			version =
			    &versions->list[versions->of_origin[origin - known->first_origin]];
			if (version->seen == i + 1)
				continue;
			version->seen = i + 1;
			version->hits++;
		}
	}
}

/* Functions that no version of the set has: each is counted when the best one lacks it. */
static uint32_t contradictions(const struct embedded_case *from, uint32_t component,
			       const struct versions *versions, uint32_t best,
			       struct arena *scratch)
{
	const struct case_component *known = &from->components[component];
	bool *body_seen = arena_alloc_array(scratch, from->body_count + 1, sizeof(*body_seen));
	uint32_t count = 0;

	for (uint32_t i = 0; i < from->function_count; i++) {
		const struct case_function *function = &from->functions[i];
		bool fits = false;

		if (!counts(from, function, component) || body_seen[function->body])
			continue;
		body_seen[function->body] = true;
		for (uint32_t j = 0; !fits && j < function->count; j++) {
			const struct case_hit *hit = &from->hits[function->first + j];
			uint32_t origin = from->members[hit->member].origin;

			fits = from->origins[origin].component == component &&
			       versions->list[versions->of_origin[origin - known->first_origin]]
				       .hits == best;
		}
		count += !fits;
	}
	return count;
}

void licence_list_add(struct licence_list *list, const char *licence)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->texts[i], licence) == 0)
			return;
	if (*licence)
		list->texts[list->count++] = licence;
}

const char *licence_list_join(const struct licence_list *list, struct arena *arena)
{
	const char *joined = list->count ? list->texts[0] : "";

	if (list->count > 1)
		joined = arena_printf(arena, "(%s)", joined);
	for (size_t i = 1; i < list->count; i++)
		joined = arena_printf(arena, "%s AND (%s)", joined, list->texts[i]);
	return joined;
}

static uint32_t found_of(const struct embedded_case *from, const struct case_origin *origin)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < origin->member_count; i++)
		found += from->members[origin->first_member + i].found;
	return found;
}

void version_choose(const struct embedded_case *from, const struct index *index, uint32_t component,
		    struct arena *arena, struct embedded_component *ret)
{
	const struct case_component *known = &from->components[component];
	const struct case_origin *origin = NULL;
	const struct index_origin *shown;
	struct versions versions = {0};
	struct licence_list licences = {0};
	const char **texts;
	uint32_t best = 0;
	struct arena scratch;

	arena_init(&scratch);
	list_versions(from, index, known, &scratch, &versions);
	count_bodies(from, component, &versions, &scratch);
	for (size_t i = 0; i < versions.count; i++)
		if (versions.list[i].hits > best)
			best = versions.list[i].hits;
	texts = arena_alloc_array(arena, versions.count + 1, sizeof(*texts));
	licences.texts = arena_alloc_array(&scratch, known->origin_count + 1, sizeof(char *));
	for (size_t i = 0; i < versions.count; i++) {
		const struct version *version = &versions.list[i];

		if (version->hits != best)
			continue;
		/* Copies that other projects carry have no version of their own. */
		if (*version->text)
			texts[ret->version_count++] = version->text;
		for (uint32_t j = 0; j < version->origin_count; j++) {
			const struct case_origin *candidate =
			    &from->origins[version->first_origin + j];

			if (!origin || candidate->unique > origin->unique ||
			    (candidate->unique == origin->unique &&
			     found_of(from, candidate) > found_of(from, origin)))
				origin = candidate;
		}
	}
	/* Of the builds that fit best: another carrier's copy may have another licence. */
	for (size_t i = 0; i < versions.count; i++)
		for (uint32_t j = 0;
		     versions.list[i].hits == best && j < versions.list[i].origin_count; j++) {
			const struct case_origin *candidate =
			    &from->origins[versions.list[i].first_origin + j];

			if (candidate->unique == origin->unique)
				licence_list_add(&licences,
						 index_origin(index, candidate->number)->licence);
		}
	ret->versions = texts;
	ret->licence = licence_list_join(&licences, arena);
	ret->licences_differ = licences.count > 1;
	ret->contradictions = contradictions(from, component, &versions, best, &scratch);
	shown = index_origin(index, origin->number);
	ret->source = shown->source;
	ret->source_version = shown->source_version;
	ret->package = shown->package;
	ret->distribution = shown->distribution;
	ret->carrier = shown->carrier;
	arena_release(&scratch);
}
