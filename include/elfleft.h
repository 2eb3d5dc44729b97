/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libelfleft: reads what shipped ELF binaries are made of and linked to, and reports it.
 *
 * A context (struct elfleft) holds options and the paths to look at. elfleft_scan() and
 * elfleft_tree() do the work and give a result, which elfleft_result_write() turns into a report.
 * The target is never executed and never loaded; its files are mapped only by isolated worker
 * processes, which a run forks and reaps.
 *
 * A context and its results may be used from any one thread at a time. Because a run forks, a
 * program with threads should make its runs before it starts them, or from a process of their own.
 *
 * Everything said about licences is a fact read from files together with its source, not legal
 * advice.
 */
#ifndef ELFLEFT_H
#define ELFLEFT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ELFLEFT_API __attribute__((visibility("default")))

/** Results of the functions below: zero is success, all errors are negative. */
enum elfleft_status {
	ELFLEFT_OK = 0,
	ELFLEFT_ERROR_IO = -2,		/* the operating system refused; see errno */
	ELFLEFT_ERROR_FORMAT = -3,	/* the named input is not what it claims to be */
	ELFLEFT_ERROR_LIMIT = -4,	/* a limit was reached */
	ELFLEFT_ERROR_UNSUPPORTED = -5, /* this build cannot do that */
	ELFLEFT_ERROR_NOT_FOUND = -6,	/* the root or the file does not exist */
	ELFLEFT_ERROR_USAGE = -7,	/* a wrong option value or a wrong call */
};

/** Options are texts, so that new ones never change the interface. */
enum elfleft_option {
	ELFLEFT_ROOT = 1,	    /* directory that stands for "/"; default "/" */
	ELFLEFT_CPU = 2,	    /* baseline, x86-64-v2, x86-64-v3, x86-64-v4 or native */
	ELFLEFT_LIBRARY_PATH = 3,   /* stands for LD_LIBRARY_PATH, which is not read */
	ELFLEFT_PRELOAD = 4,	    /* stands for LD_PRELOAD, which is not read */
	ELFLEFT_JOBS = 5,	    /* worker processes; default: one per processor */
	ELFLEFT_DIGESTS = 6,	    /* "yes": compute SHA-256 of shipped files */
	ELFLEFT_TRAIL = 7,	    /* "yes": keep every path a search tried */
	ELFLEFT_BINDINGS = 8,	    /* "no": do not bind symbols; default "yes" */
	ELFLEFT_DATA = 9,	    /* folder with tables that replace built-in ones */
	ELFLEFT_DISTRIBUTION = 10,  /* binary, network or internal */
	ELFLEFT_SYSTEM_LIBS = 11,   /* strict, gpl3 or distro */
	ELFLEFT_UNUSED_NEEDED = 12, /* counts, review or ignore */
	ELFLEFT_TIERS = 13,	    /* link, or with some of calls, code, device, debug */
	ELFLEFT_INDEX = 14,	    /* an index of fingerprints; each call adds one */
	ELFLEFT_REFERENCE = 15,	    /* a build to compare files with; each call adds one */
	ELFLEFT_POLICY = 20,	    /* policy file (YAML); other options beat what it says */
	ELFLEFT_BASELINE = 21,	    /* earlier report: only what it does not have fails */
	ELFLEFT_FAIL_ON = 22,	    /* outcome from which on findings fail; default review */
	ELFLEFT_TEXTS = 23,	    /* "yes": read the texts that go along (notice) */
	ELFLEFT_COMPONENT = 30,	    /* index: the project, or the one to show */
	ELFLEFT_COMPONENT_VERSION = 31,
	ELFLEFT_LICENCE = 32,  /* an SPDX expression */
	ELFLEFT_MANIFEST = 33, /* a table of files and what they are; elfleft(1) */
	ELFLEFT_KEEP = 34,     /* a list of the components to take from indexes */
};

struct elfleft;
struct elfleft_result;

/** The version of the library, for example "0.1.0". */
ELFLEFT_API const char *elfleft_version(void);

/** A short English phrase for a status. Never NULL. */
ELFLEFT_API const char *elfleft_status_text(int status);

/** A new context with default options, or NULL when memory is out. */
ELFLEFT_API struct elfleft *elfleft_new(void);

/** Frees a context. Results made with it stay valid. NULL is allowed. */
ELFLEFT_API void elfleft_free(struct elfleft *context);

/**
 * Sets one option; the value is copied. ELFLEFT_ERROR_USAGE for an unknown option or a value that
 * is out of range.
 */
ELFLEFT_API int elfleft_set(struct elfleft *context, enum elfleft_option option, const char *value);

/**
 * Adds a file or directory to look at; the text is copied. With another root than "/" it is a path
 * inside that root. Without any path, elfleft_scan() looks at the whole root.
 */
ELFLEFT_API int elfleft_add_path(struct elfleft *context, const char *path);

/** Called now and then while a run lasts; total is 0 as long as it is not known. */
typedef void elfleft_progress_fn(void *user, const char *stage, size_t done, size_t total);

/** Sets the function that shows progress; NULL for none. */
ELFLEFT_API int elfleft_on_progress(struct elfleft *context, elfleft_progress_fn *function,
				    void *user);

/**
 * Inventory, edges, owners and licences of everything that was added. Trouble with single files is
 * in the result, not in the status. The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_scan(struct elfleft *context, struct elfleft_result **ret_result);

/**
 * The release gate: as elfleft_scan(), and reports say only what fails or is due. A policy or a
 * baseline that cannot be used gives ELFLEFT_ERROR_USAGE, and elfleft_message() says why; a
 * policy does so with the other functions too. The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_check(struct elfleft *context, struct elfleft_result **ret_result);

/**
 * Lines "FILE:LINE:COLUMN: text" about what the last run could not use, each ended by a newline; ""
 * when there is nothing to say. After elfleft_reference() it is lines "FILE: text" that tell how
 * large the manifest is and what takes most of it, or what it cannot be made of; after
 * elfleft_verify() what makes one useless. Valid until the context is freed.
 */
ELFLEFT_API const char *elfleft_message(const struct elfleft *context);

/**
 * What the loader would load for the one file that was added, in which order and by which rule.
 * The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_tree(struct elfleft *context, struct elfleft_result **ret_result);

/**
 * Every path from one end to the other over the edges of what was added; an end is a file's path, a
 * component ("deb:readline" or its name) or a licence. The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_why(struct elfleft *context, const char *from, const char *to,
			    struct elfleft_result **ret_result);

/**
 * Compares what suspect names with what reference names: files, directories or archives; reference
 * may be a manifest of elfleft_reference(). Paths that were added play no part. The caller frees
 * *ret_result.
 */
ELFLEFT_API int elfleft_verify(struct elfleft *context, const char *reference, const char *suspect,
			       struct elfleft_result **ret_result);

/**
 * Writes to file a manifest of what path names, by which later builds can be verified; it holds no
 * code. With path NULL it is of all paths that were added, as of one tree. The result tells what
 * was wrong with the input. The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_reference(struct elfleft *context, const char *path, const char *file,
				  struct elfleft_result **ret_result);

/** "identical", "repackaged", "modified", "rebuilt", "unrelated" or "incomplete"; of
 *  elfleft_verify(), else NULL. */
ELFLEFT_API const char *elfleft_result_verdict(const struct elfleft_result *result);

/**
 * Writes an index of code fingerprints of the files that were added, and of those the manifest
 * names, to file. The result says what went in. The caller frees *ret_result.
 */
ELFLEFT_API int elfleft_index_build(struct elfleft *context, const char *file,
				    struct elfleft_result **ret_result);

/**
 * What is in the indexes that were added as paths, down to object files if members is set. The
 * caller frees *ret_result.
 */
ELFLEFT_API int elfleft_index_show(struct elfleft *context, bool members,
				   struct elfleft_result **ret_result);

/** Frees a result. NULL is allowed. */
ELFLEFT_API void elfleft_result_free(struct elfleft_result *result);

/** Whether all of the input was analysed. If not, the diagnostics in the report say what is left.
 */
ELFLEFT_API bool elfleft_result_complete(const struct elfleft_result *result);

/** The highest outcome of all findings: "clear", "notice", ..., "conflict". Never NULL. */
ELFLEFT_API const char *elfleft_result_outcome(const struct elfleft_result *result);

/**
 * Whether a finding fails at the gate: it is as heavy as ELFLEFT_FAIL_ON, neither waived nor in the
 * baseline; or a waiver has expired. Always false without a gate: after elfleft_scan() there is
 * one when the option is set or the policy names the level.
 */
ELFLEFT_API bool elfleft_result_failed(const struct elfleft_result *result);

/** The place of an outcome in their order, 0 for "clear"; -1 for a name that is none. */
ELFLEFT_API int elfleft_outcome_weight(const char *outcome);

/** How a report looks. Zero-initialise it: new members may be added behind. */
struct elfleft_report_options {
	bool colour;	/* colours for a terminal (text) */
	bool verbose;	/* show what is left out by default (text) */
	unsigned width; /* columns of the terminal; 0: there is none, 100 are taken (text) */
};

/** Takes all of the bytes, or returns false, which ends the report. */
typedef bool elfleft_write_fn(void *user, const void *bytes, size_t size);

/**
 * Writes a result in one format ("text", "json"; see elfleft_format()). options may be NULL.
 * ELFLEFT_ERROR_USAGE for an unknown format, ELFLEFT_ERROR_IO when the function returned false.
 */
ELFLEFT_API int elfleft_result_write(const struct elfleft_result *result, const char *format,
				     const struct elfleft_report_options *options,
				     elfleft_write_fn *write, void *user);

/**
 * Name of the format with this index, NULL behind the last one; *ret_help gets one line about it
 * unless NULL.
 */
ELFLEFT_API const char *elfleft_format(size_t index, const char **ret_help);

#ifdef __cplusplus
}
#endif

#endif
