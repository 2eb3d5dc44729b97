/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process as musl's dynamic linker makes it, after ldso/dynlink.c of musl 1.2.3: one list of
 * objects that is walked while it grows. A name is answered by the base name another object was
 * found under, never by a DT_SONAME; DT_RPATH and DT_RUNPATH are one thing, of the requester and
 * all that needed it; the first file that can be opened is taken, and what is wrong with it is an
 * error.
 */
#include <errno.h>
#include <string.h>

#include "depend/process.h"
#include "util/budget.h"
#include "util/path.h"

#define DEFAULT_PATH "/lib:/usr/local/lib:/usr/lib"
#define SEPARATORS ":\n"
#define PATH_FILE_SIZE (UINT64_C(1) << 20)
#define NAME_LENGTH 255	   /* NAME_MAX: a longer name is not searched */
#define CANDIDATE_SIZE 512 /* of a buffer; a longer path is passed over */

/* What became of one list of directories. */
enum outcome {
	OUTCOME_NONE, /* go on with the next list */
	OUTCOME_FOUND,
	OUTCOME_STOP, /* the search ends there, without a library */
};

static const struct {
	uint16_t machine;
	uint8_t elf_class;
	const char *names[3]; /* as in ld-musl-NAME.so.1 */
} machines[] = {
    {EM_X86_64, ELFCLASS64, {"x86_64", NULL}},
    {EM_X86_64, ELFCLASS32, {"x32", NULL}},
    {EM_386, ELFCLASS32, {"i386", NULL}},
    {EM_AARCH64, ELFCLASS64, {"aarch64", "aarch64_be", NULL}},
    {EM_ARM, ELFCLASS32, {"armhf", "arm", NULL}},
    {EM_PPC64, ELFCLASS64, {"powerpc64le", "powerpc64", NULL}},
    {EM_PPC, ELFCLASS32, {"powerpc", NULL}},
    {EM_S390, ELFCLASS64, {"s390x", NULL}},
    {EM_RISCV, ELFCLASS64, {"riscv64", NULL}},
    {EM_MIPS, ELFCLASS32, {"mipsel", "mips", NULL}},
    {EM_MIPS, ELFCLASS64, {"mips64el", "mips64", NULL}},
};

/* ---- which files it is for ---- */

/* The musl interpreter that a root has for files like this one, or NULL. */
static const char *interpreter_of_root(struct loader *loader, const struct binary *like)
{
	struct root *root = binaries_root(loader->binaries);
	struct root_file file;

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].machine != like->ident.machine ||
		    machines[i].elf_class != like->ident.elf_class)
			continue;
		for (size_t j = 0; machines[i].names[j]; j++) {
			const char *path = arena_printf(&loader->arena, "/lib/ld-musl-%s.so.1",
							machines[i].names[j]);
			if (root_stat(root, path, true, &file) == STATUS_OK)
				return path;
		}
	}
	return NULL;
}

/* What the needs of a library say of the C library it was linked with. */
static bool needs_libc(const struct facts *facts, bool *ret_musl)
{
	const struct facts_dynamic *entry;
	size_t at = 0;

	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *name = facts_text(facts, entry->text);

		*ret_musl = strcmp(name, "libc.so") == 0 || strncmp(name, "libc.musl-", 10) == 0;
		if (*ret_musl || strncmp(name, "libc.so.", 8) == 0)
			return true;
	}
	return false;
}

/*
 * A library names no interpreter: its own needs tell, and where they do not, what the root has.
 */
static bool fits_musl(struct loader *loader, const char *interpreter, const struct binary *root)
{
	bool musl = false;

	if (interpreter)
		return strncmp(path_name(interpreter), "ld-musl-", 8) == 0;
	if (needs_libc(&root->facts, &musl))
		return musl;
	return interpreter_of_root(loader, root) &&
	       !loader_platform(loader, root, NULL)->binary; /* the other C library's */
}

/* ---- one name ---- */

/* Why map_library() would refuse it; NULL: it would not. It does not look at the machine. */
static const char *refusal(const struct process *process, struct binary *binary)
{
	const struct elf_ident *ident = &binary->ident;
	const struct facts *facts;

	if (!ident->is_elf || !ident->complete ||
	    ident->elf_class != process->platform->elf_class ||
	    ident->encoding != process->platform->encoding ||
	    (ident->type != ET_DYN && ident->type != ET_EXEC))
		return "Exec format error";
	facts = binaries_facts(process->loader->binaries, binary);
	return facts && !(facts->identity->flags & FACTS_HAS_DYNAMIC) ? "Exec format error" : NULL;
}

static enum outcome try_file(struct process *process, const char *path, enum loader_rule rule,
			     uint32_t owner, struct search_result *ret)
{
	struct binary *binary;
	enum status status =
	    binaries_find(process->loader->binaries, process_absolute(process, path), &binary);
	int error = errno;
	const char *reason;

	if (status == STATUS_NOT_FOUND || (status == STATUS_IO && error == ENAMETOOLONG)) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_MISSING, "");
		return OUTCOME_NONE;
	}
	reason = status == STATUS_OK ? refusal(process, binary) : strerror(error);
	if (reason) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_FATAL,
			     arena_strdup(process->arena, reason));
		return OUTCOME_STOP;
	}
	process_note(process, path, rule, owner, LOADER_CANDIDATE_TAKEN, "");
	*ret = (struct search_result){.rule = rule, .binary = binary, .path = path};
	return OUTCOME_FOUND;
}

static enum outcome try_path(struct process *process, const char *name, const char *list,
			     enum loader_rule rule, uint32_t owner, struct search_result *ret)
{
	struct slice rest = slice_text(list), item;
	enum outcome outcome = OUTCOME_NONE;

	while (outcome == OUTCOME_NONE && slice_token(&rest, SEPARATORS, &item)) {
		const char *path = arena_printf(process->arena, "%.*s/%s", (int)item.len,
						(const char *)item.ptr, name);

		if (strlen(path) < CANDIDATE_SIZE)
			outcome = try_file(process, path, rule, owner, ret);
	}
	return outcome;
}

/* $ORIGIN and ${ORIGIN}, whatever follows: "$ORIGINAL" is the origin and "AL". */
static const char *expand(struct arena *arena, const char *text, const char *origin)
{
	size_t size = strlen(text) + 1, used = 0, length = strlen(origin);
	const char *at;
	char *out;

	for (at = text; (at = strchr(at, '$')); at++)
		size += length;
	out = arena_alloc(arena, size);
	while ((at = strchr(text, '$'))) {
		memcpy(out + used, text, (size_t)(at - text));
		used += (size_t)(at - text);
		memcpy(out + used, origin, length);
		used += length;
		text = at + (at[1] == '{' ? 9 : 7);
	}
	memcpy(out + used, text, strlen(text) + 1);
	return out;
}

/* The run path of an object with $ORIGIN expanded; NULL: none, or another token is in it. */
static const char *run_path(struct process *process, uint32_t index)
{
	const struct process_object *object = &process->objects.ptr[index];
	const char *text, *at;

	if (!object->facts)
		return NULL;
	text = facts_dynamic_text(object->facts, DT_RUNPATH);
	if (!text)
		text = facts_dynamic_text(object->facts, DT_RPATH);
	for (at = text; at && (at = strchr(at, '$')); at++)
		if (strncmp(at, "$ORIGIN", 7) != 0 && strncmp(at, "${ORIGIN}", 9) != 0)
			return NULL;
	if (!text || !strchr(text, '$') || !object->origin)
		return text;
	return expand(process->arena, text, object->origin);
}

/* PREFIX/etc/ld-musl-ARCH.path, where the interpreter is PREFIX/lib/ld-musl-ARCH.so.1. */
static const char *system_path(struct process *process)
{
	const char *interpreter = process->platform->interpreter;
	const char *name = path_name(interpreter), *end, *list = DEFAULT_PATH, *file;
	size_t prefix = 0, last = 0;
	struct slice text;
	enum status status;

	if (strncmp(name, "ld-musl-", 8) != 0 || !(end = strstr(name, ".so")))
		return list;
	for (size_t i = 0; interpreter[0] == '/' && interpreter[i]; i++) {
		if (interpreter[i] != '/')
			continue;
		prefix = last;
		last = i;
	}
	file = arena_printf(process->arena, "%.*s/etc/%.*s.path", (int)prefix, interpreter,
			    (int)(end - name), name);
	status = root_read(binaries_root(process->loader->binaries),
			   process_absolute(process, file), PATH_FILE_SIZE, process->arena, &text);
	if (status == STATUS_OK)
		return (const char *)text.ptr; /* NUL-terminated; up to a NUL in it */
	return status == STATUS_NOT_FOUND ? list : "";
}

static enum outcome search_name(struct process *process, uint32_t requester, const char *name,
				struct search_result *ret)
{
	enum outcome outcome = OUTCOME_NONE;

	if (process->loader->options.library_path)
		outcome = try_path(process, name, process->loader->options.library_path,
				   LOADER_RULE_LIBRARY_PATH, LOADER_NONE, ret);
	for (uint32_t i = requester; outcome == OUTCOME_NONE && i != LOADER_NONE;
	     i = process->objects.ptr[i].shown.loader) {
		const char *list = run_path(process, i);

		if (list)
			outcome = try_path(process, name, list, LOADER_RULE_RPATH, i, ret);
	}
	if (outcome == OUTCOME_NONE) {
		if (!process->system_path)
			process->system_path = system_path(process);
		outcome = try_path(process, name, process->system_path,
				   LOADER_RULE_SYSTEM_DIRECTORY, LOADER_NONE, ret);
	}
	return outcome;
}

/* Names of the C library in all its former parts, and the interpreter's own. */
static bool is_own_name(const struct process *process, const char *name)
{
	static const char *const reserved[] = {"c.",  "pthread.", "rt.",  "m.",
					       "dl.", "util.",	  "xnet."};

	for (size_t i = 0; strncmp(name, "lib", 3) == 0 && i < sizeof(reserved) / sizeof(*reserved);
	     i++)
		if (strncmp(name + 3, reserved[i], strlen(reserved[i])) == 0)
			return true;
	return strcmp(name, process->platform->interpreter) == 0;
}

static bool defines(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->symbols_count; i++)
		if (!(facts->symbols[i].flags & FACTS_SYMBOL_UNDEFINED) &&
		    strcmp(facts_text(facts, facts->symbols[i].name), name) == 0)
			return true;
	return false;
}

/* A C library under another name stands for the one that is there. */
static bool is_libc(struct binaries *binaries, struct binary *binary)
{
	const struct facts *facts = binaries_facts(binaries, binary);

	if (!facts)
		return false;
	if (!(facts->identity->groups & FACTS_SYMBOLS)) /* not read: its names tell as well */
		return strncmp(facts_text(facts, facts->identity->soname), "libc.", 5) == 0 ||
		       strncmp(path_name(binaries_path(binaries, binary)), "libc.", 5) == 0;
	return defines(facts, "__libc_start_main") && defines(facts, "stdin");
}

/* What a file found by search is called from then on, if it came in by a path. */
static void add_short_name(struct process *process, struct name_space *space, uint32_t object)
{
	const char *name = path_name(process->objects.ptr[object].shown.path);
	struct map_entry *entry = map_put(&space->names, slice_text(name), object, NULL);

	if (object < entry->value)
		entry->value = object;
}

/* load_library(): the object for a name, loaded now if need be; LOADER_NONE when it fails. */
static uint32_t load_library(struct process *process, struct name_space *space, uint32_t requester,
			     const char *name, enum loader_request request,
			     struct search_result *found)
{
	bool by_path = strchr(name, '/') != NULL;
	const struct map_entry *known;
	struct binary *binary;
	uint32_t object;
	const char *key;

	process->trail.len = 0;
	*found = (struct search_result){.rule = LOADER_RULE_NOT_FOUND};
	if (is_own_name(process, name)) {
		found->rule = LOADER_RULE_INTERPRETER;
		return process_interpreter(process, space);
	}
	known = by_path ? NULL : map_get(&space->names, slice_text(name));
	if (known) {
		found->rule = LOADER_RULE_LOADED_NAME;
		return known->value;
	}
	if (by_path)
		try_file(process, name, LOADER_RULE_PATH, LOADER_NONE, found);
	else if (*name && strlen(name) <= NAME_LENGTH)
		search_name(process, requester, name, found);
	binary = found->binary;
	if (!binary) {
		found->rule = LOADER_RULE_NOT_FOUND;
		return request == LOADER_REQUEST_NEEDED
			   ? process_add_object(process, space, requester, name, request, found)
			   : LOADER_NONE;
	}
	key = arena_printf(process->arena, "%u", binary->id);
	known = map_get(&space->files, slice_text(key));
	if (known) {
		if (!by_path)
			add_short_name(process, space, known->value);
		found->rule = LOADER_RULE_LOADED_FILE;
		return known->value;
	}
	if (is_libc(process->loader->binaries, binary)) {
		found->rule = LOADER_RULE_INTERPRETER;
		return process_interpreter(process, space);
	}
	if (binary->ident.machine != process->platform->machine && !process->fatal)
		process->fatal =
		    arena_printf(process->arena, "%s: for another machine", found->path);
	object = process_add_object(process, space, requester, name, request, found);
	map_put(&space->files, slice_text(key), object, NULL);
	return object;
}

/* ---- the process ---- */

static void load_preloads(struct process *process, struct name_space *space, struct scope *scope)
{
	const char *list = process->loader->options.preload;
	struct slice rest = slice_text(list ? list : ""), item;

	while (slice_token(&rest, ": \t\n\v\f\r", &item)) {
		struct search_result found;
		const char *name = arena_slice(process->arena, item);
		uint32_t object =
		    load_library(process, space, LOADER_NONE, name, LOADER_REQUEST_PRELOAD, &found);

		process_add_edge(process, 0, object, name, LOADER_REQUEST_PRELOAD, &found);
		if (object != LOADER_NONE)
			scope_append(scope, process, object);
	}
}

static bool load_needs(struct process *process, struct name_space *space, struct scope *scope,
		       uint32_t owner)
{
	const struct facts *facts = process->objects.ptr[owner].facts;
	const struct facts_dynamic *entry;
	size_t at = 0;

	/* musl does not walk its own needs; it has none. */
	if (!facts || owner == space->interpreter)
		return true;
	while ((entry = facts_dynamic_next(facts, DT_NEEDED, &at))) {
		const char *name = facts_text(facts, entry->text);
		struct search_result found;
		uint32_t object;

		if (!entry->has_text)
			continue;
		object = load_library(process, space, owner, name, LOADER_REQUEST_NEEDED, &found);
		process_add_edge(process, owner, object, name, LOADER_REQUEST_NEEDED, &found);
		if (object != LOADER_NONE)
			scope_append(scope, process, object);
		if (process->objects.len >= BUDGET_LOAD_SET) {
			diag_add(process->loader->diags, DIAG_LIMIT_REACHED,
				 process->objects.ptr[0].shown.path, DIAG_NO_OFFSET,
				 "more than %u objects in one process", BUDGET_LOAD_SET);
			return false;
		}
	}
	return true;
}

/* The process with nothing but the program or library in it. */
static void begin(struct process *process, struct name_space *space, struct binary *binary,
		  const char *path)
{
	struct loader *loader = process->loader;
	const struct facts *facts = binaries_facts(loader->binaries, binary);
	bool program = facts->identity->interpreter.length != 0;
	struct search_result found = {LOADER_RULE_ROOT, binary, path, NULL};
	const char *interpreter = program ? facts_text(facts, facts->identity->interpreter)
					  : interpreter_of_root(loader, binary);

	process->platform = loader_platform(loader, binary, interpreter);
	process->working_directory =
	    loader->options.working_directory ? loader->options.working_directory : "/";
	process_add_object(process, space, LOADER_NONE, path, LOADER_REQUEST_ROOT, &found);
	/* $ORIGIN of what the kernel has started is where /proc/self/exe leads. */
	if (program)
		process->objects.ptr[0].origin =
		    path_directory(process->arena, binaries_path(loader->binaries, binary));
	/* The program answers to no name, and its file can be loaded once more. */
	map_release(&space->names);
}

static enum status load_musl(struct loader *loader, struct binary *binary, const char *path,
			     struct arena *arena, struct load_set *ret)
{
	struct process process = {.loader = loader, .arena = arena};
	struct name_space space = {.interpreter = LOADER_NONE};
	struct scope scope = {.first = LOADER_NONE};
	struct search_result found = {.rule = LOADER_RULE_INTERPRETER};
	const struct facts *facts = binaries_facts(loader->binaries, binary);

	begin(&process, &space, binary, path);
	scope_append(&scope, &process, 0);
	load_preloads(&process, &space, &scope);
	for (uint32_t i = scope.first; i != LOADER_NONE; i = scope.items.ptr[i].next)
		if (!load_needs(&process, &space, &scope, scope.items.ptr[i].object))
			break;
	if (facts->identity->interpreter.length) {
		uint32_t object = process_interpreter(&process, &space);

		process.trail.len = 0;
		process_add_edge(&process, 0, object, process.platform->interpreter,
				 LOADER_REQUEST_INTERPRETER, &found);
	}
	process_finish(&process, &scope, space.interpreter, arena, ret);
	vec_release(&scope.items);
	name_space_release(&space);
	return STATUS_OK;
}

/*
 * musl searches for what is opened at run time on behalf of the program, whoever asks. Of a caller
 * that is a library the program is not known, and its run path is not searched.
 */
static struct binary *find_musl(struct loader *loader, struct binary *caller, const char *path,
				const char *name, struct arena *arena, enum loader_rule *ret_rule)
{
	struct process process = {.loader = loader, .arena = arena};
	struct name_space space = {.interpreter = LOADER_NONE};
	const struct facts *facts = binaries_facts(loader->binaries, caller);
	struct search_result found;
	struct binary *binary = NULL;
	uint32_t object;

	begin(&process, &space, caller, path);
	object =
	    load_library(&process, &space, facts->identity->interpreter.length ? 0 : LOADER_NONE,
			 name, LOADER_REQUEST_PRELOAD, &found);
	if (object != LOADER_NONE)
		binary = process.objects.ptr[object].shown.binary;
	*ret_rule = found.rule;
	process_release(&process);
	name_space_release(&space);
	return binary;
}

const struct dialect dialect_musl = {"musl", fits_musl, load_musl, find_musl};
