/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A component provider answers "whose file is this?" from one kind of source. The first provider of
 * providers.def that knows wins as owner. Adding one is one file and one row there.
 */
#ifndef EVIDENCE_PROVIDER_H
#define EVIDENCE_PROVIDER_H

#include "artifact/root.h"
#include "evidence/component.h"
#include "util/arena.h"
#include "util/diag.h"

/* What a provider may know about the file. Texts may come from hostile files. */
struct provider_query {
	const char *path;   /* canonical path in the root */
	const char *soname; /* NULL when it has none */
};

struct provider {
	const char *name;
	/* Prepares answers for one root; *ret_state may stay NULL when there is nothing to read. */
	void (*open)(struct root *root, struct arena *arena, struct diags *diags, void **ret_state);
	/* The owner, or NULL. The component lives as long as the arena given to open(). */
	const struct component *(*find)(void *state, const struct provider_query *query);
	void (*close)(void *state);
};

struct providers;

struct providers *providers_open(struct root *root, struct diags *diags);
void providers_close(struct providers *providers);
/* Sets *ret_provider to the name of the provider that knew. */
const struct component *providers_find(struct providers *providers,
				       const struct provider_query *query,
				       const char **ret_provider);

#endif
