/* SPDX-License-Identifier: BSD-2-Clause */
/* The version of a project in that of its Debian package. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "scan/index_deb.h"

static void upstream_versions(void **state)
{
	static const char *const cases[][2] = {
	    {"2:6.2.1+dfsg1-1.1", "6.2.1"},
	    {"1.2-3", "1.2"},
	    {"1.2-rc1-3", "1.2-rc1"},
	    {"1.2", "1.2"},
	    {"2.0+really1.9.4-1", "1.9.4"},
	    {"7.0.2+~ds1-2", "7.0.2"},
	    {"5.0.2+~4.0.1-1", "5.0.2"},
	    {"2.4.47+really2.4.46+dfsg-1", "2.4.46"},
	    {"2.0+dfsg+really1.9~ds-1", "1.9"},
	    {"1:3.0+really2.0+really1.0-1", "1.0"},
	    {"0.9~really-1", "0.9"},
	    {"1.0really2-1", "1.0really2"},
	    {"1.3.dfsg-3", "1.3"},
	    {"4.0~deb12u1", "4.0"},
	    {"1.0~rc2+git20200101-1", "1.0~rc2+git20200101"},
	    {"", ""},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(index_deb_upstream(&arena, cases[i][0]), cases[i][1]);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(upstream_versions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
