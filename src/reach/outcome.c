/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "reach/reach.h"

static const char *const texts[] = {
    [OUTCOME_CLEAR] = "clear",
    [OUTCOME_NOTICE] = "notice",
    [OUTCOME_SOURCE_OFFER] = "source-offer",
    [OUTCOME_NETWORK_OFFER] = "network-offer",
    [OUTCOME_RELINK] = "relink",
    [OUTCOME_WHOLE_WORK] = "whole-work",
    [OUTCOME_REVIEW] = "review",
    [OUTCOME_CONFLICT] = "conflict",
};

const char *outcome_text(enum outcome outcome)
{
	return texts[outcome];
}

enum outcome outcome_highest(uint32_t outcomes)
{
	for (unsigned i = OUTCOME_CONFLICT; i > OUTCOME_CLEAR; i--)
		if (outcomes & (1u << i))
			return (enum outcome)i;
	return OUTCOME_CLEAR;
}

bool outcome_parse(const char *text, enum outcome *ret)
{
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i], text) == 0) {
			*ret = (enum outcome)i;
			return true;
		}
	}
	return false;
}
