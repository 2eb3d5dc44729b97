/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prose copyright files, recognised by the texts they point to. Debian's policy has them name the
 * file under /usr/share/common-licenses, so the GNU licences a package carries can be told; which
 * of its files each one covers can not. So this is never sure, and says so.
 */
#include <string.h>
#include <strings.h>

#include "licence/package.h"

#define FOLDER "/usr/share/common-licenses/"

static const struct {
	const char *name; /* in the folder */
	const char *only, *or_later;
} texts[] = {
    {"GPL-1", "GPL-1.0-only", "GPL-1.0-or-later"},
    {"GPL-2", "GPL-2.0-only", "GPL-2.0-or-later"},
    {"GPL-3", "GPL-3.0-only", "GPL-3.0-or-later"},
    {"LGPL-2", "LGPL-2.0-only", "LGPL-2.0-or-later"},
    {"LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later"},
    {"LGPL-3", "LGPL-3.0-only", "LGPL-3.0-or-later"},
    {"Apache-2.0", "Apache-2.0", "Apache-2.0"},
    {"MPL-1.1", "MPL-1.1", "MPL-1.1"},
    {"MPL-2.0", "MPL-2.0", "MPL-2.0"},
    {"BSD", "BSD-3-Clause", "BSD-3-Clause"},
    {"Artistic", "Artistic-1.0-Perl", "Artistic-1.0-Perl"},
    /* Links to the newest version: the text names none. */
    {"GPL", "GPL-1.0-or-later", "GPL-1.0-or-later"},
    {"LGPL", "LGPL-2.0-or-later", "LGPL-2.0-or-later"},
};

static bool is_name_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.';
}

/* The name behind the folder, without a full stop that ends the sentence. */
static struct slice name_at(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_name_byte(text.ptr[end]))
		end++;
	while (end > at && text.ptr[end - 1] == '.')
		end--;
	return slice_of(text.ptr + at, end - at);
}

static bool holds_words(struct slice text, const char *words)
{
	size_t length = strlen(words);

	for (size_t i = 0; i + length <= text.len; i++)
		if (strncasecmp((const char *)text.ptr + i, words, length) == 0)
			return true;
	return false;
}

static const char *spdx_of(struct slice name, bool or_later)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (slice_equal_text(name, texts[i].name))
			return or_later ? texts[i].or_later : texts[i].only;
	return NULL;
}

struct file_licence *prose_licence(const struct package_licence *package,
				   const struct knowledge *knowledge, struct arena *arena)
{
	bool or_later = holds_words(package->prose, "any later version");
	const struct expression *joined = NULL;
	struct file_licence *licence;
	size_t at = 0;

	while (at < package->prose.len) {
		const uint8_t *found = memmem(package->prose.ptr + at, package->prose.len - at,
					      FOLDER, strlen(FOLDER));
		const struct expression *one;
		const char *spdx;

		if (!found)
			break;
		at = (size_t)(found - package->prose.ptr) + strlen(FOLDER);
		spdx = spdx_of(name_at(package->prose, at), or_later);
		if (spdx && expression_parse(knowledge, EXPRESSION_SPDX, spdx, "", arena, &one,
					     NULL) == STATUS_OK)
			joined = expression_join(EXPRESSION_AND, joined, one, arena);
	}
	if (!joined)
		return NULL;
	licence = arena_alloc(arena, sizeof(*licence));
	*licence = (struct file_licence){
	    .expression = joined,
	    .text = expression_print(joined, arena),
	    .original = "prose",
	    .source = LICENCE_SOURCE_FREEFORM,
	    .confidence = LICENCE_CONFIDENCE_LOW,
	    .path = package->path,
	    .detail = "the texts its copyright file points to; which file each covers is not known",
	};
	return licence;
}
