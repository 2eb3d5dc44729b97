/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver: one call per stage, in order (scan.c is the table of contents of the project).
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "reach/reach.h"
#include "report/view.h"
#include "util/arena.h"
#include "util/status.h"

/* What the command line can say and a policy file too. */
enum scan_setting {
	SETTING_DISTRIBUTION = 1u << 0,
	SETTING_SYSTEM_LIBS = 1u << 1,
	SETTING_UNUSED_NEEDED = 1u << 2,
};

/* Mirrors the public options of elfleft.h, with defaults filled in. */
struct scan_options {
	const char *root;	  /* host directory; NULL: "/" */
	const char *const *paths; /* none: the whole root */
	size_t path_count;
	const char *cpu; /* NULL: "baseline" */
	const char *library_path, *preload;
	unsigned jobs; /* 0: one per processor */
	bool digests;  /* some report needs SHA-256 */
	bool trail;
	bool no_bindings;
	bool no_calls;		    /* no edges beyond what the loader loads */
	bool no_code;		    /* no functions are looked up */
	bool no_device;		    /* no code for graphics processors is looked for */
	bool no_debug;		    /* debug information is not read */
	const char *const *indexes; /* files of fingerprints; none: no functions are looked up */
	size_t index_count;
	const char *const *references; /* builds that files are compared with; none: they are not */
	size_t reference_count;
	const char *data; /* host folder of tables; NULL: the built-in ones */
	struct reach_policy policy;
	unsigned settings_given;   /* set of enum scan_setting: the file does not matter for it */
	const char *policy_file;   /* host file; NULL: none */
	const char *baseline_file; /* host file: an earlier report; NULL: none */
	bool fail_on_given;
	enum outcome fail_on;
	bool check; /* there is a gate in any case, of OUTCOME_REVIEW by default */
	bool texts; /* some report needs the texts of licences */
	/* Gets lines about a policy or baseline that cannot be used; NULL: nobody wants them. */
	void (*message)(void *context, const char *text);
	void *message_context;
	/* Called now and then from the calling thread; NULL: no progress. total 0: not known yet.
	 */
	void (*progress)(void *context, const char *stage, size_t done, size_t total);
	void *progress_context;
};

/* arena receives the view. STATUS_USAGE for option values, STATUS_IO when no worker can start. */
enum status scan_run(const struct scan_options *options, struct arena *arena,
		     const struct view **ret) must_check;
enum status scan_tree(const struct scan_options *options, struct arena *arena,
		      const struct view_tree **ret) must_check;
/* from, to: a path, a component, or a licence. */
enum status scan_why(const struct scan_options *options, const char *from, const char *to,
		     struct arena *arena, const struct view_why **ret) must_check;

#endif
