/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A large file is shared between workers: each lists all of its functions, since that is the lesser
 * part of the work, and makes the fingerprints of some. The records joined say what the record
 * of one worker would have said of the whole.
 */
#ifndef BINARY_FACTS_PARTS_H
#define BINARY_FACTS_PARTS_H

#include "binary/facts.h"

#define FACTS_PARTS_MAX 8

struct facts_builder;

/* Leaves of a record that is not the first part what the first does not have. */
void facts_parts_reduce(struct facts_builder *builder);

/*
 * Joins the records of parts 0 to count - 1, of which none was checked. STATUS_FORMAT when they do
 * not fit together, STATUS_LIMIT when the whole would be too large. *ret_record is malloc'ed.
 */
enum status facts_parts_join(const struct slice *records, size_t count, uint8_t **ret_record,
			     size_t *ret_size) must_check;

#endif
