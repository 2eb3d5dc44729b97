/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of message.h share. Private to them. */
#ifndef REACH_MESSAGE_PARTS_H
#define REACH_MESSAGE_PARTS_H

#include "reach/rules.h"

/* The subject of a finding, with how many more files of its component it is about. */
const char *message_subject(struct judge *judge, const struct finding *finding);
/* What says that a file is modified, or another build; "" for all other rules. */
const char *message_difference(struct judge *judge, const struct draft *draft);

/* Whole sentences, by rule. */
const char *message_internal(struct judge *judge, const struct draft *draft,
			     const struct finding *finding);
const char *message_offer(struct judge *judge, const struct draft *draft,
			  const struct finding *finding);
const char *message_unmodified(struct judge *judge, const struct draft *draft,
			       const struct finding *finding);
const char *message_network_linked(struct judge *judge, const struct draft *draft,
				   const struct finding *finding);
const char *message_network_other(struct judge *judge, const struct draft *draft,
				  const struct finding *finding);

#endif
