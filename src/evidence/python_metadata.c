/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/python_metadata.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "evidence/purl.h"
#include "util/budget.h"
#include "util/path.h"
#include "util/vec.h"

struct metadata {
	const char *name, *version, *expression, *licence, *classifiers; /* "" when not there */
};

struct text {
	VEC(char) bytes;
};

static void append(struct text *text, struct slice more)
{
	for (size_t i = 0; i < more.len; i++)
		vec_push(&text->bytes, (char)more.ptr[i]);
}

/* Empties the text. */
static const char *take_text(struct text *text, struct arena *arena)
{
	const char *result = arena_slice(arena, slice_of(text->bytes.ptr, text->bytes.len));

	vec_release(&text->bytes);
	return result;
}

/* One field with its continuation lines, joined by newlines; false at the empty line or the end. */
static bool next_field(struct slice *rest, struct arena *arena, struct slice *ret_name,
		       const char **ret_value)
{
	struct slice line, after;
	const uint8_t *colon;
	struct text value = {0};

	if (!slice_line(rest, &line) || !slice_trim(line).len)
		return false;
	colon = memchr(line.ptr, ':', line.len);
	*ret_name = slice_of(line.ptr, colon ? (size_t)(colon - line.ptr) : 0);
	if (colon)
		append(&value,
		       slice_trim(slice_of(colon + 1, (size_t)(line.ptr + line.len - colon - 1))));
	after = *rest;
	while (after.len && (after.ptr[0] == ' ' || after.ptr[0] == '\t') &&
	       slice_line(&after, &line)) {
		*rest = after;
		/* A line that is blank but for its indent stands for an empty one. */
		append(&value, slice_text("\n"));
		append(&value, slice_trim(line));
	}
	*ret_value = take_text(&value, arena);
	return true;
}

static bool is_field(struct slice name, const char *wanted)
{
	return name.len == strlen(wanted) &&
	       strncasecmp((const char *)name.ptr, wanted, name.len) == 0;
}

static struct metadata read_metadata(struct slice text, struct arena *arena)
{
	struct metadata metadata = {"", "", "", "", ""};
	struct text classifiers = {0};
	const char *value;
	struct slice name;

	while (next_field(&text, arena, &name, &value)) {
		if (is_field(name, "Name"))
			metadata.name = value;
		else if (is_field(name, "Version"))
			metadata.version = value;
		else if (is_field(name, "License-Expression"))
			metadata.expression = value;
		else if (is_field(name, "License"))
			metadata.licence = value;
		else if (is_field(name, "Classifier") && strncmp(value, "License ::", 10) == 0) {
			append(&classifiers, slice_text(classifiers.bytes.len ? "\n" : ""));
			append(&classifiers, slice_text(value));
		}
	}
	metadata.classifiers = take_text(&classifiers, arena);
	return metadata;
}

/* "numpy-2.2.6.dist-info": name and version, should METADATA not say. */
static void fill_from_folder(struct metadata *metadata, const char *folder, struct arena *arena)
{
	const char *base = path_name(folder), *dash = strchr(base, '-');
	const char *end = base + strlen(base) - strlen(".dist-info");

	if (!*metadata->name)
		metadata->name =
		    arena_slice(arena, slice_of(base, (size_t)((dash ? dash : end) - base)));
	if (!*metadata->version && dash && dash < end)
		metadata->version =
		    arena_slice(arena, slice_of(dash + 1, (size_t)(end - dash - 1)));
}

/* PyPA "Names and normalization": small letters, and runs of "-", "_" and "." as one "-". */
static const char *normalised(struct arena *arena, const char *name)
{
	char *result = arena_strdup(arena, name), *to = result;

	for (const char *from = name; *from; from++) {
		if (!strchr("-_.", *from))
			*to++ = (char)tolower((unsigned char)*from);
		else if (to == result || to[-1] != '-')
			*to++ = '-';
	}
	*to = '\0';
	return result;
}

static void fill_statements(struct component *component, const struct metadata *metadata,
			    const char *path, struct arena *arena)
{
	const struct component_statement all[] = {
	    {STATEMENT_SPDX, metadata->expression, path},
	    {STATEMENT_PYTHON, metadata->licence, path},
	    {STATEMENT_CLASSIFIERS, metadata->classifiers, path},
	};
	const size_t count = sizeof(all) / sizeof(all[0]);
	struct component_statement *statements = arena_alloc_array(arena, count, sizeof(all[0]));

	for (size_t i = 0; i < count; i++)
		if (*all[i].text)
			statements[component->statement_count++] = all[i];
	component->statements = statements;
}

const struct component *python_component(const struct installed_wheel *wheel, struct root *root,
					 struct arena *arena, struct diags *diags)
{
	const char *path = path_join(arena, wheel->folder, "METADATA");
	struct component *component = arena_alloc(arena, sizeof(*component));
	struct metadata metadata = {"", "", "", "", ""};
	enum status status;
	struct slice text;
	const char *name;

	status = root_read(root, path, BUDGET_COPYRIGHT_FILE, arena, &text);
	if (status == STATUS_OK)
		metadata = read_metadata(text, arena);
	else
		diag_add(diags, DIAG_PACKAGE_DATABASE_BAD, path, DIAG_NO_OFFSET, "%s",
			 status_text(status));
	fill_from_folder(&metadata, wheel->folder, arena);
	name = normalised(arena, metadata.name);
	*component = (struct component){
	    .id = arena_printf(arena, "pypi:%s", name),
	    .name = metadata.name,
	    .version = metadata.version,
	    .source_name = "",
	    .source_version = "",
	    .purl = arena_printf(arena, "pkg:pypi/%s%s%s", purl_encoded(arena, slice_text(name)),
				 *metadata.version ? "@" : "",
				 purl_encoded(arena, slice_text(metadata.version))),
	    .copyright_path = "",
	    .declared = "",
	    .note = "",
	};
	fill_statements(component, &metadata, path, arena);
	return component;
}
