/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search for one name, after _dl_map_object(), open_path() and open_verify() of glibc 2.36's
 * elf/dl-load.c.
 */
#include <errno.h>
#include <string.h>

#include "depend/process.h"
#include "util/path.h"

#define ABI_VERSION_MAX 4 /* LIBC_ABI_MAX: the first version it does not know */

/* What became of one candidate. */
enum verdict {
	VERDICT_TAKE,
	VERDICT_NEXT,	   /* go on with the next one */
	VERDICT_STOP_LIST, /* give up on this list of directories, go on with the next rule */
	VERDICT_FATAL,
};

struct token_values process_tokens(const struct process *process, uint32_t object)
{
	struct token_values values = {NULL, process->platform->lib, process->platform->name};

	if (object != LOADER_NONE)
		values.origin = process->objects.ptr[object].origin;
	return values;
}

const char *process_absolute(const struct process *process, const char *path)
{
	return path[0] == '/' ? path : path_join(process->arena, process->working_directory, path);
}

/* fillin_rpath(): drops what expands to nothing, trims slashes, drops repetitions. */
const struct path_list *path_list_make(struct process *process, const char *text,
				       const char *separators, const struct token_values *values)
{
	struct path_list *list = arena_alloc(process->arena, sizeof(*list));
	const char **directories =
	    arena_alloc_array(process->arena, strlen(text) + 2, sizeof(*directories));

	list->directories = directories;
	if (!*text)
		return list;
	for (bool more = true; more; text++) {
		size_t length = strcspn(text, separators);
		char *item = arena_slice(process->arena, slice_of(text, length));
		bool known = false;

		text += length;
		more = *text != '\0';
		if (length) {
			item = tokens_expand(process->arena, item, values);
			if (!item || !*item)
				continue;
			length = strlen(item);
			while (length > 1 && item[length - 1] == '/')
				length--;
			item = arena_printf(process->arena, "%.*s%s", (int)length, item,
					    item[length - 1] == '/' ? "" : "/");
		}
		for (size_t i = 0; i < list->count; i++)
			known |= strcmp(directories[i], item) == 0;
		if (!known)
			directories[list->count++] = item;
	}
	return list;
}

void process_note(struct process *process, const char *path, enum loader_rule rule, uint32_t owner,
		  enum loader_candidate_result result, const char *message)
{
	if (process->loader->options.trail)
		vec_push(&process->trail,
			 ((struct loader_candidate){path, rule, result, owner, message}));
}

/* Why open_verify() would refuse this file for good; NULL: it would not. */
static const char *fatal_reason(const struct process *process, const struct binary *binary)
{
	const struct elf_ident *ident = &binary->ident;
	size_t entry =
	    process->platform->elf_class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (!ident->complete && (ident->is_elf || binary->file.size < sizeof(Elf64_Ehdr)))
		return "file too short";
	if (!ident->is_elf)
		return "invalid ELF header";
	if (ident->encoding != process->platform->encoding)
		return process->platform->encoding == ELFDATA2LSB
			   ? "ELF file data encoding not little-endian"
			   : "ELF file data encoding not big-endian";
	if (ident->version != EV_CURRENT)
		return "ELF file version ident does not match current one";
	if (ident->osabi != ELFOSABI_SYSV && ident->osabi != ELFOSABI_GNU)
		return "ELF file OS ABI invalid";
	if (ident->abi_version &&
	    (ident->osabi != ELFOSABI_GNU || ident->abi_version >= ABI_VERSION_MAX))
		return "ELF file ABI version invalid";
	if (!ident->padding_zero)
		return "nonzero padding in e_ident";
	if (ident->elf_version != EV_CURRENT)
		return "ELF file version does not match current one";
	if (ident->machine != process->platform->machine)
		return NULL; /* passed over, whatever comes after */
	if (ident->type != ET_DYN && ident->type != ET_EXEC)
		return "only ET_DYN and ET_EXEC can be loaded";
	if (ident->segment_entry_size != entry)
		return "ELF file's phentsize not the expected size";
	return NULL;
}

static bool other_class(const struct process *process, const struct binary *binary)
{
	return binary->ident.is_elf && binary->ident.complete &&
	       binary->ident.elf_class != process->platform->elf_class;
}

/* ELF_NOTE_OS_LINUX of another system: passed over like a missing file. */
static bool other_system(struct process *process, struct binary *binary)
{
	const struct facts *facts = binaries_facts(process->loader->binaries, binary);

	return facts && (facts->identity->flags & FACTS_HAS_ABI_NOTE) &&
	       facts->identity->abi_os != ELF_NOTE_OS_LINUX;
}

static enum verdict refuse(struct process *process, const char *path, enum loader_rule rule,
			   uint32_t owner, const char *reason, struct search_result *ret)
{
	process_note(process, path, rule, owner, LOADER_CANDIDATE_FATAL, reason);
	ret->rule = LOADER_RULE_FATAL;
	ret->message = arena_printf(process->arena, "%s: %s", path, reason);
	return VERDICT_FATAL;
}

static enum verdict try_path(struct process *process, const char *path, enum loader_rule rule,
			     uint32_t owner, struct search_result *ret)
{
	struct binary *binary;
	const char *reason;
	enum status status =
	    binaries_find(process->loader->binaries, process_absolute(process, path), &binary);

	if (status == STATUS_NOT_FOUND) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_MISSING, "");
		return VERDICT_NEXT;
	}
	if (status != STATUS_OK && errno != EISDIR && errno != EINVAL) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_MISSING,
			     arena_strdup(process->arena, strerror(errno)));
		return VERDICT_STOP_LIST;
	}
	if (status != STATUS_OK)
		return refuse(process, path, rule, owner, "cannot read file data", ret);
	if (other_class(process, binary)) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_WRONG_CLASS, "");
		return VERDICT_NEXT;
	}
	reason = fatal_reason(process, binary);
	if (reason)
		return refuse(process, path, rule, owner, reason, ret);
	if (binary->ident.machine != process->platform->machine) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_WRONG_MACHINE, "");
		return VERDICT_NEXT;
	}
	if (other_system(process, binary)) {
		process_note(process, path, rule, owner, LOADER_CANDIDATE_WRONG_ABI_NOTE, "");
		return VERDICT_NEXT;
	}
	process_note(process, path, rule, owner, LOADER_CANDIDATE_TAKEN, "");
	*ret = (struct search_result){.rule = rule, .binary = binary, .path = path};
	return VERDICT_TAKE;
}

/* open_path(): each directory with its sub-directories by CPU first. */
static enum verdict try_list(struct process *process, const struct path_list *list,
			     const char *name, enum loader_rule rule, uint32_t owner,
			     struct search_result *ret)
{
	const struct platform *platform = process->platform;

	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; j < platform->subdirectory_count; j++) {
			const char *sub = platform->subdirectories[j];
			const char *directory =
			    arena_printf(process->arena, "%s%s", list->directories[i], sub);
			enum verdict verdict;

			/* A directory that is not there is not tried again; "" is the working one.
			 */
			if (*directory &&
			    !loader_directory_exists(process->loader,
						     process_absolute(process, directory))) {
				if (!*sub)
					process_note(
					    process,
					    arena_printf(process->arena, "%s%s", directory, name),
					    rule, owner, LOADER_CANDIDATE_MISSING, "");
				continue;
			}
			verdict =
			    try_path(process, arena_printf(process->arena, "%s%s", directory, name),
				     rule, owner, ret);
			if (verdict != VERDICT_NEXT)
				return verdict;
		}
	}
	return VERDICT_NEXT;
}

static const struct path_list *object_list(struct process *process, uint32_t index, int64_t tag)
{
	struct process_object *object = &process->objects.ptr[index];
	const struct path_list **list = tag == DT_RPATH ? &object->rpath : &object->runpath;
	struct token_values values;
	const char *text;

	if (*list)
		return *list;
	text = object->facts ? facts_dynamic_text(object->facts, tag) : NULL;
	/* An object with DT_RUNPATH has no DT_RPATH (get-dynamic-info.h). */
	if (text && tag == DT_RPATH && facts_dynamic_text(object->facts, DT_RUNPATH))
		text = NULL;
	values = process_tokens(process, index);
	*list = path_list_make(process, text ? text : "", ":", &values);
	return *list;
}

static bool has_runpath(const struct process *process, uint32_t requester)
{
	const struct facts *facts =
	    requester == LOADER_NONE ? NULL : process->objects.ptr[requester].facts;

	return facts && facts_dynamic_text(facts, DT_RUNPATH);
}

/* The requester's DT_RPATH, those of all that loaded it, and the program's. */
static enum verdict try_rpaths(struct process *process, uint32_t requester, const char *name,
			       struct search_result *ret)
{
	bool did_root = false;

	if (has_runpath(process, requester))
		return VERDICT_NEXT;
	for (uint32_t i = requester; i != LOADER_NONE; i = process->objects.ptr[i].shown.loader) {
		enum verdict verdict = try_list(process, object_list(process, i, DT_RPATH), name,
						LOADER_RULE_RPATH, i, ret);
		if (verdict == VERDICT_TAKE || verdict == VERDICT_FATAL)
			return verdict;
		did_root |= i == 0;
	}
	if (did_root)
		return VERDICT_NEXT;
	return try_list(process, object_list(process, 0, DT_RPATH), name, LOADER_RULE_RPATH, 0,
			ret);
}

static bool no_default_libraries(const struct process *process, uint32_t requester)
{
	const struct facts *facts =
	    process->objects.ptr[requester == LOADER_NONE ? 0 : requester].facts;

	return facts && (facts->identity->dynamic_flags_1 & DF_1_NODEFLIB);
}

static enum verdict try_cache(struct process *process, uint32_t requester, const char *name,
			      struct search_result *ret)
{
	const struct platform *platform = process->platform;
	const struct ldcache_entry *entry;

	if (!process->cache)
		process->cache = loader_cache(process->loader, platform);
	entry = ldcache_find(process->cache, name, platform);
	if (!entry)
		return VERDICT_NEXT;
	for (size_t i = 0;
	     no_default_libraries(process, requester) && i < platform->system_directory_count;
	     i++) {
		const char *directory = platform->system_directories[i];

		/* As ld.so compares: the directory without its slash, as a prefix of bytes. */
		if (strncmp(entry->path, directory, strlen(directory) - 1) == 0) {
			process_note(process, entry->path, LOADER_RULE_CACHE, LOADER_NONE,
				     LOADER_CANDIDATE_DISABLED, "DF_1_NODEFLIB");
			return VERDICT_NEXT;
		}
	}
	return try_path(process, entry->path, LOADER_RULE_CACHE, LOADER_NONE, ret);
}

static enum verdict try_rules(struct process *process, uint32_t requester, const char *name,
			      struct search_result *ret)
{
	struct path_list system = {process->platform->system_directories,
				   process->platform->system_directory_count};
	enum verdict verdict = try_rpaths(process, requester, name, ret);

	if (verdict == VERDICT_NEXT || verdict == VERDICT_STOP_LIST)
		verdict = try_list(process, process->library_path, name, LOADER_RULE_LIBRARY_PATH,
				   LOADER_NONE, ret);
	if ((verdict == VERDICT_NEXT || verdict == VERDICT_STOP_LIST) && requester != LOADER_NONE)
		verdict = try_list(process, object_list(process, requester, DT_RUNPATH), name,
				   LOADER_RULE_RUNPATH, requester, ret);
	if (verdict == VERDICT_NEXT || verdict == VERDICT_STOP_LIST)
		verdict = try_cache(process, requester, name, ret);
	if ((verdict == VERDICT_NEXT || verdict == VERDICT_STOP_LIST) &&
	    !no_default_libraries(process, requester))
		verdict = try_list(process, &system, name, LOADER_RULE_SYSTEM_DIRECTORY,
				   LOADER_NONE, ret);
	return verdict;
}

struct search_result search(struct process *process, uint32_t requester, const char *name)
{
	struct search_result result = {.rule = LOADER_RULE_NOT_FOUND};
	struct token_values values;
	const char *path;

	process->trail.len = 0;
	if (!strchr(name, '/')) {
		try_rules(process, requester, name, &result);
		return result;
	}
	values = process_tokens(process, requester == LOADER_NONE ? 0 : requester);
	path = tokens_expand(process->arena, name, &values);
	if (path && *path)
		try_path(process, path, LOADER_RULE_PATH, LOADER_NONE, &result);
	return result;
}
