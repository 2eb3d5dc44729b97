/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/term.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* SPDX idstring, and the colon between DocumentRef and LicenseRef. */
static bool is_id_byte(uint8_t byte)
{
	return isalnum(byte) || byte == '-' || byte == '.' || byte == ':';
}

static bool is_id(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_id_byte(name.ptr[i]))
			return false;
	return name.len != 0;
}

/*
 * Ids of the GNU family say "-only" or "-or-later" since SPDX 3.0 of the list. text: what stands
 * before a "+"; NULL when it is no id of that family with a version alone.
 */
static char *gnu_id(const char *text, bool plus, struct arena *arena)
{
	static const char *const families[] = {"AGPL-", "LGPL-", "GPL-", "GFDL-"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t length = strlen(families[i]);
		const char *version = text + length;

		if (strncasecmp(text, families[i], length) != 0)
			continue;
		if (!isdigit((unsigned char)version[0]) || version[1] != '.' ||
		    !isdigit((unsigned char)version[2]))
			return NULL;
		if (version[3] && strcasecmp(version + 3, "-only") != 0)
			return NULL;
		return arena_printf(arena, "%s%.3s-%s", families[i], version,
				    plus ? "or-later" : "only");
	}
	return NULL;
}

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void set_exception(const struct knowledge *knowledge, const char *name,
			  struct licence_term *term)
{
	term->exception_row = knowledge_exception(knowledge, name);
	term->exception = term->exception_row ? term->exception_row->id : name;
}

struct term_result term_of_spdx(const struct knowledge *knowledge, struct slice name,
				struct slice exception, struct arena *arena)
{
	struct term_result result = {.lossy = false};
	bool plus = name.len > 1 && name.ptr[name.len - 1] == '+';
	char *text = arena_slice(arena, slice_of(name.ptr, name.len - plus)), *gnu;

	if (!is_id(slice_text(text)) || (exception.len && !is_id(exception))) {
		result.bad = true;
		return result;
	}
	gnu = gnu_id(text, plus, arena);
	result.term.id = gnu ? gnu : text;
	result.term.licence = knowledge_licence(knowledge, result.term.id);
	if (result.term.licence)
		result.term.id = result.term.licence->id;
	else if (!has_prefix(text, "LicenseRef-") && !has_prefix(text, "DocumentRef-"))
		result.lossy = true;
	if (plus && !gnu)
		result.term.id = arena_printf(arena, "%s+", result.term.id);
	if (exception.len) {
		set_exception(knowledge, arena_slice(arena, exception), &result.term);
		result.lossy |= !result.term.exception_row;
	}
	return result;
}

/* "GPL-2+", "LGPLv2.1", "AGPL-3": the names DEP-5 files use, and their misspelt relatives. */
static char *dep5_gnu_id(const char *name, struct arena *arena)
{
	static const char *const families[] = {"AGPL", "LGPL", "GPL"};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const char *at = name;
		char major, minor = '0';

		if (strncasecmp(at, families[i], strlen(families[i])) != 0)
			continue;
		at += strlen(families[i]);
		at += *at == '-';
		at += *at == 'v' || *at == 'V';
		if (!isdigit((unsigned char)*at))
			return NULL;
		major = *at++;
		if (at[0] == '.' && isdigit((unsigned char)at[1])) {
			minor = at[1];
			at += 2;
		}
		if (strcmp(at, "+") != 0 && *at)
			return NULL;
		return arena_printf(arena, "%s-%c.%c-%s", families[i], major, minor,
				    *at ? "or-later" : "only");
	}
	return NULL;
}

/* A local name is unique only inside its file: the scope makes it so outside. */
static char *local_id(const char *prefix, const char *scope, const char *name, struct arena *arena)
{
	char *id = arena_printf(arena, "%s%s%s%s", prefix, scope, *scope ? "-" : "", name);

	for (char *at = id + strlen(prefix); *at; at++)
		if (!is_id_byte((uint8_t)*at) || *at == ':')
			*at = '-';
	return id;
}

/* The word behind "with" of "X with Y exception", cut off from the name; NULL when there is none.
 */
static char *cut_exception(char *name)
{
	char *with = strcasestr(name, " with "), *tail;

	if (!with)
		return NULL;
	*with = '\0';
	with += strlen(" with ");
	tail = strcasestr(with, " exception");
	if (tail)
		*tail = '\0';
	return *with ? with : NULL;
}

static void fill_dep5_term(const struct knowledge *knowledge, const char *name, const char *scope,
			   struct arena *arena, struct term_result *result)
{
	enum licence_confidence confidence = LICENCE_CONFIDENCE_HIGH;
	const char *spdx = knowledge_alias(knowledge, "debian-dep5", name, &confidence);
	const char *gnu = spdx ? NULL : dep5_gnu_id(name, arena);

	result->lossy |= confidence != LICENCE_CONFIDENCE_HIGH;
	if (spdx && strchr(spdx, ' ')) {
		result->expression = spdx;
		return;
	}
	if (!spdx)
		spdx = gnu ? gnu : name;
	result->term.licence = knowledge_licence(knowledge, spdx);
	if (result->term.licence) {
		result->term.id = result->term.licence->id;
		return;
	}
	result->lossy = true;
	result->term.id =
	    has_prefix(spdx, "LicenseRef-") ? spdx : local_id("LicenseRef-", scope, name, arena);
}

struct term_result term_of_dep5(const struct knowledge *knowledge, struct slice name,
				const char *scope, struct arena *arena)
{
	struct term_result result = {.lossy = false};
	char *text = arena_slice(arena, name), *exception;
	const char *known;

	known = knowledge_alias(knowledge, "debian-dep5", text, NULL);
	exception = known ? NULL : cut_exception(text);
	fill_dep5_term(knowledge, text, scope, arena, &result);
	if (!exception)
		return result;
	/* An alias of several licences cannot carry an exception: the whole stays a local name. */
	if (result.expression) {
		result = (struct term_result){.lossy = true};
		result.term.id = local_id("LicenseRef-", scope, arena_slice(arena, name), arena);
		return result;
	}
	result.term.exception_row = knowledge_exception(knowledge, exception);
	if (!result.term.exception_row)
		result.term.exception_row =
		    knowledge_exception(knowledge, arena_printf(arena, "%s-exception", exception));
	if (result.term.exception_row) {
		result.term.exception = result.term.exception_row->id;
		return result;
	}
	result.lossy = true;
	result.term.exception = local_id("AdditionRef-", scope, exception, arena);
	return result;
}
