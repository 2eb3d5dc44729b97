/* SPDX-License-Identifier: BSD-2-Clause */
/* What ldconfig would write: /etc/ld.so.conf with its includes, and the directories it names. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "depend/ldcache.h"
#include "util/budget.h"
#include "util/path.h"

#define CONF "/etc/ld.so.conf"
#define CONF_DEPTH 16
#define CONF_SIZE (UINT64_C(1) << 20)

/* A file that is being read, or one to be read when those above it on the stack are done. */
struct conf_text {
	const char *path;
	struct slice rest;
	size_t line;
	bool open;
};

struct conf {
	struct binaries *binaries;
	struct root *root;
	struct arena *arena;
	struct diags *diags;
	VEC(struct conf_text) stack; /* innermost last; of files not yet open the first is last */
	size_t depth;		     /* open ones */
	VEC(const char *) directories;
	struct map seen; /* device and inode of directories that are listed */
};

/* One library of a directory, under the name it is looked up by. */
struct library {
	const char *key, *name; /* name: of the directory entry */
	bool is_link;
	uint16_t machine;
	uint8_t elf_class;
};

static void add_directory(struct conf *conf, const char *path)
{
	struct root_file file;
	uint64_t *key;
	bool added;

	if (root_stat(conf->root, path, true, &file) != STATUS_OK || !S_ISDIR(file.mode) ||
	    conf->directories.len == BUDGET_SEARCH_DIRECTORIES)
		return;
	key = arena_alloc_array(conf->arena, 2, sizeof(*key));
	key[0] = file.device;
	key[1] = file.inode;
	map_put(&conf->seen, slice_of(key, 2 * sizeof(*key)), 0, &added);
	if (added)
		vec_push(&conf->directories, path);
}

/* Opens the file on top of the stack, or takes it away. */
static void open_conf(struct conf *conf)
{
	struct conf_text *text = &conf->stack.ptr[conf->stack.len - 1];
	enum status status = STATUS_LIMIT;

	if (conf->depth == CONF_DEPTH)
		diag_add(conf->diags, DIAG_LIMIT_REACHED, text->path, DIAG_NO_OFFSET,
			 "more than %d files include each other", CONF_DEPTH);
	else
		status = root_read(conf->root, text->path, CONF_SIZE, conf->arena, &text->rest);
	if (status == STATUS_OK) {
		text->open = true;
		conf->depth++;
		return;
	}
	if (status != STATUS_NOT_FOUND && conf->depth < CONF_DEPTH)
		diag_add(conf->diags, DIAG_LOADER_CONF_BAD, text->path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
	conf->stack.len--;
}

/* The files of one include pattern, in byte order; only its last component may hold wildcards. */
static void include(struct conf *conf, const char *from, struct slice pattern_text)
{
	char *pattern = arena_slice(conf->arena, pattern_text), *directory;
	struct root_entry *entries;
	size_t count = 0;

	if (pattern[0] != '/')
		pattern = path_join(conf->arena, path_directory(conf->arena, from), pattern);
	directory = path_directory(conf->arena, pattern);
	if (strpbrk(directory, "*?[")) {
		diag_add(conf->diags, DIAG_LOADER_CONF_BAD, from, DIAG_NO_OFFSET,
			 "wildcards in a directory name: %s", pattern);
		return;
	}
	if (root_list(conf->root, directory, conf->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = count; i-- > 0;)
		if (fnmatch(path_name(pattern), entries[i].name, FNM_PERIOD) == 0)
			vec_push(&conf->stack,
				 ((struct conf_text){
				     .path = path_join(conf->arena, directory, entries[i].name)}));
}

static void read_line(struct conf *conf, const char *path, size_t number, struct slice line)
{
	const uint8_t *comment = memchr(line.ptr, '#', line.len);
	struct slice word, rest;

	if (comment)
		line.len = (size_t)(comment - line.ptr);
	line = slice_trim(line);
	rest = line;
	if (!slice_token(&rest, " \t", &word))
		return;
	if (slice_equal_text(word, "include")) {
		/* Later patterns go in first: the stack gives them back in order. */
		struct slice patterns[64];
		size_t count = 0;
		while (count < 64 && slice_token(&rest, " \t", &word))
			patterns[count++] = word;
		while (count)
			include(conf, path, patterns[--count]);
		return;
	}
	if (slice_equal_text(word, "hwcap"))
		return; /* obsolete, ignored by ldconfig too */
	if (word.ptr[0] != '/') {
		diag_add(conf->diags, DIAG_LOADER_CONF_BAD, path, DIAG_NO_OFFSET,
			 "line %zu: a relative directory", number);
		return;
	}
	/* A directory name may hold blanks; a type behind "=" is of old. */
	while (line.len > 1 && line.ptr[line.len - 1] == '/')
		line.len--;
	add_directory(conf, path_absolute(conf->arena, "/", arena_slice(conf->arena, line)));
}

static void read_conf(struct conf *conf)
{
	vec_push(&conf->stack, ((struct conf_text){.path = CONF}));
	while (conf->stack.len) {
		struct conf_text *text = &conf->stack.ptr[conf->stack.len - 1];
		struct slice line;
		const char *path;
		size_t number;

		if (!text->open) {
			open_conf(conf);
			continue;
		}
		if (!slice_line(&text->rest, &line)) {
			conf->stack.len--;
			conf->depth--;
			continue;
		}
		/* An include grows the stack, which may move it. */
		path = text->path;
		number = ++text->line;
		read_line(conf, path, number, line);
	}
}

/* Names ldconfig looks at: lib*.so*, ld-*.so*, and nothing a package manager left half done. */
static bool is_library_name(const char *name)
{
	size_t length = strlen(name);

	if ((strncmp(name, "lib", 3) != 0 && strncmp(name, "ld-", 3) != 0) || !strstr(name, ".so"))
		return false;
	if (name[length - 1] == '~' || strchr(name, ';') || strstr(name, ".#prelink#"))
		return false;
	return !(length > 9 && (strcmp(name + length - 9, ".dpkg-new") == 0 ||
				strcmp(name + length - 9, ".dpkg-tmp") == 0));
}

static bool describe(struct conf *conf, const char *directory, const struct root_entry *entry,
		     bool hwcaps, struct library *ret)
{
	const char *path = path_join(conf->arena, directory, entry->name), *soname;
	const struct facts *facts;
	struct binary *binary;
	size_t length = strlen(entry->name);

	if (!is_library_name(entry->name) ||
	    (entry->type != ROOT_REGULAR && entry->type != ROOT_SYMLINK) ||
	    binaries_find(conf->binaries, path, &binary) != STATUS_OK || !binary->ident.is_elf ||
	    !binary->ident.complete || !(facts = binaries_facts(conf->binaries, binary)) ||
	    facts->identity->elf_type != ET_DYN)
		return false;
	soname = facts->identity->soname.length ? facts_text(facts, facts->identity->soname)
						: path_name(binaries_path(conf->binaries, binary));
	*ret = (struct library){soname, entry->name, entry->type == ROOT_SYMLINK,
				binary->ident.machine, binary->ident.elf_class};
	/* A link counts under its own name when it is the SONAME or the one for ld(1). */
	if (ret->is_link && strcmp(entry->name, soname) != 0 &&
	    (length < 3 || strcmp(entry->name + length - 3, ".so") != 0 ||
	     strncmp(entry->name, soname, length) != 0))
		ret->is_link = false;
	if (ret->is_link || hwcaps)
		ret->key = entry->name;
	return true;
}

static void add_library(struct ldcache *cache, struct conf *conf, const char *directory,
			const struct library *library, const struct platform *platform,
			const char *hwcaps_name)
{
	struct ldcache_entry entry = {
	    .key = arena_strdup(&cache->arena, library->key),
	    .flags = platform->cache_flags,
	    .hwcaps_name = hwcaps_name,
	};
	char *by_key = path_join(&cache->arena, directory, library->key);
	struct root_file file;

	/* ldconfig makes the SONAME link that may be missing here. */
	if (root_stat(conf->root, by_key, true, &file) == STATUS_OK)
		entry.path = by_key;
	else
		entry.path = path_join(&cache->arena, directory, library->name);
	ldcache_add(cache, &entry);
}

/* Of several files with one key: a file beats a link, then the higher name does. */
static bool beats(const struct library *challenger, const struct library *holder)
{
	if (challenger->is_link != holder->is_link)
		return !challenger->is_link;
	return ldcache_compare_names(holder->name, challenger->name) < 0;
}

static void read_directory(struct ldcache *cache, struct conf *conf, const char *directory,
			   const struct platform *platform, const char *hwcaps_name)
{
	VEC(struct library) list = {0};
	struct map by_key = {0};
	struct root_entry *entries;
	size_t count;

	if (root_list(conf->root, directory, conf->arena, &entries, &count) != STATUS_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		struct binary *binary;
		if (is_library_name(entries[i].name) &&
		    binaries_find(conf->binaries,
				  path_join(conf->arena, directory, entries[i].name),
				  &binary) == STATUS_OK &&
		    binary->ident.is_elf)
			binaries_prefetch(conf->binaries, binary);
	}
	for (size_t i = 0; i < count; i++) {
		struct library library;
		struct map_entry *entry;
		bool added;

		if (!describe(conf, directory, &entries[i], hwcaps_name != NULL, &library) ||
		    library.machine != platform->machine ||
		    library.elf_class != platform->elf_class)
			continue;
		entry = map_put(&by_key, slice_text(library.key), (uint32_t)list.len, &added);
		if (added)
			vec_push(&list, library);
		else if (beats(&library, &list.ptr[entry->value]))
			list.ptr[entry->value] = library;
	}
	vec_each (library, &list)
		add_library(cache, conf, directory, library, platform, hwcaps_name);
	vec_release(&list);
	map_release(&by_key);
}

void ldcache_simulate(struct ldcache *cache, struct binaries *binaries,
		      const struct platform *platform, struct diags *diags)
{
	struct conf conf = {.binaries = binaries,
			    .root = binaries_root(binaries),
			    .arena = &cache->arena,
			    .diags = diags};

	cache->simulated = true;
	read_conf(&conf);
	/* The built-in directories come last. */
	for (size_t i = 0; i < platform->system_directory_count; i++)
		add_directory(&conf,
			      path_absolute(&cache->arena, "/", platform->system_directories[i]));
	for (size_t i = 0; i < conf.directories.len; i++) {
		const char *directory = conf.directories.ptr[i];

		for (size_t j = 0; j < platform->hwcaps_count; j++)
			read_directory(cache, &conf,
				       arena_printf(&cache->arena, "%s/glibc-hwcaps/%s", directory,
						    platform->hwcaps[j]),
				       platform, platform->hwcaps[j]);
		read_directory(cache, &conf, directory, platform, NULL);
	}
	vec_release(&conf.stack);
	vec_release(&conf.directories);
	map_release(&conf.seen);
}
