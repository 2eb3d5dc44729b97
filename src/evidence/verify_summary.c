/* SPDX-License-Identifier: BSD-2-Clause */
/* A verdict's evidence in few words, where a report has room for no more. */
#include <string.h>

#include "binary/demangle.h"
#include "evidence/operators.h"
#include "evidence/verify.h"

#define NAMED 3 /* functions, kernels or changes that are named */

static const char *join(struct arena *arena, const char *text, const char *separator,
			const char *more)
{
	return *text ? arena_printf(arena, "%s%s%s", text, separator, more) : more;
}

static const char *with_rest(struct arena *arena, const char *names, uint64_t count)
{
	if (count <= NAMED)
		return names;
	return arena_printf(arena, "%s and %llu more", names, (unsigned long long)(count - NAMED));
}

/* The ATen operator, else the name as the source has it, else an address. */
static const char *name_of(const struct profile_function *function, struct arena *arena)
{
	const char *demangled = NULL, *operator;

	if (!*function->name)
		return arena_printf(arena, "the function at %#llx",
				    (unsigned long long)function->address);
	demangle_names(&function->name, 1, arena, &demangled);
	operator= demangled ? operator_of_name(demangled, arena) : NULL;
	return operator? operator: demangled ? demangled : function->name;
}

static bool counts_as_change(enum verify_status status)
{
	return status == VERIFY_FUNCTION_MODIFIED || status == VERIFY_FUNCTION_RETARGETED ||
	       status == VERIFY_FUNCTION_IMMEDIATES || status == VERIFY_FUNCTION_ADDED ||
	       status == VERIFY_FUNCTION_REMOVED;
}

static const char *changed_functions(const struct verify_file *file, struct arena *arena)
{
	const char *names = "";
	uint64_t count = 0;

	vec_each (change, &file->functions.changes) {
		if (!counts_as_change(change->status))
			continue;
		if (count++ >= NAMED)
			continue;
		names =
		    join(arena, names, "; ",
			 arena_printf(arena, "%s (%s)",
				      name_of(change->left ? change->left : change->right, arena),
				      verify_status_text(change->status)));
	}
	if (!count)
		return "";
	return arena_printf(arena, "%llu of %llu functions differ: %s", (unsigned long long)count,
			    (unsigned long long)file->functions.total,
			    with_rest(arena, names, count));
}

static const char *changed_kernels(const struct verify_file *file, struct arena *arena)
{
	const char *names = "";
	uint64_t count = 0;

	vec_each (difference, &file->device.differences) {
		const char *mangled = arena_slice(arena, difference->name), *demangled = NULL;

		if (count++ >= NAMED)
			continue;
		demangle_names(&mangled, 1, arena, &demangled);
		names = join(arena, names, "; ",
			     arena_printf(arena, "%s for %s (%s)", demangled ? demangled : mangled,
					  arena_slice(arena, difference->architecture),
					  device_level_text(difference->level)));
	}
	if (!count)
		return "";
	return arena_printf(arena, "%llu %s: %s", (unsigned long long)count,
			    count == 1 ? "kernel differs" : "kernels differ",
			    with_rest(arena, names, count));
}

static const char *changed_parts(const struct verify_file *file, struct arena *arena)
{
	const char *names = "";
	uint64_t count = 0;

	vec_each (part, &file->parts)
		if (!part->equal && count++ < NAMED)
			names = join(arena, names, ", ", part->name);
	return count ? arena_printf(arena, "differs in %s", with_rest(arena, names, count)) : "";
}

static const char *packaging(const struct verify_file *file, struct arena *arena)
{
	const char *names = "";
	uint64_t count = 0;

	vec_each (change, &file->changes)
		if (count++ < NAMED)
			names = join(arena, names, "; ", *change);
	return with_rest(arena, names, count);
}

const char *verify_summary(const struct verify_file *file, struct arena *arena)
{
	const char *text = file->reason, *functions;

	switch (file->verdict) {
	case VERIFY_REPACKAGED:
		return join(arena, text, "; ", packaging(file, arena));
	case VERIFY_MODIFIED:
		functions = changed_functions(file, arena);
		if (*functions)
			text = join(arena, text, "; ", functions);
		if (file->device.differences.len)
			text = join(arena, text, "; ", changed_kernels(file, arena));
		return *text ? text : changed_parts(file, arena);
	case VERIFY_REBUILT:
		if (!file->compared_functions || !file->functions.bytes)
			return text;
		return join(arena, text, "; ",
			    arena_printf(arena, "%llu %% of the code of the reference is in it",
					 (unsigned long long)(file->functions.bytes_same * 100 /
							      file->functions.bytes)));
	case VERIFY_IDENTICAL:
	case VERIFY_UNRELATED:
	case VERIFY_INCOMPLETE:
	case VERIFY_ADDED:
	case VERIFY_REMOVED:
	case VERIFY_VERDICT_COUNT:
		break;
	}
	return text;
}
