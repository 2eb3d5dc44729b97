/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/grants.h"

#include <string.h>

#include "licence/grants_internal.h"
#include "util/budget.h"
#include "util/vec.h"

#define BODY_LENGTH 450	     /* words of conditions and disclaimers behind a grant */
#define GNU_TEXT_LENGTH 9000 /* the longest licence of the family, generously */
#define TITLE_LENGTH 60	     /* words before the text of a licence that name it */
#define SAMPLE_LENGTH 600    /* "How to Apply These Terms": grants that grant nothing */

/* Whole licences that files hold a copy of: where they begin, and where they have ended. */
static const struct {
	const char *begin, *end;
	size_t tail; /* words behind the end that still belong to it: samples of use */
} licence_texts[] = {
    {"everyone is permitted to copy and distribute verbatim", "end of terms and conditions",
     SAMPLE_LENGTH},
    {"contributor means each entity that creates or contributes", "exhibit a mozilla", 250},
    {"contributor means each individual or legal entity that creates", "exhibit a source", 250},
};
#define LICENCE_TEXTS (sizeof(licence_texts) / sizeof(licence_texts[0]))

struct range {
	size_t from, to;
};

struct finder {
	const struct words *words;
	struct arena *arena;
	VEC(struct grant) list;
	VEC(size_t) mentions;		     /* words */
	VEC(struct range) skipped;	     /* copies of whole licences */
	size_t no_end_before[LICENCE_TEXTS]; /* no text of that kind ends before this word */
};

/* Such a text speaks of other licences in passing. */
static size_t skip_licence_text(struct finder *finder, size_t at, size_t which)
{
	const struct words *words = finder->words;
	size_t limit = at + GNU_TEXT_LENGTH < words->count ? at + GNU_TEXT_LENGTH : words->count;
	size_t from = at > finder->no_end_before[which] ? at : finder->no_end_before[which];
	size_t end = words_find(words, from, limit, licence_texts[which].end);

	if (end >= limit) {
		finder->no_end_before[which] = limit;
		return at + 1;
	}
	/* Its title is no mention. */
	while (finder->mentions.len &&
	       finder->mentions.ptr[finder->mentions.len - 1] + TITLE_LENGTH > at)
		finder->mentions.len--;
	/* A GNU licence ends there unless it shows how to apply it. */
	if (which == 0 && words_find(words, end, end + 30, "how to apply these terms") == end + 30)
		return end;
	end += licence_texts[which].tail;
	return end < words->count ? end : words->count;
}

/* The text of licence_texts that begins at a place, or LICENCE_TEXTS. */
static size_t licence_text_at(const struct words *words, size_t at)
{
	size_t which = 0;

	while (which < LICENCE_TEXTS && !words_are(words, at, licence_texts[which].begin))
		which++;
	return which;
}

/* Nothing but such words, and an "or", between two grants: a choice is offered. */
static bool is_choice(const struct words *words, const struct grant *before,
		      const struct grant *next)
{
	bool offered = false;

	if (before->last > next->first)
		return false;
	for (size_t i = before->last; i < next->first; i++) {
		const char *word = word_at(words, i);

		offered |= word_is_among(word, "or and/or alternatively");
		if (!word_is_among(word,
				   "or and/or alternatively the gnu a an either under terms of "
				   "license licence at your option its version gpl lgpl mpl"))
			return false;
	}
	return offered;
}

/* "ALTERNATIVELY ... this product may be distributed under the GPL", after a text. */
static bool is_alternative(const struct words *words, const struct grant *grant)
{
	for (size_t i = grant->first; i-- > 0 && grant->first - i <= 30;) {
		if (word_is_among(word_at(words, i), "alternatively"))
			return true;
		if (words->list[i].ends)
			return false;
	}
	return false;
}

/* Exceptions that come with the sentence itself, or with the paragraphs below it. */
static void add_exception(const struct words *words, struct grant *grant, size_t next,
			  struct arena *arena)
{
	static const struct {
		const char *phrase, *spdx;
		size_t within;
	} exceptions[] = {
	    {"gcc runtime library exception", "GCC-exception-3.1", 20},
	    {"classpath exception", "Classpath-exception-2.0", 20},
	    {"linking this library statically or dynamically with other modules is making a "
	     "combined",
	     "Classpath-exception-2.0", 200},
	};
	size_t to = grant->last + 220 < next ? grant->last + 220 : next, special;

	if (!strstr(grant->spdx, "GPL"))
		return;
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
		size_t found = words_find(words, grant->last, to, exceptions[i].phrase);

		if (found == to || found - grant->last > exceptions[i].within)
			continue;
		grant->spdx = arena_printf(arena, "%s WITH %s", grant->spdx, exceptions[i].spdx);
		return;
	}
	special = words_find(words, grant->last, to, "special exception");
	grant->special = special < to;
	/* The template of the FSF's FAQ names the library it is for (#GPLIncompatibleLibs). */
	if (grant->special && words_find(words, special, special + 40, "openssl") < special + 40) {
		grant->spdx = arena_printf(arena, "%s WITH AdditionRef-Debian-OpenSSL-exception",
					   grant->spdx);
		grant->special = false;
	}
}

/* Where the text that belongs to a grant ends: behind the last word of its kind. */
static size_t body_end(const struct words *words, const struct grant *grant, size_t next)
{
	size_t to = grant->last + BODY_LENGTH < next ? grant->last + BODY_LENGTH : next;
	size_t end = 0;

	for (size_t i = grant->last; i < to; i++)
		if (word_is_among(word_at(words, i),
				  "warranty warranties merchantability damages damage liability "
				  "disclaimer noninfringement details 02110-1301 conditions notice "
				  "permission dealings copies usa"))
			end = i + 1;
	if (!end)
		return grant->last;
	/* To the end of that sentence. */
	while (end < to && !words->list[end - 1].ends)
		end++;
	return end;
}

static void finish(struct finder *finder)
{
	for (size_t i = 0; i < finder->list.len; i++) {
		struct grant *grant = &finder->list.ptr[i];
		size_t next =
		    i + 1 < finder->list.len ? finder->list.ptr[i + 1].first : finder->words->count;

		add_exception(finder->words, grant, next, finder->arena);
		grant->body_end = body_end(finder->words, grant, next);
		grant->alternative = i > 0 && (is_choice(finder->words, grant - 1, grant) ||
					       is_alternative(finder->words, grant));
	}
}

/* Words by which a licence speaks, whatever it says: where no grant was found, one was missed. */
static bool permits(const struct words *words, size_t at)
{
	static const char *const phrases[] = {"hereby grant",	       "hereby granted",
					      "permission is granted", "permission is given",
					      "permission to use",     "permission to copy",
					      "may be copied",	       "may be used",
					      "may be freely",	       "freely distributed",
					      "freely distributable",  "freely available",
					      "you may use",	       "you may copy",
					      "noncommercial",	       "non-commercial",
					      "commercial use",	       "license agreement",
					      "is licensed",	       "are licensed",
					      "under the terms",       "same terms",
					      "following terms",       "following license",
					      "license terms",	       "all rights are reserved"};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (words_are(words, at, phrases[i]))
			return true;
	return false;
}

#define LEAD_LENGTH 40 /* words before a grant that lead to it */

static size_t count_unread(const struct finder *finder)
{
	size_t grant = 0, skipped = 0, count = 0;

	for (size_t at = 0; at < finder->words->count; at++) {
		while (grant < finder->list.len && finder->list.ptr[grant].body_end + 10 < at)
			grant++;
		while (skipped < finder->skipped.len && finder->skipped.ptr[skipped].to <= at)
			skipped++;
		if (grant < finder->list.len && finder->list.ptr[grant].first <= at + LEAD_LENGTH)
			continue;
		if (skipped < finder->skipped.len && finder->skipped.ptr[skipped].from <= at)
			continue;
		count += permits(finder->words, at);
	}
	return count;
}

struct grants grants_of(const struct words *words, struct arena *arena)
{
	struct finder finder = {.words = words, .arena = arena};
	struct grants grants = {NULL, 0, 0, 0, false};
	struct grant grant;

	for (size_t at = 0; at < words->count && finder.list.len < BUDGET_PROSE_GRANTS;) {
		size_t which = licence_text_at(words, at);

		if (which < LICENCE_TEXTS) {
			size_t end = skip_licence_text(&finder, at, which);

			if (end > at + 1)
				vec_push(&finder.skipped, ((struct range){at, end}));
			at = end;
			continue;
		}
		if (text_grant_at(words, at, &grant)) {
			vec_push(&finder.list, grant);
			at = grant.last;
			continue;
		}
		switch (gnu_grant_at(words, at, arena, &grant)) {
		case GNU_GRANT:
			vec_push(&finder.list, grant);
			break;
		case GNU_MENTION:
			/* "either the LGPL ..., or the GPL ...": the verb stands before both. */
			if (grant.spdx && finder.list.len &&
			    is_choice(words, &finder.list.ptr[finder.list.len - 1], &grant))
				vec_push(&finder.list, grant);
			else
				vec_push(&finder.mentions, at);
			break;
		case GNU_NOTHING:
		case GNU_REFERENCE:
			at++;
			continue;
		}
		at = grant.last > at ? grant.last : at + 1;
	}
	finish(&finder);
	grants.count = finder.list.len;
	grants.list = arena_copy(arena, finder.list.ptr, grants.count * sizeof(grant));
	grants.mentions = finder.mentions.len;
	grants.unread = count_unread(&finder);
	grants.limit = grants.count >= BUDGET_PROSE_GRANTS;
	vec_release(&finder.list);
	vec_release(&finder.mentions);
	vec_release(&finder.skipped);
	return grants;
}
