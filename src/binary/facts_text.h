/* SPDX-License-Identifier: BSD-2-Clause */
/* How the facts record refers to text; included by facts.h and the headers of its tiers. */
#ifndef BINARY_FACTS_TEXT_H
#define BINARY_FACTS_TEXT_H

#include <stdint.h>

/* Text or bytes inside the STRINGS section; the byte after it is NUL. */
struct facts_text {
	uint32_t offset, length;
};

#endif
