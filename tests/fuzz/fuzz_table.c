/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of knowledge of hostile bytes, as --data may name one. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/table.h"

static char folder[] = "/tmp/elfleft-fuzz-XXXXXX";
static char file[sizeof(folder) + sizeof("/licences.tsv")];

static void remove_folder(void)
{
	unlink(file);
	rmdir(folder);
}

static void make_folder(void)
{
	if (!mkdtemp(folder))
		abort();
	snprintf(file, sizeof(file), "%s/licences.tsv", folder);
	atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table table;
	struct arena arena;
	struct diags diags;
	size_t bytes = 0;
	int fd;

	if (!file[0])
		make_folder();
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	arena_init(&arena);
	diags_init(&diags);
	if (table_open(folder, "licences", &arena, &diags, &table) == STATUS_OK) {
		for (size_t row = 0; row < table.rows; row++)
			for (size_t column = 0; column < table.columns; column++)
				bytes += strlen(table_field(&table, row, column));
		if (bytes > size || table.bytes.len != size)
			abort();
		(void)table_column(&table, "id", &diags);
	}
	diags_release(&diags);
	arena_release(&arena);
	return 0;
}
