/* SPDX-License-Identifier: BSD-2-Clause */
/* The edges of a scan: by class, and which processes a file meets. */
#ifndef REPORT_TEXT_EDGES_H
#define REPORT_TEXT_EDGES_H

#include "report/text.h"
#include "util/arena.h"

/* How many edges of each kind there are, and the IPC edges by their consumer. */
void text_edges(const struct text *text, const struct view *view, struct arena *arena);
/* One edge whole: why it is in its class, and all its evidence. */
void text_edge(const struct text *text, const struct view *view, const struct view_edge *edge);

#endif
