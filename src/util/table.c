/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/budget.h"
#include "util/table_builtin.h"
#include "util/transfer.h"
#include "util/vec.h"

/* A table while its lines are read. The text is ours: fields end in a NUL where a tab was. */
struct reader {
	const char *file; /* for diagnostics */
	char *text;
	size_t size, next; /* next: where the line after this one starts */
	char *line;
	size_t length, number, offset; /* of this line; number counts from 1 */
	struct diags *diags;
	VEC(const char *) fields;
};

/* A whole host file into the arena. STATUS_IO with errno set. */
static enum status read_file(int fd, struct arena *arena, struct slice *ret)
{
	struct stat info;
	uint8_t *bytes;
	size_t done;

	if (fstat(fd, &info) != 0)
		return STATUS_IO;
	if (!S_ISREG(info.st_mode)) {
		errno = EINVAL;
		return STATUS_IO;
	}
	if ((uint64_t)info.st_size > BUDGET_TEXT_FILE)
		return STATUS_LIMIT;
	bytes = arena_alloc(arena, (size_t)info.st_size + 1);
	done = transfer_read(fd, bytes, (size_t)info.st_size);
	if (done < (size_t)info.st_size && errno)
		return STATUS_IO;
	*ret = slice_of(bytes, done);
	return STATUS_OK;
}

/* STATUS_NOT_FOUND when the folder has no such file; diagnoses a file that cannot be read. */
static enum status read_from_folder(const char *folder, const char *name, struct arena *arena,
				    struct diags *diags, const char **ret_file, struct slice *ret)
{
	const char *file = arena_printf(arena, "%s/%s.tsv", folder, name);
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	enum status status = STATUS_IO;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return STATUS_NOT_FOUND;
	if (fd >= 0)
		status = read_file(fd, arena, ret);
	error = errno;
	if (fd >= 0)
		(void)close(fd);
	if (status != STATUS_OK)
		diag_add(diags, DIAG_DATA_TABLE_BAD, file, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(error) : status_text(status));
	*ret_file = file;
	return status;
}

static enum status read_builtin(const char *name, struct slice *ret)
{
	for (const struct table_builtin *table = table_builtins; table->name; table++) {
		if (strcmp(table->name, name) != 0)
			continue;
		*ret = slice_of(table->bytes, table->size);
		return STATUS_OK;
	}
	return STATUS_NOT_FOUND;
}

/* The line of column names behind the comments; *text is what follows. *ret_extends: they say so.
 */
static struct slice header_line(struct slice *text, bool *ret_extends)
{
	struct slice line;

	*ret_extends = false;
	while (slice_line(text, &line)) {
		if (!slice_starts_with(line, "# "))
			return line;
		*ret_extends |= slice_equal_text(slice_trim(line), "# extends: built-in");
	}
	return slice_text("");
}

/* Puts the rows of the built-in table behind those of one that extends it. */
static enum status extend(const char *file, const char *name, struct arena *arena,
			  struct diags *diags, struct slice *bytes)
{
	struct slice own = *bytes, other, header, other_header;
	bool extends, unused, newline;
	uint8_t *joined;

	header = header_line(&own, &extends);
	if (!extends || read_builtin(name, &other) != STATUS_OK)
		return STATUS_OK;
	other_header = header_line(&other, &unused);
	if (header.len != other_header.len ||
	    memcmp(header.ptr, other_header.ptr, header.len) != 0) {
		diag_add(diags, DIAG_DATA_TABLE_BAD, file, (uint64_t)(header.ptr - bytes->ptr),
			 "its columns are not those of the built-in table, which are: %.*s",
			 (int)other_header.len, (const char *)other_header.ptr);
		return STATUS_FORMAT;
	}
	newline = bytes->ptr[bytes->len - 1] != '\n';
	joined = arena_alloc(arena, bytes->len + newline + other.len);
	memcpy(joined, bytes->ptr, bytes->len);
	if (newline)
		joined[bytes->len] = '\n';
	memcpy(joined + bytes->len + newline, other.ptr, other.len);
	*bytes = slice_of(joined, bytes->len + newline + other.len);
	return STATUS_OK;
}

static bool next_line(struct reader *reader)
{
	struct slice rest = slice_of(reader->text + reader->next, reader->size - reader->next),
		     line;

	reader->offset = reader->next;
	if (!slice_line(&rest, &line))
		return false;
	reader->line = reader->text + reader->offset;
	reader->length = line.len;
	reader->next = reader->size - rest.len;
	reader->number++;
	return true;
}

/* Appends the fields of this line and gives their number; 0 when it holds a NUL byte. */
static size_t split_line(struct reader *reader)
{
	size_t count = 1;

	if (memchr(reader->line, 0, reader->length))
		return 0;
	reader->line[reader->length] = 0;
	vec_push(&reader->fields, reader->line);
	for (char *tab = reader->line; (tab = strchr(tab, '\t')); count++) {
		*tab++ = 0;
		vec_push(&reader->fields, tab);
	}
	return count;
}

/* Comments, then the line of headers. Leaves the headers' fields in reader->fields. */
static size_t read_headers(struct reader *reader, struct table *table)
{
	static const char date[] = "# date: ";

	while (next_line(reader)) {
		struct slice line = slice_of(reader->line, reader->length);

		if (!slice_starts_with(line, "# "))
			return split_line(reader);
		if (slice_starts_with(line, date) && !memchr(line.ptr, 0, line.len)) {
			reader->line[reader->length] = 0;
			table->date = reader->line + sizeof(date) - 1;
		}
	}
	return 0;
}

static void read_rows(struct reader *reader, struct table *table)
{
	while (next_line(reader)) {
		size_t before = reader->fields.len, count = split_line(reader);

		if (count == table->columns) {
			table->rows++;
			continue;
		}
		reader->fields.len = before;
		diag_add(reader->diags, DIAG_DATA_TABLE_BAD, reader->file, reader->offset,
			 "line %zu: %zu fields where %zu are expected", reader->number, count,
			 table->columns);
	}
}

/* The copy has a NUL behind its end, for a last line without a newline. */
static enum status parse(const char *file, struct arena *arena, struct diags *diags,
			 struct table *table)
{
	struct reader reader = {.file = file, .size = table->bytes.len, .diags = diags};

	reader.text = arena_slice(arena, table->bytes);
	table->date = "";
	table->columns = read_headers(&reader, table);
	if (!table->columns) {
		diag_add(diags, DIAG_DATA_TABLE_BAD, file, reader.offset,
			 "no line of column names");
		vec_release(&reader.fields);
		return STATUS_FORMAT;
	}
	read_rows(&reader, table);
	table->headers =
	    arena_copy(arena, reader.fields.ptr, reader.fields.len * sizeof(*reader.fields.ptr));
	table->fields = table->headers + table->columns;
	vec_release(&reader.fields);
	return STATUS_OK;
}

enum status table_open(const char *folder, const char *name, struct arena *arena,
		       struct diags *diags, struct table *ret)
{
	struct table table = {.name = arena_strdup(arena, name)};
	const char *file = arena_printf(arena, "data/%s.tsv", name);
	enum status status = STATUS_NOT_FOUND;

	if (folder)
		status = read_from_folder(folder, name, arena, diags, &file, &table.bytes);
	if (status == STATUS_OK)
		status = extend(file, name, arena, diags, &table.bytes);
	if (status == STATUS_NOT_FOUND)
		status = read_builtin(name, &table.bytes);
	if (status == STATUS_OK)
		status = parse(file, arena, diags, &table);
	if (status == STATUS_OK)
		*ret = table;
	return status;
}

size_t table_column(const struct table *table, const char *header, struct diags *diags)
{
	for (size_t i = 0; i < table->columns; i++) {
		if (strcmp(table->headers[i], header) == 0)
			return i;
	}
	diag_add(diags, DIAG_DATA_TABLE_BAD, table->name, DIAG_NO_OFFSET, "no column \"%s\"",
		 header);
	return SIZE_MAX;
}
