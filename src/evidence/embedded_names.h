/* SPDX-License-Identifier: BSD-2-Clause */
/* What embedded_names.c joins. Private to embedded_*.c. */
#ifndef EVIDENCE_EMBEDDED_NAMES_H
#define EVIDENCE_EMBEDDED_NAMES_H

#include "evidence/embedded.h"
#include "util/table.h"
#include "util/vec.h"

struct named_list {
	VEC(struct embedded_component) list;
};

/* By basis, name and version: the order of embedded.named. */
int embedded_compare_named(const void *a, const void *b);

/* data/module-licences.tsv */
struct module_table {
	struct table table;
	size_t module, ecosystem, version, licence, source;
	bool usable;
};

void modules_open(const char *data_folder, struct arena *arena, struct diags *diags,
		  struct module_table *modules);
void modules_find(const struct module_table *modules, const struct facts *facts,
		  struct arena *arena, struct named_list *ret);

/* data/symbol-components.tsv */
struct symbol_prefix {
	const char *text, *project, *licence;
	size_t length;
	uint32_t least; /* functions that make a component */
	uint32_t project_number;
};

struct symbol_table {
	VEC(struct symbol_prefix) prefixes; /* sorted by text */
	uint32_t project_count;
};

void symbols_open(const char *data_folder, struct arena *arena, struct diags *diags,
		  struct symbol_table *symbols);
void symbols_close(struct symbol_table *symbols);
void symbols_find(const struct symbol_table *symbols, const struct facts *facts,
		  struct arena *arena, struct named_list *ret);

/* data/confidence.tsv */
struct calibration_table {
	struct embedded_calibration rows[EMBEDDED_BASIS_COUNT][EMBEDDED_DECLARED + 1];
};

void calibration_open(const char *data_folder, struct arena *arena, struct diags *diags,
		      struct calibration_table *table);
/* NULL: it was not measured. */
const struct embedded_calibration *calibration_of(const struct calibration_table *table,
						  const struct embedded_component *component);

#endif
