/* SPDX-License-Identifier: BSD-2-Clause */
/* From findings to what a release owes: one list per component, with where its texts stand. */
#include "report/view_build.h"

#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
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
		if (wants_texts(&builder->list.ptr[kept]))
			fill_texts(builder, &builder->list.ptr[kept]);
		kept++;
	}
	builder->list.len = kept;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct view_notice_text *)a)->path,
		      ((const struct view_notice_text *)b)->path);
}

static void read_texts(struct builder *builder)
{
	struct map seen = {0};
	VEC(struct view_notice_text) list = {0};

	vec_each (obligation, &builder->list) {
		for (size_t i = 0; i < obligation->text_count; i++) {
			struct view_notice_text text = {obligation->texts[i], NULL};
			struct slice bytes;
			bool added;

			map_put(&seen, slice_text(text.path), 0, &added);
			if (!added)
				continue;
			if (root_read(builder->input->root, text.path, BUDGET_NOTICE_TEXT,
				      builder->arena, &bytes) == STATUS_OK)
				text.text = arena_slice(builder->arena, bytes);
			else
				diag_add(builder->input->diags, DIAG_NOTICE_UNREADABLE, text.path,
					 DIAG_NO_OFFSET, "%s", "");
			vec_push(&list, text);
		}
	}
	if (list.len)
		qsort(list.ptr, list.len, sizeof(*list.ptr), compare_texts);
	builder->view->texts = arena_copy(builder->arena, list.ptr, list.len * sizeof(*list.ptr));
	builder->view->text_count = list.len;
	vec_release(&list);
	map_release(&seen);
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
