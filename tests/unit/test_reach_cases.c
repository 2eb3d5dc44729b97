/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement on cases of one page: tests/golden/reach/<name>.case, and those of
 * test-binaries/modes. What is judged is written as reach_page.h says; what is expected, in lines
 *
 *   expect RULE SUBJECT PROVIDER|- OUTCOME [contested] ["CITATION"]
 *   never RULE [PROVIDER]        no such finding; of rules about one file: [SUBJECT]
 *   at-most OUTCOME              no finding is heavier
 *   says RULE SUBJECT "TEXT"     the message or the remedy holds the text
 *   id "ID"                      a finding has this id
 *   path RULE SUBJECT NODE...    the nodes from the program to the provider
 *   verdict ROOT OUTCOME "LICENCE"...
 *       the work's highest outcome, and all copyleft that reaches it
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reach/alternatives.h"
#include "reach_page.h"

/* Rows of the rule matrix, and the ways to distribute that a question started from. */
static const char *const folders[] = {"tests/golden/reach", "test-binaries/modes"};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

static const struct finding *find(const struct page *page, const char *rule, const char *subject,
				  const char *provider)
{
	for (size_t i = 0; i < page->result->finding_count; i++) {
		const struct finding *finding = &page->result->findings[i];
		const char *from =
		    finding->provider == REACH_NONE ? "-" : page->nodes.ptr[finding->provider].id;

		if (strcmp(finding->rule, rule) == 0 &&
		    (!subject || strcmp(page->nodes.ptr[finding->subject].id, subject) == 0) &&
		    (!provider || strcmp(from, provider) == 0))
			return finding;
	}
	return NULL;
}

static void complain(struct page *page, const char *line, const char *why)
{
	page->failures++;
	print_error("%s: %s: %s\n", page->file, line, why);
	for (size_t i = 0; i < page->result->finding_count; i++) {
		const struct finding *finding = &page->result->findings[i];
		print_error("  there is: %s, %s%s\n", finding->id,
			    outcome_text(outcome_highest(finding->outcomes)),
			    finding->contested ? ", contested" : "");
		for (size_t j = 0; j < finding->citation_count; j++)
			print_error("    %s\n", finding->citations[j].text);
	}
}

static void check_expect(struct page *page, const char *whole, char *line)
{
	const char *rule = next_word(&line), *subject = next_word(&line);
	const char *provider = next_word(&line), *outcome = next_word(&line);
	const struct finding *finding = find(page, rule, subject, provider);
	bool contested = false;
	enum outcome wanted;
	char *word;

	assert_true(outcome_parse(outcome, &wanted));
	if (!finding) {
		complain(page, whole, "no such finding");
		return;
	}
	if (outcome_highest(finding->outcomes) != wanted)
		complain(page, whole, "another outcome");
	while ((word = next_word(&line))) {
		bool cited = false;

		if (strcmp(word, "contested") == 0) {
			contested = true;
			continue;
		}
		for (size_t i = 0; i < finding->citation_count; i++)
			cited |= strcmp(finding->citations[i].text, word) == 0;
		if (!cited)
			complain(page, whole, "another citation");
	}
	if (contested != finding->contested)
		complain(page, whole, "contested or not");
	if (!finding->citation_count || !*finding->message)
		complain(page, whole, "no citation or no message");
}

static void check_says(struct page *page, const char *whole, char *line)
{
	const char *rule = next_word(&line), *subject = next_word(&line);
	const char *text = next_word(&line);
	bool said = false;

	for (size_t i = 0; i < page->result->finding_count; i++) {
		const struct finding *finding = &page->result->findings[i];

		if (strcmp(finding->rule, rule) == 0 &&
		    strcmp(page->nodes.ptr[finding->subject].id, subject) == 0)
			said |= strstr(finding->message, text) || strstr(finding->remedy, text);
	}
	if (!said) {
		complain(page, whole, "it is not said");
		for (size_t i = 0; i < page->result->finding_count; i++)
			print_error("  %s | %s\n", page->result->findings[i].message,
				    page->result->findings[i].remedy);
	}
}

static void check_path(struct page *page, const char *whole, char *line)
{
	const char *rule = next_word(&line), *subject = next_word(&line), *last = NULL, *word;
	const struct finding *finding = NULL;
	const char *nodes[16];
	size_t count = 0;

	while ((word = next_word(&line)) && count < 16)
		nodes[count++] = last = word;
	finding = find(page, rule, subject, last);
	if (!finding || finding->path_count + 1 != count) {
		complain(page, whole, "no finding with such a path");
		return;
	}
	for (size_t i = 0; i + 1 < count; i++) {
		const struct reach_edge *edge = &page->edges.ptr[finding->path[i]];

		if (strcmp(page->nodes.ptr[edge->from].id, nodes[i]) != 0 ||
		    strcmp(page->nodes.ptr[edge->to].id, nodes[i + 1]) != 0)
			complain(page, whole, "another path");
	}
}

static void check_verdict(struct page *page, const char *whole, char *line)
{
	uint32_t root = node_index(page, next_word(&line));
	enum outcome wanted;
	size_t work = 0, count = 0;
	char *word;

	assert_true(outcome_parse(next_word(&line), &wanted));
	while (work < page->works.len && page->works.ptr[work].root != root)
		work++;
	assert_true(work < page->works.len);
	if (outcome_highest(page->result->verdicts[work].outcomes) != wanted)
		complain(page, whole, "another outcome");
	for (; (word = next_word(&line)); count++)
		if (count >= page->result->verdicts[work].licence_count ||
		    strcmp(page->result->verdicts[work].licences[count], word) != 0)
			complain(page, whole, "another licence");
	if (count != page->result->verdicts[work].licence_count)
		complain(page, whole, "another number of licences");
}

static void check_never(struct page *page, const char *whole, char *line)
{
	const char *rule = next_word(&line), *name = next_word(&line);

	assert_true(!name || node_index(page, name) != REACH_NONE);
	for (size_t i = 0; i < page->result->finding_count; i++) {
		const struct finding *finding = &page->result->findings[i];
		uint32_t about =
		    finding->provider == REACH_NONE ? finding->subject : finding->provider;

		if (strcmp(finding->rule, rule) == 0 &&
		    (!name || strcmp(page->nodes.ptr[about].id, name) == 0))
			complain(page, whole, "it is there");
	}
}

static void check(struct page *page, const char *expectation)
{
	char *line = arena_strdup(&page->arena, expectation);
	char *word = next_word(&line);

	if (strcmp(word, "expect") == 0) {
		check_expect(page, expectation, line);
	} else if (strcmp(word, "says") == 0) {
		check_says(page, expectation, line);
	} else if (strcmp(word, "id") == 0) {
		const char *id = next_word(&line);
		bool there = false;

		for (size_t i = 0; i < page->result->finding_count; i++)
			there |= strcmp(page->result->findings[i].id, id) == 0;
		if (!there)
			complain(page, expectation, "no such id");
	} else if (strcmp(word, "path") == 0) {
		check_path(page, expectation, line);
	} else if (strcmp(word, "verdict") == 0) {
		check_verdict(page, expectation, line);
	} else if (strcmp(word, "never") == 0) {
		check_never(page, expectation, line);
	} else {
		enum outcome most;
		assert_true(outcome_parse(next_word(&line), &most));
		if (page->result->finding_count &&
		    outcome_highest(page->result->findings[0].outcomes) > most)
			complain(page, expectation, "there is a heavier one");
	}
}

/* Whatever a case is about: each finding says why, cites something and keeps to careful words. */
static void check_words(struct page *page)
{
	static const char *const words[] = {"illegal",	 "infect",	 "contaminat", "viral",
					    "must open", "must be open", "taint",      "legally"};

	for (size_t i = 0; i < page->result->finding_count; i++) {
		const struct finding *finding = &page->result->findings[i];

		if (!finding->citation_count || !*finding->citations[0].text)
			complain(page, finding->id, "a finding without a citation");
		if (!*finding->message || !*finding->title)
			complain(page, finding->id, "a finding without a sentence");
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			if (strcasestr(finding->message, words[j]) ||
			    strcasestr(finding->remedy, words[j]) ||
			    strcasestr(finding->title, words[j]))
				complain(page, finding->id, words[j]);
		/* What is contested is never told as settled. */
		if (finding->contested && finding->outcomes & 1u << OUTCOME_CONFLICT &&
		    !strstr(finding->message, "reading") &&
		    !strstr(finding->message, "read differently"))
			complain(page, finding->id, "contested, and no word of other readings");
	}
}

static void judge_page(struct page *page)
{
	struct reach_input input = {
	    .nodes = page->nodes.ptr,
	    .node_count = page->nodes.len,
	    .edges = page->edges.ptr,
	    .edge_count = page->edges.len,
	    .works = page->works.ptr,
	    .work_count = page->works.len,
	    .policy = page->policy,
	    .file_policy = page->file_policy,
	    .alternatives = alternatives_open(NULL, &page->arena, &page->diags),
	};

	page->result = reach_judge(&input, &page->arena);
	check_words(page);
	vec_each (expectation, &page->expectations)
		check(page, *expectation);
}

static int run_case(const char *path)
{
	struct page page = {.file = path};
	char text[512];
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	arena_init(&page.arena);
	diags_init(&page.diags);
	assert_int_equal(knowledge_open(NULL, &page.diags, &page.knowledge), STATUS_OK);
	while (fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = '\0';
		read_line(&page, arena_strdup(&page.arena, text));
	}
	fclose(file);
	close_works(&page);
	assert_true(page.expectations.len > 0);
	judge_page(&page);
	while (page.each_profile && page.policy.system_libs < SYSTEM_LIBS_DISTRO) {
		page.policy.system_libs++;
		judge_page(&page);
	}
	vec_release(&page.nodes);
	vec_release(&page.edges);
	vec_release(&page.works);
	vec_release(&page.expectations);
	knowledge_free(page.knowledge);
	diags_release(&page.diags);
	arena_release(&page.arena);
	return page.failures;
}

static int only_cases(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".case") == 0;
}

static void one_case(void **state)
{
	assert_int_equal(run_case(*state), 0);
}

/* Adds the cases of one folder behind those that are there. */
static size_t add_folder(const char *folder, struct CMUnitTest **tests, size_t count,
			 struct arena *arena)
{
	struct dirent **entries;
	int found = scandir(folder, &entries, only_cases, alphasort);

	if (found <= 0)
		exit(1);
	*tests = reallocarray(*tests, count + (size_t)found, sizeof(**tests));
	if (!*tests)
		exit(1);
	for (int i = 0; i < found; i++) {
		char *path = path_join(arena, folder, entries[i]->d_name);

		(*tests)[count++] =
		    (struct CMUnitTest){path_name(path), one_case, NULL, NULL, path};
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(void)
{
	struct CMUnitTest *tests = NULL;
	struct arena arena;
	size_t count = 0;
	int failed;

	arena_init(&arena);
	for (size_t i = 0; i < FOLDERS; i++)
		count = add_folder(folders[i], &tests, count, &arena);
	failed = _cmocka_run_group_tests("reach cases", tests, count, NULL, NULL);
	free(tests);
	arena_release(&arena);
	return failed;
}
