/* SPDX-License-Identifier: BSD-2-Clause */
/* What each node's licence means on its own: regimes it fits into, branches, classes. */
#include <string.h>

#include "reach/judge.h"

/* Versions of the GNU family as the suffix says; the tables hold no other ids of it. */
struct gnu_term {
	bool is_gpl, is_lgpl, is_agpl, or_later;
	char version; /* major: '1', '2', '3' */
};

static struct gnu_term parse_gnu(const char *id)
{
	struct gnu_term term = {0};
	const char *version = NULL;

	if (strncmp(id, "GPL-", 4) == 0) {
		term.is_gpl = true;
		version = id + 4;
	} else if (strncmp(id, "LGPL-", 5) == 0) {
		term.is_lgpl = true;
		version = id + 5;
	} else if (strncmp(id, "AGPL-", 5) == 0) {
		term.is_agpl = true;
		version = id + 5;
	}
	if (!version)
		return term;
	term.version = version[0];
	term.or_later = strstr(version, "-or-later") != NULL;
	return term;
}

/* An exception in favour of whoever links: its licence does not reach over a link. */
static bool frees_links(const struct licence_term *term)
{
	return term->exception_row && strncmp(term->exception_row->direction, "provider", 8) == 0 &&
	       strcmp(term->exception_row->removes_linking_reach, "y") == 0;
}

/* GPL-2.0 s.6 and 7, GPL-3.0 s.5(c), 7, 10 and 13; FSF FAQ #AllCompatibility. */
static enum fit gnu_fit(const struct gnu_term *term, enum regime regime)
{
	if (term->is_agpl)
		return regime == REGIME_AGPL3 && term->version == '3' ? FIT_YES : FIT_NO;
	/* LGPL-2.x s.3: a copy may be converted to the GPL. LGPL-3.0 is GPL-3.0 with permissions.
	 */
	if (term->is_lgpl)
		return term->version == '3' && regime == REGIME_GPL2 ? FIT_NO : FIT_YES;
	if (term->or_later)
		return term->version == '3' && regime == REGIME_GPL2 ? FIT_NO : FIT_YES;
	if (term->version == '1')
		return FIT_UNSURE;
	return (term->version == '2') == (regime == REGIME_GPL2) ? FIT_YES : FIT_NO;
}

static enum fit term_fit(const struct licence_term *term, enum regime regime)
{
	struct gnu_term gnu = parse_gnu(term->id);
	enum licence_answer answer;

	if (frees_links(term))
		return FIT_YES;
	if (gnu.version)
		return gnu_fit(&gnu, regime);
	if (!term->licence)
		return FIT_UNSURE;
	if (term->licence->class == LICENCE_CLASS_PUBLIC_DOMAIN)
		return FIT_YES;
	answer =
	    regime == REGIME_GPL2 ? term->licence->gpl2_compatible : term->licence->gpl3_compatible;
	if (answer != LICENCE_UNSURE)
		return answer == LICENCE_YES ? FIT_YES : FIT_NO;
	/* Nobody has said so of a licence that asks for nothing but notices: presumed to fit. */
	return term->licence->class <= LICENCE_CLASS_PERMISSIVE_NOTICE ? FIT_YES : FIT_UNSURE;
}

static bool is_copyleft(const struct licence_term *term)
{
	return term->licence && !frees_links(term) &&
	       (term->licence->class == LICENCE_CLASS_STRONG ||
		term->licence->class == LICENCE_CLASS_NETWORK);
}

static bool is_gnu_copyleft(const struct licence_term *term)
{
	struct gnu_term gnu = parse_gnu(term->id);

	return (gnu.is_gpl || gnu.is_agpl) && !frees_links(term);
}

static enum fit choice_fit(const struct licence_choice *choice, enum regime regime)
{
	enum fit worst = FIT_YES;

	for (size_t i = 0; i < choice->count; i++)
		if (term_fit(&choice->terms[i], regime) > worst)
			worst = term_fit(&choice->terms[i], regime);
	return worst;
}

/* Licences that do not reach a linker count as what they ask for when shipped. */
static enum licence_class choice_class(const struct licence_choice *choice)
{
	enum licence_class worst = LICENCE_CLASS_PUBLIC_DOMAIN;

	for (size_t i = 0; i < choice->count; i++) {
		enum licence_class class = choice->terms[i].licence
					       ? choice->terms[i].licence->class
					       : LICENCE_CLASS_UNKNOWN;
		if (class > worst)
			worst = class;
	}
	return worst;
}

static bool choice_has(const struct licence_choice *choice,
		       bool (*test)(const struct licence_term *term))
{
	for (size_t i = 0; i < choice->count; i++)
		if (test(&choice->terms[i]))
			return true;
	return false;
}

static bool choice_known(const struct licence_choice *choice)
{
	for (size_t i = 0; i < choice->count; i++)
		if (!choice->terms[i].licence)
			return false;
	return true;
}

static void pick_branches(struct node_traits *traits)
{
	traits->own_class = LICENCE_CLASS_UNKNOWN;
	for (unsigned regime = 0; regime < REGIME_COUNT; regime++)
		traits->fits[regime] = FIT_NO;
	for (uint32_t i = 0; i < traits->choice_count; i++) {
		const struct licence_choice *choice = &traits->choices[i];

		for (unsigned regime = 0; regime < REGIME_COUNT; regime++) {
			enum fit fit = choice_fit(choice, (enum regime)regime);
			if (fit < traits->fits[regime]) {
				traits->fits[regime] = fit;
				traits->branches[regime] = i;
			}
			traits->fits_as_gpl[regime] |=
			    fit == FIT_YES && choice_has(choice, is_gnu_copyleft);
		}
		if (i == 0 || choice_class(choice) < traits->own_class) {
			traits->own_class = choice_class(choice);
			traits->own_branch = traits->taken_branch = i;
		}
	}
}

static bool is_system(const struct reach_node *node, const struct reach_policy *policy)
{
	switch (policy->system_libs) {
	case SYSTEM_LIBS_STRICT: /* GPL-2.0 s.3: not when it accompanies the executable */
		return (node->system_profiles & (1u << SYSTEM_LIBS_GPL3)) && !node->shipped;
	case SYSTEM_LIBS_GPL3:
	case SYSTEM_LIBS_DISTRO:
		break;
	}
	return (node->system_profiles & (1u << policy->system_libs)) != 0;
}

static void fill(struct judge *judge, const struct reach_node *node, struct node_traits *traits)
{
	bool capped = false;

	traits->own_class = LICENCE_CLASS_UNKNOWN;
	traits->system = is_system(node, &judge->input->policy);
	for (unsigned regime = 0; regime < REGIME_COUNT; regime++)
		traits->fits[regime] = FIT_UNSURE;
	if (!node->licence || !node->licence->expression)
		return;
	expression_choices(node->licence->expression, judge->arena, &traits->choices,
			   &traits->choice_count, &capped);
	if (!traits->choice_count)
		return;
	traits->known = !capped;
	traits->forces = traits->other_copyleft = true;
	for (size_t i = 0; i < traits->choice_count; i++) {
		const struct licence_choice *choice = &traits->choices[i];

		traits->known &= choice_known(choice);
		traits->forces &= choice_has(choice, is_gnu_copyleft);
		traits->other_copyleft &= choice_has(choice, is_copyleft);
	}
	traits->other_copyleft &= !traits->forces;
	traits->solid = node->licence->confidence <= LICENCE_CONFIDENCE_MEDIUM;
	pick_branches(traits);
}

void traits_fill(struct judge *judge)
{
	size_t count = judge->input->node_count;

	judge->traits = arena_alloc_array(judge->arena, count + 1, sizeof(*judge->traits));
	for (size_t i = 0; i < count; i++)
		fill(judge, &judge->input->nodes[i], &judge->traits[i]);
}

enum licence_class branch_class(const struct node_traits *traits, uint32_t branch)
{
	return branch < traits->choice_count ? choice_class(&traits->choices[branch])
					     : LICENCE_CLASS_UNKNOWN;
}

bool branch_fits(const struct node_traits *traits, uint32_t branch, enum regime regime)
{
	return branch < traits->choice_count &&
	       choice_fit(&traits->choices[branch], regime) == FIT_YES;
}

bool trait_closed(const struct node_traits *traits)
{
	return traits->own_class >= LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE &&
	       traits->own_class <= LICENCE_CLASS_NON_COMMERCIAL;
}

const char *choice_text(const struct node_traits *traits, uint32_t branch, struct arena *arena)
{
	const struct licence_choice *choice;
	const char *text = "";

	if (branch >= traits->choice_count)
		return "NOASSERTION";
	choice = &traits->choices[branch];
	for (size_t i = 0; i < choice->count; i++) {
		const struct licence_term *term = &choice->terms[i];

		text = arena_printf(arena, "%s%s%s%s%s", text, i ? " AND " : "", term->id,
				    term->exception ? " WITH " : "",
				    term->exception ? term->exception : "");
	}
	return text;
}
