/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components whose code is inside files: a node per component and version, an edge from each file
 * that holds it. A file that belongs to the component itself has no edge to it. What fingerprints
 * and the names of header code both find is told by its fingerprints.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/purl.h"
#include "reach/graph_builder.h"
#include "util/path.h"

/* What a file holds, on its way into the graph. */
struct held {
	uint32_t file;
	const char *id, *name;
	const struct embedded_component *embedded; /* one of the two */
	const struct inline_component *inlined;
};

struct held_list {
	VEC(struct held) list;
};

/* "readline", "readline (renamed)": the name of the table begins with that of the project. */
static bool begins_with_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return length && strncasecmp(text, word, length) == 0 &&
	       (!text[length] || strchr(" -(,", text[length]));
}

static bool is_project(const struct component *owner, const char *name)
{
	return *name &&
	       (strcasecmp(owner->source_name, name) == 0 || strcasecmp(owner->name, name) == 0);
}

/* "libtiff.so.6" and "libfmt.so.9" are libtiff's and fmt's own, however their package is called. */
static bool is_named_after(const char *file, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(file, name, length) != 0 && strncmp(file, "lib", 3) == 0)
		file += 3;
	return strncasecmp(file, name, length) == 0 && strspn(file + length, "0123456789-.") &&
	       strstr(file + length, ".so");
}

/* Whether the file is of the project whose code was found in it. */
static bool is_own(const struct builder *builder, const struct graph_file *file,
		   const struct embedded_component *embedded)
{
	struct provider_query query = {.path = file->path};
	const struct component *known;
	bool named_after;

	if (file->component && (is_project(file->component, embedded->source) ||
				is_project(file->component, embedded->name)))
		return true;
	if (file->facts && file->facts->identity->soname.length)
		query.soname = facts_text(file->facts, file->facts->identity->soname);
	named_after = is_named_after(path_name(file->path), embedded->name) ||
		      (query.soname && is_named_after(query.soname, embedded->name));
	if (named_after && embedded->basis != EMBEDDED_BY_CODE)
		return true;
	/* A file of nobody has its licence by its code alone; one that the table knows does not. */
	known = builder->input->providers
		    ? providers_ask(builder->input->providers, "known", &query)
		    : NULL;
	return known && (named_after || begins_with_word(known->name, embedded->name) ||
			 begins_with_word(known->name, embedded->source));
}

/* The version when it is known, the file's own word first, or as a range of those that fit. */
static const char *version_text(const struct embedded_component *embedded, struct arena *arena)
{
	if (embedded->stated_version)
		return embedded->stated_version;
	if (!embedded->version_fits || !embedded->version_count)
		return "";
	if (embedded->version_count == 1)
		return embedded->versions[0];
	return arena_printf(arena, "%s..%s", embedded->versions[0],
			    embedded->versions[embedded->version_count - 1]);
}

/* The type of its purl, of a module; else what told of it. */
static const char *prefix_of(const struct embedded_component *embedded)
{
	if (*embedded->ecosystem)
		return embedded->ecosystem;
	if (embedded->basis == EMBEDDED_BY_MAP)
		return "map";
	if (embedded->basis == EMBEDDED_BY_TEXTS)
		return "texts";
	if (embedded->basis == EMBEDDED_BY_UNITS)
		return "units";
	return embedded->basis == EMBEDDED_BY_SYMBOLS ? "symbols" : "index";
}

/* "index:zlib@1.2.13", "cargo:syn@2.0.1" */
static void hold(struct builder *builder, uint32_t file, const struct embedded_component *one,
		 struct held_list *held)
{
	const char *version = version_text(one, builder->arena);
	const char *id = arena_printf(builder->arena, "%s:%s%s%s", prefix_of(one), one->name,
				      *version ? "@" : "", version);

	if (!is_own(builder, &builder->files.ptr[file], one))
		vec_push(&held->list, ((struct held){file, id, one->name, one, NULL}));
}

static void list_held(struct builder *builder, struct held_list *held)
{
	const struct embedded_files *from = builder->input->embedded;

	for (size_t i = 0; from && i < from->count; i++) {
		uint32_t file = graph_file_index(builder, from->list[i].path);
		const struct embedded *embedded = from->list[i].embedded;

		if (file == GRAPH_NONE)
			continue;
		for (size_t j = 0; j < embedded->component_count; j++)
			hold(builder, file, &embedded->components[j], held);
		for (size_t j = 0; j < embedded->named_count; j++)
			hold(builder, file, &embedded->named[j], held);
	}
}

/* ---- code of headers ---- */

static bool is_own_header(const struct builder *builder, const struct graph_file *file,
			  const struct inline_component *inlined)
{
	const struct component *owner = file->component;
	struct provider_query query = {.path = file->path};
	const struct component *known;

	if (owner && (inline_is_own(inlined, owner->source_name) ||
		      inline_is_own(inlined, owner->name) || is_project(owner, inlined->name)))
		return true;
	if (file->facts && file->facts->identity->soname.length)
		query.soname = facts_text(file->facts, file->facts->identity->soname);
	if (inline_is_own(inlined, path_name(query.soname ? query.soname : file->path)))
		return true;
	known = builder->input->providers
		    ? providers_ask(builder->input->providers, "known", &query)
		    : NULL;
	return known && begins_with_word(known->name, inlined->name);
}

static bool is_found_by_code(const struct held_list *held, uint32_t file, const char *name)
{
	for (size_t i = held->list.len; i > 0 && held->list.ptr[i - 1].file == file; i--)
		if (held->list.ptr[i - 1].embedded &&
		    (begins_with_word(held->list.ptr[i - 1].name, name) ||
		     strcasecmp(held->list.ptr[i - 1].embedded->source, name) == 0))
			return true;
	return false;
}

/* What one file holds; the list ends with what its code shows. */
static void list_inlined(struct builder *builder, uint32_t file, const struct inline_code *code,
			 struct held_list *held)
{
	for (size_t i = 0; i < code->count; i++) {
		const struct inline_component *one = &code->components[i];

		if (!one->contained || is_own_header(builder, &builder->files.ptr[file], one) ||
		    is_found_by_code(held, file, one->name))
			continue;
		vec_push(&held->list,
			 ((struct held){file,
					arena_printf(builder->arena, "%s%s%s", one->id,
						     *one->version ? "@" : "", one->version),
					one->name, NULL, one}));
	}
}

/* Both lists are sorted by path; files have what their code shows first. */
static void list_all(struct builder *builder, struct held_list *held)
{
	const struct inline_files *from = builder->input->inlined;
	struct held_list both = {0};
	size_t at = 0;

	list_held(builder, held);
	for (size_t i = 0; from && i < from->count; i++) {
		uint32_t file = graph_file_index(builder, from->list[i].path);

		if (file == GRAPH_NONE || !from->list[i].code->count)
			continue;
		while (at < held->list.len && held->list.ptr[at].file <= file)
			vec_push(&both.list, held->list.ptr[at++]);
		list_inlined(builder, file, from->list[i].code, &both);
	}
	while (at < held->list.len)
		vec_push(&both.list, held->list.ptr[at++]);
	vec_release(&held->list);
	*held = both;
}

/* ---- nodes and edges ---- */

/* By component, surest names first, then by file: files are sorted by path. */
static int compare_held(const void *a, const void *b)
{
	const struct held *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	if (!order && left->inlined && right->inlined)
		order = right->inlined->distinct - left->inlined->distinct;
	return order ? order : (left->file > right->file) - (left->file < right->file);
}

static int compare_held_files(const void *a, const void *b)
{
	const struct held *left = a, *right = b;

	if (left->file != right->file)
		return left->file < right->file ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* pkg:TYPE/NAME@VERSION, of modules; slashes of a name part its namespaces (purl-spec). */
static const char *purl_of(const struct embedded_component *embedded, struct arena *arena)
{
	const char *version = version_text(embedded, arena);
	char *name = arena_alloc(arena, strlen(embedded->name) * 3 + 2), *end = name;
	struct slice rest = slice_text(embedded->name), segment;

	if (!*embedded->ecosystem || embedded->basis == EMBEDDED_BY_CONFIGURATION ||
	    (embedded->class == INDEX_TOOLCHAIN && embedded->basis == EMBEDDED_BY_PATH))
		return "";
	while (slice_token(&rest, "/", &segment))
		end = stpcpy(stpcpy(end, "/"), purl_encoded(arena, segment));
	return arena_printf(arena, "pkg:%s%s%s%s", embedded->ecosystem, name, *version ? "@" : "",
			    purl_encoded(arena, slice_text(version)));
}

static const struct component *make_header_component(const struct held *held, struct arena *arena)
{
	const struct inline_component *inlined = held->inlined;
	struct component *component = arena_alloc(arena, sizeof(*component));

	*component = (struct component){
	    .id = held->id,
	    .name = inlined->name,
	    .version = inlined->version,
	    .source_name = inlined->name,
	    .source_version = "",
	    .purl = "",
	    .copyright_path = "",
	    .declared = inlined->licence,
	    .note = *inlined->note ? inlined->note
				   : "templates and inline functions of its headers in other files",
	};
	return component;
}

static const struct component *make_component(const struct held *held, struct arena *arena)
{
	const struct embedded_component *embedded = held->embedded;
	struct component *component = arena_alloc(arena, sizeof(*component));

	*component = (struct component){
	    .id = held->id,
	    .name = embedded->name,
	    .version = version_text(embedded, arena),
	    .source_name = embedded->source,
	    .source_version = embedded->version_count == 1 && embedded->version_fits
				  ? embedded->source_version
				  : "",
	    .purl = purl_of(embedded, arena),
	    .copyright_path = "",
	    .declared = embedded->licence,
	    .note = embedded->basis == EMBEDDED_BY_CODE
			? "code inside other files, told by its fingerprints"
		    : embedded->basis == EMBEDDED_BY_SYMBOLS
			? "code inside other files, told by names of functions"
		    : embedded->basis == EMBEDDED_BY_TEXTS ? "inside other files, told by its texts"
		    : embedded->basis == EMBEDDED_BY_MAP
			? "inside other files, as the linker's map beside them says"
			: "inside other files, as their toolchain wrote down",
	};
	return component;
}

/* Where the licence of a component told by its contents was read, and why that may not be its. */
static const char *licence_detail(const struct embedded_component *embedded, struct arena *arena)
{
	const char *reason = NULL;

	if (embedded->basis == EMBEDDED_BY_SYMBOLS)
		reason = "by names of functions alone, of any version";
	else if (embedded->basis == EMBEDDED_BY_TEXTS && embedded->stated_version)
		reason = "by its texts alone";
	else if (embedded->basis == EMBEDDED_BY_TEXTS)
		reason = "by its texts alone, of the nearest version";
	else if (embedded->licences_differ && embedded->basis == EMBEDDED_BY_MAP)
		reason = "which version went in is not known";
	else if (embedded->licences_differ && embedded->basis != EMBEDDED_BY_CODE)
		reason = "read in another version";
	else if (embedded->licences_differ)
		reason = "the versions that fit differ in licence";
	if (embedded->licence_doubt && (!reason || embedded->stated_version))
		reason = reason ? arena_printf(arena, "%s; %s", reason, embedded->licence_doubt)
				: embedded->licence_doubt;
	return reason ? arena_printf(arena, "%s; %s", embedded->package, reason)
		      : embedded->package;
}

/* One licence may not be that of the part at hand: what the index says is of a whole package. */
static const struct file_licence *licence_of(struct builder *builder, const struct held *held)
{
	const struct embedded_component *embedded = held->embedded;

	if (held->inlined)
		return licences_of_embedded(
		    builder->input->licences, held->inlined->licence,
		    LICENCE_SOURCE_KNOWN_COMPONENT,
		    held->inlined->distinct ? LICENCE_CONFIDENCE_MEDIUM : LICENCE_CONFIDENCE_LOW,
		    held->inlined->distinct
			? held->inlined->source_of_licence
			: arena_printf(builder->arena,
				       "%s; a namespace of this short name may be another's",
				       held->inlined->source_of_licence));
	return licences_of_embedded(
	    builder->input->licences, embedded->licence, LICENCE_SOURCE_INDEX,
	    embedded->licences_differ || embedded->licence_doubt ||
		    embedded->basis == EMBEDDED_BY_SYMBOLS || embedded->basis == EMBEDDED_BY_TEXTS
		? LICENCE_CONFIDENCE_LOW
		: LICENCE_CONFIDENCE_MEDIUM,
	    licence_detail(embedded, builder->arena));
}

static void add_component(struct builder *builder, const struct held *held)
{
	struct graph_file node = {
	    .path = held->id,
	    .component = held->inlined ? make_header_component(held, builder->arena)
				       : make_component(held, builder->arena),
	    .origin = held->inlined				  ? "headers"
		      : held->embedded->basis == EMBEDDED_BY_CODE ? "index"
								  : "names",
	    .is_component = true,
	};

	if (builder->input->licences)
		node.licence = licence_of(builder, held);
	map_put(&builder->index_by_path, slice_text(node.path), (uint32_t)builder->files.len, NULL);
	vec_push(&builder->files, node);
}

static enum edge_grade grade_of(const struct embedded_component *embedded)
{
	switch (embedded->basis) {
	case EMBEDDED_BY_LIST:
	case EMBEDDED_BY_TOOLCHAIN:
	case EMBEDDED_BY_CONFIGURATION:
	case EMBEDDED_BY_MAP:
	case EMBEDDED_BY_UNITS:
		return EDGE_GRADE_DECLARED;
	case EMBEDDED_BY_PATH:
	case EMBEDDED_BY_TEXTS:
		return EDGE_GRADE_STRING;
	case EMBEDDED_BY_SYMBOLS:
		return EDGE_GRADE_SYMBOL_BINDING;
	case EMBEDDED_BY_CODE:
	case EMBEDDED_BASIS_COUNT:
		break;
	}
	return EDGE_GRADE_FINGERPRINT;
}

static uint32_t add_held_edge(struct builder *builder, const struct held *held)
{
	struct graph_edge edge = {
	    .from = held->file,
	    .to = graph_file_index(builder, held->id),
	    .name = held->name,
	    .rule = LOADER_RULE_NOT_FOUND,
	    .kind = EDGE_KIND_LINK_STATIC,
	    .grade = held->inlined ? held->inlined->grade : grade_of(held->embedded),
	    .symbols_bound = -1,
	    .embedded = held->embedded,
	    .inlined = held->inlined,
	};
	/* Without the version, so that it stays the same edge; modules come in several. */
	const char *key = arena_printf(
	    builder->arena, "%s\n%s\n%s\n%s", edge_kind_text(edge.kind),
	    held->inlined ? INLINE_EVIDENCE : "code", builder->files.ptr[edge.from].path,
	    held->embedded && held->embedded->basis != EMBEDDED_BY_CODE ? held->id : edge.name);

	edge.id = arena_printf(builder->arena, "e-%016llx",
			       (unsigned long long)map_hash(slice_text(key)));
	map_put(&builder->index_by_edge, slice_text(key), (uint32_t)builder->edges.len, NULL);
	vec_push(&builder->edges, edge);
	return (uint32_t)builder->edges.len - 1;
}

void graph_add_components(struct builder *builder)
{
	struct held_list held = {0};

	builder->file_count = builder->files.len;
	list_all(builder, &held);
	if (held.list.len)
		qsort(held.list.ptr, held.list.len, sizeof(*held.list.ptr), compare_held);
	for (size_t i = 0; i < held.list.len; i++)
		if (i == 0 || strcmp(held.list.ptr[i].id, held.list.ptr[i - 1].id) != 0)
			add_component(builder, &held.list.ptr[i]);
	vec_each (one, &held.list)
		if (builder->files.ptr[one->file].shipped)
			builder->files.ptr[graph_file_index(builder, one->id)].shipped = true;
	vec_release(&held.list);
}

void graph_add_embedded_edges(struct builder *builder)
{
	struct held_list held = {0};

	builder->embedded_first = arena_alloc_array(builder->arena, builder->files.len + 2,
						    sizeof(*builder->embedded_first));
	list_all(builder, &held);
	if (held.list.len)
		qsort(held.list.ptr, held.list.len, sizeof(*held.list.ptr), compare_held_files);
	vec_each (one, &held.list) {
		vec_push(&builder->embedded_edges, add_held_edge(builder, one));
		builder->embedded_first[one->file + 1]++;
	}
	for (size_t i = 0; i < builder->files.len; i++)
		builder->embedded_first[i + 1] += builder->embedded_first[i];
	vec_release(&held.list);
}
