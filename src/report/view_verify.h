/* SPDX-License-Identifier: BSD-2-Clause */
/* The finished view of a comparison, as plain data; see view.h for the rules. */
#ifndef REPORT_VIEW_VERIFY_H
#define REPORT_VIEW_VERIFY_H

#include "report/view.h"

#define VIEW_VERIFY_STATUSES 10

struct view_verify_part {
	const char *name, *role, *detail;
	bool equal;
};

struct view_verify_function {
	const char *name, *demangled, *status; /* name "" when none is known */
	const char *operator;		       /* "aten::add.out, AVX2"; NULL */
	bool has_reference, has_suspect;
	uint64_t reference_address, address;
	int64_t instructions_changed; /* -1: not known */
};

struct view_verify_kernel {
	const char *name, *demangled, *arch, *status;
	bool consistent;
};

struct view_verify_count {
	const char *name;
	uint64_t value;
};

struct view_verify_file {
	const char *path, *reference_path; /* NULL: none on that side */
	const char *verdict, *reason;
	unsigned weight; /* place of the verdict in their order */
	bool incomplete;
	const char *const *changes; /* what packaging changed */
	size_t change_count;
	const struct view_verify_part *parts;
	size_t part_count;
	bool has_functions;
	uint64_t function_total, bytes, bytes_same;
	struct view_verify_count counts[VIEW_VERIFY_STATUSES];
	const struct view_verify_function *functions;
	size_t function_count;
	uint64_t functions_left_out; /* of another build, in which most differ */
	bool has_kernels;
	struct view_verify_count kernel_counts[6];
	const char *kernel_verdict; /* NULL */
	const struct view_verify_kernel *kernels;
	size_t kernel_count;
	const char *const *toolchains; /* of both sides, where they differ */
	size_t toolchain_count;
};

struct view_verify {
	struct view_tool tool;
	const char *reference, *suspect, *verdict;
	bool unmodified; /* identical or repackaged */
	const struct view_verify_file *files;
	size_t file_count;
	const struct view_verify_count *summary; /* files by verdict */
	size_t summary_count;
	const struct view_diagnostic *diagnostics;
	size_t diagnostic_count;
	bool complete;
};

#endif
