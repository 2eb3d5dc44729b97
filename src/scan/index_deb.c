/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/index_deb.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "artifact/ar.h"
#include "artifact/container.h"
#include "evidence/dpkg_fields.h"
#include "util/budget.h"
#include "util/pattern.h"
#include "util/transfer.h"
#include "util/vec.h"

#define MAGIC "!<arch>\ndebian-binary"
#define CONTROL CONTAINER_CONTROL "control"
#define TYPE_OFFSET 16 /* of e_type, in both classes */

bool index_deb_recognises(int fd)
{
	char head[sizeof(MAGIC) - 1];

	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       memcmp(head, MAGIC, sizeof(head)) == 0;
}

/* Where what Debian adds to a version of its own begins: "+dfsg1", "~ds", ".repack", "+~cs1.2". */
static bool is_addition(const char *text)
{
	static const char *const words[] = {"dfsg", "ds", "repack", "really", "debian"};

	if (!strchr("+~.", *text))
		return false;
	/* Parts that come as files of their own: their versions, joined by "+~". */
	if (text[0] == '+' && text[1] == '~')
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(text + 1, words[i], strlen(words[i])) == 0)
			return true;
	return strncmp(text + 1, "deb", 3) == 0 && isdigit((unsigned char)text[4]);
}

/* "2.0+really1.9" is 1.9 again, in a version that is higher than the withdrawn 2.0. */
static char *behind_really(char *version)
{
	static const char word[] = "really";

	for (char *at = version; (at = strstr(at, word));) {
		bool is_apart = at > version && strchr("+~.", at[-1]);

		at += sizeof(word) - 1;
		if (is_apart && isdigit((unsigned char)*at))
			version = at;
	}
	return version;
}

const char *index_deb_upstream(struct arena *arena, const char *version)
{
	const char *colon = strchr(version, ':');
	char *upstream = arena_strdup(arena, colon ? colon + 1 : version);
	char *revision = strrchr(upstream, '-');

	if (revision)
		*revision = '\0';
	upstream = behind_really(upstream);
	for (char *at = upstream; *at; at++)
		if (is_addition(at)) {
			*at = '\0';
			break;
		}
	return upstream;
}

/* ---- what a package says of itself ---- */

struct texts {
	struct arena *arena;
	struct diags *diags;
	const char *host, *path; /* path: of the file that comes */
	VEC(uint8_t) bytes;
	struct slice control, copyright;
	const char *copyright_path;
};

static bool begin_text(void *context, const char *path)
{
	struct texts *texts = context;

	texts->bytes.len = 0;
	texts->path = arena_strdup(texts->arena, path);
	return strcmp(path, CONTROL) == 0 ||
	       pattern_matches("usr/share/doc/*/copyright", path, NULL);
}

static bool take_text(void *context, const uint8_t *bytes, size_t size)
{
	struct texts *texts = context;

	if (size > BUDGET_COPYRIGHT_FILE - texts->bytes.len) {
		diag_add(texts->diags, DIAG_LIMIT_REACHED, texts->host, DIAG_NO_OFFSET,
			 "%s: a text of more than %llu bytes", texts->path,
			 (unsigned long long)BUDGET_COPYRIGHT_FILE);
		texts->bytes.len = 0;
		return false;
	}
	for (size_t i = 0; i < size; i++)
		vec_push(&texts->bytes, bytes[i]);
	return true;
}

static void end_text(void *context)
{
	struct texts *texts = context;
	struct slice kept =
	    slice_text(arena_slice(texts->arena, slice_of(texts->bytes.ptr, texts->bytes.len)));

	if (strcmp(texts->path, CONTROL) == 0) {
		texts->control = kept;
	} else if (!texts->copyright.len) {
		texts->copyright = kept;
		texts->copyright_path = texts->path;
	}
}

/* What the control file says. A line of it that is no field says nothing. */
static void read_control(struct slice control, struct arena *arena, struct index_deb *deb)
{
	struct dpkg_fields fields = {0};
	struct slice line, source, source_version;

	while (slice_line(&control, &line) && slice_trim(line).len)
		(void)dpkg_fields_read_line(&fields, line, true);
	source = fields.package;
	source_version = fields.version;
	dpkg_fields_source(fields.source, &source, &source_version);
	deb->package = arena_slice(arena, fields.package);
	deb->version = arena_slice(arena, fields.version);
	deb->source = arena_slice(arena, source);
	deb->source_version = arena_slice(arena, source_version);
}

enum status index_deb_describe(const char *host, struct arena *arena, struct diags *diags,
			       struct index_deb *ret)
{
	struct texts texts = {.arena = arena, .diags = diags, .host = host, .copyright_path = ""};
	const struct container_visitor visitor = {begin_text, take_text, end_text, &texts};
	enum status status = container_read(host, host, &visitor, diags);

	vec_release(&texts.bytes);
	*ret = (struct index_deb){"", "", "", "", "", {.path = "", .source = ""}};
	if (status != STATUS_OK)
		return status;
	read_control(texts.control, arena, ret);
	ret->upstream = index_deb_upstream(arena, ret->source_version);
	ret->copyright = (struct copyright_text){
	    texts.copyright, arena_printf(arena, "%s(%s)", host, texts.copyright_path),
	    ret->source};
	if (!*ret->package || !*ret->version)
		diag_add(diags, DIAG_CONTAINER_ENTRY, host, DIAG_NO_OFFSET,
			 "control: no package and version");
	return STATUS_OK;
}

/* ---- its files ---- */

struct files {
	struct diags *diags;
	const char *host;
	index_deb_take_fn *take;
	void *context;
	char *path;
	int fd; /* -1: none is wanted */
	uint64_t size;
	enum index_deb_kind kind;
	bool looked; /* at its first bytes */
};

static bool has_name_of_code(const char *path)
{
	static const char *const patterns[] = {"**.a", "**.o", "**.so", "**.so.*"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (pattern_matches(patterns[i], path, NULL))
			return true;
	return false;
}

static bool begin_file(void *context, const char *path)
{
	struct files *files = context;

	free(files->path);
	files->path = memory_strdup(path);
	files->size = 0;
	files->kind = has_name_of_code(path) ? INDEX_DEB_CODE : INDEX_DEB_PROGRAM;
	files->looked = false;
	return true;
}

static void drop_file(struct files *files)
{
	if (files->fd >= 0)
		close(files->fd);
	files->fd = -1;
}

static bool is_code(const uint8_t *bytes, size_t size)
{
	return size >= AR_MAGIC_SIZE && (memcmp(bytes, ELFMAG, SELFMAG) == 0 ||
					 memcmp(bytes, AR_MAGIC, AR_MAGIC_SIZE) == 0 ||
					 memcmp(bytes, AR_MAGIC_THIN, AR_MAGIC_SIZE) == 0);
}

/* Linked, as kernel modules and objects of other names are not. */
static bool is_program(const uint8_t *bytes, size_t size)
{
	struct cursor cursor;
	uint16_t type;

	if (size < TYPE_OFFSET + sizeof(type) || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return false;
	cursor = cursor_of(slice_of(bytes, size), bytes[EI_DATA] == ELFDATA2MSB);
	cursor_seek(&cursor, TYPE_OFFSET);
	type = cursor_u16(&cursor);
	return type == ET_EXEC || type == ET_DYN;
}

/* Whether the file with these first bytes is wanted, and there is a place for it. */
static bool open_file(struct files *files, const uint8_t *bytes, size_t size)
{
	/* Libraries are linker scripts at times. */
	if (files->kind == INDEX_DEB_CODE ? !is_code(bytes, size) : !is_program(bytes, size))
		return false;
	files->fd = memfd_create("elfleft-member", MFD_CLOEXEC);
	if (files->fd < 0)
		diag_add(files->diags, DIAG_INPUT_UNREADABLE, files->host, DIAG_NO_OFFSET, "%s: %s",
			 files->path, strerror(errno));
	files->looked = files->fd >= 0;
	return files->looked;
}

static bool take_data(void *context, const uint8_t *bytes, size_t size)
{
	struct files *files = context;

	if (!files->looked && !open_file(files, bytes, size))
		return false;
	files->size += size;
	if (files->size > BUDGET_PACKAGE_FILE) {
		diag_add(files->diags, DIAG_LIMIT_REACHED, files->host, DIAG_NO_OFFSET,
			 "%s: more than %llu MiB", files->path,
			 (unsigned long long)(BUDGET_PACKAGE_FILE >> 20));
		drop_file(files);
		return false;
	}
	if (!transfer_write(files->fd, bytes, size)) {
		diag_add(files->diags, DIAG_INPUT_UNREADABLE, files->host, DIAG_NO_OFFSET, "%s: %s",
			 files->path, strerror(errno));
		drop_file(files);
		return false;
	}
	return true;
}

static void end_file(void *context)
{
	struct files *files = context;

	if (files->fd >= 0)
		files->take(files->context, files->path, files->fd, files->kind);
	drop_file(files);
}

enum status index_deb_files(const char *host, struct diags *diags, index_deb_take_fn *take,
			    void *context)
{
	struct files files = {
	    .diags = diags, .host = host, .take = take, .context = context, .fd = -1};
	const struct container_visitor visitor = {begin_file, take_data, end_file, &files};
	enum status status = container_read(host, host, &visitor, diags);

	drop_file(&files);
	free(files.path);
	return status;
}
