/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/command_line.h"

#include <string.h>
#include <sys/stat.h>

#include "depend/command_wrappers.h"
#include "depend/shell_line.h"
#include "util/budget.h"
#include "util/path.h"

/* A text that is still to be read, and how it came about. */
struct pending {
	struct slice text;
	const char *through;
};

/* One command line with all that is inside of it. */
struct command_line {
	struct finder *finder;
	const struct command_source *source;
	struct arena arena;
	VEC(struct pending) pending;
	const char *through; /* "env, sh -c"; "" at the outside */
	bool in_shell;	     /* words come from a shell text: builtins are no programs */
};

/* Commands that dash and bash run themselves. */
static const char *const builtins[] = {
    ".",       ":",	"[",	   "[[",    "alias",  "bg",    "break", "cd",	    "continue",
    "declare", "echo",	"eval",	   "exit",  "export", "false", "fg",	"getopts",  "hash",
    "jobs",    "kill",	"let",	   "local", "printf", "pwd",   "read",	"readonly", "return",
    "set",     "shift", "source",  "test",  "times",  "trap",  "true",	"type",	    "typeset",
    "ulimit",  "umask", "unalias", "unset", "wait",
};

static const char *joined(struct command_line *line, const char *through)
{
	return arena_printf(&line->arena, "%s%s%s", line->through, line->through[0] ? ", " : "",
			    through);
}

static void add_edge(struct command_line *line, const char *to, const char *name)
{
	const struct command_source *source = line->source;
	struct found_edge edge = {
	    .from = source->from,
	    .to = to,
	    .name = name,
	    .kind = EDGE_KIND_IPC_EXEC,
	    .grade = EDGE_GRADE_DECLARED,
	    .possible = source->possible,
	    .evidence = source->evidence,
	    .detail = source->detail,
	    .place = source->place,
	};

	if (line->through[0])
		edge.detail =
		    arena_printf(&line->arena, "%s, through %s", source->detail, line->through);
	found_edges_add(line->finder->edges, &edge);
}

/* What becomes a program by name; what has a slash and is no file stays without a target. */
static const char *add_program(struct command_line *line, const char *name)
{
	const char *path = commands_find(line->finder->commands, name);

	line->finder->counts.recovered++;
	add_edge(line, path, name);
	return path;
}

/* A file that an interpreter reads needs no execute bit, and PATH plays no part. */
static void add_script(struct command_line *line, const struct word *word)
{
	struct finder *finder = line->finder;
	struct root_file file;
	char *canonical;

	finder->counts.sites++;
	if (!word->literal || word->text[0] != '/')
		return;
	finder->counts.recovered++;
	if (path_is_below(word->text, "/proc") ||
	    root_stat(finder->root, word->text, true, &file) != STATUS_OK || !S_ISREG(file.mode) ||
	    root_realpath(finder->root, word->text, &line->arena, &canonical) != STATUS_OK)
		canonical = NULL;
	add_edge(line, canonical, word->text);
}

static void add_pending(struct command_line *line, struct slice text, const char *through)
{
	if (line->pending.len == BUDGET_COMMAND_LINES) {
		diag_add(line->finder->diags, DIAG_LIMIT_REACHED, line->source->from,
			 DIAG_NO_OFFSET, "more than %d shell lines in one command line",
			 BUDGET_COMMAND_LINES);
		return;
	}
	vec_push(&line->pending, ((struct pending){text, joined(line, through)}));
}

static bool is_builtin(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(name, builtins[i]) == 0)
			return true;
	return false;
}

static void drop_words(word_list *list, size_t count)
{
	memmove(list->ptr, list->ptr + count, (list->len - count) * sizeof(*list->ptr));
	list->len -= count;
}

/* env -S: the words its text is split into stand in the place of the text. */
static void split_words(struct command_line *line, word_list *list)
{
	word_list words = {0};
	const char *text, *word;
	size_t behind;

	for (unsigned i = 0; i < BUDGET_COMMAND_SPLITS; i++) {
		struct slice rest;

		if (!command_env_split(list->ptr, list->len, &text, &behind))
			break;
		rest = slice_text(text);
		vec_push(&words, list->ptr[0]);
		while (words_next(&rest, WORDS_SHELL, &line->arena, &word) == STATUS_OK)
			vec_push(&words, ((struct word){word, !strchr(word, '$')}));
		for (size_t at = behind; at < list->len; at++)
			vec_push(&words, list->ptr[at]);
		list->len = 0;
		vec_each (split, &words)
			vec_push(list, *split);
		words.len = 0;
	}
	vec_release(&words);
}

/* What the program in front does with its arguments. True when one of them, now in front, is run.
 */
static bool follow(struct command_line *line, word_list *list, const char *name)
{
	size_t at = 0;

	if (strcmp(name, "env") == 0)
		split_words(line, list);
	switch (command_wrapper(name, list->ptr, list->len, &at)) {
	case WRAPPER_NONE:
		break;
	case WRAPPER_UNKNOWN:
		line->finder->counts.sites++;
		break;
	case WRAPPER_SCRIPT:
		line->through = joined(line, name);
		add_script(line, &list->ptr[at]);
		break;
	case WRAPPER_SHELL:
		/* What is put in at run time stands as an expansion in the text. */
		add_pending(line, slice_text(list->ptr[at].text),
			    arena_printf(&line->arena, "%s -c", name));
		break;
	case WRAPPER_PROGRAM:
		line->through = joined(line, name);
		drop_words(list, at);
		return true;
	}
	return false;
}

/* exec and command run their argument without being programs themselves. */
static bool is_prefix(const char *name)
{
	return strcmp(name, "exec") == 0 || strcmp(name, "command") == 0;
}

static void add_words(struct command_line *line, const struct word *words, size_t count)
{
	const char *through = line->through;
	bool shell = line->in_shell, more = count > 0;
	word_list list = {0};

	for (size_t i = 0; i < count; i++)
		vec_push(&list, words[i]);
	while (more) {
		const struct word first = list.ptr[0];
		const char *before = line->through;
		bool prefix = shell && first.literal && is_prefix(first.text);

		if (shell && first.literal && is_builtin(first.text))
			break;
		if (!prefix) {
			line->finder->counts.sites++;
			if (!first.literal)
				break;
			add_program(line, first.text);
		}
		more = (prefix || !is_prefix(first.text)) &&
		       follow(line, &list, path_name(first.text));
		if (prefix)
			line->through = before;
		/* Behind "command" the shell's own commands still are its own. */
		shell = prefix && strcmp(first.text, "command") == 0;
	}
	line->through = through;
	vec_release(&list);
}

static void on_command(void *context, const struct word *words, size_t count)
{
	add_words(context, words, count);
}

static void on_nested(void *context, struct slice text)
{
	add_pending(context, text, "$(...)");
}

/* Texts inside of texts are queued, so that no input makes this recurse. */
static void read_pending(struct command_line *line)
{
	const struct shell_visitor visitor = {on_command, on_nested, line};

	line->in_shell = true;
	for (size_t i = 0; i < line->pending.len; i++) {
		struct pending next = line->pending.ptr[i];

		line->through = next.through;
		shell_line_visit(next.text, &line->arena, &visitor);
	}
}

static struct command_line begin(struct finder *finder, const struct command_source *source)
{
	struct command_line line = {.finder = finder, .source = source, .through = ""};

	arena_init(&line.arena);
	return line;
}

static void end(struct command_line *line)
{
	read_pending(line);
	vec_release(&line->pending);
	arena_release(&line->arena);
}

void command_line_add(struct finder *finder, const struct command_source *source,
		      const struct word *words, size_t count)
{
	struct command_line line = begin(finder, source);

	add_words(&line, words, count);
	end(&line);
}

void command_line_add_shell(struct finder *finder, const struct command_source *source,
			    const char *text)
{
	struct command_line line = begin(finder, source);

	add_pending(&line, slice_text(text), "sh -c");
	end(&line);
}

const char *command_line_add_program(struct finder *finder, const struct command_source *source,
				     const char *name)
{
	struct command_line line = begin(finder, source);
	const char *path;

	finder->counts.sites++;
	path = add_program(&line, name);
	end(&line);
	return path;
}
