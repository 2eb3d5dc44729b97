/* SPDX-License-Identifier: BSD-2-Clause */
/* Sentences on programs that take requests over a network (licences.md B7). Private to message*.c.
 */
#ifndef REACH_MESSAGE_NETWORK_H
#define REACH_MESSAGE_NETWORK_H

#include "reach/message.h"

const char *message_offer(struct judge *judge, const struct draft *draft,
			  const struct finding *finding);
const char *message_unmodified(struct judge *judge, const struct draft *draft,
			       const struct finding *finding);
const char *message_network_linked(struct judge *judge, const struct draft *draft,
				   const struct finding *finding);
const char *message_network_other(struct judge *judge, const struct draft *draft,
				  const struct finding *finding);

#endif
