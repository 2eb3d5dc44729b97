/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of findings: facts, known readings, and what can be done. Never legal advice. */
#ifndef REACH_MESSAGE_H
#define REACH_MESSAGE_H

#include "reach/rules.h"

/* A node for sentences: the last component of its path. */
const char *message_name(const struct judge *judge, uint32_t node);
const char *message_text(struct judge *judge, const struct draft *draft,
			 const struct finding *finding);
const char *remedy_text(struct judge *judge, const struct draft *draft,
			const struct finding *finding);

#endif
