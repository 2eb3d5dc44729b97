/* SPDX-License-Identifier: BSD-2-Clause */
/* The release gate: the policy file, the earlier report, and what still fails after both. */
#ifndef SCAN_GATE_H
#define SCAN_GATE_H

#include "reach/baseline.h"
#include "reach/policy.h"
#include "report/view_build.h"
#include "scan/scan.h"

struct gate {
	const struct policy *policy;	 /* NULL: there is none */
	const struct baseline *baseline; /* NULL: there is none */
	struct reach_policy settings;	 /* command line over policy file over defaults */
	const char *today;
};

/*
 * Reads policy and baseline. STATUS_USAGE, and options->message told why, when one of them cannot
 * be used. Everything lives in the arena.
 */
enum status gate_open(const struct scan_options *options, const struct knowledge *knowledge,
		      struct diags *diags, struct arena *arena, struct gate *ret) must_check;

/* What the view is told of the gate, in the arena. */
const struct view_gate_input *gate_of_result(const struct gate *gate,
					     const struct scan_options *options,
					     const struct reach_input *model,
					     const struct reach_result *result,
					     struct arena *arena);

#endif
