/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of NVIDIA's files against the texts that were read: research/licences.md C. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "reach/listed.h"

#define SDK "LicenseRef-scancode-nvidia-sdk-12.8"
#define CUDNN "LicenseRef-NVIDIA-cuDNN-SLA"
#define WHEEL "/usr/lib/python3/site-packages/nvidia/cu13/lib/"

static const struct {
	const char *licence, *path, *component, *version;
	enum reach_listed expected;
} cases[] = {
    /* Packages of Debian: the text of their toolkit. */
    {SDK, "/usr/lib/libcudart.so.12.4.127", "deb:libcudart12", "12.4.127~12.4.1-2", LISTED_YES},
    {SDK, "/usr/lib/libcufft.so.11", "deb:libcufft11", "11.2.1.3~12.4.1-8.2", LISTED_YES},
    {SDK, "/usr/lib/libnvJitLink.so.12", "deb:libnvjitlink12", "12.4.127~12.4.1-2", LISTED_YES},
    {SDK, "/usr/lib/libcufile.so.0", "deb:libcufile0", "1.2~11.6.2-1", LISTED_YES},
    {SDK, "/usr/lib/libcusolverMg.so.11", "deb:libcusolver11", "11.6.1.9~12.4.1-2", LISTED_NO},
    {SDK, "/usr/lib/libnvperf_host.so", "deb:libnvperf", "1~12.4.1-2", LISTED_NO},
    {SDK, "/usr/lib/libnvrtc.alt.so.12", "deb:libnvrtc12", "12.4.127~12.4.1-2", LISTED_NO},
    /* Wheels: the text of 2018 that they carry. */
    {SDK, WHEEL "libcudart.so.13", "", "", LISTED_YES},
    {SDK, WHEEL "libcudart-9335f6a2.so.12", "", "", LISTED_YES},
    {SDK, WHEEL "libnvJitLink.so.13", "", "", LISTED_NO},
    {SDK, WHEEL "libcufile.so.0", "pypi:nvidia-cufile", "1.15", LISTED_NO},
    {SDK, WHEEL "libnvrtc-builtins.so.13.0", "", "", LISTED_YES},
    /* Neither: both texts have to agree. */
    {SDK, "/opt/app/lib/libcudart.so.12", "", "", LISTED_YES},
    {SDK, "/opt/app/lib/libnvJitLink.so.12", "", "", LISTED_UNKNOWN},
    {SDK, "/opt/app/lib/libcurand.so.10", "", "", LISTED_YES},
    {SDK, "/opt/app/lib/libcufile.so.0", "", "", LISTED_UNKNOWN},
    {SDK, "/opt/app/libpcsamplingutil.so", "", "", LISTED_NO},
    /* The text of the toolkit 13.0 was not read. */
    {SDK, "/usr/local/cuda-13.0/lib64/libcudart.so.13", "", "", LISTED_UNKNOWN},
    {SDK, "/usr/local/cuda-13.0/lib64/libcurand.so.10", "", "", LISTED_UNKNOWN},
    {SDK, "/usr/local/cuda-13.0/lib64/libcusolverMg.so.12", "", "", LISTED_NO},
    {SDK, "/usr/local/cuda-12.4/lib64/libnvJitLink.so.12", "", "", LISTED_UNKNOWN},
    /* Names that only look alike. */
    {SDK, "/opt/libcudart.sox", "", "", LISTED_NO},
    {SDK, "/opt/libcudart.so.12.evil/libcuda_other.so", "", "", LISTED_NO},
    {SDK, "/opt/notlibcudart.so.12", "", "", LISTED_NO},
    {CUDNN, "/usr/lib/libcudnn_ops.so.9", "", "", LISTED_YES},
    {CUDNN, "/usr/lib/libcudnn_static.a", "", "", LISTED_NO},
    /* Other agreements have no list here. */
    {"LicenseRef-NVIDIA-Driver", "/usr/lib/libcuda.so.1", "", "", LISTED_UNKNOWN},
    {"LicenseRef-scancode-issl-2022", "/opt/libmkl_core.so.2", "", "", LISTED_UNKNOWN},
    {"MIT", "/usr/lib/libcudart.so.12", "", "", LISTED_UNKNOWN},
};

static void names_are_looked_up(void **state)
{
	const struct listed *listed;
	struct arena arena;
	struct diags diags;

	(void)state;
	arena_init(&arena);
	diags_init(&diags);
	listed = listed_open(NULL, &arena, &diags);
	assert_non_null(listed);
	assert_int_equal(diags.list.len, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum reach_listed got = listed_find(listed, cases[i].licence, cases[i].path,
						    cases[i].component, cases[i].version);
		if (got != cases[i].expected)
			fail_msg("%s (%s): %d, not %d", cases[i].path, cases[i].component, (int)got,
				 (int)cases[i].expected);
	}
	assert_int_equal(listed_find(NULL, SDK, "/x/libcudart.so.12", "", ""), LISTED_UNKNOWN);
	arena_release(&arena);
	diags_release(&diags);
}

static void long_names_do_no_harm(void **state)
{
	const struct listed *listed;
	struct arena arena;
	struct diags diags;
	char path[4096];

	(void)state;
	arena_init(&arena);
	diags_init(&diags);
	listed = listed_open(NULL, &arena, &diags);
	for (size_t length = 0; length + 4 < sizeof(path); length += 7) {
		memset(path, 'a', length);
		memcpy(path + length, ".so", 4);
		assert_int_equal(listed_find(listed, SDK, path, "", ""), LISTED_NO);
	}
	arena_release(&arena);
	diags_release(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_looked_up),
	    cmocka_unit_test(long_names_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
