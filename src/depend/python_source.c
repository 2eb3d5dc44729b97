/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/python_source.h"

#include "depend/python_lex.h"
#include "depend/python_string.h"

#define LINE_TOKENS 65536 /* a longer logical line is looked at in parts: it is a table of data */

/* A compound statement the current line may be inside of. */
struct block {
	uint32_t column;
	unsigned conditions;
	bool is_try; /* try, except, else, finally of it */
};

struct parser {
	struct python_lexer lexer;
	struct arena *arena;
	const struct python_visitor *visitor;
	VEC(struct python_token) line;
	VEC(struct block) blocks;
	unsigned conditions; /* of the line */
	bool begun;	     /* parts of this logical line were seen before */
};

/* The token at an index of the line; a token of no use behind its end. */
static const struct python_token *token_at(const struct parser *parser, size_t at)
{
	static const struct python_token none = {.type = PYTHON_END};

	return at < parser->line.len ? &parser->line.ptr[at] : &none;
}

static bool is_one_of(const struct python_token *token, const char *const *names)
{
	for (; token->type == PYTHON_NAME && *names; names++)
		if (slice_equal_text(token->text, *names))
			return true;
	return false;
}

/* "if TYPE_CHECKING:" and "if typing.TYPE_CHECKING:", nothing else. */
static bool is_type_checking(const struct parser *parser)
{
	static const char *const heads[] = {"if", "elif", NULL};
	size_t at = 1;

	if (python_is_operator(token_at(parser, 2), '.'))
		at = 3;
	return is_one_of(token_at(parser, 0), heads) &&
	       python_is(token_at(parser, at), "TYPE_CHECKING") &&
	       python_is_operator(token_at(parser, at + 1), ':');
}

/* What sys.platform and os.name are, or start with, where ELF files do not run. */
static bool is_elsewhere(const struct python_token *token)
{
	static const char *const systems[] = {"aix", "cygwin", "darwin",  "emscripten", "java",
					      "nt",  "os2",    "vxworks", "wasi",	"win"};
	struct slice text = token->text;

	if (token->type != PYTHON_STRING || token->raw || text.len < 2)
		return false;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (slice_starts_with(slice_of(text.ptr, text.len), systems[i]))
			return true;
	return false;
}

/*
 * "if sys.platform == "darwin":", "if sys.platform.startswith("win"):", "if os.name == "nt":",
 * nothing else.
 */
static bool is_for_elsewhere(const struct parser *parser)
{
	static const char *const heads[] = {"if", "elif", NULL};
	bool is_platform = python_is(token_at(parser, 1), "sys") &&
			   python_is(token_at(parser, 3), "platform"),
	     is_name =
		 python_is(token_at(parser, 1), "os") && python_is(token_at(parser, 3), "name");

	if (!is_one_of(token_at(parser, 0), heads) || !(is_platform || is_name) ||
	    !python_is_operator(token_at(parser, 2), '.'))
		return false;
	if (is_platform && python_is(token_at(parser, 5), "startswith"))
		return is_elsewhere(token_at(parser, 7)) &&
		       python_is_operator(token_at(parser, 8), ')') &&
		       python_is_operator(token_at(parser, 9), ':');
	return python_is_operator(token_at(parser, 4), '=') &&
	       python_is_operator(token_at(parser, 5), '=') && is_elsewhere(token_at(parser, 6)) &&
	       python_is_operator(token_at(parser, 7), ':');
}

static bool has_name(const struct parser *parser, const char *name)
{
	vec_each (token, &parser->line)
		if (python_is(token, name))
			return true;
	return false;
}

/* What the line is the head of. previous: the block before it at the same column, or NULL. */
static bool is_head(const struct parser *parser, const struct block *previous, struct block *ret)
{
	static const char *const functions[] = {"def", "async", NULL};
	static const char *const branches[] = {"if", "for", "while", "elif", NULL};
	static const char *const tries[] = {"try", "except", "finally", NULL};
	static const char *const soft[] = {"match", "case", NULL};
	static const char *const neutral[] = {"class", "with", NULL};
	const struct python_token *first = token_at(parser, 0);
	const struct python_token *last = token_at(parser, parser->line.len - 1);

	if (is_one_of(first, functions)) {
		/* async with and async for stand in functions anyway. */
		ret->conditions |= PYTHON_IN_FUNCTION;
	} else if (is_one_of(first, branches)) {
		ret->conditions |= PYTHON_IN_BRANCH;
		if (is_type_checking(parser))
			ret->conditions |= PYTHON_TYPE_CHECKING;
		if (is_for_elsewhere(parser))
			ret->conditions |= PYTHON_ELSEWHERE;
	} else if (is_one_of(first, tries)) {
		ret->conditions |= PYTHON_IN_TRY;
		ret->is_try = true;
	} else if (python_is(first, "else")) {
		ret->is_try = previous && previous->is_try;
		ret->conditions |= ret->is_try ? PYTHON_IN_TRY : PYTHON_IN_BRANCH;
	} else if (is_one_of(first, soft) && python_is_operator(last, ':')) {
		ret->conditions |= PYTHON_IN_BRANCH;
	} else if (is_one_of(first, neutral)) {
		/* with suppress(ImportError): */
		if (has_name(parser, "suppress"))
			ret->conditions |= PYTHON_IN_TRY;
	} else {
		return false;
	}
	return true;
}

/* Leaves the blocks that end before the line, and enters the one it begins. */
static void enter_line(struct parser *parser)
{
	uint32_t column = token_at(parser, 0)->column;
	struct block previous = {0}, block = {.column = column};
	bool has_previous = false;

	while (parser->blocks.len && parser->blocks.ptr[parser->blocks.len - 1].column >= column) {
		previous = parser->blocks.ptr[--parser->blocks.len];
		has_previous = previous.column == column;
	}
	if (parser->blocks.len)
		block.conditions = parser->blocks.ptr[parser->blocks.len - 1].conditions;
	if (is_head(parser, has_previous ? &previous : NULL, &block))
		vec_push(&parser->blocks, block);
	parser->conditions = block.conditions;
}

/* NAME (. NAME)* as one text; *at is moved behind it. "" when there is none. */
static const char *take_dotted(const struct parser *parser, size_t *at)
{
	VEC(char) text = {0};
	const char *dotted;

	while (token_at(parser, *at)->type == PYTHON_NAME) {
		const struct slice name = token_at(parser, *at)->text;

		if (text.len)
			vec_push(&text, '.');
		for (size_t i = 0; i < name.len; i++)
			vec_push(&text, (char)name.ptr[i]);
		++*at;
		if (!python_is_operator(token_at(parser, *at), '.'))
			break;
		++*at;
	}
	dotted = arena_slice(parser->arena, slice_of(text.ptr, text.len));
	vec_release(&text);
	return dotted;
}

static void skip_alias(const struct parser *parser, size_t *at)
{
	if (python_is(token_at(parser, *at), "as"))
		*at += 2;
}

static void take_import(struct parser *parser, size_t at)
{
	struct python_import import = {.line = token_at(parser, at)->line,
				       .conditions = parser->conditions};

	do {
		at++;
		import.module = take_dotted(parser, &at);
		if (!import.module[0])
			return;
		skip_alias(parser, &at);
		parser->visitor->import(parser->visitor->context, &import);
	} while (python_is_operator(token_at(parser, at), ','));
}

/* The names behind "from module import". */
static void take_names(struct parser *parser, size_t at, struct python_import *import)
{
	VEC(const char *) names = {0};

	if (python_is_operator(token_at(parser, at), '('))
		at++;
	for (;;) {
		const struct python_token *token = token_at(parser, at);

		if (token->type != PYTHON_NAME && !python_is_operator(token, '*'))
			break;
		vec_push(&names, arena_slice(parser->arena, token->text));
		at++;
		skip_alias(parser, &at);
		if (!python_is_operator(token_at(parser, at), ','))
			break;
		at++;
	}
	import->name_count = names.len;
	import->names = arena_copy(parser->arena, names.ptr, names.len * sizeof(*names.ptr));
	vec_release(&names);
	if (import->name_count)
		parser->visitor->import(parser->visitor->context, import);
}

static void take_from(struct parser *parser, size_t at)
{
	struct python_import import = {.line = token_at(parser, at)->line,
				       .conditions = parser->conditions};

	at++;
	while (python_is_operator(token_at(parser, at), '.')) {
		import.level++;
		at++;
	}
	import.module = "";
	if (!python_is(token_at(parser, at), "import"))
		import.module = take_dotted(parser, &at);
	if (!python_is(token_at(parser, at), "import") || (!import.module[0] && !import.level))
		return;
	take_names(parser, at + 1, &import);
}

/* Whether a statement can begin at the token: behind a newline, ";", or the ":" of a head. */
static bool begins_statement(const struct parser *parser, size_t at)
{
	const struct python_token *before;

	if (token_at(parser, at)->depth)
		return false;
	if (at == 0)
		return !parser->begun;
	before = token_at(parser, at - 1);
	return before->depth == 0 &&
	       (python_is_operator(before, ';') || python_is_operator(before, ':'));
}

/* The value of adjacent literals; NULL when one of them is not known in full. */
static const char *take_strings(const struct parser *parser, size_t *at)
{
	python_text value = {0};
	const char *text = NULL;
	bool known = true;

	for (; token_at(parser, *at)->type == PYTHON_STRING; ++*at) {
		const struct python_token *token = token_at(parser, *at);

		known = known && !token->formatted &&
			python_append_value(token->text, token->raw, &value);
	}
	if (known)
		text = arena_slice(parser->arena, slice_of(value.ptr, value.len));
	vec_release(&value);
	return text;
}

/* A function whose argument is wanted: where its name may stand, and which argument. */
struct known_call {
	const char *name;
	enum python_call_kind kind;
	bool plain, method; /* NAME(...), x.NAME(...) */
	const char *keyword;
	bool keyword_only;
};

static const struct known_call known_calls[] = {
    {"CDLL", PYTHON_CALL_LIBRARY, true, true, "name", false},
    {"PyDLL", PYTHON_CALL_LIBRARY, true, true, "name", false},
    {"find_library", PYTHON_CALL_LIBRARY, true, true, "name", false},
    {"LoadLibrary", PYTHON_CALL_LIBRARY, false, true, "name", false},
    {"dlopen", PYTHON_CALL_LIBRARY, false, true, "name", false},
    {"import_module", PYTHON_CALL_MODULE, true, true, "name", false},
    {"__import__", PYTHON_CALL_MODULE, true, false, "name", false},
    /* importlib.metadata, what stood before it in setuptools, and pluggy */
    {"entry_points", PYTHON_CALL_GROUP, true, true, "group", true},
    {"select", PYTHON_CALL_GROUP, false, true, "group", true},
    {"iter_entry_points", PYTHON_CALL_GROUP, true, true, "group", false},
    {"load_setuptools_entrypoints", PYTHON_CALL_GROUP, false, true, "group", false},
};

static const struct known_call *known_call(const struct python_token *token, bool is_method)
{
	if (token->type != PYTHON_NAME || token->text.len < 4)
		return NULL;
	for (size_t i = 0; i < sizeof(known_calls) / sizeof(known_calls[0]); i++)
		if ((is_method ? known_calls[i].method : known_calls[i].plain) &&
		    slice_equal_text(token->text, known_calls[i].name))
			return &known_calls[i];
	return NULL;
}

/* Whether what begins at a token is a call that loads a library: NAME (. NAME)* ( */
static bool is_nested(const struct parser *parser, size_t at)
{
	const struct known_call *known;
	bool is_method = false;

	while (token_at(parser, at)->type == PYTHON_NAME &&
	       python_is_operator(token_at(parser, at + 1), '.')) {
		at += 2;
		is_method = true;
	}
	known = known_call(token_at(parser, at), is_method);
	return known && known->kind == PYTHON_CALL_LIBRARY &&
	       python_is_operator(token_at(parser, at + 1), '(');
}

/* The wanted argument of a call, whose bracket is at a token. */
static void take_argument(struct parser *parser, size_t at, const struct known_call *known,
			  struct python_call *call)
{
	const char *text = NULL;

	at++;
	if (python_is(token_at(parser, at), known->keyword) &&
	    python_is_operator(token_at(parser, at + 1), '=')) {
		at += 2;
	} else if (known->keyword_only) {
		call->nothing = true;
		return;
	}
	if (python_is_operator(token_at(parser, at), ')')) {
		call->nothing = true;
		return;
	}
	if (python_is(token_at(parser, at), "None")) {
		call->nothing = true;
		at++;
	} else if (token_at(parser, at)->type == PYTHON_STRING) {
		text = take_strings(parser, &at);
	} else {
		call->nested = is_nested(parser, at);
		return;
	}
	/* "lib" + suffix, "lib%d" % version, "a" if b else "c" are no literals. */
	if (python_is_operator(token_at(parser, at), ',') ||
	    python_is_operator(token_at(parser, at), ')'))
		call->argument = text;
	else
		call->nothing = false;
}

/* A call when the token is the name of a known function and a bracket follows it. */
static void take_call(struct parser *parser, size_t at)
{
	const struct python_token *token = token_at(parser, at), *before;
	bool is_method = at && python_is_operator(token_at(parser, at - 1), '.');
	struct python_call call = {.line = token->line, .conditions = parser->conditions};
	const struct known_call *known = known_call(token, is_method);

	if (!known || !python_is_operator(token_at(parser, at + 1), '('))
		return;
	before = at ? token_at(parser, at - 1) : token_at(parser, SIZE_MAX);
	if (python_is(before, "def") || python_is(before, "class"))
		return;
	call.kind = known->kind;
	call.function = known->name;
	call.object = "";
	if (is_method && at >= 2 && token_at(parser, at - 2)->type == PYTHON_NAME)
		call.object = arena_slice(parser->arena, token_at(parser, at - 2)->text);
	call.printed = !is_method && at >= 2 && python_is_operator(before, '(') &&
		       python_is(token_at(parser, at - 2), "print");
	take_argument(parser, at + 1, known, &call);
	parser->visitor->call(parser->visitor->context, &call);
}

static void take_line(struct parser *parser)
{
	if (!parser->line.len)
		return;
	if (!parser->begun)
		enter_line(parser);
	for (size_t i = 0; i < parser->line.len; i++) {
		const struct python_token *token = &parser->line.ptr[i];

		if (token->type != PYTHON_NAME)
			continue;
		if (python_is(token, "import") && begins_statement(parser, i))
			take_import(parser, i);
		else if (python_is(token, "from") && begins_statement(parser, i))
			take_from(parser, i);
		else
			take_call(parser, i);
	}
	parser->line.len = 0;
}

void python_source_visit(struct slice text, struct arena *arena,
			 const struct python_visitor *visitor)
{
	struct parser parser = {.lexer = python_lexer_of(text), .arena = arena, .visitor = visitor};
	struct python_token token;

	do {
		python_next(&parser.lexer, &token);
		if (token.type == PYTHON_NEWLINE || token.type == PYTHON_END) {
			take_line(&parser);
			parser.begun = false;
			continue;
		}
		vec_push(&parser.line, token);
		if (parser.line.len == LINE_TOKENS) {
			take_line(&parser);
			parser.begun = true;
		}
	} while (token.type != PYTHON_END);
	vec_release(&parser.line);
	vec_release(&parser.blocks);
}
