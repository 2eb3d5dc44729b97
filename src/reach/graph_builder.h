/* SPDX-License-Identifier: BSD-2-Clause */
/* The graph while it is built: graph.c lists files and edges, graph_works.c makes works of them. */
#ifndef REACH_GRAPH_BUILDER_H
#define REACH_GRAPH_BUILDER_H

#include "reach/graph.h"
#include "util/map.h"
#include "util/vec.h"

struct builder {
	const struct graph_input *input;
	struct arena *arena;
	VEC(struct graph_file) files;
	struct map index_by_path;
	struct map load_by_path; /* path -> index into loads */
	VEC(const struct load_set *) loads;
	VEC(struct graph_edge) edges;
	struct map index_by_edge;  /* key text -> index into edges */
	VEC(uint32_t) found_edges; /* beside the found edges of the input: index into edges */
	uint32_t *found_first; /* by file: its found edges start here; one more behind the last */
	size_t file_count;     /* files behind this are components */
	VEC(uint32_t) embedded_edges; /* to components, by file: index into edges */
	uint32_t *embedded_first;     /* as found_first */
	VEC(struct graph_work) works;
	VEC(uint32_t *) edge_lists; /* of all works, to be renumbered */
};

uint32_t graph_file_index(const struct builder *builder, const char *path);
const char *graph_binary_path(const struct builder *builder, const struct binary *binary);
/* The process with this file as its root, made once; NULL when it makes none. */
const struct load_set *graph_load_of(struct builder *builder, const char *path,
				     struct binary *binary);
/* The graph's edge for one of a load set, made when it is new; GRAPH_NONE when it has no start. */
uint32_t graph_add_edge(struct builder *builder, const struct load_set *load,
			const struct loader_edge *edge, uint32_t root);
int graph_compare_index(const void *a, const void *b);

/* Adds the components inside the files, when all files are listed and described. */
void graph_add_components(struct builder *builder);
/* Adds the edges to them; before works are made. */
void graph_add_embedded_edges(struct builder *builder);

void graph_add_works(struct builder *builder);
/* How plugins and their hosts talk; when all files have their load sets. */
void graph_describe_plugins(struct builder *builder);

#endif
