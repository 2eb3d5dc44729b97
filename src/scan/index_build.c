/* SPDX-License-Identifier: BSD-2-Clause */
/* From archives, objects and libraries to a segment of an index. */
#include "scan/index_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artifact/ar.h"
#include "artifact/walk.h"
#include "binary/workers.h"
#include "evidence/index_format.h"
#include "evidence/index_manifest.h"
#include "report/view_build.h"
#include "scan/index_deb.h"
#include "scan/index_inputs.h"
#include "util/path.h"
#include "util/pattern.h"
#include "util/vec.h"

#define MACHINE_OFFSET 18 /* of e_machine, in both classes */
#define HEAD_SIZE 20

/* What of a file goes into an index. */
#define GROUPS (FACTS_CODE | FACTS_LITERALS)

/* A file or member that a worker has in hand. */
struct task {
	uint32_t member;  /* in the builder */
	bool program;	  /* which build it is counts, not its code */
	const char *path; /* for diagnostics */
};

struct build {
	const struct index_build_options *options;
	struct arena arena;
	struct diags diags;
	struct root *root;
	struct workers *workers;
	struct index_builder *builder;
	struct index_inputs inputs;
	VEC(struct task) tasks;
	struct knowledge *knowledge; /* of licences; opened when a package asks for it */
	size_t files, done;
};

/* The rows about one file, and the origins they became; made when the first member needs one. */
struct rows {
	const struct index_input *first;
	size_t count;
	uint32_t *origins;
	enum { ROW_NEW, ROW_OPEN, ROW_REPEATED } * states;
	bool program; /* of a package */
};

static void take_result(struct build *build, struct workers_result *result)
{
	const struct task *task = &build->tasks.ptr[result->cookie];
	struct facts facts;

	build->done++;
	if (result->status != STATUS_OK) {
		diag_add(&build->diags, result->fault, task->path, result->offset, "%s",
			 result->message);
		return;
	}
	if (facts_open(slice_of(result->record, result->record_size), &facts) == STATUS_OK) {
		for (size_t i = 0; i < facts.diagnostics_count; i++)
			diag_add(&build->diags, (enum diag_id)facts.diagnostics[i].id, task->path,
				 facts.diagnostics[i].offset, "%s",
				 facts_text(&facts, facts.diagnostics[i].message));
		if (task->program)
			index_builder_add_build_id(build->builder, task->member,
						   index_build_id_of(&facts));
		else
			index_builder_add_facts(build->builder, task->member, &facts);
	} else {
		diag_add(&build->diags, DIAG_WORKER_BAD_RECORD, task->path, DIAG_NO_OFFSET, "%s",
			 "");
	}
	free(result->record);
}

/* Takes in what is finished; all: waits for everything that is under way. */
static void take_results(struct build *build, bool all)
{
	struct workers_result result;

	while (build->done < build->tasks.len && (all || build->tasks.len - build->done > 512)) {
		if (workers_next(build->workers, &result) != STATUS_OK) {
			diag_add(&build->diags, DIAG_WORKER_CRASHED, NULL, DIAG_NO_OFFSET,
				 "no worker could be kept running");
			build->done = build->tasks.len;
			return;
		}
		take_result(build, &result);
	}
	if (build->options->progress)
		build->options->progress(build->options->progress_context, "reading members",
					 build->done, 0);
}

/* Whether a row before of the same file made this origin: several patterns of one project. */
static bool is_open(const struct rows *rows, uint32_t origin)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->states[i] == ROW_OPEN && rows->origins[i] == origin)
			return true;
	return false;
}

/* The row of a member: the first whose pattern fits; NULL: none, or its origin is here already. */
static const uint32_t *origin_for(struct build *build, struct rows *rows, const char *member,
				  uint16_t machine)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct index_builder_origin origin = rows->first[i].origin;

		if (*rows->first[i].members &&
		    !pattern_matches(rows->first[i].members, member, NULL))
			continue;
		if (rows->states[i] == ROW_NEW) {
			origin.machine = machine;
			rows->states[i] =
			    index_builder_add_origin(build->builder, &origin, &rows->origins[i]) ||
				    is_open(rows, rows->origins[i])
				? ROW_OPEN
				: ROW_REPEATED;
		}
		return rows->states[i] == ROW_OPEN ? &rows->origins[i] : NULL;
	}
	return NULL;
}

/* Queues size bytes at offset of fd as one member; size UINT64_MAX: all of the file. */
static void add_member(struct build *build, struct rows *rows, int fd, const char *name,
		       const char *path, uint64_t offset, uint64_t size)
{
	uint8_t head[HEAD_SIZE] = {0};
	size_t wanted = size < sizeof(head) ? (size_t)size : sizeof(head);
	ssize_t got = pread(fd, head, wanted, (off_t)offset);
	struct cursor cursor;
	uint32_t groups = rows->program ? FACTS_NOTES : GROUPS;
	const uint32_t *origin;
	enum status status;
	int copy;

	if (got < (ssize_t)sizeof(head) || memcmp(head, ELFMAG, SELFMAG) != 0) {
		diag_add(&build->diags, DIAG_ARCHIVE_MEMBER_OTHER, path, DIAG_NO_OFFSET, "%s", "");
		return;
	}
	cursor = cursor_of(slice_of(head, sizeof(head)), head[EI_DATA] == ELFDATA2MSB);
	cursor_seek(&cursor, MACHINE_OFFSET);
	origin = origin_for(build, rows, name, cursor_u16(&cursor));
	copy = origin ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (copy < 0) {
		if (origin)
			diag_add(&build->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
				 strerror(errno));
		return;
	}
	vec_push(&build->tasks,
		 ((struct task){index_builder_add_member(build->builder, *origin, name),
				rows->program, arena_strdup(&build->arena, path)}));
	status = size == UINT64_MAX
		     ? workers_submit(build->workers, copy, groups, build->tasks.len - 1)
		     : workers_submit_range(build->workers, copy, offset, size, groups,
					    build->tasks.len - 1);
	if (status != STATUS_OK)
		diag_add(&build->diags, DIAG_WORKER_CRASHED, path, DIAG_NO_OFFSET, "%s",
			 status_text(status));
	take_results(build, false);
}

/* A member of a thin archive is a file beside it. */
static void add_external(struct build *build, struct rows *rows, const char *archive,
			 const struct ar_member *member, const char *path)
{
	char *folder = path_directory(&build->arena, archive);
	struct root_file file;
	int fd;

	if (root_open(build->root, path_absolute(&build->arena, folder, member->name), &fd,
		      &file) != STATUS_OK) {
		diag_add(&build->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
			 strerror(errno));
		return;
	}
	add_member(build, rows, fd, member->name, path, 0, UINT64_MAX);
	close(fd);
}

/* host: where it lies; alone: files beside it are none of its. */
static void add_archive(struct build *build, struct rows *rows, int fd, const char *host,
			bool alone)
{
	struct ar_member member;
	struct ar *ar;

	if (ar_open(fd, host, &build->diags, &ar) != STATUS_OK)
		return;
	while (ar_next(ar, &member)) {
		const char *path = ar_member_path(&build->arena, host, &member);

		if (member.external && alone)
			diag_add(&build->diags, DIAG_ARCHIVE_MEMBER_OTHER, path, DIAG_NO_OFFSET,
				 "a file that is not in the package");
		else if (member.external)
			add_external(build, rows, host, &member, path);
		else
			add_member(build, rows, fd, member.name, path, member.offset, member.size);
	}
	ar_free(ar);
}

/* Which components of an index the file of --keep names. */
static bool *read_keep(struct build *build, const struct index *index)
{
	bool *kept =
	    arena_alloc_array(&build->arena, index_component_count(index) + 1u, sizeof(*kept));
	FILE *file = fopen(build->options->keep, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (!file) {
		diag_add(&build->diags, DIAG_INPUT_UNREADABLE, build->options->keep, DIAG_NO_OFFSET,
			 "%s", strerror(errno));
		return kept;
	}
	while ((length = getline(&line, &size, file)) > 0) {
		uint32_t component;

		if (line[length - 1] == '\n')
			line[length - 1] = 0;
		component = index_find_component(index, line);
		if (component != INDEX_NO_COMPONENT)
			kept[component] = true;
	}
	free(line);
	fclose(file);
	return kept;
}

static void merge_index(struct build *build, const char *host)
{
	struct index *index = index_new();

	if (index_add_file(index, host, &build->diags) == STATUS_OK) {
		if (build->options->keep)
			index_builder_merge_kept(build->builder, index, read_keep(build, index));
		else
			index_builder_merge(build->builder, index);
	}
	index_free(index);
}

static void open_rows(struct build *build, struct rows *rows)
{
	rows->origins = arena_alloc_array(&build->arena, rows->count, sizeof(*rows->origins));
	rows->states = arena_alloc_array(&build->arena, rows->count, sizeof(*rows->states));
}

/* A package while its files are added. */
struct package {
	struct build *build;
	const struct rows *rows; /* about the package */
	struct index_deb deb;
};

/* What a package says of itself, where nobody said more. */
static void describe(const struct package *package, const char *path,
		     struct index_builder_origin *origin)
{
	struct build *build = package->build;
	const struct index_deb *deb = &package->deb;

	if (!origin->version || !*origin->version)
		origin->version = deb->upstream;
	if ((!origin->licence || !*origin->licence) && build->knowledge)
		origin->licence = licence_of_copyright(&deb->copyright, path, build->knowledge,
						       &build->arena, &build->diags);
	if (!origin->source || !*origin->source) {
		origin->source = deb->source;
		origin->source_version = deb->source_version;
		origin->package = deb->package;
	}
}

static void take_packaged(void *context, const char *path, int fd, enum index_deb_kind kind)
{
	const struct package *package = context;
	struct build *build = package->build;
	const char *host = package->rows->first->host;
	const char *shown = arena_printf(&build->arena, "%s(%s)", host, path);
	struct index_input *inputs =
	    arena_alloc_array(&build->arena, package->rows->count, sizeof(*inputs));
	struct rows rows = {
	    .first = inputs, .count = package->rows->count, .program = kind == INDEX_DEB_PROGRAM};
	char magic[AR_MAGIC_SIZE] = {0};

	for (size_t i = 0; i < rows.count; i++) {
		inputs[i] = package->rows->first[i];
		inputs[i].origin.path = arena_strdup(&build->arena, path);
		if (inputs[i].unnamed && *package->deb.source)
			inputs[i].origin.component = package->deb.source;
		describe(package, path, &inputs[i].origin);
	}
	open_rows(build, &rows);
	if (pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	    (memcmp(magic, AR_MAGIC, sizeof(magic)) == 0 ||
	     memcmp(magic, AR_MAGIC_THIN, sizeof(magic)) == 0))
		add_archive(build, &rows, fd, shown, true);
	else
		add_member(build, &rows, fd, path_name(path), shown, 0, UINT64_MAX);
}

static void add_package(struct build *build, const struct rows *rows)
{
	struct package package = {.build = build, .rows = rows};
	const char *host = rows->first->host;
	enum status status;

	if (!build->knowledge &&
	    knowledge_open(NULL, &build->diags, &build->knowledge) != STATUS_OK)
		build->knowledge = NULL;
	status = index_deb_describe(host, &build->arena, &build->diags, &package.deb);
	if (status == STATUS_OK)
		status = index_deb_files(host, &build->diags, take_packaged, &package);
	if (status != STATUS_OK)
		diag_add(&build->diags, DIAG_INPUT_UNREADABLE, host, DIAG_NO_OFFSET, "%s",
			 status_text(status));
}

/* One file with its rows. */
static void add_file(struct build *build, struct rows *rows)
{
	const char *host = rows->first->host;
	uint64_t magic = 0;
	struct root_file file;
	int fd;

	if (root_open(build->root, host, &fd, &file) != STATUS_OK) {
		diag_add(&build->diags,
			 errno == ENOENT ? DIAG_INPUT_MISSING : DIAG_INPUT_UNREADABLE, host,
			 DIAG_NO_OFFSET, "%s", strerror(errno));
		return;
	}
	build->files++;
	if (pread(fd, &magic, sizeof(magic), 0) != sizeof(magic))
		magic = 0;
	if (magic == INDEX_MAGIC)
		merge_index(build, host);
	else if (index_deb_recognises(fd))
		add_package(build, rows);
	else if (memcmp(&magic, AR_MAGIC, sizeof(magic)) == 0 ||
		 memcmp(&magic, AR_MAGIC_THIN, sizeof(magic)) == 0)
		add_archive(build, rows, fd, host, false);
	else
		add_member(build, rows, fd, path_name(host), host, 0, UINT64_MAX);
	close(fd);
}

static void add_files(struct build *build)
{
	size_t end;

	for (size_t i = 0; i < build->inputs.list.len; i = end) {
		struct rows rows = {.first = &build->inputs.list.ptr[i]};

		for (end = i + 1; end < build->inputs.list.len &&
				  strcmp(build->inputs.list.ptr[end].host, rows.first->host) == 0;)
			end++;
		rows.count = end - i;
		open_rows(build, &rows);
		add_file(build, &rows);
	}
	take_results(build, true);
}

static enum status start(struct build *build, const struct index_build_options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct workers_options workers = {.count = options->jobs};
	enum status status;

	*build = (struct build){.options = options};
	arena_init(&build->arena);
	diags_init(&build->diags);
	if (!workers.count)
		workers.count = processors > 0 && processors < 256 ? (unsigned)processors : 1;
	status = workers_start(&workers, &build->workers);
	if (status == STATUS_OK)
		status = root_open_directory("/", &build->root);
	build->builder = index_builder_new();
	return status;
}

static void end(struct build *build)
{
	index_builder_free(build->builder);
	workers_free(build->workers);
	knowledge_free(build->knowledge);
	if (build->root)
		root_free(build->root);
	vec_release(&build->inputs.list);
	vec_release(&build->tasks);
	diags_release(&build->diags);
	arena_release(&build->arena);
}

enum status scan_index_build(const struct index_build_options *options, const char *file,
			     struct arena *arena, const struct view_index **ret)
{
	struct index *index = NULL;
	struct build build;
	enum status status = start(&build, options);

	if (status == STATUS_OK) {
		index_inputs_find(options, build.root, &build.arena, &build.diags, &build.inputs);
		add_files(&build);
		status = index_builder_write(build.builder, file);
	}
	if (status == STATUS_OK) {
		index = index_new();
		status = index_add_file(index, file, &build.diags);
	}
	if (status == STATUS_OK)
		*ret = view_index_build(&(struct view_index_input){.index = index,
								   .files_read = build.files,
								   .members_read = build.tasks.len,
								   .diags = &build.diags},
					arena);
	index_free(index);
	end(&build);
	return status;
}

enum status scan_index_show(const char *const *files, size_t file_count, const char *component,
			    bool members, struct arena *arena, const struct view_index **ret)
{
	struct index *index = index_new();
	struct diags diags;
	struct view_index_input input = {
	    .index = index, .component = component, .members = members, .diags = &diags};

	diags_init(&diags);
	for (size_t i = 0; i < file_count; i++)
		if (index_add_file(index, files[i], &diags) != STATUS_OK)
			continue; /* its diagnostic says it all */
	if (component && index_find_component(index, component) == INDEX_NO_COMPONENT)
		diag_add(&diags, DIAG_WHY_NO_END, NULL, DIAG_NO_OFFSET, "%s", component);
	*ret = view_index_build(&input, arena);
	index_free(index);
	diags_release(&diags);
	return STATUS_OK;
}
