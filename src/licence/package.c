/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/package.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
#include "util/path.h"
#include "util/vec.h"

/*
 * Sources that do not end in a library or program: packaging, build system, documentation, tests.
 * Each is a prefix or a last component of a Files pattern.
 */
static const char *const not_code[] = {
    "debian/",	   "m4/",	   "build-aux/",    "autotools/",  "doc/",	   "docs/",
    "man/",	   "test/",	   "tests/",	    "testsuite/",  "t/",	   "examples/",
    "example/",	   "demo/",	   "demos/",	    "po/",	   "packaging/",   "scripts/",
    "benchmarks/", "bench/",	   ".github/",	    "cmake/",	   "config.guess", "config.sub",
    "ltmain.sh",   "install-sh",   "configure",	    "Makefile.in", "aclocal.m4",   "depcomp",
    "missing",	   "compile",	   "ar-lib",	    "test-driver", "INSTALL",	   "COPYING",
    "README",	   "ylwrap",	   "mkinstalldirs", "texinfo.tex", "mdate-sh",	   "config.rpath",
    "libtool.m4",  "ltoptions.m4", "ltversion.m4",  "NEWS",
};

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect_names(struct package_licence *package, struct arena *arena)
{
	const char **names = arena_alloc_array(arena, package->dep5.count + 1, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < package->dep5.count; i++)
		names[i] = package->dep5.stanzas[i].licence;
	qsort(names, package->dep5.count, sizeof(*names), compare_text);
	for (size_t i = 0; i < package->dep5.count; i++)
		if (i == 0 || strcmp(names[count - 1], names[i]) != 0)
			names[count++] = names[i];
	package->names = names;
	package->name_count = count;
}

const struct package_licence *package_licence_read(struct root *root,
						   const struct knowledge *knowledge,
						   const struct component *component,
						   struct arena *arena)
{
	struct package_licence *package = arena_alloc(arena, sizeof(*package));
	struct slice text;

	(void)knowledge;
	package->path = component->copyright_path;
	package->scope = *component->source_name ? component->source_name : component->name;
	if (root_read(root, component->copyright_path, BUDGET_TEXT_FILE, arena, &text) != STATUS_OK)
		return package;
	package->machine_readable = dep5_parse(text, arena, &package->dep5);
	if (package->machine_readable)
		collect_names(package, arena);
	else
		package->prose = text;
	return package;
}

static bool is_not_code(const char *pattern)
{
	const char *name = path_name(pattern);
	size_t length = strlen(pattern);

	for (size_t i = 0; i < sizeof(not_code) / sizeof(not_code[0]); i++) {
		size_t row = strlen(not_code[i]);

		if (not_code[i][row - 1] == '/' ? strncmp(pattern, not_code[i], row) == 0
						: strcmp(name, not_code[i]) == 0)
			return true;
	}
	return length > 3 && (strcmp(pattern + length - 3, ".m4") == 0 ||
			      strcmp(pattern + length - 3, ".sh") == 0 ||
			      strcmp(pattern + length - 3, ".am") == 0 ||
			      strcmp(pattern + length - 3, ".py") == 0);
}

static bool is_code(const struct dep5_stanza *stanza)
{
	for (size_t i = 0; i < stanza->pattern_count; i++)
		if (!is_not_code(stanza->patterns[i]))
			return true;
	return false;
}

/* "libfoo" of "libfoo.so.1", "libfoo-2.0.so.0"; the program's own name. */
static char *stem_of(const struct licence_query *query, struct arena *arena)
{
	char *stem = arena_strdup(arena, query->soname ? query->soname : path_name(query->path));
	char *cut = strstr(stem, ".so");

	if (cut)
		*cut = '\0';
	for (size_t length = strlen(stem);
	     length && (isdigit((unsigned char)stem[length - 1]) || stem[length - 1] == '.' ||
			stem[length - 1] == '-');
	     length--)
		stem[length - 1] = '\0';
	return stem;
}

/* The source folders that a library of this name is made of, by what they are called. */
static size_t folder_names(const char *stem, struct arena *arena, const char **ret)
{
	const char *bare = strncmp(stem, "lib", 3) == 0 ? stem + 3 : stem;
	size_t count = 0;

	if (!*bare)
		return 0;
	ret[count++] = arena_printf(arena, "lib%s/", bare);
	ret[count++] = arena_printf(arena, "src/lib%s/", bare);
	ret[count++] = arena_printf(arena, "lib/lib%s/", bare);
	ret[count++] = arena_printf(arena, "libs/%s/", bare);
	ret[count++] = arena_printf(arena, "lib/%s/", bare);
	ret[count++] = arena_printf(arena, "src/%s/", bare);
	if (strcmp(bare, stem) != 0)
		ret[count++] = arena_printf(arena, "%s/", bare);
	return count;
}

static bool in_folder(const struct dep5_stanza *stanza, const char *folder)
{
	for (size_t i = 0; i < stanza->pattern_count; i++) {
		const char *pattern = stanza->patterns[i];

		pattern += strncmp(pattern, "./", 2) == 0 ? 2 : 0;
		if (strncmp(pattern, folder, strlen(folder)) == 0)
			return true;
	}
	return false;
}

/* Whether the stanza speaks of the folder as a whole. */
static bool is_folder(const struct dep5_stanza *stanza, const char *folder, struct arena *arena)
{
	const char *wanted = arena_printf(arena, "%s*", folder);

	for (size_t i = 0; i < stanza->pattern_count; i++)
		if (strcmp(stanza->patterns[i], wanted) == 0)
			return true;
	return false;
}

struct union_of {
	const struct expression *expression;
	const char *original;
	size_t distinct;
	bool lossy;
};

static void add_stanza(const struct package_licence *package, const struct knowledge *knowledge,
		       const struct dep5_stanza *stanza, struct arena *arena, struct union_of *ret)
{
	const struct expression *expression;
	const char *before = ret->expression ? expression_print(ret->expression, arena) : "";
	bool lossy = false;

	if (expression_parse(knowledge, EXPRESSION_DEP5, stanza->licence, package->scope, arena,
			     &expression, &lossy) != STATUS_OK)
		return;
	ret->lossy |= lossy;
	ret->expression = expression_join(EXPRESSION_AND, ret->expression, expression, arena);
	if (strcmp(before, expression_print(ret->expression, arena)) == 0)
		return;
	ret->original = ret->original
			    ? arena_printf(arena, "%s; %s", ret->original, stanza->licence)
			    : stanza->licence;
	ret->distinct++;
}

static struct file_licence *make(const struct package_licence *package, const struct union_of *from,
				 enum licence_source source, enum licence_confidence confidence,
				 const char *detail, struct arena *arena)
{
	struct file_licence *licence = arena_alloc(arena, sizeof(*licence));

	*licence = (struct file_licence){.text = "NOASSERTION",
					 .original = "",
					 .confidence = LICENCE_CONFIDENCE_NONE,
					 .path = package->path,
					 .detail = detail};
	if (!from->expression)
		return licence;
	licence->expression = from->expression;
	licence->text = expression_print(from->expression, arena);
	licence->original = from->original;
	licence->source = source;
	licence->confidence = from->lossy && confidence < LICENCE_CONFIDENCE_MEDIUM
				  ? LICENCE_CONFIDENCE_MEDIUM
				  : confidence;
	return licence;
}

/* Stanzas over the folder that bears the library's name; the rest of the source is another's. */
static struct file_licence *from_folder(const struct package_licence *package,
					const struct knowledge *knowledge,
					const struct licence_query *query, struct arena *arena)
{
	const char *folders[8];
	size_t count = folder_names(stem_of(query, arena), arena, folders);

	for (size_t i = 0; i < count; i++) {
		struct union_of found = {NULL, NULL, 0, false};
		bool whole = false;

		for (size_t j = 0; j < package->dep5.count; j++)
			whole |= is_folder(&package->dep5.stanzas[j], folders[i], arena);
		if (!whole)
			continue;
		for (size_t j = 0; j < package->dep5.count; j++)
			if (in_folder(&package->dep5.stanzas[j], folders[i]))
				add_stanza(package, knowledge, &package->dep5.stanzas[j], arena,
					   &found);
		return make(package, &found, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_MEDIUM,
			    arena_printf(arena, "stanzas over %s*", folders[i]), arena);
	}
	return NULL;
}

/*
 * "Files: *" of a package is what its own programs are under; what other stanzas add are parts of
 * it. For a library that is not so: the star often speaks of the programs beside it.
 */
static struct file_licence *from_star(const struct package_licence *package,
				      const struct knowledge *knowledge,
				      const struct licence_query *query, struct arena *arena)
{
	struct union_of star = {NULL, NULL, 0, false};

	if (!query->facts || (query->facts->identity->type != FACTS_TYPE_EXECUTABLE &&
			      query->facts->identity->type != FACTS_TYPE_STATIC))
		return NULL;
	for (size_t i = 0; i < package->dep5.count; i++) {
		const struct dep5_stanza *stanza = &package->dep5.stanzas[i];

		if (stanza->pattern_count == 1 && strcmp(stanza->patterns[0], "*") == 0)
			add_stanza(package, knowledge, stanza, arena, &star);
	}
	return star.expression
		   ? make(package, &star, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_MEDIUM,
			  "Files: * of a program's package", arena)
		   : NULL;
}

/* Whether some branch of the union could matter to anybody who links: then it must be sure. */
static bool is_harmless(const struct expression *expression)
{
	for (size_t i = 0; i < expression->count; i++) {
		const struct licence_row *row = expression->steps[i].term.licence;

		if (expression->steps[i].op != EXPRESSION_TERM)
			continue;
		if (!row || row->class > LICENCE_CLASS_PERMISSIVE_NOTICE ||
		    row->gpl2_compatible == LICENCE_NO || row->gpl3_compatible == LICENCE_NO)
			return false;
	}
	return true;
}

struct file_licence *package_licence_of_file(const struct package_licence *package,
					     const struct knowledge *knowledge,
					     const struct licence_query *query, struct arena *arena)
{
	struct union_of all = {NULL, NULL, 0, false};
	struct file_licence *found;

	if (!package->machine_readable) {
		found = prose_licence(package, knowledge, arena);
		return found ? found
			     : make(package, &all, LICENCE_SOURCE_NONE, LICENCE_CONFIDENCE_NONE,
				    "prose without words that are known", arena);
	}
	for (size_t i = 0; i < package->dep5.count; i++)
		if (is_code(&package->dep5.stanzas[i]))
			add_stanza(package, knowledge, &package->dep5.stanzas[i], arena, &all);
	if (all.distinct == 1)
		return make(package, &all, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_HIGH,
			    "all stanzas over code say the same", arena);
	found = from_folder(package, knowledge, query, arena);
	if (found)
		return found;
	found = from_star(package, knowledge, query, arena);
	if (found)
		return found;
	return make(package, &all, LICENCE_SOURCE_DEP5_UNION,
		    all.expression && is_harmless(all.expression) ? LICENCE_CONFIDENCE_MEDIUM
								  : LICENCE_CONFIDENCE_LOW,
		    "all stanzas over code; which of them this file is made of is not known",
		    arena);
}
