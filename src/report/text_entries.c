/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/text_entries.h"

#include <stdio.h>
#include <string.h>

#include "report/text.h"
#include "util/map.h"

/* Lists of findings, each chained in their order. */
struct chains {
	struct map by_key; /* key -> its first finding */
	uint32_t *next;	   /* beside findings; VIEW_NONE behind the last */
	uint32_t *last;	   /* beside findings: of the chain that begins there */
	bool *begins;	   /* beside findings */
};

static void chains_make(struct chains *chains, size_t count, struct arena *arena)
{
	*chains = (struct chains){
	    .next = arena_alloc_array(arena, count + 1, sizeof(*chains->next)),
	    .last = arena_alloc_array(arena, count + 1, sizeof(*chains->last)),
	    .begins = arena_alloc_array(arena, count + 1, sizeof(*chains->begins)),
	};
}

/* Appends the chain from..end, which may be one finding alone. */
static void chains_add(struct chains *chains, const char *key, uint32_t from, uint32_t end)
{
	bool added;
	struct map_entry *entry = map_put(&chains->by_key, slice_text(key), from, &added);

	if (added)
		chains->begins[from] = true;
	else
		chains->next[chains->last[entry->value]] = from;
	chains->last[entry->value] = end;
}

bool finding_is_unused(const struct view *view, const struct view_finding *finding)
{
	for (size_t i = 0; i < finding->path_count; i++)
		if (view->edges[finding->path[i]].symbols_bound == 0)
			return true;
	return false;
}

static bool is_uncertain(const struct view_finding *finding)
{
	return strcmp(finding->rule, "work-uncertain") == 0;
}

/* Copyleft that comes in is the answer; a file without a licence and a doubtful one follow. */
static unsigned order_of(const struct view_finding *finding)
{
	return is_uncertain(finding) ? 2 : finding->provider == VIEW_NONE;
}

/* What findings of one entry have in common but for their two ends. */
static const char *common_key(const struct view *view, const struct view_finding *finding,
			      struct arena *arena)
{
	/* What a file is shipped under differs from file to file; what is to be done does not. */
	bool by_licence = finding->provider != VIEW_NONE;
	bool unused = !is_uncertain(finding) && finding_is_unused(view, finding);

	return arena_printf(arena, "%s\n%u\n%d%d\n%s", finding->rule, finding->weight,
			    finding->contested, unused,
			    by_licence ? finding->licence : finding->remedy);
}

/* The findings of one consumer, by what they share. */
static void chain_by_subject(const struct view *view, struct arena *arena, struct chains *chains)
{
	for (uint32_t i = 0; i < view->finding_count; i++) {
		const struct view_finding *finding = &view->findings[i];
		const char *key;

		chains->next[i] = VIEW_NONE;
		if (finding->weight < TEXT_HEAVY)
			continue;
		key = arena_printf(arena, "%s\n%u", common_key(view, finding, arena),
				   finding->subject);
		chains_add(chains, key, i, i);
	}
}

/* The common part, and the providers of a chain: numbers of at most ten digits. */
static const char *providers_key(const struct view *view, struct arena *arena,
				 const struct chains *cells, uint32_t first)
{
	const char *common = common_key(view, &view->findings[first], arena);
	size_t size = strlen(common) + 1, used;
	char *key;

	for (uint32_t i = first; i != VIEW_NONE; i = cells->next[i])
		size += 11;
	key = arena_alloc(arena, size);
	used = (size_t)snprintf(key, size, "%s", common);
	for (uint32_t i = first; i != VIEW_NONE; i = cells->next[i])
		used +=
		    (size_t)snprintf(key + used, size - used, "\n%u", view->findings[i].provider);
	return key;
}

/* Joins the chains of consumers that meet the same providers. */
static void chain_by_providers(const struct view *view, struct arena *arena,
			       const struct chains *cells, struct chains *chains)
{
	for (uint32_t i = 0; i < view->finding_count; i++)
		chains->next[i] = cells->next[i];
	for (uint32_t i = 0; i < view->finding_count; i++)
		if (cells->begins[i])
			chains_add(chains,
				   is_uncertain(&view->findings[i])
				       ? common_key(view, &view->findings[i], arena)
				       : providers_key(view, arena, cells, i),
				   i, cells->last[i]);
}

/* seen: one place for each work, all false. */
static void fill_entry(const struct view *view, struct arena *arena, const struct chains *chains,
		       uint32_t first, bool *seen, struct entry *entry)
{
	uint32_t *works, *findings;

	entry->uncertain = is_uncertain(&view->findings[first]);
	for (uint32_t i = first; i != VIEW_NONE; i = chains->next[i])
		entry->finding_count++;
	findings = arena_alloc_array(arena, entry->finding_count, sizeof(*findings));
	entry->finding_count = 0;
	for (uint32_t i = first; i != VIEW_NONE; i = chains->next[i]) {
		const struct view_finding *finding = &view->findings[i];

		findings[entry->finding_count++] = i;
		for (size_t j = 0; j < finding->work_count; j++) {
			entry->work_count += !seen[finding->works[j]];
			seen[finding->works[j]] = true;
		}
	}
	works = arena_alloc_array(arena, entry->work_count + 1, sizeof(*works));
	entry->work_count = 0;
	for (uint32_t i = 0; i < view->work_count; i++) {
		if (seen[i])
			works[entry->work_count++] = i;
		seen[i] = false;
	}
	entry->findings = findings;
	entry->works = works;
}

void entries_make(const struct view *view, struct arena *arena, struct entries *ret)
{
	bool *seen = arena_alloc_array(arena, view->work_count + 1, sizeof(*seen));
	struct chains cells, chains;
	size_t count = 0;

	chains_make(&cells, view->finding_count, arena);
	chains_make(&chains, view->finding_count, arena);
	chain_by_subject(view, arena, &cells);
	chain_by_providers(view, arena, &cells, &chains);
	for (uint32_t i = 0; i < view->finding_count; i++)
		count += chains.begins[i];
	ret->all = false;
	ret->list = arena_alloc_array(arena, count + 1, sizeof(*ret->list));
	ret->count = 0;
	for (unsigned order = 0; order < 3; order++)
		for (uint32_t i = 0; i < view->finding_count; i++)
			if (chains.begins[i] && order_of(&view->findings[i]) == order)
				fill_entry(view, arena, &chains, i, seen, &ret->list[ret->count++]);
	map_release(&cells.by_key);
	map_release(&chains.by_key);
}
