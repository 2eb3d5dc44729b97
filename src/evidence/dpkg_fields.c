/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/dpkg_fields.h"

#include <string.h>
#include <strings.h>

static void read_field(struct dpkg_fields *fields, struct slice name, struct slice value)
{
	static const struct {
		const char *name;
		size_t offset;
	} known[] = {
	    {"Package", offsetof(struct dpkg_fields, package)},
	    {"Status", offsetof(struct dpkg_fields, status)},
	    {"Architecture", offsetof(struct dpkg_fields, architecture)},
	    {"Version", offsetof(struct dpkg_fields, version)},
	    {"Source", offsetof(struct dpkg_fields, source)},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (name.len == strlen(known[i].name) &&
		    strncasecmp((const char *)name.ptr, known[i].name, name.len) == 0)
			*(struct slice *)((char *)fields + known[i].offset) = slice_trim(value);
	}
}

/* Continuation lines and comments are good lines too. */
bool dpkg_fields_read_line(struct dpkg_fields *fields, struct slice line, bool inside)
{
	const uint8_t *colon;
	struct slice name, value;

	if (memchr(line.ptr, '\0', line.len))
		return false;
	if (line.ptr[0] == '#')
		return true;
	if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
		return inside;
	colon = memchr(line.ptr, ':', line.len);
	if (!colon || colon == line.ptr)
		return false;
	name = slice_of(line.ptr, (size_t)(colon - line.ptr));
	value = slice_of(colon + 1, line.len - name.len - 1);
	read_field(fields, slice_trim(name), value);
	return true;
}

void dpkg_fields_source(struct slice source, struct slice *name, struct slice *version)
{
	struct slice word;

	if (!slice_token(&source, " \t(", &word))
		return;
	*name = word;
	if (slice_token(&source, " \t()", &word))
		*version = word;
}
