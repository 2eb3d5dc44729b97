/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that are kept in a folder of their package (git's, a compiler's) are started by a path
 * that is put together at run time. The file holds the folder, and names; whoever knows the file
 * tree sees which of them are programs in that folder. Only for files with a call that starts a
 * program which is not known.
 */
#include <string.h>

#include "binary/code_starters.h"
#include "util/budget.h"

#define LONGEST_FOLDER 255
#define LONGEST_NAME 64
#define HOLES 2

struct words {
	struct code_calls *calls;
	struct map known; /* kind and text */
	uint32_t count;
};

struct word_key {
	uint32_t kind, text;
};

static bool is_name_byte(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || memchr("_+-.", byte, 4);
}

/* A name, with so many times "%s" in it at most. */
static bool is_name(struct slice text, unsigned holes)
{
	bool letter = false;

	if (text.len < 2 || text.len > LONGEST_NAME || memchr("-.+", text.ptr[0], 3))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (holes && text.ptr[i] == '%' && i + 1 < text.len && text.ptr[i + 1] == 's') {
			holes--;
			i++;
			continue;
		}
		if (!is_name_byte(text.ptr[i]))
			return false;
		letter |= text.ptr[i] >= 'A';
	}
	return letter || text.len == 2;
}

static bool is_below(struct slice text, const char *folder)
{
	size_t length = strlen(folder);

	return text.len >= length && memcmp(text.ptr, folder, length) == 0 &&
	       (text.len == length || text.ptr[length] == '/');
}

/* An absolute path of three parts or more, where programs of a package may be. */
static bool is_folder(struct slice text)
{
	static const char *const others[] = {"/etc", "/dev", "/proc", "/sys",	   "/tmp",
					     "/var", "/run", "/home", "/usr/share"};
	unsigned slashes = 0;

	if (text.len < 5 || text.len > LONGEST_FOLDER || text.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '/' && !is_name_byte(text.ptr[i]))
			return false;
		slashes += text.ptr[i] == '/' && i + 1 < text.len;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is_below(text, others[i]))
			return false;
	return slashes >= 3;
}

static void add(struct words *words, uint64_t address, uint32_t kind, struct slice text)
{
	struct code_calls *calls = words->calls;
	struct word_key key = {kind, code_texts_add(&calls->texts, text)};
	bool added;

	if (words->count >= BUDGET_CODE_WORDS) {
		calls->constants_limited = true;
		return;
	}
	map_put(&words->known, code_calls_key(calls, &key, sizeof(key)), 0, &added);
	if (!added)
		return;
	words->count++;
	vec_push(&calls->constants, ((struct code_constant){.call = address,
							    .target = address,
							    .symbol = CODE_NO_SYMBOL,
							    .parameter = kind,
							    .text = key.text}));
}

/*
 * Texts that a compiler's driver reads ("specs", GCC manual, Spec Files): words between blanks,
 * braces and colons. A command follows the start, a colon, a brace or a bar, and has arguments.
 */
static void add_spec_words(struct words *words, uint64_t address, struct slice text)
{
	uint8_t before = ':';

	for (size_t i = 0, end; i < text.len; i = end) {
		struct slice word;
		uint8_t behind;

		for (end = i; end < text.len && is_name_byte(text.ptr[end]); end++)
			;
		word = slice_of(text.ptr + i, end - i);
		if (end == i) {
			if (!memchr(" \t\n", text.ptr[i], 3))
				before = text.ptr[i];
			end++;
			continue;
		}
		behind = end < text.len ? text.ptr[end] : ' ';
		if (memchr(" \t\n", behind, 3) && is_name(word, 0)) {
			if (!i || memchr(" \t\n:}|", text.ptr[i - 1], 6))
				add(words, address, FACTS_CONSTANT_WORD, word);
			if (memchr(":}|", before, 3) && end + 1 < text.len &&
			    memchr("%-", text.ptr[end + 1], 2))
				add(words, address, FACTS_CONSTANT_COMMAND, word);
		}
		before = 'a';
	}
}

static void add_text(struct words *words, uint64_t address, struct slice text, bool folders)
{
	const uint8_t *slash = memrchr(text.ptr, '/', text.len);
	struct slice name = text;

	if (folders) {
		const uint8_t *up = memmem(text.ptr, text.len, "/../", 4);

		if (up)
			text.len = (size_t)(up - text.ptr);
		if (is_folder(text))
			add(words, address, FACTS_CONSTANT_FOLDER, text);
		return;
	}
	if (text.len && text.ptr[0] == '/')
		return; /* a path, or a name that a function chooses: code_choosers.c */
	if (slash)
		name = slice_of(slash + 1, text.len - (size_t)(slash + 1 - text.ptr));
	if (is_name(name, HOLES) && (!slash || !memchr(text.ptr, ' ', text.len)))
		add(words, address, FACTS_CONSTANT_WORD, name);
	else if (memmem(text.ptr, text.len, "%{", 2))
		add_spec_words(words, address, text);
}

static void scan_bytes(struct words *words, uint64_t address, struct slice bytes, bool folders)
{
	for (size_t at = 0, end; at < bytes.len; at = end + 1) {
		const uint8_t *zero = memchr(bytes.ptr + at, 0, bytes.len - at);
		struct slice text;

		if (!zero)
			return;
		end = (size_t)(zero - bytes.ptr);
		text = slice_of(bytes.ptr + at, end - at);
		if (text.len >= 2 && text.len <= BUDGET_CODE_TEXT && code_text_valid(text))
			add_text(words, address + at, text, folders);
	}
}

/* All texts of constant data: first the folders, then, when there are any, the names. */
static void scan(struct words *words, bool folders)
{
	const struct code_image *image = &words->calls->image;
	const struct facts_builder *builder = image->builder;
	struct slice bytes;
	uint64_t offset, address;

	vec_each (section, &builder->sections) {
		if (section->type != SHT_PROGBITS || !(section->flags & SHF_ALLOC) ||
		    (section->flags & (SHF_WRITE | SHF_EXECINSTR)) ||
		    !elf_input_at_address(image->in, section->address, &bytes, &offset))
			continue;
		if (bytes.len > section->size)
			bytes.len = (size_t)section->size;
		scan_bytes(words, section->address, bytes, folders);
	}
	for (size_t i = 0; !builder->sections.len && i < image->in->segment_count; i++)
		if (code_image_read_only(image, i, &address, &bytes))
			scan_bytes(words, address, bytes, folders);
}

void code_calls_words(struct code_calls *calls)
{
	struct words words = {.calls = calls};

	if (!code_calls_want_names(calls))
		return;
	scan(&words, true);
	if (words.count)
		scan(&words, false);
	map_release(&words.known);
}
