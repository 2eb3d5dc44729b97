/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the finders of edges in files other than ELF see, for tests that ask an oracle about real
 * files. Lines of fields between tabs.
 *
 * usage: texts_driver python		paths on standard input:
 *		file PATH / import LINE LEVEL MODULE NAMES CONDITIONS / call FUNCTION OBJECT WHAT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "artifact/root.h"
#include "depend/python_source.h"
#include "util/budget.h"

static void put(const char *text)
{
	putchar('\t');
	for (; *text; text++) {
		if (*text == '\t' || *text == '\n' || *text == '\\')
			printf("\\x%02x", (unsigned char)*text);
		else
			putchar(*text);
	}
}

static void on_import(void *context, const struct python_import *import)
{
	(void)context;
	printf("import\t%u\t%u", import->line, import->level);
	put(import->module);
	putchar('\t');
	for (size_t i = 0; i < import->name_count; i++)
		printf("%s%s", i ? "," : "", import->names[i]);
	printf("\t%s%s%s%s\n", import->conditions & PYTHON_IN_FUNCTION ? "f" : "",
	       import->conditions & PYTHON_IN_TRY ? "t" : "",
	       import->conditions & PYTHON_IN_BRANCH ? "b" : "",
	       import->conditions & PYTHON_TYPE_CHECKING ? "c" : "");
}

static void on_call(void *context, const struct python_call *call)
{
	(void)context;
	printf("call");
	put(call->function);
	put(call->object);
	if (call->argument)
		put(call->argument);
	else
		printf("\t\\%s", call->nothing ? "nothing" : call->nested ? "nested" : "unknown");
	putchar('\n');
}

/* As fast as a finder is: each file with an arena of its own. */
static int python(void)
{
	const struct python_visitor visitor = {on_import, on_call, NULL};
	struct root *root;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (root_open_directory("/", &root) != STATUS_OK)
		return 1;
	while ((length = getline(&line, &size, stdin)) > 0) {
		struct arena arena;
		struct slice bytes;

		line[length - 1] = '\0';
		arena_init(&arena);
		printf("file");
		put(line);
		putchar('\n');
		if (root_read(root, line, BUDGET_SOURCE_FILE, &arena, &bytes) == STATUS_OK)
			python_source_visit(bytes, &arena, &visitor);
		arena_release(&arena);
	}
	free(line);
	root_free(root);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "python") == 0)
		return python();
	fprintf(stderr, "usage: texts_driver python < PATHS\n");
	return 3;
}
