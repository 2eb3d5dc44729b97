/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug tier of a record that facts_open() was given, checked. */
#include "binary/facts_layout.h"

bool facts_check_debug(const struct facts *facts)
{
	for (size_t i = 0; i < facts->namespaces_count; i++)
		if (!facts_check_text(facts, facts->namespaces[i].name) ||
		    !facts_check_text(facts, facts->namespaces[i].example))
			return false;
	for (size_t i = 0; i < facts->debug_units_count; i++)
		if (!facts_check_text(facts, facts->debug_units[i].name) ||
		    !facts_check_text(facts, facts->debug_units[i].producer) ||
		    !facts_check_text(facts, facts->debug_units[i].directory))
			return false;
	for (size_t i = 0; i < facts->debug_files_count; i++)
		if (!facts_check_text(facts, facts->debug_files[i].path))
			return false;
	return true;
}
