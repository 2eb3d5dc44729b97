/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/call_edges.h"

#include <string.h>

#include "depend/command_line.h"
#include "util/path.h"

#define ARGUMENT_LINE 2 /* of "sh", "-c", LINE */

uint64_t call_edges_place(const struct facts *facts, uint64_t address)
{
	for (size_t i = 0; i < facts->segments_count; i++) {
		const struct facts_segment *segment = &facts->segments[i];

		if (segment->type == PT_LOAD && address >= segment->address &&
		    address - segment->address < segment->file_size &&
		    segment->offset < UINT64_MAX - segment->file_size)
			return segment->offset + (address - segment->address);
	}
	return FOUND_NO_PLACE;
}

void call_edges_add(struct call_edges *edges, const struct call_use *use, enum edge_kind kind,
		    const char *to)
{
	struct found_edge edge = {
	    .from = use->file->path,
	    .to = to,
	    .name = use->text,
	    .kind = kind,
	    .grade = use->grade,
	    .possible = use->possible,
	    .evidence = use->evidence,
	    .detail = use->detail,
	    .place = use->place,
	};

	found_edges_add(edges->finder->edges, &edge);
}

void call_edges_limit(struct call_edges *edges, const struct plugin_file *file, const char *what)
{
	diag_add(edges->finder->diags, DIAG_LIMIT_REACHED, file->path, DIAG_NO_OFFSET, "%s", what);
}

/* A pattern as a text for sh(1): what is not known is a variable, so that words with it are not
 * literal. */
static const char *shell_text(struct call_edges *edges, const struct call_use *use)
{
	size_t length = strlen(use->text), at = 0;
	char *text;

	if (!use->is_pattern)
		return use->text;
	text = arena_alloc(&edges->arena, 2 * length + 1);
	for (const char *from = use->text; *from; from++) {
		if (from[0] != '%' || !from[1]) {
			text[at++] = *from;
		} else if (*++from == '%') {
			text[at++] = '%';
		} else {
			text[at++] = '$';
			text[at++] = '_';
		}
	}
	return text;
}

static struct command_source source_of(const struct call_use *use)
{
	return (struct command_source){.from = use->file->path,
				       .evidence = use->evidence,
				       .detail = use->detail,
				       .place = use->place,
				       .possible = use->possible};
}

static bool is_shell(const char *name)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ksh", "zsh", "csh"};

	name = path_name(name);
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(name, shells[i]) == 0)
			return true;
	return false;
}

/* The text of argv[index] when it can be one only, else NULL. */
static const struct facts_call_value *only_argument(const struct call_arguments *arguments,
						    unsigned index)
{
	const struct facts_call_value *only = NULL;

	for (size_t i = 0; i < arguments->count; i++) {
		if (arguments->values[i].role != FACTS_ROLE_ARGUMENT ||
		    arguments->values[i].index != index)
			continue;
		if (only)
			return NULL;
		only = &arguments->values[i];
	}
	return only;
}

static bool is_literal(const struct facts_call_value *value)
{
	return value && !(value->flags & FACTS_VALUE_PATTERN) &&
	       value->source != FACTS_VALUE_ENVIRONMENT && value->source != FACTS_VALUE_RESULT &&
	       value->source != FACTS_VALUE_NOTHING;
}

/* Command lines behind "sh -c", each of those that may be given. */
static void add_shell_lines(struct call_edges *edges, const struct call_use *use,
			    const struct call_arguments *arguments)
{
	const struct facts_call_value *option = only_argument(arguments, 1);

	if (!is_literal(option) || strcmp(facts_text(arguments->facts, option->text), "-c") != 0)
		return;
	for (size_t i = 0; i < arguments->count; i++) {
		const struct facts_call_value *value = &arguments->values[i];
		struct call_use line = *use;
		struct command_source source = source_of(use);

		if (value->role != FACTS_ROLE_ARGUMENT || value->index != ARGUMENT_LINE ||
		    value->source == FACTS_VALUE_ENVIRONMENT || !value->text.length)
			continue;
		line.text = facts_text(arguments->facts, value->text);
		line.is_pattern = value->flags & FACTS_VALUE_PATTERN;
		command_line_add_shell(edges->finder, &source, shell_text(edges, &line));
	}
}

/* A program, with the arguments that are known, so that what env and its like run is seen. */
static void add_program(struct call_edges *edges, const struct call_use *use,
			const struct call_arguments *arguments)
{
	struct command_source source = source_of(use);
	struct word words[3] = {{use->text, true}};
	size_t count = 1;

	if (is_shell(use->text)) {
		command_line_add_program(edges->finder, &source, use->text);
		add_shell_lines(edges, use, arguments);
		return;
	}
	for (; count < 3; count++) {
		const struct facts_call_value *value = only_argument(arguments, (unsigned)count);

		if (!is_literal(value))
			break;
		words[count] = (struct word){facts_text(arguments->facts, value->text), true};
	}
	command_line_add(edges->finder, &source, words, count);
}

static void add_words(struct call_edges *edges, const struct call_use *use)
{
	struct command_source source = source_of(use);
	struct slice rest = slice_text(shell_text(edges, use));
	word_list words = {0};
	const char *word;

	while (words_next(&rest, WORDS_SHELL, &edges->arena, &word) == STATUS_OK)
		vec_push(&words, ((struct word){word, !strchr(word, '$')}));
	if (words.len)
		command_line_add(edges->finder, &source, words.ptr, words.len);
	vec_release(&words);
}

static void add_shell(struct call_edges *edges, const struct call_use *use)
{
	struct command_source source = source_of(use);

	/* system(3) and popen(3) start the shell itself, whatever is in the line. */
	command_line_add_program(edges->finder, &source, "/bin/sh");
	command_line_add_shell(edges->finder, &source, shell_text(edges, use));
}

void call_edges_use(struct call_edges *edges, const struct call_use *use,
		    const struct call_arguments *arguments)
{
	switch (use->kind) {
	case FACTS_CALL_LOAD:
		call_edges_library(edges, use);
		break;
	case FACTS_CALL_IMPORT:
		if (!use->is_pattern)
			call_edges_module(edges, use);
		break;
	case FACTS_CALL_EXEC:
	case FACTS_CALL_EXEC_SEARCH:
		if (use->text[0] == '-')
			break; /* an option, read from a table of argument vectors */
		if (use->is_pattern)
			call_edges_program_pattern(edges, use);
		else
			add_program(edges, use, arguments);
		break;
	case FACTS_CALL_SHELL:
		add_shell(edges, use);
		break;
	case FACTS_CALL_WORDS:
		add_words(edges, use);
		break;
	case FACTS_CALL_SYMBOL:
	case FACTS_CALL_SOCKET:
	case FACTS_CALL_CONNECT:
	case FACTS_CALL_BIND:
	case FACTS_CALL_LISTEN:
	case FACTS_CALL_ACCEPT:
	case FACTS_CALL_SEND:
	case FACTS_CALL_SHARED_MEMORY:
	case FACTS_CALL_SEMAPHORE:
	case FACTS_CALL_QUEUE:
	case FACTS_CALL_DBUS_OWN:
	case FACTS_CALL_DBUS_PEER:
	case FACTS_CALL_KIND_COUNT:
		break; /* two ends that meet: call_meetings.c */
	}
}

static bool is_counted(enum facts_call_kind kind)
{
	return kind == FACTS_CALL_LOAD || kind == FACTS_CALL_IMPORT || kind == FACTS_CALL_EXEC ||
	       kind == FACTS_CALL_EXEC_SEARCH || kind == FACTS_CALL_SHELL ||
	       kind == FACTS_CALL_WORDS;
}

static const char *site_detail(struct call_edges *edges, const struct facts *facts,
			       const struct facts_call_site *site,
			       const struct facts_call_value *value)
{
	const char *callee = facts_text(facts, site->callee);
	const char *through = value->caller ? arena_printf(&edges->arena, ", called at 0x%llx",
							   (unsigned long long)value->caller)
					    : "";

	if (site->function_name.length)
		return arena_printf(&edges->arena, "%s at 0x%llx in %s%s", callee,
				    (unsigned long long)site->address,
				    facts_text(facts, site->function_name), through);
	return arena_printf(&edges->arena, "%s at 0x%llx%s", callee,
			    (unsigned long long)site->address, through);
}

/* Whether a value names something, as opposed to an environment variable or nothing at all. */
static bool names_something(const struct facts_call_value *value)
{
	return value->role == FACTS_ROLE_NAME && value->text.length &&
	       value->source != FACTS_VALUE_ENVIRONMENT && value->source != FACTS_VALUE_NOTHING;
}

static void add_site(struct call_edges *edges, const struct plugin_file *file,
		     const struct facts_call_site *site)
{
	const struct facts *facts = file->facts;
	struct call_arguments arguments = {facts, facts->call_values + site->value_first,
					   site->value_count};
	struct found_counts before = edges->finder->counts;
	bool recovered = false;

	for (uint32_t i = 0; i < site->value_count; i++) {
		const struct facts_call_value *value = &arguments.values[i];
		bool pattern = value->flags & FACTS_VALUE_PATTERN;
		bool is_line = site->kind == FACTS_CALL_SHELL || site->kind == FACTS_CALL_WORDS;
		/* A table whose end is not known may have been read too far. Of a command line,
		 * the words that are literal are sure, whatever the rest is. */
		bool unsure = (pattern && !is_line) || (value->source == FACTS_VALUE_TABLE &&
							(site->reasons & FACTS_REASON_EXTENT));
		/* What an interpreter imports by itself depends on what it is told to do: readline
		 * comes with a prompt, not with every process. */
		bool by_host =
		    site->kind == FACTS_CALL_IMPORT && (site->flags & FACTS_CALL_INTERNAL);
		struct call_use use = {
		    .file = file,
		    .kind = (enum facts_call_kind)site->kind,
		    .text = facts_text(facts, value->text),
		    .is_pattern = pattern,
		    .grade = unsure ? EDGE_GRADE_STRING : EDGE_GRADE_DECLARED,
		    .possible = unsure || by_host,
		    .evidence = "call-site",
		    .detail = site_detail(edges, facts, site, value),
		    .place = call_edges_place(facts, site->address),
		};

		if (!names_something(value))
			continue;
		if (value->source == FACTS_VALUE_RESULT) {
			call_results_use(edges, &use, &arguments);
			continue;
		}
		recovered = true;
		call_edges_use(edges, &use, &arguments);
	}
	/* A site counts once, however many names it has. */
	edges->finder->counts = before;
	edges->finder->counts.sites++;
	edges->finder->counts.recovered += recovered;
}

static void add_file(struct call_edges *edges, const struct plugin_file *file)
{
	const struct facts *facts = file->facts;

	for (size_t i = 0; i < facts->call_sites_count; i++)
		if (is_counted((enum facts_call_kind)facts->call_sites[i].kind))
			add_site(edges, file, &facts->call_sites[i]);
	call_edges_notes(edges, file);
}

void call_edges_find(struct finder *finder, const struct service_names *names)
{
	struct call_edges edges = {.finder = finder, .names = names};
	struct plugin_file file;

	arena_init(&edges.arena);
	vec_each (listed, &finder->inventory->files)
		if (plugin_file_open(finder, listed->canonical, &file))
			vec_push(&edges.files, file);
	call_results_open(&edges);
	vec_each (opened, &edges.files)
		add_file(&edges, opened);
	call_edges_summaries(&edges);
	call_edges_meetings(&edges);
	vec_release(&edges.files);
	map_release(&edges.started);
	call_results_release(&edges);
	arena_release(&edges.arena);
}
