/* SPDX-License-Identifier: BSD-2-Clause */
/* "under the terms of the GNU Lesser General Public License ... either version 2.1 of ...". */
#include <ctype.h>
#include <string.h>

#include "licence/grants_internal.h"

enum family { FAMILY_GPL, FAMILY_LGPL, FAMILY_AGPL, FAMILY_GFDL, FAMILY_MPL };

static const struct {
	const char *id;
	const char *versions; /* that there are */
	const char *any;      /* what it is without a version */
} families[] = {
    [FAMILY_GPL] = {"GPL", "1.0 2.0 3.0", "GPL-1.0-or-later"},
    [FAMILY_LGPL] = {"LGPL", "2.0 2.1 3.0", "LGPL-2.0-or-later"},
    [FAMILY_AGPL] = {"AGPL", "1.0 3.0", "AGPL-1.0-or-later"},
    [FAMILY_GFDL] = {"GFDL", "1.1 1.2 1.3", "GFDL-1.1-or-later"},
    [FAMILY_MPL] = {"MPL", "1.0 1.1 2.0", "MPL-1.0"},
};

struct version {
	char major, minor;
	bool later;
};

struct name {
	enum family family;
	size_t first, last;	/* words [first, last) */
	struct version version; /* major 0: not in the name */
};

/* "2", "v2.1", "3+": a version and nothing else. */
static bool parse_version(const char *text, struct version *ret)
{
	struct version version = {0, '0', false};

	text += strncmp(text, "v.", 2) == 0 ? 2 : *text == 'v' ? 1 : 0;
	if (!isdigit((unsigned char)*text))
		return false;
	version.major = *text++;
	if (text[0] == '.' && isdigit((unsigned char)text[1])) {
		version.minor = text[1];
		text += 2;
		if (text[0] == '.' && text[1] == '0') /* "2.0.0" */
			text += 2;
	}
	if (*text == '+') {
		version.later = true;
		text++;
	}
	*ret = version;
	return !*text;
}

/* "gpl", "lgplv2.1+", "gpl-3": an abbreviation of the family, perhaps with a version. */
static bool parse_abbreviation(const char *text, struct name *ret)
{
	static const struct {
		const char *text;
		enum family family;
	} names[] = {{"agpl", FAMILY_AGPL},
		     {"lgpl", FAMILY_LGPL},
		     {"gpl", FAMILY_GPL},
		     {"gfdl", FAMILY_GFDL},
		     {"mpl", FAMILY_MPL}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i].text);

		if (strncmp(text, names[i].text, length) != 0)
			continue;
		text += length;
		text += *text == '-';
		ret->family = names[i].family;
		ret->version = (struct version){0, '0', false};
		if (strcmp(text, "+") == 0)
			return true;
		return !*text || parse_version(text, &ret->version);
	}
	return false;
}

/* The name of a licence of the family whose characteristic words begin at a place. */
static bool name_at(const struct words *words, size_t at, struct name *ret)
{
	const char *word = word_at(words, at), *before = at ? word_at(words, at - 1) : "";

	*ret = (struct name){FAMILY_GPL, at, at + 1, {0, '0', false}};
	if (words_are(words, at, "general public license") ||
	    words_are(words, at, "general public licence") ||
	    words_are(words, at, "general public licenses")) {
		ret->last = at + 3;
		if (word_is_among(before, "lesser library affero")) {
			ret->family = *before == 'a' ? FAMILY_AGPL : FAMILY_LGPL;
			ret->first = at - 1;
		}
		return true;
	}
	if (words_are(words, at, "general lesser public license") ||
	    words_are(words, at, "lesser public license") ||
	    words_are(words, at, "lesser general public version") ||
	    words_are(words, at, "library public license")) {
		ret->family = FAMILY_LGPL;
		ret->last = at + (strcmp(word, "general") == 0 ? 4 : 3);
		return strcmp(before, "general") != 0;
	}
	if (words_are(words, at, "free documentation license") ||
	    words_are(words, at, "mozilla public license")) {
		ret->family = *word == 'f' ? FAMILY_GFDL : FAMILY_MPL;
		ret->last = at + 3;
		return true;
	}
	return parse_abbreviation(word, ret);
}

/* ---- versions ---- */

#define NEAR 16 /* words a sentence may put between a name, its verb and its version */

/* Words that may stand between the name and its version. */
static const char between[] =
    "as published by the free software foundation inc either version versions v ver gnu gpl lgpl "
    "agpl fsf a its of license licence mpl gfdl in its";
/* Words that may stand between a version and "later". */
static const char behind[] =
    "of the license licence licenses or at your option any gnu general public lesser library as "
    "published by free software foundation either if you prefer choose inc gpl lgpl version and "
    "its a";

/* The version behind the name; *ret_end: the word behind it. */
static bool version_behind(const struct words *words, size_t at, struct version *ret,
			   size_t *ret_end)
{
	for (size_t i = at; i < at + NEAR && i < words->count; i++) {
		const char *word = word_at(words, i), *before = i ? word_at(words, i - 1) : "";
		struct name short_name;

		if (parse_version(word, ret) &&
		    (i == at || *word == 'v' || ret->later ||
		     word_is_among(before,
				   "version versions v ver either gpl lgpl agpl mpl the"))) {
			*ret_end = i + 1;
			return true;
		}
		if (parse_abbreviation(word, &short_name) && short_name.version.major) {
			*ret = short_name.version;
			*ret_end = i + 1;
			return true;
		}
		if (!word_is_among(word, between) ||
		    (words->list[i].ends && !word_is_among(word, "v ver inc")))
			return false;
	}
	return false;
}

/* "version 2 of the GNU GPL", "version 2 or (at your option) any later version of the ...". */
static bool version_before(const struct words *words, size_t at, struct version *ret,
			   size_t *ret_first)
{
	bool later = false;

	for (size_t i = at; i-- > 0 && at - i <= NEAR;) {
		const char *word = word_at(words, i), *before = i ? word_at(words, i - 1) : "";

		if (words->list[i].ends)
			return false;
		if (parse_version(word, ret) &&
		    (*word == 'v' || word_is_among(before, "version versions v"))) {
			*ret_first = i;
			ret->later |= later;
			return true;
		}
		later |= word_is_among(word, "later newer");
		if (!word_is_among(word,
				   "gnu the of or later newer any version at your option only "
				   "either lesser library"))
			return false;
	}
	return false;
}

/*
 * "or (at your option) any later version", "or later", "only", "or version 3". Gives the versions
 * beside the first one as bits of their digit; *ret_end: the word behind all of it.
 */
static bool later_behind(const struct words *words, size_t at, bool *ret_later,
			 struct version *ret_other, size_t *ret_end)
{
	for (size_t i = at; i < at + NEAR && i < words->count; i++) {
		const char *word = word_at(words, i);
		struct version other;

		if (i > at && words->list[i - 1].ends)
			return false;
		if (word_is_among(word, "later newer greater higher above")) {
			*ret_later = true;
			*ret_end =
			    i + 1 +
			    (word_is_among(word_at(words, i + 1), "version versions") ? 1 : 0);
			return true;
		}
		if (strcmp(word, "only") == 0) {
			*ret_end = i + 1;
			return true;
		}
		if (parse_version(word, &other) &&
		    word_is_among(word_at(words, i - 1), "or version")) {
			*ret_other = other;
			*ret_end = i + 1;
			continue;
		}
		if (!word_is_among(word, behind))
			return false;
	}
	return false;
}

static const char *spdx_of(enum family family, struct version version, struct arena *arena)
{
	char text[] = {version.major, '.', version.minor, '\0'};

	if (!word_is_among(text, families[family].versions))
		return NULL;
	if (family == FAMILY_MPL)
		return arena_printf(arena, "MPL-%s", text);
	return arena_printf(arena, "%s-%s-%s", families[family].id, text,
			    version.later ? "or-later" : "only");
}

/* ---- what the words around make of a name ---- */

/* "a copy of the GNU ...", "See the GNU ...": the text of the licence is meant. */
static bool is_reference(const struct words *words, size_t first)
{
	size_t at = first;

	while (at && word_is_among(word_at(words, at - 1), "gnu the"))
		at--;
	if (!at)
		return false;
	if (strcmp(word_at(words, at - 1), "of") == 0 && at > 2)
		return word_is_among(word_at(words, at - 2), "copy text texts copies wording title "
							     "provisions") ||
		       word_is_among(word_at(words, at - 3), "section sections clause");
	if (strcmp(word_at(words, at - 1), "with") == 0 && at > 1)
		return word_is_among(word_at(words, at - 2), "compatible incompatible");
	return word_is_among(word_at(words, at - 1), "see read");
}

/* Whether a verb before it makes the name a grant: "under the terms of", "is licensed as". */
static bool has_verb(const struct words *words, size_t first, bool versioned_short)
{
	for (size_t i = first; i-- > 0 && first - i <= NEAR;) {
		/* A list may stand below "under the terms of either". */
		if (words->list[i].ends && !word_is_among(word_at(words, i), "either of or"))
			return false;
		if (word_is_among(word_at(words, i),
				  "terms under licensed licenced subject covered distributed "
				  "released governed conditions") ||
		    (word_is_among(word_at(words, i), "license licence licenses") &&
		     (words->list[i].colon || versioned_short)))
			return true;
		if (versioned_short && word_is_among(word_at(words, i), "copyright copyrighted"))
			return true;
	}
	return versioned_short && first && words->list[first].starts_line;
}

enum gnu_result gnu_grant_at(const struct words *words, size_t at, struct arena *arena,
			     struct grant *ret)
{
	struct version version, other = {0, '0', false};
	struct name name;
	const char *spdx;
	bool found;

	if (!name_at(words, at, &name))
		return GNU_NOTHING;
	*ret = (struct grant){.first = name.first, .last = name.last, .body_end = name.last};
	if (is_reference(words, name.first))
		return GNU_REFERENCE;
	version = name.version;
	found = version.major != 0;
	if (!found)
		found = version_behind(words, name.last, &version, &ret->last);
	if (!found)
		found = version_before(words, name.first, &version, &ret->first);
	else if (!version.later)
		later_behind(words, ret->last, &version.later, &other, &ret->last);
	ret->unversioned = !found;
	spdx = found ? spdx_of(name.family, version, arena) : families[name.family].any;
	if (spdx && other.major) {
		const char *second = spdx_of(name.family, other, arena);
		spdx = second ? arena_printf(arena, "(%s OR %s)", spdx, second) : NULL;
	}
	ret->spdx = spdx;
	ret->body_end = ret->last;
	if (!spdx || !has_verb(words, ret->first < name.first ? ret->first : name.first,
			       found && name.last == name.first + 1))
		return GNU_MENTION;
	return GNU_GRANT;
}
