/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A component provider answers "whose file is this?" from one kind of source. The first provider of
 * providers.def that knows wins as owner. Adding one is one file and one row there.
 */
#ifndef EVIDENCE_PROVIDER_H
#define EVIDENCE_PROVIDER_H

#include <stdbool.h>

#include "artifact/root.h"
#include "evidence/component.h"
#include "util/arena.h"
#include "util/diag.h"

/* What a provider may know about the file. Texts may come from hostile files. */
struct facts;
struct index;
struct wheel_owners;

struct provider_query {
	const char *path;   /* canonical path in the root */
	const char *soname; /* NULL when it has none */
	/* Of its ELF header; decides between packages of several architectures. 0 when not known.
	 */
	uint16_t machine;
	bool is_64;
	const struct facts *facts; /* NULL when they were not read */
	const struct index *index; /* of fingerprints; NULL when there is none */
};

/* What a provider is opened with; all of it outlives the provider. */
struct provider_context {
	struct root *root;
	const char *data_folder; /* --data, or NULL for the built-in tables */
	struct arena *arena;	 /* components and all their texts go here */
	struct diags *diags;
	struct wheel_owners *wheels; /* what RECORDs say: read once for all who ask */
};

struct provider {
	const char *name;
	/* Prepares answers for one root; *ret_state may stay NULL when there is nothing to read. */
	void (*open)(const struct provider_context *context, void **ret_state);
	/* The owner, or NULL. The component lives as long as the arena given to open(). */
	const struct component *(*find)(void *state, const struct provider_query *query);
	void (*close)(void *state);
};

struct providers;

/* data_folder: as for table_open(). */
struct providers *providers_open(struct root *root, const char *data_folder, struct diags *diags);
void providers_close(struct providers *providers);
/* Sets *ret_provider to the name of the provider that knew; untouched when none did. */
const struct component *providers_find(struct providers *providers,
				       const struct provider_query *query,
				       const char **ret_provider);
struct wheel_owners *providers_wheels(struct providers *providers);
/* Asks the one provider of that name ("known"), whoever the owner is. NULL: it does not know. */
const struct component *providers_ask(struct providers *providers, const char *name,
				      const struct provider_query *query);

#endif
