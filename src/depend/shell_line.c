/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/shell_line.h"

#include <string.h>

#include "depend/shell_lex.h"

/* Where in the text the parser is. */
struct parser {
	struct shell_lexer lexer;
	const struct shell_visitor *visitor;
	word_list words; /* of the command under way */
	size_t cases;	 /* case ... esac around here */
	bool in_pattern; /* between "in" or ";;" and ")" */
	bool skipping;	 /* up to the next separator */
};

static void flush(struct parser *parser)
{
	if (parser->words.len)
		parser->visitor->command(parser->visitor->context, parser->words.ptr,
					 parser->words.len);
	parser->words.len = 0;
	parser->skipping = false;
}

static bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

static void skip_to_word(struct parser *parser, const char *end)
{
	struct shell_token token;

	do {
		shell_next(&parser->lexer, &token);
	} while (token.type != SHELL_END &&
		 !(token.type == SHELL_WORD && strcmp(token.word.text, end) == 0));
}

/* A reserved word where a command is expected; false when it is none. */
static bool take_reserved(struct parser *parser, const char *text)
{
	static const char *const before_command[] = {"if", "then", "else", "elif", "while", "until",
						     "do", "!",	   "{",	   "time", NULL};
	static const char *const behind_compound[] = {"fi", "done", "}", "for", "select", NULL};
	struct shell_token token;

	if (is_one_of(text, before_command))
		return true;
	if (is_one_of(text, behind_compound)) {
		parser->skipping = true;
	} else if (strcmp(text, "case") == 0) {
		skip_to_word(parser, "in");
		parser->cases++;
		parser->in_pattern = true;
	} else if (strcmp(text, "esac") == 0) {
		parser->cases -= parser->cases > 0;
		parser->skipping = true;
	} else if (strcmp(text, "[[") == 0) {
		skip_to_word(parser, "]]");
		parser->skipping = true;
	} else if (strcmp(text, "function") == 0) {
		shell_next(&parser->lexer, &token);
	} else {
		return false;
	}
	return true;
}

static void take_word(struct parser *parser, const struct shell_token *token)
{
	if (parser->in_pattern) {
		if (strcmp(token->word.text, "esac") == 0 && !token->quoted) {
			parser->in_pattern = false;
			parser->cases -= parser->cases > 0;
			parser->skipping = true;
		}
		return;
	}
	if (parser->skipping)
		return;
	if (!parser->words.len) {
		if (token->assignment)
			return;
		if (!token->quoted && take_reserved(parser, token->word.text))
			return;
	}
	vec_push(&parser->words, token->word);
}

static void take_token(struct parser *parser, const struct shell_token *token)
{
	switch (token->type) {
	case SHELL_WORD:
		take_word(parser, token);
		break;
	case SHELL_OPEN:
		if (parser->words.len == 1) /* NAME () { ...: a function */
			parser->words.len = 0;
		else if (!parser->in_pattern)
			flush(parser);
		break;
	case SHELL_CLOSE:
		flush(parser);
		parser->in_pattern = false;
		break;
	case SHELL_CASE_END:
		flush(parser);
		parser->in_pattern = parser->cases > 0;
		break;
	case SHELL_SEPARATOR:
		if (!parser->in_pattern)
			flush(parser);
		break;
	case SHELL_END:
		flush(parser);
		break;
	}
}

void shell_line_visit(struct slice text, struct arena *arena, const struct shell_visitor *visitor)
{
	struct parser parser = {.lexer = {.rest = text, .arena = arena, .visitor = visitor},
				.visitor = visitor};
	struct shell_token token;

	do {
		shell_next(&parser.lexer, &token);
		take_token(&parser, &token);
	} while (token.type != SHELL_END);
	vec_release(&parser.words);
}
