/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/edge.h"

const char *edge_kind_text(enum edge_kind kind)
{
	static const char *const texts[] = {
#define EDGE_KIND(id, text, class, reason) [EDGE_KIND_##id] = (text),
	    EDGE_KINDS(EDGE_KIND)
#undef EDGE_KIND
	};

	return texts[kind];
}

enum edge_class edge_kind_class(enum edge_kind kind)
{
	static const enum edge_class classes[] = {
#define EDGE_KIND(id, text, class, reason) [EDGE_KIND_##id] = EDGE_CLASS_##class,
	    EDGE_KINDS(EDGE_KIND)
#undef EDGE_KIND
	};

	return classes[kind];
}

const char *edge_kind_reason(enum edge_kind kind)
{
	static const char *const reasons[] = {
#define EDGE_KIND(id, text, class, reason) [EDGE_KIND_##id] = (reason),
	    EDGE_KINDS(EDGE_KIND)
#undef EDGE_KIND
	};

	return reasons[kind];
}

const char *edge_class_text(enum edge_class class)
{
	static const char *const texts[] = {"linking", "IPC", "aggregation"};

	return texts[class];
}

const char *edge_grade_text(enum edge_grade grade)
{
	static const char *const texts[] = {"linker-record", "symbol-binding", "fingerprint",
					    "declared", "string"};

	return texts[grade];
}
