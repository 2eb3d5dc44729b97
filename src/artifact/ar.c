/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/ar.h"

#include <ar.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/transfer.h"

_Static_assert(sizeof(struct ar_hdr) == 60, "headers are 60 bytes of text");

struct ar {
	int fd;
	bool thin;
	const char *path;
	struct diags *diags;
	uint64_t size, next; /* next: offset of the next header */
	uint64_t members;
	struct slice names; /* the table of long names of GNU archives, "//" */
	struct map seen;    /* name -> members of that name so far */
	struct arena arena;
};

/* What a header says, before its name is looked up. */
struct entry {
	struct slice name; /* the field without its trailing blanks */
	uint64_t header, offset, size;
};

/* Reads a range that lies inside the file; false with a diagnostic when it cannot. */
static bool read_range(struct ar *ar, uint64_t offset, void *to, size_t size)
{
	size_t done = transfer_read_at(ar->fd, offset, to, size);

	if (done < size)
		diag_add(ar->diags, errno ? DIAG_INPUT_UNREADABLE : DIAG_INPUT_CHANGED, ar->path,
			 offset + done, "%s",
			 errno ? strerror(errno) : "it became shorter while it was read");
	return done == size;
}

static bool bad(struct ar *ar, uint64_t offset, const char *what)
{
	diag_add(ar->diags, DIAG_ARCHIVE_BAD, ar->path, offset, "%s", what);
	return false;
}

enum status ar_open(int fd, const char *path, struct diags *diags, struct ar **ret)
{
	char magic[AR_MAGIC_SIZE];
	struct stat info;
	struct ar *ar;
	size_t got = transfer_read_at(fd, 0, magic, sizeof(magic));

	if ((got < sizeof(magic) && errno) || fstat(fd, &info) != 0)
		return STATUS_IO;
	if (got < sizeof(magic) || info.st_size < AR_MAGIC_SIZE)
		return STATUS_FORMAT;
	if (memcmp(magic, AR_MAGIC, sizeof(magic)) != 0 &&
	    memcmp(magic, AR_MAGIC_THIN, sizeof(magic)) != 0)
		return STATUS_FORMAT;
	ar = memory_calloc(1, sizeof(*ar));
	arena_init(&ar->arena);
	ar->fd = fd;
	ar->thin = memcmp(magic, AR_MAGIC_THIN, sizeof(magic)) == 0;
	ar->path = arena_strdup(&ar->arena, path);
	ar->diags = diags;
	ar->size = (uint64_t)info.st_size;
	ar->next = AR_MAGIC_SIZE;
	*ret = ar;
	return STATUS_OK;
}

void ar_free(struct ar *ar)
{
	if (!ar)
		return;
	map_release(&ar->seen);
	arena_release(&ar->arena);
	free(ar);
}

/* Decimal digits, then blanks only; false for anything else and for what does not fit. */
static bool parse_number(struct slice text, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text.ptr[i] - '0'), &value))
			return false;
	if (i == 0)
		return false;
	*ret = value;
	for (; i < text.len; i++)
		if (text.ptr[i] != ' ')
			return false;
	return true;
}

/* Tables are inside a thin archive too. */
static bool is_table(struct slice name)
{
	return slice_equal_text(name, "/") || slice_equal_text(name, "//") ||
	       slice_equal_text(name, "/SYM64/") || slice_equal_text(name, "/<ECSYMBOLS>/");
}

static bool read_header(struct ar *ar, char text[static sizeof(struct ar_hdr)], struct entry *ret)
{
	const struct ar_hdr *header = (const struct ar_hdr *)text;
	uint64_t end;

	ret->header = ar->next;
	if (ar->size - ar->next < sizeof(*header))
		return bad(ar, ar->next, "the archive ends inside the header of a member");
	if (!read_range(ar, ar->next, text, sizeof(*header)))
		return false;
	if (memcmp(header->ar_fmag, ARFMAG, sizeof(header->ar_fmag)) != 0)
		return bad(ar, ar->next, "no header of a member here");
	if (!parse_number(slice_of(header->ar_size, sizeof(header->ar_size)), &ret->size))
		return bad(ar, ar->next + offsetof(struct ar_hdr, ar_size),
			   "the size of a member is no number");
	ret->name = slice_of(header->ar_name, sizeof(header->ar_name));
	while (ret->name.len && ret->name.ptr[ret->name.len - 1] == ' ')
		ret->name.len--;
	ret->offset = ar->next + sizeof(*header);
	if (ar->thin && !is_table(ret->name)) {
		ar->next = ret->offset;
		return true;
	}
	if (ret->size > ar->size - ret->offset)
		return bad(ar, ar->next, "the archive ends inside a member");
	/* Members begin at even offsets; the byte between may be left out at the end. */
	end = ret->offset + ret->size + (ret->size & 1);
	ar->next = end > ar->size ? ar->size : end;
	return true;
}

static bool read_names(struct ar *ar, const struct entry *entry)
{
	uint8_t *bytes;

	if (ar->names.ptr)
		return bad(ar, entry->header, "a second table of long names");
	if (entry->size > BUDGET_ARCHIVE_NAMES) {
		diag_add(ar->diags, DIAG_LIMIT_REACHED, ar->path, entry->header,
			 "%llu bytes of member names", (unsigned long long)entry->size);
		return false;
	}
	bytes = arena_alloc(&ar->arena, (size_t)entry->size + 1);
	if (!read_range(ar, entry->offset, bytes, (size_t)entry->size))
		return false;
	ar->names = slice_of(bytes, (size_t)entry->size);
	return true;
}

/* "/123": the name stands in the table of names, and ends in a slash and a newline, or in NUL. */
static bool long_name(struct ar *ar, const struct entry *entry, struct slice *ret)
{
	struct slice rest;
	uint64_t offset;
	size_t length = 0;

	if (!parse_number(slice_of(entry->name.ptr + 1, entry->name.len - 1), &offset))
		return bad(ar, entry->header, "a member name that is not understood");
	if (offset >= ar->names.len)
		return bad(ar, entry->header, "a member name outside the table of names");
	rest = slice_of(ar->names.ptr + offset, ar->names.len - (size_t)offset);
	while (length < rest.len && rest.ptr[length] && rest.ptr[length] != '\n')
		length++;
	if (length && rest.ptr[length - 1] == '/')
		length--;
	*ret = slice_of(rest.ptr, length);
	return true;
}

/* "#1/20": the name is the first 20 bytes of the member, filled up with NUL. */
static bool bsd_name(struct ar *ar, struct entry *entry, struct slice *ret)
{
	uint64_t length;
	uint8_t *bytes;

	if (!parse_number(slice_of(entry->name.ptr + 3, entry->name.len - 3), &length) ||
	    length > entry->size || length > BUDGET_ARCHIVE_NAME)
		return bad(ar, entry->header, "a member name that is longer than its member");
	bytes = arena_alloc(&ar->arena, (size_t)length + 1);
	if (!read_range(ar, entry->offset, bytes, (size_t)length))
		return false;
	entry->offset += length;
	entry->size -= length;
	*ret = slice_of(bytes, strlen((const char *)bytes));
	return true;
}

static bool find_name(struct ar *ar, struct entry *entry, struct slice *ret)
{
	struct slice name = entry->name;

	if (name.len > 1 && name.ptr[0] == '/')
		return long_name(ar, entry, ret);
	if (slice_starts_with(name, "#1/") && !ar->thin)
		return bsd_name(ar, entry, ret);
	if (name.len > 1 && name.ptr[name.len - 1] == '/')
		name.len--;
	*ret = name;
	return true;
}

/* Symbol tables of BSD archives have names as members have. */
static bool is_bsd_table(struct slice name)
{
	return slice_equal_text(name, "__.SYMDEF") || slice_equal_text(name, "__.SYMDEF SORTED") ||
	       slice_equal_text(name, "__.SYMDEF_64") ||
	       slice_equal_text(name, "__.SYMDEF_64 SORTED");
}

static void fill_member(struct ar *ar, const struct entry *entry, struct slice name,
			struct ar_member *ret)
{
	struct map_entry *seen;
	bool added;

	*ret = (struct ar_member){
	    .name = arena_slice(&ar->arena, name),
	    .header = entry->header,
	    .offset = ar->thin ? 0 : entry->offset,
	    .size = entry->size,
	    .external = ar->thin,
	};
	seen = map_put(&ar->seen, slice_text(ret->name), 0, &added);
	if (!added)
		seen->value++;
	ret->ordinal = seen->value;
}

bool ar_next(struct ar *ar, struct ar_member *ret)
{
	while (ar->next < ar->size) {
		char text[sizeof(struct ar_hdr)];
		struct entry entry;
		struct slice name;

		if (!read_header(ar, text, &entry))
			break;
		if (is_table(entry.name)) {
			if (slice_equal_text(entry.name, "//") && !read_names(ar, &entry))
				break;
			continue;
		}
		if (++ar->members > BUDGET_ARCHIVE_MEMBERS) {
			diag_add(ar->diags, DIAG_LIMIT_REACHED, ar->path, entry.header,
				 "more than %u members", BUDGET_ARCHIVE_MEMBERS);
			break;
		}
		if (!find_name(ar, &entry, &name))
			break;
		if (is_bsd_table(name))
			continue;
		fill_member(ar, &entry, name, ret);
		return true;
	}
	ar->next = ar->size;
	return false;
}

char *ar_member_path(struct arena *arena, const char *archive, const struct ar_member *member)
{
	if (!member->ordinal)
		return arena_printf(arena, "%s(%s)", archive, member->name);
	return arena_printf(arena, "%s(%s#%u)", archive, member->name, member->ordinal + 1);
}
