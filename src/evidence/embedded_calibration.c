/* SPDX-License-Identifier: BSD-2-Clause */
/* How often what is said with a word was so. */
#include <stdlib.h>
#include <string.h>

#include "evidence/embedded_names.h"

enum { WORD, BASIS, SO, SAID, LOW, HIGH, COLUMNS };

static const char *const headers[COLUMNS] = {"word", "basis", "so", "said", "low", "high"};

static uint32_t number(const struct table *table, size_t row, size_t column)
{
	return (uint32_t)strtoul(table_field(table, row, column), NULL, 10);
}

static struct embedded_calibration *find_row(struct calibration_table *table, const char *basis,
					     const char *word)
{
	for (unsigned i = 0; i < EMBEDDED_BASIS_COUNT; i++)
		for (unsigned j = 0; j <= EMBEDDED_DECLARED; j++)
			if (strcmp(embedded_basis_text((enum embedded_basis)i), basis) == 0 &&
			    strcmp(embedded_confidence_text((enum embedded_confidence)j), word) ==
				0)
				return &table->rows[i][j];
	return NULL;
}

void calibration_open(const char *data_folder, struct arena *arena, struct diags *diags,
		      struct calibration_table *table)
{
	size_t columns[COLUMNS];
	struct table rows;

	if (table_open(data_folder, "confidence", arena, diags, &rows) != STATUS_OK)
		return;
	for (size_t i = 0; i < COLUMNS; i++) {
		columns[i] = table_column(&rows, headers[i], diags);
		if (columns[i] == SIZE_MAX)
			return;
	}
	for (size_t row = 0; row < rows.rows; row++) {
		struct embedded_calibration *to =
		    find_row(table, table_field(&rows, row, columns[BASIS]),
			     table_field(&rows, row, columns[WORD]));

		if (to)
			*to = (struct embedded_calibration){
			    number(&rows, row, columns[SO]), number(&rows, row, columns[SAID]),
			    number(&rows, row, columns[LOW]), number(&rows, row, columns[HIGH])};
	}
}

const struct embedded_calibration *calibration_of(const struct calibration_table *table,
						  const struct embedded_component *component)
{
	const struct embedded_calibration *row =
	    &table->rows[component->basis][component->confidence];

	return row->said ? row : NULL;
}
