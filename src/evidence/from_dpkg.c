/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which Debian package owns a file. The lists of files are kept as they were read; an index by the
 * last component of the path says which lines may mean a file. Directories of those lines alone are
 * canonicalised, once each: a list may say /bin/bash where the file is /usr/bin/bash, or the other
 * way round, or go through any other link to a directory.
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "evidence/dpkg.h"
#include "evidence/dpkg_component.h"
#include "evidence/provider.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/path.h"

#define NONE UINT32_MAX

/* One line of one list. */
struct dpkg_line {
	const uint8_t *path; /* without the leading slash */
	uint32_t length;
	uint32_t package; /* NONE: diverted away */
	uint32_t next;	  /* line with the same last component, or NONE */
};

struct dpkg_owner {
	uint32_t package, next;
};

struct dpkg {
	struct provider_context context;
	struct dpkg_packages packages;
	struct dpkg_distribution distribution;
	VEC(struct dpkg_line) lines;
	bool too_many;
	struct map names;	     /* last component -> its newest line; NONE once resolved */
	struct map directories;	     /* as spelled -> index into canonical */
	VEC(const char *) canonical; /* NULL: there is no such directory */
	struct map paths; /* canonical path -> its newest owner; of resolved names only */
	VEC(struct dpkg_owner) owners;
};

static struct slice last_component(struct slice path)
{
	const uint8_t *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

	return slash ? slice_of(slash + 1, path.len - (size_t)(slash + 1 - path.ptr)) : path;
}

static void add_line(struct dpkg *dpkg, struct slice path, uint32_t package)
{
	struct dpkg_line line = {path.ptr, (uint32_t)path.len, package, NONE};
	uint32_t index = (uint32_t)dpkg->lines.len;
	struct map_entry *name;
	bool added;

	if (index >= BUDGET_PACKAGE_FILES) {
		dpkg->too_many = true;
		return;
	}
	name = map_put(&dpkg->names, last_component(path), index, &added);
	if (!added) {
		line.next = name->value;
		name->value = index;
	}
	vec_push(&dpkg->lines, line);
}

/* Whether directory is a directory above path, as text. */
static bool is_above(struct slice directory, struct slice path)
{
	return path.len > directory.len && path.ptr[directory.len] == '/' &&
	       memcmp(path.ptr, directory.ptr, directory.len) == 0;
}

/* A path of a list or of an md5sums file, without its leading slash; empty: none in this line. */
static bool path_of_line(struct slice line, bool has_digest, struct slice *ret)
{
	struct slice digest;

	if (has_digest && (!slice_token(&line, " \t", &digest) || digest.len != 32))
		return false;
	if (has_digest) {
		while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == '*'))
			line = slice_of(line.ptr + 1, line.len - 1);
		if (slice_starts_with(line, "./"))
			line = slice_of(line.ptr + 2, line.len - 2);
	} else if (!line.len || line.ptr[0] != '/') {
		return false;
	}
	if (line.len && line.ptr[0] == '/')
		line = slice_of(line.ptr + 1, line.len - 1);
	*ret = line;
	return line.len != 0 && !memchr(line.ptr, '\0', line.len);
}

/* Lists name each directory before what is in it: such lines can be no file, and are left out. */
static void read_list(struct dpkg *dpkg, uint32_t package, struct slice bytes)
{
	const struct dpkg_package *owner = &dpkg->packages.list.ptr[package];
	struct dpkg_complaint complaint = {.file = owner->list};
	struct slice rest = bytes, line, path, held = {0};
	size_t number = 0;

	while (slice_line(&rest, &line)) {
		number++;
		if (!path_of_line(line, owner->list_has_digests, &path)) {
			dpkg_complain(&complaint, "not the path of a file", number,
				      (uint64_t)(line.ptr - bytes.ptr));
			continue;
		}
		if (held.len && !is_above(held, path))
			add_line(dpkg, held, package);
		held = path;
	}
	if (held.len)
		add_line(dpkg, held, package);
	dpkg_complain_end(&complaint, dpkg->context.diags);
}

static void read_lists(struct dpkg *dpkg)
{
	const struct dpkg_package *first_without = NULL;
	uint64_t budget = BUDGET_TEXT_FILE;
	size_t without = 0;

	for (uint32_t i = 0; i < dpkg->packages.list.len; i++) {
		const struct dpkg_package *package = &dpkg->packages.list.ptr[i];
		struct slice bytes;

		if (package->list &&
		    dpkg_read_file(dpkg->context.root, package->list, &budget, dpkg->context.arena,
				   dpkg->context.diags, &bytes))
			read_list(dpkg, i, bytes);
		else if (!package->list && !without++)
			first_without = package;
	}
	if (without)
		diag_add(
		    dpkg->context.diags, DIAG_PACKAGE_DATABASE_BAD, DPKG_FOLDER, DIAG_NO_OFFSET,
		    "no list of files for %zu of %zu packages, the first is %s", without,
		    dpkg->packages.list.len, arena_slice(dpkg->context.arena, first_without->name));
}

/* Files that other packages than the diverter ship as from are at to: dpkg-divert(1). */
static void divert(struct dpkg *dpkg, struct slice from, struct slice to, struct slice diverter)
{
	const struct map_entry *name = map_get(&dpkg->names, last_component(from));
	uint32_t next;

	for (uint32_t i = name ? name->value : NONE; i != NONE; i = next) {
		struct dpkg_line *line = &dpkg->lines.ptr[i];
		uint32_t package = line->package;

		next = line->next;
		if (package == NONE || !slice_equal(slice_of(line->path, line->length), from) ||
		    slice_equal(dpkg->packages.list.ptr[package].name, diverter))
			continue;
		line->package = NONE;
		add_line(dpkg, to, package);
	}
}

/* Three lines each: from, to, package; ":" is no package, but the administrator. */
static void read_diversions(struct dpkg *dpkg)
{
	static const char file[] = DPKG_FOLDER "/diversions";
	struct dpkg_complaint complaint = {.file = file};
	struct slice bytes, rest, from, to, diverter;
	uint64_t budget = BUDGET_TEXT_FILE;
	size_t number = 1;

	if (!dpkg_read_file(dpkg->context.root, file, &budget, dpkg->context.arena,
			    dpkg->context.diags, &bytes))
		return;
	for (rest = bytes; slice_line(&rest, &from); number += 3) {
		uint64_t offset = (uint64_t)(from.ptr - bytes.ptr);
		bool whole = slice_line(&rest, &to) && slice_line(&rest, &diverter);

		if (whole && path_of_line(from, false, &from) && path_of_line(to, false, &to))
			divert(dpkg, from, to, diverter);
		else
			dpkg_complain(&complaint, "not a diversion", number, offset);
	}
	dpkg_complain_end(&complaint, dpkg->context.diags);
}

/* The canonical path of a directory of a list; NULL when there is none. */
static const char *canonical_directory(struct dpkg *dpkg, struct slice directory)
{
	uint32_t index = (uint32_t)dpkg->canonical.len;
	bool added;
	const struct map_entry *entry = map_put(&dpkg->directories, directory, index, &added);
	char *canonical = NULL;

	if (!added)
		return dpkg->canonical.ptr[entry->value];
	if (root_realpath(dpkg->context.root,
			  arena_printf(dpkg->context.arena, "/%.*s", (int)directory.len,
				       (const char *)directory.ptr),
			  dpkg->context.arena, &canonical) != STATUS_OK)
		canonical = NULL;
	vec_push(&dpkg->canonical, canonical);
	return canonical;
}

static void add_owner(struct dpkg *dpkg, const struct dpkg_line *line)
{
	struct slice path = slice_of(line->path, line->length), name = last_component(path);
	struct slice directory = slice_of(path.ptr, path.len - name.len);
	struct dpkg_owner owner = {line->package, NONE};
	uint32_t index = (uint32_t)dpkg->owners.len;
	const char *canonical = canonical_directory(dpkg, directory);
	struct map_entry *entry;
	bool added;

	if (!canonical)
		return;
	entry = map_put(&dpkg->paths,
			slice_text(path_join(dpkg->context.arena, canonical,
					     arena_slice(dpkg->context.arena, name))),
			index, &added);
	if (!added) {
		owner.next = entry->value;
		entry->value = index;
	}
	vec_push(&dpkg->owners, owner);
}

/* Finds the owners of all files of this name. */
static void resolve(struct dpkg *dpkg, struct slice name)
{
	const struct map_entry *entry = map_get(&dpkg->names, name);
	uint32_t line;

	if (!entry || entry->value == NONE)
		return;
	line = entry->value;
	dpkg->names.entries[entry - dpkg->names.entries].value = NONE;
	for (; line != NONE; line = dpkg->lines.ptr[line].next) {
		if (dpkg->lines.ptr[line].package != NONE)
			add_owner(dpkg, &dpkg->lines.ptr[line]);
	}
}

/* 0: the package is for this machine; 1: it does not matter, or not known; 2: for another. */
static int misfit(const struct dpkg_package *package, const struct provider_query *query)
{
	static const struct {
		const char *architecture;
		uint16_t machine;
		bool is_64;
	} known[] = {
	    {"amd64", EM_X86_64, true},	   {"x32", EM_X86_64, false},
	    {"i386", EM_386, false},	   {"arm64", EM_AARCH64, true},
	    {"armhf", EM_ARM, false},	   {"armel", EM_ARM, false},
	    {"ppc64el", EM_PPC64, true},   {"ppc64", EM_PPC64, true},
	    {"powerpc", EM_PPC, false},	   {"riscv64", EM_RISCV, true},
	    {"s390x", EM_S390, true},	   {"mips64el", EM_MIPS, true},
	    {"mipsel", EM_MIPS, false},	   {"loong64", EM_LOONGARCH, true},
	    {"sparc64", EM_SPARCV9, true}, {"ia64", EM_IA_64, true},
	};

	if (!query->machine)
		return 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_equal_text(package->architecture, known[i].architecture))
			return known[i].machine == query->machine && known[i].is_64 == query->is_64
				   ? 0
				   : 2;
	}
	return 1;
}

static const struct component *dpkg_find(void *state, const struct provider_query *query)
{
	struct dpkg *dpkg = state;
	const struct map_entry *entry;
	struct dpkg_package *best;
	uint32_t chosen = NONE;

	resolve(dpkg, slice_text(path_name(query->path)));
	entry = map_get(&dpkg->paths, slice_text(query->path));
	for (uint32_t i = entry ? entry->value : NONE; i != NONE; i = dpkg->owners.ptr[i].next) {
		uint32_t package = dpkg->owners.ptr[i].package;
		int order = -1;

		if (chosen != NONE)
			order = misfit(&dpkg->packages.list.ptr[package], query) -
				misfit(&dpkg->packages.list.ptr[chosen], query);
		if (order < 0 || (order == 0 && package < chosen))
			chosen = package;
	}
	if (chosen == NONE)
		return NULL;
	best = &dpkg->packages.list.ptr[chosen];
	if (!best->component)
		best->component =
		    dpkg_component(best, dpkg->packages.native, &dpkg->distribution,
				   dpkg->context.root, dpkg->context.arena, dpkg->context.diags);
	return best->component;
}

static void dpkg_close(void *state)
{
	struct dpkg *dpkg = state;

	vec_release(&dpkg->packages.list);
	vec_release(&dpkg->lines);
	vec_release(&dpkg->canonical);
	vec_release(&dpkg->owners);
	map_release(&dpkg->names);
	map_release(&dpkg->directories);
	map_release(&dpkg->paths);
	free(dpkg);
}

static void dpkg_open(const struct provider_context *context, void **ret_state)
{
	struct dpkg *dpkg = memory_calloc(1, sizeof(*dpkg));

	dpkg->context = *context;
	dpkg_read_packages(context->root, context->arena, context->diags, &dpkg->packages);
	if (!dpkg->packages.list.len) {
		dpkg_close(dpkg);
		return;
	}
	dpkg_read_distribution(context->root, context->arena, &dpkg->distribution);
	read_lists(dpkg);
	read_diversions(dpkg);
	if (dpkg->too_many)
		diag_add(context->diags, DIAG_LIMIT_REACHED, DPKG_FOLDER, DIAG_NO_OFFSET,
			 "only %" PRIu32 " files of packages are known", BUDGET_PACKAGE_FILES);
	*ret_state = dpkg;
}

const struct provider provider_dpkg = {"dpkg", dpkg_open, dpkg_find, dpkg_close};
