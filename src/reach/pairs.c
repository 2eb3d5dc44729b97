/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/pairs.h"

#include <string.h>

/* One letter per cell, in the order of enum pair_column. */
static enum pair_answer cell(char letter)
{
	switch (letter) {
	case 'y':
		return PAIR_YES;
	case 'c':
		return PAIR_CONVERT;
	case 'w':
		return PAIR_WHOLE;
	case 'r':
		return PAIR_RELINK;
	case 's':
		return PAIR_SOURCE;
	case 'n':
		return PAIR_NO;
	default:
		return PAIR_REVIEW;
	}
}

struct family {
	const char *name;
	enum pair_kind kind;
	/* GPL-2.0-only, GPL-3.0, AGPL-3.0, LGPL-2.x, LGPL-3.0, file-level, permissive, closed */
	const char cells[PAIR_COLUMNS + 1];
	struct citation grounds;
};

/* clang-format off */
static const struct family families[] = {
	{"GPL-1.0-only", PAIR_KIND_GPL, "nnn??wwn",
	 {"GPL-1.0 s.2(b), s.6", CITATION_TEXT}},
	{"GPL-1.0-or-later", PAIR_KIND_GPL, "yccwwwwn",
	 {"GPL-1.0 s.2(b), s.7", CITATION_TEXT}},
	{"GPL-2.0-only", PAIR_KIND_GPL, "ynnwnwwn",
	 {"FSF FAQ #AllCompatibility", CITATION_QUOTED}},
	{"GPL-2.0-or-later", PAIR_KIND_GPL, "yccwwwwn",
	 {"GPL-2.0 s.9", CITATION_TEXT}},
	{"GPL-3.0", PAIR_KIND_GPL, "nyywwwwn",
	 {"FSF FAQ #AllCompatibility", CITATION_QUOTED}},
	{"AGPL-3.0", PAIR_KIND_GPL, "nyywwwwn",
	 {"AGPL-3.0 s.13", CITATION_TEXT}},
	{"AGPL-1.0", PAIR_KIND_GPL, "n??wwwwn",
	 {"FSF licence list, AGPL-1.0", CITATION_NO}},
	{"LGPL-2.x", PAIR_KIND_LGPL, "yycyyyrr",
	 {"LGPL-2.1 s.3", CITATION_TEXT}},
	{"LGPL-3.0", PAIR_KIND_LGPL, "nyyyyyrr",
	 {"LGPL-3.0 s.0 with GPL-3.0 s.7", CITATION_TEXT}},
	{"Apache-2.0", PAIR_KIND_PLAIN, "nyy?yyyy",
	 {"FSF licence list, Apache-2.0", CITATION_QUOTED}},
	{"LLVM", PAIR_KIND_PLAIN, "yyyyyyyy",
	 {"LLVM-exception, second paragraph", CITATION_TEXT}},
	{"MPL-2.0", PAIR_KIND_PLAIN, "yyyyyyss",
	 {"MPL-2.0 s.3.3", CITATION_TEXT}},
	{"file-incompatible", PAIR_KIND_PLAIN, "nnnnn?yy",
	 {"OSADL matrix 2024-05-25; FSF licence list", CITATION_QUOTED}},
	{"EPL-2.0", PAIR_KIND_PLAIN, "??????yy",
	 {"EPL-2.0 s.3.2, Exhibit A", CITATION_TEXT}},
	{"advertising", PAIR_KIND_PLAIN, "nnn???yy",
	 {"advertising clause against GPL-2.0 s.6, GPL-3.0 s.10", CITATION_TEXT}},
	{"attribution", PAIR_KIND_PLAIN, "??????yy",
	 {"extra condition of the licence against GPL-2.0 s.6, GPL-3.0 s.10", CITATION_NO}},
	{"FTL", PAIR_KIND_PLAIN, "n??yyyyy",
	 {"OSADL matrix 2024-05-25; FSF licence list differs", CITATION_QUOTED}},
	{"Python", PAIR_KIND_PLAIN, "yyyyyyyy",
	 {"CPython LICENSE, table of releases; OSADL differs", CITATION_TEXT}},
	{"EUPL-1.2", PAIR_KIND_OTHER_STRONG, "ccc?????",
	 {"EUPL-1.2 Art.5 and its Appendix", CITATION_TEXT}},
	{"Sleepycat", PAIR_KIND_OTHER_STRONG, "??????sn",
	 {"Sleepycat licence, third condition; FSF and OSADL differ", CITATION_TEXT}},
	{"CeCILL-2", PAIR_KIND_OTHER_STRONG, "yyy?????",
	 {"CeCILL-2.1 Art.5.3.4", CITATION_TEXT}},
	{"use-limits", PAIR_KIND_PLAIN, "nnn?????",
	 {"limits on use against GPL-2.0 s.6, GPL-3.0 s.10", CITATION_TEXT}},
	{"service-source", PAIR_KIND_OTHER_STRONG, "nnn?????",
	 {"SSPL-1.0 s.13", CITATION_TEXT}},
	{"vendor", PAIR_KIND_PLAIN, "nnn??yyy",
	 {"vendor terms against GPL-2.0 s.6, GPL-3.0 s.10", CITATION_TEXT}},
	/* Classes; the first three cells come from the licence's own row. */
	{"permissive", PAIR_KIND_PLAIN, "???yyyyy",
	 {"the licence's row of licences.tsv", CITATION_QUOTED}},
	{"file-level", PAIR_KIND_PLAIN, "??????yy",
	 {"the licence's row of licences.tsv", CITATION_QUOTED}},
	{"library-level", PAIR_KIND_LGPL, "??????rr",
	 {"the licence's row of licences.tsv", CITATION_NO}},
	{"strong", PAIR_KIND_OTHER_STRONG, "????????",
	 {"the licence's row of licences.tsv", CITATION_NO}},
	{"closed", PAIR_KIND_PLAIN, "nnn??yyy",
	 {"proprietary terms against GPL-2.0 s.6, GPL-3.0 s.10", CITATION_TEXT}},
	{"unknown", PAIR_KIND_UNKNOWN, "????????",
	 {"terms that no table of this tool knows", CITATION_NO}},
};

/* Longest prefix first where one is the start of another. */
static const struct {
	const char *prefix, *family;
} prefixes[] = {
	{"AGPL-1.0", "AGPL-1.0"},
	{"AGPL-3.0", "AGPL-3.0"},
	{"Apache-2.0", "Apache-2.0"},
	{"BSD-3-Clause-Attribution", "attribution"},
	{"BSD-3-Clause-No-Nuclear", "attribution"},
	{"BSD-4-Clause-Shortened", "attribution"},
	/* Its holder withdrew the advertising clause on 1999-07-22 for code of its own. */
	{"BSD-4-Clause-UC", "attribution"},
	{"BSD-4-Clause", "advertising"},
	{"BSD-4.3RENO", "attribution"},
	{"BUSL-", "use-limits"},
	{"CC-BY-NC-", "use-limits"},
	{"CDDL-", "file-incompatible"},
	{"CECILL-2.", "CeCILL-2"},
	{"CPL-", "file-incompatible"},
	{"ECL-2.0", "Apache-2.0"},
	{"EPL-1.0", "file-incompatible"},
	{"EPL-2.0", "EPL-2.0"},
	{"EUPL-1.2", "EUPL-1.2"},
	{"FTL", "FTL"},
	{"GPL-1.0-only", "GPL-1.0-only"},
	{"GPL-1.0-or-later", "GPL-1.0-or-later"},
	{"GPL-2.0-only", "GPL-2.0-only"},
	{"GPL-2.0-or-later", "GPL-2.0-or-later"},
	{"GPL-3.0", "GPL-3.0"},
	{"IPL-", "file-incompatible"},
	{"JSON", "use-limits"},
	{"LGPL-2.", "LGPL-2.x"},
	{"LGPL-3.0", "LGPL-3.0"},
	{"LicenseRef-NVIDIA-", "vendor"},
	{"LicenseRef-scancode-issl-", "vendor"},
	{"LicenseRef-scancode-nvidia-", "vendor"},
	{"MIT-advertising", "attribution"},
	{"MPL-1.1", "file-incompatible"},
	{"MPL-2.0-no-copyleft-exception", "file-incompatible"},
	{"MPL-2.0", "MPL-2.0"},
	{"OpenSSL", "advertising"},
	{"PSF-2.0", "Python"},
	{"Python-2.0", "Python"},
	{"SSLeay", "advertising"},
	{"SSPL-", "service-source"},
	{"Sleepycat", "Sleepycat"},
};
/* clang-format on */

static const struct family *family_named(const char *name)
{
	size_t last = sizeof(families) / sizeof(families[0]) - 1;

	for (size_t i = 0; i < last; i++)
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	return &families[last];
}

static const struct family *family_of_id(const char *id)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(id, prefixes[i].prefix, strlen(prefixes[i].prefix)) == 0)
			return family_named(prefixes[i].family);
	return NULL;
}

static const char *family_of_class(enum licence_class class)
{
	switch (class) {
	case LICENCE_CLASS_PUBLIC_DOMAIN:
	case LICENCE_CLASS_PERMISSIVE:
	case LICENCE_CLASS_PERMISSIVE_NOTICE:
		return "permissive";
	case LICENCE_CLASS_WEAK_FILE:
		return "file-level";
	case LICENCE_CLASS_WEAK_LIBRARY:
		return "library-level";
	case LICENCE_CLASS_STRONG:
	case LICENCE_CLASS_NETWORK:
		return "strong";
	case LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE:
	case LICENCE_CLASS_PROPRIETARY:
	case LICENCE_CLASS_NON_COMMERCIAL:
		return "closed";
	case LICENCE_CLASS_UNKNOWN:
		break;
	}
	return "unknown";
}

/* Silence about a permissive text without an extra condition is taken for a yes. */
static enum pair_answer answer_of(const struct licence_row *row, enum licence_answer answer)
{
	if (answer == LICENCE_YES)
		return PAIR_YES;
	if (answer == LICENCE_NO)
		return PAIR_NO;
	if (row->class <= LICENCE_CLASS_PERMISSIVE_NOTICE && !strcasestr(row->source, "advert"))
		return PAIR_YES;
	return PAIR_REVIEW;
}

/* LLVM's exception and its like: the holder waives the conflict with GPL version 2. */
static bool waives_gpl2(const struct licence_term *term)
{
	const struct exception_row *row = term->exception_row;

	return row && strncmp(term->id, "Apache-2.0", 10) == 0 &&
	       strstr(row->direction, "consumer") && strcmp(row->removes_linking_reach, "y") == 0;
}

static bool is_of_table(const struct licence_row *row, const char *family)
{
	return row && (strcmp(family, "permissive") == 0 || strcmp(family, "file-level") == 0 ||
		       strcmp(family, "library-level") == 0 || strcmp(family, "strong") == 0 ||
		       strcmp(family, "closed") == 0);
}

enum licence_class pair_class_of(const struct licence_term *term)
{
	if (term->licence)
		return term->licence->class;
	return strcasestr(term->id, "proprietary") || strcasestr(term->id, "commercial")
		   ? LICENCE_CLASS_PROPRIETARY
		   : LICENCE_CLASS_UNKNOWN;
}

struct pair_row pair_row_of(const struct licence_term *term)
{
	const struct family *family = family_of_id(term->id);
	struct pair_row row;

	/* A LicenseRef of a package may have any name: only rows of the tables have families. */
	if (!term->licence)
		family = family_named(family_of_class(pair_class_of(term)));
	else if (waives_gpl2(term))
		family = family_named("LLVM");
	else if (!family)
		family = family_named(family_of_class(term->licence->class));
	row = (struct pair_row){
	    .family = family->name, .kind = family->kind, .grounds = family->grounds};
	for (size_t i = 0; i < PAIR_COLUMNS; i++)
		row.answers[i] = (uint8_t)cell(family->cells[i]);
	if (is_of_table(term->licence, family->name)) {
		const struct licence_row *licence = term->licence;

		row.answers[PAIR_GPL2] = (uint8_t)answer_of(licence, licence->gpl2_compatible);
		row.answers[PAIR_GPL3] = (uint8_t)answer_of(licence, licence->gpl3_compatible);
		row.answers[PAIR_AGPL3] = row.answers[PAIR_GPL3];
	}
	return row;
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

unsigned pair_columns_of(const struct licence_term *term)
{
	const char *id = term->id;
	bool later = strstr(id, "-or-later") != NULL;

	if (starts(id, "LicenseRef-") || !term->licence)
		return licence_class_is_closed(pair_class_of(term))		? 1u << PAIR_CLOSED
		       : pair_class_of(term) <= LICENCE_CLASS_PERMISSIVE_NOTICE ? 1u << PAIR_OPEN
										: 0;
	if (starts(id, "GPL-1.0-only"))
		return 0;
	if (starts(id, "GPL-1.0") || starts(id, "GPL-2.0"))
		return later ? 1u << PAIR_GPL2 | 1u << PAIR_GPL3 | 1u << PAIR_AGPL3
			     : 1u << PAIR_GPL2;
	if (starts(id, "GPL-3.0"))
		return 1u << PAIR_GPL3 | 1u << PAIR_AGPL3;
	if (starts(id, "AGPL-3.0"))
		return 1u << PAIR_AGPL3;
	if (starts(id, "LGPL-2."))
		return later ? 1u << PAIR_LGPL2 | 1u << PAIR_LGPL3 : 1u << PAIR_LGPL2;
	if (starts(id, "LGPL-3.0"))
		return 1u << PAIR_LGPL3;
	switch (term->licence->class) {
	case LICENCE_CLASS_PUBLIC_DOMAIN:
	case LICENCE_CLASS_PERMISSIVE:
	case LICENCE_CLASS_PERMISSIVE_NOTICE:
		return 1u << PAIR_OPEN;
	case LICENCE_CLASS_WEAK_FILE:
	case LICENCE_CLASS_WEAK_LIBRARY:
		return 1u << PAIR_MPL2;
	case LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE:
	case LICENCE_CLASS_PROPRIETARY:
	case LICENCE_CLASS_NON_COMMERCIAL:
		return 1u << PAIR_CLOSED;
	case LICENCE_CLASS_STRONG:
	case LICENCE_CLASS_NETWORK:
	case LICENCE_CLASS_UNKNOWN:
		break;
	}
	return 0;
}

enum pair_answer pair_answer(const struct pair_row *provider, unsigned columns)
{
	enum pair_answer best = PAIR_NO;
	bool any = false, excluded = false;

	for (unsigned i = 0; i < PAIR_COLUMNS; i++) {
		if (!(columns & 1u << i))
			continue;
		if (provider->answers[i] > best)
			best = (enum pair_answer)provider->answers[i];
		excluded |= provider->answers[i] == PAIR_NO;
		any = true;
	}
	if (!any)
		return PAIR_REVIEW;
	return excluded && best == PAIR_YES ? PAIR_CONVERT : best;
}
