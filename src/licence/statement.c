/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/statement.h"

#include <string.h>

#include "licence/grants.h"

/* The words FFmpeg's configure puts there (its variable "license"), and what they mean in SPDX. */
static const struct {
	const char *words, *spdx;
} ffmpeg_licences[] = {
    {"LGPL version 2.1 or later", "LGPL-2.1-or-later"},
    {"LGPL version 3 or later", "LGPL-3.0-or-later"},
    {"GPL version 2 or later", "GPL-2.0-or-later"},
    {"GPL version 3 or later", "GPL-3.0-or-later"},
    {"nonfree and unredistributable", "LicenseRef-Proprietary"},
};

#define PHRASE " license: "

struct statement {
	const char *spdx, *text, *detail;
	enum licence_confidence confidence;
};

static const char *text_at(const struct facts *facts, size_t index)
{
	return facts_text(facts, facts->statements[index].text);
}

/* "libavcodec license: GPL version 2 or later": of this very library, the words behind it whole. */
static const char *ffmpeg_words(const char *text, const char *soname)
{
	const char *words = strstr(text, PHRASE);
	size_t name = strcspn(text, " ");

	if (!words || text + name != words || strncmp(text, soname, name) != 0 ||
	    (soname[name] != '.' && soname[name] != '-'))
		return NULL;
	return words + strlen(PHRASE);
}

static bool has_option(const char *configuration, const char *option)
{
	const char *found = strstr(configuration, option);

	return found && (found[strlen(option)] == ' ' || !found[strlen(option)]) &&
	       (found == configuration || found[-1] == ' ');
}

/* What FFmpeg's configure makes of its options: the same answer from another place. */
static const char *spdx_of_options(const char *configuration)
{
	bool version3 = has_option(configuration, "--enable-version3");

	if (has_option(configuration, "--enable-nonfree"))
		return "LicenseRef-Proprietary";
	if (has_option(configuration, "--enable-gpl"))
		return version3 ? "GPL-3.0-or-later" : "GPL-2.0-or-later";
	return version3 ? "LGPL-3.0-or-later" : "LGPL-2.1-or-later";
}

static bool read_ffmpeg(const struct facts *facts, const char *soname, struct arena *arena,
			struct statement *ret)
{
	const char *options = NULL;

	*ret = (struct statement){.confidence = LICENCE_CONFIDENCE_HIGH};
	for (size_t i = 0; i < facts->statements_count; i++) {
		const char *text = text_at(facts, i), *words = ffmpeg_words(text, soname);

		for (size_t j = 0;
		     words && j < sizeof(ffmpeg_licences) / sizeof(ffmpeg_licences[0]); j++)
			if (strcmp(words, ffmpeg_licences[j].words) == 0) {
				ret->spdx = ffmpeg_licences[j].spdx;
				ret->text = text;
			}
		if (strncmp(text, "--", 2) == 0)
			options = text;
	}
	if (!ret->spdx)
		return false;
	ret->detail = arena_printf(arena, "\"%s\"", ret->text);
	if (options && strcmp(spdx_of_options(options), ret->spdx) == 0)
		ret->detail = arena_printf(
		    arena, "%s, and its configuration agrees%s", ret->detail,
		    has_option(options, "--enable-gpl") ? ": built with --enable-gpl" : "");
	else if (options)
		ret->confidence = LICENCE_CONFIDENCE_LOW;
	return true;
}

/* ---- programs ---- */

/* What programs print for --version by the GNU Coding Standards, 4.8.1. */
static bool is_version_form(const char *text)
{
	return strstr(text, "License GPLv") || strstr(text, "License LGPLv") ||
	       strstr(text, "License AGPLv");
}

/* A notice about the program itself; others stand over text it carries or writes. */
static bool is_own_notice(const char *text)
{
	return !is_version_form(text) &&
	       (strstr(text, "is free software") || strstr(text, "his program"));
}

/* Of the notices a program may print: those with a version, all of one kind; NULL otherwise. */
static bool read_notices(const struct facts *facts, bool version_form, struct arena *arena,
			 struct statement *ret)
{
	struct statement found = {NULL, NULL, NULL, LICENCE_CONFIDENCE_MEDIUM};

	for (size_t i = 0; i < facts->statements_count; i++) {
		const char *text = text_at(facts, i);
		struct arena scratch;
		struct grants grants;
		struct words words;
		bool differ = false;

		if (version_form ? !is_version_form(text) : !is_own_notice(text))
			continue;
		arena_init(&scratch);
		words = words_of(slice_text(text), &scratch);
		grants = grants_of(&words, &scratch);
		for (size_t j = 0; j < grants.count; j++) {
			const struct grant *grant = &grants.list[j];

			if (grant->unversioned || !strstr(grant->spdx, "GPL-"))
				continue;
			differ |= found.spdx && strcmp(found.spdx, grant->spdx) != 0;
			if (!found.spdx) {
				found.spdx = arena_strdup(arena, grant->spdx);
				found.text = text;
			}
		}
		arena_release(&scratch);
		if (differ)
			return false;
	}
	if (version_form)
		found.confidence = LICENCE_CONFIDENCE_HIGH;
	*ret = found;
	return found.spdx != NULL;
}

#define QUOTED 100 /* bytes shown of a notice, from its first word about the licence */

/* The part of a notice around the word "License", on one line. */
static const char *quote(const char *text, struct arena *arena)
{
	const char *from = strstr(text, "License");
	char *part;

	if (!from)
		from = text;
	/* Back to the start of the line. */
	while (from > text && from[-1] != '\n' && strstr(text, "License") - from < QUOTED / 2)
		from--;
	part = arena_printf(arena, "%.*s", QUOTED, from);
	for (char *at = part; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = ' ';
	return part;
}

/* x264 prints "x264 license: ", then by its option --disable-gpl one of two answers. */
static bool read_x264(const struct facts *facts, struct statement *ret)
{
	static const char *const answers[][2] = {
	    {"GPL version 2 or later", "GPL-2.0-or-later"},
	    {"Non-GPL commercial", "LicenseRef-Proprietary"},
	};
	struct statement found = {.confidence = LICENCE_CONFIDENCE_HIGH};
	bool asked = false;

	for (size_t i = 0; i < facts->statements_count; i++) {
		const char *text = text_at(facts, i);

		asked |= strcmp(text, "x264 license: ") == 0;
		for (size_t j = 0; j < sizeof(answers) / sizeof(answers[0]); j++) {
			size_t length = strlen(answers[j][0]);

			if (strncmp(text, answers[j][0], length) != 0 ||
			    (text[length] && strcmp(text + length, "\n") != 0))
				continue;
			if (found.spdx)
				return false;
			found.spdx = answers[j][1];
			found.text = answers[j][0];
		}
	}
	if (!asked || !found.spdx)
		return false;
	*ret = found;
	ret->detail = "\"x264 license: \", and one answer to it";
	return true;
}

static bool read_program(const struct facts *facts, struct arena *arena, struct statement *ret)
{
	if (read_x264(facts, ret))
		return true;
	if (!read_notices(facts, true, arena, ret) && !read_notices(facts, false, arena, ret))
		return false;
	ret->text = quote(ret->text, arena);
	ret->detail = arena_printf(arena, "\"%s\"", ret->text);
	return true;
}

struct file_licence *statement_licence(const struct knowledge *knowledge,
				       const struct licence_query *query, struct arena *arena)
{
	const struct facts *facts = query->facts;
	struct file_licence *licence;
	struct statement found;

	if (!facts || !facts->statements_count)
		return NULL;
	if (query->soname ? !read_ffmpeg(facts, query->soname, arena, &found)
			  : !read_program(facts, arena, &found))
		return NULL;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .original = arena_strdup(arena, found.text),
	    .source = LICENCE_SOURCE_BINARY,
	    .confidence = found.confidence,
	    .path = "",
	    .detail = found.detail,
	};
	if (expression_parse(knowledge, EXPRESSION_SPDX, found.spdx, "", arena,
			     &licence->expression, NULL) != STATUS_OK)
		return NULL;
	licence->text = expression_print(licence->expression, arena);
	return licence;
}
