/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of licences that are not of the GNU family, by how they begin. */
#include <string.h>

#include "licence/grants_internal.h"

#define TEXT_LENGTH 400 /* words in which what tells two texts apart must stand */

enum refine {
	REFINE_NOT,
	REFINE_BSD,
	REFINE_MIT,
	REFINE_ZLIB,
	REFINE_ISC,
	REFINE_HPND,
	REFINE_ARTISTIC
};

static const struct {
	const char *phrase;
	const char *spdx;
	enum refine refine;
} texts[] = {
    {"redistribution and use in source and binary forms", "BSD-2-Clause", REFINE_BSD},
    {"permission is hereby granted free of charge to any person obtaining a copy", "MIT",
     REFINE_MIT},
    {"permission is hereby granted free of charge to any person obtaining copy", "MIT", REFINE_MIT},
    {"permission to use copy modify and/or distribute this software for any purpose", "ISC",
     REFINE_ISC},
    {"permission to use copy modify and distribute this software for any purpose", "ISC",
     REFINE_ISC},
    {"permission to use copy modify distribute and sell this software and its documentation",
     "HPND-sell-variant", REFINE_NOT},
    {"permission to use copy modify and distribute this software and its documentation", "HPND",
     REFINE_HPND},
    {"permission to use copy modify and distribute this software is freely granted", "SunPro",
     REFINE_NOT},
    {"the authors hereby grant permission to use copy modify distribute and license this software",
     "TCL", REFINE_NOT},
    {"permission is hereby granted free of charge to use and distribute this software and its",
     "MIT-Festival", REFINE_NOT},
    {"of the info-zip copyright and license", "Info-ZIP", REFINE_NOT},
    {"of the info-zip license", "Info-ZIP", REFINE_NOT},
    {"in no event will the authors be held liable for any damages", "Zlib", REFINE_ZLIB},
    {"apache license version 2.0", "Apache-2.0", REFINE_NOT},
    {"apache software license version 2.0", "Apache-2.0", REFINE_NOT},
    {"licensed under apache-2.0", "Apache-2.0", REFINE_NOT},
    {"boost software license version 1.0", "BSL-1.0", REFINE_NOT},
    {"python software foundation license version 2", "PSF-2.0", REFINE_NOT},
    {"artistic license", "Artistic-1.0-Perl", REFINE_ARTISTIC},
    {"same terms as perl itself", "(GPL-1.0-or-later OR Artistic-1.0-Perl)", REFINE_NOT},
    {"public domain software", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"in the public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"into the public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"to the public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"is public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"are public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"put into public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"100 public domain", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"public domain written by", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"no copyright to license", "LicenseRef-scancode-public-domain", REFINE_NOT},
    {"creative commons cc0", "CC0-1.0", REFINE_NOT},
    {"cc0 license", "CC0-1.0", REFINE_NOT},
    {"copying and distribution of this file with or without modification are permitted", "FSFAP",
     REFINE_NOT},
    {"the free software foundation gives unlimited permission to copy", "FSFULLR", REFINE_NOT},
    {"the author gives unlimited permission to copy and/or distribute it", "FSFULLR", REFINE_NOT},
    {"3-clause bsd", "BSD-3-Clause", REFINE_NOT},
    {"2-clause bsd", "BSD-2-Clause", REFINE_NOT},
    {"0-clause bsd", "0BSD", REFINE_NOT},
    {"common development and distribution license", "CDDL-1.0", REFINE_NOT},
    {"eclipse public license version 1.0", "EPL-1.0", REFINE_NOT},
    {"eclipse public license version 2.0", "EPL-2.0", REFINE_NOT},
    {"eclipse public license 2.0", "EPL-2.0", REFINE_NOT},
};

/* Where the text that begins at a place ends at the latest: where another one begins. */
static size_t text_limit(const struct words *words, size_t at, const char *phrase)
{
	size_t to = at + TEXT_LENGTH < words->count ? at + TEXT_LENGTH : words->count;

	return words_find(words, at + 1, to, phrase);
}

static bool holds(const struct words *words, size_t at, size_t to, const char *phrase)
{
	return words_find(words, at, to, phrase) < to;
}

static const char *refine_bsd(const struct words *words, size_t at, size_t to)
{
	if (holds(words, at, to, "all advertising materials mentioning"))
		return holds(words, at, to, "university of california") ||
			       holds(words, at, to, "the university nor")
			   ? "BSD-4-Clause-UC"
			   : "BSD-4-Clause";
	if (holds(words, at, to, "endorse or promote") ||
	    holds(words, at, to, "endorse and promote"))
		return "BSD-3-Clause";
	return holds(words, at, to, "binary form") ? "BSD-2-Clause" : "BSD-1-Clause";
}

/*
 * What the text is when more of it is read; NULL when it is none that is known: words that end a
 * permission must not be missed.
 */
static const char *refine(enum refine kind, const char *spdx, const struct words *words, size_t at,
			  size_t to)
{
	switch (kind) {
	case REFINE_NOT:
		return spdx;
	case REFINE_BSD:
		return refine_bsd(words, at, to);
	case REFINE_MIT:
		if (holds(words, at, to, "redistributions of source code must retain"))
			return "NCSA";
		return holds(words, at, to, "shall not be used in advertising") ? "X11" : spdx;
	case REFINE_ZLIB:
		return holds(words, at, to, "altered source versions must be plainly marked")
			   ? spdx
			   : NULL;
	case REFINE_ISC:
		if (holds(words, at, to, "without fee is hereby granted") &&
		    holds(words, at, to, "name of"))
			return holds(words, at, to, "advertising or publicity") ? "HPND" : spdx;
		return holds(words, at, to, "is hereby granted") ? spdx : NULL;
	case REFINE_HPND:
		return holds(words, at, to, "following two paragraphs appear in all copies")
			   ? "PostgreSQL"
			   : spdx;
	case REFINE_ARTISTIC:
		return holds(words, at, at + 5 < to ? at + 5 : to, "2.0") ? "Artistic-2.0" : spdx;
	}
	return NULL;
}

bool text_grant_at(const struct words *words, size_t at, struct grant *ret)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *spdx;
		size_t length = 1;

		if (!words_are(words, at, texts[i].phrase))
			continue;
		spdx = refine(texts[i].refine, texts[i].spdx, words, at,
			      text_limit(words, at, texts[i].phrase));
		if (!spdx)
			return false;
		for (const char *blank = texts[i].phrase; (blank = strchr(blank, ' ')); blank++)
			length++;
		*ret = (struct grant){
		    .spdx = spdx, .first = at, .last = at + length, .body_end = at + length};
		return true;
	}
	return false;
}
