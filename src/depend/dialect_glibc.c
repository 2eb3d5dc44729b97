/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process as glibc's ld.so makes it: what it loads before it walks the needs, and the result.
 * After the start-up of glibc 2.36's elf/rtld.c.
 */
#include <string.h>

#include "depend/process.h"
#include "util/path.h"

#define PRELOAD_FILE "/etc/ld.so.preload"
#define PRELOAD_FILE_SIZE (UINT64_C(1) << 20)

static bool fits_glibc(const char *interpreter, const struct binary *root)
{
	const char *name;

	if (root->ident.osabi != ELFOSABI_SYSV && root->ident.osabi != ELFOSABI_GNU)
		return false;
	if (!interpreter) /* a library, or a program that runs as "ld.so FILE" does */
		return true;
	name = path_name(interpreter);
	return strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld64.so", 7) == 0 ||
	       strcmp(name, "ld.so.1") == 0;
}

static const char *root_path(const struct process *process)
{
	return binaries_path(process->loader->binaries, process->objects.ptr[0].shown.binary);
}

/* ---- start-up: what rtld.c loads before it walks ---- */

static void release_space(struct name_space *space)
{
	map_release(&space->names);
	map_release(&space->sonames);
	map_release(&space->files);
}

/*
 * The program itself. The kernel starts it under no name; ld.so takes a library by its path. A
 * program's $ORIGIN is where its file is, links resolved; a library's is where it was found. Its
 * device and inode are not remembered: the same file under another name is mapped once more.
 */
static void add_root(struct process *process, struct name_space *space, struct binary *binary,
		     const char *path)
{
	struct search_result found = {LOADER_RULE_ROOT, binary, path, NULL};
	const struct facts *facts = binaries_facts(process->loader->binaries, binary);
	bool program = facts && facts->identity->interpreter.length;
	uint32_t root =
	    process_add_object(process, space, LOADER_NONE, path, LOADER_REQUEST_ROOT, &found);

	if (program) {
		process->objects.ptr[root].origin = path_directory(
		    process->arena, binaries_path(process->loader->binaries, binary));
		map_release(&space->names);
	} else {
		process->fatal = process_mapping_failure(facts);
		if (process->fatal)
			process->fatal =
			    arena_printf(process->arena, "%s: %s", path, process->fatal);
	}
}

/* A list of libraries; what is not found or not usable is left out with a word, not fatal. */
static void load_preloads(struct process *process, struct name_space *space, struct scope *scope,
			  const char *list, const char *separators)
{
	struct slice rest = slice_text(list), item;

	while (slice_token(&rest, separators, &item)) {
		struct search_result found = {.rule = LOADER_RULE_NOT_FOUND};
		const char *name = arena_slice(process->arena, item);
		size_t before = process->objects.len;
		uint32_t object =
		    process_map(process, space, 0, name, LOADER_REQUEST_PRELOAD, &found);

		process_add_edge(process, 0, object, name, LOADER_REQUEST_PRELOAD, &found);
		if (object != LOADER_NONE && process->objects.len > before)
			scope_append(scope, process, object);
	}
}

/* Comments run to the end of their line (do_preload in rtld.c). */
static void load_preload_file(struct process *process, struct name_space *space,
			      struct scope *scope)
{
	struct slice text, line;

	if (root_read(binaries_root(process->loader->binaries), PRELOAD_FILE, PRELOAD_FILE_SIZE,
		      process->arena, &text) != STATUS_OK)
		return;
	while (slice_line(&text, &line)) {
		const uint8_t *comment = memchr(line.ptr, '#', line.len);

		if (comment)
			line.len = (size_t)(comment - line.ptr);
		load_preloads(process, space, scope, arena_slice(process->arena, line), ": \t");
	}
}

/* One audit library, with all it needs, in a namespace of its own. */
static void load_audit(struct process *process, const char *name, enum loader_request request)
{
	struct name_space space = {.interpreter = LOADER_NONE, .apart = true};
	struct search_result found = {.rule = LOADER_RULE_NOT_FOUND};
	const char *fatal = process->fatal;
	struct scope scope = {.first = LOADER_NONE};
	uint32_t object = process_map(process, &space, LOADER_NONE, name, request, &found);

	process_add_edge(process, 0, object, name, request, &found);
	diag_add(process->loader->diags, DIAG_LOADER_AUDIT, root_path(process), DIAG_NO_OFFSET,
		 "%s %s", loader_request_text(request), name);
	if (object != LOADER_NONE) {
		scope_append(&scope, process, object);
		process_walk(process, &space, &scope);
	}
	process->fatal = fatal; /* an audit library that fails is left out */
	vec_release(&scope.items);
	release_space(&space);
}

/* Only those of the program count (process_dl_audit and load_audit_modules in rtld.c). */
static void load_audits(struct process *process)
{
	static const struct {
		int64_t tag;
		enum loader_request request;
	} tags[] = {{DT_AUDIT, LOADER_REQUEST_AUDIT}, {DT_DEPAUDIT, LOADER_REQUEST_DEPAUDIT}};
	const struct facts *facts = process->objects.ptr[0].facts;

	for (size_t i = 0; facts && i < sizeof(tags) / sizeof(tags[0]); i++) {
		const char *list = facts_dynamic_text(facts, tags[i].tag);
		struct slice rest = slice_text(list ? list : ""), item;

		while (slice_token(&rest, ":", &item))
			load_audit(process, arena_slice(process->arena, item), tags[i].request);
	}
}

/* ---- the result ---- */

static void report_problems(const struct process *process)
{
	struct diags *diags = process->loader->diags;

	vec_each (edge, &process->edges) {
		const struct loader_object *from = &process->objects.ptr[edge->from].shown;

		if (edge->rule == LOADER_RULE_NOT_FOUND &&
		    edge->request != LOADER_REQUEST_AUXILIARY)
			diag_add(diags, DIAG_LOADER_NOT_FOUND,
				 from->binary
				     ? binaries_path(process->loader->binaries, from->binary)
				     : from->path,
				 DIAG_NO_OFFSET, "%s %s", loader_request_text(edge->request),
				 edge->name);
	}
	if (process->fatal)
		diag_add(diags, DIAG_LOADER_FATAL, root_path(process), DIAG_NO_OFFSET, "%s",
			 process->fatal);
}

/*
 * Objects in the order of the result: the root, the scope, then what stands outside of it. ld.so
 * puts itself right behind the object before it that was found (dl_main() in rtld.c).
 */
static uint32_t *order_objects(const struct process *process, const struct scope *scope,
			       uint32_t interpreter, struct arena *arena)
{
	size_t count = process->objects.len, used = 0, behind_found = 1;
	uint32_t *order = arena_alloc_array(arena, count + 1, sizeof(*order));
	bool *placed = arena_alloc_array(arena, count + 1, sizeof(*placed));

	order[used++] = 0;
	placed[0] = true;
	for (uint32_t i = scope->first; i != LOADER_NONE; i = scope->items.ptr[i].next) {
		uint32_t object = scope->items.ptr[i].object;
		size_t place = object == interpreter ? behind_found : used;

		if (placed[object])
			continue;
		placed[object] = true;
		memmove(&order[place + 1], &order[place], (used - place) * sizeof(*order));
		order[place] = object;
		used++;
		if (process->objects.ptr[object].shown.binary)
			behind_found = place + 1;
	}
	for (uint32_t i = 0; i < count; i++)
		if (!placed[i])
			order[used++] = i;
	return order;
}

static const struct loader_candidate *moved_trail(const struct loader_edge *edge,
						  const uint32_t *moved, struct arena *arena)
{
	struct loader_candidate *trail;

	if (!edge->trail)
		return NULL;
	trail = arena_copy(arena, edge->trail, edge->trail_count * sizeof(*trail));
	for (size_t i = 0; i < edge->trail_count; i++)
		if (trail[i].owner != LOADER_NONE)
			trail[i].owner = moved[trail[i].owner];
	return trail;
}

static void fill_result(const struct process *process, const struct scope *scope,
			uint32_t interpreter, struct arena *arena, struct load_set *ret)
{
	size_t count = process->objects.len;
	uint32_t *order = order_objects(process, scope, interpreter, arena);
	uint32_t *moved = arena_alloc_array(arena, count + 1, sizeof(*moved));
	struct loader_object *objects = arena_alloc_array(arena, count + 1, sizeof(*objects));
	uint32_t *in_scope = arena_alloc_array(arena, count + 1, sizeof(*in_scope));
	struct loader_edge *edges =
	    arena_copy(arena, process->edges.ptr, process->edges.len * sizeof(*edges));

	for (uint32_t i = 0; i < count; i++)
		moved[order[i]] = i;
	for (size_t i = 0; i < count; i++) {
		objects[i] = process->objects.ptr[order[i]].shown;
		if (objects[i].loader != LOADER_NONE)
			objects[i].loader = moved[objects[i].loader];
	}
	ret->scope_count = 0;
	for (uint32_t i = scope->first; i != LOADER_NONE; i = scope->items.ptr[i].next)
		in_scope[ret->scope_count++] = moved[scope->items.ptr[i].object];
	for (size_t i = 0; i < process->edges.len; i++) {
		edges[i].from = moved[edges[i].from];
		if (edges[i].to != LOADER_NONE)
			edges[i].to = moved[edges[i].to];
		edges[i].trail = moved_trail(&edges[i], moved, arena);
	}
	ret->objects = objects;
	ret->object_count = count;
	ret->scope = in_scope;
	ret->edges = edges;
	ret->edge_count = process->edges.len;
	ret->missing_count = process->missing;
	ret->fatal = process->fatal;
	ret->cache_simulated = process->cache && process->cache->simulated;
}

static void start(struct process *process)
{
	const struct loader_options *options = &process->loader->options;
	const struct facts *facts = NULL;
	struct token_values values;

	process->working_directory = options->working_directory ? options->working_directory : "/";
	values = process_tokens(process, LOADER_NONE);
	values.origin = process->objects.ptr[0].origin;
	process->library_path = path_list_make(
	    process, options->library_path ? options->library_path : "", ":;", &values);
	if (process->platform->binary)
		facts = binaries_facts(process->loader->binaries, process->platform->binary);
	if (facts && facts->identity->soname.length)
		process->interpreter_soname = facts_text(facts, facts->identity->soname);
}

/* A process from its start to the point where the program would run. */
struct started {
	struct process process;
	struct name_space space;
	struct scope scope;
	const char *interpreter;
};

static void start_up(struct started *started, struct loader *loader, struct binary *binary,
		     const char *path, struct arena *arena)
{
	const struct facts *facts = binaries_facts(loader->binaries, binary);
	struct process *process = &started->process;

	*started = (struct started){
	    .process = {.loader = loader, .arena = arena, .working_directory = "/"},
	    .space = {.interpreter = LOADER_NONE},
	    .scope = {.first = LOADER_NONE},
	};
	if (facts->identity->interpreter.length)
		started->interpreter = facts_text(facts, facts->identity->interpreter);
	process->platform = loader_platform(loader, binary, started->interpreter);
	add_root(process, &started->space, binary, path);
	start(process);
	scope_append(&started->scope, process, 0);
	if (process->fatal)
		return;
	load_audits(process);
	load_preloads(process, &started->space, &started->scope,
		      loader->options.preload ? loader->options.preload : "", " :");
	load_preload_file(process, &started->space, &started->scope);
	process_walk(process, &started->space, &started->scope);
}

static void started_release(struct started *started)
{
	vec_release(&started->process.objects);
	vec_release(&started->process.edges);
	vec_release(&started->process.trail);
	vec_release(&started->scope.items);
	release_space(&started->space);
}

static enum status load_glibc(struct loader *loader, struct binary *binary, const char *path,
			      struct arena *arena, struct load_set *ret)
{
	struct started started;
	struct process *process = &started.process;

	start_up(&started, loader, binary, path, arena);
	if (started.interpreter) {
		struct search_result found = {.rule = LOADER_RULE_INTERPRETER};
		uint32_t object = process_interpreter(process, &started.space);

		process->trail.len = 0;
		process_add_edge(process, 0, object, started.interpreter,
				 LOADER_REQUEST_INTERPRETER, &found);
	}
	report_problems(process);
	fill_result(process, &started.scope, started.space.interpreter, arena, ret);
	started_release(&started);
	return STATUS_OK;
}

/* dlopen() of each name, as if it were the first: an object that is loaded, or a search. */
static enum status find_glibc(struct loader *loader, struct binary *binary, const char *path,
			      const char *const *names, size_t count, struct arena *arena,
			      struct loader_found *ret)
{
	struct started started;

	start_up(&started, loader, binary, path, arena);
	for (size_t i = 0; i < count; i++) {
		enum loader_rule rule;
		uint32_t object =
		    process_find_loaded(&started.process, &started.space, names[i], &rule);
		struct search_result found;

		if (object != LOADER_NONE) {
			const struct loader_object *shown =
			    &started.process.objects.ptr[object].shown;
			ret[i] = (struct loader_found){shown->binary, shown->path, rule};
			continue;
		}
		found = search(&started.process, 0, names[i]);
		ret[i] = (struct loader_found){found.binary, found.path, found.rule};
	}
	started_release(&started);
	return STATUS_OK;
}

const struct dialect dialect_glibc = {"glibc", fits_glibc, load_glibc, find_glibc};
