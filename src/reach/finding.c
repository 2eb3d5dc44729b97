/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: their ids, the works they were seen in, the path that shows them. */
#include <ctype.h>
#include <string.h>

#include "reach/judge.h"
#include "util/path.h"

static const struct {
	const char *id, *title;
} rules[] = {
#define RULE(id, title) {id, title},
#include "reach/rules.def"
#undef RULE
};

static const char *rule_title(const char *rule)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].id, rule) == 0)
			return rules[i].title;
	return rule;
}

const char *node_name(const struct reach_node *node)
{
	return *node->component_name ? node->component_name : path_name(node->id);
}

/* The same between versions: a component's id, or a path whose digits are left out. */
static const char *stable_name(struct judge *judge, uint32_t index)
{
	const struct reach_node *node;
	char *name;
	size_t used = 0;

	if (index == REACH_NONE)
		return "";
	node = &judge->input->nodes[index];
	if (*node->component)
		return node->component;
	name = arena_strdup(judge->arena, node->id);
	for (const char *at = node->id; *at; at++)
		if (!isdigit((unsigned char)*at))
			name[used++] = *at;
	name[used] = '\0';
	return name;
}

bool finding_is_new(struct judge *judge, const char *rule, uint32_t subject, uint32_t provider,
		    const char *kind, const char *licence, uint32_t work)
{
	const char *key =
	    arena_printf(judge->arena, "%s|%s|%s|%s|%s", rule, stable_name(judge, subject),
			 stable_name(judge, provider), kind, licence);
	bool added;
	struct map_entry *entry =
	    map_put(&judge->by_key, slice_text(key), (uint32_t)judge->findings.len, &added);

	if (work != REACH_NONE) {
		vec_push(&judge->finding_works, entry->value);
		vec_push(&judge->finding_works, work);
	}
	return added;
}

static bool usable(const struct judge *judge, uint32_t edge, bool only_used)
{
	if (edge_kind_class(judge->input->edges[edge].kind) != EDGE_CLASS_LINKING)
		return false;
	return !only_used || !judge->unused[edge];
}

/* The shortest chain of a work's edges from its root to a node; 0 when there is none. */
static size_t find_path(struct judge *judge, const struct reach_work *work, uint32_t to,
			bool only_used, const uint32_t **ret)
{
	size_t nodes = judge->input->node_count, head = 0, tail = 0, length = 0;
	uint32_t *came_by = arena_alloc_array(judge->arena, nodes + 1, sizeof(*came_by));
	uint32_t *queue = arena_alloc_array(judge->arena, nodes + 1, sizeof(*queue));
	bool *seen = arena_alloc_array(judge->arena, nodes + 1, sizeof(*seen));
	uint32_t *path;

	queue[tail++] = work->root;
	seen[work->root] = true;
	while (head < tail && !seen[to]) {
		uint32_t from = queue[head++];

		for (size_t i = 0; i < work->edge_count; i++) {
			const struct reach_edge *edge = &judge->input->edges[work->edges[i]];

			if (edge->from != from || seen[edge->to] ||
			    !usable(judge, work->edges[i], only_used))
				continue;
			seen[edge->to] = true;
			came_by[edge->to] = work->edges[i];
			queue[tail++] = edge->to;
		}
	}
	if (!seen[to] || to == work->root)
		return 0;
	for (uint32_t at = to; at != work->root; at = judge->input->edges[came_by[at]].from)
		length++;
	path = arena_alloc_array(judge->arena, length + 1, sizeof(*path));
	for (uint32_t at = to, i = (uint32_t)length; i-- > 0;) {
		path[i] = came_by[at];
		at = judge->input->edges[came_by[at]].from;
	}
	*ret = path;
	return length;
}

void finding_add(struct judge *judge, const struct judged_work *work,
		 const struct finding_parts *parts)
{
	struct finding *finding = vec_add(&judge->findings);

	*finding = (struct finding){
	    .id = arena_printf(judge->arena, "%s:%s:%s:%s:%s", parts->rule,
			       stable_name(judge, parts->subject),
			       stable_name(judge, parts->provider), parts->kind, parts->licence),
	    .rule = parts->rule,
	    .title = rule_title(parts->rule),
	    .outcomes = parts->outcomes,
	    .contested = parts->contested,
	    .subject = parts->subject,
	    .provider = parts->provider,
	    .licence = parts->licence,
	    .citations = arena_copy(judge->arena, parts->citations,
				    parts->citation_count * sizeof(*parts->citations)),
	    .citation_count = parts->citation_count,
	    .message = parts->message,
	    .remedy = parts->remedy,
	};
	for (size_t i = 0; i < parts->citation_count; i++)
		/* A clause nobody checked never carries more than a review. */
		if (parts->citations[i].check == CITATION_NO &&
		    outcome_highest(finding->outcomes) > OUTCOME_REVIEW)
			finding->outcomes = 1u << OUTCOME_REVIEW;
	if (!work || parts->provider == REACH_NONE)
		return;
	finding->path_count = find_path(judge, work->work, parts->provider, true, &finding->path);
	if (!finding->path_count)
		finding->path_count =
		    find_path(judge, work->work, parts->provider, false, &finding->path);
}

bool only_by_unused(const struct judged_work *work, uint32_t node)
{
	return !work->by_used[node];
}

const char *unused_remedy(struct judge *judge, uint32_t node)
{
	return arena_printf(
	    judge->arena,
	    "It is loaded through an edge that binds no symbol: check constructors (%s has %s), "
	    "registration and dlsym, then relink with --as-needed.",
	    path_name(judge->input->nodes[node].id),
	    judge->input->nodes[node].has_constructors ? "some" : "none");
}
