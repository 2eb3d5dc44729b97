/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/tokens.h"

#include <stdbool.h>
#include <string.h>

static bool is_name_byte(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/* The length of the token name behind a dollar sign, braces included; 0 when it is another one. */
static size_t match(const char *text, const char *name)
{
	bool braces = text[0] == '{';
	size_t length = strlen(name);

	text += braces;
	if (strncmp(text, name, length) != 0 || (braces && text[length] != '}') ||
	    is_name_byte(text[length]))
		return 0;
	return braces ? length + 2 : length;
}

char *tokens_expand(struct arena *arena, const char *text, const struct token_values *values)
{
	const char *const names[] = {"ORIGIN", "PLATFORM", "LIB"};
	const char *const texts[] = {values->origin, values->platform, values->lib};
	size_t size = strlen(text) + 1, used = 0;
	char *out;

	if (!strchr(text, '$'))
		return arena_strdup(arena, text);
	/* Each dollar sign can stand for at most the longest value. */
	for (const char *at = text; *at; at++)
		for (size_t i = 0; *at == '$' && i < 3; i++)
			size += texts[i] ? strlen(texts[i]) : 0;
	out = arena_alloc(arena, size);
	while (*text) {
		size_t length = 0, i = 0;

		for (; *text == '$' && i < 3; i++)
			if ((length = match(text + 1, names[i])))
				break;
		if (!length) {
			out[used++] = *text++;
			continue;
		}
		if (!texts[i])
			return NULL;
		memcpy(out + used, texts[i], strlen(texts[i]));
		used += strlen(texts[i]);
		text += length + 1;
	}
	out[used] = '\0';
	return out;
}
