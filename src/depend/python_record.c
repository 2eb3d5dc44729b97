/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_record.h"

#include <string.h>

#include "util/budget.h"
#include "util/path.h"

static bool ends_with(struct slice text, const char *suffix)
{
	size_t length = strlen(suffix);

	return text.len >= length && memcmp(text.ptr + text.len - length, suffix, length) == 0;
}

static size_t start_of_name(struct slice path)
{
	size_t start = path.len;

	while (start && path.ptr[start - 1] != '/')
		start--;
	return start;
}

struct slice python_module_of_path(struct slice path)
{
	size_t start = start_of_name(path);
	const uint8_t *dot;

	if (!ends_with(path, ".py") && !ends_with(path, ".so"))
		return path;
	dot = memchr(path.ptr + start, '.', path.len - start);
	if (start && slice_starts_with(slice_of(path.ptr + start, path.len - start), "__init__."))
		return slice_of(path.ptr, start - 1);
	return slice_of(path.ptr, (size_t)(dot - path.ptr));
}

/* The first field of a line of comma-separated values (RFC 4180). */
static struct slice first_field(struct slice line, struct arena *arena)
{
	const uint8_t *comma;
	uint8_t *out;
	size_t length = 0;

	if (!line.len || line.ptr[0] != '"') {
		comma = line.len ? memchr(line.ptr, ',', line.len) : NULL;
		return slice_of(line.ptr, comma ? (size_t)(comma - line.ptr) : line.len);
	}
	out = arena_alloc(arena, line.len);
	for (size_t i = 1; i < line.len; i++) {
		if (line.ptr[i] == '"' && !(i + 1 < line.len && line.ptr[i + 1] == '"'))
			break;
		i += line.ptr[i] == '"';
		out[length++] = line.ptr[i];
	}
	return slice_of(out, length);
}

/* directory/path with "." and ".." taken out as text: what an installer wrote holds no links. */
static char *normalised(struct arena *arena, const char *directory, struct slice path)
{
	const char *relative = arena_slice(arena, path);
	char *full = path_absolute(arena, directory, relative), *out = full;
	struct slice rest = slice_text(arena_strdup(arena, full)), name;

	while (slice_token(&rest, "/", &name)) {
		if (slice_equal_text(name, "..")) {
			while (out > full && *--out != '/')
				;
			continue;
		}
		*out++ = '/';
		memcpy(out, name.ptr, name.len);
		out += name.len;
	}
	*out = '\0';
	return full;
}

static void add_name(struct python_sites *sites, const char *name)
{
	map_put(&sites->names, slice_text(name), 1, &(bool){0});
}

/* Whether a path of a record is code somebody can import or run. */
static bool is_code(struct slice path, const char *site)
{
	size_t length = strlen(site);
	struct slice below;

	if (ends_with(path, ".py") || ends_with(path, ".so"))
		return true;
	/* What lies outside of the site is a script, or data that nothing asks for. */
	return !(slice_sub(path, 0, length, &below) && slice_equal_text(below, site));
}

/* Enters one file of a record; false when it is no module. */
static bool add_file(struct python_sites *sites, uint32_t distribution, const char *directory,
		     struct slice path)
{
	const char *site = sites->sites.ptr[sites->distributions.ptr[distribution].site].path;
	const char *full = normalised(&sites->arena, directory, path), *below;
	struct slice module;
	struct map_entry *entry;
	bool added;

	if (!is_code(slice_text(full), site))
		return false;
	module = python_module_of_path(slice_text(full));
	entry = map_put(&sites->modules, module, distribution, &added);
	if (!added && entry->value != distribution)
		entry->value = PYTHON_AMBIGUOUS;
	if (!path_is_below(full, site) || module.len <= strlen(site))
		return false;
	below = (const char *)module.ptr + strlen(site) + 1;
	add_name(sites, arena_slice(&sites->arena,
				    slice_of(below, strcspn(below, "/.")))); /* the text goes on */
	return true;
}

/* RECORD of a dist-info (paths from the site), installed-files.txt (paths from the egg-info). */
static bool add_files(struct python_sites *sites, uint32_t distribution, const char *list,
		      const char *directory, bool csv)
{
	struct finder *finder = sites->finder;
	struct slice bytes, line;
	struct root_file file;
	bool any = false;

	if (root_stat(finder->root, list, true, &file) != STATUS_OK ||
	    !finder_read(finder, list, BUDGET_SOURCE_FILE, &sites->arena, &bytes))
		return false;
	while (sites->modules.len < BUDGET_PYTHON_MODULES && slice_line(&bytes, &line)) {
		struct slice path = csv ? first_field(line, &sites->arena) : slice_trim(line);

		if (path.len)
			any |= add_file(sites, distribution, directory, path);
	}
	if (bytes.len)
		diag_add(finder->diags, DIAG_LIMIT_REACHED, list, DIAG_NO_OFFSET,
			 "more than %u modules", BUDGET_PYTHON_MODULES);
	return any;
}

static void add_claim(struct python_sites *sites, uint32_t distribution, const char *name)
{
	const char *site = sites->sites.ptr[sites->distributions.ptr[distribution].site].path;
	const char *top = path_join(&sites->arena, site, name);
	uint32_t index = (uint32_t)sites->claims.len;
	struct map_entry *entry;
	bool added;

	entry = map_put(&sites->tops, slice_text(top), index, &added);
	for (uint32_t at = entry->value; !added; at = sites->claims.ptr[at].next) {
		if (sites->claims.ptr[at].distribution == distribution)
			return;
		if (sites->claims.ptr[at].next == PYTHON_NONE) {
			sites->claims.ptr[at].next = index;
			break;
		}
	}
	vec_push(&sites->claims, ((struct python_claim){distribution, PYTHON_NONE}));
	add_name(sites, arena_strdup(&sites->arena, name));
}

static bool add_top_level(struct python_sites *sites, uint32_t distribution, const char *list)
{
	struct finder *finder = sites->finder;
	struct slice bytes, line;
	struct root_file file;
	bool any = false;

	if (root_stat(finder->root, list, true, &file) != STATUS_OK ||
	    !finder_read(finder, list, BUDGET_SOURCE_FILE, &sites->arena, &bytes))
		return false;
	while (slice_line(&bytes, &line)) {
		char *name = arena_slice(&sites->arena, slice_trim(line));

		name[strcspn(name, "/.")] = '\0';
		if (!name[0])
			continue;
		add_claim(sites, distribution, name);
		any = true;
	}
	return any;
}

/* Without any list: a package or module of the distribution's own name, if there is one. */
static void add_by_name(struct python_sites *sites, uint32_t distribution)
{
	const struct python_distribution *own = &sites->distributions.ptr[distribution];
	const char *site = sites->sites.ptr[own->site].path;
	struct arena *arena = &sites->arena;
	char *spellings[2] = {arena_strdup(arena, own->name), arena_strdup(arena, own->name)};

	for (char *at = spellings[1]; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	for (size_t i = 0; i < 2; i++) {
		struct root_file file;

		for (char *at = spellings[i]; *at; at++)
			if (*at == '.' || *at == '-')
				*at = '_';
		if (root_stat(sites->finder->root,
			      arena_printf(arena, "%s/%s.py", site, spellings[i]), true,
			      &file) == STATUS_OK ||
		    root_stat(sites->finder->root,
			      arena_printf(arena, "%s/%s/__init__.py", site, spellings[i]), true,
			      &file) == STATUS_OK) {
			add_claim(sites, distribution, spellings[i]);
			return;
		}
	}
}

void python_record_read(struct python_sites *sites, uint32_t distribution)
{
	const struct python_distribution *own = &sites->distributions.ptr[distribution];
	const char *folder = path_directory(&sites->arena, own->metadata);
	const char *site = sites->sites.ptr[own->site].path;

	if (strcmp(folder, site) == 0) { /* a file of distutils' has nothing beside it */
		add_by_name(sites, distribution);
		return;
	}
	if (add_files(sites, distribution, path_join(&sites->arena, folder, "RECORD"), site,
		      true) ||
	    add_files(sites, distribution, path_join(&sites->arena, folder, "installed-files.txt"),
		      folder, false) ||
	    add_top_level(sites, distribution, path_join(&sites->arena, folder, "top_level.txt")))
		return;
	add_by_name(sites, distribution);
}
