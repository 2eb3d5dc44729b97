/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of findings: facts, known readings, and what can be done. Never legal advice. */
#ifndef REACH_MESSAGE_H
#define REACH_MESSAGE_H

#include "reach/rules.h"

/* A node for sentences: the last component of its path. */
const char *message_name(const struct judge *judge, uint32_t node);
/* The subject of a finding, and how many more files of its component share it. */
const char *message_subject(struct judge *judge, const struct finding *finding);
/* What says that the subject is modified or another build; "" or a sentence with a blank before. */
const char *message_difference(struct judge *judge, const struct draft *draft);
const char *message_text(struct judge *judge, const struct draft *draft,
			 const struct finding *finding);
const char *remedy_text(struct judge *judge, const struct draft *draft,
			const struct finding *finding);

#endif
