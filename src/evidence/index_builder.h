/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects functions and writes a segment of an index. Whatever order things are added in, the file
 * is the same.
 */
#ifndef EVIDENCE_INDEX_BUILDER_H
#define EVIDENCE_INDEX_BUILDER_H

#include "evidence/index.h"
#include "util/slice.h"

struct index_builder;

/* What an origin is, as struct index_origin; texts are copied, and NULL is "". */
struct index_builder_origin {
	const char *component;
	enum index_class class;
	uint16_t machine;
	const char *version, *licence, *source, *source_version, *package, *distribution, *path;
	const char *carrier;
};

struct index_builder_function {
	uint64_t key;	 /* low half of the loose fingerprint */
	uint32_t strict; /* upper half of the low half of the strict one */
	uint64_t size;
	uint32_t instructions;
	uint32_t flags;	   /* enum index_function_flag */
	struct slice name; /* copied, and cut if it is too long */
};

struct index_builder *index_builder_new(void);
void index_builder_free(struct index_builder *builder);

/*
 * The number of an origin, to add members to. An origin that is equal in all texts to one that was
 * merged or added before is the same build: false, and nothing of it should be added again.
 */
bool index_builder_add_origin(struct index_builder *builder,
			      const struct index_builder_origin *origin, uint32_t *ret_origin);
/* Members keep the order they were added in. */
uint32_t index_builder_add_member(struct index_builder *builder, uint32_t origin, const char *name);
void index_builder_add(struct index_builder *builder, uint32_t member,
		       const struct index_builder_function *function);
/* A long text or table; of an index, one that is shared there (INDEX_LITERAL_SHARED). */
void index_builder_add_literal(struct index_builder *builder, uint32_t member, uint64_t key);
/* Of a linked file; nothing when it is not eligible. */
void index_builder_add_build_id(struct index_builder *builder, uint32_t member, const char *id);
/* All eligible functions of a file, its texts and tables, its build-id. How many functions there
 * were. */
uint32_t index_builder_add_facts(struct index_builder *builder, uint32_t member,
				 const struct facts *facts);
/* All of an index but the origins that are here already. */
void index_builder_merge(struct index_builder *builder, const struct index *index);

/*
 * Of an index, the components that are kept (by number), and of the others no more than that they
 * have a function which a kept one has too: so that a small index knows what is unique in the
 * whole.
 */
void index_builder_merge_kept(struct index_builder *builder, const struct index *index,
			      const bool *kept);

/*
 * Writes path anew: a file beside it, which then takes its name. STATUS_IO with errno, STATUS_LIMIT
 * when there are more functions than a segment can number.
 */
enum status index_builder_write(struct index_builder *builder, const char *path) must_check;

/* Whether a linkage name is that of code of a well-known header. */
bool index_name_is_header_only(struct slice name, bool weak);

#endif
