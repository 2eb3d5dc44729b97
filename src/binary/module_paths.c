/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths of crates' sources. rustc compiles the path of a source into each place of it that can
 * panic (core::panic::Location); a linker keeps it while code refers to it. The texts have no end
 * mark and stand one behind the other, so that only the shape of a path ends one.
 */
#include "binary/module_lists.h"
#include "util/budget.h"

/* Folders whose entries are NAME-VERSION, or whose entries' entries are. */
static const struct mark {
	const char *text;
	bool between; /* one more folder: the registry's name and hash */
} marks[] = {
    {"/registry/src/", true},	 /* cargo's home */
    {"/cargo/registry/", false}, /* Debian's and Fedora's packages of crates */
    {"/cargo_registry/", false}, /* the same, while a package is built */
    {"/rust/deps/", false},	 /* what Rust's own library is built with */
};

/* Rust's own library: by the commit, or by the version of Debian's source tree. */
static const char commit_mark[] = "/rustc/", source_mark[] = "/rustc-", library[] = "/library/";

#define COMMIT_DIGITS 40u

static bool is_name(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* What stands up to the next slash; false when none is near or another byte is in between. */
static bool take_folder(struct slice *rest, struct slice *ret)
{
	size_t length = 0;

	while (length < rest->len && length < BUDGET_MODULE_TEXT &&
	       (is_name(rest->ptr[length]) || rest->ptr[length] == '.' || rest->ptr[length] == '+'))
		length++;
	if (!length || length == rest->len || rest->ptr[length] != '/')
		return false;
	*ret = slice_of(rest->ptr, length);
	*rest = slice_of(rest->ptr + length + 1, rest->len - length - 1);
	return true;
}

/* MAJOR.MINOR.PATCH, and what may follow of -PRE and +BUILD (semver.org). */
static bool is_version(struct slice text)
{
	size_t at = 0;

	for (unsigned part = 0; part < 3; part++) {
		size_t start = at;

		while (at < text.len && is_digit(text.ptr[at]))
			at++;
		if (at == start || (part < 2 && (at == text.len || text.ptr[at++] != '.')))
			return false;
	}
	return at == text.len ||
	       ((text.ptr[at] == '-' || text.ptr[at] == '+') && at + 1 < text.len);
}

/* "toml-1.1.8+spec-1.1.0" at the first dash behind which a version stands. */
static bool split(struct slice folder, struct slice *ret_name, struct slice *ret_version)
{
	for (size_t i = 1; i + 1 < folder.len; i++) {
		struct slice version = slice_of(folder.ptr + i + 1, folder.len - i - 1);

		if (folder.ptr[i] == '.' || folder.ptr[i] == '+')
			return false;
		if (folder.ptr[i] != '-' || !is_version(version))
			continue;
		*ret_name = slice_of(folder.ptr, i);
		*ret_version = version;
		return true;
	}
	return false;
}

/* Whether the rest of a path leads to a file of Rust: its length, or 0. */
static size_t source_length(struct slice rest)
{
	for (size_t i = 0; i + 3 <= rest.len && i < BUDGET_MODULE_TEXT; i++) {
		if (memcmp(rest.ptr + i, ".rs", 3) == 0)
			return i ? i + 3 : 0;
		if (!is_name(rest.ptr[i]) && rest.ptr[i] != '/' && rest.ptr[i] != '.')
			return 0;
	}
	return 0;
}

struct search {
	struct elf_input *in;
	struct facts_builder *builder;
	struct map seen; /* NAME-VERSION -> index of the module */
};

/* False when there is no room left. */
static bool found(struct search *search, const struct facts_module *like, struct slice key,
		  struct slice name, struct slice version, struct slice path)
{
	struct facts_module module = *like;
	const struct map_entry *known = map_get(&search->seen, key);

	if (known) {
		search->builder->modules.ptr[known->value].count++;
		return true;
	}
	module.name = facts_builder_text(search->builder, name);
	module.version = facts_builder_text(search->builder, version);
	module.detail = facts_builder_text(search->builder, path);
	module.offset = (uint64_t)(path.ptr - search->in->bytes.ptr);
	module.count = 1;
	if (!module_add(search->builder, &module))
		return false;
	map_put(&search->seen, key, (uint32_t)search->builder->modules.len - 1, NULL);
	return true;
}

static bool offer_crate(struct search *search, struct slice rest, const struct mark *mark)
{
	const struct facts_module like = {.source = FACTS_MODULE_CARGO_PATH};
	struct slice folder, name, version;
	size_t length;

	if (mark->between && !take_folder(&rest, &folder))
		return true;
	if (!take_folder(&rest, &folder) || !split(folder, &name, &version))
		return true;
	length = source_length(rest);
	return !length || found(search, &like, folder, name, version,
				slice_of(folder.ptr, folder.len + 1 + length));
}

/* "/rustc/COMMIT/library/" or "/rustc-1.63.0/library/". */
static bool offer_library(struct search *search, struct slice rest, bool by_commit)
{
	const struct facts_module like = {.source = FACTS_MODULE_RUST_TOOLCHAIN};
	struct slice folder, version = {0}, behind;
	size_t length;

	if (!take_folder(&rest, &folder) || !slice_starts_with(rest, library + 1))
		return true;
	if (by_commit ? folder.len != COMMIT_DIGITS : !is_version(folder))
		return true;
	if (!by_commit)
		version = folder;
	behind = slice_of(rest.ptr + strlen(library + 1), rest.len - strlen(library + 1));
	length = source_length(behind);
	return !length || found(search, &like, folder, slice_text("rust-std"), version,
				slice_of(folder.ptr, (size_t)(behind.ptr - folder.ptr) + length));
}

/* Every place of a mark, until an offer says that there is no room. */
static bool each(struct search *search, struct slice bytes, const char *text,
		 const struct mark *mark)
{
	size_t at = 0, length = strlen(text);

	while (at < bytes.len) {
		const uint8_t *place = memmem(bytes.ptr + at, bytes.len - at, text, length);
		struct slice rest;

		if (!place)
			return true;
		at = (size_t)(place - bytes.ptr) + length;
		rest = slice_of(bytes.ptr + at, bytes.len - at);
		if (mark ? !offer_crate(search, rest, mark)
			 : !offer_library(search, rest, text == commit_mark))
			return false;
	}
	return true;
}

static void search_range(struct search *search, uint64_t offset, uint64_t size)
{
	struct slice bytes;

	/* Code of Rust that can panic has places of its own library in it. */
	if (!slice_sub(search->in->bytes, offset, size, &bytes) ||
	    !memmem(bytes.ptr, bytes.len, library, strlen(library)))
		return;
	if (!each(search, bytes, commit_mark, NULL) || !each(search, bytes, source_mark, NULL))
		return;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!each(search, bytes, marks[i].text, &marks[i]))
			return;
}

void module_paths_rust(struct elf_input *in, struct facts_builder *builder)
{
	struct search search = {.in = in, .builder = builder};
	bool sections = false;

	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		if (section->type != SHT_PROGBITS || section->name.length < 7 ||
		    strncmp(builder->strings.ptr + section->name.offset, ".rodata", 7) != 0)
			continue;
		sections = true;
		search_range(&search, section->offset, section->size);
	}
	for (size_t i = 0; !sections && i < in->segment_count; i++)
		if (in->segments[i].p_type == PT_LOAD && !(in->segments[i].p_flags & PF_W))
			search_range(&search, in->segments[i].p_offset, in->segments[i].p_filesz);
	map_release(&search.seen);
}
