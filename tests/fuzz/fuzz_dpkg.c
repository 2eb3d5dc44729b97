/* SPDX-License-Identifier: BSD-2-Clause */
/* A dpkg database of hostile bytes: status, a list of files, diversions, split at 0x1e. */
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/provider.h"

#define COUNT 5

static const char *const names[COUNT] = {"var/lib/dpkg/status", "var/lib/dpkg/info/a.list",
					 "var/lib/dpkg/diversions",
					 "var/lib/dpkg/status.d/b.md5sums", "etc/os-release"};

static char folder[] = "/tmp/elfleft-fuzz-XXXXXX";
static int top; /* the folder; relative paths of the fuzzer's own must stay what they are */
static struct root *root;

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_root(void)
{
	root_free(root);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_part(const char *name, const void *data, size_t size)
{
	int fd = openat(top, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* The root is made once; its files are written anew for each input. */
static void make_root(void)
{
	static const char *const directories[] = {"etc",
						  "var",
						  "var/lib",
						  "var/lib/dpkg",
						  "var/lib/dpkg/info",
						  "var/lib/dpkg/status.d",
						  "usr",
						  "usr/bin"};
	static const char package[] = "Package: b\nArchitecture: i386\n";

	if (!mkdtemp(folder))
		abort();
	top = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		mkdirat(top, directories[i], 0700);
	if (symlinkat("usr/bin", top, "bin") != 0)
		abort();
	write_part("usr/bin/a", "", 0);
	write_part("var/lib/dpkg/status.d/b", package, sizeof(package) - 1);
	if (root_open_directory(folder, &root) != STATUS_OK)
		abort();
	atexit(remove_root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/usr/bin/a", "/usr/bin/a.real", "/a"};
	struct provider_query query = {.machine = 62, .is_64 = true};
	struct providers *providers;
	struct diags diags;

	if (!root)
		make_root();
	for (size_t i = 0; i < COUNT; i++) {
		const uint8_t *end = size ? memchr(data, 0x1e, size) : NULL;
		size_t length = end ? (size_t)(end - data) : size;

		write_part(names[i], data, length);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	diags_init(&diags);
	providers = providers_open(root, NULL, &diags);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *provider;

		query.path = paths[i];
		(void)providers_find(providers, &query, &provider);
	}
	diags_sort(&diags);
	diags_release(&diags);
	providers_close(providers);
	return 0;
}
