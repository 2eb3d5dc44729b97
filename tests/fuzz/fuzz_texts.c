/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that can start or load something; the first byte chooses who reads the rest. */
#include <stdint.h>
#include <stdlib.h>

#include "depend/ini.h"
#include "depend/python_record.h"
#include "depend/python_source.h"
#include "depend/shell_line.h"
#include "util/pattern.h"

/* Whatever is handed out is text that ends. */
static size_t use(const char *text)
{
	return strlen(text);
}

static void on_command(void *context, const struct word *words, size_t count)
{
	size_t *bytes = context;

	if (!count)
		abort();
	for (size_t i = 0; i < count; i++)
		*bytes += use(words[i].text);
}

static void on_nested(void *context, struct slice text)
{
	size_t *bytes = context;

	for (size_t i = 0; i < text.len; i++)
		*bytes += text.ptr[i];
}

static void on_import(void *context, const struct python_import *import)
{
	size_t *bytes = context;

	*bytes += use(import->module);
	for (size_t i = 0; i < import->name_count; i++)
		*bytes += use(import->names[i]);
}

static void on_call(void *context, const struct python_call *call)
{
	size_t *bytes = context;

	*bytes += use(call->function) + use(call->object);
	if (call->argument)
		*bytes += use(call->argument);
}

static void read_words(struct slice text, enum words_dialect dialect, struct arena *arena)
{
	const char *word;

	while (words_next(&text, dialect, arena, &word) == STATUS_OK)
		(void)use(word);
}

static void read_ini(struct slice text, bool continues, struct arena *arena)
{
	struct ini ini = ini_of(text, continues);
	struct ini_entry entry;

	while (ini_next(&ini, arena, &entry))
		if (!entry.line || entry.line > ini.line || use(entry.value) > text.len)
			abort();
}

static void match(struct slice text, struct arena *arena)
{
	const char *pattern = arena_slice(arena, text);
	struct pattern_match found;
	size_t length = strlen(pattern);

	if (length < text.len &&
	    pattern_matches(
		pattern, arena_slice(arena, slice_of(text.ptr + length + 1, text.len - length - 1)),
		&found))
		(void)slice_compare(found.name, found.version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t bytes = 0;
	const struct shell_visitor shell = {on_command, on_nested, &bytes};
	const struct python_visitor python = {on_import, on_call, &bytes};
	struct slice text = slice_of(data, size);
	struct arena arena;

	if (!size)
		return 0;
	text = slice_of(data + 1, size - 1);
	arena_init(&arena);
	switch (data[0] % 8) {
	case 0:
	case 1:
		python_source_visit(text, &arena, &python);
		break;
	case 2:
		shell_line_visit(text, &arena, &shell);
		break;
	case 3:
		read_words(text, WORDS_SHELL, &arena);
		break;
	case 4:
		read_words(text, WORDS_UNIT, &arena);
		break;
	case 5:
		read_ini(text, true, &arena);
		break;
	case 6:
		read_ini(text, false, &arena);
		break;
	default:
		if (text.len < 64) /* patterns are ours: only their bounds are of interest */
			match(text, &arena);
		(void)python_module_of_path(text);
		break;
	}
	arena_release(&arena);
	return 0;
}
