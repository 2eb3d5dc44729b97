/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile metadata of packages: METADATA, RECORD and an SBOM of a Python distribution, a file of
 * conda-meta; who owns its libraries by them, and under which licence.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/provider.h"
#include "licence/effective.h"

#define INFO "/x-1.dist-info"

static char folder[] = "/tmp/elfleft-fuzz-XXXXXX";
static const char *const folders[] = {"/conda-meta", INFO, INFO "/sboms"};
static const char *const files[] = {"/conda-meta/x.json", INFO "/RECORD", INFO "/METADATA",
				    INFO "/sboms/x.json"};
static const char record[] = "lib/a.so,,\nx.libs/libfoo-01234567.so.1,,\n\"q\",,\n../b,,\n";
static struct knowledge *knowledge;
static struct diags start_diags;

static char *full(const char *path)
{
	static char text[256];

	snprintf(text, sizeof(text), "%s%s", folder, path);
	return text;
}

static void clean_up(void)
{
	for (size_t i = sizeof(files) / sizeof(files[0]); i-- > 0;)
		unlink(full(files[i]));
	for (size_t i = sizeof(folders) / sizeof(folders[0]); i-- > 0;)
		rmdir(full(folders[i]));
	rmdir(folder);
	knowledge_free(knowledge);
	diags_release(&start_diags);
}

static void start(void)
{
	diags_init(&start_diags);
	if (!mkdtemp(folder) || knowledge_open(NULL, &start_diags, &knowledge) != STATUS_OK)
		abort();
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mkdir(full(folders[i]), 0700) != 0)
			abort();
	atexit(clean_up);
}

static void put(const char *path, const void *data, size_t size)
{
	int fd = open(full(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void ask(struct providers *providers, struct licences *licences, const char *path)
{
	struct provider_query query = {.path = path};
	struct licence_query asked = {.path = path};
	const char *provider = NULL;
	const struct file_licence *licence;

	asked.component = providers_find(providers, &query, &provider);
	if (asked.component && (!provider || !*asked.component->id))
		abort();
	licence = licences_of_file(licences, &asked);
	if (!licence->expression && strcmp(licence->text, "NOASSERTION") != 0)
		abort();
	/* What metadata says of all of a package is never sure. */
	if (licence->expression && licence->confidence == LICENCE_CONFIDENCE_HIGH)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t which = size ? data[0] % 4 : 0;
	struct providers *providers;
	struct licences *licences;
	struct diags diags;
	struct root *root;

	if (!knowledge)
		start();
	for (size_t i = 0; i < 4; i++)
		put(files[i], i == 1 ? record : "", i == 1 ? sizeof(record) - 1 : 0);
	if (size)
		put(files[which], data + 1, size - 1);
	diags_init(&diags);
	if (root_open_directory(folder, &root) != STATUS_OK)
		abort();
	providers = providers_open(root, NULL, &diags);
	licences = licences_open(root, knowledge, &diags);
	ask(providers, licences, "/lib/a.so");
	ask(providers, licences, "/x.libs/libfoo-01234567.so.1");
	licences_close(licences);
	providers_close(providers);
	root_free(root);
	diags_release(&diags);
	return 0;
}
