/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/prose.h"

#include <string.h>

#include "licence/grants.h"
#include "util/vec.h"

#define HEADING_LENGTH 60 /* words before a grant that may say of what it speaks */
#define LISTED_LENGTH 120 /* words of a list below "the following libraries ...:" */

/* ---- headings ---- */

/* "On Debian systems the text ... can be found in", "You should have received a copy". */
static bool is_boilerplate(const struct words *words, size_t from, size_t to)
{
	static const char *const phrases[] = {
	    "complete text",	  "full text",	       "received a copy",     "on debian",
	    "for more details",	  "text of the",       "merchantability",     "downloaded from",
	    "obtained from",	  "debian package of", "prepackaged version", "put together by",
	    "debianized by",	  "packaged by",       "upstream author",     "upstream authors",
	    "packaged for debian"};

	for (size_t i = from; i < to; i++)
		if (strncmp(word_at(words, i), "/usr/share/common-licenses", 26) == 0)
			return true;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (words_find(words, from, to, phrases[i]) < to)
			return true;
	return false;
}

/* "This library is free software; you can redistribute it": whose form says nothing. */
static size_t without_form(const struct words *words, size_t from, size_t to)
{
	size_t form = words_find(words, from, to, "is free software");

	/* From the sentence's subject on: "this library", "the GNU C library". */
	while (form < to && form > from && !words->list[form - 1].ends &&
	       !words->list[form - 1].colon &&
	       word_is_among(word_at(words, form - 1), "this library program the gnu c package"))
		form--;
	return form;
}

/* The words between the text of the grant before and this one, without sentences of no account. */
static void take_heading(const struct words *words, size_t from, size_t to, struct arena *arena,
			 struct prose_grant *grant)
{
	const char **names =
	    arena_alloc_array(arena, HEADING_LENGTH + LISTED_LENGTH + 1, sizeof(*names));
	size_t start =
	    to > HEADING_LENGTH && to - HEADING_LENGTH > from ? to - HEADING_LENGTH : from;

	/* From the start of a sentence on. */
	while (start > from && start < to && !words->list[start - 1].ends)
		start++;
	for (size_t i = start; i < to;) {
		size_t end = i;

		while (end < to && !words->list[end].ends)
			end++;
		end += end < to;
		if (!is_boilerplate(words, i, end))
			for (size_t j = i; j < without_form(words, i, end); j++)
				names[grant->name_count++] = arena_strdup(arena, word_at(words, j));
		i = end;
	}
	grant->names = names;
}

/* "The following files are under X:" and then names: those come behind the grant. */
static void take_following(const struct words *words, size_t at, size_t next, struct arena *arena,
			   struct prose_grant *grant)
{
	const char **names = arena_alloc_array(arena, grant->name_count + 30, sizeof(*names));
	bool announced = false;

	for (size_t i = 0; i + 1 < grant->name_count; i++)
		announced |= strcmp(grant->names[i], "following") == 0 &&
			     word_is_among(grant->names[i + 1], "file files");
	if (!announced)
		return;
	memcpy(names, grant->names, grant->name_count * sizeof(*names));
	for (size_t i = at; i < next && i < at + 30; i++)
		names[grant->name_count++] = arena_strdup(arena, word_at(words, i));
	grant->names = names;
}

/* "licensed under ...:" and then lines with a dash: those are the ones it speaks of. */
static size_t take_list(const struct words *words, size_t at, size_t next, struct arena *arena,
			struct prose_grant *grant)
{
	const char **names =
	    arena_alloc_array(arena, grant->name_count + LISTED_LENGTH + 1, sizeof(*names));
	size_t end = at + 40 < next ? at + 40 : next, list;

	/* The sentence has to end in a colon, with a list right below. */
	while (at < end && !words->list[at].colon)
		at++;
	if (at == end || at + 1 >= words->count || !words->list[at + 1].bullet)
		return 0;
	memcpy(names, grant->names, grant->name_count * sizeof(*names));
	for (list = at + 1; list < next && list < at + LISTED_LENGTH; list++) {
		const struct word *word = &words->list[list], *before = word - 1;

		/* An empty line, and then no further dash: the list is over. */
		if (list > at + 1 && before->ends && word->line > before->line + 1 && !word->bullet)
			break;
		if (word->bullet)
			names[grant->name_count++] = arena_strdup(arena, word->text);
		/* "The libgnat-12 library": the name behind the article. */
		else if (before->bullet && strcmp(before->text, "the") == 0)
			names[grant->name_count++] = arena_strdup(arena, word->text);
	}
	grant->names = names;
	grant->scope = PROSE_FILES;
	grant->listed = true;
	return list;
}

/* ---- scopes ---- */

static const char library_words[] = "library";
/* Words before "library" that do not name one. */
static const char any_library[] =
    "the this main shared runtime core client own a license licence terms of for and as is whole";
static const char tool_words[] =
    "utility utilities tool tools program programs executables command-line commandline binary "
    "daemon server clients";
static const char other_words[] =
    "documentation manual manuals manpages manpage docs docbook packaging debian/ debian/* "
    "testsuite test-suite tests examples example demo demos build autoconf configure images icons "
    "fonts website scripts packages";

/* "src/foo.c", "lib/": a name of a file or a folder. */
static bool is_path(const char *word)
{
	const char *dot = strrchr(word, '.');

	if (strncmp(word, "http", 4) == 0 || strncmp(word, "www.", 4) == 0 ||
	    strncmp(word, "and/or", 6) == 0 || strncmp(word, "/usr", 4) == 0 ||
	    strncmp(word, "git", 3) == 0 || strstr(word, "gpl"))
		return false;
	/* Many such names are words of any sentence: "missing", "license". */
	if (strpbrk(word, ".-") && source_is_common_file(word))
		return true;
	if (dot && dot != word)
		return word_is_among(dot, ".c .h .cc .cpp .cxx .hpp .s .asm .inc .y .l .m4 .sh .py "
					  ".pl .in .am .ac .texi .f .f90 .go .rs .el .def .java");
	return strchr(word, '/') && word[0] != '/' && strlen(word) > 2;
}

static enum prose_scope scope_of(struct prose_grant *grant)
{
	size_t code = 0, other = 0;
	bool packaging = false;

	for (size_t i = 0; i < grant->name_count; i++) {
		const char *name = grant->names[i],
			   *next = i + 1 < grant->name_count ? grant->names[i + 1] : "";

		packaging |= (strcmp(name, "debian") == 0 &&
			      word_is_among(next, "packaging specific package maintainer changes "
						  "patches modifications")) ||
			     (strcmp(name, "packaging") == 0 &&
			      word_is_among(next, "is was scripts copyright by files"));
		/* "all files except examples/this.c" */
		if (strcmp(name, "except") == 0 || strcmp(name, "excluding") == 0)
			break;
		if (!is_path(name))
			continue;
		if (source_kind(name) == SOURCE_CODE)
			code++;
		else
			other++;
	}
	if (packaging)
		return PROSE_OTHER;
	if (code || other)
		return code ? PROSE_FILES : PROSE_OTHER;
	/* The first such word is what the sentence is about. */
	for (size_t i = 0; i < grant->name_count; i++) {
		if (word_is_among(grant->names[i], library_words)) {
			grant->owner = i && !word_is_among(grant->names[i - 1], any_library)
					   ? grant->names[i - 1]
					   : NULL;
			return PROSE_LIBRARY;
		}
		if (word_is_among(grant->names[i], tool_words))
			return PROSE_TOOLS;
		if (word_is_among(grant->names[i], other_words))
			return PROSE_OTHER;
	}
	return PROSE_GENERAL;
}

/* ---- reading ---- */

static const char *quote(const struct words *words, const struct grant *grant, struct arena *arena)
{
	const char *text = "";
	size_t to = grant->first + 24 < grant->last ? grant->first + 24 : grant->last;

	for (size_t i = grant->first; i < to; i++)
		text = arena_printf(arena, "%s%s%s", text, *text ? " " : "", word_at(words, i));
	return text;
}

/* The terms of one grant; an exception of a kind that is not told keeps a name of its own. */
static const struct expression *read_spdx(const struct knowledge *knowledge,
					  const struct grant *grant, const char *scope,
					  struct arena *arena)
{
	const struct expression *expression;
	const char *text = grant->spdx;

	if (grant->special && !strchr(text, ' '))
		text = arena_printf(arena, "%s WITH AdditionRef-%s-special-exception", text, scope);
	return expression_parse(knowledge, EXPRESSION_SPDX, text, "", arena, &expression, NULL) ==
		       STATUS_OK
		   ? expression
		   : NULL;
}

static const char *valid_scope(const char *scope, struct arena *arena)
{
	char *text = arena_strdup(arena, *scope ? scope : "package");

	for (char *at = text; *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-",
			    *at))
			*at = '-';
	return text;
}

struct prose *prose_read(struct slice text, const struct knowledge *knowledge, const char *scope,
			 struct arena *arena)
{
	struct prose *prose = arena_alloc(arena, sizeof(*prose));
	VEC(struct prose_grant) list = {NULL, 0, 0};
	struct arena scratch;
	struct words words;
	struct grants grants;
	size_t from = 0;

	arena_init(&scratch);
	words = words_of(text, &scratch);
	grants = grants_of(&words, &scratch);
	scope = valid_scope(scope, &scratch);
	for (size_t i = 0; i < grants.count; i++) {
		const struct grant *found = &grants.list[i];
		size_t next = i + 1 < grants.count ? grants.list[i + 1].first : words.count;
		size_t listed = 0;
		struct prose_grant grant = {.scope = PROSE_GENERAL};

		grant.expression = read_spdx(knowledge, found, scope, arena);
		if (!grant.expression)
			continue;
		grant.line = words.list[found->first].line;
		grant.words = quote(&words, found, arena);
		grant.sure = !found->unversioned && !found->special;
		grant.unversioned = found->unversioned;
		if (found->alternative && list.len) {
			struct prose_grant *before = &list.ptr[list.len - 1];

			before->expression = expression_join(EXPRESSION_OR, before->expression,
							     grant.expression, arena);
			before->words =
			    arena_printf(arena, "%s ... or %s", before->words, grant.words);
			before->sure &= grant.sure || expression_is_permissive(before->expression);
		} else {
			take_heading(&words, from, found->first, arena, &grant);
			take_following(&words, found->last, next, arena, &grant);
			grant.scope = scope_of(&grant);
			/* A text right below another one: they stand together. */
			if (list.len && i && found->first <= from + 2 &&
			    grants.list[i - 1].body_end > grants.list[i - 1].last)
				grant = (struct prose_grant){.expression = grant.expression,
							     .scope = list.ptr[list.len - 1].scope,
							     .sure = grant.sure,
							     .unversioned = grant.unversioned,
							     .line = grant.line,
							     .words = grant.words,
							     .names = list.ptr[list.len - 1].names,
							     .name_count =
								 list.ptr[list.len - 1].name_count};
			/* Nothing but documentation is under it. */
			if (strncmp(grant.expression->steps[0].term.id, "GFDL-", 5) == 0)
				grant.scope = PROSE_OTHER;
			listed = take_list(&words, found->last, next, arena, &grant);
			vec_push(&list, grant);
		}
		from = listed > found->body_end ? listed : found->body_end;
	}
	prose->count = list.len;
	prose->grants = arena_copy(arena, list.ptr, list.len * sizeof(*list.ptr));
	prose->limit = words.limit || grants.limit;
	prose->complete = !grants.mentions && !grants.unread && !prose->limit;
	vec_release(&list);
	arena_release(&scratch);
	return prose;
}

/* ---- one file ---- */

/* "libgomp", "libquadmath/math", "libstdc++-v3", "libgcc" of "libgcc_s". */
static bool names_file(const struct prose_grant *grant, const struct source_names *names)
{
	for (size_t i = 0; i < grant->name_count; i++) {
		const char *name = grant->names[i];
		size_t length = strcspn(name, "/");
		char part[64];

		if (length >= sizeof(part) || length < 4)
			continue;
		/* Among names of files, only a folder or an entry of a list names a library. */
		if (grant->scope == PROSE_FILES && !grant->listed && !name[length])
			continue;
		memcpy(part, name, length);
		part[length] = '\0';
		if (source_same_name(part, names->stem) ||
		    (strncmp(names->stem, part, length) == 0 && names->stem[length] == '_') ||
		    (strncmp(names->stem, part, strlen(names->stem)) == 0 &&
		     part[strlen(names->stem)] == '-'))
			return true;
	}
	return false;
}

/* Among sure copyleft grants, one without a version is a mention in passing; it costs sureness. */
static bool has_sure_copyleft(const struct prose *prose, const bool *taken)
{
	for (size_t i = 0; i < prose->count; i++)
		if (taken[i] && prose->grants[i].sure &&
		    !expression_is_permissive(prose->grants[i].expression))
			return true;
	return false;
}

static struct prose_answer collect(const struct prose *prose, const bool *taken,
				   struct arena *arena)
{
	const struct expression **list =
	    arena_alloc_array(arena, prose->count + 1, sizeof(struct expression *));
	struct prose_answer answer = {.original = "", .detail = "", .sure = true};
	const char *lines = "";
	bool capped, sure_ones = has_sure_copyleft(prose, taken);
	size_t count = 0;

	for (size_t i = 0; i < prose->count; i++) {
		if (!taken[i])
			continue;
		answer.sure &= prose->grants[i].sure;
		if (sure_ones && prose->grants[i].unversioned)
			continue;
		list[count++] = prose->grants[i].expression;
		if (count > 8)
			continue;
		answer.original =
		    arena_printf(arena, "%s%s%s", answer.original, *answer.original ? "; " : "",
				 prose->grants[i].words);
		lines =
		    arena_printf(arena, "%s%s%u", lines, *lines ? ", " : "", prose->grants[i].line);
	}
	answer.expression = expression_join_all(EXPRESSION_AND, list, count, arena, &capped);
	answer.sure &= !capped;
	answer.detail = arena_printf(arena, "grants in lines %s%s", lines, count > 8 ? " ..." : "");
	return answer;
}

/* "the readline library" is no word about another one. */
static bool is_foreign(const struct prose_grant *grant, const struct source_names *names)
{
	return grant->owner && !source_same_name(grant->owner, names->stem) &&
	       !source_same_name(grant->owner, names->bare) &&
	       !source_same_name(grant->owner, names->project);
}

/* Takes those of one kind; gives the number of sure ones among them. */
static size_t take_scope(const struct prose *prose, enum prose_scope scope,
			 const struct source_names *names, bool *taken)
{
	size_t sure = 0;

	for (size_t i = 0; i < prose->count; i++) {
		const struct prose_grant *grant = &prose->grants[i];
		enum prose_scope own = grant->scope == PROSE_LIBRARY && is_foreign(grant, names)
					   ? PROSE_GENERAL
					   : grant->scope;

		if (own != scope || taken[i])
			continue;
		taken[i] = true;
		sure += grant->sure;
	}
	return sure;
}

/* Whether all of some terms are under the same copyleft licence, or under none. */
static bool is_uniform(const struct prose *prose, const bool *taken,
		       const struct expression *expression)
{
	for (size_t i = 0; i < prose->count; i++)
		if (taken[i] &&
		    !expression_same_copyleft(prose->grants[i].expression, expression) &&
		    !expression_is_permissive(prose->grants[i].expression))
			return false;
	return true;
}

struct prose_answer prose_of_file(const struct prose *prose, const struct source_names *names,
				  struct arena *arena)
{
	bool *taken = arena_alloc_array(arena, prose->count + 1, sizeof(*taken));
	struct prose_answer answer;
	size_t named = 0, chosen;

	for (size_t i = 0; i < prose->count && !names->is_program; i++) {
		taken[i] = prose->grants[i].scope != PROSE_OTHER &&
			   prose->grants[i].scope != PROSE_TOOLS &&
			   names_file(&prose->grants[i], names);
		named += taken[i];
	}
	if (named) {
		answer = collect(prose, taken, arena);
		answer.stated = true;
		answer.detail = arena_printf(arena, "%s, which name it", answer.detail);
		return answer;
	}
	chosen = take_scope(prose, names->is_program ? PROSE_TOOLS : PROSE_LIBRARY, names, taken);
	if (chosen && is_uniform(prose, taken, collect(prose, taken, arena).expression)) {
		take_scope(prose, PROSE_FILES, names, taken);
		answer = collect(prose, taken, arena);
		answer.stated = !names->is_program;
		answer.sure &= prose->complete && is_uniform(prose, taken, answer.expression);
		answer.detail = arena_printf(arena, "%s, of %s", answer.detail,
					     names->is_program ? "the tools" : "the library");
		return answer;
	}
	take_scope(prose, PROSE_GENERAL, names, taken);
	take_scope(prose, PROSE_FILES, names, taken);
	answer = collect(prose, taken, arena);
	answer.sure &=
	    prose->complete && answer.expression && is_uniform(prose, taken, answer.expression);
	return answer;
}
