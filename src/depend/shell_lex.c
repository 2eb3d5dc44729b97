/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/shell_lex.h"

#include <ctype.h>
#include <string.h>

typedef VEC(char) growing;

static int peek(const struct shell_lexer *lexer, size_t ahead)
{
	return ahead < lexer->rest.len ? lexer->rest.ptr[ahead] : -1;
}

static void skip(struct shell_lexer *lexer, size_t count)
{
	if (count > lexer->rest.len)
		count = lexer->rest.len;
	lexer->rest.ptr += count;
	lexer->rest.len -= count;
}

static bool is_in(int byte, const char *set)
{
	return byte > 0 && strchr(set, byte);
}

/*
 * Length of text up to and with the byte that closes what is open already, quotes and backslashes
 * respected; all of it when nothing closes it.
 */
static size_t balanced(struct slice text, uint8_t open, uint8_t close)
{
	size_t depth = 1, at = 0;
	uint8_t quote = 0;

	while (at < text.len && depth) {
		uint8_t byte = text.ptr[at++];

		if (byte == '\\' && quote != '\'')
			at += at < text.len;
		else if (quote)
			quote = byte == quote ? 0 : quote;
		else if (byte == '\'' || byte == '"')
			quote = byte;
		else if (byte == open && open != close)
			depth++;
		else if (byte == close)
			depth--;
	}
	return at;
}

/* Behind "$(" or a backquote: hands the text inside out and steps over it. */
static void take_substitution(struct shell_lexer *lexer, uint8_t open, uint8_t close)
{
	size_t length = balanced(lexer->rest, open, close);
	struct slice inside = slice_of(lexer->rest.ptr, length ? length - 1 : 0);

	lexer->visitor->nested(lexer->visitor->context, inside);
	skip(lexer, length);
}

/* At a "$" or a backquote. What it gives is not known before run time. */
static void take_expansion(struct shell_lexer *lexer, struct shell_token *token, growing *word)
{
	int next = peek(lexer, 1);

	if (peek(lexer, 0) == '`') {
		skip(lexer, 1);
		take_substitution(lexer, '`', '`');
	} else if (next == '(' && peek(lexer, 2) == '(') {
		skip(lexer, 2);
		skip(lexer, balanced(lexer->rest, '(', ')'));
	} else if (next == '(') {
		skip(lexer, 2);
		take_substitution(lexer, '(', ')');
	} else if (next == '{') {
		skip(lexer, 2);
		skip(lexer, balanced(lexer->rest, '{', '}'));
	} else if (isalnum(next) || is_in(next, "_@*#?-$!'\"")) {
		skip(lexer, 1);
	} else {
		vec_push(word, '$');
		skip(lexer, 1);
		return;
	}
	/* A trace of it stays, so that a shell text inside of this one is seen to hold it. */
	for (const char *trace = "${}"; *trace; trace++)
		vec_push(word, *trace);
	token->word.literal = false;
}

static void take_double_quoted(struct shell_lexer *lexer, struct shell_token *token, growing *word)
{
	skip(lexer, 1);
	while (lexer->rest.len && peek(lexer, 0) != '"') {
		int byte = peek(lexer, 0);

		if (byte == '$' || byte == '`') {
			take_expansion(lexer, token, word);
			continue;
		}
		if (byte == '\\' && is_in(peek(lexer, 1), "$`\"\\\n")) {
			skip(lexer, 1);
			byte = peek(lexer, 0);
		}
		if (byte != '\n' || lexer->rest.ptr[-1] != '\\')
			vec_push(word, (char)byte);
		skip(lexer, 1);
	}
	skip(lexer, 1);
}

/* One piece of a word: a quoted part, an expansion, or one byte. */
static void take_piece(struct shell_lexer *lexer, struct shell_token *token, growing *word)
{
	int byte = peek(lexer, 0);

	if (byte == '\\') {
		if (peek(lexer, 1) != '\n' && peek(lexer, 1) >= 0)
			vec_push(word, (char)peek(lexer, 1));
		token->quoted |= peek(lexer, 1) != '\n';
		skip(lexer, 2);
	} else if (byte == '\'') {
		const uint8_t *start = lexer->rest.ptr + 1;
		size_t left = lexer->rest.len - 1;
		const uint8_t *end = left ? memchr(start, '\'', left) : NULL;
		size_t length = end ? (size_t)(end - start) : left;

		for (size_t i = 0; i < length; i++)
			vec_push(word, (char)start[i]);
		token->quoted = true;
		skip(lexer, length + 2);
	} else if (byte == '"') {
		token->quoted = true;
		take_double_quoted(lexer, token, word);
	} else if (byte == '$' || byte == '`') {
		take_expansion(lexer, token, word);
	} else {
		/* Patterns, braces and the tilde are expanded too. */
		if (is_in(byte, "*?[{") || (byte == '~' && !word->len))
			token->word.literal = false;
		vec_push(word, (char)byte);
		skip(lexer, 1);
	}
}

/* Whether what is there of a word can be the name in NAME=value, or in bash's NAME+=value. */
static bool is_name(const growing *word)
{
	size_t length = word->len;

	if (length && word->ptr[length - 1] == '+')
		length--;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word->ptr[i]) && word->ptr[i] != '_')
			return false;
	return length && !isdigit((unsigned char)word->ptr[0]);
}

static void take_word(struct shell_lexer *lexer, struct shell_token *token)
{
	growing word = {0};

	token->type = SHELL_WORD;
	token->word.literal = true;
	while (lexer->rest.len && !is_in(peek(lexer, 0), " \t\r\n;&|()<>")) {
		if (peek(lexer, 0) == '=' && !token->quoted && is_name(&word))
			token->assignment = true;
		take_piece(lexer, token, &word);
	}
	token->word.text = arena_slice(lexer->arena, slice_of(word.ptr, word.len));
	/* Words of their own, not patterns and not braces. */
	if (strcmp(token->word.text, "[") == 0 || strcmp(token->word.text, "[[") == 0 ||
	    strcmp(token->word.text, "{") == 0)
		token->word.literal = true;
	vec_release(&word);
}

static void skip_blanks(struct shell_lexer *lexer)
{
	for (;;) {
		if (is_in(peek(lexer, 0), " \t\r"))
			skip(lexer, 1);
		else if (peek(lexer, 0) == '\\' && peek(lexer, 1) == '\n')
			skip(lexer, 2);
		else
			break;
	}
	if (peek(lexer, 0) == '#')
		while (lexer->rest.len && peek(lexer, 0) != '\n')
			skip(lexer, 1);
}

/* At "<" or ">": steps over the operator and its word. <(...) and >(...) are bash's. */
static void skip_redirection(struct shell_lexer *lexer)
{
	struct shell_token target = {0};

	if (peek(lexer, 1) == '(') {
		skip(lexer, 2);
		take_substitution(lexer, '(', ')');
		return;
	}
	if (peek(lexer, 0) == '<' && peek(lexer, 1) == '<' && peek(lexer, 2) != '<')
		lexer->here_document = true;
	while (is_in(peek(lexer, 0), "<>"))
		skip(lexer, 1);
	if (is_in(peek(lexer, 0), "&|-")) {
		bool closes = peek(lexer, 0) == '&' && peek(lexer, 1) == '-';

		skip(lexer, closes ? 2 : 1);
		if (closes)
			return;
	}
	skip_blanks(lexer);
	take_word(lexer, &target);
}

static bool is_number(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

static void take_operator(struct shell_lexer *lexer, struct shell_token *token)
{
	int first = peek(lexer, 0), second = peek(lexer, 1);

	token->type = first == '(' ? SHELL_OPEN : first == ')' ? SHELL_CLOSE : SHELL_SEPARATOR;
	if (first == ';' && (second == ';' || second == '&')) {
		token->type = SHELL_CASE_END;
		skip(lexer, 1);
	} else if ((first == '&' || first == '|') && second == first) {
		skip(lexer, 1);
	}
	skip(lexer, 1);
	/* The lines of a here-document are no commands, and nothing behind them is looked at. */
	if (first == '\n' && lexer->here_document)
		lexer->rest.len = 0;
}

void shell_next(struct shell_lexer *lexer, struct shell_token *ret)
{
	for (;;) {
		*ret = (struct shell_token){.type = SHELL_END};
		skip_blanks(lexer);
		if (!lexer->rest.len)
			return;
		if (is_in(peek(lexer, 0), "<>")) {
			skip_redirection(lexer);
		} else if (peek(lexer, 0) == '&' && peek(lexer, 1) == '>') {
			skip(lexer, 1);
			skip_redirection(lexer);
		} else if (is_in(peek(lexer, 0), "\n;&|()")) {
			take_operator(lexer, ret);
			return;
		} else {
			take_word(lexer, ret);
			if (ret->quoted || !is_in(peek(lexer, 0), "<>") ||
			    !is_number(ret->word.text))
				return;
		}
	}
}
