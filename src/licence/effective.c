/* SPDX-License-Identifier: BSD-2-Clause */
/* First cut: the union over a package's DEP-5 stanzas, and the table of known components. */
#include "licence/effective.h"

#include <stdlib.h>
#include <string.h>

#include "util/budget.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/vec.h"

#define FORMAT_URI "copyright-format/1.0"

/* What one copyright file says. */
struct copyright {
	bool machine_readable;
	const char *const *names; /* sorted, without repetition */
	size_t count;
};

struct licences {
	struct root *root;
	const struct knowledge *knowledge;
	struct diags *diags;
	struct arena arena;
	struct map by_path; /* copyright path -> index into files */
	VEC(struct copyright) files;
	VEC(struct file_licence *) made;
};

struct licences *licences_open(struct root *root, const struct knowledge *knowledge,
			       struct diags *diags)
{
	struct licences *licences = memory_calloc(1, sizeof(*licences));

	licences->root = root;
	licences->knowledge = knowledge;
	licences->diags = diags;
	arena_init(&licences->arena);
	return licences;
}

void licences_close(struct licences *licences)
{
	if (!licences)
		return;
	vec_release(&licences->files);
	vec_release(&licences->made);
	map_release(&licences->by_path);
	arena_release(&licences->arena);
	free(licences);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool starts_field(struct slice line, const char *name, struct slice *ret_value)
{
	size_t length = strlen(name);

	if (!slice_starts_with(line, name) || line.len <= length || line.ptr[length] != ':')
		return false;
	*ret_value = slice_trim(slice_of(line.ptr + length + 1, line.len - length - 1));
	return true;
}

/* The first line of each License field; stand-alone ones only repeat what Files stanzas name. */
static void read_copyright(struct licences *licences, struct slice text, struct copyright *ret)
{
	VEC(const char *) names = {0};
	struct slice line, value;
	const char **kept;
	size_t lines = 0, count = 0;

	*ret = (struct copyright){0};
	while (slice_line(&text, &line)) {
		if (lines++ < 20 && starts_field(line, "Format", &value) &&
		    memmem(value.ptr, value.len, FORMAT_URI, strlen(FORMAT_URI)))
			ret->machine_readable = true;
		if (ret->machine_readable && starts_field(line, "License", &value) && value.len)
			vec_push(&names, arena_slice(&licences->arena, value));
	}
	if (names.len)
		qsort(names.ptr, names.len, sizeof(*names.ptr), compare_text);
	kept = arena_alloc_array(&licences->arena, names.len + 1, sizeof(*kept));
	for (size_t i = 0; i < names.len; i++)
		if (i == 0 || strcmp(names.ptr[i], kept[count - 1]) != 0)
			kept[count++] = names.ptr[i];
	vec_release(&names);
	ret->names = kept;
	ret->count = count;
}

static const struct copyright *copyright_of(struct licences *licences, const char *path)
{
	static const struct copyright none;
	struct copyright copyright;
	struct map_entry *entry;
	struct slice text;
	bool added;

	if (!*path)
		return &none;
	entry =
	    map_put(&licences->by_path, slice_text(path), (uint32_t)licences->files.len, &added);
	if (!added)
		return &licences->files.ptr[entry->value];
	copyright = none;
	if (root_read(licences->root, path, BUDGET_TEXT_FILE, &licences->arena, &text) == STATUS_OK)
		read_copyright(licences, text, &copyright);
	vec_push(&licences->files, copyright);
	return &licences->files.ptr[licences->files.len - 1];
}

static const char *join_names(struct licences *licences, const struct copyright *copyright)
{
	char *text = arena_strdup(&licences->arena, "");

	for (size_t i = 0; i < copyright->count; i++)
		text = arena_printf(&licences->arena, "%s%s%s", text, i ? "; " : "",
				    copyright->names[i]);
	return text;
}

const struct file_licence *licences_of_file(struct licences *licences,
					    const struct licence_query *query)
{
	struct file_licence *licence = arena_alloc(&licences->arena, sizeof(*licence));
	const struct copyright *copyright =
	    copyright_of(licences, query->component ? query->component->copyright_path : "");

	*licence = (struct file_licence){.text = "NOASSERTION",
					 .original = "",
					 .confidence = LICENCE_CONFIDENCE_NONE,
					 .path = "",
					 .detail = ""};
	if (copyright->count) {
		licence->original = join_names(licences, copyright);
		licence->source = LICENCE_SOURCE_DEP5_UNION;
		licence->confidence = LICENCE_CONFIDENCE_LOW;
		licence->path = query->component->copyright_path;
	} else if (query->known && *query->known->declared) {
		licence->text = licence->original = query->known->declared;
		licence->source = LICENCE_SOURCE_KNOWN_COMPONENT;
		licence->confidence = LICENCE_CONFIDENCE_MEDIUM;
	} else if (query->component && *query->component->copyright_path) {
		licence->source = LICENCE_SOURCE_FREEFORM;
		licence->path = query->component->copyright_path;
	}
	return licence;
}

void licences_of_package(struct licences *licences, const struct component *component,
			 const char *const **ret, size_t *ret_count)
{
	const struct copyright *copyright = copyright_of(licences, component->copyright_path);

	*ret = copyright->names;
	*ret_count = copyright->count;
}

const char *licence_source_text(enum licence_source source)
{
	static const char *const texts[] = {
	    [LICENCE_SOURCE_NONE] = "not known",
	    [LICENCE_SOURCE_BINARY] = "the binary itself",
	    [LICENCE_SOURCE_DEP5_STANZA] = "package (DEP-5, stanza)",
	    [LICENCE_SOURCE_DEP5_UNION] = "package (DEP-5, union)",
	    [LICENCE_SOURCE_FREEFORM] = "package (prose)",
	    [LICENCE_SOURCE_KNOWN_COMPONENT] = "known component",
	};

	return texts[source];
}
