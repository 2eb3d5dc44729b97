/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a glibc program interpreter has compiled in. There is no table of it: the strings are found
 * in its read-only data by their shape, and left empty where that is not certain.
 */
#include "binary/collector.h"

void facts_loader(struct elf_input *in, struct facts_builder *builder);

static bool is_interpreter(const struct facts_builder *builder)
{
	const struct facts_text *soname = &builder->identity.ptr->soname;
	struct slice name = slice_of(builder->strings.ptr + soname->offset, soname->length);

	return slice_starts_with(name, "ld-linux") || slice_starts_with(name, "ld64.so") ||
	       slice_equal_text(name, "ld.so.1");
}

/* The strings of a segment, one after the other; false at its end. */
static bool next_string(struct slice *rest, struct slice *ret)
{
	const uint8_t *end;

	if (!rest->len)
		return false;
	end = memchr(rest->ptr, 0, rest->len);
	if (!end)
		return false;
	*ret = slice_of(rest->ptr, (size_t)(end - rest->ptr));
	rest->len -= ret->len + 1;
	rest->ptr += ret->len + 1;
	return true;
}

/* "/lib/x86_64-linux-gnu/": absolute, ends in a slash, holds a lib component, no other bytes. */
static bool is_system_directory(struct slice text)
{
	if (text.len < 5 || text.len > 200 || text.ptr[0] != '/' || text.ptr[text.len - 1] != '/' ||
	    (!memmem(text.ptr, text.len, "/lib", 4)))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == ':' ||
		    text.ptr[i] == '%')
			return false;
	return true;
}

/* system_dirs of elf/dl-load.c: two or more such strings in a row, the longest run. */
static size_t take_directories(struct slice rest, char *ret, size_t size)
{
	char run[1024];
	size_t used = 0, count = 0, best = 0, length = 0;
	struct slice text;

	while (next_string(&rest, &text)) {
		if (is_system_directory(text) && used + text.len + 1 < sizeof(run)) {
			if (used)
				run[used++] = ':';
			memcpy(run + used, text.ptr, text.len - 1);
			used += text.len - 1;
			count++;
			continue;
		}
		if (count >= 2 && count > best && used < size) {
			best = count;
			length = used;
			memcpy(ret, run, used);
		}
		used = count = 0;
	}
	return length;
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* "stable release version 2.36" in the banner of --version and --help. */
static struct slice find_version(struct slice bytes)
{
	static const char lead[] = "release version ";
	const uint8_t *at = memmem(bytes.ptr, bytes.len, lead, sizeof(lead) - 1);
	struct slice version;

	if (!at)
		return slice_of(NULL, 0);
	at += sizeof(lead) - 1;
	version = slice_of(at, 0);
	while (at + version.len < bytes.ptr + bytes.len && version.len < 16 &&
	       (is_digit(at[version.len]) || at[version.len] == '.'))
		version.len++;
	while (version.len && version.ptr[version.len - 1] == '.')
		version.len--;
	return version;
}

/* The glibc-hwcaps names in order of preference, separated by colons. */
static struct slice find_hwcaps(struct slice bytes)
{
	static const char *const known[] = {"x86-64-v4:x86-64-v3:x86-64-v2", "power10:power9",
					    "z16:z15:z14:z13", "z15:z14:z13"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const uint8_t *at = memmem(bytes.ptr, bytes.len, known[i], strlen(known[i]) + 1);
		if (at)
			return slice_of(at, strlen(known[i]));
	}
	return slice_of(NULL, 0);
}

/*
 * $LIB is not marked in any way. It is "lib/TRIPLET" where the system directories begin with
 * /lib/TRIPLET, "lib64" where they begin with /lib64, and else not said.
 */
static struct slice lib_of(const char *directories)
{
	const char *end = strchr(directories, ':');
	size_t length = end ? (size_t)(end - directories) : strlen(directories);

	if (strncmp(directories, "/usr/", 5) == 0) {
		directories += 4;
		length -= 4;
	}
	return slice_of(directories + 1, length ? length - 1 : 0);
}

void facts_loader(struct elf_input *in, struct facts_builder *builder)
{
	struct facts_loader loader = {0};
	char directories[1024] = "";

	if (!is_interpreter(builder))
		return;
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes, found;
		size_t length;

		if (segment->p_type != PT_LOAD || (segment->p_flags & (PF_W | PF_X)) ||
		    !elf_input_bytes(in, segment->p_offset, segment->p_filesz, &bytes))
			continue;
		length = take_directories(bytes, directories, sizeof(directories) - 1);
		if (length) {
			directories[length] = '\0';
			loader.system_directories =
			    facts_builder_text(builder, slice_of(directories, length));
			loader.lib = facts_builder_text(builder, lib_of(directories));
		}
		found = find_version(bytes);
		if (found.len)
			loader.version = facts_builder_text(builder, found);
		found = find_hwcaps(bytes);
		if (found.len)
			loader.hwcaps = facts_builder_text(builder, found);
	}
	vec_push(&builder->loader, loader);
}
