/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver. scan_run() and scan_tree() name the stages in order. */
#include "scan/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artifact/container.h"
#include "artifact/inventory.h"
#include "artifact/texts.h"
#include "binary/binaries.h"
#include "depend/loader.h"
#include "evidence/provider.h"
#include "licence/effective.h"
#include "reach/graph.h"
#include "reach/model.h"
#include "reach/works.h"
#include "report/view_build.h"
#include "scan/artifact_paths.h"
#include "scan/contents.h"
#include "scan/device.h"
#include "scan/finders.h"
#include "scan/gate.h"
#include "scan/reference_size.h"
#include "scan/references.h"
#include "scan/sources.h"
#include "util/path.h"
#include "util/vec.h"

#define JOBS_LIMIT 256u
/* When tests make readers spin and allocate: seconds of processor time and bytes for one file. */
#define TEST_SECONDS 4
#define TEST_MEMORY (UINT64_C(256) << 20)

/* Everything one run holds; zeroed members are not there yet. */
struct run {
	const struct scan_options *options;
	struct arena arena; /* lives as long as the run, not as the view */
	struct diags diags;
	struct workers *workers;
	struct verify_workers comparers; /* zeroed when there is no reference */
	struct container *container;	 /* the artifact, when it is an archive: the root then */
	struct root *root;
	struct binaries *binaries;
	struct inventory inventory;
	struct texts texts; /* of the inventory, when edges are looked for */
	struct found_edges found;
	struct found_coverage coverage;
	struct contents contents;
	struct sources sources;
	struct inlined inlined; /* of both */
	struct device_files device;
	struct listening_map listening;
	struct loader *loader;
	struct binder *binder; /* NULL: symbols are not bound */
	struct knowledge *knowledge;
	struct providers *providers;
	struct licences *licences;
	struct gate gate;
	VEC(struct work_candidate) candidates;
	const struct graph *graph;
	const struct notice_texts *texts_of_files; /* beside its files */
	const struct reach_input *model;
	const struct reach_result *result;
	unsigned jobs;
};

static void progress(const struct run *run, const char *stage, size_t done, size_t total)
{
	if (run->options->progress)
		run->options->progress(run->options->progress_context, stage, done, total);
}

static unsigned default_jobs(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors > 0 && processors < (long)JOBS_LIMIT ? (unsigned)processors : 1;
}

/* The root is what the user gave, else the tree of archives that are the artifact, else "/". */
static enum status open_root(struct run *run)
{
	const struct scan_options *options = run->options;
	const char *path = options->root ? options->root : "/";
	const char *const *archives = NULL;
	size_t count = artifact_archives(options, &run->arena, &archives);
	enum status status;

	if (count) {
		progress(run, "unpacking", 0, 0);
		status = container_open(archives, count, 0, &run->diags, &run->container);
		if (status != STATUS_OK)
			return status;
		path = container_directory(run->container);
	}
	return root_open_directory(path, &run->root);
}

/*
 * Workers are forked first of all, while this process is small and holds nothing. groups are read
 * of every file; later_groups are those that may be asked for once more.
 */
static enum status run_start(struct run *run, const struct scan_options *options, uint32_t groups,
			     uint32_t later_groups)
{
	const char *hooks = getenv("ELFLEFT_TEST_HOOKS");
	struct workers_options workers = {0};
	enum status status;

	*run = (struct run){.options = options};
	run->jobs = options->jobs ? options->jobs : default_jobs();
	if (run->jobs > JOBS_LIMIT)
		return STATUS_USAGE;
	workers.count = run->jobs;
	workers.groups = groups | later_groups;
	workers.test_hooks = hooks && strcmp(hooks, "1") == 0;
	if (workers.test_hooks) {
		workers.cpu_seconds = TEST_SECONDS;
		workers.memory_bytes = TEST_MEMORY;
	}
	arena_init(&run->arena);
	diags_init(&run->diags);
	inventory_init(&run->inventory);
	texts_init(&run->texts);
	contents_init(&run->contents);
	sources_init(&run->sources);
	inlined_init(&run->inlined);
	found_edges_init(&run->found);
	status = workers_start(&workers, &run->workers);
	if (status == STATUS_OK && options->reference_count)
		status = verify_workers_start(&run->comparers);
	if (status == STATUS_OK)
		status = open_root(run);
	if (status != STATUS_OK)
		return status;
	if (!workers_confined(run->workers))
		diag_add(&run->diags, DIAG_WORKER_UNCONFINED, NULL, DIAG_NO_OFFSET,
			 "seccomp was refused");
	run->binaries = binaries_new(run->root, run->workers, groups, &run->diags);
	return STATUS_OK;
}

static void run_end(struct run *run)
{
	vec_release(&run->candidates);
	baseline_close(run->gate.baseline);
	if (run->licences)
		licences_close(run->licences);
	if (run->providers)
		providers_close(run->providers);
	if (run->knowledge)
		knowledge_free(run->knowledge);
	if (run->binder)
		binder_free(run->binder);
	if (run->loader)
		loader_free(run->loader);
	if (run->binaries)
		binaries_free(run->binaries);
	if (run->workers)
		workers_free(run->workers);
	verify_workers_free(&run->comparers);
	found_edges_release(&run->found);
	contents_release(&run->contents);
	sources_release(&run->sources);
	inlined_release(&run->inlined);
	texts_release(&run->texts);
	inventory_release(&run->inventory);
	if (run->root)
		root_free(run->root);
	container_free(run->container);
	diags_release(&run->diags);
	arena_release(&run->arena);
}

static enum status start_loader(struct run *run)
{
	struct loader_options options = {
	    .library_path = run->options->library_path,
	    .preload = run->options->preload,
	    .trail = run->options->trail,
	};
	char *directory = NULL;

	if (!loader_cpu_parse(run->options->cpu ? run->options->cpu : "baseline", &options.cpu))
		return STATUS_USAGE;
	if (root_is_host(run->root))
		directory = getcwd(NULL, 0);
	if (directory)
		options.working_directory = arena_strdup(&run->arena, directory);
	free(directory);
	run->loader = loader_new(run->binaries, &options, &run->diags);
	if (!run->options->no_bindings)
		run->binder = binder_new(run->binaries, &run->diags);
	return STATUS_OK;
}

static void take_inventory(struct run *run)
{
	progress(run, "listing files", 0, 0);
	if (!run->options->no_calls)
		run->inventory.texts = &run->texts;
	for (size_t i = 0; i < run->options->path_count && !run->container; i++)
		inventory_add(&run->inventory, run->root,
			      artifact_path(&run->arena, run->root, run->options->paths[i]),
			      &run->diags);
	if (!run->options->path_count || run->container)
		inventory_add(&run->inventory, run->root, "/", &run->diags);
	inventory_finish(&run->inventory);
}

/* Queues all files for the workers, then takes their facts in. */
static void read_facts(struct run *run)
{
	size_t count = run->inventory.files.len, done = 0;
	struct binary *binary;

	vec_each (file, &run->inventory.files) {
		enum status status = STATUS_OK;

		if (file->archive)
			status = binaries_add_part(run->binaries, file->canonical, file->archive,
						   file->offset, file->size);
		if (status == STATUS_OK)
			status = binaries_find(run->binaries, file->canonical, &binary);
		if (status != STATUS_OK)
			diag_add(&run->diags, DIAG_INPUT_UNREADABLE, file->canonical,
				 DIAG_NO_OFFSET, "%s",
				 status == STATUS_IO ? strerror(errno) : status_text(status));
		else if (!binary->ident.complete)
			diag_add(&run->diags, DIAG_ELF_TRUNCATED, file->canonical,
				 binary->file.size, "the file ends inside its ELF header");
		else
			binaries_prefetch(run->binaries, binary);
		progress(run, "reading files", done++, count);
	}
	vec_each (file, &run->inventory.files) {
		if (binaries_find(run->binaries, file->canonical, &binary) == STATUS_OK &&
		    binary->ident.complete)
			(void)binaries_facts(run->binaries, binary);
	}
}

/* Whether a loader, or at least the kernel, makes a process or part of one from it. */
static bool can_be_loaded(const struct facts *facts)
{
	switch ((enum facts_type)facts->identity->type) {
	case FACTS_TYPE_EXECUTABLE:
	case FACTS_TYPE_STATIC:
	case FACTS_TYPE_SHARED:
		return true;
	case FACTS_TYPE_OTHER:
	case FACTS_TYPE_RELOCATABLE:
	case FACTS_TYPE_DEBUG_COMPANION:
		break;
	}
	return false;
}

static void load_all(struct run *run)
{
	size_t done = 0;

	vec_each (file, &run->inventory.files) {
		struct work_candidate candidate = {.path = file->canonical};
		const struct facts *facts;

		progress(run, "resolving", done++, run->inventory.files.len);
		if (binaries_find(run->binaries, file->canonical, &candidate.binary) != STATUS_OK ||
		    !candidate.binary->ident.complete)
			continue;
		facts = binaries_facts(run->binaries, candidate.binary);
		if (!facts || !can_be_loaded(facts))
			continue;
		if (loader_load(run->loader, candidate.binary, file->path, &run->arena,
				&candidate.load) == STATUS_OK)
			vec_push(&run->candidates, candidate);
	}
	works_find(run->candidates.ptr, run->candidates.len);
	vec_each (candidate, &run->candidates)
		if (candidate->is_root)
			loader_tell(run->loader, candidate->load);
}

/* Edges beyond what loaders load: of code, scripts, units and Python, and by naming rules. */
static void find_edges(struct run *run)
{
	struct finders_input input = {
	    .root = run->root,
	    .inventory = &run->inventory,
	    .texts = &run->texts,
	    .binaries = run->binaries,
	    .loader = run->loader,
	    .data = run->options->data,
	    .diags = &run->diags,
	};

	if (run->options->no_calls)
		return;
	progress(run, "finding edges", 0, 0);
	finders_run(&input, &run->found, &run->coverage);
}

/* Components whose code is inside the files, and the sources files were made of. */
static void find_contents(struct run *run)
{
	struct contents_input input = {
	    .binaries = run->binaries,
	    .inventory = &run->inventory,
	    .indexes = run->options->indexes,
	    .index_count = run->options->index_count,
	    .data = run->options->data,
	    .inlined = &run->inlined,
	    .diags = &run->diags,
	};

	if (!run->options->no_code || !run->options->no_debug)
		inlined_open(&run->inlined, run->options->data, &run->diags);
	if (!run->options->no_code) {
		progress(run, "looking up functions", 0, 0);
		contents_find(&input, &run->contents);
	}
	if (!run->options->no_debug) {
		progress(run, "reading debug information", 0, 0);
		sources_read(run->binaries, &run->inventory, &run->sources, &run->inlined,
			     &run->contents);
	}
	inlined_join(&run->inlined, run->binaries, &run->inventory);
}

static void find_device(struct run *run)
{
	if (run->options->no_device)
		return;
	progress(run, "reading device code", 0, 0);
	run->device = device_find(run->binaries, &run->inventory, &run->arena);
}

static void compute_digests(struct run *run)
{
	struct binary **list =
	    arena_alloc_array(&run->arena, run->inventory.files.len + 1, sizeof(struct binary *));
	size_t count = 0;

	if (!run->options->digests)
		return;
	progress(run, "computing digests", 0, 0);
	vec_each (file, &run->inventory.files) {
		struct binary *binary;
		if (binaries_find(run->binaries, file->canonical, &binary) == STATUS_OK)
			list[count++] = binary;
	}
	binaries_digest_all(run->binaries, list, count, run->jobs);
}

/* What is known of licences and owners, before files are asked about. */
static enum status open_knowledge(struct run *run)
{
	const struct scan_options *options = run->options;
	enum status status = knowledge_open(options->data, &run->diags, &run->knowledge);

	/* A table of the user's that cannot be used is said as an option that cannot be. */
	if (status != STATUS_OK && options->data && options->message) {
		vec_each (diag, &run->diags.list)
			if (diag->id == DIAG_DATA_TABLE_BAD)
				options->message(options->message_context,
						 arena_printf(&run->arena, "--data: %s: %s\n",
							      diag->file, diag->message));
		return STATUS_USAGE;
	}
	if (status != STATUS_OK)
		return status;
	run->providers = providers_open(run->root, run->options->data, &run->diags);
	run->licences = licences_open(run->root, run->knowledge, &run->diags);
	return gate_open(run->options, run->knowledge, &run->diags, &run->arena, &run->gate);
}

static void join(struct run *run)
{
	struct graph_input input = {
	    .binaries = run->binaries,
	    .inventory = &run->inventory,
	    .candidates = run->candidates.ptr,
	    .candidate_count = run->candidates.len,
	    .loader = run->loader,
	    .binder = run->binder,
	    .texts = &run->texts,
	    .found = &run->found,
	    .embedded = contents_files(&run->contents),
	    .inlined = inlined_files(&run->inlined),
	    .providers = run->providers,
	    .licences = run->licences,
	    .debug = run->sources.by_id,
	    .debug_count = run->sources.count,
	};

	progress(run, "binding symbols", 0, 0);
	run->graph = policy_graph(run->gate.policy, graph_build(&input, &run->arena), &run->arena);
}

/* The status of the run would speak of the artifact. */
static enum status refuse_reference(struct run *run, const char *reference, enum status status)
{
	reference_failure_tell(run->options, arena_printf(&run->arena, "--reference %s", reference),
			       status, &run->diags, &run->arena);
	return STATUS_USAGE;
}

/* What differs from its upstream, by references and by the policy. */
static enum status compare(struct run *run)
{
	struct references_input input = {
	    .options = run->options,
	    .workers = &run->comparers,
	    .directory =
		run->container ? container_directory(run->container) : root_name(run->root),
	    .graph = run->graph,
	    .providers = run->providers,
	    .diags = &run->diags,
	};
	const char *refused;
	enum status status;

	if (run->options->reference_count)
		input.paths = artifact_paths(run->root, run->container, run->options, &run->arena,
					     &input.path_count);
	status = references_compare(&input, &run->arena, &run->graph, &refused);
	return status == STATUS_OK ? STATUS_OK : refuse_reference(run, refused, status);
}

static void judge(struct run *run)
{
	progress(run, "judging", 0, 0);
	run->texts_of_files =
	    notices_find(run->root, run->graph, providers_wheels(run->providers), &run->arena);
	if (!run->options->no_calls && model_asks_listening(run->graph))
		listening_find(run->binaries, &run->diags, &run->arena, &run->listening);
	run->model =
	    model_of_graph(run->graph, &run->gate.settings, run->gate.policy, run->texts_of_files,
			   &run->listening, run->options->data, &run->diags, &run->arena);
	run->result = reach_judge(run->model, &run->arena);
}

/* The stages in their order, up to the judgement. */
static enum status run_stages(struct run *run)
{
	enum status status = start_loader(run);

	if (status == STATUS_OK)
		status = open_knowledge(run);
	if (status != STATUS_OK)
		return status;
	take_inventory(run);
	read_facts(run);
	/* Of what is not shipped, only the links count. */
	binaries_want(run->binaries, FACTS_LINK);
	load_all(run);
	find_edges(run);
	find_contents(run);
	find_device(run);
	join(run);
	status = compare(run);
	if (status == STATUS_OK)
		judge(run);
	return status;
}

static uint32_t later_groups(const struct scan_options *options)
{
	return (options->no_code ? 0 : CONTENTS_GROUPS) | (options->no_debug ? 0 : FACTS_DEBUG) |
	       (options->no_calls ? 0 : LISTENING_GROUPS);
}

static uint32_t shipped_groups(const struct scan_options *options)
{
	return options->no_calls ? FACTS_LINK : FACTS_LINK | FACTS_CALLS;
}

enum status scan_run(const struct scan_options *options, struct arena *arena,
		     const struct view **ret)
{
	struct view_input input;
	struct run run;
	enum status status =
	    run_start(&run, options, shipped_groups(options), later_groups(options));

	if (status == STATUS_OK)
		status = run_stages(&run);
	if (status != STATUS_OK)
		goto out;
	compute_digests(&run);
	progress(&run, "writing the report", 0, 0);
	input = (struct view_input){
	    .artifact = artifact_describe(run.root, run.container, options, arena),
	    .binaries = run.binaries,
	    .graph = run.graph,
	    .policy = run.gate.settings,
	    .texts = run.texts_of_files,
	    .root = options->texts ? run.root : NULL,
	    .gate = gate_of_result(&run.gate, options, run.model, run.result, &run.arena),
	    .result = run.result,
	    .licences = run.licences,
	    .knowledge = run.knowledge,
	    .diags = &run.diags,
	    .found = run.coverage,
	    .embedded = contents_files(&run.contents),
	    .device = run.device,
	    .inlined = inlined_files(&run.inlined),
	    .digests = options->digests,
	};
	*ret = view_build(&input, arena);
out:
	run_end(&run);
	return status;
}

/* An end that is a path is looked up under its canonical name. */
static const char *canonical_end(struct run *run, const char *end)
{
	char *canonical;

	if (strchr(end, '/') && root_realpath(run->root, artifact_path(&run->arena, run->root, end),
					      &run->arena, &canonical) == STATUS_OK)
		return canonical;
	return end;
}

enum status scan_why(const struct scan_options *options, const char *from, const char *to,
		     struct arena *arena, const struct view_why **ret)
{
	struct view_why_input input = {.from = from, .to = to};
	struct run run;
	enum status status =
	    run_start(&run, options, shipped_groups(options), later_groups(options));

	if (status == STATUS_OK)
		status = run_stages(&run);
	if (status != STATUS_OK)
		goto out;
	from = canonical_end(&run, from);
	to = canonical_end(&run, to);
	input.graph = run.graph;
	input.result = run.result;
	input.alternatives = run.model->alternatives;
	input.diags = &run.diags;
	if (why_find(run.graph, from, to, &run.arena, &input.paths, &input.path_count,
		     &input.capped) != STATUS_OK)
		diag_add(&run.diags, DIAG_WHY_NO_END, NULL, DIAG_NO_OFFSET, "%s, %s", from, to);
	*ret = view_why_build(&input, arena);
out:
	run_end(&run);
	return status;
}

enum status scan_tree(const struct scan_options *options, struct arena *arena,
		      const struct view_tree **ret)
{
	const struct load_set *load = NULL;
	const struct bindings *bindings = NULL;
	struct binary *binary = NULL;
	struct run run;
	enum status status = STATUS_USAGE, found;
	char *path;

	if (options->path_count != 1)
		return STATUS_USAGE;
	status = run_start(&run, options,
			   options->no_bindings ? FACTS_LOADER
						: FACTS_LOADER | FACTS_SYMBOLS | FACTS_RELOCATIONS,
			   0);
	if (status == STATUS_OK)
		status = start_loader(&run);
	if (status != STATUS_OK)
		goto out;
	path = artifact_path(&run.arena, run.root, options->paths[0]);
	found = binaries_find(run.binaries, path, &binary);
	if (found != STATUS_OK || !binary->ident.is_elf || !binary->ident.complete)
		artifact_unusable(&run.diags, path, found, binary);
	else if (loader_load(run.loader, binary, path, &run.arena, &load) != STATUS_OK)
		load = NULL;
	else
		loader_tell(run.loader, load);
	workers_stop(run.workers);
	if (load && run.binder &&
	    bind_symbols(run.binder, load, &run.arena, &bindings) != STATUS_OK)
		bindings = NULL;
	*ret = view_tree_build(root_name(run.root), options->paths[0], load, bindings,
			       options->trail, &run.diags, arena);
out:
	run_end(&run);
	return status;
}
