/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face: options as texts, results as opaque handles over finished views. */
#include "elfleft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/reporter.h"
#include "scan/index_build.h"
#include "scan/scan.h"
#include "scan/verify.h"
#include "util/memory.h"
#include "util/vec.h"

_Static_assert((int)STATUS_IO == (int)ELFLEFT_ERROR_IO, "status codes are public");
_Static_assert((int)STATUS_FORMAT == (int)ELFLEFT_ERROR_FORMAT, "status codes are public");
_Static_assert((int)STATUS_LIMIT == (int)ELFLEFT_ERROR_LIMIT, "status codes are public");
_Static_assert((int)STATUS_UNSUPPORTED == (int)ELFLEFT_ERROR_UNSUPPORTED, "codes are public");
_Static_assert((int)STATUS_NOT_FOUND == (int)ELFLEFT_ERROR_NOT_FOUND, "status codes are public");
_Static_assert((int)STATUS_USAGE == (int)ELFLEFT_ERROR_USAGE, "status codes are public");

struct elfleft {
	struct arena arena;
	struct scan_options options;
	VEC(const char *) paths;
	VEC(const char *) indexes, references;
	const char *message;		  /* of the last run; NULL before it; in the arena */
	struct index_build_options index; /* of elfleft_index_build() */
};

struct elfleft_result {
	struct arena arena;
	const struct view *scan;	  /* of elfleft_scan() and _check(), else NULL */
	const struct view_tree *tree;	  /* of elfleft_tree(), else NULL */
	const struct view_why *why;	  /* of elfleft_why(), else NULL */
	const struct view_index *index;	  /* of elfleft_index_build() and _show(), else NULL */
	const struct view_verify *verify; /* of elfleft_verify() and _reference(), else NULL */
	bool is_check;			  /* scan is of elfleft_check() */
};

const char *elfleft_version(void)
{
	return ELFLEFT_VERSION;
}

const char *elfleft_status_text(int status)
{
	return status_text((enum status)status);
}

struct elfleft *elfleft_new(void)
{
	struct elfleft *context = memory_calloc(1, sizeof(*context));

	arena_init(&context->arena);
	return context;
}

void elfleft_free(struct elfleft *context)
{
	if (!context)
		return;
	vec_release(&context->paths);
	vec_release(&context->indexes);
	vec_release(&context->references);
	arena_release(&context->arena);
	free(context);
}

static int parse_bool(const char *value, bool *ret)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return ELFLEFT_ERROR_USAGE;
	*ret = value[0] == 'y';
	return ELFLEFT_OK;
}

/* The link tier is always there, and stands first. */
static int parse_tiers(const char *value, struct scan_options *options)
{
	struct slice rest = slice_text(value), tier;
	bool calls = false, code = false, debug = false, device = false;

	if (!slice_token(&rest, ",", &tier) || !slice_equal_text(tier, "link"))
		return ELFLEFT_ERROR_USAGE;
	while (slice_token(&rest, ",", &tier)) {
		if (slice_equal_text(tier, "calls") && !calls)
			calls = true;
		else if (slice_equal_text(tier, "code") && !code)
			code = true;
		else if (slice_equal_text(tier, "device") && !device)
			device = true;
		else if (slice_equal_text(tier, "debug") && !debug)
			debug = true;
		else
			return ELFLEFT_ERROR_USAGE;
	}
	options->no_calls = !calls;
	options->no_code = !code;
	options->no_device = !device;
	options->no_debug = !debug;
	return ELFLEFT_OK;
}

static int parse_jobs(const char *value, unsigned *ret)
{
	const char *reason = NULL;
	long long jobs = strtonum(value, 1, 256, &reason);

	if (reason)
		return ELFLEFT_ERROR_USAGE;
	*ret = (unsigned)jobs;
	return ELFLEFT_OK;
}

static int parse_cpu(struct elfleft *context, const char *value)
{
	static const char *const levels[] = {"baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4",
					     "native"};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i], value) == 0) {
			context->options.cpu = levels[i];
			return ELFLEFT_OK;
		}
	}
	return ELFLEFT_ERROR_USAGE;
}

/* The place of a value in a list of words; false when it is none of them. */
static bool parse_word(const char *value, const char *const *words, unsigned count, unsigned *ret)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(words[i], value) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static int parse_policy(struct scan_options *options, enum elfleft_option option, const char *value)
{
	static const char *const distributions[] = {"binary", "network", "internal"};
	static const char *const profiles[] = {"strict", "gpl3", "distro"};
	static const char *const stances[] = {"counts", "review", "ignore"};
	const char *const *words = option == ELFLEFT_DISTRIBUTION  ? distributions
				   : option == ELFLEFT_SYSTEM_LIBS ? profiles
								   : stances;
	struct reach_policy *policy = &options->policy;
	unsigned place;

	if (!parse_word(value, words, 3, &place))
		return ELFLEFT_ERROR_USAGE;
	if (option == ELFLEFT_DISTRIBUTION) {
		policy->distribution = (enum reach_distribution)place;
		options->settings_given |= SETTING_DISTRIBUTION;
	} else if (option == ELFLEFT_SYSTEM_LIBS) {
		policy->system_libs = (enum reach_system_libs)place;
		options->settings_given |= SETTING_SYSTEM_LIBS;
	} else {
		policy->unused_needed = (enum reach_unused_needed)place;
		options->settings_given |= SETTING_UNUSED_NEEDED;
	}
	return ELFLEFT_OK;
}

static int parse_bindings(const char *value, bool *ret_none)
{
	bool wanted = true;
	int status = parse_bool(value, &wanted);

	*ret_none = !wanted;
	return status;
}

static int parse_text(struct elfleft *context, const char *value, const char **ret)
{
	if (!*value)
		return ELFLEFT_ERROR_USAGE;
	*ret = arena_strdup(&context->arena, value);
	return ELFLEFT_OK;
}

int elfleft_set(struct elfleft *context, enum elfleft_option option, const char *value)
{
	struct scan_options *options = &context->options;

	if (!value)
		return ELFLEFT_ERROR_USAGE;
	switch (option) {
	case ELFLEFT_ROOT:
		options->root = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_CPU:
		return parse_cpu(context, value);
	case ELFLEFT_LIBRARY_PATH:
		options->library_path = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_PRELOAD:
		options->preload = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_JOBS:
		return parse_jobs(value, &options->jobs);
	case ELFLEFT_DIGESTS:
		return parse_bool(value, &options->digests);
	case ELFLEFT_TRAIL:
		return parse_bool(value, &options->trail);
	case ELFLEFT_BINDINGS:
		return parse_bindings(value, &options->no_bindings);
	case ELFLEFT_TIERS:
		return parse_tiers(value, options);
	case ELFLEFT_INDEX:
		vec_push(&context->indexes, arena_strdup(&context->arena, value));
		return ELFLEFT_OK;
	case ELFLEFT_REFERENCE:
		if (!*value)
			return ELFLEFT_ERROR_USAGE;
		vec_push(&context->references, arena_strdup(&context->arena, value));
		return ELFLEFT_OK;
	case ELFLEFT_DATA:
		options->data = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_DISTRIBUTION:
	case ELFLEFT_SYSTEM_LIBS:
	case ELFLEFT_UNUSED_NEEDED:
		return parse_policy(options, option, value);
	case ELFLEFT_POLICY:
		options->policy_file = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_BASELINE:
		options->baseline_file = arena_strdup(&context->arena, value);
		return ELFLEFT_OK;
	case ELFLEFT_FAIL_ON:
		if (!outcome_parse(value, &options->fail_on))
			return ELFLEFT_ERROR_USAGE;
		options->fail_on_given = true;
		return ELFLEFT_OK;
	case ELFLEFT_TEXTS:
		return parse_bool(value, &options->texts);
	case ELFLEFT_COMPONENT:
		return parse_text(context, value, &context->index.component);
	case ELFLEFT_COMPONENT_VERSION:
		return parse_text(context, value, &context->index.version);
	case ELFLEFT_LICENCE:
		return parse_text(context, value, &context->index.licence);
	case ELFLEFT_MANIFEST:
		return parse_text(context, value, &context->index.manifest);
	case ELFLEFT_KEEP:
		return parse_text(context, value, &context->index.keep);
	}
	return ELFLEFT_ERROR_USAGE;
}

int elfleft_add_path(struct elfleft *context, const char *path)
{
	if (!path || !path[0])
		return ELFLEFT_ERROR_USAGE;
	vec_push(&context->paths, arena_strdup(&context->arena, path));
	return ELFLEFT_OK;
}

int elfleft_on_progress(struct elfleft *context, elfleft_progress_fn *function, void *user)
{
	context->options.progress = function;
	context->options.progress_context = user;
	return ELFLEFT_OK;
}

static void keep_message(void *context, const char *text)
{
	struct elfleft *kept = context;

	kept->message = arena_strdup(&kept->arena, text);
}

const char *elfleft_message(const struct elfleft *context)
{
	return context->message ? context->message : "";
}

static struct elfleft_result *new_result(struct elfleft *context)
{
	struct elfleft_result *result = memory_calloc(1, sizeof(*result));

	arena_init(&result->arena);
	context->options.paths = context->paths.ptr;
	context->options.path_count = context->paths.len;
	context->options.indexes = context->indexes.ptr;
	context->options.index_count = context->indexes.len;
	context->options.references = context->references.ptr;
	context->options.reference_count = context->references.len;
	context->message = "";
	context->options.message = keep_message;
	context->options.message_context = context;
	return result;
}

static int finish_result(struct elfleft_result *result, enum status status,
			 struct elfleft_result **ret_result)
{
	int error = errno;

	if (status == STATUS_OK) {
		*ret_result = result;
		return ELFLEFT_OK;
	}
	elfleft_result_free(result);
	errno = error;
	return (int)status;
}

int elfleft_scan(struct elfleft *context, struct elfleft_result **ret_result)
{
	struct elfleft_result *result = new_result(context);

	return finish_result(result, scan_run(&context->options, &result->arena, &result->scan),
			     ret_result);
}

int elfleft_check(struct elfleft *context, struct elfleft_result **ret_result)
{
	struct elfleft_result *result = new_result(context);
	struct scan_options options = context->options;

	options.check = true;
	result->is_check = true;
	return finish_result(result, scan_run(&options, &result->arena, &result->scan), ret_result);
}

int elfleft_tree(struct elfleft *context, struct elfleft_result **ret_result)
{
	struct elfleft_result *result = new_result(context);

	return finish_result(result, scan_tree(&context->options, &result->arena, &result->tree),
			     ret_result);
}

int elfleft_why(struct elfleft *context, const char *from, const char *to,
		struct elfleft_result **ret_result)
{
	struct elfleft_result *result;

	if (!from || !to || !*from || !*to)
		return ELFLEFT_ERROR_USAGE;
	result = new_result(context);
	return finish_result(result,
			     scan_why(&context->options, from, to, &result->arena, &result->why),
			     ret_result);
}

int elfleft_verify(struct elfleft *context, const char *reference, const char *suspect,
		   struct elfleft_result **ret_result)
{
	struct elfleft_result *result;

	if (!reference || !suspect || !*reference || !*suspect)
		return ELFLEFT_ERROR_USAGE;
	result = new_result(context);
	return finish_result(
	    result,
	    scan_verify(&context->options, reference, suspect, &result->arena, &result->verify),
	    ret_result);
}

int elfleft_reference(struct elfleft *context, const char *path, const char *file,
		      struct elfleft_result **ret_result)
{
	struct elfleft_result *result;

	if (!file || !*file || (path && !*path))
		return ELFLEFT_ERROR_USAGE;
	result = new_result(context);
	return finish_result(result,
			     scan_reference(&context->options, path ? &path : context->paths.ptr,
					    path ? 1 : context->paths.len, file, &result->arena,
					    &result->verify),
			     ret_result);
}

const char *elfleft_result_verdict(const struct elfleft_result *result)
{
	return result->verify ? result->verify->verdict : NULL;
}

int elfleft_index_build(struct elfleft *context, const char *file,
			struct elfleft_result **ret_result)
{
	struct elfleft_result *result;
	struct index_build_options *options = &context->index;

	if (!file || !*file)
		return ELFLEFT_ERROR_USAGE;
	result = new_result(context);
	options->paths = context->paths.ptr;
	options->path_count = context->paths.len;
	options->jobs = context->options.jobs;
	options->progress = context->options.progress;
	options->progress_context = context->options.progress_context;
	return finish_result(
	    result, scan_index_build(options, file, &result->arena, &result->index), ret_result);
}

int elfleft_index_show(struct elfleft *context, bool members, struct elfleft_result **ret_result)
{
	struct elfleft_result *result = new_result(context);

	return finish_result(result,
			     scan_index_show(context->paths.ptr, context->paths.len,
					     context->index.component, members, &result->arena,
					     &result->index),
			     ret_result);
}

void elfleft_result_free(struct elfleft_result *result)
{
	if (!result)
		return;
	arena_release(&result->arena);
	free(result);
}

bool elfleft_result_complete(const struct elfleft_result *result)
{
	return result->scan	? result->scan->complete
	       : result->tree	? result->tree->complete
	       : result->index	? result->index->complete
	       : result->verify ? result->verify->complete
				: result->why->complete;
}

const char *elfleft_result_outcome(const struct elfleft_result *result)
{
	return result->scan && result->scan->outcome ? result->scan->outcome
						     : outcome_text(OUTCOME_CLEAR);
}

bool elfleft_result_failed(const struct elfleft_result *result)
{
	return result->scan && result->scan->gate.failed;
}

int elfleft_outcome_weight(const char *outcome)
{
	enum outcome parsed;

	return outcome_parse(outcome, &parsed) ? (int)parsed : -1;
}

int elfleft_result_write(const struct elfleft_result *result, const char *format,
			 const struct elfleft_report_options *options, elfleft_write_fn *write,
			 void *user)
{
	const struct reporter *reporter = reporter_find(format);
	struct report_options report = {0};
	struct sink *sink;
	bool written;

	if (!reporter || !(result->is_check ? reporter->check != NULL
			   : result->scan   ? reporter->scan != NULL
			   : result->tree   ? reporter->tree != NULL
			   : result->index  ? reporter->index != NULL
			   : result->verify ? reporter->verify != NULL
					    : reporter->why != NULL))
		return ELFLEFT_ERROR_USAGE;
	if (options)
		report = (struct report_options){options->colour, options->verbose, options->width};
	sink = memory_alloc(sizeof(*sink));
	sink_init(sink, write, user);
	if (result->is_check)
		reporter->check(result->scan, &report, sink);
	else if (result->scan)
		reporter->scan(result->scan, &report, sink);
	else if (result->tree)
		reporter->tree(result->tree, &report, sink);
	else if (result->index)
		reporter->index(result->index, &report, sink);
	else if (result->verify)
		reporter->verify(result->verify, &report, sink);
	else
		reporter->why(result->why, &report, sink);
	written = sink_flush(sink);
	free(sink);
	return written ? ELFLEFT_OK : ELFLEFT_ERROR_IO;
}

const char *elfleft_format(size_t index, const char **ret_help)
{
	const struct reporter *reporter = reporter_at(index);

	if (!reporter)
		return NULL;
	if (ret_help)
		*ret_help = reporter->help;
	return reporter->name;
}
