/* SPDX-License-Identifier: BSD-2-Clause */
/* What a builder has collected. Private to index_builder.c and index_writer.c. */
#ifndef EVIDENCE_INDEX_BUILDER_DATA_H
#define EVIDENCE_INDEX_BUILDER_DATA_H

#include "evidence/index_builder.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/vec.h"

#define BUILDER_ORIGIN_TEXTS 8

struct builder_component {
	uint32_t name; /* a text */
	enum index_class class;
};

/* Without padding: its bytes are a key. */
struct builder_origin {
	uint32_t component, machine;
	/* version, licence, source, source_version, package, distribution, path, carrier: the order
	 * of struct index_disk_origin. */
	uint32_t texts[BUILDER_ORIGIN_TEXTS];
};

struct builder_member {
	uint32_t origin, name; /* name: a text */
};

struct builder_function {
	uint64_t key;
	uint32_t strict, member, name, size;
	uint32_t instructions_and_flags; /* as in struct index_disk_posting */
};

/* member: INDEX_LITERAL_SHARED when it is of no one. */
struct builder_literal {
	uint64_t key;
	uint32_t member, reserved;
};

struct builder_build_id {
	uint32_t id, member; /* id: a text */
};

struct index_builder {
	struct arena arena;
	VEC(struct builder_component) components;
	VEC(struct builder_origin) origins;
	VEC(struct builder_member) members;
	VEC(struct builder_function) functions;
	VEC(struct builder_literal) literals;
	VEC(struct builder_build_id) build_ids;
	struct map names; /* of functions -> their number; 0 is "" */
	struct map texts; /* all other texts */
	struct map components_by_name, origins_by_texts;
};

#endif
