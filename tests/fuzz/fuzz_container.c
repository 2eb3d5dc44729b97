/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An archive, or the frames a reading child that was taken over would send, unpacked in this very
 * process. Nothing may appear outside the directory, and no entry may be anything but a file, a
 * directory or a link.
 */
#include <ftw.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/container_internal.h"

#define LARGEST_FRAMES (1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)path, (void)type, (void)where;
	if (!S_ISREG(info->st_mode) && !S_ISDIR(info->st_mode) && !S_ISLNK(info->st_mode))
		abort();
	return 0;
}

static int drop(const char *path, const struct stat *info, int type, struct FTW *where)
{
	(void)info, (void)type;
	return where->level ? remove(path) : 0;
}

static int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	return fd;
}

/* inside/ is unpacked into; whatever else there is in the folder around it was not to be made. */
static void look_outside(const char *around)
{
	struct stat info;

	if (stat(around, &info) != 0 || info.st_nlink != 3)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char around[] = "/dev/shm/elfleft-fuzz-XXXXXX", inside[sizeof(around) + 8];
	struct diags diags;
	int in, frames;

	if (!inside[0]) {
		setlocale(LC_ALL, "C.UTF-8"); /* as container_child() has it */
		if (!mkdtemp(around))
			abort();
		snprintf(inside, sizeof(inside), "%s/inside", around);
		if (mkdir(inside, 0700) != 0)
			abort();
	}
	if (!size)
		return 0;
	diags_init(&diags);
	in = memory_file(data + 1, size - 1);
	frames = in;
	if (data[0] % 5) {
		frames = memory_file("", 0);
		container_send(in, frames, size - 1, (enum container_format)(data[0] % 5), true);
		if (lseek(frames, 0, SEEK_END) > LARGEST_FRAMES &&
		    ftruncate(frames, LARGEST_FRAMES))
			abort();
	}
	lseek(frames, 0, SEEK_SET);
	(void)container_take(inside, frames, size,
			     data[0] % 5 ? (enum container_format)(data[0] % 5) : CONTAINER_ARCHIVE,
			     &diags);
	if (frames != in)
		close(frames);
	close(in);
	look_outside(around);
	if (nftw(inside, check, 32, FTW_PHYS) != 0 ||
	    nftw(inside, drop, 32, FTW_PHYS | FTW_DEPTH) != 0)
		abort();
	diags_release(&diags);
	return 0;
}
