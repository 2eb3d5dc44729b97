/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/term.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "util/map.h"

#define LOCAL_NAME_SHOWN 80

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_id_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '-' || byte == '.';
}

/* SPDX annex "License Expressions": idstring = 1*(ALPHA / DIGIT / "-" / "."). */
static bool is_idstring(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!is_id_byte(*text))
			return false;
	return true;
}

/* [DocumentRef-(idstring):]PREFIX(idstring); the prefixes are case-sensitive. */
static bool is_reference(const char *text, const char *prefix)
{
	const char *colon = strchr(text, ':');

	if (colon) {
		const char *document = text + strlen("DocumentRef-");

		if (!has_prefix(text, "DocumentRef-") || document >= colon)
			return false;
		for (; document < colon; document++)
			if (!is_id_byte(*document))
				return false;
		text = colon + 1;
	}
	return has_prefix(text, prefix) && is_idstring(text + strlen(prefix));
}

struct gnu_version {
	const char *family;
	char major, minor;
	const char *tail; /* what follows the version */
};

/* "GPL-2", "LGPLv2.1", "agpl3": whether text begins like a name of the GNU family. */
static bool parse_gnu(const char *text, struct gnu_version *ret)
{
	static const char *const families[] = {"AGPL", "LGPL", "GPL", "GFDL"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const char *at = text + strlen(families[i]);

		if (strncasecmp(text, families[i], strlen(families[i])) != 0)
			continue;
		at += *at == '-';
		at += *at == 'v' || *at == 'V';
		if (!isdigit((unsigned char)*at))
			return false;
		*ret = (struct gnu_version){families[i], *at, '0', at + 1};
		if (at[1] == '.' && isdigit((unsigned char)at[2])) {
			ret->minor = at[2];
			ret->tail = at + 3;
		}
		/* A further digit or part: no version of this family. */
		return !isdigit((unsigned char)*ret->tail) && *ret->tail != '.';
	}
	return false;
}

static char *gnu_id(const struct gnu_version *version, const char *variant, bool or_later,
		    struct arena *arena)
{
	return arena_printf(arena, "%s-%c.%c-%s%s", version->family, version->major, version->minor,
			    variant, or_later ? "or-later" : "only");
}

/*
 * Since SPDX list 3.0 the ids of the GNU family say "-only" or "-or-later"; the forms before,
 * "GPL-2.0" and "GPL-2.0+", are deprecated. NULL when the name is neither.
 */
static char *modern_gnu_id(const char *name, bool plus, struct arena *arena)
{
	struct gnu_version version;

	if (!parse_gnu(name, &version) || *version.tail || name[strlen(version.family)] != '-' ||
	    !strchr(name, '.'))
		return NULL;
	return gnu_id(&version, "", plus, arena);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcasecmp(text + length - wanted, end) == 0;
}

static void set_row(const struct knowledge *knowledge, const char *id, struct licence_term *term)
{
	term->licence = knowledge_licence(knowledge, id);
	term->id = term->licence ? term->licence->id : id;
}

static void set_exception(const struct knowledge *knowledge, const char *name,
			  struct licence_term *term)
{
	term->exception_row = knowledge_exception(knowledge, name);
	term->exception = term->exception_row ? term->exception_row->id : name;
}

/* "eCos-2.0" and the like: ids that SPDX has replaced by an id, or by an id WITH an exception. */
static bool fill_deprecated(const struct knowledge *knowledge, const char *name,
			    struct arena *arena, struct licence_term *term)
{
	const char *spdx = knowledge_alias(knowledge, "spdx-deprecated", name, NULL), *with;

	if (!spdx)
		return false;
	with = strstr(spdx, " WITH ");
	if (with)
		set_exception(knowledge, with + strlen(" WITH "), term);
	set_row(knowledge, with ? arena_slice(arena, slice_of(spdx, (size_t)(with - spdx))) : spdx,
		term);
	return true;
}

/* The id of a name without the "+" that followed it. False: no such name can be. */
static bool fill_spdx_id(const struct knowledge *knowledge, char *text, bool plus,
			 struct arena *arena, struct licence_term *term)
{
	const char *gnu = modern_gnu_id(text, plus, arena);

	if (has_prefix(text, "LicenseRef-") || has_prefix(text, "DocumentRef-")) {
		term->id = text;
		term->licence = knowledge_licence(knowledge, text);
		return !plus && is_reference(text, "LicenseRef-");
	}
	if (!is_idstring(text) || has_prefix(text, "AdditionRef-"))
		return false;
	set_row(knowledge, gnu ? gnu : text, term);
	if (!plus || gnu || ends_with(text, "-or-later"))
		return true;
	/* "this version or any later": only for ids that do not say so themselves. */
	term->id = arena_printf(arena, "%s+", term->id);
	return !ends_with(text, "-only");
}

struct term_result term_of_spdx(const struct knowledge *knowledge, struct slice name,
				struct slice exception, struct arena *arena)
{
	struct term_result result = {.lossy = false};
	char *text = arena_slice(arena, name), *with;
	bool plus = name.len > 1 && name.ptr[name.len - 1] == '+';

	if (!fill_deprecated(knowledge, text, arena, &result.term)) {
		text[name.len - plus] = '\0';
		result.bad = !fill_spdx_id(knowledge, text, plus, arena, &result.term);
		result.lossy = !result.term.licence && !is_reference(text, "LicenseRef-");
	}
	if (!exception.len)
		return result;
	with = arena_slice(arena, exception);
	result.bad |= result.term.exception != NULL ||
		      (!is_reference(with, "AdditionRef-") &&
		       (!is_idstring(with) || has_prefix(with, "AdditionRef-")));
	set_exception(knowledge, with, &result.term);
	result.lossy |= !result.term.exception_row;
	return result;
}

/* ---- DEP-5 ---- */

/*
 * "GPL-2+", "LGPLv2.1", "GFDL-NIV-1.3+", and their misspelt relatives ("GPL3+"). Debian policy
 * and DEP-5 let a ".0" be left out. NULL when the name is no such one, or of no version known.
 */
static const char *dep5_gnu_id(const struct knowledge *knowledge, const char *name,
			       struct arena *arena)
{
	const char *variant = "", *id;
	struct gnu_version version;

	if (strncasecmp(name, "GFDL-NIV-", 9) == 0) {
		variant = "no-invariants-";
		name = arena_printf(arena, "GFDL-%s", name + 9);
	}
	if (!parse_gnu(name, &version) || (*version.tail && strcmp(version.tail, "+") != 0))
		return NULL;
	id = gnu_id(&version, variant, *version.tail == '+', arena);
	return knowledge_licence(knowledge, id) ? id : NULL;
}

/*
 * A local name is unique only inside its file: the scope makes it so outside. A long one is cut,
 * and keeps apart from others by the hash of the whole.
 */
static char *local_id(const char *prefix, const char *scope, const char *name, struct arena *arena)
{
	size_t length = strlen(name);
	char *id = length > LOCAL_NAME_SHOWN
		       ? arena_printf(arena, "%s%s%s%.*s-%016llx", prefix, scope, *scope ? "-" : "",
				      LOCAL_NAME_SHOWN, name,
				      (unsigned long long)map_hash(slice_text(name)))
		       : arena_printf(arena, "%s%s%s%s", prefix, scope, *scope ? "-" : "",
				      length ? name : "unnamed");

	for (char *at = id + strlen(prefix); *at; at++)
		if (!is_id_byte(*at))
			*at = '-';
	return id;
}

/* One base name, without exception; an alias for several licences is in result->expression. */
static void fill_dep5_base(const struct knowledge *knowledge, const char *name, const char *scope,
			   struct arena *arena, struct term_result *result)
{
	enum licence_confidence confidence = LICENCE_CONFIDENCE_HIGH;
	const char *spdx = knowledge_alias(knowledge, "debian-dep5", name, &confidence);
	size_t length = strlen(name);

	result->lossy |= confidence != LICENCE_CONFIDENCE_HIGH;
	if (spdx && strchr(spdx, ' ')) {
		result->expression = spdx;
		return;
	}
	if (!spdx)
		spdx = dep5_gnu_id(knowledge, name, arena);
	if (!spdx && fill_deprecated(knowledge, name, arena, &result->term))
		return;
	set_row(knowledge, spdx ? spdx : name, &result->term);
	if (result->term.licence)
		return;
	/* "MPL-1.1+": an id of SPDX and its operator. */
	if (!spdx && length > 1 && name[length - 1] == '+' && !ends_with(name, "-only+")) {
		set_row(knowledge, arena_slice(arena, slice_of(name, length - 1)), &result->term);
		if (result->term.licence) {
			result->term.id = arena_printf(arena, "%s+", result->term.id);
			return;
		}
	}
	result->lossy = true;
	if (!spdx || !has_prefix(spdx, "LicenseRef-"))
		result->term.id = local_id("LicenseRef-", scope, name, arena);
}

/* The word behind "with" of "X with Y exception", cut off from the name; NULL when there is none.
 */
static char *cut_exception(char *name)
{
	char *with = strcasestr(name, " with "), *word;

	if (!with)
		with = strcasestr(name, "-with-");
	if (!with || with == name)
		return NULL;
	*with = '\0';
	word = with + strlen(" with ");
	if (ends_with(word, " exception") || ends_with(word, "-exception"))
		word[strlen(word) - strlen(" exception")] = '\0';
	return *word ? word : NULL;
}

/* Ids of SPDX that the keywords name in some spelling: "Bison-2.2", "GCC Runtime Library 3.1". */
static void fill_dep5_exception(const struct knowledge *knowledge, const char *keywords,
				const char *scope, struct arena *arena, struct term_result *result)
{
	enum licence_confidence confidence = LICENCE_CONFIDENCE_HIGH;
	char *joined = arena_strdup(arena, keywords);
	const char *names[3];

	for (char *at = joined; *at; at++)
		if (*at == ' ')
			*at = '-';
	names[0] = joined;
	names[1] = arena_printf(arena, "%s-exception", joined);
	names[2] = knowledge_alias(knowledge, "debian-exception", keywords, &confidence);
	for (size_t i = 0; i < 3; i++) {
		if (!names[i] || !knowledge_exception(knowledge, names[i]))
			continue;
		set_exception(knowledge, names[i], &result->term);
		result->lossy |= i == 2 && confidence != LICENCE_CONFIDENCE_HIGH;
		return;
	}
	result->lossy = true;
	result->term.exception = local_id("AdditionRef-", scope, keywords, arena);
}

static struct term_result local_term(const char *name, const char *scope, struct arena *arena)
{
	struct term_result result = {.lossy = true};

	result.term.id = local_id("LicenseRef-", scope, name, arena);
	return result;
}

struct term_result term_of_dep5(const struct knowledge *knowledge, struct slice name,
				const char *scope, struct arena *arena)
{
	struct term_result result = {.lossy = false};
	char *text = arena_slice(arena, name), *exception = NULL;

	if (!knowledge_alias(knowledge, "debian-dep5", text, NULL))
		exception = cut_exception(text);
	fill_dep5_base(knowledge, text, scope, arena, &result);
	if (!exception)
		return result;
	/* Several licences, or one that is not known, cannot carry an exception that is: the whole
	 * name stays a local one. */
	if (result.expression || !result.term.licence || result.term.exception)
		return local_term(arena_slice(arena, name), scope, arena);
	fill_dep5_exception(knowledge, exception, scope, arena, &result);
	return result;
}

struct term_result term_of_unreadable(const char *text, const char *scope, struct arena *arena)
{
	return local_term(text, scope, arena);
}
