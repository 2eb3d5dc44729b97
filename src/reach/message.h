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

/* Parts of sentences, for message*.c: the subject with its like, what a reference says of it. */
const char *message_subject(struct judge *judge, const struct finding *finding);
const char *message_difference(struct judge *judge, const struct draft *draft);
const char *message_internal(struct judge *judge, const struct draft *draft,
			     const struct finding *finding);
const char *message_network_offer(struct judge *judge, const struct draft *draft,
				  const struct finding *finding);
const char *message_network_note(struct judge *judge, const struct draft *draft,
				 const struct finding *finding);
const char *message_network_linked(struct judge *judge, const struct draft *draft,
				   const struct finding *finding);
const char *message_network_other(struct judge *judge, const struct draft *draft,
				  const struct finding *finding);

#endif
