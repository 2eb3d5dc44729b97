/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/launch.h"

#include <string.h>

#include "depend/command_line.h"
#include "util/path.h"

void launch_find(struct finder *finder, const struct launch *launch)
{
	struct command_source source = {
	    .from = launch->from,
	    .evidence = "entrypoint",
	    .detail = launch->entrypoint_count ? "Entrypoint" : "Cmd",
	    .place = FOUND_NO_PLACE,
	};
	const char *directory = launch->working_directory ? launch->working_directory : "/";
	word_list words = {0};
	struct arena arena;

	arena_init(&arena);
	/* Cmd holds the arguments of an Entrypoint, and the program when there is none. */
	for (size_t i = 0; i < launch->entrypoint_count; i++)
		vec_push(&words, ((struct word){launch->entrypoint[i], true}));
	for (size_t i = 0; i < launch->command_count; i++)
		vec_push(&words, ((struct word){launch->command[i], true}));
	if (words.len && strchr(words.ptr[0].text, '/'))
		words.ptr[0].text = path_absolute(&arena, directory, words.ptr[0].text);
	if (words.len)
		command_line_add(finder, &source, words.ptr, words.len);
	vec_release(&words);
	arena_release(&arena);
}
