/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar: tokens, then a shunting-yard. SPDX gives WITH over AND over OR; DEP-5 gives "and"
 * over "or", and a comma before either lowers it below both.
 */
#include "licence/expression.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "licence/names.h"
#include "licence/term.h"
#include "util/budget.h"
#include "util/vec.h"

enum token_kind { TOKEN_TERM, TOKEN_AND, TOKEN_OR, TOKEN_OPEN, TOKEN_CLOSE };

struct token {
	enum token_kind kind;
	bool comma; /* of DEP-5, before the operator */
	struct licence_term term;
};

struct parser {
	const struct knowledge *knowledge;
	const char *scope;
	struct arena *arena;
	VEC(struct token) tokens;
	bool lossy, bad;
};

static void add_token(struct parser *parser, enum token_kind kind, bool comma)
{
	vec_push(&parser->tokens, ((struct token){.kind = kind, .comma = comma}));
	parser->bad |= parser->tokens.len > BUDGET_LICENCE_TOKENS;
}

/* ---- SPDX ---- */

static bool next_spdx_word(struct slice *rest, struct slice *ret)
{
	*rest = slice_trim(*rest);
	*ret = slice_of(rest->ptr, 0);
	if (!rest->len)
		return false;
	if (rest->ptr[0] == '(' || rest->ptr[0] == ')')
		ret->len = 1;
	while (ret->len < rest->len && ret->ptr[0] != '(' && ret->ptr[0] != ')' &&
	       !isspace(rest->ptr[ret->len]) && rest->ptr[ret->len] != '(' &&
	       rest->ptr[ret->len] != ')')
		ret->len++;
	slice_sub(*rest, ret->len, rest->len - ret->len, rest);
	return true;
}

/* Operators are all upper or all lower case, never mixed. */
static bool is_spdx_operator(struct slice word, const char *upper, const char *lower)
{
	return slice_equal_text(word, upper) || slice_equal_text(word, lower);
}

static void lex_spdx(struct parser *parser, const char *text)
{
	struct slice rest = slice_text(text), word;

	while (!parser->bad && next_spdx_word(&rest, &word)) {
		struct slice ahead = rest, with, exception = {NULL, 0};
		struct term_result result;

		if (word.ptr[0] == '(' || word.ptr[0] == ')') {
			add_token(parser, word.ptr[0] == '(' ? TOKEN_OPEN : TOKEN_CLOSE, false);
			continue;
		}
		if (is_spdx_operator(word, "AND", "and") || is_spdx_operator(word, "OR", "or")) {
			add_token(parser, (word.ptr[0] | 0x20) == 'a' ? TOKEN_AND : TOKEN_OR,
				  false);
			continue;
		}
		if (next_spdx_word(&ahead, &with) && is_spdx_operator(with, "WITH", "with")) {
			rest = ahead;
			if (!next_spdx_word(&rest, &exception))
				parser->bad = true;
		}
		result = term_of_spdx(parser->knowledge, word, exception, parser->arena);
		parser->bad |= result.bad;
		parser->lossy |= result.lossy;
		add_token(parser, TOKEN_TERM, false);
		parser->tokens.ptr[parser->tokens.len - 1].term = result.term;
	}
}

/* ---- DEP-5 ---- */

static void add_dep5_name(struct parser *parser, struct slice name)
{
	struct term_result result;

	name = slice_trim(name);
	if (!name.len)
		return;
	result = term_of_dep5(parser->knowledge, name, parser->scope, parser->arena);
	parser->lossy |= result.lossy;
	if (!result.expression) {
		add_token(parser, TOKEN_TERM, false);
		parser->tokens.ptr[parser->tokens.len - 1].term = result.term;
		return;
	}
	/* What an alias stands for is SPDX of our own tables. */
	add_token(parser, TOKEN_OPEN, false);
	lex_spdx(parser, result.expression);
	add_token(parser, TOKEN_CLOSE, false);
}

static bool is_dep5_operator(struct slice word, const char *lower)
{
	return word.len == strlen(lower) &&
	       strncasecmp((const char *)word.ptr, lower, word.len) == 0;
}

/* Whether every part between commas is a name of our tables: then the commas make a list. */
static bool is_list(const struct parser *parser, struct slice name)
{
	struct slice part;

	if (!name.len || !memchr(name.ptr, ',', name.len))
		return false;
	while (slice_token(&name, ",", &part)) {
		struct term_result result =
		    term_of_dep5(parser->knowledge, slice_trim(part), parser->scope, parser->arena);
		if (!result.expression && !result.term.licence)
			return false;
	}
	return true;
}

/*
 * "A, B or C": DEP-5 has no such lists, but files have. The commas mean what the next operator
 * says, and "and" where there is none.
 */
static void add_dep5_names(struct parser *parser, struct slice name, enum token_kind next)
{
	struct slice part;
	bool first = true;

	if (!is_list(parser, name)) {
		add_dep5_name(parser, name);
		return;
	}
	parser->lossy = true;
	while (slice_token(&name, ",", &part)) {
		if (!first)
			add_token(parser, next, false);
		add_dep5_name(parser, part);
		first = false;
	}
}

/*
 * "GPL-2 or later" offers no other licence: takes the "later" when the name ends there, and gives
 * the name in its short form. *ret_name may end in the comma behind it.
 */
static bool take_later(struct parser *parser, struct slice *rest, struct slice *ret_name)
{
	struct slice after = *rest, end, word, next;
	bool comma;

	if (!ret_name->len || !slice_token(&after, " \t\n", &word))
		return false;
	comma = word.ptr[word.len - 1] == ',';
	word.len -= comma;
	if (!is_dep5_operator(word, "later") && !is_dep5_operator(word, "newer"))
		return false;
	end = after;
	/* More words: no name that anybody knows. */
	if (slice_token(&after, " \t\n", &next) && !is_dep5_operator(next, "and") &&
	    !is_dep5_operator(next, "or"))
		return false;
	*rest = end;
	/* "or later or later": once is enough. */
	if (slice_trim(*ret_name).ptr[slice_trim(*ret_name).len - 1] == '+')
		return true;
	*ret_name =
	    slice_text(arena_printf(parser->arena, "%.*s+%s", (int)slice_trim(*ret_name).len,
				    (const char *)slice_trim(*ret_name).ptr, comma ? "," : ""));
	return true;
}

/* Names may hold blanks: a name is what stands between operators. */
static void lex_dep5(struct parser *parser, const char *text)
{
	struct slice rest = slice_text(text), word, name = slice_of(text, 0);
	const char *whole = knowledge_alias(parser->knowledge, "debian-dep5",
					    arena_slice(parser->arena, slice_trim(rest)), NULL);

	if (whole) {
		add_dep5_name(parser, rest);
		return;
	}
	while (!parser->bad && slice_token(&rest, " \t\n", &word)) {
		bool is_and = is_dep5_operator(word, "and"), is_or = is_dep5_operator(word, "or");
		bool comma;

		if (is_or && take_later(parser, &rest, &name))
			continue;
		if (is_dep5_operator(word, "and/or")) { /* either, both: as free as "or" */
			is_or = true;
			parser->lossy = true;
		}
		if (!is_and && !is_or) {
			if (!name.len)
				name.ptr = word.ptr;
			name.len = (size_t)(word.ptr + word.len - name.ptr);
			continue;
		}
		name = slice_trim(name);
		comma = name.len && name.ptr[name.len - 1] == ',';
		name.len -= comma;
		if (!name.len) { /* "or" without a left side: a slip of the pen */
			parser->lossy = true;
			continue;
		}
		add_dep5_names(parser, name, is_and ? TOKEN_AND : TOKEN_OR);
		add_token(parser, is_and ? TOKEN_AND : TOKEN_OR, comma);
		name.len = 0;
	}
	name = slice_trim(name);
	while (name.len && name.ptr[name.len - 1] == ',')
		name.len--;
	add_dep5_names(parser, name, TOKEN_AND);
	/* An operator without a right side is dropped. */
	while (parser->tokens.len &&
	       (parser->tokens.ptr[parser->tokens.len - 1].kind == TOKEN_AND ||
		parser->tokens.ptr[parser->tokens.len - 1].kind == TOKEN_OR)) {
		parser->tokens.len--;
		parser->lossy = true;
	}
}

/* ---- other worlds ---- */

static void lex_names(struct parser *parser, enum expression_dialect dialect, const char *text)
{
	bool lossy;

	lex_spdx(parser, names_to_spdx(parser->knowledge, dialect, text, parser->scope,
				       parser->arena, &lossy));
	parser->lossy |= lossy;
}

/* ---- the shunting-yard ---- */

static int binding_strength(const struct token *token)
{
	return (token->comma ? 0 : 2) + (token->kind == TOKEN_AND ? 2 : 1);
}

struct yard {
	VEC(struct expression_step) output;
	VEC(struct token) operators;
};

static void put_operator(struct yard *yard)
{
	struct token token = yard->operators.ptr[--yard->operators.len];

	vec_push(&yard->output,
		 ((struct expression_step){.op = token.kind == TOKEN_AND ? EXPRESSION_AND
									 : EXPRESSION_OR}));
}

static bool close_bracket(struct yard *yard)
{
	while (yard->operators.len &&
	       yard->operators.ptr[yard->operators.len - 1].kind != TOKEN_OPEN)
		put_operator(yard);
	if (!yard->operators.len)
		return false;
	yard->operators.len--;
	return true;
}

/* One token; *want_term: whether a term may come now. */
static bool take_token(struct yard *yard, const struct token *token, bool *want_term)
{
	switch (token->kind) {
	case TOKEN_TERM:
		if (!*want_term)
			return false;
		vec_push(&yard->output, ((struct expression_step){EXPRESSION_TERM, token->term}));
		*want_term = false;
		return true;
	case TOKEN_OPEN:
		vec_push(&yard->operators, *token);
		return *want_term;
	case TOKEN_CLOSE:
		return !*want_term && close_bracket(yard);
	case TOKEN_AND:
	case TOKEN_OR:
		break;
	}
	if (*want_term)
		return false;
	while (yard->operators.len &&
	       yard->operators.ptr[yard->operators.len - 1].kind != TOKEN_OPEN &&
	       binding_strength(&yard->operators.ptr[yard->operators.len - 1]) >=
		   binding_strength(token))
		put_operator(yard);
	vec_push(&yard->operators, *token);
	*want_term = true;
	return true;
}

static bool run_yard(struct parser *parser, struct yard *yard)
{
	bool want_term = true;

	vec_each (token, &parser->tokens)
		if (!take_token(yard, token, &want_term))
			return false;
	while (yard->operators.len) {
		if (yard->operators.ptr[yard->operators.len - 1].kind == TOKEN_OPEN)
			return false;
		put_operator(yard);
	}
	return !want_term;
}

enum status expression_parse(const struct knowledge *knowledge, enum expression_dialect dialect,
			     const char *text, const char *scope, struct arena *arena,
			     const struct expression **ret, bool *ret_lossy)
{
	struct parser parser = {.knowledge = knowledge, .scope = scope, .arena = arena};
	struct yard yard = {.output = {0}};
	struct expression *expression;
	bool good;

	if (dialect == EXPRESSION_DEP5)
		lex_dep5(&parser, text);
	else if (dialect == EXPRESSION_SPDX)
		lex_spdx(&parser, text);
	else
		lex_names(&parser, dialect, text);
	good = !parser.bad && run_yard(&parser, &yard);
	if (!good && dialect != EXPRESSION_SPDX) {
		yard.output.len = 0;
		vec_push(&yard.output,
			 ((struct expression_step){EXPRESSION_TERM,
						   term_of_unreadable(text, scope, arena).term}));
		parser.lossy = good = true;
	}
	if (good) {
		expression = arena_alloc(arena, sizeof(*expression));
		expression->steps =
		    arena_copy(arena, yard.output.ptr, yard.output.len * sizeof(*yard.output.ptr));
		expression->count = yard.output.len;
		*ret = expression;
		if (ret_lossy)
			*ret_lossy = parser.lossy;
	}
	vec_release(&parser.tokens);
	vec_release(&yard.output);
	vec_release(&yard.operators);
	return good ? STATUS_OK : STATUS_FORMAT;
}
