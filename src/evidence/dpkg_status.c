/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/dpkg.h"
#include "evidence/dpkg_fields.h"
#include "util/budget.h"
#include "util/map.h"

#define INFO_FOLDER DPKG_FOLDER "/info"
#define STATUS_FOLDER DPKG_FOLDER "/status.d"

struct stanza {
	struct dpkg_fields fields;
	size_t line; /* where it starts; 0 before its first field */
	uint64_t offset;
};

struct status_reader {
	struct root *root;
	struct arena *arena;
	struct diags *diags;
	struct dpkg_packages *packages;
	uint64_t budget;
	bool too_many;
	/* Of the file being read. */
	struct dpkg_complaint complaint;
	bool needs_status; /* every stanza has a field "Status" */
};

void dpkg_complain(struct dpkg_complaint *complaint, const char *what, size_t line, uint64_t offset)
{
	if (complaint->count++)
		return;
	complaint->what = what;
	complaint->line = line;
	complaint->offset = offset;
}

void dpkg_complain_end(const struct dpkg_complaint *complaint, struct diags *diags)
{
	if (complaint->count == 1)
		diag_add(diags, DIAG_PACKAGE_DATABASE_BAD, complaint->file, complaint->offset,
			 "line %zu: %s", complaint->line, complaint->what);
	else if (complaint->count)
		diag_add(diags, DIAG_PACKAGE_DATABASE_BAD, complaint->file, complaint->offset,
			 "line %zu: %s; %zu more lines are malformed", complaint->line,
			 complaint->what, complaint->count - 1);
}

bool dpkg_read_file(struct root *root, const char *path, uint64_t *budget, struct arena *arena,
		    struct diags *diags, struct slice *ret)
{
	uint64_t limit = *budget < BUDGET_TEXT_FILE ? *budget : BUDGET_TEXT_FILE;
	enum status status = root_read(root, path, limit, arena, ret);
	int error = errno;

	if (status == STATUS_OK) {
		*budget -= ret->len;
		return true;
	}
	if (status == STATUS_LIMIT)
		diag_add(diags, DIAG_LIMIT_REACHED, path, DIAG_NO_OFFSET,
			 "the package database is too large");
	else if (status != STATUS_NOT_FOUND)
		diag_add(diags, DIAG_PACKAGE_DATABASE_BAD, path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(error) : status_text(status));
	return false;
}

/* Names of packages and architectures become parts of paths: deb-control(5) has no others. */
static bool is_name(struct slice text)
{
	if (!text.len || !isalnum(text.ptr[0]))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!isalnum(text.ptr[i]) && !(text.ptr[i] && strchr("+-._", text.ptr[i])))
			return false;
	}
	return true;
}

/* Whether the third word of Status says that files of the package are there. */
static bool has_files(struct slice status)
{
	struct slice word, last = {0};

	while (slice_token(&status, " \t", &word))
		last = word;
	return !slice_equal_text(last, "not-installed") && !slice_equal_text(last, "config-files");
}

/* What is too much is left out; dpkg_read_packages() says so. */
static void add_package(struct status_reader *reader, const struct dpkg_package *package)
{
	if (reader->packages->list.len < BUDGET_PACKAGES)
		vec_push(&reader->packages->list, *package);
	else
		reader->too_many = true;
}

static void end_stanza(struct status_reader *reader, struct stanza *stanza)
{
	const struct dpkg_fields *fields = &stanza->fields;
	const struct dpkg_package package = {
	    .name = fields->package,
	    .architecture = fields->architecture,
	    .version = fields->version,
	    .source = fields->source,
	};
	const char *what = NULL;

	if (!stanza->line)
		return;
	if (!is_name(package.name))
		what = "no usable package name in this entry";
	else if (package.architecture.len && !is_name(package.architecture))
		what = "no usable architecture in this entry";
	else if (reader->needs_status && !fields->status.len)
		what = "no status in this entry";
	else if (!fields->status.len || has_files(fields->status))
		add_package(reader, &package);
	if (what)
		dpkg_complain(&reader->complaint, what, stanza->line, stanza->offset);
	*stanza = (struct stanza){0};
}

static bool read_status(struct status_reader *reader, const char *path, bool needs_status)
{
	struct slice bytes, rest, line;
	struct stanza stanza = {0};
	size_t number = 0;

	reader->complaint = (struct dpkg_complaint){.file = path};
	reader->needs_status = needs_status;
	if (!dpkg_read_file(reader->root, path, &reader->budget, reader->arena, reader->diags,
			    &bytes))
		return false;
	rest = bytes;
	while (slice_line(&rest, &line)) {
		uint64_t offset = (uint64_t)(line.ptr - bytes.ptr);

		number++;
		if (!slice_trim(line).len) {
			end_stanza(reader, &stanza);
			continue;
		}
		if (!dpkg_fields_read_line(&stanza.fields, line, stanza.line != 0)) {
			dpkg_complain(&reader->complaint, "not a field", number, offset);
		} else if (!stanza.line && line.ptr[0] != '#') {
			stanza.line = number;
			stanza.offset = offset;
		}
	}
	end_stanza(reader, &stanza);
	dpkg_complain_end(&reader->complaint, reader->diags);
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length > end_length && strcmp(text + length - end_length, end) == 0;
}

/* Images built without dpkg: one file per package, its md5sums beside it. */
static bool read_status_folder(struct status_reader *reader)
{
	struct root_entry *entries;
	size_t count;

	if (root_list(reader->root, STATUS_FOLDER, reader->arena, &entries, &count) != STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t first = reader->packages->list.len;
		struct root_file file;
		const char *path, *digests;

		if (ends_with(entries[i].name, ".md5sums") || entries[i].type == ROOT_DIRECTORY)
			continue;
		path = arena_printf(reader->arena, "%s/%s", STATUS_FOLDER, entries[i].name);
		digests = arena_printf(reader->arena, "%s.md5sums", path);
		if (!read_status(reader, path, false) || reader->packages->list.len == first ||
		    root_stat(reader->root, digests, true, &file) != STATUS_OK)
			continue;
		reader->packages->list.ptr[first].list = digests;
		reader->packages->list.ptr[first].list_has_digests = true;
	}
	return count != 0;
}

/* Finds "NAME:ARCHITECTURE.list", "NAME.list", and the same with ".md5sums", in that order. */
static void find_lists(struct status_reader *reader, const struct map *names)
{
	static const char *const kinds[] = {".list", ".md5sums"};
	struct arena scratch;

	arena_init(&scratch);
	vec_each (package, &reader->packages->list) {
		const char *name = arena_slice(&scratch, package->name);
		const char *architecture = arena_slice(&scratch, package->architecture);

		for (size_t i = 0; i < 4 && !package->list; i++) {
			const char *kind = kinds[i / 2];
			const char *file =
			    i % 2 ? arena_printf(&scratch, "%s%s", name, kind)
				  : arena_printf(&scratch, "%s:%s%s", name, architecture, kind);

			if (!map_get(names, slice_text(file)))
				continue;
			package->list = arena_printf(reader->arena, "%s/%s", INFO_FOLDER, file);
			package->list_has_digests = i / 2 == 1;
		}
	}
	arena_release(&scratch);
}

/* A root whose status file was removed still says by the lists' names which packages it has. */
static void packages_of_lists(struct status_reader *reader, const struct root_entry *entries,
			      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = entries[i].name;
		struct dpkg_package package = {0};
		size_t length = strlen(name), colon = strcspn(name, ":");

		if (!ends_with(name, ".list") && !ends_with(name, ".md5sums"))
			continue;
		length -= ends_with(name, ".list") ? strlen(".list") : strlen(".md5sums");
		package.name = slice_of(name, colon < length ? colon : length);
		if (colon < length)
			package.architecture = slice_of(name + colon + 1, length - colon - 1);
		if (!is_name(package.name) || (colon < length && !is_name(package.architecture)))
			continue;
		add_package(reader, &package);
	}
}

static int compare_packages(const void *a, const void *b)
{
	const struct dpkg_package *left = a, *right = b;
	int order = slice_compare(left->name, right->name);

	if (!order)
		order = slice_compare(left->architecture, right->architecture);
	if (!order)
		order = slice_compare(left->version, right->version);
	return order;
}

/* Sorts, and keeps one of each name and architecture: the one of the highest version text. */
static void sort_packages(struct dpkg_packages *packages)
{
	size_t kept = 0;

	if (packages->list.len)
		qsort(packages->list.ptr, packages->list.len, sizeof(*packages->list.ptr),
		      compare_packages);
	for (size_t i = 0; i < packages->list.len; i++) {
		const struct dpkg_package *package = &packages->list.ptr[i];

		if (i + 1 < packages->list.len && slice_equal(package->name, package[1].name) &&
		    slice_equal(package->architecture, package[1].architecture))
			continue;
		packages->list.ptr[kept++] = *package;
	}
	packages->list.len = kept;
}

/* dpkg's own architecture; without it the first line of "arch", else what the packages have. */
static void find_native(struct status_reader *reader)
{
	struct slice bytes, line;

	vec_each (package, &reader->packages->list) {
		if (slice_equal_text(package->name, "dpkg"))
			reader->packages->native = package->architecture;
	}
	if (!reader->packages->native.len &&
	    dpkg_read_file(reader->root, DPKG_FOLDER "/arch", &reader->budget, reader->arena,
			   reader->diags, &bytes) &&
	    slice_line(&bytes, &line) && is_name(slice_trim(line)))
		reader->packages->native = slice_trim(line);
	vec_each (package, &reader->packages->list) {
		if (!reader->packages->native.len &&
		    !slice_equal_text(package->architecture, "all"))
			reader->packages->native = package->architecture;
	}
}

void dpkg_read_packages(struct root *root, struct arena *arena, struct diags *diags,
			struct dpkg_packages *ret)
{
	struct status_reader reader = {.root = root,
				       .arena = arena,
				       .diags = diags,
				       .packages = ret,
				       .budget = BUDGET_TEXT_FILE};
	struct root_entry *entries = NULL;
	struct map names = {0};
	size_t count = 0;
	bool known;

	known = read_status(&reader, DPKG_FOLDER "/status", true);
	known |= read_status_folder(&reader);
	if (root_list(root, INFO_FOLDER, arena, &entries, &count) != STATUS_OK)
		count = 0;
	if (!known)
		packages_of_lists(&reader, entries, count);
	for (size_t i = 0; i < count; i++)
		map_put(&names, slice_text(entries[i].name), 0, NULL);
	if (reader.too_many)
		diag_add(diags, DIAG_LIMIT_REACHED, DPKG_FOLDER, DIAG_NO_OFFSET,
			 "only %" PRIu32 " packages are read", BUDGET_PACKAGES);
	sort_packages(ret);
	find_lists(&reader, &names);
	find_native(&reader);
	map_release(&names);
}
