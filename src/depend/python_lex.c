/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_lex.h"

#include "depend/python_string.h"

#define TAB_WIDTH 8 /* Python Language Reference, "Indentation" */

enum byte_class {
	OTHER = '.',
	BLANK = '_',
	NEWLINE = 'n',
	LETTER = 'a',
	DIGIT = '0',
	QUOTE = 'q',
	OPEN = '<',
	CLOSE = '>',
};

/* The class of each byte of ASCII. */
static const char classes[] = "........._n._n.................."
			      "_.q....q<>......0000000000......"
			      ".aaaaaaaaaaaaaaaaaaaaaaaaaa<.>.a"
			      ".aaaaaaaaaaaaaaaaaaaaaaaaaa<.>..";

static enum byte_class class_of(uint8_t byte)
{
	/* Bytes above are letters: Python names are Unicode. */
	return byte < sizeof(classes) - 1 ? (enum byte_class)classes[byte] : LETTER;
}

static bool is_newline(uint8_t byte)
{
	return byte == '\n' || byte == '\r';
}

struct python_lexer python_lexer_of(struct slice text)
{
	struct python_lexer lexer = {.in = text, .line = 1};

	if (slice_starts_with(text, "\xef\xbb\xbf"))
		lexer.at = 3;
	return lexer;
}

static uint8_t peek(const struct python_lexer *lexer, size_t ahead)
{
	return ahead < lexer->in.len - lexer->at ? lexer->in.ptr[lexer->at + ahead] : 0;
}

/* Steps over a newline of any kind. */
static void take_newline(struct python_lexer *lexer)
{
	lexer->at += peek(lexer, 0) == '\r' && peek(lexer, 1) == '\n' ? 2 : 1;
	lexer->line++;
}

/* Counts the lines of what is stepped over as one token. */
static void advance_to(struct python_lexer *lexer, size_t end)
{
	while (lexer->at < end) {
		if (is_newline(lexer->in.ptr[lexer->at]))
			take_newline(lexer);
		else
			lexer->at++;
	}
}

static void skip_comment(struct python_lexer *lexer)
{
	while (lexer->at < lexer->in.len && !is_newline(lexer->in.ptr[lexer->at]))
		lexer->at++;
}

/*
 * To the next token, or to the newline that ends a logical line. *column is the indentation of
 * what is met when it is the first of its logical line.
 */
static void skip_space(struct python_lexer *lexer, uint32_t *column)
{
	while (lexer->at < lexer->in.len) {
		uint8_t byte = peek(lexer, 0);

		if (byte == ' ') {
			++*column;
			lexer->at++;
		} else if (byte == '\t') {
			*column = (*column / TAB_WIDTH + 1) * TAB_WIDTH;
			lexer->at++;
		} else if (byte == '\f') {
			*column = 0;
			lexer->at++;
		} else if (byte == '#') {
			skip_comment(lexer);
		} else if (byte == '\\' && is_newline(peek(lexer, 1)) &&
			   lexer->at + 1 < lexer->in.len) {
			lexer->at++;
			take_newline(lexer);
		} else if (is_newline(byte) && (lexer->depth || !lexer->in_line)) {
			take_newline(lexer);
			*column = 0;
		} else {
			return;
		}
	}
}

static void take_string(struct python_lexer *lexer, size_t start, struct python_token *token)
{
	struct slice prefix = slice_of(lexer->in.ptr + start, lexer->at - start);
	struct python_literal literal = python_literal_at(lexer->in, lexer->at, prefix);

	token->type = PYTHON_STRING;
	token->text =
	    slice_of(lexer->in.ptr + literal.body,
		     literal.body_end > literal.body ? literal.body_end - literal.body : 0);
	token->raw = literal.raw;
	token->formatted = literal.formatted;
	advance_to(lexer, literal.end);
}

static void take_name(struct python_lexer *lexer, struct python_token *token)
{
	size_t start = lexer->at;
	enum byte_class class;

	do {
		lexer->at++;
		class = lexer->at < lexer->in.len ? class_of(lexer->in.ptr[lexer->at]) : OTHER;
	} while (class == LETTER || class == DIGIT);
	token->type = PYTHON_NAME;
	token->text = slice_of(lexer->in.ptr + start, lexer->at - start);
	if (class == QUOTE && python_is_prefix(token->text))
		take_string(lexer, start, token);
}

static void take_number(struct python_lexer *lexer, struct python_token *token)
{
	size_t start = lexer->at;

	do {
		lexer->at++;
	} while (lexer->at < lexer->in.len &&
		 (class_of(peek(lexer, 0)) == DIGIT || class_of(peek(lexer, 0)) == LETTER ||
		  peek(lexer, 0) == '.'));
	token->type = PYTHON_NUMBER;
	token->text = slice_of(lexer->in.ptr + start, lexer->at - start);
}

static void take_operator(struct python_lexer *lexer, struct python_token *token)
{
	enum byte_class class = class_of(peek(lexer, 0));
	size_t width = peek(lexer, 0) == ':' && peek(lexer, 1) == '=' ? 2 : 1;

	if (class == CLOSE)
		lexer->depth -= lexer->depth > 0;
	token->type = PYTHON_OPERATOR;
	token->depth = lexer->depth;
	token->text = slice_of(lexer->in.ptr + lexer->at, width);
	if (class == OPEN)
		lexer->depth++;
	lexer->at += width;
}

void python_next(struct python_lexer *lexer, struct python_token *ret)
{
	uint32_t column = 0;
	enum byte_class class;

	skip_space(lexer, &column);
	*ret = (struct python_token){
	    .type = PYTHON_END, .line = lexer->line, .column = column, .depth = lexer->depth};
	if (lexer->at >= lexer->in.len) {
		if (lexer->in_line)
			ret->type = PYTHON_NEWLINE;
		lexer->in_line = false;
		return;
	}
	class = class_of(peek(lexer, 0));
	if (class == NEWLINE) {
		ret->type = PYTHON_NEWLINE;
		lexer->in_line = false;
		take_newline(lexer);
		return;
	}
	lexer->in_line = true;
	if (class == QUOTE)
		take_string(lexer, lexer->at, ret);
	else if (class == LETTER)
		take_name(lexer, ret);
	else if (class == DIGIT || (peek(lexer, 0) == '.' && class_of(peek(lexer, 1)) == DIGIT))
		take_number(lexer, ret);
	else
		take_operator(lexer, ret);
}
