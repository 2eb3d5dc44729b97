/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/names.h"

#include <string.h>
#include <strings.h>

#include "licence/term.h"
#include "util/budget.h"
#include "util/vec.h"

#define WORLDS 2

/* Where the names of a dialect are looked up, in this order. */
static const char *const worlds[][WORLDS] = {
    [EXPRESSION_SPDX] = {NULL, NULL},
    [EXPRESSION_DEP5] = {NULL, NULL},
    [EXPRESSION_RPM] = {"rpm-fedora-old", NULL},
    [EXPRESSION_PYTHON] = {"python-license", "generic"},
    [EXPRESSION_CONDA] = {"conda", "generic"},
    [EXPRESSION_CONDA_FAMILY] = {"conda-family", NULL},
};

struct translation {
	const struct knowledge *knowledge;
	enum expression_dialect dialect;
	const char *scope;
	struct arena *arena;
	VEC(char) text; /* so far */
	size_t words;	/* in it; with more than an expression may have it is none */
	bool lossy;
};

static const char *alias(const struct translation *translation, const char *name, bool *ret_sure)
{
	for (size_t i = 0; i < WORLDS && worlds[translation->dialect][i]; i++) {
		enum licence_confidence confidence = LICENCE_CONFIDENCE_HIGH;
		const char *spdx = knowledge_alias(
		    translation->knowledge, worlds[translation->dialect][i], name, &confidence);

		if (!spdx)
			continue;
		*ret_sure = confidence <= LICENCE_CONFIDENCE_MEDIUM;
		return spdx;
	}
	return NULL;
}

static bool is_spdx(const struct translation *translation, const char *text)
{
	const struct expression *expression;
	bool lossy = false;

	return expression_parse(translation->knowledge, EXPRESSION_SPDX, text, "",
				translation->arena, &expression, &lossy) == STATUS_OK &&
	       !lossy;
}

static const char *name_to_spdx(struct translation *translation, const char *name)
{
	bool sure = true;
	const char *spdx = alias(translation, name, &sure);

	translation->lossy |= !sure;
	if (spdx)
		return spdx;
	if (is_spdx(translation, name))
		return name;
	translation->lossy = true;
	return term_of_unreadable(name, translation->scope, translation->arena).term.id;
}

static void add(struct translation *translation, const char *word)
{
	if (translation->words++)
		vec_push(&translation->text, ' ');
	for (; *word; word++)
		vec_push(&translation->text, *word);
}

static void add_name(struct translation *translation, struct slice name)
{
	name = slice_trim(name);
	if (!name.len)
		return;
	add(translation,
	    arena_printf(translation->arena, "(%s)",
			 name_to_spdx(translation, arena_slice(translation->arena, name))));
}

static bool is_word(struct slice word, const char *wanted)
{
	return word.len == strlen(wanted) &&
	       strncasecmp((const char *)word.ptr, wanted, word.len) == 0;
}

/* Up to the next blank, or one bracket. */
static struct slice next_word(struct slice *rest)
{
	struct slice word;

	*rest = slice_trim(*rest);
	word = slice_of(rest->ptr, rest->len != 0);
	if (rest->len && !memchr("()", rest->ptr[0], 2))
		while (word.len < rest->len && !memchr(" \t\n()", rest->ptr[word.len], 5))
			word.len++;
	*rest = slice_of(rest->ptr + word.len, rest->len - word.len);
	return word;
}

/* Brackets group where a name may begin; behind words they are part of the name: "MIT (X11)". */
static void translate(struct translation *translation, const char *text)
{
	struct slice rest = slice_text(text), name = {rest.ptr, 0}, word;
	size_t inside = 0; /* brackets of the name that are open */

	while (translation->words <= BUDGET_LICENCE_TOKENS && (word = next_word(&rest)).len) {
		bool bracket = word.ptr[0] == '(' || word.ptr[0] == ')';
		bool joins = is_word(word, "and") || is_word(word, "or");

		if (!inside && !name.len && bracket) {
			add(translation, word.ptr[0] == '(' ? "(" : ")");
			continue;
		}
		if (!inside && (joins || word.ptr[0] == ')')) {
			add_name(translation, name);
			name.len = 0;
			add(translation, word.ptr[0] == ')'	? ")"
					 : is_word(word, "and") ? "AND"
								: "OR");
			continue;
		}
		inside += word.ptr[0] == '(';
		inside -= word.ptr[0] == ')';
		if (!name.len)
			name.ptr = word.ptr;
		name.len = (size_t)(word.ptr + word.len - name.ptr);
	}
	add_name(translation, name);
}

const char *names_to_spdx(const struct knowledge *knowledge, enum expression_dialect dialect,
			  const char *text, const char *scope, struct arena *arena, bool *ret_lossy)
{
	struct translation translation = {
	    .knowledge = knowledge, .dialect = dialect, .scope = scope, .arena = arena};
	const char *whole = arena_slice(arena, slice_trim(slice_text(text)));
	const struct expression *expression;
	bool sure = true;
	const char *spdx = alias(&translation, whole, &sure), *result;

	*ret_lossy = !sure;
	if (spdx)
		return spdx;
	if (is_spdx(&translation, whole))
		return whole;
	translate(&translation, whole);
	*ret_lossy = translation.lossy;
	result = arena_slice(arena, slice_of(translation.text.ptr, translation.text.len));
	vec_release(&translation.text);
	if (translation.words <= BUDGET_LICENCE_TOKENS &&
	    expression_parse(knowledge, EXPRESSION_SPDX, result, "", arena, &expression, NULL) ==
		STATUS_OK)
		return result;
	/* No grammar at all, or no end of it: a name of its own. */
	*ret_lossy = true;
	return term_of_unreadable(whole, scope, arena).term.id;
}
