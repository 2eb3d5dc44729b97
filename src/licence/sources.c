/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/sources.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "util/path.h"
#include "util/vec.h"

#define PARTS_MAX 16 /* more than that is no name but a habit */

/* Folders whose files do not end in what the package ships as code. */
static const char *const other_folders[] = {
    "debian",	   "m4",
    "gnulib-m4",   "woe32dll",
    "m4macros",	   "build-aux",
    "autotools",   "doc",
    "docs",	   "docsrc",
    "man",	   "test",
    "tests",	   "testsuite",
    "unittest",	   "unittests",
    "t",	   "fuzz",
    "fuzzing",	   "example",
    "examples",	   "sample",
    "samples",	   "demo",
    "demos",	   "po",
    "packaging",   "packages",
    "scripts",	   "bench",
    "benchmarks",  "perf",
    ".github",	   ".gitlab-ci",
    "cmake",	   "conf",
    "completions", "shell-completion",
    "python",	   "python3",
    "perl",	   "java",
    "javascript",  "csharp",
    "dotnet",	   "ruby",
    "lua",	   "guile",
    "bindings",	   "win32",
    "windows",	   "win",
    "msvc",	   "macos",
    "vms",	   "amiga",
    "android",	   "fonts",
    "icons",	   "gtk-doc",
    "reference",   "googletest",
    "contrib",	   "extras",
    "swig",	   "vcbuild",
    "vs",	   "mysql-test",
};

static const char *const program_folders[] = {
    "tools", "utils", "util", "programs", "progs",   "cli",
    "apps",  "bin",   "cmd",  "commands", "clients",
};

/* Files that stand in many trees and are run there, not compiled into anything. */
static const char *const other_files[] = {
    "config.guess", "config.sub",     "ltmain.sh",    "install-sh", "configure",   "Makefile.in",
    "aclocal.m4",   "depcomp",	      "missing",      "compile",    "ar-lib",	   "test-driver",
    "INSTALL",	    "COPYING",	      "README",	      "NEWS",	    "ylwrap",	   "mkinstalldirs",
    "texinfo.tex",  "mdate-sh",	      "config.rpath", "Makefile",   "makefile",	   "AUTHORS",
    "ChangeLog",    "CMakeLists.txt", "LICENSE",      "Dockerfile", "GNUmakefile", "Doxyfile.in",
    "meson.build",  "py-compile",
};

/* Endings of what a compiler of this kind never reads. */
static const char *const other_endings[] = {
    ".m4",	".sh",	 ".am",	     ".ac",	 ".py",	   ".pl",  ".pm",   ".t",    ".rb",
    ".lua",	".tcl",	 ".java",    ".js",	 ".cs",	   ".el",  ".po",   ".pot",  ".texi",
    ".texinfo", ".html", ".xml",     ".md",	 ".rst",   ".txt", ".css",  ".svg",  ".png",
    ".jpg",	".ttf",	 ".otf",     ".pdf",	 ".1",	   ".2",   ".3",    ".4",    ".5",
    ".6",	".7",	 ".8",	     ".man",	 ".cmake", ".mk",  ".spec", ".bat",  ".ps1",
    ".vcproj",	".sln",	 ".desktop", ".service", ".conf",  ".yml", ".yaml", ".json", ".php",
    ".sgml",	".dtd",	 ".xsl",     ".awk",	 ".bash",  ".zsh", ".mo",   ".1.in", ".3.in",
    ".8.in",	".def",
};

static bool is_listed(const char *const *list, size_t count, const char *text, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && strncasecmp(list[i], text, length) == 0)
			return true;
	return false;
}

static bool has_other_ending(const char *name)
{
	size_t length = strlen(name);

	/* "foo.h.in" becomes a source, "foo.in" a script or a text. */
	if (length > 3 && strcmp(name + length - 3, ".in") == 0 &&
	    memchr(name, '.', length - 3) == NULL)
		return true;

	for (size_t i = 0; i < sizeof(other_endings) / sizeof(other_endings[0]); i++) {
		size_t ending = strlen(other_endings[i]);
		if (length > ending && strcasecmp(name + length - ending, other_endings[i]) == 0)
			return true;
	}
	return false;
}

bool source_is_common_file(const char *name)
{
	return is_listed(other_files, sizeof(other_files) / sizeof(other_files[0]), name,
			 strlen(name));
}

enum source_kind source_kind(const char *pattern)
{
	const char *name = path_name(pattern);
	enum source_kind kind = SOURCE_CODE;

	for (const char *at = pattern; at < name; at = strchr(at, '/') + 1) {
		size_t length = strcspn(at, "/");

		if (is_listed(other_folders, sizeof(other_folders) / sizeof(other_folders[0]), at,
			      length))
			return SOURCE_OTHER;
		if (is_listed(program_folders, sizeof(program_folders) / sizeof(program_folders[0]),
			      at, length))
			kind = SOURCE_PROGRAM;
	}
	/* Beside the library's own files: "test-foo.c", "foo_test.c". */
	if (strncmp(name, "test", 4) == 0 || strstr(name, "_test.") || strstr(name, "-test."))
		return SOURCE_OTHER;
	if (source_is_common_file(name) || has_other_ending(name))
		return SOURCE_OTHER;
	/* A name without a dot, a wildcard or an ending is a script or a text. */
	if (*name && !strpbrk(name, "*?."))
		return SOURCE_OTHER;
	return kind;
}

/* ---- names ---- */

struct source_names source_names(const char *file_name, const char *soname, bool is_program,
				 const char *project, struct arena *arena)
{
	char *stem = arena_strdup(arena, soname ? soname : file_name), *cut;

	cut = is_program ? NULL : strstr(stem, ".so");
	if (!cut && !is_program && strlen(stem) > 2 && strcmp(stem + strlen(stem) - 2, ".a") == 0)
		cut = stem + strlen(stem) - 2;
	if (cut)
		*cut = '\0';
	return (struct source_names){
	    .stem = stem,
	    .bare = !is_program && strncmp(stem, "lib", 3) == 0 && stem[3] ? stem + 3 : stem,
	    .project = project,
	    .is_program = is_program,
	};
}

/*
 * The length of a name without a version at its end: "foo" of "foo-1.2". What would leave less than
 * a name is no version: "x264", "lz4".
 */
static size_t name_length(const char *text, size_t length)
{
	size_t end = length;

	while (end && (isdigit((unsigned char)text[end - 1]) || text[end - 1] == '.' ||
		       text[end - 1] == '-' || text[end - 1] == '_'))
		end--;
	return end >= 3 ? end : length;
}

static bool same_name(const char *left, size_t left_length, const char *right, size_t right_length,
		      bool versions)
{
	size_t i = 0, j = 0;

	if (!versions)
		return left_length == right_length && strncasecmp(left, right, left_length) == 0;
	left_length = name_length(left, left_length);
	right_length = name_length(right, right_length);
	for (;;) {
		while (i < left_length && (left[i] == '-' || left[i] == '_'))
			i++;
		while (j < right_length && (right[j] == '-' || right[j] == '_'))
			j++;
		if (i == left_length || j == right_length)
			return i == left_length && j == right_length;
		if (tolower((unsigned char)left[i++]) != tolower((unsigned char)right[j++]))
			return false;
	}
}

bool source_same_name(const char *left, const char *right)
{
	return same_name(left, strlen(left), right, strlen(right), true);
}

/* ---- parts of the tree ---- */

struct finder {
	const struct source_names *names;
	struct arena *arena;
	VEC(struct source_part) parts;
};

static void add_part(struct finder *finder, const char *text, size_t length, const char *end,
		     unsigned rank)
{
	char *prefix;

	if (finder->parts.len && finder->parts.ptr[0].rank < rank)
		return;
	if (finder->parts.len && finder->parts.ptr[0].rank > rank)
		finder->parts.len = 0;
	prefix = arena_printf(finder->arena, "%.*s%s", (int)length, text, end);
	vec_each (part, &finder->parts)
		if (strcmp(part->prefix, prefix) == 0)
			return;
	if (finder->parts.len < PARTS_MAX)
		vec_push(&finder->parts, ((struct source_part){prefix, rank}));
}

/* A folder in the way to the pattern's files, or one of a group of folders ("lib*"). */
static void look_at_folder(struct finder *finder, const char *pattern, const char *at,
			   size_t length)
{
	const struct source_names *names = finder->names;
	size_t end = (size_t)(at - pattern) + length, literal = strcspn(at, "*?\\");
	bool is_library = names->bare != names->stem; /* plugins have no versions in their names */

	if (literal >= length) {
		if (same_name(at, length, names->stem, strlen(names->stem), is_library) &&
		    at[length] == '/')
			add_part(finder, pattern, end, "/", 0);
		else if (same_name(at, length, names->bare, strlen(names->bare), is_library) &&
			 at[length] == '/')
			add_part(finder, pattern, end, "/", 1);
	} else if (literal >= 3 && at[literal] == '*' && !at[literal + 1] &&
		   strncmp(at, names->stem, literal) == 0) {
		/* "lib*" of a tree whose folders are called libthis and libthat. */
		add_part(finder,
			 arena_printf(finder->arena, "%.*s%s", (int)(at - pattern), pattern,
				      names->stem),
			 (size_t)(at - pattern) + strlen(names->stem), "/", 0);
	}
}

/* "keyutils.*", "src/foo.[ch]": a group of files with the name, and nothing but it. */
static void look_at_files(struct finder *finder, const char *pattern)
{
	const char *name = path_name(pattern), *dot = strchr(name, '.');
	const struct source_names *names = finder->names;

	if (!dot || !strpbrk(dot, "*?") || strcspn(name, "*?") < (size_t)(dot - name))
		return;
	if (same_name(name, (size_t)(dot - name), names->stem, strlen(names->stem), false) ||
	    same_name(name, (size_t)(dot - name), names->bare, strlen(names->bare), false))
		add_part(finder, pattern, (size_t)(dot - pattern), ".", 2);
}

/* What a library is made of: headers, data and scripts alone are none. */
static bool is_compiled(const char *pattern)
{
	static const char *const endings[] = {".c", ".cc",  ".cpp", ".cxx", ".c++", ".s",  ".asm",
					      ".f", ".f90", ".m",   ".mm",  ".rs",  ".go", ".y",
					      ".l", ".pas", ".d",   ".adb", ".cu"};
	const char *name = path_name(pattern), *ending = strrchr(name, '.');

	if (strpbrk(name, "*?"))
		return !ending || strpbrk(ending, "*?") ||
		       is_listed(endings, sizeof(endings) / sizeof(endings[0]), ending,
				 strlen(ending));
	return ending &&
	       is_listed(endings, sizeof(endings) / sizeof(endings[0]), ending, strlen(ending));
}

static void look_at(struct finder *finder, const char *pattern)
{
	const struct source_names *names = finder->names;

	if (source_kind(pattern) == SOURCE_OTHER || !is_compiled(pattern))
		return;
	for (const char *at = pattern; *at;) {
		size_t length = strcspn(at, "/");

		if (length == 7 && strncmp(at, "include", 7) == 0)
			return;
		look_at_folder(finder, pattern, at, length);
		at += length;
		at += *at == '/';
	}
	look_at_files(finder, pattern);
	if (strncmp(pattern, "lib/", 4) == 0 && (source_same_name(names->project, names->stem) ||
						 source_same_name(names->project, names->bare)))
		add_part(finder, "lib", 3, "/", 3);
}

/* Whether some folder beside one, which is under parent, is called "libsomething". */
static bool has_library_beside(const struct dep5 *dep5, const char *parent, size_t length)
{
	for (size_t i = 0; i < dep5->count; i++)
		for (size_t j = 0; j < dep5->stanzas[i].pattern_count; j++) {
			const char *pattern = dep5->stanzas[i].patterns[j];

			if (strncmp(pattern, parent, length) == 0 &&
			    strncmp(pattern + length, "lib", 3) == 0 &&
			    strchr(pattern + length, '/') && source_kind(pattern) != SOURCE_OTHER)
				return true;
		}
	return false;
}

/*
 * Where folders are called after whole libraries ("src/libsystemd/"), "src/udev/" is not libudev
 * but its programs: the library is in the folder that no pattern spells out.
 */
static void prefer_library_folders(struct finder *finder, const struct dep5 *dep5)
{
	vec_each (part, &finder->parts) {
		size_t length = strlen(part->prefix) - 1;

		while (length && part->prefix[length - 1] != '/')
			length--;
		if (part->rank == 1 && finder->names->stem != finder->names->bare &&
		    has_library_beside(dep5, part->prefix, length))
			part->prefix = arena_printf(finder->arena, "%.*s%s/", (int)length,
						    part->prefix, finder->names->stem);
	}
}

/*
 * "pam_limits" where the tree has "modules/pam_unix/" and "modules/pam_issue/": a folder like
 * theirs, which no pattern spells out.
 */
static void look_at_family(struct finder *finder, const char *pattern)
{
	const char *stem = finder->names->stem;
	size_t token = strcspn(stem, "_-");

	if (token < 3 || !stem[token] || source_kind(pattern) == SOURCE_OTHER)
		return;
	for (const char *at = pattern; *at;) {
		size_t length = strcspn(at, "/");

		if (at[length] == '/' && strncmp(at, stem, token + 1) == 0)
			add_part(finder,
				 arena_printf(finder->arena, "%.*s%s", (int)(at - pattern), pattern,
					      stem),
				 (size_t)(at - pattern) + strlen(stem), "/", 1);
		at += length;
		at += *at == '/';
	}
}

size_t source_parts(const struct dep5 *dep5, const struct source_names *names, struct arena *arena,
		    const struct source_part **ret)
{
	struct finder finder = {.names = names, .arena = arena};
	size_t count;

	for (size_t i = 0; i < dep5->count && !names->is_program; i++)
		for (size_t j = 0; j < dep5->stanzas[i].pattern_count; j++)
			look_at(&finder, dep5->stanzas[i].patterns[j]);
	for (size_t i = 0; i < dep5->count && !names->is_program && !finder.parts.len; i++)
		for (size_t j = 0; j < dep5->stanzas[i].pattern_count; j++)
			look_at_family(&finder, dep5->stanzas[i].patterns[j]);
	prefer_library_folders(&finder, dep5);
	count = finder.parts.len;
	*ret = arena_copy(arena, finder.parts.ptr, count * sizeof(*finder.parts.ptr));
	vec_release(&finder.parts);
	return count;
}
