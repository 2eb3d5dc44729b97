/* SPDX-License-Identifier: BSD-2-Clause */
/* A static archive of hostile bytes: every member lies inside it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "artifact/ar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct ar_member member;
	struct diags diags;
	struct arena arena;
	size_t members = 0;
	struct ar *ar;

	if (fd < 0)
		fd = memfd_create("archive", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	diags_init(&diags);
	arena_init(&arena);
	if (ar_open(fd, "x.a", &diags, &ar) == STATUS_OK) {
		while (ar_next(ar, &member)) {
			members++;
			if (!member.external &&
			    (member.offset > size || member.size > size - member.offset))
				abort();
			if (!*ar_member_path(&arena, "x.a", &member))
				abort();
		}
		if (members > size / 60)
			abort();
		ar_free(ar);
	}
	arena_release(&arena);
	diags_release(&diags);
	return 0;
}
