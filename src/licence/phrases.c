/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/phrases.h"

#include <ctype.h>
#include <string.h>

#include "util/budget.h"
#include "util/vec.h"

static bool is_inner(uint8_t byte)
{
	return isalnum(byte) || byte == '-' || byte == '.' || byte == '+' || byte == '/' ||
	       byte == '_' || byte == '\'';
}

/* "license." is "license", "2.1+" and "src/" stay. Sets *ret_stop for a full stop cut off. */
static struct slice trim(struct slice word, bool *ret_stop)
{
	*ret_stop = false;
	while (word.len) {
		uint8_t last = word.ptr[word.len - 1];
		bool plus_of_version =
		    last == '+' && word.len > 1 && isalnum(word.ptr[word.len - 2]);

		if (isalnum(last) || last == '/' || last == '_' || plus_of_version)
			break;
		*ret_stop |= last == '.';
		word.len--;
	}
	while (word.len && !isalnum(word.ptr[0]) && word.ptr[0] != '/' && word.ptr[0] != '.' &&
	       word.ptr[0] != '_') {
		word.ptr++;
		word.len--;
	}
	return word;
}

struct splitter {
	struct arena *arena;
	VEC(struct word) list;
};

static void add_word(struct splitter *splitter, struct slice word, uint32_t line, bool first,
		     bool bullet)
{
	bool stop;
	char *text;

	word = trim(word, &stop);
	if (!word.len) {
		if (stop && splitter->list.len)
			splitter->list.ptr[splitter->list.len - 1].ends = true;
		return;
	}
	text = arena_slice(splitter->arena, word);
	for (char *at = text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	vec_push(
	    &splitter->list,
	    ((struct word){
		.text = text, .line = line, .ends = stop, .starts_line = first, .bullet = bullet}));
}

static void split_line(struct splitter *splitter, struct slice line, uint32_t number)
{
	size_t at = 0, before = splitter->list.len;
	bool bullet = false;

	while (at < line.len && splitter->list.len < BUDGET_PROSE_WORDS) {
		size_t end = at;

		while (end < line.len && is_inner(line.ptr[end]))
			end++;
		if (end > at) {
			struct slice word = slice_of(line.ptr + at, end - at);

			bullet |= splitter->list.len == before && slice_equal_text(word, "-");
			add_word(splitter, word, number, splitter->list.len == before,
				 bullet && splitter->list.len == before);
			at = end;
			continue;
		}
		if (line.ptr[at] == ':' && splitter->list.len > before)
			splitter->list.ptr[splitter->list.len - 1].colon = true;
		bullet |= splitter->list.len == before && line.ptr[at] == '*';
		at++;
	}
	if (splitter->list.len == before && before)
		splitter->list.ptr[before - 1].ends = true;
}

struct words words_of(struct slice text, struct arena *arena)
{
	struct splitter splitter = {.arena = arena};
	struct words words = {NULL, 0, false};
	struct slice line;
	uint32_t number = 0;

	while (slice_line(&text, &line))
		split_line(&splitter, line, ++number);
	words.count = splitter.list.len;
	words.limit = words.count >= BUDGET_PROSE_WORDS;
	words.list = arena_copy(arena, splitter.list.ptr, words.count * sizeof(struct word));
	vec_release(&splitter.list);
	return words;
}

bool words_are(const struct words *words, size_t at, const char *phrase)
{
	for (;; at++) {
		const char *word = word_at(words, at);
		size_t length = strcspn(phrase, " ");

		if (strlen(word) != length || strncmp(word, phrase, length) != 0)
			return false;
		phrase += length;
		if (!*phrase)
			return true;
		phrase++;
	}
}

size_t words_find(const struct words *words, size_t from, size_t to, const char *phrase)
{
	for (; from < to; from++)
		if (words_are(words, from, phrase))
			return from;
	return to;
}

bool word_is_among(const char *word, const char *list)
{
	size_t length = strlen(word);

	while (length && *list) {
		size_t part = strcspn(list, " ");

		if (part == length && strncmp(word, list, part) == 0)
			return true;
		list += part;
		list += *list == ' ';
	}
	return false;
}
