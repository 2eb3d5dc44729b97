/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of policy files on bytes: what it takes in, and that no bytes do harm. What it says to
 * a user, and what a policy brings about, is tested by tests/policy.t.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "reach/policy.h"

static struct knowledge *knowledge;
static struct diags diags;

static const char sample[] =
    "version: 1 # of the form\n"
    "distribution: network\n"
    "system_libs: distro\n"
    "fail_on: conflict\n"
    "stance: {gpl_dynamic: review, unused_needed: ignore}\n"
    "own:\n"
    "  - match: \"opt/acme/**\"\n"
    "    name: acme\n"
    "    licence: LicenseRef-Acme AND MIT\n"
    "  - {match: opt/free/*, name: free, licence: LicenseRef-Free, class: permissive}\n"
    "overrides:\n"
    "  - {component: foo, licence_of: acme, reason: 'ours as well'}\n"
    "deny: [{licence: \"AGPL-3.0-*\", class: linking, reason: no}]\n"
    "allow: [{licence: GPL-2.0-only, kind: ipc-exec, component: git, path: /usr/bin/x}]\n"
    "permissions:\n"
    "  - {component: bar, licence: \"GPL-*\", permission: may be linked, source: a letter}\n"
    "waivers:\n"
    "  - {finding: \"link-copyleft:*\", kind: link-dynamic, reason: r, owner: o,\n"
    "     expires: 2028-02-29}\n";

static const struct policy *read_text(const char *text, size_t length, const char *today,
				      struct arena *arena, const char **ret_errors)
{
	/* An exact copy: a reader that goes on behind its end is seen by the sanitizer. */
	uint8_t *bytes = malloc(length ? length : 1);
	const struct policy *policy;

	assert_non_null(bytes);
	memcpy(bytes, text, length);
	policy =
	    policy_read(slice_of(bytes, length), "p.yaml", knowledge, today, arena, ret_errors);
	free(bytes);
	return policy;
}

static void a_policy_is_read(void **state)
{
	const struct policy *policy;
	const char *errors;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	policy = read_text(sample, sizeof(sample) - 1, "2028-02-29", &arena, &errors);
	assert_string_equal(errors, "");
	assert_non_null(policy);
	assert_int_equal(policy->distribution.value, DISTRIBUTION_NETWORK);
	assert_int_equal(policy->distribution.place.line, 2);
	assert_int_equal(policy->system_libs.value, SYSTEM_LIBS_DISTRO);
	assert_int_equal(policy->fail_on.value, OUTCOME_CONFLICT);
	assert_int_equal(policy->gpl_dynamic.value, GPL_DYNAMIC_REVIEW);
	assert_int_equal(policy->unused_needed.value, UNUSED_NEEDED_IGNORE);
	assert_int_equal(policy->licence_count, 3);
	assert_true(policy->licences[0].own && !policy->licences[2].own);
	/* Our own name is closed, one with a class is of that; an override follows another entry.
	 */
	assert_int_equal(policy->licences[0].expression->steps[0].term.licence->class,
			 LICENCE_CLASS_PROPRIETARY);
	assert_int_equal(policy->licences[1].expression->steps[0].term.licence->class,
			 LICENCE_CLASS_PERMISSIVE);
	assert_ptr_equal(policy->licences[2].expression, policy->licences[0].expression);
	assert_string_equal(policy->deny[0].citation, "p.yaml:13");
	assert_int_equal(policy->deny[0].class, EDGE_CLASS_LINKING);
	assert_int_equal(policy->deny[0].kind, POLICY_ANY);
	assert_int_equal(policy->allow[0].kind, EDGE_KIND_IPC_EXEC);
	assert_string_equal(policy->permissions[0].row->id, "AdditionRef-policy-line-16");
	assert_false(policy->waivers[0].expired);
	assert_int_equal(policy->waivers[0].place.line, 18);
	policy = read_text(sample, sizeof(sample) - 1, "2028-03-01", &arena, &errors);
	assert_true(policy->waivers[0].expired);
	arena_release(&arena);
}

/* Every prefix, and every byte changed: an answer or a line that names the file, and no harm. */
static void no_bytes_do_harm(void **state)
{
	static const char changes[] = "\0\n\t :-[]{}&*!|>'\"%@#,\x80\xff";
	char text[sizeof(sample)];

	(void)state;
	for (size_t i = 0; i < sizeof(sample); i++) {
		for (size_t j = 0; j <= sizeof(changes) - 1; j++) {
			bool cut = j == sizeof(changes) - 1;
			const struct policy *policy;
			const char *errors;
			struct arena arena;

			memcpy(text, sample, sizeof(sample));
			if (!cut)
				text[i < sizeof(sample) - 1 ? i : 0] = changes[j];
			arena_init(&arena);
			policy = read_text(text, cut ? i : sizeof(sample) - 1, "2026-11-25", &arena,
					   &errors);
			assert_true(!policy == (*errors != '\0'));
			assert_true(policy || strncmp(errors, "p.yaml:", 7) == 0);
			arena_release(&arena);
		}
	}
}

static void patterns_fit_paths(void **state)
{
	(void)state;
	assert_true(policy_path_fits("opt/acme/**", "/opt/acme/bin/x"));
	assert_true(policy_path_fits("/opt/acme/**", "/opt/acme/bin/x"));
	assert_true(policy_path_fits("**/x", "/opt/acme/bin/x"));
	assert_false(policy_path_fits("opt/acme/*", "/opt/acme/bin/x"));
	assert_false(policy_path_fits("acme/**", "/opt/acme/bin/x"));
	assert_true(policy_text_fits("GPL-*", "GPL-2.0-only"));
	assert_false(policy_text_fits("GPL-*", "LGPL-2.1-only"));
	assert_true(policy_text_fits(NULL, "anything"));
}

static int set_up(void **state)
{
	(void)state;
	diags_init(&diags);
	return knowledge_open(NULL, &diags, &knowledge) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	knowledge_free(knowledge);
	diags_release(&diags);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_policy_is_read),
	    cmocka_unit_test(no_bytes_do_harm),
	    cmocka_unit_test(patterns_fit_paths),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
