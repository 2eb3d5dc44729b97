/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/reference_size.h"

#include <errno.h>
#include <string.h>

static void tell(const struct scan_options *options, const char *text)
{
	if (options->message)
		options->message(options->message_context, text);
}

/* One decimal, without floating point. */
static const char *share(uint64_t part, uint64_t whole, struct arena *arena)
{
	uint64_t tenths = whole ? (part * 1000 + whole / 2) / whole : 0;

	return arena_printf(arena, "%llu.%llu %%", (unsigned long long)tenths / 10,
			    (unsigned long long)tenths % 10);
}

/* The largest kind that is not told yet, earlier before later; or REFERENCE_KIND_COUNT. */
static unsigned next_largest(const struct reference_size *size, const bool *told)
{
	unsigned best = REFERENCE_KIND_COUNT;

	for (unsigned i = 0; i < REFERENCE_KIND_COUNT; i++)
		if (!told[i] && size->of_kind[i] &&
		    (best == REFERENCE_KIND_COUNT || size->of_kind[i] > size->of_kind[best]))
			best = i;
	return best;
}

void reference_size_tell(const struct scan_options *options, const char *file,
			 const struct reference_size *size, struct arena *arena)
{
	bool told[REFERENCE_KIND_COUNT] = {false};
	const char *text = arena_printf(
	    arena,
	    "%s: %llu bytes for %llu functions in %llu bytes of code (%s) and %llu kernels\n%s:",
	    file, (unsigned long long)size->total, (unsigned long long)size->functions,
	    (unsigned long long)size->code, share(size->total, size->code, arena),
	    (unsigned long long)size->kernels, file);
	unsigned kind;

	while ((kind = next_largest(size, told)) != REFERENCE_KIND_COUNT) {
		text = arena_printf(arena, "%s %s %s,", text,
				    reference_kind_text((enum reference_kind)kind),
				    share(size->of_kind[kind], size->total, arena));
		told[kind] = true;
	}
	tell(options, arena_printf(arena, "%.*s\n", (int)strlen(text) - 1, text));
}

bool reference_trouble_tell(const struct scan_options *options, const struct diags *diags,
			    struct arena *arena)
{
	const char *text = "";

	vec_each (diag, &diags->list)
		if (diag->id == DIAG_REFERENCE_BAD)
			text = arena_printf(arena, "%s%s: %s: %s\n", text, diag->file,
					    diag_info(diag->id)->text, diag->message);
	if (*text)
		tell(options, text);
	return *text != '\0';
}

void reference_failure_tell(const struct scan_options *options, const char *what,
			    enum status status, const struct diags *diags, struct arena *arena)
{
	int error = errno;
	const char *why = status == STATUS_IO && error ? strerror(error) : status_text(status);

	if (!reference_trouble_tell(options, diags, arena))
		tell(options, arena_printf(arena, "%s: %s\n", what, why));
	errno = error;
}
