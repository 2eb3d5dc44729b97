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

static bool fits_glibc(struct loader *loader, const char *interpreter, const struct binary *root)
{
	const char *name;

	(void)loader;
	if (root->ident.osabi != ELFOSABI_SYSV && root->ident.osabi != ELFOSABI_GNU)
		return false;
	if (!interpreter) /* a library, or a program that runs as "ld.so FILE" does */
		return true;
	name = path_name(interpreter);
	return strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld64.so", 7) == 0 ||
	       strcmp(name, "ld.so.1") == 0;
}

/* ---- start-up: what rtld.c loads before it walks ---- */

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
	diag_add(process->loader->diags, DIAG_LOADER_AUDIT, process_root_path(process),
		 DIAG_NO_OFFSET, "%s %s", loader_request_text(request), name);
	if (object != LOADER_NONE) {
		scope_append(&scope, process, object);
		process_walk(process, &space, &scope);
	}
	process->fatal = fatal; /* an audit library that fails is left out */
	vec_release(&scope.items);
	name_space_release(&space);
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

static enum status load_glibc(struct loader *loader, struct binary *binary, const char *path,
			      struct arena *arena, struct load_set *ret)
{
	struct process process = {.loader = loader, .arena = arena};
	struct name_space space = {.interpreter = LOADER_NONE};
	struct scope scope = {.first = LOADER_NONE};
	const struct facts *facts = binaries_facts(loader->binaries, binary);
	const char *interpreter = facts->identity->interpreter.length
				      ? facts_text(facts, facts->identity->interpreter)
				      : NULL;

	process.platform = loader_platform(loader, binary, interpreter);
	process.working_directory = "/";
	add_root(&process, &space, binary, path);
	start(&process);
	scope_append(&scope, &process, 0);
	if (!process.fatal) {
		load_audits(&process);
		load_preloads(&process, &space, &scope,
			      loader->options.preload ? loader->options.preload : "", " :");
		load_preload_file(&process, &space, &scope);
		process_walk(&process, &space, &scope);
	}
	if (interpreter) {
		struct search_result found = {.rule = LOADER_RULE_INTERPRETER};
		uint32_t object = process_interpreter(&process, &space);

		process.trail.len = 0;
		process_add_edge(&process, 0, object, interpreter, LOADER_REQUEST_INTERPRETER,
				 &found);
	}
	process_finish(&process, &scope, space.interpreter, arena, ret);
	vec_release(&scope.items);
	name_space_release(&space);
	return STATUS_OK;
}

/*
 * The caller stands alone in its process: of what else is loaded, names lead to the same files, and
 * DT_RPATH of programs that load the caller is not known.
 */
static struct binary *find_glibc(struct loader *loader, struct binary *caller, const char *path,
				 const char *name, struct arena *arena, enum loader_rule *ret_rule)
{
	struct process process = {.loader = loader, .arena = arena};
	struct name_space space = {.interpreter = LOADER_NONE};
	const struct facts *facts = binaries_facts(loader->binaries, caller);
	struct search_result found;

	process.platform = loader_platform(loader, caller,
					   facts->identity->interpreter.length
					       ? facts_text(facts, facts->identity->interpreter)
					       : NULL);
	process.working_directory = "/";
	add_root(&process, &space, caller, path);
	start(&process);
	found = search(&process, 0, name);
	*ret_rule = found.rule;
	process_release(&process);
	name_space_release(&space);
	return found.binary;
}

const struct dialect dialect_glibc = {"glibc", fits_glibc, load_glibc, find_glibc};
