/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sections "own", "overrides" and "scopes" of a policy file: licences of files, names for them, and
 * how they are distributed.
 */
#include <string.h>

#include "reach/policy_read.h"

const char *const policy_distributions[] = {"binary", "network", "internal", NULL};

/* A licence of our own that no table knows is closed, unless the entry says what it is. */
static const struct licence_row *own_row(struct policy_reader *reader, const char *id,
					 enum licence_class class)
{
	struct licence_row *row = arena_alloc(reader->arena, sizeof(*row));

	*row = (struct licence_row){
	    .id = id,
	    .name = id,
	    .class = class,
	    .needs_notice = class != LICENCE_CLASS_PUBLIC_DOMAIN,
	    .gpl2_compatible =
		class <= LICENCE_CLASS_PERMISSIVE_NOTICE ? LICENCE_UNSURE : LICENCE_NO,
	    .gpl3_compatible =
		class <= LICENCE_CLASS_PERMISSIVE_NOTICE ? LICENCE_UNSURE : LICENCE_NO,
	    .source = reader->errors.file,
	};
	return row;
}

/*
 * Ids that no table knows: of SPDX they are errors; a LicenseRef of our own gets the class of its
 * entry, one of an override stays unknown without a class.
 */
static void settle_terms(struct policy_reader *reader, struct policy_licence *licence,
			 struct policy_place place, bool classed, enum licence_class class)
{
	const struct expression *expression = licence->expression;
	struct expression_step *steps =
	    arena_copy(reader->arena, expression->steps, expression->count * sizeof(*steps));
	struct expression *settled = arena_alloc(reader->arena, sizeof(*settled));

	for (size_t i = 0; i < expression->count; i++) {
		struct licence_term *term = &steps[i].term;

		if (steps[i].op != EXPRESSION_TERM)
			continue;
		if (term->exception && !term->exception_row &&
		    strncmp(term->exception, "AdditionRef-", 12) != 0)
			policy_error(&reader->errors, place, "unknown exception '%s'",
				     term->exception);
		if (term->licence)
			continue;
		if (strncmp(term->id, "LicenseRef-", 11) != 0)
			policy_error(&reader->errors, place,
				     "unknown licence '%s' (a name of your own starts with "
				     "LicenseRef-)",
				     term->id);
		else if (classed || licence->own)
			term->licence = own_row(reader, term->id, class);
	}
	*settled = (struct expression){steps, expression->count};
	licence->expression = settled;
}

static void read_expression(struct policy_reader *reader, struct policy_licence *licence,
			    struct policy_place place, const char *class_text,
			    struct policy_place class_place)
{
	static const char *const classes[] = {
	    [LICENCE_CLASS_PUBLIC_DOMAIN] = "public-domain",
	    [LICENCE_CLASS_PERMISSIVE] = "permissive",
	    [LICENCE_CLASS_PERMISSIVE_NOTICE] = "permissive-notice",
	    [LICENCE_CLASS_WEAK_FILE] = "weak-file",
	    [LICENCE_CLASS_WEAK_LIBRARY] = "weak-library",
	    [LICENCE_CLASS_STRONG] = "strong",
	    [LICENCE_CLASS_NETWORK] = "network",
	    [LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE] = "proprietary-redistributable",
	    [LICENCE_CLASS_PROPRIETARY] = "proprietary",
	    [LICENCE_CLASS_NON_COMMERCIAL] = "non-commercial",
	    NULL};
	unsigned class = LICENCE_CLASS_PROPRIETARY;

	if (class_text && !policy_read_word(reader, class_text, class_place, classes, &class))
		return;
	if (expression_parse(reader->knowledge, EXPRESSION_SPDX, licence->text, "", reader->arena,
			     &licence->expression, NULL) != STATUS_OK) {
		policy_error(&reader->errors, place, "'%s' is no SPDX expression", licence->text);
		return;
	}
	settle_terms(reader, licence, place, class_text != NULL, (enum licence_class) class);
}

void policy_read_own(struct policy_reader *reader, const struct policy_value *entry, bool own)
{
	struct policy_licence licence = {
	    .place = entry->place, .own = own, .reason = "", .like = POLICY_ANY};
	const char *like = NULL, *class = NULL;
	struct policy_field fields[] = {
	    {.key = "match", .required = own, .ret = &licence.match},
	    {.key = "name", .required = own, .ret = &licence.name},
	    {.key = "licence", .ret = &licence.text},
	    {.key = "licence_of", .ret = &like},
	    {.key = "class", .ret = &class},
	    {.key = "reason", .required = !own, .ret = &licence.reason},
	    {.key = "component", .ret = &licence.component},
	};

	licence.reason = own ? "" : NULL;
	/* Our own components get their name here; only overrides speak of others'. */
	if (!policy_read_fields(reader, entry, fields, own ? 6 : 7))
		return;
	if (!licence.name)
		licence.name = "";
	if (!licence.match && !licence.component)
		policy_error(&reader->errors, entry->place, "match or component is missing");
	if (licence.match)
		policy_check_pattern(reader, licence.match, fields[0].place);
	if (licence.component)
		policy_check_pattern(reader, licence.component, fields[6].place);
	if (!licence.text == !like) {
		policy_error(&reader->errors, entry->place,
			     "one of licence and licence_of is needed");
		return;
	}
	if (licence.text) {
		read_expression(reader, &licence, fields[2].place, class, fields[4].place);
	} else {
		licence.text = like;
		licence.like = 0; /* found once all entries are read */
		licence.place = fields[3].place;
	}
	vec_push(&reader->licences, licence);
}

struct policy_scope policy_read_scope(struct policy_reader *reader,
				      const struct policy_value *entry)
{
	struct policy_scope scope = {.place = entry->place, .reason = ""};
	const char *mode = NULL;
	struct policy_field fields[] = {
	    {.key = "match", .required = true, .ret = &scope.match},
	    {.key = "distribution", .required = true, .ret = &mode},
	    {.key = "reason", .ret = &scope.reason},
	};

	if (!policy_read_fields(reader, entry, fields, sizeof(fields) / sizeof(fields[0])))
		return scope;
	policy_check_pattern(reader, scope.match, fields[0].place);
	(void)policy_read_word(reader, mode, fields[1].place, policy_distributions, &scope.mode);
	return scope;
}

/* Which entry bears a name; SIZE_MAX: none, or more than one. */
static size_t entry_of_name(const struct policy_reader *reader, const char *name, size_t *ret_count)
{
	size_t found = SIZE_MAX;

	*ret_count = 0;
	for (size_t i = 0; i < reader->licences.len; i++) {
		if (strcmp(reader->licences.ptr[i].name, name) != 0)
			continue;
		found = i;
		(*ret_count)++;
	}
	return found;
}

static void find_others(struct policy_reader *reader)
{
	vec_each (licence, &reader->licences) {
		size_t count, other;

		if (licence->like == POLICY_ANY)
			continue;
		other = entry_of_name(reader, licence->text, &count);
		licence->like = count == 1 ? (uint32_t)other : POLICY_ANY;
		if (count != 1)
			policy_error(&reader->errors, licence->place,
				     count ? "more than one entry is called '%s'"
					   : "no entry is called '%s'",
				     licence->text);
	}
}

void policy_settle_licences(struct policy_reader *reader)
{
	find_others(reader);
	vec_each (licence, &reader->licences) {
		const struct policy_licence *at = licence;
		size_t steps = 0;

		while (at->like != POLICY_ANY && steps++ <= reader->licences.len)
			at = &reader->licences.ptr[at->like];
		if (steps > reader->licences.len) {
			policy_error(&reader->errors, licence->place,
				     "licence_of leads in a circle through '%s'", licence->text);
			continue;
		}
		if (licence->like == POLICY_ANY)
			continue;
		licence->expression = at->expression;
	}
}
