/* SPDX-License-Identifier: BSD-2-Clause */
/* The works of a scan: those of one component that the same entries reach are told together. */
#include <stdlib.h>
#include <string.h>

#include "report/text_works.h"
#include "util/map.h"

#define GROUPS_SHOWN 8
#define CLEAR_SHOWN 3 /* more of them are one line */
#define PROGRAMS_SHOWN 6
#define NUMBERS_SHOWN 6
#define MISSING_SHOWN 4
#define LICENCE_COLUMNS 80

/* Works that say the same. */
struct group {
	uint32_t first;
	size_t count;
	size_t entry; /* the first one that reaches it; SIZE_MAX: none */
	unsigned weight;
};

struct works {
	const struct text *text;
	const struct view *view;
	struct arena *arena;
	const char **numbers; /* of each work: the entries that reach it, "[1 3]" or "" */
	size_t *first_entry;  /* of each work; SIZE_MAX: none */
	uint32_t *group_of;   /* of each work: the first one of its group */
	struct group *groups; /* by first work */
	size_t group_count;
};

static void number_works(struct works *works, const struct entries *entries)
{
	const struct view *view = works->view;
	size_t *count = arena_alloc_array(works->arena, view->work_count + 1, sizeof(*count));

	works->numbers =
	    arena_alloc_array(works->arena, view->work_count + 1, sizeof(*works->numbers));
	works->first_entry =
	    arena_alloc_array(works->arena, view->work_count + 1, sizeof(*works->first_entry));
	for (size_t i = 0; i < view->work_count; i++) {
		works->numbers[i] = "";
		works->first_entry[i] = SIZE_MAX;
	}
	for (size_t i = 0; i < entries->count; i++) {
		for (size_t j = 0; j < entries->list[i].work_count; j++) {
			uint32_t work = entries->list[i].works[j];

			if (!count[work])
				works->first_entry[work] = i;
			if (count[work]++ < NUMBERS_SHOWN || works->text->options->verbose)
				works->numbers[work] =
				    arena_printf(works->arena, "%s%s%zu", works->numbers[work],
						 count[work] > 1 ? " " : "", i + 1);
		}
	}
	for (size_t i = 0; i < view->work_count; i++)
		if (count[i])
			works->numbers[i] = arena_printf(
			    works->arena, "[%s%s]", works->numbers[i],
			    count[i] > NUMBERS_SHOWN && !works->text->options->verbose ? " ..."
										       : "");
}

static void group_works(struct works *works)
{
	const struct view *view = works->view;
	struct map by_key = {0};

	works->groups =
	    arena_alloc_array(works->arena, view->work_count + 1, sizeof(*works->groups));
	works->group_of =
	    arena_alloc_array(works->arena, view->work_count + 1, sizeof(*works->group_of));
	for (uint32_t i = 0; i < view->work_count; i++) {
		const struct view_work *work = &view->works[i];
		const struct view_file *program = &view->files[work->program];
		bool plugin = work->plugin != VIEW_NONE;
		bool alone = !plugin && (work->fatal || work->missing_count ||
					 program->component == VIEW_NONE);
		const char *key =
		    arena_printf(works->arena, "%u\n%u\n%u\n%u\n%s\n%s", alone ? i : VIEW_NONE,
				 plugin ? work->program : VIEW_NONE, work->weight,
				 program->component, works->numbers[i], program->licence.text);
		bool added;
		struct map_entry *entry =
		    map_put(&by_key, slice_text(key), (uint32_t)works->group_count, &added);

		if (added)
			works->groups[works->group_count++] =
			    (struct group){i, 0, works->first_entry[i], work->weight};
		works->groups[entry->value].count++;
		works->group_of[i] = works->groups[entry->value].first;
	}
	map_release(&by_key);
}

/* What is certain comes first, as among the entries. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	if (left->entry != right->entry)
		return left->entry < right->entry ? -1 : 1;
	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return left->first < right->first ? -1 : left->first > right->first;
}

/* How many libraries a program names, and how many of them it takes a symbol from. */
static void write_used(struct text_fold *fold, const struct view *view,
		       const struct view_work *work)
{
	size_t named = 0, used = 0, inside = 0;

	/* Components inside the files are no libraries. */
	for (size_t i = 0; i < work->member_count; i++)
		inside += work->members[i] >= view->file_count;
	for (size_t i = 0; i < view->edge_count; i++) {
		const struct view_edge *edge = &view->edges[i];

		if (edge->from != work->program || edge->to == VIEW_NONE ||
		    edge->symbols_bound < 0 || !edge->linked_as ||
		    strcmp(edge->linked_as, "link-dynamic") != 0)
			continue;
		named++;
		used += edge->symbols_bound > 0;
	}
	text_fold_words(fold,
			text_count(work->member_count - 1 - inside, "library", "libraries").words,
			named || inside ? ";" : "");
	if (inside) {
		text_fold_words(fold, text_count(inside, "component", "components").words, "");
		text_fold_words(fold, "inside", named ? ";" : "");
	}
	if (named)
		text_fold_printf(fold, "it names %zu and binds symbols of %zu", named, used);
}

static void write_missing(const struct works *works, const struct view_work *work)
{
	struct text_names names = {
	    arena_alloc_array(works->arena, work->missing_count + 1, sizeof(const char *)), 0,
	    false};
	struct text_fold fold;

	if (work->fatal) {
		sink_text(works->text->sink, "      ");
		text_name(works->text, TEXT_RED, "ld.so would stop: ");
		text_fold_begin(&fold, works->text, 24, 10);
		text_fold_words(&fold, work->fatal, "");
		text_fold_end(&fold);
	}
	if (!work->missing_count)
		return;
	for (size_t i = 0; i < work->missing_count; i++)
		text_names_add(&names, work->missing[i]);
	sink_text(works->text->sink, "      ");
	text_fold_begin(&fold, works->text, 6, 10);
	text_fold_unit(&fold, TEXT_YELLOW, "not found", ":");
	text_names_write(&fold, &names, MISSING_SHOWN, works->arena);
	text_fold_end(&fold);
}

static bool same_folder(const char *left, const char *right)
{
	size_t length = (size_t)(text_base_name(left) - left);

	return length == (size_t)(text_base_name(right) - right) &&
	       memcmp(left, right, length) == 0;
}

/* What a work of the group is told apart by: its program, or the plugin of that program. */
static const char *work_path(const struct view *view, const struct view_work *work)
{
	return view->files[work->plugin == VIEW_NONE ? work->program : work->plugin].path;
}

/* The first path whole, then names as long as they are in the same folder. */
static void write_programs(const struct works *works, const struct group *group,
			   struct text_fold *fold)
{
	const struct view *view = works->view;
	size_t shown = 0, limit = works->text->options->verbose ? group->count : PROGRAMS_SHOWN;
	const char *last = NULL;

	if (group->count == limit + 1)
		limit++;
	if (view->works[group->first].plugin != VIEW_NONE) {
		text_fold_unit(fold, TEXT_CYAN, view->files[view->works[group->first].program].path,
			       "");
		text_fold_words(fold, "with", "");
		text_fold_words(fold,
				group->count > 1 ? "one possible plugin at a time of"
						 : "the possible plugin",
				"");
	}
	for (uint32_t i = group->first; i < view->work_count && shown < limit; i++) {
		const char *path = work_path(view, &view->works[i]);

		if (works->group_of[i] != group->first)
			continue;
		shown++;
		text_fold_unit(fold, TEXT_CYAN,
			       last && same_folder(last, path) ? text_base_name(path) : path,
			       shown < group->count && shown < limit ? "," : "");
		last = path;
	}
	if (shown == group->count)
		return;
	text_fold_printf(fold, "and %zu more", group->count - shown);
}

static void write_group(const struct works *works, const struct group *group)
{
	const struct view_work *work = &works->view->works[group->first];
	const struct view_file *program = &works->view->files[work->program];
	struct sink *sink = works->text->sink;
	struct text_fold fold;

	sink_text(sink, "  ");
	text_fold_begin(&fold, works->text, 2, 6);
	if (works->view->outcome)
		text_fold_unit(&fold, text_weight_colour(work->weight),
			       work->outcomes[work->outcome_count - 1], ":");
	write_programs(works, group, &fold);
	if (*works->numbers[group->first])
		text_fold_unit(&fold, TEXT_PLAIN, works->numbers[group->first], "");
	sink_text(sink, "\n      ");
	text_fold_begin(&fold, works->text, 6, 6);
	text_fold_start(&fold, program->licence.text, LICENCE_COLUMNS, ";");
	if (group->count == 1) {
		write_used(&fold, works->view, work);
	} else {
		text_fold_words(&fold, text_count(group->count, "work of", "works of").words, "");
		text_fold_words(&fold, works->view->components[program->component].name, "");
	}
	text_fold_end(&fold);
	write_missing(works, work);
}

static bool is_clear(const struct view_work *work)
{
	return !work->weight && !work->missing_count && !work->fatal;
}

/* One line for works that nothing is said of. */
static void write_clear(const struct works *works, size_t count)
{
	const struct view *view = works->view;
	struct text_names names = {arena_alloc_array(works->arena, count + 1, sizeof(const char *)),
				   0, true};
	struct text_fold fold;

	for (size_t i = 0; i < view->work_count; i++)
		if (is_clear(&view->works[i]))
			text_names_add(&names,
				       text_base_name(view->files[view->works[i].program].path));
	sink_text(works->text->sink, "  ");
	text_fold_begin(&fold, works->text, 2, 6);
	text_fold_unit(&fold, text_weight_colour(0), view->outcome ? "clear" : "works", ":");
	text_names_write(&fold, &names, PROGRAMS_SHOWN, works->arena);
	text_fold_end(&fold);
}

/* How many works have which outcome, heaviest first. */
static void write_counts(const struct works *works)
{
	const struct view *view = works->view;
	size_t counts[8] = {0};
	const char *names[8] = {NULL};
	struct text_fold fold;
	size_t left = 0;

	if (view->work_count < 2 || !view->outcome)
		return;
	for (size_t i = 0; i < view->work_count; i++) {
		const struct view_work *work = &view->works[i];

		left += !counts[work->weight]++;
		names[work->weight] = work->outcomes[work->outcome_count - 1];
	}
	sink_text(works->text->sink, "  ");
	text_fold_begin(&fold, works->text, 2, 2);
	text_fold_words(&fold, "by what they link:", "");
	for (unsigned weight = 8; weight-- > 0;) {
		if (!names[weight])
			continue;
		text_fold_unit(&fold, text_weight_colour(weight), names[weight], "");
		text_fold_printf(&fold, "%zu%s", counts[weight], --left ? "," : "");
	}
	text_fold_end(&fold);
}

void text_works(const struct text *text, const struct view *view, const struct entries *entries,
		struct arena *arena)
{
	struct works works = {.text = text, .view = view, .arena = arena};
	size_t clear = 0, shown = 0, hidden = 0;
	bool collapse;

	if (!view->work_count)
		return;
	number_works(&works, entries);
	group_works(&works);
	text_heading(text,
		     "Works: programs and plugins, each with all it links; [n]: finding below");
	write_counts(&works);
	for (size_t i = 0; i < view->work_count; i++)
		clear += is_clear(&view->works[i]);
	collapse = clear > CLEAR_SHOWN && !text->options->verbose;
	if (works.group_count)
		qsort(works.groups, works.group_count, sizeof(*works.groups), compare_groups);
	for (size_t i = 0; i < works.group_count; i++) {
		const struct group *group = &works.groups[i];

		if (collapse && is_clear(&view->works[group->first]))
			continue;
		if (shown >= GROUPS_SHOWN && !text->options->verbose) {
			hidden += group->count;
			continue;
		}
		shown++;
		write_group(&works, group);
	}
	text_more(text, "  ", hidden);
	if (collapse)
		write_clear(&works, clear);
}
