/* SPDX-License-Identifier: BSD-2-Clause */
/* The judgement's input, made of the graph. */
#ifndef REACH_MODEL_H
#define REACH_MODEL_H

#include "depend/listening.h"
#include "reach/graph.h"
#include "reach/notices.h"
#include "reach/reach.h"

/* Whether a licence is about that has something to ask of use over a network. */
bool model_asks_listening(const struct graph *graph);

/*
 * Nodes are the files and components of the graph, in its order; edges are those of its edges that
 * lead to one, in its order. file_policy: NULL without one. texts: beside files, or NULL. data:
 * host folder of tables, NULL for the built-in ones. listening: of files by their binaries.
 */
const struct reach_input *model_of_graph(const struct graph *graph,
					 const struct reach_policy *policy,
					 const struct policy *file_policy,
					 const struct notice_texts *texts,
					 const struct listening_map *listening, const char *data,
					 struct diags *diags, struct arena *arena);

#endif
