/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Python's extension modules, told by importlib's suffixes (importlib.machinery
 * EXTENSION_SUFFIXES, PEP 3149, PEP 384) and the function the interpreter calls, PyInit_NAME.
 */
#include <string.h>

#include "depend/plugins.h"
#include "util/path.h"
#include "util/pattern.h"

/* What the name of an extension module says of the interpreter it is for. */
struct tag {
	struct slice module;   /* NAME */
	unsigned major, minor; /* 0, 0: any; 3, 0: any Python 3 */
	char flag;	       /* 'd' of a debug build, 't' of a free-threaded one, 0 */
	bool tagged;	       /* the name says so, and not only the path */
};

struct interpreter {
	const struct plugin_file *file;
	unsigned major, minor;
	char flag;
	const char *prefix; /* above its bin or lib folder; "" when it stands elsewhere */
};

struct extensions {
	struct finder *finder;
	struct arena arena;
	VEC(struct plugin_file) files;
	VEC(struct interpreter) interpreters;
};

/* "311" is 3.11, "39" is 3.9. */
static bool parse_version(struct slice *text, struct tag *tag)
{
	unsigned digits = 0;

	tag->major = tag->minor = 0;
	while (text->len && text->ptr[0] >= '0' && text->ptr[0] <= '9' && digits < 4) {
		unsigned digit = (unsigned)(text->ptr[0] - '0');

		if (digits++ == 0)
			tag->major = digit;
		else
			tag->minor = tag->minor * 10 + digit;
		text->ptr++;
		text->len--;
	}
	/* ABI flags: m (pymalloc) says nothing since 3.8. */
	tag->flag = 0;
	for (; text->len && text->ptr[0] && strchr("dmut", text->ptr[0]); text->ptr++, text->len--)
		if (text->ptr[0] == 'd' || text->ptr[0] == 't')
			tag->flag = (char)text->ptr[0];
	return digits >= 2;
}

/* The path of a module without a tag may say it: .../python3.11/... */
static void version_of_path(const char *path, struct tag *tag)
{
	const char *at = strstr(path, "/python");
	unsigned major = 0, minor = 0;

	for (; at; at = strstr(at + 1, "/python")) {
		const char *digit = at + strlen("/python");

		for (major = 0; *digit >= '0' && *digit <= '9' && major < 10; digit++)
			major = major * 10 + (unsigned)(*digit - '0');
		minor = 0;
		for (digit += *digit == '.'; *digit >= '0' && *digit <= '9' && minor < 100; digit++)
			minor = minor * 10 + (unsigned)(*digit - '0');
		if (*digit == '/' && major) {
			tag->major = major;
			tag->minor = minor;
		}
	}
}

/* Splits a file name; false when it is not that of an extension module of CPython. */
static bool parse_name(const char *path, struct tag *ret)
{
	const char *name = path_name(path), *dot = strchr(name, '.');
	struct slice suffix;

	*ret = (struct tag){0};
	if (!dot || dot == name)
		return false;
	ret->module = slice_of(name, (size_t)(dot - name));
	suffix = slice_text(dot);
	ret->tagged = !slice_equal_text(suffix, ".so");
	if (slice_starts_with(suffix, ".cpython-")) {
		suffix.ptr += strlen(".cpython-");
		suffix.len -= strlen(".cpython-");
		return parse_version(&suffix, ret) && suffix.len > 3 &&
		       (suffix.ptr[0] == '-' || suffix.ptr[0] == '.') &&
		       memcmp(suffix.ptr + suffix.len - 3, ".so", 3) == 0;
	}
	if (slice_equal_text(suffix, ".abi3.so")) {
		ret->major = 3;
		return true;
	}
	if (!slice_equal_text(suffix, ".so"))
		return false;
	version_of_path(path, ret);
	return true;
}

/* The init function of the module; of a package it is called after the package. */
static bool has_init(struct extensions *extensions, const struct plugin_file *file, struct tag *tag)
{
	const char *name = arena_slice(&extensions->arena, tag->module);

	if (strcmp(name, "__init__") == 0)
		name = path_name(path_directory(&extensions->arena, file->path));
	if (plugin_file_has(file, arena_printf(&extensions->arena, "PyInit_%s", name))) {
		tag->major = 3;
		return true;
	}
	if (tag->major != 3 &&
	    plugin_file_has(file, arena_printf(&extensions->arena, "init%s", name)) &&
	    plugin_file_has(file, "@Py_InitModule*")) {
		tag->major = 2;
		return true;
	}
	return false;
}

/* python3.11, python3.11d, libpython3.11.so.1.0: those that hold the machinery themselves. */
static bool parse_interpreter(struct extensions *extensions, const struct plugin_file *file,
			      struct interpreter *ret)
{
	const char *name = path_name(file->path), *at = name, *folder;
	struct tag tag = {0};
	char *directory = path_directory(&extensions->arena, file->path);

	if (strncmp(at, "lib", 3) == 0)
		at += 3;
	if (strncmp(at, "python", 6) != 0)
		return false;
	at += 6;
	if (at[0] < '2' || at[0] > '9' || at[1] != '.')
		return false;
	tag.major = (unsigned)(at[0] - '0');
	for (at += 2; *at >= '0' && *at <= '9' && tag.minor < 100; at++)
		tag.minor = tag.minor * 10 + (unsigned)(*at - '0');
	for (; *at && strchr("dmut", *at); at++)
		if (*at != 'm' && *at != 'u')
			tag.flag = *at;
	if (*at && strncmp(at, ".so", 3) != 0)
		return false;
	if (!plugin_file_has(file, "PyImport_ImportModule"))
		return false;
	*ret = (struct interpreter){file, tag.major, tag.minor, tag.flag, ""};
	/* PREFIX/bin, PREFIX/lib, PREFIX/lib/x86_64-linux-gnu, PREFIX/lib64 */
	while (directory[0] == '/' && directory[1]) {
		folder = path_name(directory);
		directory = path_directory(&extensions->arena, directory);
		if (strcmp(folder, "bin") == 0 || strncmp(folder, "lib", 3) == 0) {
			ret->prefix = directory;
			break;
		}
	}
	return true;
}

/* Whether the module lies in the folders of modules that an interpreter at prefix has. */
static bool is_own(const char *prefix, const char *path)
{
	size_t length = strlen(prefix);

	if (!prefix[0])
		return false;
	if (strcmp(prefix, "/") == 0)
		length = 0;
	if (strncmp(path, prefix, length) != 0)
		return false;
	return pattern_matches("/lib*/python*/**", path + length, NULL);
}

static bool fits(const struct interpreter *interpreter, const struct plugin_file *file,
		 const struct tag *tag)
{
	return plugin_file_same_machine(interpreter->file, file) &&
	       (!tag->major || tag->major == interpreter->major) &&
	       (!tag->minor || tag->minor == interpreter->minor) &&
	       (!tag->flag || tag->flag == interpreter->flag) &&
	       /* A free-threaded interpreter takes its own alone; a debug build takes others. */
	       (interpreter->flag != 't' || tag->flag == 't' || !tag->tagged);
}

static void add_edge(struct extensions *extensions, const char *interpreter,
		     const struct plugin_file *file, const struct tag *tag)
{
	struct found_edge edge = {
	    .from = interpreter,
	    .to = file->path,
	    .name = arena_slice(&extensions->arena, tag->module),
	    .kind = EDGE_KIND_LINK_PLUGIN,
	    .grade = EDGE_GRADE_DECLARED,
	    .possible = true,
	    .evidence = "python-extension",
	    .detail = "an extension module by its name and by the function it exports",
	    .place = FOUND_NO_PLACE,
	};

	found_edges_add(extensions->finder->edges, &edge);
}

/* An interpreter of the root that is not part of the artifact, by the version's own name. */
static void add_from_root(struct extensions *extensions, const struct plugin_file *file,
			  const struct tag *tag)
{
	struct finder *finder = extensions->finder;
	struct interpreter interpreter;
	struct plugin_file program;
	const char *path;

	path = commands_find(
	    finder->commands,
	    tag->minor ? arena_printf(&extensions->arena, "python%u.%u", tag->major, tag->minor)
		       : arena_printf(&extensions->arena, "python%u", tag->major));
	if (path && plugin_file_open(finder, path, &program) &&
	    parse_interpreter(extensions, &program, &interpreter) && fits(&interpreter, file, tag))
		add_edge(extensions, path, file, tag);
}

/*
 * A module in the folders of one interpreter is looked for by that one; a module elsewhere can be
 * put on the path of each that fits.
 */
static void add_hosts(struct extensions *extensions, const struct plugin_file *file,
		      const struct tag *tag)
{
	bool any = false, own = false;

	vec_each (interpreter, &extensions->interpreters)
		if (fits(interpreter, file, tag))
			own |= is_own(interpreter->prefix, file->path);
	vec_each (interpreter, &extensions->interpreters) {
		if (!fits(interpreter, file, tag) ||
		    (own && !is_own(interpreter->prefix, file->path)))
			continue;
		any = true;
		add_edge(extensions, interpreter->file->path, file, tag);
	}
	if (!any)
		add_from_root(extensions, file, tag);
}

void python_extensions_find(struct finder *finder)
{
	struct extensions extensions = {.finder = finder};
	struct interpreter interpreter;
	struct plugin_file file;
	struct tag tag;

	arena_init(&extensions.arena);
	vec_each (listed, &finder->inventory->files)
		if (plugin_file_open(finder, listed->canonical, &file))
			vec_push(&extensions.files, file);
	vec_each (opened, &extensions.files)
		if (parse_interpreter(&extensions, opened, &interpreter))
			vec_push(&extensions.interpreters, interpreter);
	vec_each (opened, &extensions.files)
		if (opened->facts->identity->type == FACTS_TYPE_SHARED &&
		    parse_name(opened->path, &tag) && has_init(&extensions, opened, &tag))
			add_hosts(&extensions, opened, &tag);
	vec_release(&extensions.files);
	vec_release(&extensions.interpreters);
	arena_release(&extensions.arena);
}
