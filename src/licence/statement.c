/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/statement.h"

#include <string.h>

/* The words FFmpeg's configure puts there (its variable "license"), and what they mean in SPDX. */
static const struct {
	const char *words, *spdx;
} licences[] = {
    {"LGPL version 2.1 or later", "LGPL-2.1-or-later"},
    {"LGPL version 3 or later", "LGPL-3.0-or-later"},
    {"GPL version 2 or later", "GPL-2.0-or-later"},
    {"GPL version 3 or later", "GPL-3.0-or-later"},
    {"nonfree and unredistributable", "LicenseRef-Proprietary"},
};

#define PHRASE " license: "

/* "libavcodec license: GPL version 2 or later": the words behind the phrase, whole. */
static const char *spdx_of(const char *text)
{
	const char *words = strstr(text, PHRASE);

	if (!words || strchr(text, '\n'))
		return NULL;
	words += strlen(PHRASE);
	for (size_t i = 0; i < sizeof(licences) / sizeof(licences[0]); i++)
		if (strcmp(words, licences[i].words) == 0)
			return licences[i].spdx;
	return NULL;
}

static bool has_option(const struct facts *facts, const char *option)
{
	for (size_t i = 0; i < facts->statements_count; i++)
		if (strstr(facts_text(facts, facts->statements[i].text), option))
			return true;
	return false;
}

struct file_licence *statement_licence(const struct knowledge *knowledge, const struct facts *facts,
				       struct arena *arena)
{
	struct file_licence *licence;
	const char *spdx = NULL, *text = "";

	for (size_t i = 0; facts && i < facts->statements_count && !spdx; i++) {
		text = facts_text(facts, facts->statements[i].text);
		spdx = spdx_of(text);
	}
	if (!spdx)
		return NULL;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .original = arena_strdup(arena, text),
	    .source = LICENCE_SOURCE_BINARY,
	    .confidence = LICENCE_CONFIDENCE_HIGH,
	    .path = "",
	    .detail =
		arena_printf(arena, "\"%s\"%s", text,
			     has_option(facts, "--enable-gpl") ? ", built with --enable-gpl" : ""),
	};
	if (expression_parse(knowledge, EXPRESSION_SPDX, spdx, "", arena, &licence->expression,
			     NULL) != STATUS_OK)
		return NULL;
	licence->text = expression_print(licence->expression, arena);
	return licence;
}
