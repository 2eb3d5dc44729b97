/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach/terms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/path.h"

void terms_init(struct terms *terms, struct arena *arena)
{
	*terms = (struct terms){.arena = arena};
}

void terms_release(struct terms *terms)
{
	vec_release(&terms->list);
	vec_release(&terms->entries);
	map_release(&terms->term_by_text);
	map_release(&terms->entry_by_text);
}

/* ---- texts ---- */

void term_list_add(struct term_list *list, const char *text)
{
	if (list->count < BUDGET_LICENCE_TERMS)
		list->texts[list->count] = text;
	list->count++;
}

const char *term_list_text(const struct term_list *list, const char *separator, struct arena *arena)
{
	size_t shown = list->count < BUDGET_LICENCE_TERMS ? list->count : BUDGET_LICENCE_TERMS;
	size_t size = 1, length = 0, between = strlen(separator);
	char *text;

	if (list->count == 1)
		return list->texts[0];
	for (size_t i = 0; i < shown; i++)
		size += strlen(list->texts[i]) + between;
	text = arena_alloc(arena, size);
	for (size_t i = 0; i < shown; i++) {
		if (i)
			memcpy(text + length, separator, between);
		length += i ? between : 0;
		memcpy(text + length, list->texts[i], strlen(list->texts[i]));
		length += strlen(list->texts[i]);
	}
	if (shown == list->count)
		return text;
	return arena_printf(arena, "%s%s%zu more", text, separator, list->count - shown);
}

/* ---- terms ---- */

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_gpl(const struct pair_row *pairs)
{
	return pairs->kind == PAIR_KIND_GPL;
}

/* Files that make a package are in no binary: their exceptions need no condition. */
static bool is_build_file(const struct exception_row *row)
{
	return strcmp(row->direction, "build-file") == 0 ||
	       (strcmp(row->direction, "output") == 0 &&
		(starts(row->id, "Autoconf-") || starts(row->id, "Texinfo-")));
}

static enum exception_effect effect_of(const struct licence_term *term,
				       const struct pair_row *pairs)
{
	const struct exception_row *row = term->exception_row;
	const char *removes;

	if (!term->exception)
		return EXCEPTION_NONE;
	if (!row)
		return EXCEPTION_PARTIAL;
	removes = row->removes_linking_reach;
	if (is_build_file(row))
		return is_gpl(pairs) ? EXCEPTION_OUTPUT : EXCEPTION_NONE;
	if (strcmp(row->direction, "output") == 0)
		return removes[0] == 'y' ? EXCEPTION_OUTPUT : EXCEPTION_PARTIAL;
	if (strcmp(removes, "partial") == 0)
		return EXCEPTION_PARTIAL;
	if (starts(removes, "y(named lib"))
		return EXCEPTION_PARTIAL;
	if (starts(removes, "y("))
		return strcmp(row->direction, "plugin") == 0 ? EXCEPTION_PARTIAL : EXCEPTION_NAMED;
	if (strcmp(removes, "y") != 0)
		return EXCEPTION_NONE;
	if (strstr(row->direction, "consumer"))
		return starts(term->id, "Apache-") ? EXCEPTION_COMPATIBLE : EXCEPTION_PARTIAL;
	return strcmp(row->direction, "notice") == 0 ? EXCEPTION_NONE : EXCEPTION_FREES;
}

static enum fit fit_of(enum pair_answer answer)
{
	return answer == PAIR_NO ? FIT_NO : answer == PAIR_REVIEW ? FIT_UNSURE : FIT_YES;
}

static struct term describe_term(const struct licence_term *from, const char *text)
{
	struct term term = {.text = text,
			    .id = from->id,
			    .licence = from->licence,
			    .exception_row = from->exception_row,
			    .class = pair_class_of(from),
			    .pairs = pair_row_of(from),
			    .columns = pair_columns_of(from)};
	bool freed;

	term.effect = effect_of(from, &term.pairs);
	freed = term.effect == EXCEPTION_OUTPUT || term.effect == EXCEPTION_COMPATIBLE ||
		(term.effect == EXCEPTION_FREES &&
		 (is_gpl(&term.pairs) || term.pairs.kind == PAIR_KIND_LGPL));
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		term.fits[i] =
		    freed ? FIT_YES : (uint8_t)fit_of((enum pair_answer)term.pairs.answers[i]);
	term.strong = is_gpl(&term.pairs) && !freed;
	term.other_strong = term.pairs.kind == PAIR_KIND_OTHER_STRONG &&
			    term.effect != EXCEPTION_FREES && term.effect != EXCEPTION_OUTPUT;
	term.closed = licence_class_is_closed(term.class);
	term.unknown = term.pairs.kind == PAIR_KIND_UNKNOWN;
	return term;
}

static uint32_t add_term(struct terms *terms, const struct licence_term *from)
{
	const char *text = from->exception
			       ? arena_printf(terms->arena, "%s WITH %s", from->id, from->exception)
			       : from->id;
	struct map_entry *entry;
	bool added;

	entry = map_put(&terms->term_by_text, slice_text(text), (uint32_t)terms->list.len, &added);
	if (added)
		vec_push(&terms->list, describe_term(from, text));
	return entry->value;
}

/* ---- branches ---- */

static uint8_t duty_of(const struct term *term)
{
	if (term->effect == EXCEPTION_OUTPUT)
		return DUTY_NOTICE;
	switch (term->class) {
	case LICENCE_CLASS_PUBLIC_DOMAIN:
	case LICENCE_CLASS_PERMISSIVE:
		return DUTY_NONE;
	case LICENCE_CLASS_PERMISSIVE_NOTICE:
		return DUTY_NOTICE;
	case LICENCE_CLASS_WEAK_FILE:
		return DUTY_FILE;
	case LICENCE_CLASS_WEAK_LIBRARY:
		return DUTY_LIBRARY;
	case LICENCE_CLASS_STRONG:
	case LICENCE_CLASS_NETWORK:
		return DUTY_STRONG;
	case LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE:
		return DUTY_CONDITIONS;
	case LICENCE_CLASS_PROPRIETARY:
	case LICENCE_CLASS_NON_COMMERCIAL:
	case LICENCE_CLASS_UNKNOWN:
		break;
	}
	return DUTY_REVIEW;
}

/*
 * A file cannot contradict itself: when its own terms leave no target, the statement is taken to
 * cover more than this file, and the targets of its strong terms stay open.
 */
static void settle_contradiction(const struct terms *terms, struct branch *branch)
{
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		if (branch->fits[i] != FIT_NO)
			return;
	if (!branch->strong || branch->closed)
		return;
	branch->contradictory = true;
	for (size_t j = 0; j < branch->count; j++)
		for (unsigned i = 0; i < TARGET_COUNT; i++)
			if (terms->list.ptr[branch->terms[j]].strong &&
			    terms->list.ptr[branch->terms[j]].fits[i] != FIT_NO)
				branch->fits[i] = FIT_UNSURE;
}

static struct branch make_branch(struct terms *terms, const struct licence_choice *choice)
{
	uint32_t *list = arena_alloc_array(terms->arena, choice->count + 1, sizeof(*list));
	struct branch branch = {.terms = list, .count = choice->count};
	struct term_list texts = {.count = 0};

	for (unsigned i = 0; i < TARGET_COUNT; i++)
		branch.fits[i] = FIT_YES;
	for (size_t j = 0; j < choice->count; j++) {
		const struct term *term;

		list[j] = add_term(terms, &choice->terms[j]);
		term = &terms->list.ptr[list[j]];
		for (unsigned i = 0; i < TARGET_COUNT; i++)
			if (term->fits[i] < branch.fits[i])
				branch.fits[i] = term->fits[i];
		if (duty_of(term) > branch.duty)
			branch.duty = duty_of(term);
		branch.strong |= term->strong;
		branch.other_strong |= term->other_strong;
		branch.closed |= term->closed;
		branch.unknown |= term->unknown;
		branch.library |= term->class == LICENCE_CLASS_WEAK_LIBRARY;
		branch.gnu |=
		    term->pairs.kind == PAIR_KIND_GPL || term->pairs.kind == PAIR_KIND_LGPL;
		branch.partial |= term->strong && term->effect == EXCEPTION_PARTIAL;
		term_list_add(&texts, term->text);
	}
	branch.text = term_list_text(&texts, " AND ", terms->arena);
	settle_contradiction(terms, &branch);
	return branch;
}

/* ---- entries ---- */

static bool is_free(const struct branch *branch)
{
	return !branch->strong && !branch->other_strong && !branch->closed && !branch->unknown;
}

/*
 * Terms that must be bought or are not known come last; then, of what has to be relinked and what
 * is copyleft, the one that weighs more in such a work; then the heavier duty. A program has less
 * to answer for under the GPL itself.
 */
static unsigned burden(const struct branch *branch, unsigned target, struct stance stance)
{
	bool relink = stance.holds && !branch->gnu, strong = branch->strong, whole;

	whole = target == TARGET_COUNT;
	if (!whole && stance.program)
		strong = !branch->strong;
	else if (!whole && stance.inside)
		strong = branch->library;
	return (unsigned)branch->closed << 9 | (unsigned)branch->unknown << 8 |
	       (unsigned)branch->other_strong << 7 | (unsigned)(whole ? strong : relink) << 6 |
	       (unsigned)(whole ? relink : strong) << 5 | branch->duty;
}

const struct branch *entry_choose(const struct entry *entry, unsigned target, struct stance stance)
{
	const struct branch *best = entry->branches;

	if (!entry->count)
		return NULL;
	for (size_t i = 1; i < entry->count; i++) {
		const struct branch *branch = &entry->branches[i];

		if (target != TARGET_COUNT && branch->fits[target] != best->fits[target]) {
			if (branch->fits[target] > best->fits[target])
				best = branch;
		} else if (burden(branch, target, stance) < burden(best, target, stance)) {
			best = branch;
		}
	}
	return best;
}

static void describe_choice(struct entry *entry)
{
	bool any_strong = false, any_other = false, any_free = false;

	for (size_t i = 0; i < entry->count; i++) {
		const struct branch *branch = &entry->branches[i];

		any_strong |= branch->strong && !branch->closed;
		any_other |= branch->other_strong && !branch->closed;
		any_free |= is_free(branch);
		entry->partial |= branch->partial;
		entry->library |= branch->library;
		for (unsigned t = 0; t < TARGET_COUNT; t++)
			if (branch->fits[t] > entry->fits[t])
				entry->fits[t] = branch->fits[t];
	}
	entry->strong = !any_free && any_strong;
	entry->other_strong = !any_free && any_other && !any_strong;
	if (entry->count)
		entry->lightest = (uint32_t)(entry_choose(entry, TARGET_COUNT, (struct stance){0}) -
					     entry->branches);
}

static struct entry make_entry(struct terms *terms, const struct file_licence *licence)
{
	struct entry entry = {.from = licence, .label = TERMS_NONE};
	const struct licence_choice *choices;
	struct branch *branches;
	bool capped = false;

	if (licence->expression)
		expression_choices(licence->expression, terms->arena, &choices, &entry.count,
				   &capped);
	branches = arena_alloc_array(terms->arena, entry.count + 1, sizeof(*branches));
	for (size_t i = 0; i < entry.count; i++)
		branches[i] = make_branch(terms, &choices[i]);
	entry.branches = branches;
	entry.low = capped || licence->confidence >= LICENCE_CONFIDENCE_LOW;
	describe_choice(&entry);
	/* What contradicts itself speaks of more than this file. */
	if (entry.count && branches[entry.lightest].contradictory)
		entry.low = true;
	return entry;
}

/* Statements are equal when they say the same, as surely, from the same kind of source. */
static const char *entry_key(struct terms *terms, const struct file_licence *licence)
{
	const struct file_licence *label = licence->label;

	return arena_printf(terms->arena, "%d %d %d %s\n%d %s", licence->expression != NULL,
			    (int)licence->confidence, (int)licence->source, licence->text,
			    label ? (int)label->source : -1, label ? label->text : "");
}

uint32_t terms_entry(struct terms *terms, const struct file_licence *licence)
{
	const struct map_entry *known;
	struct entry entry;
	bool added;

	known = map_put(&terms->entry_by_text, slice_text(entry_key(terms, licence)),
			(uint32_t)terms->entries.len, &added);
	if (!added)
		return known->value;
	entry = make_entry(terms, licence);
	if (licence->label) {
		struct entry label = make_entry(terms, licence->label);

		entry.label = (uint32_t)terms->entries.len + 1;
		vec_push(&terms->entries, entry);
		vec_push(&terms->entries, label);
		return (uint32_t)terms->entries.len - 2;
	}
	vec_push(&terms->entries, entry);
	return (uint32_t)terms->entries.len - 1;
}

/* ---- exceptions that name a provider ---- */

static bool is_openssl(const struct reach_node *node)
{
	static const char *const names[] = {"openssl", "libssl", "libcrypto"};
	const char *file = path_name(node->id);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(node->component_name, names[i], strlen(names[i])) == 0 ||
		    strncasecmp(file, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool has_term(const struct terms *terms, const struct entry *entry, const char *prefix)
{
	for (size_t i = 0; i < entry->count; i++)
		for (size_t j = 0; j < entry->branches[i].count; j++)
			if (starts(terms->list.ptr[entry->branches[i].terms[j]].id, prefix))
				return true;
	return false;
}

/*
 * One name of the list in y(...). Exceptions for OpenSSL were written for its old licence; whether
 * they cover OpenSSL 3 depends on their words, which is a question for a reader.
 */
static enum fit match_name(const struct terms *terms, const char *name, size_t length,
			   const struct reach_node *provider, const struct entry *licence)
{
	if (length == 7 && strncasecmp(name, "OpenSSL", 7) == 0) {
		if (!is_openssl(provider) && !has_term(terms, licence, "OpenSSL"))
			return FIT_NO;
		return has_term(terms, licence, "OpenSSL") || has_term(terms, licence, "SSLeay")
			   ? FIT_YES
			   : FIT_UNSURE;
	}
	if (length >= 3 && strncasecmp(provider->component_name, name, length) == 0)
		return FIT_YES;
	return FIT_NO;
}

enum fit terms_exempts(const struct terms *terms, const struct term *term,
		       const struct reach_node *provider, const struct entry *licence)
{
	enum fit best = FIT_NO;
	const char *at;

	if (term->effect != EXCEPTION_NAMED)
		return FIT_NO;
	at = term->exception_row->removes_linking_reach + 2;
	while (*at && *at != ')') {
		size_t length = strcspn(at, ",)");
		enum fit fit = match_name(terms, at, length, provider, licence);

		if (fit > best)
			best = fit;
		at += length + (at[length] == ',');
	}
	return best;
}

enum fit terms_named_exception(const struct terms *terms, const struct entry *holder,
			       const struct reach_node *provider, const struct entry *licence)
{
	enum fit best = FIT_NO;

	for (size_t i = 0; i < holder->count; i++) {
		const struct branch *branch = &holder->branches[i];
		enum fit all = FIT_YES;

		for (size_t j = 0; branch->strong && j < branch->count; j++) {
			const struct term *term = &terms->list.ptr[branch->terms[j]];
			enum fit fit = terms_exempts(terms, term, provider, licence);

			if (term->strong && fit < all)
				all = fit;
		}
		if (branch->strong && all > best)
			best = all;
	}
	return best;
}

const char *terms_strong_text(const struct terms *terms, const struct branch *branch,
			      struct arena *arena)
{
	struct term_list texts = {.count = 0};

	for (size_t i = 0; i < branch->count; i++) {
		const struct term *term = &terms->list.ptr[branch->terms[i]];

		if (term->strong || term->other_strong)
			term_list_add(&texts, term->text);
	}
	return term_list_text(&texts, " AND ", arena);
}

const char *target_text(enum target target)
{
	static const char *const texts[] = {"GPL-2.0", "GPL-3.0", "AGPL-3.0"};

	return texts[target];
}
