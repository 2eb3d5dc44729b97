/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The licence of one file: which stanza speaks of a library, what a program says of itself, and
 * what comes of sources that disagree. Copyright files are written into a root of their own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "licence/effective.h"

#define FORMAT "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
#define FILES(patterns, licence) "Files: " patterns "\nCopyright: x\nLicense: " licence "\n\n"

static struct arena arena;
static struct diags diags;
static struct knowledge *knowledge;
static struct licences *licences;
static struct root *root;
static char folder[] = "/tmp/elfleft-licences-XXXXXX";
static unsigned files;

static struct component package(const char *source, const char *text)
{
	const char *path = arena_printf(&arena, "/%u", files++);
	FILE *file = fopen(arena_printf(&arena, "%s%s", folder, path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return (struct component){.id = "deb:pkg",
				  .name = "pkg",
				  .version = "1",
				  .source_name = source,
				  .source_version = "1",
				  .purl = "",
				  .copyright_path = path,
				  .declared = "",
				  .note = ""};
}

static struct component known(const char *licence)
{
	return (struct component){.id = "known:x", .name = "x", .declared = licence, .note = ""};
}

/* Facts of a program or a library with some statements and needed libraries in them. */
static struct facts *facts_of(enum facts_type type, const char *const *statements,
			      const char *needed)
{
	struct facts *facts = arena_alloc(&arena, sizeof(*facts));
	struct facts_identity *identity = arena_alloc(&arena, sizeof(*identity));
	struct facts_statement *list = arena_alloc_array(&arena, 8, sizeof(*list));
	struct facts_dynamic *dynamic = arena_alloc(&arena, sizeof(*dynamic));
	char *strings = arena_alloc(&arena, 4096);
	size_t used = 1;

	identity->type = type;
	facts->identity = identity;
	facts->identity_count = 1;
	for (size_t i = 0; statements && statements[i]; i++) {
		size_t length = strlen(statements[i]);

		memcpy(strings + used, statements[i], length);
		list[facts->statements_count++].text =
		    (struct facts_text){(uint32_t)used, (uint32_t)length};
		used += length + 1;
	}
	if (needed) {
		memcpy(strings + used, needed, strlen(needed));
		*dynamic = (struct facts_dynamic){
		    .tag = DT_NEEDED,
		    .text = {(uint32_t)used, (uint32_t)strlen(needed)},
		    .has_text = 1,
		};
		facts->dynamic_count = 1;
	}
	facts->statements = list;
	facts->dynamic = dynamic;
	facts->strings = slice_of(strings, 4096);
	return facts;
}

/* "EXPRESSION, confidence, source". */
static const char *answer(const char *name, const struct facts *facts,
			  const struct component *owner, const struct component *row,
			  const struct file_licence **ret)
{
	struct licence_query query = {.path = arena_printf(&arena, "/usr/lib/%s", name),
				      .soname = strstr(name, ".so.") ? name : NULL,
				      .component = owner,
				      .known = row,
				      .facts = facts};
	const struct file_licence *licence = licences_of_file(licences, &query);

	if (ret)
		*ret = licence;
	return arena_printf(&arena, "%s, %s, %s", licence->text,
			    licence_confidence_text(licence->confidence),
			    licence_source_text(licence->source));
}

static void the_stanza_that_speaks_of_a_library(void **state)
{
	static const struct {
		const char *source, *name, *text, *want;
	} cases[] = {
	    /* One licence over all code, whatever stands over packaging and documentation. */
	    {"foo", "libfoo.so.1",
	     FILES("*", "MIT") FILES("debian/*", "GPL-2+") FILES("doc/*", "GFDL-1.3+"),
	     "MIT, high, package (DEP-5, stanza)"},
	    /* The folder with the library's name. */
	    {"util-linux", "libblkid.so.1",
	     FILES("*", "GPL-2+") FILES("libblkid/*\n libblkid/src/*", "LGPL-2.1+")
		 FILES("libmount/*", "LGPL-3+"),
	     "LGPL-2.1-or-later, high, package (DEP-5, stanza)"},
	    {"elfutils", "libelf.so.1", FILES("*", "GPL-3+") FILES("lib*", "LGPL-3+ or GPL-2+"),
	     "LGPL-3.0-or-later OR GPL-2.0-or-later, high, package (DEP-5, stanza)"},
	    {"acl", "libacl.so.1", FILES("*", "GPL-2+") FILES("libacl/*.c libacl/*.h", "LGPL-2+"),
	     "LGPL-2.0-or-later, high, package (DEP-5, stanza)"},
	    /* One file in it under another licence decides, if it is compiled in. */
	    {"e2fsprogs", "libext2fs.so.2",
	     FILES("*", "GPL-2") FILES("lib/ext2fs/*", "LGPL-2") FILES("lib/ext2fs/crc*", "GPL-2"),
	     "LGPL-2.0-only AND GPL-2.0-only, low, package (DEP-5, stanza)"},
	    /* The last stanza that matches holds: what stands before a wider one does not count. */
	    {"foo", "libbar.so.1",
	     FILES("*", "GPL-3+") FILES("libbar/x.c", "GPL-2") FILES("libbar/*", "MIT"),
	     "MIT, high, package (DEP-5, stanza)"},
	    /* Files with the library's name; lib/ of a source with its name, and of another. */
	    {"keyutils", "libkeyutils.so.1", FILES("*", "GPL-2+") FILES("keyutils.*", "LGPL-2+"),
	     "LGPL-2.0-or-later, medium, package (DEP-5, stanza)"},
	    {"audit", "libaudit.so.1", FILES("*", "GPL-2") FILES("lib/*", "LGPL-2.1"),
	     "LGPL-2.1-only, medium, package (DEP-5, stanza)"},
	    {"audit", "libauparse.so.0", FILES("*", "GPL-2") FILES("lib/*", "LGPL-2.1"),
	     "GPL-2.0-only AND LGPL-2.1-only, low, package (DEP-5, union)"},
	    /* Programs beside it, tests and headers in it. */
	    {"kmod", "libkmod.so.2", FILES("*", "LGPL-2.1+") FILES("tools/*", "GPL-2+"),
	     "LGPL-2.1-or-later, medium, package (DEP-5, stanza)"},
	    {"foo", "libbar.so.1", FILES("*", "MIT") FILES("bar/bar.h", "GPL-2"),
	     "MIT AND GPL-2.0-only, low, package (DEP-5, union)"},
	    {"systemd", "libudev.so.1",
	     FILES("*", "LGPL-2.1+") FILES("src/libsystemd/x.c", "public-domain")
		 FILES("src/udev/udevd.c", "GPL-2+"),
	     "LGPL-2.1-or-later, medium, package (DEP-5, stanza)"},
	    /* A union nobody who links has to fear, and one that somebody has. */
	    {"foo", "libbar.so.1", FILES("*", "MIT") FILES("src/x.c", "BSD-2-clause"),
	     "MIT AND BSD-2-Clause, medium, package (DEP-5, union)"},
	    {"foo", "libbar.so.1", FILES("*", "LGPL-2+") FILES("src/x.c", "LGPL-2.1+"),
	     "LGPL-2.0-or-later AND LGPL-2.1-or-later, medium, package (DEP-5, union)"},
	    {"foo", "libbar.so.1", FILES("*", "GPL-2+") FILES("src/x.c", "GPL-2"),
	     "GPL-2.0-or-later AND GPL-2.0-only, low, package (DEP-5, union)"},
	    /* A name of the package's own, known by its text, and one that is not. */
	    {"foo", "libbar.so.1",
	     FILES("*", "mine") "License: mine\n Permission is hereby granted, free of charge, to "
				"any person "
				"obtaining a copy\n",
	     "MIT, medium, package (DEP-5, stanza)"},
	    {"foo", "libbar.so.1", FILES("*", "mine") "License: mine\n Do not ask.\n",
	     "LicenseRef-foo-mine, medium, package (DEP-5, stanza)"},
	    /* The name says one version, the text any later one. */
	    {"foo", "libbar.so.1",
	     FILES("*", "GPL-3") "License: GPL-3\n either version 3 of the License, or (at your "
				 "option) any later\n"
				 " version.\n",
	     "GPL-3.0-only, medium, package (DEP-5, stanza)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct component owner =
		    package(cases[i].source, arena_printf(&arena, FORMAT "%s", cases[i].text));

		assert_string_equal(answer(cases[i].name, facts_of(FACTS_TYPE_SHARED, NULL, NULL),
					   &owner, NULL, NULL),
				    cases[i].want);
	}
}

static void programs_are_under_the_star(void **state)
{
	struct component owner =
	    package("util-linux", FORMAT FILES("*", "GPL-2+") FILES("libblkid/*", "LGPL-2.1+")
				      FILES("sys-utils/flock.c", "MIT"));
	const struct facts *facts = facts_of(FACTS_TYPE_EXECUTABLE, NULL, NULL);

	(void)state;
	assert_string_equal(answer("lsblk", facts, &owner, NULL, NULL),
			    "GPL-2.0-or-later, medium, package (DEP-5, stanza)");
	assert_string_equal(answer("flock", facts, &owner, NULL, NULL),
			    "GPL-2.0-or-later AND MIT, medium, package (DEP-5, stanza)");
}

static void a_binary_knows_best(void **state)
{
	static const struct {
		const char *name;
		enum facts_type type;
		const char *statements[4];
		const char *want; /* NULL: what the package says */
	} cases[] = {
	    {"libavcodec.so.59",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: GPL version 2 or later", "--prefix=/usr --enable-gpl", NULL},
	     "GPL-2.0-or-later, high, the binary itself"},
	    {"libavcodec-1a2b3c4d.so.59.1",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: LGPL version 3 or later", "--enable-version3", NULL},
	     "LGPL-3.0-or-later, high, the binary itself"},
	    {"libavcodec.so.59",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: nonfree and unredistributable", NULL},
	     "LicenseRef-Proprietary, high, the binary itself"},
	    /* Its two statements disagree. */
	    {"libavcodec.so.59",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: GPL version 2 or later", "--prefix=/usr", NULL},
	     "GPL-2.0-or-later, low, the binary itself"},
	    /* Words of another library, and words that are not FFmpeg's. */
	    {"libavutil.so.57",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: GPL version 2 or later", NULL},
	     NULL},
	    {"libavcodec.so.59",
	     FACTS_TYPE_SHARED,
	     {"libavcodec license: GPL version 2 or later, perhaps", NULL},
	     NULL},
	    {"bash",
	     FACTS_TYPE_EXECUTABLE,
	     {"License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n",
	      NULL},
	     "GPL-3.0-or-later, high, the binary itself"},
	    {"bc",
	     FACTS_TYPE_EXECUTABLE,
	     {"This program is free software; you can redistribute it under the terms of the GNU "
	      "General Public License as published by the Free Software Foundation; either "
	      "version 3 of the License , or (at your option) any later version.",
	      NULL},
	     "GPL-3.0-or-later, medium, the binary itself"},
	    /* The notice of a text it carries; two notices; no version. */
	    {"ctags",
	     FACTS_TYPE_EXECUTABLE,
	     {"% distributed under the terms of the GNU General Public License version 2", NULL},
	     NULL},
	    {"two",
	     FACTS_TYPE_EXECUTABLE,
	     {"License GPLv3+: GNU GPL version 3 or later", "License GPLv2: GNU GPL version 2",
	      NULL},
	     NULL},
	    {"any",
	     FACTS_TYPE_EXECUTABLE,
	     {"This program is free software under the terms of the GNU General Public License.",
	      NULL},
	     NULL},
	};
	struct component owner = package("foo", FORMAT FILES("*", "MIT"));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct file_licence *licence;
		const char *found =
		    answer(cases[i].name, facts_of(cases[i].type, cases[i].statements, NULL),
			   &owner, NULL, &licence);

		assert_string_equal(found, cases[i].want ? cases[i].want
							 : "MIT, high, package (DEP-5, stanza)");
		if (!cases[i].want)
			continue;
		assert_non_null(licence->label);
		assert_string_equal(licence->label->text, "MIT");
		assert_non_null(strstr(licence->detail, "\""));
	}
}

static void x264_says_what_it_was_built_for(void **state)
{
	static const struct {
		const char *statements[4];
		const char *want;
	} cases[] = {
	    {{"x264 license: ", "GPL version 2 or later", NULL},
	     "GPL-2.0-or-later, high, the binary itself"},
	    {{"x264 license: ", "Non-GPL commercial\n", NULL},
	     "LicenseRef-Proprietary, high, the binary itself"},
	    /* Half of what x264 says, and both answers. */
	    {{"GPL version 2 or later", NULL}, "MIT, high, package (DEP-5, stanza)"},
	    {{"x264 license: ", "Non-GPL commercial", "GPL version 2 or later", NULL},
	     "MIT, high, package (DEP-5, stanza)"},
	};
	struct component owner = package("foo", FORMAT FILES("*", "MIT"));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    answer("x264", facts_of(FACTS_TYPE_EXECUTABLE, cases[i].statements, NULL),
			   &owner, NULL, NULL),
		    cases[i].want);
}

static void a_program_keeps_its_package_s_permission(void **state)
{
	static const char *const statements[] = {"License GPLv3+: GNU GPL version 3 or later",
						 NULL};
	const struct facts *facts = facts_of(FACTS_TYPE_EXECUTABLE, statements, NULL);
	struct component linking =
	    package("wget", FORMAT FILES("*", "GPL-3+ with OpenSSL exception"));
	struct component building =
	    package("bash", FORMAT FILES("*", "GPL-3+ with Bison exception"));

	(void)state;
	assert_string_equal(answer("wget", facts, &linking, NULL, NULL),
			    "GPL-3.0-or-later WITH AdditionRef-Debian-OpenSSL-exception, medium, "
			    "the binary itself");
	assert_string_equal(answer("bash", facts, &building, NULL, NULL),
			    "GPL-3.0-or-later, high, the binary itself");
}

static void package_and_table_are_weighed(void **state)
{
	static const struct {
		const char *name, *text, *known, *want, *label;
	} cases[] = {
	    /* They agree: the package's words, or the row where the package only has a union. */
	    {"libfoo.so.1", FILES("*", "MIT"), "BSD-2-Clause", "MIT, high, package (DEP-5, stanza)",
	     NULL},
	    {"libfoo.so.1", FILES("*", "MIT") FILES("src/x.c", "Zlib"), "MIT",
	     "MIT, medium, known component", "MIT AND Zlib"},
	    /* The row picks from what the package speaks of. */
	    {"libfoo.so.1", FILES("*", "GPL-3+") FILES("src/x.c", "LGPL-2+"), "LGPL-2.0-or-later",
	     "LGPL-2.0-or-later, medium, known component",
	     "GPL-3.0-or-later AND LGPL-2.0-or-later"},
	    /* The package speaks of all of itself, and says something else: it knows its version.
	     */
	    {"libfoo.so.1", FILES("*", "LGPL-3+"), "MPL-2.0",
	     "LGPL-3.0-or-later, low, package (DEP-5, stanza)", "MPL-2.0"},
	    {"libfoo.so.1", FILES("*", "LGPL-2+"), "LGPL-2.1-or-later",
	     "LGPL-2.0-or-later, medium, package (DEP-5, stanza)", "LGPL-2.1-or-later"},
	    /* Short names drop exceptions. */
	    {"libfoo.so.1", FILES("*", "GPL-3+"), "GPL-3.0-or-later WITH GCC-exception-3.1",
	     "GPL-3.0-or-later WITH GCC-exception-3.1, medium, known component",
	     "GPL-3.0-or-later"},
	    /* Neither is sure of anything. */
	    {"libfoo.so.1", FILES("*", "GPL-3+") FILES("src/x.c", "LGPL-2+"), "MPL-2.0",
	     "MPL-2.0, low, known component", "GPL-3.0-or-later AND LGPL-2.0-or-later"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct component owner =
		    package("pkg", arena_printf(&arena, FORMAT "%s", cases[i].text));
		struct component row = known(cases[i].known);
		const struct file_licence *licence;
		const char *found = answer(cases[i].name, facts_of(FACTS_TYPE_SHARED, NULL, NULL),
					   &owner, &row, &licence);

		assert_string_equal(found, cases[i].want);
		if (cases[i].label)
			assert_string_equal(licence->label->text, cases[i].label);
		else
			assert_null(licence->label);
	}
}

static void what_a_library_needs_may_upgrade_it(void **state)
{
	struct component owner = package("gnutls28", FORMAT FILES("*", "LGPL-2.1+"));
	const struct file_licence *licence;

	(void)state;
	assert_string_equal(answer("libgnutls.so.30",
				   facts_of(FACTS_TYPE_SHARED, NULL, "libnettle.so.8"), &owner,
				   NULL, &licence),
			    "LGPL-3.0-or-later OR GPL-2.0-or-later, medium, what it is linked to");
	assert_string_equal(licence->label->text, "LGPL-2.1-or-later");
	/* Not without the library that forces it. */
	assert_string_equal(answer("libgnutls.so.30",
				   facts_of(FACTS_TYPE_SHARED, NULL, "libother.so.1"), &owner, NULL,
				   NULL),
			    "LGPL-2.1-or-later, high, package (DEP-5, stanza)");
}

static void a_row_may_choose_the_stanzas(void **state)
{
	struct component owner =
	    package("zvbi", FORMAT FILES("*", "GPL-2+") FILES("src/*", "LGPL-2+")
				FILES("src/packet-830.c", "GPL-2") FILES("src/x.c", "MIT"));
	struct component newer =
	    package("zvbi", FORMAT FILES("*", "GPL-2+") FILES("lib/*", "LGPL-2+"));
	struct component other =
	    package("other", FORMAT FILES("*", "GPL-2+") FILES("src/*", "LGPL-2+")
				 FILES("src/packet-830.c", "GPL-2"));
	const struct facts *facts = facts_of(FACTS_TYPE_SHARED, NULL, NULL);

	(void)state;
	assert_string_equal(answer("libzvbi.so.0", facts, &owner, NULL, NULL),
			    "LGPL-2.0-or-later AND GPL-2.0-only, medium, package (DEP-5, stanza)");
	/* Another library of the package, a file without those stanzas, another package. */
	assert_string_equal(answer("libzvbi-chains.so.0", facts, &owner, NULL, NULL),
			    "GPL-2.0-or-later AND LGPL-2.0-or-later AND GPL-2.0-only AND MIT, low, "
			    "package (DEP-5, union)");
	assert_null(strstr(answer("libzvbi.so.0", facts, &newer, NULL, NULL), "GPL-2.0-only"));
	assert_non_null(strstr(answer("libzvbi.so.0", facts, &other, NULL, NULL), "union"));
}

static void unknown_is_an_answer(void **state)
{
	struct component prose = package("pkg", "All rights reserved.\n"), missing = prose, row;
	const struct facts *facts = facts_of(FACTS_TYPE_SHARED, NULL, NULL);

	(void)state;
	missing.copyright_path = "/nowhere";
	row = known("MIT");
	assert_string_equal(answer("libfoo.so.1", facts, NULL, NULL, NULL),
			    "NOASSERTION, none, not known");
	assert_string_equal(answer("libfoo.so.1", facts, &prose, NULL, NULL),
			    "NOASSERTION, none, not known");
	assert_string_equal(answer("libfoo.so.1", facts, &missing, NULL, NULL),
			    "NOASSERTION, none, not known");
	assert_string_equal(answer("libfoo.so.1", NULL, NULL, NULL, NULL),
			    "NOASSERTION, none, not known");
	assert_string_equal(answer("libfoo.so.1", facts, &prose, &row, NULL),
			    "MIT, medium, known component");
}

static void stanzas_without_a_licence_are_said(void **state)
{
	struct component owner =
	    package("pkg", FORMAT FILES("*", "MIT") "Files: x\nCopyright: y\n");
	size_t before = diags.list.len;

	(void)state;
	answer("libfoo.so.1", NULL, &owner, NULL, NULL);
	assert_int_equal(diags.list.len, before + 1);
	assert_int_equal(diags.list.ptr[before].id, DIAG_COPYRIGHT_BAD);
	assert_non_null(strstr(diags.list.ptr[before].message, "line 7"));
}

/* What debug information of a library of protobuf says that names these sources. */
static const char *answer_of_sources(const char *text, const char *const *sources, size_t count,
				     const char *compiled_in)
{
	struct component owner = package("protobuf", text);
	struct debug_sources debug = {.files = sources,
				      .file_count = count,
				      .folders = &compiled_in,
				      .folder_count = compiled_in != NULL};
	struct licence_query query = {.path = "/usr/lib/libany.so.1",
				      .soname = "libany.so.1",
				      .component = &owner,
				      .debug = &debug};
	const struct file_licence *licence = licences_of_file(licences, &query);

	return arena_printf(
	    &arena, "%s, %s%s", licence->text, licence_confidence_text(licence->confidence),
	    strstr(licence->detail, "debug information") ? ", debug information" : "");
}

static void sources_are_found_below_the_top_of_their_tree(void **state)
{
	static const char text[] = FORMAT FILES("*", "GPL-3+") FILES("src/google/*", "MIT")
	    FILES("third/z.c", "Zlib") FILES("message.cc", "ISC");
	static const struct {
		const char *sources[2], *want;
	} cases[] = {
	    /* Folders of the tree bear the project's name too. */
	    {{"/build/protobuf-3.21.12/src/google/protobuf/message.cc"},
	     "MIT, medium, debug information"},
	    {{"/build/protobuf-3.21.12/protobuf-1/third/../message.cc"},
	     "ISC, medium, debug information"},
	    {{"/build/protobuf/third/z.c", "/build/protobuf/src/google/a.cc"},
	     "MIT AND Zlib, medium, debug information"},
	    {{"/build/Protobuf_v3/third/z.c", "/usr/include/x.h"},
	     "Zlib, medium, debug information"},
	    /* Which of two is the top is a guess. */
	    {{"/build/protobuf/src/google/protobuf/a.cc"}, "MIT, low, debug information"},
	    /* Not all of it is from here. */
	    {{"/build/protobuf-3/third/z.c", "/build/other/third/z.c"},
	     "Zlib, low, debug information"},
	    /* No folder says where the tree begins: nothing follows. */
	    {{"/build/work/third/z.c", "/build/work/src/google/a.cc"},
	     "GPL-3.0-or-later AND MIT AND Zlib AND ISC, low"},
	    {{"/build/protobuf-java/third/z.c"}, "GPL-3.0-or-later AND MIT AND Zlib AND ISC, low"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    answer_of_sources(text, cases[i].sources, cases[i].sources[1] ? 2 : 1, NULL),
		    cases[i].want);
	/* What stands over all code needs no line tables to be sure of. */
	assert_string_equal(answer_of_sources(FORMAT FILES("*", "MIT"), cases[0].sources, 1, NULL),
			    "MIT, high, debug information");
}

/* Debian maps the top of the tree to ".". */
static void a_top_that_was_mapped_is_one(void **state)
{
	static const char text[] =
	    FORMAT FILES("*", "GPL-3+") FILES("src/google/*", "MIT") FILES("third/z.c", "Zlib");
	static const char union_of_all[] = "GPL-3.0-or-later AND MIT AND Zlib, low";
	static const char *const cases[][3] = {
	    /* source, folder it was compiled in, what is said */
	    {"./src/google/a.cc", ".", "MIT, medium, debug information"},
	    {"./third/z.c", "./obj-x86_64-linux-gnu", "Zlib, medium, debug information"},
	    {"./third/z.c", "./third", "Zlib, medium, debug information"},
	    {"./src/google/../../third/z.c", "./src/google", "Zlib, medium, debug information"},
	    {"./../../third/z.c", ".", "Zlib, medium, debug information"},
	    /* Or src/third/z.c, by way of "cc ./third/z.c". */
	    {"./third/z.c", "./src", "Zlib, low, debug information"},
	    {"third/z.c", ".", union_of_all},
	    {"<artificial>", ".", union_of_all},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(answer_of_sources(text, &cases[i][0], 1, cases[i][1]),
				    cases[i][2]);
}

static void sources_times_patterns_are_bounded(void **state)
{
	const size_t count = 1000;
	const char **sources = arena_alloc_array(&arena, count, sizeof(*sources));
	char *text = arena_alloc(&arena, 1 << 20), *end = stpcpy(text, FORMAT "Files: *");
	size_t before = diags.list.len;

	(void)state;
	for (size_t i = 0; i < 60000; i++)
		end = stpcpy(end, " q");
	end = stpcpy(end, "\nCopyright: x\nLicense: MIT\n\nFiles:");
	for (size_t i = 0; i < 60000; i++)
		end = stpcpy(end, " q");
	stpcpy(end, "\nCopyright: x\nLicense: ISC\n");
	for (size_t i = 0; i < count; i++)
		sources[i] = "/protobuf-1/x.c";
	assert_null(strstr(answer_of_sources(text, sources, count, NULL), "debug information"));
	assert_int_equal(diags.list.len, before + 1);
	assert_int_equal(diags.list.ptr[before].id, DIAG_LIMIT_REACHED);
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	diags_init(&diags);
	if (!mkdtemp(folder) || root_open_directory(folder, &root) != STATUS_OK ||
	    knowledge_open(NULL, &diags, &knowledge) != STATUS_OK || diags.list.len)
		return 1;
	licences = licences_open(root, knowledge, &diags);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	licences_close(licences);
	root_free(root);
	for (unsigned i = 0; i < files; i++)
		unlink(arena_printf(&arena, "%s/%u", folder, i));
	rmdir(folder);
	knowledge_free(knowledge);
	diags_release(&diags);
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_stanza_that_speaks_of_a_library),
	    cmocka_unit_test(programs_are_under_the_star),
	    cmocka_unit_test(a_binary_knows_best),
	    cmocka_unit_test(x264_says_what_it_was_built_for),
	    cmocka_unit_test(a_program_keeps_its_package_s_permission),
	    cmocka_unit_test(package_and_table_are_weighed),
	    cmocka_unit_test(what_a_library_needs_may_upgrade_it),
	    cmocka_unit_test(a_row_may_choose_the_stanzas),
	    cmocka_unit_test(unknown_is_an_answer),
	    cmocka_unit_test(stanzas_without_a_licence_are_said),
	    cmocka_unit_test(sources_are_found_below_the_top_of_their_tree),
	    cmocka_unit_test(a_top_that_was_mapped_is_one),
	    cmocka_unit_test(sources_times_patterns_are_bounded),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
