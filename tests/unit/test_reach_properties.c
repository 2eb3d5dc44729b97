/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold for every graph, on seeded random ones: adding a link edge never lowers an
 * outcome, taking an unused edge away never raises one, IPC and aggregation carry nothing, the
 * order of the input changes no byte, an OR is exactly as good as its best branch, a conflict does
 * not go away with a member more, and what is known loosely is never called a conflict.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reach/policy.h"
#include "reach_graphs.h"

/* Sanitizers slow it down; the plain build tries them all. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
#define GRAPHS_DEFAULT 5000
#else
#define GRAPHS_DEFAULT 20000
#endif

/* Of each property; make accuracy tries 100,000. */
static unsigned graphs = GRAPHS_DEFAULT;

static void expect_no_lower(const struct graph_case *before, const struct graph_case *after,
			    unsigned number)
{
	struct weights low = weigh(before), high = weigh(after);
	bool holds = high.all >= low.all;

	for (unsigned i = 0; i < before->work_count; i++)
		holds &= high.works[i] >= low.works[i];
	if (holds)
		return;
	show(before, "with less");
	show(after, "with more");
	fail_msg("graph %u: less weighs more", number);
}

/* ---- the properties ---- */

static void adding_a_link_never_lowers(void **state)
{
	(void)state;
	seed = 1;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case after = random_case(LICENCE_COUNT), before;
		struct graph_link *last = &after.edges[after.edge_count - 1];

		if (edge_kind_class(last->kind) != EDGE_CLASS_LINKING)
			last->kind = EDGE_KIND_LINK_DYNAMIC;
		before = after;
		before.edges[before.edge_count - 1].dropped = true;
		expect_no_lower(&before, &after, i);
	}
}

static void dropping_an_unused_edge_never_raises(void **state)
{
	(void)state;
	seed = 2;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case before = random_case(LICENCE_COUNT), after;

		before.edges[0].kind = EDGE_KIND_LINK_DYNAMIC;
		before.edges[0].symbols = 0;
		before.policy.unused_needed = (enum reach_unused_needed)pick(3);
		after = before;
		after.edges[0].dropped = true;
		expect_no_lower(&after, &before, i);
	}
}

static void a_conflict_stays_with_a_member_more(void **state)
{
	(void)state;
	seed = 3;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case before = random_case(LICENCE_COUNT), after = before;
		struct graph_node more = {.licence = pick(LICENCE_COUNT),
					  .component = before.node_count,
					  .shipped = pick(2)};
		struct graph_link link = {.from = pick(before.node_count),
					  .to = before.node_count,
					  .symbols = 1,
					  .kind = EDGE_KIND_LINK_DYNAMIC};

		if (before.edge_count + 1 > EDGES_MAX || before.node_count + 1 > NODES_MAX)
			continue;
		if (before.embeds && link.from == before.node_count - 1)
			link.from = 0;
		after.nodes[after.node_count++] = more;
		after.edges[after.edge_count++] = link;
		expect_no_lower(&before, &after, i);
	}
}

static void ipc_and_aggregation_carry_nothing(void **state)
{
	(void)state;
	seed = 4;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case with = random_case(LICENCE_COUNT), without = with;
		const char *first, *second;
		struct built built;
		struct arena arena;

		for (unsigned j = 0; j < without.edge_count; j++)
			without.edges[j].dropped =
			    edge_kind_class(without.edges[j].kind) != EDGE_CLASS_LINKING;
		arena_init(&arena);
		first = describe(judge(&with, false, &built, &arena), &built, false, &arena);
		second = describe(judge(&without, false, &built, &arena), &built, false, &arena);
		if (strcmp(first, second) != 0)
			show(&with, "with IPC");
		assert_string_equal(first, second);
		arena_release(&arena);
	}
}

static void order_changes_no_byte(void **state)
{
	(void)state;
	seed = 5;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case graph = random_case(LICENCE_COUNT);
		const char *first, *second;
		struct built built;
		struct arena arena;

		graph.policy.unused_needed = (enum reach_unused_needed)pick(3);
		arena_init(&arena);
		first = describe(judge(&graph, false, &built, &arena), &built, true, &arena);
		second = describe(judge(&graph, true, &built, &arena), &built, true, &arena);
		if (strcmp(first, second) != 0) {
			size_t same = 0;

			while (first[same] == second[same])
				same++;
			same -= same < 60 ? same : 60;
			show(&graph, "in order");
			fprintf(stderr, "%.300s\n%.300s\n", first + same, second + same);
		}
		assert_string_equal(first, second);
		arena_release(&arena);
	}
}

/* The lightest outcome of the work over all ways to take one branch of each choice. */
static enum outcome best_of_branches(const struct graph_case *graph)
{
	enum outcome best = OUTCOME_CONFLICT;
	unsigned ways = 1;

	for (unsigned i = 0; i < graph->node_count; i++)
		if (graph->nodes[i].licence >= CHOICES_FIRST)
			ways *= 3;
	for (unsigned way = 0; way < ways; way++) {
		struct graph_case taken = *graph;
		unsigned rest = way;
		bool real = true;

		for (unsigned i = 0; i < graph->node_count; i++) {
			int branch;

			if (graph->nodes[i].licence < CHOICES_FIRST)
				continue;
			branch = branches[graph->nodes[i].licence - CHOICES_FIRST][rest % 3];
			rest /= 3;
			real &= branch >= 0;
			taken.nodes[i].licence = branch >= 0 ? (unsigned)branch : 0;
		}
		if (real && weigh(&taken).works[0] < best)
			best = weigh(&taken).works[0];
	}
	return best;
}

static void an_or_is_its_best_branch(void **state)
{
	(void)state;
	seed = 6;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case graph = random_case(CHOICES_END);
		enum outcome both, best;
		unsigned choices = 0;

		graph.work_count = 1;
		graph.nodes[graph.roots[0]].shipped = true;
		for (unsigned j = 0; j < graph.node_count; j++) {
			/*
			 * A statement that is not sure says nothing of its branches either; and no
			 * choice is made for the sake of a system library.
			 */
			graph.nodes[j].low = false;
			graph.nodes[j].profiles = 0;
			if (graph.nodes[j].licence >= CHOICES_FIRST && choices++ >= 3)
				graph.nodes[j].licence = 0;
		}
		for (unsigned j = 0; j < graph.edge_count; j++)
			graph.edges[j].dropped =
			    edge_kind_class(graph.edges[j].kind) != EDGE_CLASS_LINKING;
		if (!choices)
			continue;
		both = weigh(&graph).works[0];
		best = best_of_branches(&graph);
		if (both == best)
			continue;
		show(&graph, "with the choice");
		fail_msg("graph %u: %s, the best branch gives %s", i, outcome_text(both),
			 outcome_text(best));
	}
}

/* ---- policy files ---- */

#define RULES_MAX 3

/* Rows of deny and allow, with what they point to. */
struct random_policy {
	struct policy policy;
	struct policy_rule deny[RULES_MAX], allow[RULES_MAX];
};

static struct policy_rule random_rule(void)
{
	static const char *const patterns[] = {"*",   "GPL-*",	"GPL-2.0-only", "Apache-2.0",
					       "MIT", "AGPL-*", "LGPL-*",	"NOASSERTION"};
	static const char *const paths[] = {"/na", "/nb", "n*", "/nc"};
	static const char *const components[] = {"ca", "cb", "c*"};
	struct policy_rule rule = {.licence = patterns[pick(8)],
				   .class = pick(2) ? POLICY_ANY : pick(3),
				   .kind = POLICY_ANY,
				   .reason = "",
				   .citation = "p:1"};

	if (rule.class == POLICY_ANY && pick(3) == 0)
		rule.kind = pick(EDGE_KIND_AGGREGATE);
	if (pick(3) == 0)
		rule.path = paths[pick(4)];
	if (pick(3) == 0)
		rule.component = components[pick(3)];
	return rule;
}

static void random_rules(struct random_policy *random)
{
	*random = (struct random_policy){.policy = {.file = "p"}};
	for (unsigned i = 0; i < RULES_MAX; i++) {
		random->deny[i] = random_rule();
		random->allow[i] = random_rule();
	}
	random->policy.deny = random->deny;
	random->policy.allow = random->allow;
	random->policy.deny_count = 1 + pick(RULES_MAX);
	random->policy.allow_count = pick(RULES_MAX);
}

static void denying_never_lowers_and_allowing_never_raises(void **state)
{
	(void)state;
	seed = 8;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case before = random_case(LICENCE_COUNT), after;
		struct random_policy less, more;

		before.policy.distribution = (enum reach_distribution)pick(3);
		random_rules(&less);
		more = less;
		more.policy.deny = more.deny;
		more.policy.allow = more.allow;
		if (pick(2))
			less.policy.deny_count--; /* a row of deny more */
		else
			less.policy.allow_count++; /* a row of allow less */
		after = before;
		before.file_policy = &less.policy;
		after.file_policy = &more.policy;
		expect_no_lower(&before, &after, i);
	}
}

static void a_link_more_never_lowers_what_is_denied(void **state)
{
	(void)state;
	seed = 9;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case after = random_case(LICENCE_COUNT), before;
		struct graph_link *last = &after.edges[after.edge_count - 1];
		struct random_policy random;

		/* Another branch may be taken with a member more, which may be one that is allowed.
		 */
		for (unsigned j = 0; j < after.node_count; j++)
			if (after.nodes[j].licence >= CHOICES_FIRST &&
			    after.nodes[j].licence < CHOICES_END)
				after.nodes[j].licence = 0;
		random_rules(&random);
		after.file_policy = &random.policy;
		if (edge_kind_class(last->kind) != EDGE_CLASS_LINKING)
			last->kind = EDGE_KIND_LINK_DYNAMIC;
		before = after;
		before.edges[before.edge_count - 1].dropped = true;
		expect_no_lower(&before, &after, i);
	}
}

static void order_changes_no_byte_of_what_is_denied(void **state)
{
	(void)state;
	seed = 10;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case graph = random_case(LICENCE_COUNT);
		const char *first, *second;
		struct random_policy random;
		struct built built;
		struct arena arena;

		random_rules(&random);
		graph.file_policy = &random.policy;
		arena_init(&arena);
		first = describe(judge(&graph, false, &built, &arena), &built, true, &arena);
		second = describe(judge(&graph, true, &built, &arena), &built, true, &arena);
		if (strcmp(first, second) != 0)
			show(&graph, "in order");
		assert_string_equal(first, second);
		arena_release(&arena);
	}
}

/* The heaviest outcome that rules.def says a rule can give. */
static enum outcome highest_of_rule(const char *rule)
{
	static const struct {
		const char *text;
		enum outcome highest;
	} rules[] = {
#define RULE(id, text, title, highest) {text, OUTCOME_##highest},
#include "reach/rules.def"
#undef RULE
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].text, rule) == 0)
			return rules[i].highest;
	fail_msg("no rule %s", rule);
	return OUTCOME_CLEAR;
}

static void findings_are_whole(void **state)
{
	(void)state;
	seed = 7;
	for (unsigned i = 0; i < graphs; i++) {
		struct graph_case graph = random_case(LICENCE_COUNT);
		const struct reach_result *result;
		struct built built;
		struct arena arena;

		graph.policy.distribution = (enum reach_distribution)pick(3);
		arena_init(&arena);
		result = judge(&graph, false, &built, &arena);
		for (size_t j = 0; j < result->finding_count; j++) {
			const struct finding *finding = &result->findings[j];
			const struct reach_node *nodes = built.input.nodes;
			bool conflict = outcome_highest(finding->outcomes) == OUTCOME_CONFLICT;
			bool checked = false;

			assert_true(finding->outcomes && *finding->message && *finding->id);
			assert_true(outcome_highest(finding->outcomes) <=
				    highest_of_rule(finding->rule));
			assert_true(finding->citation_count > 0 && finding->subject_count > 0);
			for (size_t k = 0; k < j; k++)
				assert_string_not_equal(finding->id, result->findings[k].id);
			for (size_t k = 0; k < finding->citation_count; k++)
				checked |= finding->citations[k].check != CITATION_NO;
			/* What is not sure, or not read, is no ground for a conflict. */
			if (conflict) {
				assert_true(checked);
				assert_true(nodes[finding->subject].licence->confidence <
					    LICENCE_CONFIDENCE_LOW);
				assert_true(finding->provider == REACH_NONE ||
					    nodes[finding->provider].licence->confidence <
						LICENCE_CONFIDENCE_LOW);
			}
		}
		arena_release(&arena);
	}
}

static int set_up(void **state)
{
	const char *wanted = getenv("ELFLEFT_TEST_GRAPHS");

	(void)state;
	if (wanted && strtoul(wanted, NULL, 10))
		graphs = (unsigned)strtoul(wanted, NULL, 10);
	make_world();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(world.knowledge);
	diags_release(&world.diags);
	arena_release(&world.arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adding_a_link_never_lowers),
	    cmocka_unit_test(dropping_an_unused_edge_never_raises),
	    cmocka_unit_test(a_conflict_stays_with_a_member_more),
	    cmocka_unit_test(ipc_and_aggregation_carry_nothing),
	    cmocka_unit_test(order_changes_no_byte),
	    cmocka_unit_test(an_or_is_its_best_branch),
	    cmocka_unit_test(denying_never_lowers_and_allowing_never_raises),
	    cmocka_unit_test(a_link_more_never_lowers_what_is_denied),
	    cmocka_unit_test(order_changes_no_byte_of_what_is_denied),
	    cmocka_unit_test(findings_are_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
