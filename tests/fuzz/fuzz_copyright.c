/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile copyright file, machine-readable or prose, and what it says of a library and a program.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "licence/effective.h"

static char folder[] = "/tmp/elfleft-fuzz-XXXXXX";
static char file[sizeof(folder) + sizeof("/copyright")];
static struct knowledge *knowledge;
static struct diags start_diags;

static void clean_up(void)
{
	unlink(file);
	rmdir(folder);
	knowledge_free(knowledge);
	diags_release(&start_diags);
}

static void start(void)
{
	diags_init(&start_diags);
	if (!mkdtemp(folder) || knowledge_open(NULL, &start_diags, &knowledge) != STATUS_OK)
		abort();
	snprintf(file, sizeof(file), "%s/copyright", folder);
	atexit(clean_up);
}

/* Whatever was read is an expression that reads back from its text. */
static void check(const struct file_licence *licence, struct arena *arena)
{
	const struct expression *again;

	if (!licence->expression) {
		if (strcmp(licence->text, "NOASSERTION") != 0)
			abort();
		return;
	}
	if (licence->confidence == LICENCE_CONFIDENCE_NONE ||
	    expression_parse(knowledge, EXPRESSION_SPDX, licence->text, "", arena, &again, NULL) !=
		STATUS_OK ||
	    strcmp(expression_print(again, arena), licence->text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct component component = {.id = "deb:foo",
					    .name = "foo",
					    .version = "",
					    .source_name = "foo",
					    .source_version = "",
					    .purl = "",
					    .copyright_path = "/copyright",
					    .declared = "",
					    .note = ""};
	static const struct facts_identity identities[] = {{.type = FACTS_TYPE_SHARED},
							   {.type = FACTS_TYPE_EXECUTABLE}};
	static const char *const paths[] = {"/usr/lib/libfoo.so.1", "/usr/bin/foo"};
	struct licences *licences;
	struct arena arena;
	struct diags diags;
	struct root *root;
	int fd;

	if (!knowledge)
		start();
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    root_open_directory(folder, &root) != STATUS_OK)
		abort();
	close(fd);
	arena_init(&arena);
	diags_init(&diags);
	licences = licences_open(root, knowledge, &diags);
	for (size_t i = 0; i < 2; i++) {
		const struct facts facts = {.identity = &identities[i], .identity_count = 1};
		struct licence_query query = {.path = paths[i],
					      .soname = i ? NULL : "libfoo.so.1",
					      .component = &component,
					      .facts = &facts};

		check(licences_of_file(licences, &query), &arena);
	}
	licences_close(licences);
	root_free(root);
	diags_release(&diags);
	arena_release(&arena);
	return 0;
}
