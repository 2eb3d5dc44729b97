/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a scan, from views made by hand: one page in full, then what holds for any. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "report/reporter.h"
#include "report_output.h"
#include "report_world.h"
#include "util/arena.h"

static char *scan_text(const struct view *view, bool verbose, unsigned width, bool colour)
{
	struct report_options options = {.colour = colour, .verbose = verbose, .width = width};
	struct output output;
	struct sink sink;

	output_begin(&output, &sink);
	reporter_find("text")->scan(view, &options, &sink);
	assert_true(sink_flush(&sink));
	return output.text;
}

static const char page[] =
    "/opt/app: 2 files that reach 3 others, 2 works\n"
    "highest outcome: conflict (distribution binary, system libraries strict, tables of "
    "2026-11-24)\n"
    "incomplete: some input was not analysed, see the diagnostics\n"
    "\n"
    "Works: programs and plugins, each with all it links; [n]: finding below\n"
    "  by what they link: conflict 1, review 1\n"
    "  conflict: /opt/app/bin/program [1 2]\n"
    "      LicenseRef-Acme; 3 libraries; it names 2 and binds symbols of 1\n"
    "      ld.so would stop: /opt/app/lib/libbad\\x07.so: invalid ELF header\n"
    "      not found: libgone.so.3\n"
    "  review: /opt/app/bin/tool [4]\n"
    "      MIT; 1 library\n"
    "\n"
    "Edges by class\n"
    "  linking: link-dynamic 3, link-plugin 1\n"
    "  aggregation: whatever is shipped together and no edge above joins\n"
    "\n"
    "Findings\n"
    "  [1] conflict (contested): linked to copyleft code - GPL-2.0-or-later\n"
    "      of        av\n"
    "      in        program\n"
    "      path      program -> libav.so.59.1 (0 symbols)\n"
    "      evidence  DT_NEEDED libav.so.59 (linker-record)\n"
    "      label     libav.so.59.1 says of itself \"av license: GPL version 2 or later\"; its "
    "package says\n"
    "                LGPL-2.1-or-later\n"
    "      clause    GPL-2.0 s.2(b); FSF FAQ #GPLStaticVsDynamic\n"
    "      to do     Check constructors, then relink with --as-needed.\n"
    "  [2] conflict (contested): linked to copyleft code - GPL-3.0-or-later\n"
    "      of        read\n"
    "      in        program\n"
    "      path      program -> libq\\x1b[2J\\x0a\\u{202e}.so.1 (7 symbols) -> libread.so.8.2 (1)\n"
    "      evidence  DT_NEEDED libq\\x1b[2J\\x0a\\u{202e}.so.1, DT_NEEDED libread.so.8 "
    "(linker-record)\n"
    "      clause    FSF FAQ #GPLStaticVsDynamic\n"
    "      to do     Replace the component.\n"
    "  [3] review: no licence to redistribute is known\n"
    "      of        app\n"
    "      because   app is shipped under LicenseRef-Acme: what it asks for is not known.\n"
    "      clause    a licence that is not in the tables (not checked)\n"
    "  [4] review: licences in one work that are not known well enough\n"
    "      in        tool\n"
    "      what      app: 1 member may be under a copyleft licence: "
    "libq\\x1b[2J\\x0a\\u{202e}.so.1.\n"
    "      to do     Look up the licence.\n"
    "\n"
    "Where readings differ\n"
    "  [1] app (LicenseRef-Acme) is linked with av, which is under GPL-2.0-or-later by its own "
    "statement.\n"
    "      Other readings exist.\n"
    "\n"
    "What comes with shipping these files\n"
    "  notice: copyright notices and licence texts go along: app\n"
    "\n"
    "Coverage\n"
    "  1 of 2 files analysed; of 5 listed, 4 have an owner and 4 a licence\n"
    "  symbols of 3 edges looked up, none bound on 1 of them\n"
    "\n"
    "Diagnostics\n"
    "  warning EL0103 /opt/app/bin/tool at 0x40: program header outside the file\n"
    "  warning EL0401 /opt/app/bin/program: needed library not found: DT_NEEDED libgone.so.3\n"
    "\n"
    "Facts read from the files, with known readings of licences. This is evidence, not legal "
    "advice.\n";

static void a_page_is_told_in_full(void **state)
{
	char *text = scan_text(&world, false, 0, false);

	(void)state;
	assert_string_equal(text, page);
	free(text);
}

/* The text with each run of white space as one space. */
static char *unfolded(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' && *from != '\n')
			*to++ = *from;
		else if (to != text && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	return text;
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		size_t columns = sink_terminal_columns(text, text + length);

		if (columns > longest)
			longest = columns;
		text += length + (text[length] == '\n');
	}
	return longest;
}

/* Folding moves words and changes none; only a word that is longer than a line sticks out. */
static void lines_fold_at_the_width(void **state)
{
	char *wide = unfolded(scan_text(&world, true, 10000, false));

	(void)state;
	for (unsigned width = 1; width < 200; width += 7) {
		char *text = scan_text(&world, true, width, false);

		/* 16 columns of indent, and no word here has more than 45. */
		if (width >= 61)
			assert_true(longest_line(text) <= width);
		unfolded(text);
		assert_string_equal(text, wide);
		free(text);
	}
	free(wide);
}

/* The hostile name stands in files, edges, paths and messages: never as it is. */
static void names_reach_no_terminal(void **state)
{
	(void)state;
	for (unsigned verbose = 0; verbose < 2; verbose++) {
		char *text = scan_text(&world, verbose, 80, false);

		assert_non_null(strstr(text, "libq\\x1b[2J\\x0a\\u{202e}.so.1"));
		assert_null(strstr(text, "\xe2\x80\xae"));
		for (const char *at = text; *at; at++)
			assert_true(*at == '\n' || ((unsigned char)*at >= 0x20 && *at != 0x7f));
		free(text);
	}
}

/* Colours are sequences of ours around whole names: without them the text is the plain one. */
static void colours_change_nothing_else(void **state)
{
	char *plain = scan_text(&world, true, 90, false);
	char *coloured = scan_text(&world, true, 90, true), *to = coloured;
	size_t sequences = 0;

	(void)state;
	for (const char *from = coloured; *from;) {
		if (*from != '\033') {
			*to++ = *from++;
			continue;
		}
		assert_int_equal(from[1], '[');
		from += 2 + strspn(from + 2, "0123456789;");
		assert_int_equal(*from++, 'm');
		sequences++;
	}
	*to = '\0';
	assert_true(sequences > 20);
	assert_int_equal(sequences % 2, 0);
	assert_string_equal(coloured, plain);
	free(plain);
	free(coloured);
}

static void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("not in the report: %s", part);
}

static void verbose_leaves_nothing_out(void **state)
{
	char *text = unfolded(scan_text(&world, true, 0, false));

	(void)state;
	for (size_t i = 0; i < world.finding_count; i++) {
		expect_part(text, world.findings[i].id);
		expect_part(text, world.findings[i].title);
		expect_part(text, world.findings[i].remedy);
		for (size_t j = 0; j < world.findings[i].citation_count; j++)
			expect_part(text, world.findings[i].citations[j].text);
	}
	expect_part(text, "/usr/lib/libread.so.8.2 (not shipped) shared x86-64, deb:read, "
			  "GPL-3.0-or-later [package (DEP-5, stanza), confidence high]");
	expect_part(text,
		    "/opt/app/bin/tool -> /usr/lib/libread.so.8.2: link-plugin, linking since "
		    "linked; by string, dlopen libread.so.8, call or text");
	expect_part(text, "/opt/app/bin/program -> libgone.so.3 (not here): link-dynamic");
	expect_part(text, "1 symbol bound");
	free(text);
}

#define MANY 60

/* Device code, and what a reference says, stand before the findings. */
static void files_are_told_of(void **state)
{
	static const struct view_device_architecture architectures[] = {
	    {"cubin", "sm_80", 2, 7, 1},
	    {"cubin", "sm_90a", 1, 3, 0},
	    {"ptx", "compute_90", 1, 3, 0}};
	static const struct view_device_tool tools[] = {{"ptxas", "13.0", "build 1", 3}};
	static const struct view_device device = {.architectures = architectures,
						  .architecture_count = COUNT(architectures),
						  .tools = tools,
						  .tool_count = COUNT(tools),
						  .images = 5,
						  .kernels = 10,
						  .opaque = 1};
	static const struct view_verification verifications[] = {
	    {"/opt/app/a.py", "app.elfref", "/app/a.py", "modified", "Python source differs", false,
	     false},
	    {"/opt/app/bin/tool", "app.elfref", "/bin/tool", "repackaged", "", true, true}};
	struct view_file files[COUNT(world_files)];
	struct view view = world;
	char *text;

	(void)state;
	memcpy(files, world_files, sizeof(files));
	files[FILE_TOOL].device = &device;
	view.files = files;
	view.verifications = verifications;
	view.verification_count = COUNT(verifications);
	text = unfolded(scan_text(&view, false, 0, false));
	expect_part(text,
		    "Device code /opt/app/bin/tool: 10 kernels in 5 images for sm_80, sm_90a "
		    "(cubin); compute_90 (ptx); made by ptxas 13.0; 1 image of LTO-IR: opaque, "
		    "not inspected");
	expect_part(text, "Compared with references /opt/app/a.py: modified, compared with "
			  "/app/a.py of app.elfref: Python source differs 1 binary: identical or "
			  "repackaged");
	free(text);
}

/* Sixty programs that meet the same library, and nine that meet one each. */
struct crowd {
	struct arena arena;
	struct view view;
	struct view_file files[MANY + 1];
	struct view_edge edges[MANY];
	struct view_work works[MANY];
	struct view_finding findings[MANY];
	uint32_t numbers[MANY];
};

static void gather(struct crowd *crowd)
{
	arena_init(&crowd->arena);
	crowd->view = world;
	crowd->view.files = crowd->files;
	crowd->view.file_count = MANY + 1;
	crowd->view.edges = crowd->edges;
	crowd->view.edge_count = crowd->view.work_count = crowd->view.finding_count = MANY;
	crowd->view.works = crowd->works;
	crowd->view.findings = crowd->findings;
	crowd->files[MANY] = world_files[FILE_READ];
	for (uint32_t i = 0; i < MANY; i++) {
		crowd->numbers[i] = i;
		crowd->files[i] = world_files[FILE_TOOL];
		crowd->files[i].path = arena_printf(&crowd->arena, "/opt/app/bin/p%02u", i);
		crowd->edges[i] = world_edges[0];
		crowd->edges[i].from = i;
		crowd->edges[i].to = MANY;
		crowd->works[i] = world_works[1];
		crowd->works[i].program = i;
		crowd->findings[i] = world_findings[1];
		crowd->findings[i].subject = i;
		crowd->findings[i].provider = MANY;
		crowd->findings[i].path = &crowd->numbers[i];
		crowd->findings[i].path_count = crowd->findings[i].work_count = 1;
		crowd->findings[i].works = &crowd->numbers[i];
	}
}

/* What runs apart is told by who starts or meets it, each end once and the absent ones as such. */
static void processes_met_are_told_by_consumer(void **state)
{
	struct view_edge edges[] = {world_edges[0], world_edges[1], world_edges[4], world_edges[4],
				    world_edges[3]};
	struct view view = world;
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		edges[i].class = "IPC";
		edges[i].kind = i == 1 ? "ipc-socket" : "ipc-exec";
	}
	edges[3].name = "gone";
	edges[4].possible = true;
	view.edges = edges;
	view.edge_count = COUNT(edges);
	view.coverage.calls = true;
	view.coverage.call_sites_total = 9;
	view.coverage.call_sites_resolved = 7;
	text = scan_text(&view, false, 0, false);
	expect_part(text, "  IPC: ipc-exec 1 and 1 possible, ipc-socket 1\n");
	expect_part(text, "    /opt/app/bin/tool may run libread.so.8.2\n");
	expect_part(text, "  of 9 places in code that load, run or meet something, 7 name it\n");
	free(text);
	text = scan_text(&view, true, 0, false);
	expect_part(unfolded(text), "(possible) since linked;");
	expect_part(text, " /opt/app/bin/program runs libav.so.59.1, libgone.so.3 (not here), gone "
			  "(not here) meets over a socket libq");
	free(text);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		count++;
	return count;
}

static void equal_findings_are_told_once(void **state)
{
	struct crowd *crowd = memory_calloc(1, sizeof(*crowd));
	char *text;

	(void)state;
	gather(crowd);
	text = scan_text(&crowd->view, false, 0, false);
	assert_int_equal(count_of(text, "linked to copyleft code"), 1);
	expect_part(text, "review: /opt/app/bin/p00, p01, p02, p03, p04, p05 and 54 more [1]\n");
	expect_part(text, "MIT; 60 works of app\n");
	expect_part(text, "in works  p00, p01, p02, p03, p04, p05, p06, p07 and 52 more\n");
	assert_int_equal(count_of(text, "path      p00 -> libread.so.8.2"), 1);
	free(text);
	text = scan_text(&crowd->view, true, 0, false);
	assert_null(strstr(text, " more"));
	assert_true(count_of(text, "/opt/app/bin/p59") >= 2);
	free(text);
	arena_release(&crowd->arena);
	free(crowd);
}

/* With a licence of its own, each finding is an entry of its own, and most are cut. */
static void long_lists_are_cut_and_say_so(void **state)
{
	struct crowd *crowd = memory_calloc(1, sizeof(*crowd));
	char *text;

	(void)state;
	gather(crowd);
	for (uint32_t i = 0; i < MANY; i++)
		crowd->findings[i].licence = arena_printf(&crowd->arena, "LicenseRef-%02u", i);
	text = scan_text(&crowd->view, false, 0, false);
	assert_int_equal(count_of(text, "linked to copyleft code"), 8);
	expect_part(text, "  [8] conflict (contested): linked to copyleft code - LicenseRef-07\n");
	expect_part(text, "  ... and 52 more (-v shows all)\n");
	expect_part(text, "  ... and 52 more (-v shows all)\n");
	assert_true(count_of(text, "\n") < 100);
	free(text);
	text = scan_text(&crowd->view, true, 0, false);
	assert_null(strstr(text, "-v shows all"));
	assert_int_equal(count_of(text, "LicenseRef-59"), 2); /* its entry, and the finding */
	free(text);
	arena_release(&crowd->arena);
	free(crowd);
}

/* What nothing is said of takes one line, however many works there are. */
static void works_without_entries_are_one_line(void **state)
{
	static const char *const clear[] = {"clear"};
	struct crowd *crowd = memory_calloc(1, sizeof(*crowd));
	char *text;

	(void)state;
	gather(crowd);
	crowd->view.finding_count = 1;
	for (uint32_t i = 1; i < MANY; i++) {
		crowd->works[i].outcomes = clear;
		crowd->works[i].weight = 0;
	}
	text = scan_text(&crowd->view, false, 0, false);
	expect_part(text, "  by what they link: review 1, clear 59\n");
	expect_part(text, "  review: /opt/app/bin/p00 [1]\n");
	expect_part(text, "  clear: p01, p02, p03, p04, p05, p06 and 53 more\n");
	free(text);
	arena_release(&crowd->arena);
	free(crowd);
}

static void an_empty_view_is_a_report(void **state)
{
	static const struct view empty = {
	    .artifact = {.path = "/none", .type = "file", .root = "/"},
	    .policy = {.distribution = "binary",
		       .system_libs = "strict",
		       .unused_needed = "counts",
		       .gpl_dynamic = "fsf",
		       .data_date = "",
		       .data_digest = ""},
	};
	char *text = scan_text(&empty, false, 0, false);

	(void)state;
	expect_part(text, "/none: 0 files, 0 works\n");
	expect_part(text, "incomplete");
	expect_part(text, "not legal advice");
	assert_null(strstr(text, "outcome"));
	free(text);
}

static void what_is_said_of_many_files_is_said_once(void **state)
{
	static const struct view_diagnostic list[] = {
	    {"EL0001", "error", "/a", "no such file", "", UINT64_MAX},
	    {"EL0401", "warning", "/a", "not found", "libc.so.6", UINT64_MAX},
	    {"EL0401", "warning", "/a", "not found", "libm.so.6", UINT64_MAX},
	    {"EL0001", "error", "/b", "no such file", "", UINT64_MAX},
	    {"EL0401", "warning", "/b", "not found", "libc.so.6", UINT64_MAX},
	    {"EL0401", "warning", "/c", "not found", "libc.so.6", UINT64_MAX},
	};
	struct view view = world;
	char *text;

	(void)state;
	view.diagnostics = list;
	view.diagnostic_count = sizeof(list) / sizeof(list[0]);
	text = scan_text(&view, false, 0, false);
	assert_non_null(strstr(text, "Diagnostics\n"
				     "  error EL0001 /a: no such file\n"
				     "  warning EL0401 /a and 2 more: not found: libc.so.6\n"
				     "  warning EL0401 /a: not found: libm.so.6\n"
				     "  error EL0001 /b: no such file\n"
				     "\n"));
	free(text);
	text = scan_text(&view, true, 0, false);
	assert_non_null(strstr(text, "  warning EL0401 /c: not found: libc.so.6\n"));
	assert_null(strstr(text, "more: not found"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_is_told_in_full),
	    cmocka_unit_test(what_is_said_of_many_files_is_said_once),
	    cmocka_unit_test(lines_fold_at_the_width),
	    cmocka_unit_test(names_reach_no_terminal),
	    cmocka_unit_test(colours_change_nothing_else),
	    cmocka_unit_test(verbose_leaves_nothing_out),
	    cmocka_unit_test(files_are_told_of),
	    cmocka_unit_test(processes_met_are_told_by_consumer),
	    cmocka_unit_test(equal_findings_are_told_once),
	    cmocka_unit_test(long_lists_are_cut_and_say_so),
	    cmocka_unit_test(works_without_entries_are_one_line),
	    cmocka_unit_test(an_empty_view_is_a_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
