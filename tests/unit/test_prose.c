/* SPDX-License-Identifier: BSD-2-Clause */
/* Prose copyright files: grants and their versions, what they speak of, what is left in doubt. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "licence/grants.h"
#include "licence/prose.h"

static struct arena arena;
static struct diags diags;
static struct knowledge *knowledge;

#define GRANT_OF(name, version)                                                              \
	"is free software; you can redistribute it and/or modify it under the terms of the " \
	"GNU " name " as published by the Free Software Foundation; " version "\n"
#define OR_LATER(version) \
	"either version " version " of the License, or (at your option) any later version."
#define GPL(version) GRANT_OF("General Public License", OR_LATER(version))
#define LGPL(version) GRANT_OF("Lesser General Public License", OR_LATER(version))
#define NO_WARRANTY                                                                         \
	"It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY.\n" \
	"See the GNU General Public License for more details.\n"
#define MIT_TEXT                                                                              \
	"Permission is hereby granted, free of charge, to any person obtaining a copy of\n"   \
	"this software, to deal in the Software without restriction, subject to the\n"        \
	"following conditions: the above copyright notice shall be included in all copies.\n" \
	"THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND.\n"
#define BSD_TEXT                                                                        \
	"Redistribution and use in source and binary forms, with or without\n"          \
	"modification, are permitted provided that the following conditions are met:\n" \
	"1. Redistributions of source code must retain the above copyright notice\n"    \
	"2. Redistributions in binary form must reproduce the above copyright notice\n"

/* The expressions of all grants, joined by "; "; said twice in a row is said once. */
static const char *grants_in(const char *text)
{
	struct words words = words_of(slice_text(text), &arena);
	struct grants grants = grants_of(&words, &arena);
	const char *all = "";

	for (size_t i = 0; i < grants.count; i++) {
		const struct grant *grant = &grants.list[i];

		if (i && strcmp(grant->spdx, grants.list[i - 1].spdx) == 0)
			continue;
		all = arena_printf(&arena, "%s%s%s%s", all,
				   !i			? ""
				   : grant->alternative ? " or "
							: "; ",
				   grant->spdx, grant->unversioned ? "?" : "");
	}
	return all;
}

static void gnu_grants_are_recognised(void **state)
{
	static const char *const cases[][2] = {
	    {"This " GPL("2"), "GPL-2.0-or-later"},
	    {"This " LGPL("2.1"), "LGPL-2.1-or-later"},
	    {"This " GRANT_OF("Library General Public License", OR_LATER("2")),
	     "LGPL-2.0-or-later"},
	    {"This " GRANT_OF("Affero General Public License", OR_LATER("3")), "AGPL-3.0-or-later"},
	    {"This " GRANT_OF("General Public License", "version 2 of the License."),
	     "GPL-2.0-only"},
	    {"This " GRANT_OF("General Public License", "version 2 dated June, 1991."),
	     "GPL-2.0-only"},
	    {"is licensed under the GPL version 3,\nsee `/usr/share/common-licenses/GPL-3'.",
	     "GPL-3.0-only"},
	    {"License GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>",
	     "GPL-3.0-or-later"},
	    {"License LGPLv2.1+: GNU LGPL version 2.1 or later", "LGPL-2.1-or-later"},
	    {"is under the GNU Lesser General Public License, v2.1.", "LGPL-2.1-only"},
	    {"are under the GNU General Public License, v.2\n", "GPL-2.0-only"},
	    {"under the terms of version 2 of the GNU General Public License.", "GPL-2.0-only"},
	    {"under version 2 or (at your option) any later version of the GNU General Public "
	     "License",
	     "GPL-2.0-or-later"},
	    {"under the terms of the GNU Lesser General Public License (either version 3\n"
	     "of the License, or, at your option, any later version).",
	     "LGPL-3.0-or-later"},
	    {"You may redistribute it under the terms of\nthe GNU General Public License "
	     "version 3 or (at your option) a later version.",
	     "GPL-3.0-or-later"},
	    {"licensed under the terms of the GNU General Public License (v3 or later) with\n"
	     "version 3.1 of the GCC Runtime Library Exception:",
	     "GPL-3.0-or-later WITH GCC-exception-3.1"},
	    {"under the terms of the GNU General Public License version 2 or version 3.",
	     "(GPL-2.0-only OR GPL-3.0-only)"},
	    {"available under the terms of either the GNU Lesser General Public License (LGPL)\n"
	     "version 2.1 or the Mozilla Public License (MPL) version 1.1.",
	     "LGPL-2.1-only or MPL-1.1"},
	    {"dual licensed GPLv2+ or GPLv9.", "GPL-2.0-or-later"}, /* found by the fuzzer */
	    {"dual licensed LGPLv3+ or GPLv2+.", "LGPL-3.0-or-later or GPL-2.0-or-later"},
	    {"you can redistribute it under the terms of either\n\n  - the GNU Lesser General "
	     "Public License; either version 3 of the License, or (at your\n    option) any later "
	     "version.\n\nor\n\n  - the GNU General Public License; either version 2 of the\n    "
	     "License, or (at your option) any later version.\n",
	     "LGPL-3.0-or-later or GPL-2.0-or-later"},
	    {"Released under the terms of the GPL; see /usr/share/common-licenses/GPL-3.",
	     "GPL-1.0-or-later?"},
	    {"This documentation is under the GNU Free Documentation License, Version 1.2 or any\n"
	     "later version",
	     "GFDL-1.2-or-later"},
	    {"distributed under the terms of the GNU General Public License version 7.", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(grants_in(cases[i][0]), cases[i][1]);
}

static void references_are_no_grants(void **state)
{
	static const char *const cases[] = {
	    "See the GNU General Public License version 2 for more details.",
	    "You should have received a copy of the GNU General Public License version 2\n"
	    "along with this program.",
	    "On Debian systems, the complete text of the GNU General Public License\n"
	    "version 2 can be found in /usr/share/common-licenses/GPL-2.",
	    "under a license compatible with GPLv2+",
	    "Additional permission under section 7 of GPL version 3",
	    "Libraries are good. The General Public License version 2 is long.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(grants_in(cases[i]), "");
}

static void permissive_texts_are_recognised(void **state)
{
	static const char *const cases[][2] = {
	    {MIT_TEXT, "MIT"},
	    {BSD_TEXT, "BSD-2-Clause"},
	    {BSD_TEXT "3. Neither the name of X may be used to endorse or promote products",
	     "BSD-3-Clause"},
	    {BSD_TEXT "3. All advertising materials mentioning features must say so\n"
		      "4. X may not be used to endorse or promote products",
	     "BSD-4-Clause"},
	    {"Redistribution and use in source and binary forms are permitted provided that\n"
	     "this notice is retained.",
	     "BSD-1-Clause"},
	    {"Permission to use, copy, modify, and/or distribute this software for any purpose\n"
	     "with or without fee is hereby granted",
	     "ISC"},
	    {"Licensed under the Apache License, Version 2.0 (the \"License\")", "Apache-2.0"},
	    {"This file has been put in the public domain.", "LicenseRef-scancode-public-domain"},
	    {"In no event will the authors be held liable for any damages. 2. Altered source\n"
	     "versions must be plainly marked as such",
	     "Zlib"},
	    /* Begins like Zlib, is not. */
	    {"In no event will the authors be held liable for any damages. Pay me.", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(grants_in(cases[i][0]), cases[i][1]);
}

static void copies_of_licences_grant_nothing(void **state)
{
	(void)state;
	assert_string_equal(
	    grants_in("This " GPL("2") "GNU GENERAL PUBLIC LICENSE Version 2, June 1991\n"
				       "Everyone is permitted to copy and distribute verbatim "
				       "copies of this document.\n"
				       "you may license it under version 3 of the GNU Affero "
				       "General Public License\n"
				       "END OF TERMS AND CONDITIONS\n"
				       "How to Apply These Terms to Your New Programs\n"
				       "<name> " GPL("3")),
	    "GPL-2.0-or-later");
}

/* The answer for one file; "?" behind it when it leaves something open, "!" when it speaks of it.
 */
static const char *answer_for(const char *text, const char *name, bool is_program)
{
	struct prose *prose = prose_read(slice_text(text), knowledge, "pkg", &arena);
	struct source_names names =
	    source_names(name, is_program ? NULL : name, is_program, "pkg", &arena);
	struct prose_answer answer = prose_of_file(prose, &names, &arena);

	if (!answer.expression)
		return "";
	return arena_printf(&arena, "%s%s%s", expression_print(answer.expression, &arena),
			    answer.stated ? "!" : "", answer.sure ? "" : "?");
}

static void what_a_grant_speaks_of(void **state)
{
	static const char runtime[] = "GCC " GPL("3") NO_WARRANTY
	    "\nThe following runtime libraries are licensed under the terms of the GNU General\n"
	    "Public License (v3 or later) with version 3.1 of the GCC Runtime Library Exception:\n"
	    "\n - libgcc (libgcc/, gcc/libgcc2.[ch])\n - libgomp\n - libstdc++-v3\n"
	    " - The libgnat-12 Ada support library.\n\n"
	    "The libsan libraries (libasan, libtsan) are licensed under the following "
	    "terms:\n\n" MIT_TEXT "\n\nlibquad/*.[hc]:\n\nThis file " LGPL("2.1") NO_WARRANTY;
	static const char tools[] =
	    "The library itself is licensed as LGPLv2.1+, the build system, "
	    "test-suite and\ncommand-line tools are GPLv3+.\n";
	static const char packaging[] =
	    "License:\n\n" MIT_TEXT
	    "\nThe Debian packaging is (C) 2007 X and is licensed under the GPL version 3.\n";

	(void)state;
	assert_string_equal(answer_for(runtime, "libgcc_s.so.1", false),
			    "GPL-3.0-or-later WITH GCC-exception-3.1!");
	assert_string_equal(answer_for(runtime, "libgomp.so.1", false),
			    "GPL-3.0-or-later WITH GCC-exception-3.1!");
	assert_string_equal(answer_for(runtime, "libstdc++.so.6", false),
			    "GPL-3.0-or-later WITH GCC-exception-3.1!");
	assert_string_equal(answer_for(runtime, "libgnat-12.so", false),
			    "GPL-3.0-or-later WITH GCC-exception-3.1!");
	assert_string_equal(answer_for(runtime, "libasan.so.8", false), "MIT!");
	assert_string_equal(answer_for(runtime, "libquad.so.0", false), "LGPL-2.1-or-later!");
	assert_string_equal(answer_for(tools, "libfoo.so.1", false), "LGPL-2.1-or-later!");
	assert_string_equal(answer_for(packaging, "libfoo.so.1", false), "MIT");
	assert_string_equal(answer_for(packaging, "foo", true), "MIT");
}

static void doubt_is_kept(void **state)
{
	(void)state;
	/* Two grants of different copyleft, and nothing to tell whose. */
	assert_string_equal(answer_for("X " GPL("2") NO_WARRANTY "\nY " LGPL("2.1") NO_WARRANTY,
				       "libfoo.so.1", false),
			    "GPL-2.0-or-later AND LGPL-2.1-or-later?");
	/* A text that permits something, and is not known. */
	assert_string_equal(answer_for(MIT_TEXT
				       "\nFor all of the rest this holds, and it is "
				       "meant for everybody who has read it up to the very "
				       "last line of it and more: you may use it on "
				       "Sundays, noncommercial purposes only.\n",
				       "libfoo.so.1", false),
			    "MIT?");
	/* Any version is no version; a special exception of an unknown kind. */
	assert_string_equal(answer_for("licensed under the GPL.\n", "libfoo.so.1", false),
			    "GPL-1.0-or-later?");
	assert_string_equal(answer_for("This " GPL("2") "\nAs a special exception, eat it.\n",
				       "libfoo.so.1", false),
			    "GPL-2.0-or-later WITH AdditionRef-pkg-special-exception?");
	assert_string_equal(answer_for("All rights reserved.\n", "libfoo.so.1", false), "");
	assert_string_equal(answer_for("", "libfoo.so.1", false), "");
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	diags_init(&diags);
	return knowledge_open(NULL, &diags, &knowledge) != STATUS_OK || diags.list.len;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(knowledge);
	diags_release(&diags);
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gnu_grants_are_recognised),
	    cmocka_unit_test(references_are_no_grants),
	    cmocka_unit_test(permissive_texts_are_recognised),
	    cmocka_unit_test(copies_of_licences_grant_nothing),
	    cmocka_unit_test(what_a_grant_speaks_of),
	    cmocka_unit_test(doubt_is_kept),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
