/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An archive, or the frames a reading child that was taken over would send, unpacked in this very
 * process. Nothing may appear or change outside the directory, and no entry may be anything but a
 * file, a directory or a link. The look around is tried out first: it must see what got out.
 */
#include <fcntl.h>
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

/*
 * What is unpacked into lies some folders deep, so that a few ".." stay where they are seen; beside
 * it lies a file that must stay as it is.
 */
#define AROUND "/dev/shm/elfleft-fuzz-XXXXXX"
#define CANARY "as it was"

static char around[] = AROUND, canary[sizeof(AROUND) + 16], inside[sizeof(AROUND) + 16];

static bool is_canary(void)
{
	char text[sizeof(CANARY) + 1];
	int fd = open(canary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return size == (ssize_t)strlen(CANARY) && memcmp(text, CANARY, strlen(CANARY)) == 0;
}

/* Everything but the contents of inside: the way to it, and the canary. */
static int see(const char *path, const struct stat *info, int type, struct FTW *where)
{
	size_t length = strlen(path);

	(void)type, (void)where;
	if (strncmp(path, inside, strlen(inside)) == 0 && path[strlen(inside)] == '/')
		return 0;
	if (strcmp(path, canary) == 0)
		return S_ISREG(info->st_mode) && info->st_nlink == 1 ? 0 : 1;
	return S_ISDIR(info->st_mode) && strncmp(path, inside, length) == 0 &&
		       (!inside[length] || inside[length] == '/')
		   ? 0
		   : 1;
}

static bool nothing_got_out(void)
{
	return nftw(around, see, 32, FTW_PHYS) == 0 && is_canary();
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* Each way out must be seen, or the look around is worth nothing. */
static void try_out(void)
{
	char other[sizeof(inside) + 16];

	snprintf(other, sizeof(other), "%s/a/other", around);
	write_file(other, "");
	if (nothing_got_out() || unlink(other) != 0 || mkdir(other, 0700) != 0 ||
	    nothing_got_out() || rmdir(other) != 0 || symlink("inside", other) != 0 ||
	    nothing_got_out() || unlink(other) != 0)
		abort();
	snprintf(other, sizeof(other), "%s/linked", inside);
	if (link(canary, other) != 0 || nothing_got_out() || unlink(other) != 0)
		abort();
	write_file(canary, "changed");
	if (nothing_got_out())
		abort();
	write_file(canary, CANARY);
	snprintf(other, sizeof(other), "%s/file", inside);
	write_file(other, "");
	if (!nothing_got_out() || unlink(other) != 0)
		abort();
}

static void remove_place(void)
{
	if (nftw(around, drop, 32, FTW_PHYS | FTW_DEPTH) == 0)
		(void)rmdir(around);
}

static void make_place(void)
{
	static const char *const folders[] = {"a", "a/b", "a/b/c", "a/b/c/inside"};

	if (!mkdtemp(around))
		abort();
	atexit(remove_place);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(inside, sizeof(inside), "%s/%s", around, folders[i]);
		if (mkdir(inside, 0700) != 0)
			abort();
	}
	snprintf(canary, sizeof(canary), "%s/a/b/canary", around);
	write_file(canary, CANARY);
	try_out();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags diags;
	int in, frames;

	if (!inside[0]) {
		setlocale(LC_ALL, "C.UTF-8"); /* as container_child() has it */
		make_place();
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
	if (!nothing_got_out())
		abort();
	if (nftw(inside, check, 32, FTW_PHYS) != 0 ||
	    nftw(inside, drop, 32, FTW_PHYS | FTW_DEPTH) != 0)
		abort();
	diags_release(&diags);
	return 0;
}
