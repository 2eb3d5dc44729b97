/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small world as a finished view: two programs, one of them with a library that says another
 * licence of itself than its package, the other one with a library whose name tries to write to
 * the terminal. All by hand, so that no stage before takes part.
 */
#ifndef TESTS_UNIT_REPORT_WORLD_H
#define TESTS_UNIT_REPORT_WORLD_H

#include "report/view.h"

#define HOSTILE "libq\x1b[2J\n\xe2\x80\xae.so.1"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define WORLD_LICENCE(spdx, from)                                                       \
	{                                                                               \
		.text = (spdx), .original = "", .source = (from), .confidence = "high", \
		.path = "", .detail = ""                                                \
	}

static const char *const world_needed[] = {"libav.so.59", HOSTILE, "libgone.so.3"};
static const char *const world_missing[] = {"libgone.so.3"};
static const char *const world_notice[] = {"notice"};
static const char *const world_whole_work[] = {"whole-work"};
static const char *const world_review[] = {"review"};
static const char *const world_conflict[] = {"conflict"};
static const char *const world_copyleft[] = {"GPL-2.0-or-later"};

enum { FILE_PROGRAM, FILE_TOOL, FILE_AV, FILE_HOSTILE, FILE_READ, FILE_COUNT };

static const struct view_file world_files[] = {
    [FILE_PROGRAM] = {.path = "/opt/app/bin/program",
		      .size = 1000,
		      .type = "executable",
		      .machine = "x86-64",
		      .needed = world_needed,
		      .needed_count = COUNT(world_needed),
		      .shipped = true,
		      .component = 0,
		      .origin = "dpkg",
		      .status = "ok",
		      .licence = WORLD_LICENCE("LicenseRef-Acme", "package (DEP-5, stanza)")},
    [FILE_TOOL] = {.path = "/opt/app/bin/tool",
		   .type = "executable",
		   .machine = "x86-64",
		   .shipped = true,
		   .component = 0,
		   .status = "ok",
		   .licence = WORLD_LICENCE("MIT", "package (DEP-5, stanza)")},
    [FILE_AV] = {.path = "/usr/lib/libav.so.59.1",
		 .type = "shared",
		 .machine = "x86-64",
		 .component = 1,
		 .status = "ok",
		 .licence = {.text = "GPL-2.0-or-later",
			     .original = "av license: GPL version 2 or later",
			     .source = "the binary itself",
			     .confidence = "high",
			     .path = "",
			     .detail = "",
			     .label = "LGPL-2.1-or-later"}},
    [FILE_HOSTILE] = {.path = "/usr/lib/" HOSTILE,
		      .type = "shared",
		      .machine = "x86-64",
		      .component = VIEW_NONE,
		      .status = "ok",
		      .licence = WORLD_LICENCE("NOASSERTION", "not known")},
    [FILE_READ] = {.path = "/usr/lib/libread.so.8.2",
		   .type = "shared",
		   .machine = "x86-64",
		   .component = 2,
		   .status = "ok",
		   .licence = WORLD_LICENCE("GPL-3.0-or-later", "package (DEP-5, stanza)")},
};

static const struct view_component world_components[] = {
    {.id = "deb:app", .name = "app", .version = "1", .class = "proprietary", .file_count = 2},
    {.id = "deb:av", .name = "av", .version = "59", .class = "strong", .file_count = 1},
    {.id = "deb:read", .name = "read", .version = "8.2", .class = "strong", .file_count = 1},
};

static const struct view_evidence world_evidence[] = {
    {"DT_NEEDED", "libav.so.59", UINT64_MAX},  {"DT_NEEDED", HOSTILE, UINT64_MAX},
    {"DT_NEEDED", "libread.so.8", UINT64_MAX}, {"dlopen", "libread.so.8", UINT64_MAX},
    {"DT_NEEDED", "libgone.so.3", UINT64_MAX},
};

#define WORLD_EDGE(number, start, end, what, is_kind, is_grade, how, symbols)                      \
	{                                                                                          \
		.id = "e-" #number, .from = (start), .to = (end), .name = (what),                  \
		.kind = (is_kind), .linked_as = (is_kind), .class = "linking", .reason = "linked", \
		.grade = (is_grade), .rule = (how), .symbols_bound = (symbols),                    \
		.evidence = &world_evidence[number], .evidence_count = 1                           \
	}

static const struct view_edge world_edges[] = {
    WORLD_EDGE(0, FILE_PROGRAM, FILE_AV, "libav.so.59", "link-dynamic", "linker-record", "RUNPATH",
	       0),
    WORLD_EDGE(1, FILE_PROGRAM, FILE_HOSTILE, HOSTILE, "link-dynamic", "linker-record",
	       "ld.so.cache", 7),
    WORLD_EDGE(2, FILE_HOSTILE, FILE_READ, "libread.so.8", "link-dynamic", "linker-record",
	       "ld.so.cache", 1),
    WORLD_EDGE(3, FILE_TOOL, FILE_READ, "libread.so.8", "link-plugin", "string", "call or text",
	       -1),
    WORLD_EDGE(4, FILE_PROGRAM, VIEW_NONE, "libgone.so.3", "link-dynamic", "linker-record",
	       "not found", -1),
};

static const uint32_t world_program_members[] = {FILE_PROGRAM, FILE_AV, FILE_HOSTILE, FILE_READ};
static const uint32_t world_tool_members[] = {FILE_TOOL, FILE_READ};
static const uint32_t world_path_av[] = {0}, world_path_read[] = {1, 2}, world_path_tool[] = {3};
static const uint32_t world_work_program[] = {0}, world_work_tool[] = {1};

static const struct view_work world_works[] = {
    {.program = FILE_PROGRAM,
     .plugin = VIEW_NONE,
     .members = world_program_members,
     .member_count = COUNT(world_program_members),
     .bindings = 8,
     .licences = world_copyleft,
     .licence_count = 1,
     .outcomes = world_conflict,
     .outcome_count = 1,
     .weight = 7,
     .missing = world_missing,
     .missing_count = 1,
     .fatal = "/opt/app/lib/libbad\x07.so: invalid ELF header"},
    {.program = FILE_TOOL,
     .plugin = VIEW_NONE,
     .members = world_tool_members,
     .member_count = COUNT(world_tool_members),
     .outcomes = world_review,
     .outcome_count = 1,
     .weight = 6},
};

static const struct view_citation world_citations[] = {
    {"GPL-2.0 s.2(b)", "text"},
    {"FSF FAQ #GPLStaticVsDynamic", "quoted"},
    {"a licence that is not in the tables", "no"},
};

#define WORLD_FINDING(is_rule, is_title, is_outcomes, is_weight, is_contested)           \
	.id = "f-" is_rule, .rule = is_rule, .title = is_title, .outcomes = is_outcomes, \
	.outcome_count = 1, .weight = (is_weight), .contested = (is_contested)

static const struct view_finding world_findings[] = {
    {WORLD_FINDING("link-copyleft", "linked to copyleft code", world_conflict, 7, true),
     .subject = FILE_PROGRAM, .provider = FILE_AV, .licence = "GPL-2.0-or-later",
     .path = world_path_av, .path_count = 1, .works = world_work_program, .work_count = 1,
     .citations = world_citations, .citation_count = 2,
     .message = "app (LicenseRef-Acme) is linked with av, which is under GPL-2.0-or-later by its "
		"own statement. Other readings exist.",
     .remedy = "Check constructors, then relink with --as-needed."},
    {WORLD_FINDING("link-copyleft", "linked to copyleft code", world_conflict, 7, true),
     .subject = FILE_PROGRAM, .provider = FILE_READ, .licence = "GPL-3.0-or-later",
     .path = world_path_read, .path_count = 2, .works = world_work_program, .work_count = 1,
     .citations = world_citations + 1, .citation_count = 1,
     .message = "app (LicenseRef-Acme) is linked with read, which is under GPL-3.0-or-later.",
     .remedy = "Replace the component."},
    {WORLD_FINDING("ship-review", "no licence to redistribute is known", world_review, 6, false),
     .subject = FILE_PROGRAM, .provider = VIEW_NONE, .licence = "LicenseRef-Acme",
     .citations = world_citations + 2, .citation_count = 1,
     .message = "app is shipped under LicenseRef-Acme: what it asks for is not known.",
     .remedy = ""},
    {WORLD_FINDING("work-uncertain", "licences in one work that are not known well enough",
		   world_review, 6, false),
     .subject = FILE_TOOL, .provider = FILE_READ, .licence = "copyleft", .path = world_path_tool,
     .path_count = 1, .works = world_work_tool, .work_count = 1, .citations = world_citations + 2,
     .citation_count = 1, .message = "app: 1 member may be under a copyleft licence: " HOSTILE ".",
     .remedy = "Look up the licence."},
    {WORLD_FINDING("ship-notice", "copyright notices and licence texts go along", world_notice, 1,
		   false),
     .subject = FILE_TOOL, .provider = VIEW_NONE, .licence = "MIT", .citations = world_citations,
     .citation_count = 1, .message = "app is shipped under MIT: its notice goes along.",
     .remedy = "Ship the notice."},
};

static const struct view_diagnostic world_diagnostics[] = {
    {"EL0103", "warning", "/opt/app/bin/tool", "program header outside the file", "", 64},
    {"EL0401", "warning", "/opt/app/bin/program", "needed library not found",
     "DT_NEEDED libgone.so.3", UINT64_MAX},
};

static const struct view world = {
    .tool = {"elfleft", "0"},
    .artifact = {.path = "/opt/app", .type = "directory", .root = "/"},
    .policy = {.distribution = "binary",
	       .system_libs = "strict",
	       .unused_needed = "counts",
	       .gpl_dynamic = "fsf",
	       .data_date = "2026-11-24",
	       .data_digest = "00"},
    .files = world_files,
    .file_count = FILE_COUNT,
    .node_count = FILE_COUNT,
    .components = world_components,
    .component_count = COUNT(world_components),
    .edges = world_edges,
    .edge_count = COUNT(world_edges),
    .works = world_works,
    .work_count = COUNT(world_works),
    .findings = world_findings,
    .finding_count = COUNT(world_findings),
    .diagnostics = world_diagnostics,
    .diagnostic_count = COUNT(world_diagnostics),
    .coverage = {.files_total = 2,
		 .files_analysed = 1,
		 .files_listed = 5,
		 .files_owned = 4,
		 .files_with_licence = 4,
		 .edges_total = 3,
		 .edges_unused = 1},
    .outcome = "conflict",
    .complete = false,
};

#endif
