/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/declared.h"

#include <string.h>

#include "licence/prose.h"

/* How each form is read, and how it is told to the reader. */
static const struct form_row {
	enum expression_dialect dialect;
	const char *told;
	enum licence_confidence confidence; /* at best */
} forms[] = {
    [STATEMENT_SPDX] = {EXPRESSION_SPDX, "its licence expression", LICENCE_CONFIDENCE_MEDIUM},
    [STATEMENT_PYTHON] = {EXPRESSION_PYTHON, "its field License", LICENCE_CONFIDENCE_MEDIUM},
    [STATEMENT_CLASSIFIERS] = {EXPRESSION_PYTHON, "its classifiers", LICENCE_CONFIDENCE_MEDIUM},
    [STATEMENT_CONDA] = {EXPRESSION_CONDA, "its field license", LICENCE_CONFIDENCE_MEDIUM},
    [STATEMENT_CONDA_FAMILY] = {EXPRESSION_CONDA_FAMILY, "its licence family, which is no licence",
				LICENCE_CONFIDENCE_LOW},
    [STATEMENT_RPM] = {EXPRESSION_RPM, "its field License", LICENCE_CONFIDENCE_MEDIUM},
    /* Code may have been changed in place since. */
    [STATEMENT_INDEX] = {EXPRESSION_SPDX, "what the index says of its build",
			 LICENCE_CONFIDENCE_MEDIUM},
};

#define QUOTED 200 /* bytes of a text that are kept as the original */

static enum licence_confidence weaker(enum licence_confidence left, enum licence_confidence right)
{
	return left > right ? left : right;
}

/* Names of which one line is one name: a classifier holds blanks, "or" and brackets. */
static const struct expression *read_classifiers(const struct knowledge *knowledge,
						 const char *text, struct arena *arena,
						 enum licence_confidence *confidence)
{
	const struct expression *all = NULL, *one;
	struct slice rest = slice_text(text), line;
	size_t count = 0;

	while (slice_line(&rest, &line)) {
		enum licence_confidence sure = LICENCE_CONFIDENCE_NONE;
		const char *spdx = knowledge_alias(knowledge, "python-classifier",
						   arena_slice(arena, line), &sure);

		if (!spdx || strcmp(spdx, "NOASSERTION") == 0 ||
		    expression_parse(knowledge, EXPRESSION_SPDX, spdx, "", arena, &one, NULL) !=
			STATUS_OK)
			continue;
		*confidence = weaker(*confidence, sure);
		all = expression_join(EXPRESSION_AND, all, one, arena);
		count++;
	}
	/* Whether all of several hold, or one at choice, no classifier says. */
	if (count > 1)
		*confidence = LICENCE_CONFIDENCE_LOW;
	return all;
}

/*
 * A whole licence text in the field License, as many packages have it. What follows the first one
 * are those of parts it was bundled with (numpy lists the GCC runtime of its wheel there), which
 * have files of their own: they say nothing of this one.
 */
static const struct expression *read_text(const struct knowledge *knowledge, const char *scope,
					  const char *text, struct arena *arena,
					  enum licence_confidence *confidence)
{
	const struct prose *prose = prose_read(slice_text(text), knowledge, scope, arena);

	if (!prose->count)
		return NULL;
	if (prose->count > 1 || !prose->grants[0].sure || !prose->complete)
		*confidence = LICENCE_CONFIDENCE_LOW;
	return prose->grants[0].expression;
}

static const struct expression *read_statement(const struct knowledge *knowledge,
					       const struct component *component,
					       const struct component_statement *statement,
					       struct arena *arena,
					       enum licence_confidence *confidence)
{
	const struct expression *expression;
	bool lossy;

	*confidence = forms[statement->form].confidence;
	if (statement->form == STATEMENT_CLASSIFIERS)
		return read_classifiers(knowledge, statement->text, arena, confidence);
	if (strchr(statement->text, '\n') && statement->form == STATEMENT_PYTHON)
		return read_text(knowledge, component->name, statement->text, arena, confidence);
	if (expression_parse(knowledge, forms[statement->form].dialect, statement->text,
			     component->name, arena, &expression, &lossy) != STATUS_OK)
		return NULL;
	if (lossy)
		*confidence = LICENCE_CONFIDENCE_LOW;
	/* "UNKNOWN", "file LICENSE": names that stand for nothing. */
	if (expression->count == 1 && strcmp(expression->steps[0].term.id, "NOASSERTION") == 0)
		return NULL;
	return expression;
}

static struct file_licence *of_statement(const struct knowledge *knowledge,
					 const struct component *component,
					 const struct component_statement *statement,
					 struct arena *arena)
{
	bool of_build = statement->form == STATEMENT_INDEX;
	struct file_licence *licence;
	enum licence_confidence confidence;
	const struct expression *expression =
	    read_statement(knowledge, component, statement, arena, &confidence);

	if (!expression)
		return NULL;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .expression = expression,
	    .text = expression_print(expression, arena),
	    .original =
		arena_slice(arena, slice_of(statement->text, strnlen(statement->text, QUOTED))),
	    .source = of_build ? LICENCE_SOURCE_BUILD_ID : LICENCE_SOURCE_METADATA,
	    .confidence = confidence,
	    .path = statement->path,
	    .detail = arena_printf(arena, of_build ? "%s of %s" : "%s, of all that %s holds",
				   forms[statement->form].told, component->name),
	};
	return licence;
}

/* Whether all of it is some vendor's own terms. */
static bool is_vendors(const struct expression *expression)
{
	for (size_t i = 0; i < expression->count; i++) {
		const struct licence_term *term = &expression->steps[i].term;

		if (expression->steps[i].op == EXPRESSION_TERM &&
		    (!term->licence ||
		     term->licence->class < LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE ||
		     term->licence->class > LICENCE_CLASS_PROPRIETARY))
			return false;
	}
	return true;
}

/* "MIT" beside the classifier "MIT License", "GPL-3.0-only" beside "GPL": the second adds nothing.
 */
static bool agree(const struct file_licence *first, const struct file_licence *second)
{
	if (expression_holds_terms(first->expression, second->expression))
		return true;
	if (is_vendors(first->expression) && is_vendors(second->expression))
		return true;
	return second->confidence == LICENCE_CONFIDENCE_LOW &&
	       expression_same_families(first->expression, second->expression) &&
	       !(expression_is_permissive(first->expression) &&
		 expression_is_permissive(second->expression));
}

struct file_licence *declared_licence(const struct knowledge *knowledge,
				      const struct component *component, struct arena *arena)
{
	struct file_licence *first = NULL;

	if (component->is_carrier) {
		first = arena_alloc(arena, sizeof(*first));
		*first = (struct file_licence){
		    .text = "NOASSERTION",
		    .original = "",
		    .confidence = LICENCE_CONFIDENCE_NONE,
		    .path = "",
		    .detail = arena_printf(arena,
					   "%s from elsewhere: what that says of its licence does "
					   "not speak of it",
					   component->name),
		};
		return first;
	}
	for (size_t i = 0; i < component->statement_count; i++) {
		const struct component_statement *statement = &component->statements[i];
		struct file_licence *licence = NULL;

		/* A family is no second opinion. */
		if (!first || statement->form != STATEMENT_CONDA_FAMILY)
			licence = of_statement(knowledge, component, statement, arena);
		if (!licence)
			continue;
		if (!first) {
			first = licence;
			continue;
		}
		if (agree(first, licence)) {
			/* Of two that agree in full the surer one counts; two guesses are one. */
			if (strcmp(first->text, licence->text) == 0 &&
			    licence->confidence < first->confidence)
				first->confidence = licence->confidence;
			continue;
		}
		first->label = licence;
		first->detail = arena_printf(arena, "%s; %s disagree", first->detail,
					     forms[statement->form].told);
		/* Between licences that ask for the same nothing is at stake. */
		if (!expression_same_copyleft(first->expression, licence->expression))
			first->confidence = LICENCE_CONFIDENCE_LOW;
		break;
	}
	return first;
}
