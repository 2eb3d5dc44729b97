/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From drafts to findings: those that say the same of the files of one component are joined, get
 * an id made of names, and are sorted.
 */
#include "reach/rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/path.h"

#define CITATIONS_LIMIT 8

struct draft_key {
	uint32_t rule, subject, provider, kind, variant;
};

struct draft *judge_draft(struct judge *judge, enum reach_rule rule, uint32_t subject,
			  uint32_t provider, int kind, uint32_t variant, bool *ret_new)
{
	struct draft_key key = {(uint32_t)rule, subject, provider, (uint32_t)kind, variant};
	struct draft_key *kept;
	const struct map_entry *known;

	known = map_get(&judge->draft_by_key, slice_of(&key, sizeof(key)));
	*ret_new = !known;
	if (known)
		return &judge->drafts.ptr[known->value];
	kept = arena_copy(judge->arena, &key, sizeof(key));
	map_put(&judge->draft_by_key, slice_of(kept, sizeof(*kept)), (uint32_t)judge->drafts.len,
		NULL);
	vec_push(&judge->drafts, ((struct draft){
				     .rule = rule,
				     .subject = subject,
				     .provider = provider,
				     .has_edge = kind >= 0,
				     .direct = true,
				     .kind = kind >= 0 ? (enum edge_kind)kind : 0,
				     .licence = "",
				     .subject_licence = "",
				     .copyleft_term = TERMS_NONE,
				     .other_term = TERMS_NONE,
				     .target = TARGET_COUNT,
				 }));
	return &judge->drafts.ptr[judge->drafts.len - 1];
}

void draft_work(struct judge *judge, struct draft *draft, uint32_t work, uint32_t outcomes)
{
	if (!draft->works.len || draft->works.ptr[draft->works.len - 1] != work)
		vec_push(&draft->works, work);
	judge->memory[work].outcomes |= outcomes;
}

/* ---- names that stay ---- */

/* Whether a run of digits and dots is the version of a name: nothing but a separator follows it. */
static bool is_version(const char *run, size_t length, const char *start)
{
	char after = run[length], before = run > start ? run[-1] : '/';

	return before != '_' && (after == '\0' || after == '/' || after == '.' || after == '-');
}

/* A path without the digits of versions: "libfoo-2.so.1.4" and "libfoo-3.so.2" are one name. */
static const char *without_versions(const char *path, struct arena *arena)
{
	char *text = arena_alloc(arena, strlen(path) + 1);
	size_t length = 0;

	for (const char *at = path; *at;) {
		size_t run = 0;

		while (isdigit((unsigned char)at[run]) ||
		       (run && at[run] == '.' && isdigit((unsigned char)at[run + 1])))
			run++;
		if (!run) {
			text[length++] = *at++;
			continue;
		}
		if (is_version(at, run, path)) {
			if (length && (text[length - 1] == '-' || text[length - 1] == '.'))
				length--;
		} else {
			memcpy(text + length, at, run);
			length += run;
		}
		at += run;
	}
	text[length] = '\0';
	return text;
}

static const char *end_name(const struct judge *judge, uint32_t node, struct arena *arena)
{
	const struct reach_node *known;

	if (node == REACH_NONE)
		return "-";
	known = &judge->input->nodes[node];
	if (*known->component)
		return known->component;
	return known->is_component ? known->id : without_versions(known->id, arena);
}

/* ---- groups ---- */

struct group {
	const char *key, *id;
	uint32_t draft; /* that leads */
	VEC(uint32_t) drafts;
};

struct groups {
	VEC(struct group) list;
	struct map by_key;
};

static const char *end_key(const struct judge *judge, uint32_t node)
{
	const struct reach_node *known;

	if (node == REACH_NONE)
		return "";
	known = &judge->input->nodes[node];
	return *known->component ? known->component : known->id;
}

static const char *group_key(struct judge *judge, const struct draft *draft)
{
	/* A sentence about a list is about one file. */
	unsigned listed = draft->rule == RULE_NODE_REDISTRIBUTABLE
			      ? (unsigned)judge->input->nodes[draft->subject].listed
			      : 0;

	return arena_printf(judge->arena, "%s\n%s\n%s\n%s\n%s\n%s\n%x %d %u %u %u",
			    rule_text(draft->rule), end_key(judge, draft->subject),
			    end_key(judge, draft->provider),
			    draft->has_edge ? edge_kind_text(draft->kind) : "", draft->licence,
			    draft->subject_licence, draft->outcomes, draft->contested,
			    draft->target, listed, draft->caps & CAP_REBUILT);
}

static const char *group_id(struct judge *judge, const struct draft *draft)
{
	return arena_printf(judge->arena, "%s:%s>%s:%s:%s", rule_text(draft->rule),
			    end_name(judge, draft->subject, judge->arena),
			    end_name(judge, draft->provider, judge->arena),
			    draft->has_edge ? edge_kind_text(draft->kind) : "-", draft->licence);
}

/* What is surer leads; then the earlier work, the lower subject and provider. */
static bool leads(const struct draft *a, const struct draft *b)
{
	uint32_t left = a->works.len ? a->works.ptr[0] : 0;
	uint32_t right = b->works.len ? b->works.ptr[0] : 0;

	if (a->caps != b->caps)
		return a->caps < b->caps;
	if (left != right)
		return left < right;
	if (a->subject != b->subject)
		return a->subject < b->subject;
	return a->provider < b->provider;
}

static void group_drafts(struct judge *judge, struct groups *groups)
{
	for (uint32_t i = 0; i < judge->drafts.len; i++) {
		const char *key = group_key(judge, &judge->drafts.ptr[i]);
		const struct map_entry *entry;
		struct group *group;
		bool added;

		entry =
		    map_put(&groups->by_key, slice_text(key), (uint32_t)groups->list.len, &added);
		if (added)
			vec_push(&groups->list, ((struct group){.key = key, .draft = i}));
		group = &groups->list.ptr[entry->value];
		vec_push(&group->drafts, i);
		if (leads(&judge->drafts.ptr[i], &judge->drafts.ptr[group->draft]))
			group->draft = i;
	}
	vec_each (group, &groups->list)
		group->id = group_id(judge, &judge->drafts.ptr[group->draft]);
}

static int compare_groups(const void *a, const void *b, void *context)
{
	const struct judge *judge = context;
	const struct group *left = a, *right = b;
	const struct draft *x = &judge->drafts.ptr[left->draft];
	const struct draft *y = &judge->drafts.ptr[right->draft];
	enum outcome weight_x = outcome_highest(x->outcomes);
	enum outcome weight_y = outcome_highest(y->outcomes);
	int order;

	if (weight_x != weight_y)
		return weight_x > weight_y ? -1 : 1;
	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	order = strcmp(rule_text(x->rule), rule_text(y->rule));
	if (!order)
		order = strcmp(left->id, right->id);
	return order ? order : strcmp(left->key, right->key);
}

/* Where components have no id of their own, two findings may get one name. */
static void make_unique(struct judge *judge, struct groups *groups)
{
	struct map seen = {0};

	vec_each (group, &groups->list) {
		const char *id = group->id;
		bool added;

		for (unsigned i = 2;; i++) {
			map_put(&seen, slice_text(id), 0, &added);
			if (added)
				break;
			id = arena_printf(judge->arena, "%s-%u", group->id, i);
		}
		group->id = id;
	}
	map_release(&seen);
}

/* ---- findings ---- */

static int compare_index(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static const uint32_t *sorted_set(struct arena *arena, const uint32_t *list, size_t count,
				  size_t *ret_count)
{
	uint32_t *sorted = arena_alloc_array(arena, count + 1, sizeof(*sorted));
	size_t kept = 0;

	if (count) {
		memcpy(sorted, list, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), compare_index);
	}
	for (size_t i = 0; i < count; i++)
		if (i == 0 || sorted[i] != sorted[kept - 1])
			sorted[kept++] = sorted[i];
	*ret_count = kept;
	return sorted;
}

static void fill_sets(struct judge *judge, const struct group *group, struct finding *finding)
{
	VEC(uint32_t) works = {0}, subjects = {0};

	for (size_t i = 0; i < group->drafts.len; i++) {
		const struct draft *draft = &judge->drafts.ptr[group->drafts.ptr[i]];

		vec_push(&subjects, draft->subject);
		for (size_t j = 0; j < draft->works.len; j++)
			vec_push(&works, draft->works.ptr[j]);
	}
	finding->works = sorted_set(judge->arena, works.ptr, works.len, &finding->work_count);
	finding->subjects =
	    sorted_set(judge->arena, subjects.ptr, subjects.len, &finding->subject_count);
	vec_release(&works);
	vec_release(&subjects);
}

static void fill_citations(struct judge *judge, const struct draft *draft, struct finding *finding)
{
	struct citation *list = arena_alloc_array(judge->arena, CITATIONS_LIMIT, sizeof(*list));

	finding->citation_count = draft_clauses(judge, draft, list, CITATIONS_LIMIT);
	finding->citations = list;
}

static void fill_finding(struct judge *judge, const struct group *group, struct finding *finding)
{
	struct draft *draft = &judge->drafts.ptr[group->draft];

	*finding = (struct finding){
	    .id = group->id,
	    .rule = rule_text(draft->rule),
	    .title = rule_title(draft->rule),
	    .outcomes = draft->outcomes,
	    .contested = draft->contested,
	    .subject = draft->subject,
	    .provider = draft->provider,
	    .kind = draft->has_edge ? edge_kind_text(draft->kind) : "",
	    .licence = draft->licence,
	    .path = draft->path,
	    .path_count = draft->path_count,
	    .subject_path = draft->subject_path,
	    .subject_path_count = draft->subject_path_count,
	};
	fill_sets(judge, group, finding);
	fill_citations(judge, draft, finding);
	message_write(judge, draft, finding);
}

static const struct work_verdict *fill_verdicts(struct judge *judge)
{
	size_t count = judge->input->work_count;
	struct work_verdict *verdicts =
	    arena_alloc_array(judge->arena, count + 1, sizeof(*verdicts));

	for (size_t i = 0; i < count; i++) {
		const struct work_memory *memory = &judge->memory[i];

		verdicts[i] = (struct work_verdict){memory->outcomes, memory->licences,
						    memory->licence_count};
		for (size_t j = 0; j < memory->member_count; j++)
			verdicts[i].outcomes |=
			    judge->duties[memory->members[j]][memory->taken[j]] |
			    judge->spoken[memory->members[j]];
	}
	return verdicts;
}

void judge_finish(struct judge *judge, struct reach_result *result)
{
	struct groups groups = {0};
	struct finding *findings;

	group_drafts(judge, &groups);
	if (groups.list.len)
		qsort_r(groups.list.ptr, groups.list.len, sizeof(*groups.list.ptr), compare_groups,
			judge);
	make_unique(judge, &groups);
	findings = arena_alloc_array(judge->arena, groups.list.len + 1, sizeof(*findings));
	for (size_t i = 0; i < groups.list.len; i++) {
		fill_finding(judge, &groups.list.ptr[i], &findings[i]);
		vec_release(&groups.list.ptr[i].drafts);
	}
	result->findings = findings;
	result->finding_count = groups.list.len;
	result->verdicts = fill_verdicts(judge);
	vec_release(&groups.list);
	map_release(&groups.by_key);
}
