/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A case of one page, as far as it says what is judged. Each line is one of
 *
 *   policy KEY=VALUE...  system-libs (each: once under each profile), unused, distribution,
 *       gpl-dynamic; user-product; deny=KIND (of edges, by a policy file)
 *   node NAME "LICENCE" WORD...
 *       shipped, low, modified, unproven, ctor, own, listens, may-listen, listed, unlisted,
 *       deleted (by a later layer), textless (no notices were found); gpl3, distro (profiles);
 *       binary (source), label "LICENCE"; of COMPONENT (else one of its own name), unowned;
 *       inside (code inside of other files), fused (code of its own and of others, by LTO);
 *       mode=binary, mode=network, mode=internal (how it is distributed, other than the policy
 *       says of all); difference "TEXT" (what says that it is modified)
 *   edge FROM TO KIND SYMBOLS WORD...
 *       kind as reports write it; SYMBOLS -1: not computed; possible, one-call, string (grade),
 *       inline (code of headers alone), modified (told as link-modified)
 *   work ROOT                    with all edges; its members are what the edges reach
 *
 * Lines that begin with another word say what is expected (test_reach_cases.c).
 */
#ifndef TESTS_REACH_PAGE_H
#define TESTS_REACH_PAGE_H

#include "reach/policy.h"
#include "reach/reach.h"
#include "util/path.h"
#include "util/vec.h"

struct page {
	struct arena arena;
	struct knowledge *knowledge;
	struct diags diags;
	VEC(struct reach_node) nodes;
	VEC(struct reach_edge) edges;
	VEC(struct reach_work) works;
	VEC(const char *) expectations; /* lines from expect to verdict */
	struct reach_policy policy;
	bool each_profile;
	const struct policy *file_policy; /* NULL: none */
	const struct reach_result *result;
	const char *file;
	int failures;
};

/* The next word of a line; a quoted one may hold blanks. NULL at the end. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t"), *end;

	if (!*word)
		return NULL;
	if (*word == '"') {
		end = strchr(++word, '"');
		assert_non_null(end);
	} else {
		end = word + strcspn(word, " \t");
	}
	*at = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static uint32_t node_index(const struct page *page, const char *name)
{
	for (uint32_t i = 0; i < page->nodes.len; i++)
		if (strcmp(page->nodes.ptr[i].id, name) == 0)
			return i;
	return REACH_NONE;
}

static struct file_licence *make_licence(struct page *page, const char *text)
{
	struct file_licence *licence = arena_alloc(&page->arena, sizeof(*licence));
	bool lossy = false;

	*licence = (struct file_licence){.text = text,
					 .original = text,
					 .path = "",
					 .detail = "",
					 .source = LICENCE_SOURCE_DEP5_STANZA};
	if (*text)
		assert_int_equal(expression_parse(page->knowledge, EXPRESSION_SPDX, text, "",
						  &page->arena, &licence->expression, &lossy),
				 STATUS_OK);
	else
		licence->confidence = LICENCE_CONFIDENCE_NONE;
	return licence;
}

static void read_mode(struct reach_node *node, const char *word)
{
	node->has_mode = true;
	node->mode = strcmp(word, "binary") == 0    ? DISTRIBUTION_BINARY
		     : strcmp(word, "network") == 0 ? DISTRIBUTION_NETWORK
						    : DISTRIBUTION_INTERNAL;
}

static void read_node_words(struct page *page, struct reach_node *node,
			    struct file_licence *licence, char *line)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {{"shipped", &node->shipped},
		     {"modified", &node->modified},
		     {"unproven", &node->unproven},
		     {"ctor", &node->has_constructors},
		     {"own", &node->own},
		     {"deleted", &node->deleted},
		     {"textless", &node->text_missing},
		     {"listens", &node->listens},
		     {"may-listen", &node->may_listen},
		     {"inside", &node->is_component}};
	enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };
	char *word;

	while ((word = next_word(&line))) {
		size_t i = 0;

		while (i < FLAGS && strcmp(word, flags[i].word) != 0)
			i++;
		if (i < FLAGS)
			*flags[i].flag = true;
		else if (strcmp(word, "low") == 0)
			licence->confidence = LICENCE_CONFIDENCE_LOW;
		else if (strncmp(word, "mode=", 5) == 0)
			read_mode(node, word + 5);
		else if (strcmp(word, "fused") == 0)
			node->fused = "with LTO";
		else if (strcmp(word, "listed") == 0)
			node->listed = LISTED_YES;
		else if (strcmp(word, "unlisted") == 0)
			node->listed = LISTED_NO;
		else if (strcmp(word, "binary") == 0)
			licence->source = LICENCE_SOURCE_BINARY;
		else if (strcmp(word, "label") == 0)
			licence->label = make_licence(page, next_word(&line));
		else if (strcmp(word, "difference") == 0)
			node->difference = next_word(&line);
		else if (strcmp(word, "of") == 0)
			node->component = node->component_name = next_word(&line);
		else if (strcmp(word, "unowned") == 0)
			node->component = node->component_name = "";
		else if (strcmp(word, "gpl3") == 0)
			node->system_profiles = 1u << SYSTEM_LIBS_GPL3 | 1u << SYSTEM_LIBS_DISTRO;
		else if (strcmp(word, "distro") == 0)
			node->system_profiles = 1u << SYSTEM_LIBS_DISTRO;
		else
			fail_msg("%s: node word %s", page->file, word);
	}
}

static void read_node(struct page *page, char *line)
{
	struct reach_node node = {.id = next_word(&line)};
	struct file_licence *licence = make_licence(page, next_word(&line));

	node.component = node.component_name = node.id;
	node.licence = licence;
	read_node_words(page, &node, licence, line);
	vec_push(&page->nodes, node);
}

static enum edge_kind parse_kind(const char *text)
{
	for (unsigned i = 0; i <= EDGE_KIND_AGGREGATE; i++)
		if (strcmp(edge_kind_text((enum edge_kind)i), text) == 0)
			return (enum edge_kind)i;
	fail_msg("edge kind %s", text);
	return EDGE_KIND_AGGREGATE;
}

static void read_edge(struct page *page, char *line)
{
	const char *from = next_word(&line), *to = next_word(&line), *kind = next_word(&line);
	const char *symbols = next_word(&line);
	struct reach_edge edge = {
	    .id = arena_printf(&page->arena, "e%zu", page->edges.len),
	    .from = node_index(page, from),
	    .to = node_index(page, to),
	    .kind = parse_kind(kind),
	    .symbols_bound = symbols ? strtol(symbols, NULL, 10) : 1,
	    .evidence = "",
	};

	char *word;

	while ((word = next_word(&line))) {
		edge.possible |= strcmp(word, "possible") == 0;
		edge.inline_only |= strcmp(word, "inline") == 0;
		edge.one_call |= strcmp(word, "one-call") == 0;
		edge.modified |= strcmp(word, "modified") == 0;
		if (strcmp(word, "string") == 0)
			edge.grade = EDGE_GRADE_STRING;
	}
	assert_true(edge.from != REACH_NONE && edge.to != REACH_NONE);
	vec_push(&page->edges, edge);
}

/* A row of a policy file: any licence over edges of one kind. */
static void deny(struct page *page, enum edge_kind kind)
{
	struct policy_rule *row = arena_alloc(&page->arena, sizeof(*row));
	struct policy *policy = arena_alloc(&page->arena, sizeof(*policy));

	*row = (struct policy_rule){.licence = "*",
				    .class = POLICY_ANY,
				    .kind = (uint32_t)kind,
				    .reason = "",
				    .citation = "policy:1"};
	*policy = (struct policy){.file = "policy", .digest = "", .deny = row, .deny_count = 1};
	page->file_policy = policy;
}

static void read_policy(struct page *page, char *line)
{
	char *word;

	while ((word = next_word(&line))) {
		if (strcmp(word, "system-libs=gpl3") == 0)
			page->policy.system_libs = SYSTEM_LIBS_GPL3;
		else if (strcmp(word, "system-libs=distro") == 0)
			page->policy.system_libs = SYSTEM_LIBS_DISTRO;
		else if (strcmp(word, "system-libs=each") == 0)
			page->each_profile = true;
		else if (strcmp(word, "unused=review") == 0)
			page->policy.unused_needed = UNUSED_NEEDED_REVIEW;
		else if (strcmp(word, "unused=ignore") == 0)
			page->policy.unused_needed = UNUSED_NEEDED_IGNORE;
		else if (strcmp(word, "distribution=internal") == 0)
			page->policy.distribution = DISTRIBUTION_INTERNAL;
		else if (strcmp(word, "distribution=network") == 0)
			page->policy.distribution = DISTRIBUTION_NETWORK;
		else if (strncmp(word, "deny=", 5) == 0)
			deny(page, parse_kind(word + 5));
		else if (strcmp(word, "user-product") == 0)
			page->policy.user_product = true;
		else if (strcmp(word, "gpl-dynamic=review") == 0)
			page->policy.gpl_dynamic = GPL_DYNAMIC_REVIEW;
		else
			fail_msg("%s: policy word %s", page->file, word);
	}
}

static void read_line(struct page *page, char *line)
{
	char *copy = arena_strdup(&page->arena, line);
	char *word = next_word(&line);

	if (!word || *word == '#')
		return;
	if (strcmp(word, "policy") == 0)
		read_policy(page, line);
	else if (strcmp(word, "node") == 0)
		read_node(page, line);
	else if (strcmp(word, "edge") == 0)
		read_edge(page, line);
	else if (strcmp(word, "work") == 0)
		vec_push(&page->works,
			 ((struct reach_work){.root = node_index(page, next_word(&line))}));
	else if (strcmp(word, "expect") == 0 || strcmp(word, "never") == 0 ||
		 strcmp(word, "at-most") == 0 || strcmp(word, "says") == 0 ||
		 strcmp(word, "path") == 0 || strcmp(word, "id") == 0 ||
		 strcmp(word, "verdict") == 0)
		vec_push(&page->expectations, copy);
	else
		fail_msg("%s: line %s", page->file, copy);
}

/* Every work has all linking edges that its root reaches. */
static void close_works(struct page *page)
{
	vec_each (work, &page->works) {
		uint32_t *edges =
		    arena_alloc_array(&page->arena, page->edges.len + 1, sizeof(*edges));
		bool *reached =
		    arena_alloc_array(&page->arena, page->nodes.len + 1, sizeof(*reached));

		reached[work->root] = true;
		for (size_t round = 0; round < page->nodes.len; round++)
			for (size_t i = 0; i < page->edges.len; i++)
				if (edge_kind_class(page->edges.ptr[i].kind) == EDGE_CLASS_LINKING)
					reached[page->edges.ptr[i].to] |=
					    reached[page->edges.ptr[i].from];
		for (uint32_t i = 0; i < page->edges.len; i++)
			if (reached[page->edges.ptr[i].from])
				edges[work->edge_count++] = i;
		work->edges = edges;
	}
}

#endif
