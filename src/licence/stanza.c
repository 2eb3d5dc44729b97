/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which Files stanzas of a DEP-5 file speak of a shipped file. The last stanza that matches a
 * source file holds for it; so the licence over a folder is that of the last stanza over all of it,
 * and of every later one over some of it: the library is made of all of them.
 */
#include <string.h>

#include "licence/stanza.h"
#include "util/path.h"

#define SHOWN 16 /* names and lines of stanzas told to the reader */

struct stanza_picked stanza_picked_new(const struct package_licence *package, struct arena *arena)
{
	return (struct stanza_picked){package,
				      arena_alloc_array(arena, package->dep5.count + 1, 1)};
}

struct answer {
	const struct expression *expression; /* NULL: none was picked */
	const char *original, *lines;
	size_t distinct; /* licences that differ */
	bool lossy, later_in_text, capped;
};

static struct answer join(const struct stanza_picked *picked, struct arena *arena)
{
	const struct package_licence *package = picked->package;
	size_t count = package->dep5.count;
	const struct expression **list =
	    arena_alloc_array(arena, count + 1, sizeof(struct expression *));
	bool *known = arena_alloc_array(arena, count + 1, sizeof(*known));
	struct answer answer = {.original = "", .lines = ""};

	for (size_t i = 0; i < count; i++) {
		const struct stanza_licence *licence = &package->licences[i];

		if (!picked->taken[i])
			continue;
		answer.lossy |= licence->lossy;
		answer.later_in_text |= licence->later_in_text;
		if (known[licence->first])
			continue;
		known[licence->first] = true;
		list[answer.distinct++] = licence->expression;
		if (answer.distinct > SHOWN)
			continue;
		answer.original =
		    arena_printf(arena, "%s%s%s", answer.original, *answer.original ? "; " : "",
				 package->dep5.stanzas[i].licence);
		answer.lines =
		    arena_printf(arena, "%s%s%zu", answer.lines, *answer.lines ? ", " : "",
				 package->dep5.stanzas[i].line);
	}
	answer.expression =
	    expression_join_all(EXPRESSION_AND, list, answer.distinct, arena, &answer.capped);
	return answer;
}

static enum licence_confidence weaker(enum licence_confidence left, enum licence_confidence right)
{
	return left > right ? left : right;
}

static struct file_licence *make(const struct package_licence *package, const struct answer *answer,
				 enum licence_source source, enum licence_confidence confidence,
				 const char *detail, struct arena *arena)
{
	struct file_licence *licence = arena_alloc(arena, sizeof(*licence));

	if (answer->lossy || package->dep5.sloppy || answer->later_in_text)
		confidence = weaker(confidence, LICENCE_CONFIDENCE_MEDIUM);
	if (answer->capped || package->dep5.limit)
		confidence = LICENCE_CONFIDENCE_LOW;
	*licence = (struct file_licence){
	    .expression = answer->expression,
	    .text = expression_print(answer->expression, arena),
	    .original = answer->original,
	    .source = source,
	    .confidence = confidence,
	    .path = package->path,
	    .detail = arena_printf(
		arena, "%s%s", detail,
		answer->later_in_text ? "; a name says one version, its text any later one" : ""),
	};
	return licence;
}

struct file_licence *stanza_answer(const struct stanza_picked *picked,
				   enum licence_confidence confidence, const char *detail,
				   struct arena *arena)
{
	struct answer answer = join(picked, arena);

	if (!answer.expression)
		return NULL;
	return make(picked->package, &answer, LICENCE_SOURCE_DEP5_STANZA, confidence,
		    arena_printf(arena, "%s (lines %s)", detail, answer.lines), arena);
}

/* ---- a library: the part of the tree that bears its name ---- */

size_t stanza_last_match(const struct dep5 *dep5, const char *path, size_t *tests)
{
	for (size_t i = dep5->count; i-- > 0;)
		for (size_t j = 0; j < dep5->stanzas[i].pattern_count; j++) {
			++*tests;
			if (dep5_matches(dep5->stanzas[i].patterns[j], path))
				return i;
		}
	return STANZA_NONE;
}

static bool speaks_of(const struct dep5_stanza *stanza, const char *prefix)
{
	for (size_t i = 0; i < stanza->pattern_count; i++)
		if (strncmp(stanza->patterns[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

/*
 * The stanza over all of a part, asked with names no pattern spells out. Where C and C++ files are
 * told apart, those that the patterns speak of count. Gives the first one picked.
 */
static size_t pick_cover(struct stanza_picked *picked, const struct source_part *part,
			 struct arena *arena)
{
	static const char *const probes[] = {"c", "h", "cc", "cpp", "cxx"};
	const struct dep5 *dep5 = &picked->package->dep5;
	const char *middle = part->prefix[strlen(part->prefix) - 1] == '.' ? "" : "\1.";
	size_t found[sizeof(probes) / sizeof(probes[0])], first = STANZA_NONE;
	size_t tests = 0;
	bool spoken = false;

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		found[i] = stanza_last_match(
		    dep5, arena_printf(arena, "%s%s%s", part->prefix, middle, probes[i]), &tests);
		spoken |=
		    found[i] != STANZA_NONE && speaks_of(&dep5->stanzas[found[i]], part->prefix);
	}
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		if (found[i] == STANZA_NONE ||
		    (spoken && !speaks_of(&dep5->stanzas[found[i]], part->prefix)))
			continue;
		picked->taken[found[i]] = true;
		if (first == STANZA_NONE || found[i] < first)
			first = found[i];
	}
	return first;
}

/* "ata_id/ata_id.c" below the part: a folder of its own, for a program of that name. */
static bool has_own_folder(const struct dep5_stanza *stanza, const char *pattern,
			   const char *prefix)
{
	const char *below = pattern + strlen(prefix);
	size_t folder = strcspn(below, "/");

	if (strncmp(pattern, prefix, strlen(prefix)) != 0 || !below[folder])
		return false;
	for (size_t i = 0; i < stanza->pattern_count; i++) {
		const char *other = stanza->patterns[i];

		if (strncmp(other, pattern, strlen(prefix) + folder + 1) == 0 &&
		    strncmp(other + strlen(prefix) + folder + 1, below, folder) == 0 &&
		    other[strlen(prefix) + folder + 1 + folder] == '.')
			return true;
	}
	return false;
}

enum reach_of { REACHES_NOT, REACHES_PERHAPS, REACHES };

/* "*" + "/name.*" may stand in any folder: it is no statement about this one. */
static bool is_anywhere(const char *pattern)
{
	const char *name = path_name(pattern);

	return pattern[0] == '*' && name[0] != '*' && name[0] != '.';
}

static enum reach_of reaches(const struct dep5_stanza *stanza, const char *prefix)
{
	enum reach_of reach = REACHES_NOT;

	for (size_t i = 0; i < stanza->pattern_count; i++) {
		const char *pattern = stanza->patterns[i];

		if (source_kind(pattern) == SOURCE_OTHER || !dep5_touches(pattern, prefix) ||
		    has_own_folder(stanza, pattern, prefix))
			continue;
		if (!is_anywhere(pattern))
			return REACHES;
		reach = REACHES_PERHAPS;
	}
	return reach;
}

static struct file_licence *from_parts(const struct package_licence *package,
				       const struct source_names *names, struct arena *arena,
				       enum answer_kind *ret_kind)
{
	struct stanza_picked picked = stanza_picked_new(package, arena),
			     whole = stanza_picked_new(package, arena);
	const struct source_part *parts;
	size_t count = source_parts(&package->dep5, names, arena, &parts);
	enum licence_confidence confidence = LICENCE_CONFIDENCE_MEDIUM;
	struct answer answer, over_all;
	const char *where = "";
	bool doubtful = false;

	for (size_t i = 0; i < count; i++) {
		size_t cover = pick_cover(&whole, &parts[i], arena);

		where = arena_printf(arena, "%s%s%s*", where, i ? " " : "", parts[i].prefix);
		for (size_t j = cover == STANZA_NONE ? 0 : cover; j < package->dep5.count; j++) {
			enum reach_of reach = reaches(&package->dep5.stanzas[j], parts[i].prefix);

			doubtful |= reach == REACHES_PERHAPS;
			if (reach == REACHES)
				picked.taken[j] = true;
		}
	}
	over_all = join(&whole, arena);
	for (size_t i = 0; i < package->dep5.count; i++)
		picked.taken[i] |= whole.taken[i];
	answer = join(&picked, arena);
	if (!answer.expression)
		return NULL;
	*ret_kind = parts[0].rank > 1 ? ANSWER_GUESSED : ANSWER_STATED;
	if (parts[0].rank == 0 && answer.distinct == 1 && !doubtful)
		confidence = LICENCE_CONFIDENCE_HIGH;
	/* A single file under another copyleft licence decides, if it is compiled in at all. */
	else if (!over_all.expression ||
		 !expression_same_copyleft(over_all.expression, answer.expression))
		confidence = LICENCE_CONFIDENCE_LOW;
	return make(package, &answer, LICENCE_SOURCE_DEP5_STANZA, confidence,
		    arena_printf(arena, "what it says of %s (lines %s)", where, answer.lines),
		    arena);
}

/* ---- a program: the star, and what bears its name ---- */

static bool names_program(const struct dep5_stanza *stanza, const char *program)
{
	for (size_t i = 0; i < stanza->pattern_count; i++) {
		const char *name = path_name(stanza->patterns[i]);
		size_t length = strcspn(name, ".*?");

		if (source_kind(stanza->patterns[i]) != SOURCE_OTHER && length == strlen(program) &&
		    strncmp(name, program, length) == 0)
			return true;
	}
	return false;
}

static bool is_star(const struct dep5_stanza *stanza)
{
	for (size_t i = 0; i < stanza->pattern_count; i++)
		if (strcmp(stanza->patterns[i], "*") == 0)
			return true;
	return false;
}

/*
 * "Files: *" of a package is what its own programs are under; what other stanzas add are parts of
 * it. For a library that is not so: the star often speaks of the programs beside it.
 */
static struct file_licence *from_star(const struct package_licence *package,
				      const struct source_names *names, struct arena *arena)
{
	struct stanza_picked picked = stanza_picked_new(package, arena);
	struct answer answer;
	bool has_star = false;

	for (size_t i = 0; i < package->dep5.count; i++) {
		bool star = is_star(&package->dep5.stanzas[i]);

		has_star |= star;
		picked.taken[i] = star || names_program(&package->dep5.stanzas[i], names->stem);
	}
	if (!has_star)
		return NULL;
	answer = join(&picked, arena);
	return make(package, &answer, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_MEDIUM,
		    "Files: * of a program's package", arena);
}

/* ---- all of it ---- */

/* Nothing is compiled under such a licence. */
static bool is_documentation(const struct expression *expression)
{
	for (size_t i = 0; i < expression->count; i++)
		if (expression->steps[i].op == EXPRESSION_TERM &&
		    strncmp(expression->steps[i].term.id, "GFDL-", 5) != 0 &&
		    strncmp(expression->steps[i].term.id, "CC-BY", 5) != 0 &&
		    strncmp(expression->steps[i].term.id, "OFL-", 4) != 0)
			return false;
	return true;
}

static enum source_kind stanza_kind(const struct package_licence *package, size_t index)
{
	const struct dep5_stanza *stanza = &package->dep5.stanzas[index];
	enum source_kind kind = SOURCE_OTHER;

	if (strcmp(stanza->patterns[0], "*") != 0 &&
	    is_documentation(package->licences[index].expression))
		return SOURCE_OTHER;
	for (size_t i = 0; i < stanza->pattern_count; i++) {
		enum source_kind one = source_kind(stanza->patterns[i]);
		kind = one < kind ? one : kind;
	}
	return kind;
}

static struct answer union_of(const struct package_licence *package, enum source_kind widest,
			      struct arena *arena)
{
	struct stanza_picked picked = stanza_picked_new(package, arena);
	struct answer answer;

	for (size_t i = 0; i < package->dep5.count; i++)
		if (package->dep5.stanzas[i].pattern_count && stanza_kind(package, i) <= widest)
			picked.taken[i] = true;
	answer = join(&picked, arena);
	return answer;
}

/* One licence however it is spelt. */
static bool is_single(const struct answer *answer)
{
	return answer->expression && (answer->distinct == 1 || answer->expression->count == 1) &&
	       !answer->capped;
}

/* Whether no branch could matter to anybody who links: then it need not be told which holds. */
static bool is_harmless(const struct expression *expression)
{
	for (size_t i = 0; i < expression->count; i++) {
		const struct licence_row *row = expression->steps[i].term.licence;

		if (expression->steps[i].op != EXPRESSION_TERM)
			continue;
		if (!row || row->class > LICENCE_CLASS_PERMISSIVE_NOTICE ||
		    row->gpl2_compatible == LICENCE_NO || row->gpl3_compatible == LICENCE_NO)
			return false;
	}
	return true;
}

/*
 * LGPL-2.0-or-later beside LGPL-2.1-or-later: whichever of them a file is made of, what it asks for
 * is the same. Another major version, or an "only", is not the same.
 */
static bool is_one_family(const struct expression *expression)
{
	const char *first = expression->steps[0].term.id;
	size_t length = strcspn(first, ".");

	if (strncmp(first + strspn(first, "AL"), "GPL-", 4) != 0)
		return false;
	for (size_t i = 0; i < expression->count; i++) {
		const struct licence_term *term = &expression->steps[i].term;

		if (expression->steps[i].op == EXPRESSION_AND)
			continue;
		if (expression->steps[i].op == EXPRESSION_OR || term->exception ||
		    strncmp(term->id, first, length + 1) != 0 || !strstr(term->id, "-or-later"))
			return false;
	}
	return true;
}

struct file_licence *stanza_licence_of_file(const struct package_licence *package,
					    const struct source_names *names, struct arena *arena,
					    enum answer_kind *ret_kind)
{
	struct answer all = union_of(package, SOURCE_PROGRAM, arena), code;
	struct file_licence *found;

	*ret_kind = ANSWER_STATED;
	if (!all.expression)
		return NULL;
	if (is_single(&all))
		return make(package, &all, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_HIGH,
			    "all stanzas over code say the same", arena);
	*ret_kind = ANSWER_GUESSED;
	found = names->is_program ? from_star(package, names, arena)
				  : from_parts(package, names, arena, ret_kind);
	if (found)
		return found;
	code = names->is_program ? all : union_of(package, SOURCE_CODE, arena);
	if (is_single(&code))
		return make(package, &code, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_MEDIUM,
			    "all stanzas over code say the same, folders of programs apart", arena);
	if (!code.expression)
		code = all;
	*ret_kind = ANSWER_UNION;
	return make(package, &code, LICENCE_SOURCE_DEP5_UNION,
		    is_harmless(code.expression) || is_one_family(code.expression)
			? LICENCE_CONFIDENCE_MEDIUM
			: LICENCE_CONFIDENCE_LOW,
		    "all stanzas over code; which of them this file is made of is not known",
		    arena);
}

static size_t with_pattern(const struct dep5 *dep5, struct slice pattern)
{
	for (size_t i = dep5->count; i-- > 0;)
		for (size_t j = 0; j < dep5->stanzas[i].pattern_count; j++)
			if (slice_equal_text(pattern, dep5->stanzas[i].patterns[j]))
				return i;
	return STANZA_NONE;
}

struct file_licence *stanza_licence_of_row(const struct package_licence *package,
					   const struct path_row *row, struct arena *arena)
{
	struct stanza_picked picked = stanza_picked_new(package, arena);
	struct slice rest = slice_text(row->stanzas), pattern;
	struct answer answer;

	while (slice_token(&rest, " ", &pattern)) {
		size_t stanza = with_pattern(&package->dep5, pattern);

		if (stanza == STANZA_NONE)
			return NULL;
		picked.taken[stanza] = true;
	}
	answer = join(&picked, arena);
	if (!answer.expression)
		return NULL;
	return make(
	    package, &answer, LICENCE_SOURCE_DEP5_STANZA, LICENCE_CONFIDENCE_MEDIUM,
	    arena_printf(arena, "stanzas at line %s, chosen by hand: %s", answer.lines, row->why),
	    arena);
}
