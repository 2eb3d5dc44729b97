/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges from what ELF files call: libraries and Python modules they load, programs they start,
 * sockets, shared memory and bus names they meet at. From the call facts of FACTS_CALLS and from
 * .note.dlopen.
 */
#ifndef DEPEND_CALL_EDGES_H
#define DEPEND_CALL_EDGES_H

#include "depend/plugins.h"
#include "depend/units.h"
#include "util/map.h"

/*
 * Needs records with FACTS_CALLS, FACTS_SYMBOLS and FACTS_NOTES. names: who answers to names of
 * buses and sockets by the files of services; NULL: nobody. finder->resolve finds libraries.
 */
void call_edges_find(struct finder *finder, const struct service_names *names);

/* ---- inside: shared by the files that are named after it ---- */

/* What an exported function may return. */
struct call_result {
	const struct plugin_file *file;
	const struct facts_call_constant *constant;
	size_t next; /* 1 + index of another of the same symbol; 0: there is none */
};

struct call_edges {
	struct finder *finder;
	const struct service_names *names;
	struct arena arena;
	VEC(struct plugin_file) files; /* of the inventory, sorted by path */
	struct map started;	       /* programs that calls start for sure, by file and program */
	size_t started_read;	       /* edges that are in it, if they belong there */
	VEC(struct call_result) results;
	struct map results_by_symbol; /* symbol -> index of the first */
};

/* One value of one site, ready to become edges. */
struct call_use {
	const struct plugin_file *file; /* whose call it is */
	enum facts_call_kind kind;
	const char *text;
	bool is_pattern;
	enum edge_grade grade;
	bool possible;
	const char *evidence, *detail;
	uint64_t place;
};

/* A library by name or pattern (call_libraries.c). */
void call_edges_library(struct call_edges *edges, const struct call_use *use);
/* A Python module by name. */
void call_edges_module(struct call_edges *edges, const struct call_use *use);
/* Programs by a pattern, and by a text that only looks like a path (call_programs.c). */
void call_edges_program_pattern(struct call_edges *edges, const struct call_use *use);
void call_edges_path(struct call_edges *edges, const struct plugin_file *file,
		     const struct facts_call_constant *constant);
/* A folder that a file holds as a text, and that is there. */
struct call_folder {
	const char *text, *canonical;
};

/* Those of one file, each text once. */
struct call_folders {
	VEC(struct call_folder) list;
	struct arena arena;
	struct map own; /* what a program in one of them adds to its name: "diff" of git-diff */
	bool own_listed, limited; /* limited: that there are more was told */
};

void call_folders_open(struct call_edges *edges, const struct plugin_file *file,
		       struct call_folders *ret);
void call_folders_release(struct call_folders *folders);
/* Whether text is a word that the file hands to itself. */
bool call_folders_own(struct call_edges *edges, struct call_folders *folders, const char *text);
void call_edges_name(struct call_edges *edges, const struct plugin_file *file,
		     struct call_folders *folders, const struct facts_call_constant *constant);
/* Programs in folders that the file names (call_folders.c). */
void call_edges_folders(struct call_edges *edges, const struct plugin_file *file,
			struct call_folders *named);
/* Says that a bound cut off what was looked for, for that file. */
void call_edges_limit(struct call_edges *edges, const struct plugin_file *file, const char *what);
/* "%s" and "%d" as util/pattern.h writes them; NULL for a text that would mean something else. */
const char *call_edges_pattern(struct call_edges *edges, const char *text);
/* How many bytes such a pattern gives. */
size_t call_edges_literal_bytes(const char *pattern);
/* Names that both ends of a socket, a bus or shared memory use (call_meetings.c). */
void call_edges_meetings(struct call_edges *edges);
/* .note.dlopen (dlopen_notes.c). */
void call_edges_notes(struct call_edges *edges, const struct plugin_file *file);
/* Constants given to functions whose provider's summary says what they do (call_summaries.c). */
void call_edges_summaries(struct call_edges *edges);
/* Programs and command lines. arguments: those of the same site, may be empty. */
struct call_arguments {
	const struct facts *facts;
	const struct facts_call_value *values;
	size_t count;
};
void call_edges_use(struct call_edges *edges, const struct call_use *use,
		    const struct call_arguments *arguments);
/* Results of functions of other libraries (call_results.c); use->text names the function. */
void call_results_open(struct call_edges *edges);
void call_results_release(struct call_edges *edges);
void call_results_use(struct call_edges *edges, const struct call_use *use,
		      const struct call_arguments *arguments);
bool call_edges_needs(const struct plugin_file *consumer, const struct plugin_file *provider);
void call_edges_add(struct call_edges *edges, const struct call_use *use, enum edge_kind kind,
		    const char *to);
/* The byte of the file behind an address, or FOUND_NO_PLACE. */
uint64_t call_edges_place(const struct facts *facts, uint64_t address);

#endif
