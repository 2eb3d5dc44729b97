/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_sites.h"

#include <ctype.h>
#include <string.h>

#include "depend/python_record.h"
#include "util/path.h"

/* The environment of an interpreter whose own folder of packages this is. */
static struct python_environment environment_of(struct arena *arena, const char *path)
{
	struct python_environment environment = {.version = "", .site = PYTHON_NONE};
	const char *name = path_name(path), *lib = NULL, *version, *end;
	size_t length;

	if (strcmp(name, "site-packages") != 0 && strcmp(name, "dist-packages") != 0)
		return environment;
	for (const char *at = path; (at = strstr(at, "/python")); at++)
		lib = at;
	if (!lib)
		return environment;
	version = lib + strlen("/python");
	end = strchr(version, '/');
	if (!end || end + 1 != name || strspn(version, "0123456789.") != (size_t)(end - version))
		return environment;
	length = (size_t)(lib - path);
	while (length && path[length - 1] != '/') /* lib, lib64 */
		length--;
	length -= length > 0;
	/* Debian's own interpreter looks into /usr/local/lib/python3.X/dist-packages too. */
	if (strcmp(name, "dist-packages") == 0 && length >= 6 &&
	    memcmp(path + length - 6, "/local", 6) == 0)
		length -= 6;
	environment.prefix = arena_slice(arena, slice_of(path, length));
	environment.version = arena_slice(arena, slice_of(version, (size_t)(end - version)));
	return environment;
}

static uint32_t add_site(struct python_sites *sites, const char *path)
{
	const struct map_entry *known = map_get(&sites->by_path, slice_text(path));
	uint32_t index = (uint32_t)sites->sites.len;
	struct python_site site;

	if (known)
		return known->value;
	site.path = arena_strdup(&sites->arena, path);
	site.environment = environment_of(&sites->arena, site.path);
	site.environment.site = index;
	vec_push(&sites->sites, site);
	map_put(&sites->by_path, slice_text(site.path), index, &(bool){0});
	return index;
}

/* "3" goes with every 3.X. */
static bool same_version(const char *left, const char *right)
{
	size_t length = strlen(left) < strlen(right) ? strlen(left) : strlen(right);

	if (!length || strncmp(left, right, length) != 0)
		return !length;
	return (left[length] == '\0' || left[length] == '.') &&
	       (right[length] == '\0' || right[length] == '.');
}

static void add_distribution(struct python_sites *sites, const char *metadata)
{
	struct arena *arena = &sites->arena;
	struct python_distribution added = {.metadata = metadata};
	char *folder = path_directory(arena, metadata), *parent = path_directory(arena, folder);
	const char *name = path_name(folder), *suffix = strrchr(name, '.');

	if (strcmp(name, "EGG-INFO") == 0) { /* NAME.egg/EGG-INFO/PKG-INFO */
		added.site = add_site(sites, parent);
		name = path_name(parent);
	} else if (suffix && (!strcmp(suffix, ".dist-info") || !strcmp(suffix, ".egg-info"))) {
		added.site = add_site(sites, parent);
	} else { /* a file of distutils' */
		added.site = add_site(sites, folder);
		name = path_name(metadata);
	}
	suffix = strrchr(name, '.');
	/* NAME-VERSION...: the name itself holds no hyphen, since it is escaped. */
	added.name = arena_slice(arena, slice_of(name, strcspn(name, "-")));
	if (!strchr(name, '-') && suffix)
		added.name = arena_slice(arena, slice_of(name, (size_t)(suffix - name)));
	vec_push(&sites->distributions, added);
}

void python_sites_read(struct python_sites *sites, struct finder *finder)
{
	*sites = (struct python_sites){.finder = finder};
	arena_init(&sites->arena);
	vec_each (text, &finder->texts->files)
		if (text->kinds & TEXT_DISTRIBUTION)
			add_distribution(sites, text->path);
	for (uint32_t i = 0; i < sites->distributions.len; i++)
		python_record_read(sites, i);
}

void python_sites_release(struct python_sites *sites)
{
	vec_release(&sites->sites);
	vec_release(&sites->distributions);
	vec_release(&sites->claims);
	vec_release(&sites->key);
	map_release(&sites->by_path);
	map_release(&sites->modules);
	map_release(&sites->tops);
	map_release(&sites->names);
	map_release(&sites->standard);
	arena_release(&sites->arena);
}

static void key_begin(struct python_sites *sites, const char *text, size_t length)
{
	sites->key.len = 0;
	for (size_t i = 0; i < length; i++)
		vec_push(&sites->key, text[i]);
}

/* Appends "/a/b" for "a.b". */
static void key_add_module(struct python_sites *sites, const char *module)
{
	vec_push(&sites->key, '/');
	for (; *module; module++)
		vec_push(&sites->key, *module == '.' ? '/' : *module);
}

static struct slice key(const struct python_sites *sites)
{
	return slice_of(sites->key.ptr, sites->key.len);
}

/* Names of distributions are equal without regard to case and to "-", "_" and "." (PEP 503). */
static bool is_name(const char *name, struct slice module)
{
	size_t i = 0;

	for (; name[i] && i < module.len; i++) {
		char left = strchr("-_.", name[i]) ? '-' : (char)tolower((unsigned char)name[i]);
		char right = module.ptr[i] && strchr("-_./", module.ptr[i])
				 ? '-'
				 : (char)tolower(module.ptr[i]);
		if (left != right)
			return false;
	}
	return !name[i] && (i == module.len || module.ptr[i] == '/');
}

/* Of several claims to a namespace, the one whose distribution is named like the module. */
static uint32_t choose_claim(const struct python_sites *sites, uint32_t first, struct slice module)
{
	const struct python_claim *claim = &sites->claims.ptr[first];
	uint32_t chosen = PYTHON_AMBIGUOUS;

	if (claim->next == PYTHON_NONE)
		return claim->distribution;
	for (uint32_t at = first; at != PYTHON_NONE; at = sites->claims.ptr[at].next) {
		uint32_t distribution = sites->claims.ptr[at].distribution;

		if (!is_name(sites->distributions.ptr[distribution].name, module))
			continue;
		if (chosen != PYTHON_AMBIGUOUS)
			return PYTHON_AMBIGUOUS;
		chosen = distribution;
	}
	return chosen;
}

/* The claim to a module below a site; key holds SITE/a/b/c, and site_length says where SITE ends.
 */
static uint32_t find_top(const struct python_sites *sites, size_t site_length)
{
	struct slice whole = key(sites), module;
	const struct map_entry *entry;
	const uint8_t *slash;
	size_t length = whole.len;

	module = slice_of(whole.ptr + site_length + 1, whole.len - site_length - 1);
	slash = module.len ? memchr(module.ptr, '/', module.len) : NULL;
	if (slash)
		length = (size_t)(slash - whole.ptr);
	entry = map_get(&sites->tops, slice_of(whole.ptr, length));
	return entry ? choose_claim(sites, entry->value, module) : PYTHON_NONE;
}

/* The module key holds, or the nearest package around it; NONE when nobody lists one. */
static uint32_t find_module(const struct python_sites *sites, size_t site_length)
{
	size_t length = sites->key.len;

	while (length > site_length) {
		const struct map_entry *entry =
		    map_get(&sites->modules, slice_of(sites->key.ptr, length));

		if (entry)
			return entry->value;
		while (length > site_length && sites->key.ptr[length - 1] != '/')
			length--;
		length -= length > site_length;
	}
	return PYTHON_NONE;
}

uint32_t python_sites_owner(struct python_sites *sites, const char *path)
{
	struct slice module = python_module_of_path(slice_text(path));
	const struct map_entry *entry = map_get(&sites->modules, module);
	size_t length = module.len;

	if (entry)
		return entry->value;
	key_begin(sites, (const char *)module.ptr, module.len);
	while (length > 1) {
		while (length && module.ptr[length - 1] != '/')
			length--;
		length -= length > 0;
		if (map_get(&sites->by_path, slice_of(module.ptr, length))) {
			uint32_t owner = find_top(sites, length);

			if (owner != PYTHON_NONE)
				return owner;
		}
	}
	return PYTHON_NONE;
}

static bool exists(struct root *root, const char *path)
{
	struct root_file file;

	return root_stat(root, path, true, &file) == STATUS_OK;
}

static bool is_module(struct python_sites *sites, const char *directory, const char *name)
{
	struct root *root = sites->finder->root;
	struct arena *arena = &sites->arena;

	return exists(root, arena_printf(arena, "%s/%s.py", directory, name)) ||
	       exists(root, arena_printf(arena, "%s/%s/__init__.py", directory, name));
}

/* The standard library comes before folders of packages on sys.path. */
static bool look_for_standard(struct python_sites *sites,
			      const struct python_environment *environment, const char *name)
{
	struct arena *arena = &sites->arena;
	const char *lib = arena_printf(arena, "%s/lib", environment->prefix);
	struct root_entry *entries;
	size_t count;

	if (strchr(environment->version, '.'))
		return is_module(
		    sites, arena_printf(arena, "%s/python%s", lib, environment->version), name);
	if (root_list(sites->finder->root, lib, arena, &entries, &count) != STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strncmp(entries[i].name, "python", 6) == 0 && strchr(entries[i].name, '.') &&
		    same_version(environment->version, entries[i].name + 6) &&
		    is_module(sites, path_join(arena, lib, entries[i].name), name))
			return true;
	return false;
}

static bool is_standard(struct python_sites *sites, const struct python_environment *environment,
			const char *module)
{
	const char *name, *text;
	struct map_entry *entry;
	bool added;

	if (!environment->prefix)
		return false;
	name = arena_slice(&sites->arena, slice_of(module, strcspn(module, ".")));
	text = arena_printf(&sites->arena, "%s|%s|%s", environment->prefix, environment->version,
			    name);
	entry = map_put(&sites->standard, slice_text(text), 0, &added);
	if (added)
		entry->value = look_for_standard(sites, environment, name);
	return entry->value;
}

static bool is_beside(struct python_sites *sites, const struct python_environment *environment,
		      struct slice top)
{
	return environment->directory &&
	       is_module(sites, environment->directory, arena_slice(&sites->arena, top));
}

static uint32_t find_in_site(struct python_sites *sites, const char *path, const char *module,
			     const char *name)
{
	size_t length = strlen(path), module_length;
	uint32_t found;

	key_begin(sites, path, length);
	key_add_module(sites, module);
	module_length = sites->key.len;
	if (name && strcmp(name, "*") != 0) {
		const struct map_entry *entry;

		key_add_module(sites, name);
		entry = map_get(&sites->modules, key(sites));
		if (entry)
			return entry->value;
		sites->key.len = module_length;
	}
	found = find_module(sites, length);
	if (found != PYTHON_NONE)
		return found;
	/* A namespace is told apart by what is taken from it. */
	if (name && strcmp(name, "*") != 0)
		key_add_module(sites, name);
	return find_top(sites, length);
}

static bool sees(const struct python_environment *environment, const struct python_site *site)
{
	return environment->prefix && site->environment.prefix &&
	       strcmp(environment->prefix, site->environment.prefix) == 0 &&
	       same_version(environment->version, site->environment.version);
}

uint32_t python_sites_import(struct python_sites *sites,
			     const struct python_environment *environment, const char *module,
			     const char *name)
{
	struct slice top = slice_of(module, strcspn(module, "."));
	uint32_t found = PYTHON_NONE;

	if (!map_get(&sites->names, top))
		return PYTHON_NONE;
	if (environment->site != PYTHON_NONE)
		found = find_in_site(sites, sites->sites.ptr[environment->site].path, module, name);
	for (uint32_t i = 0; found == PYTHON_NONE && i < sites->sites.len; i++)
		if (i != environment->site && sees(environment, &sites->sites.ptr[i]))
			found = find_in_site(sites, sites->sites.ptr[i].path, module, name);
	if (found != PYTHON_NONE &&
	    (is_beside(sites, environment, top) || is_standard(sites, environment, module)))
		return PYTHON_NONE;
	return found;
}
