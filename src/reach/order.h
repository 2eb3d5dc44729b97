/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canonical order of the judgement's input, so that the order a caller gives changes nothing.
 * Input that is in order already is used as it is.
 */
#ifndef REACH_ORDER_H
#define REACH_ORDER_H

#include "reach/reach.h"

struct order {
	const struct reach_input *input;       /* in order */
	const uint32_t *nodes, *edges, *works; /* place in the caller's arrays; NULL: the same */
};

void order_open(struct order *order, const struct reach_input *input, struct arena *arena);
/* Gives the indexes of a result the caller's meaning. */
void order_restore(const struct order *order, struct reach_result *result, struct arena *arena);

#endif
