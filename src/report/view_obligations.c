/* SPDX-License-Identifier: BSD-2-Clause */
/* From findings to what a release owes: one list per component, with where its texts stand. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
#include "util/gunzip.h"
#include "util/map.h"
#include "util/vec.h"

/* One row per (rule, thing owed); outcome NULL: whatever the finding's outcomes are. */
static const struct duty_row {
	const char *rule, *outcome, *kind, *title;
	bool texts; /* the texts of the files belong to it */
} rows[] = {
    {"ship-notice", NULL, "notice", "copyright notices and licence text", true},
    {"ship-source-files", NULL, "licence-text", "notices and licence text", true},
    {"ship-source-files", NULL, "source", "source of the covered files", false},
    {"ship-source-library", NULL, "licence-text", "notices and licence text", true},
    {"ship-source-library", NULL, "source", "source of the library", false},
    {"ship-source-work", NULL, "licence-text", "notices and licence text", true},
    {"ship-source-work", NULL, "source", "complete corresponding source", false},
    {"ship-source-network", NULL, "licence-text", "notices and licence text", true},
    {"ship-source-network", NULL, "source", "complete corresponding source", false},
    {"ship-conditions", NULL, "terms", "the vendor's terms, unmodified", true},
    {"ship-modified", "source-offer", "changes", "notice of the changes, with their source", false},
    {"ship-modified", "notice", "changes", "notice of the changes", false},
    {"ship-installation", NULL, "installation", "information to install changed versions", false},
    {"link-library", "relink", "relink", "objects to relink with another version", false},
    {"link-copyleft", "whole-work", "whole-source", "source of the combined work", false},
    {"network-offer", "network-offer", "network-source", "offer of source to remote users", false},
};

/* A combination that cannot be distributed owes no source of it. */
static bool has_outcome(const struct view_finding *finding, const char *outcome)
{
	if (!outcome)
		return true;
	if (strcmp(outcome, "whole-work") == 0)
		return strcmp(finding->outcomes[finding->outcome_count - 1], outcome) == 0;
	for (size_t i = 0; i < finding->outcome_count; i++)
		if (strcmp(finding->outcomes[i], outcome) == 0)
			return true;
	return false;
}

struct builder {
	const struct view_input *input;
	struct view *view;
	struct arena *arena;
	VEC(struct view_obligation) list;
};

/* The texts of all files of an obligation, each once, in the order of the files. */
static void fill_texts(struct builder *builder, struct view_obligation *obligation)
{
	struct map seen = {0};
	VEC(const char *) paths = {0};

	for (size_t i = 0; builder->input->texts && i < obligation->file_count; i++) {
		const struct notice_texts *texts = &builder->input->texts[obligation->files[i]];

		for (size_t j = 0; j < texts->count; j++) {
			bool added;

			map_put(&seen, slice_text(texts->paths[j]), 0, &added);
			if (added)
				vec_push(&paths, arena_strdup(builder->arena, texts->paths[j]));
		}
	}
	obligation->texts = arena_copy(builder->arena, paths.ptr, paths.len * sizeof(*paths.ptr));
	obligation->text_count = paths.len;
	vec_release(&paths);
	map_release(&seen);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Where files come from whose owner has no coordinates of its own. */
static void fill_carriers(struct builder *builder, struct view_obligation *obligation)
{
	const char **list =
	    arena_alloc_array(builder->arena, obligation->file_count + 1, sizeof(*list));
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < obligation->file_count; i++)
		if (builder->view->files[obligation->files[i]].carrier)
			list[count++] = builder->view->files[obligation->files[i]].carrier;
	qsort(list, count, sizeof(*list), compare_text);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(list[i], list[kept - 1]) != 0)
			list[kept++] = list[i];
	obligation->carriers = list;
	obligation->carrier_count = kept;
}

static void add_finding(struct builder *builder, const struct view_finding *finding)
{
	const char *before = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_obligation obligation;

		/* Of two rows for one thing the heavier stands first. */
		if (strcmp(rows[i].rule, finding->rule) != 0 || strcmp(rows[i].kind, before) == 0 ||
		    !has_outcome(finding, rows[i].outcome))
			continue;
		before = rows[i].kind;
		obligation = (struct view_obligation){
		    .kind = rows[i].kind,
		    .title = rows[i].title,
		    .component = builder->view->files[finding->subject].component,
		    .files = finding->subjects,
		    .file_count = finding->subject_count,
		    .licence = finding->licence,
		    .findings = arena_copy(builder->arena, &finding->id, sizeof(finding->id)),
		    .finding_count = 1,
		};
		vec_push(&builder->list, obligation);
	}
}

static int compare(const void *a, const void *b)
{
	const struct view_obligation *left = a, *right = b;
	int order;

	/* Those without an owner come last. */
	if (left->component != right->component)
		return left->component < right->component ? -1 : 1;
	if (left->component == VIEW_NONE && left->files[0] != right->files[0])
		return left->files[0] < right->files[0] ? -1 : 1;
	order = strcmp(left->kind, right->kind);
	if (!order)
		order = strcmp(left->licence, right->licence);
	return order ? order : strcmp(left->findings[0], right->findings[0]);
}

static int compare_index(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static bool same_thing(const struct view_obligation *left, const struct view_obligation *right)
{
	return left->component == right->component &&
	       (left->component != VIEW_NONE || left->files[0] == right->files[0]) &&
	       strcmp(left->kind, right->kind) == 0 && strcmp(left->licence, right->licence) == 0;
}

/* One obligation for the same thing asked by several findings, with the files of all. */
static struct view_obligation join(struct builder *builder, const struct view_obligation *first,
				   size_t count)
{
	struct view_obligation joined = *first;
	const char **findings = arena_alloc_array(builder->arena, count, sizeof(*findings));
	VEC(uint32_t) files = {0};
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		findings[i] = first[i].findings[0];
		for (size_t j = 0; j < first[i].file_count; j++)
			vec_push(&files, first[i].files[j]);
	}
	if (files.len)
		qsort(files.ptr, files.len, sizeof(*files.ptr), compare_index);
	for (size_t i = 0; i < files.len; i++)
		if (i == 0 || files.ptr[i] != files.ptr[kept - 1])
			files.ptr[kept++] = files.ptr[i];
	joined.files = arena_copy(builder->arena, files.ptr, kept * sizeof(*files.ptr));
	joined.file_count = kept;
	joined.findings = findings;
	joined.finding_count = count;
	vec_release(&files);
	return joined;
}

static bool wants_texts(const struct view_obligation *obligation)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].kind, obligation->kind) == 0)
			return rows[i].texts;
	return false;
}

static void join_all(struct builder *builder)
{
	size_t kept = 0, count;

	for (size_t i = 0; i < builder->list.len; i += count) {
		struct view_obligation *first = &builder->list.ptr[i];

		count = 1;
		while (i + count < builder->list.len && same_thing(first, first + count))
			count++;
		builder->list.ptr[kept] = join(builder, first, count);
		fill_carriers(builder, &builder->list.ptr[kept]);
		if (wants_texts(&builder->list.ptr[kept]))
			fill_texts(builder, &builder->list.ptr[kept]);
		kept++;
	}
	builder->list.len = kept;
}

static int compare_texts(const void *a, const void *b)
{
	const struct view_notice_text *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : left->of_system - right->of_system;
}

static void read_text(struct builder *builder, struct root *root, struct view_notice_text *text)
{
	struct slice bytes;
	enum status status =
	    root_read(root, text->path, BUDGET_NOTICE_TEXT, builder->arena, &bytes);

	if (status == STATUS_OK)
		status = gunzip(&bytes, BUDGET_NOTICE_TEXT, builder->arena);
	if (status == STATUS_OK)
		text->text = arena_slice(builder->arena, bytes);
	else
		diag_add(builder->input->diags, DIAG_NOTICE_UNREADABLE, text->path, DIAG_NO_OFFSET,
			 "%s", "");
}

static bool has_text(const struct view_obligation *obligation, const char *path)
{
	for (size_t i = 0; i < obligation->text_count; i++)
		if (strcmp(obligation->texts[i], path) == 0)
			return true;
	return false;
}

/* Texts of its licences that the artifact lacks and the system elfleft runs on has. */
static void fill_system_texts(struct builder *builder, struct root *system,
			      struct view_obligation *obligation)
{
	struct slice rest = slice_text(obligation->licence), word;
	VEC(const char *) paths = {0};

	while (slice_token(&rest, " ()", &word)) {
		const char *name = notices_common_name(arena_slice(builder->arena, word));
		const char *path;
		struct root_file file;
		bool listed = false;

		if (!name)
			continue;
		path = arena_printf(builder->arena, "%s/%s", NOTICES_COMMON_FOLDER, name);
		vec_each (known, &paths)
			listed |= strcmp(*known, path) == 0;
		if (!listed && !has_text(obligation, path) &&
		    root_stat(system, path, true, &file) == STATUS_OK)
			vec_push(&paths, path);
	}
	obligation->system_texts =
	    arena_copy(builder->arena, paths.ptr, paths.len * sizeof(*paths.ptr));
	obligation->system_text_count = paths.len;
	vec_release(&paths);
}

struct text_list {
	struct map seen, seen_of_system;
	VEC(struct view_notice_text) list;
};

static void add_texts(struct builder *builder, struct text_list *texts, struct root *root,
		      const char *const *paths, size_t count, bool of_system)
{
	for (size_t i = 0; i < count; i++) {
		struct view_notice_text text = {paths[i], NULL, of_system};
		bool added;

		map_put(of_system ? &texts->seen_of_system : &texts->seen, slice_text(text.path), 0,
			&added);
		if (!added)
			continue;
		read_text(builder, root, &text);
		vec_push(&texts->list, text);
	}
}

static void read_texts(struct builder *builder)
{
	struct text_list texts = {0};
	struct root *system = NULL;

	if (!root_is_host(builder->input->root) && root_open_directory("/", &system) != STATUS_OK)
		system = NULL;
	vec_each (obligation, &builder->list) {
		add_texts(builder, &texts, builder->input->root, obligation->texts,
			  obligation->text_count, false);
		if (!system || !wants_texts(obligation))
			continue;
		fill_system_texts(builder, system, obligation);
		add_texts(builder, &texts, system, obligation->system_texts,
			  obligation->system_text_count, true);
	}
	if (texts.list.len)
		qsort(texts.list.ptr, texts.list.len, sizeof(*texts.list.ptr), compare_texts);
	builder->view->texts =
	    arena_copy(builder->arena, texts.list.ptr, texts.list.len * sizeof(*texts.list.ptr));
	builder->view->text_count = texts.list.len;
	vec_release(&texts.list);
	map_release(&texts.seen);
	map_release(&texts.seen_of_system);
	if (system)
		root_free(system);
}

void view_obligations_build(const struct view_input *input, struct view *view, struct arena *arena)
{
	struct builder builder = {.input = input, .view = view, .arena = arena};

	for (size_t i = 0; i < view->finding_count; i++)
		add_finding(&builder, &view->findings[i]);
	if (builder.list.len)
		qsort(builder.list.ptr, builder.list.len, sizeof(*builder.list.ptr), compare);
	join_all(&builder);
	if (input->root)
		read_texts(&builder);
	view->obligations =
	    arena_copy(arena, builder.list.ptr, builder.list.len * sizeof(*builder.list.ptr));
	view->obligation_count = builder.list.len;
	vec_release(&builder.list);
}
