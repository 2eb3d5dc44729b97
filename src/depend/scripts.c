/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "#!" lines. The kernel executes the interpreter in the place of the script, so the edge is
 * ipc-exec: the interpreter is a program of its own, and the script is data to it (FSF FAQ
 * #IfInterpreterIsGPL). What the script then loads into that process is another edge. Without an
 * execute bit nobody executes it: the first line of such a file says nothing.
 */
#include <string.h>

#include "depend/command_line.h"
#include "util/path.h"

struct shebang {
	const char *interpreter, *argument; /* argument: NULL without one */
};

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static bool ends_word(uint8_t byte)
{
	return is_blank(byte) || byte == 0;
}

/*
 * The rules of Linux's fs/binfmt_script.c over the first 256 bytes: blanks around are trimmed, the
 * rest of the line is one argument, and a path that may have been cut off is not executed. A
 * carriage return is part of the line.
 */
static bool parse_shebang(struct slice start, struct arena *arena, struct shebang *ret)
{
	const uint8_t *at = start.ptr + 2, *end = start.ptr + start.len, *word;

	if (start.ptr[start.len - 1] == '\n') {
		end--;
	} else {
		const uint8_t *name = at;

		end--; /* the last byte of the kernel's buffer stays zero */
		while (name < end && is_blank(*name))
			name++;
		while (name < end && !ends_word(*name))
			name++;
		if (name == end)
			return false;
	}
	while (end > at && is_blank(end[-1]))
		end--;
	while (at < end && is_blank(*at))
		at++;
	for (word = at; at < end && !ends_word(*at);)
		at++;
	if (word == at)
		return false;
	ret->interpreter = arena_slice(arena, slice_of(word, (size_t)(at - word)));
	ret->argument = NULL;
	if (at == end || *at == 0)
		return true;
	while (at < end && is_blank(*at))
		at++;
	ret->argument = arena_slice(arena, slice_of(at, (size_t)(end - at)));
	if (!ret->argument[0])
		ret->argument = NULL;
	return true;
}

/* PATH plays no part: a relative interpreter is looked for in the working directory. */
static void add_relative(struct finder *finder, const struct command_source *source,
			 const char *name)
{
	struct found_edge edge = {
	    .from = source->from,
	    .name = name,
	    .kind = EDGE_KIND_IPC_EXEC,
	    .grade = EDGE_GRADE_DECLARED,
	    .evidence = source->evidence,
	    .detail = source->detail,
	    .place = source->place,
	};

	finder->counts.sites++;
	finder->counts.recovered++;
	found_edges_add(finder->edges, &edge);
}

static void find_interpreter(struct finder *finder, const struct text_file *text,
			     struct arena *arena)
{
	struct command_source source = {
	    .from = text->path,
	    .evidence = "shebang",
	    .place = 1,
	};
	struct shebang line;
	const char *argument;

	if (!parse_shebang(text->start, arena, &line))
		return;
	argument = line.argument ? line.argument : "";
	source.detail =
	    arena_printf(arena, "#!%s%s%s", line.interpreter, argument[0] ? " " : "", argument);
	if (line.interpreter[0] != '/') {
		add_relative(finder, &source, line.interpreter);
	} else if (argument[0] && strcmp(path_name(line.interpreter), "env") == 0) {
		const struct word words[] = {{line.interpreter, true}, {argument, true}};

		command_line_add(finder, &source, words, 2);
	} else {
		/* Whatever else it is, it reads the script by itself. */
		command_line_add_program(finder, &source, line.interpreter);
	}
}

void scripts_find(struct finder *finder)
{
	struct arena arena;

	arena_init(&arena);
	vec_each (text, &finder->texts->files)
		if (text->kinds & TEXT_SCRIPT && text->executable)
			find_interpreter(finder, text, &arena);
	arena_release(&arena);
}
